"""Real raw info of 2022, with its real host names and expiries, at the time of its links."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter

import pytest

from tests.support.workflow import PROJECT, Workflow

RAW_INFO = PROJECT.parent / "shared" / "raw-info"
# Before any of its links expired: 2022-12-02 at 03:00 UTC.
THEN = 1669950000

pytestmark = pytest.mark.skipif(not RAW_INFO.is_dir(), reason="the real raw info isn't here")


@pytest.fixture(scope="module")
def workflow(tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    workflow = Workflow(tmp_path_factory.mktemp("real") / "corpus")
    for file in RAW_INFO.glob("*.json"):
        shutil.copy(file, workflow.data / "info")
    command = workflow.command("--until", "retrieve_video", "retrieve_coverphoto")
    done = subprocess.run(
        [sys.executable, PROJECT / "tests" / "support" / "at_time.py", str(THEN), *command[3:]],
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    # The other files are made today, from the downloads of that time.
    assert "expired" not in workflow.run()
    return workflow


def scraped(workflow: Workflow) -> dict[str, dict]:
    files = workflow.data.glob("info/*.json")
    return {info["id"]: info for file in files for info in json.loads(file.read_bytes())}


def test_no_record_is_lost(workflow: Workflow) -> None:
    master = workflow.merged("master.json")
    assert len(master) == 125
    assert master.keys() == scraped(workflow).keys()


def test_all_that_can_be_downloaded_is_there(workflow: Workflow) -> None:
    fetchable = {
        id
        for id, info in scraped(workflow).items()
        if not info["video-src"].startswith(("blob:", "https://www.tiktok.com/"))
    }
    assert {file.stem for file in (workflow.data / "videos").iterdir()} == fetchable
    covers = {file.stem for file in (workflow.data / "coverphotos").iterdir()}
    assert covers == scraped(workflow).keys()
    outcomes = Counter(workflow.receipt("videos", id)["outcome"] for id in fetchable)
    assert outcomes == {"ok": len(fetchable)}
    assert workflow.merged("ocr.json").keys() == covers


def test_dead_links_are_not_requested(workflow: Workflow) -> None:
    lost = next((workflow.data / "videos").iterdir())
    lost.unlink()
    output = workflow.run("--dry-run")
    assert "1 video expired on 2022-12-0" in output
    assert "1 file is missing although an earlier run downloaded it" in output
    assert f"data/videos/{lost.name}" not in output
