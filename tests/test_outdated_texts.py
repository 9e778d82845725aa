"""The texts that a run makes again after a change of settings, and how to remake the others."""

from pathlib import Path
from typing import Any

import pytest

from scripts import ocr
from scripts.plan.downloads import make_plan
from scripts.plan.texts import plan_texts
from scripts.run.outdated_texts import announce_outdated
from scripts.store.manifest import Manifest
from scripts.store.text_kinds import OCR, SCREEN, SPEECH
from scripts.store.texts import settings_hash
from tests.support.small_corpus import Corpus, info, post_id

OF_OCR = {"engine": "auto", "languages": ["eng"], "page_segmentation": 3, "prepare": True}
OF_SCREEN = {"engine": "rapidocr", "languages": ["eng"], "longest_gap_s": 2, "max_seconds": 300}
CONFIG = {"ocr": OF_OCR, "screen": OF_SCREEN, "speech": {"engine": "none"}}
IDS = [post_id(number) for number in range(3)]
SHA256 = "0" * 64


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path / "data")
    corpus.add_info("a.json", [info(id) for id in IDS])
    for id in IDS:
        for kind in ("videos", "coverphotos"):
            corpus.add_download(kind, id, size_bytes=5, sha256=SHA256)
    return corpus


def add_texts(corpus: Corpus, kind: str, engine: str, settings: dict[str, Any], *ids: str) -> None:
    asked = settings_hash(settings | {"engine": engine})
    for id in ids:
        corpus.add_text(kind, id, "words\n", engine=engine, asked=asked, made_of=[SHA256])
        for suffix in (".vtt", ".json"):
            (corpus.folder / kind / id).with_suffix(suffix).write_text("{}\n")


def announced(corpus: Corpus, capsys: pytest.CaptureFixture[str], **changes: Any) -> list[str]:
    config = CONFIG | changes
    options: dict[str, Any] = {"max_attempts": 3, "retry_all": False, "has_mirror": False}
    plan = make_plan(corpus.catalogue(), corpus.folder, Manifest(), **options)
    texts = {
        kind.name: plan_texts(kind.name, plan, corpus.folder, config[kind.name])
        for kind in (OCR, SCREEN, SPEECH)
    }
    capsys.readouterr()
    announce_outdated(texts, config)
    return capsys.readouterr().err.splitlines()


def test_up_to_date_texts_are_not_mentioned(
    corpus: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    add_texts(corpus, "ocr", ocr.choose_engine(OF_OCR).engine, OF_OCR, *IDS)
    add_texts(corpus, "screen", "rapidocr", OF_SCREEN, *IDS)
    assert announced(corpus, capsys) == []


def test_texts_of_other_settings_are_made_again(
    corpus: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    add_texts(corpus, "screen", "rapidocr", OF_SCREEN, *IDS[:2])
    assert announced(corpus, capsys, screen=OF_SCREEN | {"max_seconds": 60}) == [
        "2 on-screen texts were made with other settings than `screen` has now. "
        "A run makes them again."
    ]
    nobody_reads = announced(corpus, capsys, screen=OF_SCREEN | {"engine": "none"})
    assert nobody_reads == []


def test_texts_of_another_engine_stay_and_can_be_made_again(
    corpus: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ocr.choose_engine(OF_OCR).engine == "rapidocr"
    add_texts(corpus, "ocr", "rapidocr", OF_OCR, IDS[0])
    add_texts(corpus, "ocr", "tesserocr", OF_OCR, IDS[1])
    add_texts(corpus, "ocr", "pytesseract", OF_OCR, IDS[2])
    (line,) = announced(corpus, capsys)
    assert line == (
        "2 cover texts were made in another way than `ocr` makes new ones (pytesseract, "
        "tesserocr). A run keeps them; `snakemake --cores 8 --forcerun ocr` makes them again."
    )
