"""The text on screens in the whole workflow: slices, new readings, pseudonyms, removal."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.site import Site
from scripts.rawinfo.slices import parse_slice
from tests.support.films import save, still
from tests.support.tiktoks import tiktok
from tests.support.workflow import Workflow

EXPIRED = 1669985936
COUNT = 3
PERSON = {"creator-username": "@quill.ferret", "creator-nickname": "Zaphira Quillferret"}
RECORDS = [tiktok(number, expires_at=EXPIRED, **PERSON) for number in range(COUNT)]
IDS = [record["id"] for record in RECORDS]
LINES = ["Zaphira bakes", "banana bread", "hello world"]
FIRST_SLICE = {id for id in IDS if id in parse_slice("1/3")}
ENDINGS = (".txt", ".vtt", ".json")


def screen_ids(folder: Path) -> set[str]:
    return {file.stem for file in folder.glob("screen/*.txt")}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workflow]:
    """A corpus of three videos, built as a slice, and then as a whole with a package."""
    with Site() as site:
        workflow = Workflow(tmp_path_factory.mktemp("first") / "corpus", site)
        workflow.config["screen"] = {"engine": "rapidocr"}
        workflow.config["export"] = {"pseudonymise": True}
        workflow.add(RECORDS)
        (workflow.data / "videos").mkdir()
        for id, line in zip(IDS, LINES, strict=True):
            save(workflow.data / "videos" / f"{id}.mp4", still(line))
        workflow.run("--config", "slice=1/3")
        assert screen_ids(workflow.data) == FIRST_SLICE
        workflow.run("export")
        yield workflow


def test_slices_add_up(first: Workflow) -> None:
    assert 0 < len(FIRST_SLICE) < COUNT
    assert first.merged("screen_text.json") == dict(zip(IDS, LINES, strict=True))
    for id in IDS:
        assert first.receipt("screen", id)["outcome"] == "ok"


def test_names_on_screens_have_pseudonyms(first: Workflow) -> None:
    package = first.data / "export" / "pseudonymised" / "data"
    for ending in ENDINGS:
        content = (package / "screen" / f"{IDS[0]}{ending}").read_text()
        assert re.search("user_[0-9a-f]{16} bakes", content)
        assert "zaphira" not in content.lower()
    places: dict[str, Any] = json.loads((package / "screen" / f"{IDS[1]}.json").read_bytes())
    assert places == json.loads((first.data / "screen" / f"{IDS[1]}.json").read_bytes())
    assert "banana bread" in (package / "screen_text.json").read_text()


def test_new_readings_and_removed_posts(first: Workflow, tmp_path: Path) -> None:
    corpus = Workflow(tmp_path / "corpus", first.site)
    shutil.copytree(first.folder, corpus.folder, dirs_exist_ok=True)
    corpus.config = dict(first.config)
    output = corpus.run("--dry-run", "--config", "screen={max_seconds: 60}")
    assert f"{COUNT} on-screen texts were made with other settings than `screen` has now." in output
    text = corpus.data / "screen" / f"{IDS[1]}.txt"
    text.write_text("something else\n")
    (corpus.data / "removed.txt").write_text(f"{IDS[0]}\n")
    corpus.run("--forcerun", "screen")
    assert text.read_text() == "banana bread\n"
    assert corpus.merged("screen_text.json") == dict(zip(IDS[1:], LINES[1:], strict=True))
    assert screen_ids(corpus.data) == set(IDS[1:])
    folders = (corpus.data / name for name in ("screen", "receipts", "videos"))
    assert not [file for folder in folders for file in folder.rglob(f"*{IDS[0]}*")]
    assert "Nothing to be done" in corpus.run()
