"""A corpus built slice by slice equals the corpus built at once."""

from pathlib import Path

import pytest

from demo.site import Site
from scripts.errors import ConfigError
from scripts.rawinfo.slices import EVERYTHING, parse_slice
from tests.support.tiktoks import tiktok
from tests.support.workflow import Workflow

COUNT = 8
SLICES = 3
RECORDS = [tiktok(number) for number in range(COUNT)]
MERGED = ("master.json", "ocr.json", "speech_to_text.json")
FOLDERS = ("videos", "coverphotos", "ocr")


def of_slice(number: int) -> set[str]:
    part = parse_slice(f"{number}/{SLICES}")
    return {record["id"] for record in RECORDS if record["id"] in part}


def ids(workflow: Workflow) -> set[str]:
    return {Path(path).stem for path in workflow.hashes(*FOLDERS)}


@pytest.mark.build
def test_slices_add_up_to_the_corpus(site: Site, tmp_path: Path) -> None:
    whole = Workflow(tmp_path / "whole", site)
    whole.add(RECORDS)
    whole.run()
    sliced = Workflow(tmp_path / "sliced", site)
    sliced.add(RECORDS)
    built: set[str] = set()
    for number in range(1, SLICES + 1):
        sliced.run("--config", f"slice={number}/{SLICES}")
        built |= of_slice(number)
        assert ids(sliced) == built
        assert not (sliced.data / "master.json").exists()
    assert built == {record["id"] for record in RECORDS}
    assert "Nothing to be done" in sliced.run("--config", f"slice=1/{SLICES}")

    site.requests.clear()
    sliced.run()
    assert site.requests == []
    assert sliced.hashes(*FOLDERS) == whole.hashes(*FOLDERS)
    assert set(sliced.merged("master.json")) == set(whole.merged("master.json"))
    for name in MERGED[1:]:
        assert sliced.merged(name) == whole.merged(name)


def test_a_slice_is_not_merged(workflow: Workflow) -> None:
    workflow.add(RECORDS[:2])
    output = workflow.run("--config", "slice=1/2", "--", "data/master.json", succeeds=False)
    assert "Nothing was started. A slice can't be merged" in output
    assert workflow.site.requests == []


@pytest.mark.parametrize("slice", ["3/2", "0/2", "1", "x", "1/2/3"])
def test_a_slice_that_does_not_exist(workflow: Workflow, slice: str) -> None:
    workflow.add(RECORDS[:1])
    assert "slice" in workflow.run("--config", f"slice={slice}", succeeds=False)
    assert workflow.site.requests == []


def test_every_id_is_in_one_slice() -> None:
    slices = [parse_slice(f"{number}/7") for number in range(1, 8)]
    for number in range(1000):
        assert sum(str(7_000_000_000_000_000_000 + number) in it for it in slices) == 1
        assert str(number) in EVERYTHING
    with pytest.raises(ConfigError, match="there are only 7"):
        parse_slice("8/7")
