"""A run that is killed or stopped at any moment: a plain run then completes the corpus."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.tiktoks import cover_host, served, tiktok, video_host
from tests.support.workflow import Workflow

KILLS = 20
MEDIA = ("videos", "coverphotos")
DERIVED = ("ocr", "receipts/ocr", "report", "master.json", "ocr.json", "tiktoks.db")
NO_CONTENT = sha256(b"").hexdigest()
LATEST_START_S = 60


@contextmanager
def running(workflow: Workflow) -> Iterator[subprocess.Popen[str]]:
    """A run in a process group of its own; what is left of it at the end is killed."""
    with workflow.start("--cores", "4", start_new_session=True) as run:
        try:
            yield run
        finally:
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)


def wait_for_jobs(workflow: Workflow, run: subprocess.Popen[str]) -> bool:
    """Wait until jobs are about to start; False if there was nothing to do."""
    owner = workflow.data / ".lock.owner"
    end = time.monotonic() + LATEST_START_S
    while time.monotonic() < end:
        if owner.exists() and f"process {run.pid} on" in owner.read_text():
            return True
        if run.poll() is not None:
            return False
        time.sleep(0.02)
    raise TimeoutError


def finished(workflow: Workflow) -> dict[str, str]:
    """SHA-256 of each download by path, as its receipt has it."""
    files = sorted((workflow.data / "receipts").glob("[vc]*/*.json"))
    receipts = [workflow.receipt(file.parent.name, file.stem) for file in files]
    suffixes = {"videos": ".mp4", "coverphotos": ".jpg"}
    return {
        f"{receipt['kind']}/{receipt['id']}{suffixes[receipt['kind']]}": receipt["sha256"]
        for receipt in receipts
        if receipt["outcome"] == "ok"
    }


def check_complete(workflow: Workflow, media: dict[str, str]) -> None:
    """All is there and right, nothing is left over."""
    assert workflow.hashes(*MEDIA) == finished(workflow) == media
    texts = workflow.merged("ocr.json")
    assert len(texts) == len(media) / 2
    assert all(isinstance(text, str) for text in texts.values())
    assert all(info["download-timestamp"] for info in workflow.merged("master.json").values())
    files = [file for file in workflow.data.rglob("*") if file.is_file()]
    assert {file.name for file in files if file.name.startswith(".")} == {".lock", ".lock.owner"}
    assert [file.name for file in files if file.stat().st_size == 0] == [".lock"]


def derived(workflow: Workflow) -> dict[str, bytes]:
    """What is made of the downloads, by path."""
    data = workflow.data
    files = [file for name in DERIVED for file in (data / name, *data.glob(f"{name}/*"))]
    return {str(f.relative_to(data)): f.read_bytes() for f in files if f.is_file()}


def remove_derived(workflow: Workflow) -> None:
    for path in derived(workflow):
        (workflow.data / path).unlink()


def stage(workflow: Workflow) -> str:
    """What the run was at."""
    return "downloads" if not list(workflow.data.glob("ocr/*.txt")) else "derived"


def test_killed_twenty_times(workflow: Workflow, tmp_path: Path) -> None:
    moments = random.Random(20)  # noqa: S311
    records = [tiktok(number) for number in range(25)]
    workflow.add(records)
    workflow.config["download"]["max_attempts"] = 2 * KILLS
    site, media = workflow.site, served(workflow.site, records)
    site.latency_s, site.bytes_per_s = 0.2, 200_000
    site.faults[video_host(3)] = site.faults[cover_host(4)] = "status-503"

    kept: dict[str, str] = {}
    seen = []
    while len(seen) < KILLS:
        if len(seen) == KILLS // 2:  # the other half of the kills: what comes after the downloads
            site.latency_s, site.bytes_per_s = 0.0, None
        with running(workflow) as run:
            if wait_for_jobs(workflow, run):
                time.sleep(moments.uniform(0, 1.5))
            complete = run.poll() is not None
        if complete:
            remove_derived(workflow)  # so that the next ones are killed at that
        else:
            seen.append(stage(workflow))
        there = {path: hash for path, hash in workflow.hashes(*MEDIA).items() if "/." not in path}
        assert kept.items() <= there.items()
        assert {hash for path, hash in there.items() if hash != media[path]} <= {NO_CONTENT}
        kept = finished(workflow)
        assert kept.items() <= there.items()
    assert set(seen) == {"downloads", "derived"}, seen

    site.faults.clear()
    workflow.run("--cores", "4")
    check_complete(workflow, media)
    assert "Nothing to be done" in workflow.run()

    undisturbed = Workflow(tmp_path / "undisturbed", site)
    for name in ("info", *MEDIA, *(f"receipts/{kind}" for kind in MEDIA)):
        shutil.copytree(workflow.data / name, undisturbed.data / name, dirs_exist_ok=True)
    undisturbed.run("--cores", "4")
    assert derived(workflow) == derived(undisturbed)
    assert len(derived(workflow)) > 2 * len(records)


@pytest.mark.parametrize(("sign", "times"), [(signal.SIGTERM, 20), (signal.SIGINT, 1)])
def test_stopped_in_the_middle(workflow: Workflow, sign: signal.Signals, times: int) -> None:
    records = [tiktok(number) for number in range(12)]
    workflow.add(records)
    media = served(workflow.site, records)
    workflow.site.latency_s = 0.5

    with running(workflow) as run:
        while not finished(workflow):
            assert run.poll() is None
            time.sleep(0.05)
        for _ in range(times):  # Snakemake may hold a lock of its own when one comes
            run.send_signal(sign)
            time.sleep(0.02)
        run.communicate(timeout=30)
    assert run.returncode != 0
    before = workflow.hashes(*MEDIA)
    assert 0 < len(before) < len(media)
    assert before.items() <= media.items()
    assert before == finished(workflow)

    workflow.site.latency_s = 0
    workflow.site.requests.clear()
    workflow.run("--cores", "4")
    check_complete(workflow, media)
    assert len(workflow.site.requests) == len(media) - len(before)
