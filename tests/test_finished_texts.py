"""A run never touches finished texts. It makes texts that are unfinished or outdated."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.site import Site
from tests.support.small_media import small_media
from tests.support.tiktoks import cover_host, tiktok
from tests.support.workflow import Workflow

COUNT = 4
RECORDS = [tiktok(number) for number in range(COUNT)]
TEXTS = {f"data/ocr/{record['id']}.txt" for record in RECORDS}
ONE = f"data/ocr/{RECORDS[0]['id']}.txt"
NOTHING = "Nothing to be done"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workflow]:
    """A finished corpus, to be copied."""
    with Site(media=small_media()) as site:
        workflow = Workflow(tmp_path_factory.mktemp("built") / "corpus", site)
        workflow.add(RECORDS)
        workflow.run()
        yield workflow


@pytest.fixture
def corpus(built: Workflow, tmp_path: Path) -> Workflow:
    workflow = Workflow(tmp_path / "corpus", built.site)
    shutil.copytree(built.folder, workflow.folder, dirs_exist_ok=True)
    return workflow


def lose_text(corpus: Workflow) -> set[str]:
    (corpus.folder / ONE).unlink()
    return {ONE}


def lose_receipt(corpus: Workflow) -> set[str]:
    (corpus.data / "receipts" / "ocr" / f"{RECORDS[0]['id']}.json").unlink()
    return {ONE}


def change_settings(corpus: Workflow) -> set[str]:
    corpus.config["ocr"] = {"page_segmentation": 11}
    return TEXTS


def change_cover(corpus: Workflow) -> set[str]:
    cover = corpus.data / "coverphotos" / f"{RECORDS[0]['id']}.jpg"
    cover.write_bytes(cover.read_bytes() + b"end")
    return {ONE}


@pytest.mark.parametrize("change", [lose_text, lose_receipt, change_settings, change_cover])
def test_texts_that_are_no_longer_finished_are_made_again(
    corpus: Workflow, change: Callable[[Workflow], set[str]]
) -> None:
    before = corpus.hashes("ocr")
    texts = change(corpus)
    assert {path for path in corpus.pending() if "/ocr/" in path} >= texts
    corpus.run()
    assert set(corpus.hashes("ocr")) == set(before)
    assert NOTHING in corpus.run()


def test_a_copy_without_its_times_is_a_finished_corpus(built: Workflow, tmp_path: Path) -> None:
    copy = Workflow(tmp_path / "corpus", built.site)
    shutil.copytree(built.folder, copy.folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
    for cover in (copy.data / "coverphotos").iterdir():
        os.utime(cover)  # younger than its text
    assert not copy.pending()
    before = copy.hashes("ocr", "receipts/ocr")
    copy.run("--forceall")
    assert copy.hashes("ocr", "receipts/ocr") == before


def test_a_text_can_be_requested_by_name(corpus: Workflow) -> None:
    for text in sorted(TEXTS):
        assert NOTHING in corpus.run(text)
    (corpus.folder / ONE).write_text("what is this\n")
    corpus.run("--force", ONE)
    assert (corpus.folder / ONE).read_text() != "what is this\n"


def test_a_merge_that_a_crash_took_is_made_up_for(corpus: Workflow) -> None:
    """When the next run starts, the text is finished, but the merged file is older."""
    before = corpus.merged("ocr.json")
    text = sorted(TEXTS)[-1]
    (corpus.folder / text).write_text("read after the merge\n")
    assert NOTHING not in corpus.run("--dry-run")
    corpus.run()
    after = corpus.merged("ocr.json")
    assert after == before | {Path(text).stem: "read after the merge"}
    assert NOTHING in corpus.run()


def test_a_download_that_a_crash_kept_from_the_merge_is_made_up_for(corpus: Workflow) -> None:
    receipt = corpus.data / "receipts" / "videos" / f"{RECORDS[1]['id']}.json"
    stored = corpus.receipt("videos", RECORDS[1]["id"])
    receipt.write_text(receipt.read_text().replace(str(stored["downloaded_at"]), "2000000000"))
    corpus.run()
    assert corpus.merged("master.json")[RECORDS[1]["id"]]["download-timestamp"] == 2000000000
    assert NOTHING in corpus.run()


def test_a_text_waits_for_all_its_media(workflow: Workflow) -> None:
    workflow.add(RECORDS[:2])
    workflow.site.faults[cover_host(1)] = "status-503"
    workflow.run()
    assert workflow.pending() == {
        f"data/coverphotos/{RECORDS[1]['id']}.jpg",
        f"data/ocr/{RECORDS[1]['id']}.txt",
    }
    workflow.site.faults.clear()
    workflow.run()
    assert NOTHING in workflow.run()
    assert None not in workflow.merged("ocr.json").values()
