"""After a run was killed or stopped at any moment, a plain run completes the corpus."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from queue import Queue

import pytest

from scripts.run.job import handle_stop_in_thread
from tests.support.clocks import ManualClock
from tests.support.tiktoks import cover_host, served, tiktok, video_host
from tests.support.workflow import Workflow

RECORDS = 25
DOWNLOAD = r"data/receipts/(videos|coverphotos)/\d+\.json$"
TEXT = r"data/ocr/\d+\.txt$"
# What is being renamed when a run is killed, and how many files like it since the run began.
KILLS = [
    *[(DOWNLOAD, 4)] * 10,
    *[(TEXT, 3)] * 7,
    *((f"data/{name}$", 1) for name in ("master.json", "ocr.json", "tiktoks.db")),
]
MEDIA = ("videos", "coverphotos")
DERIVED = ("ocr", "receipts/ocr", "report", "master.json", "ocr.json", "tiktoks.db")
NO_CONTENT = sha256(b"").hexdigest()
PATIENCE_S = 600


@pytest.fixture(autouse=True)
def heeds_ctrl_c() -> Iterator[None]:
    """A shell has its background programs ignore SIGINT, and what they start does so, too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def finished(workflow: Workflow) -> dict[str, str]:
    """The SHA-256 of each download, from its receipt, by path."""
    files = sorted((workflow.data / "receipts").glob("[vc]*/*.json"))
    receipts = [workflow.receipt(file.parent.name, file.stem) for file in files]
    suffixes = {"videos": ".mp4", "coverphotos": ".jpg"}
    return {
        f"{receipt['kind']}/{receipt['id']}{suffixes[receipt['kind']]}": receipt["sha256"]
        for receipt in receipts
        if receipt["outcome"] == "ok"
    }


def check_complete(workflow: Workflow, media: dict[str, str]) -> None:
    """Check that everything is there and right, and nothing is left over."""
    assert workflow.hashes(*MEDIA) == finished(workflow) == media
    texts = workflow.merged("ocr.json")
    assert len(texts) == len(media) / 2
    assert all(isinstance(text, str) for text in texts.values())
    assert all(info["download-timestamp"] for info in workflow.merged("master.json").values())
    files = [file for file in workflow.data.rglob("*") if file.is_file()]
    assert {file.name for file in files if file.name.startswith(".")} == {".lock", ".lock.owner"}
    assert [file.name for file in files if file.stat().st_size == 0] == [".lock"]


def derived(workflow: Workflow) -> dict[str, bytes]:
    """The files made from the downloads, by path."""
    data = workflow.data
    files = [file for name in DERIVED for file in (data / name, *data.glob(f"{name}/*"))]
    return {str(f.relative_to(data)): f.read_bytes() for f in files if f.is_file()}


KILLER = """
import os, re, signal, sys
from itertools import count

place, last = re.compile(os.environ["KILLED_AT"]), int(os.environ["KILLED_AT_NUMBER"])
numbers = count(1)

def kill(event, arguments):
    if event == "os.rename" and place.search(os.fsdecode(arguments[1])) and next(numbers) == last:
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)
"""


def run_and_kill(workflow: Workflow, place: str, *arguments: str, number: int = 1) -> None:
    """Run the workflow, and kill it when it would rename a file to a path like `place`.

    number: how many times it does so; the last one kills it.
    """
    hooks = workflow.folder / "hooks"
    hooks.mkdir(exist_ok=True)
    (hooks / "sitecustomize.py").write_text(KILLER)
    before = workflow.environment
    killed_at = {"KILLED_AT": place, "KILLED_AT_NUMBER": str(number)}
    workflow.environment = before | {"PYTHONPATH": str(hooks)} | killed_at
    with workflow.start(*arguments) as run:
        output, _ = run.communicate(timeout=PATIENCE_S)
    workflow.environment = before
    assert run.returncode == -signal.SIGKILL, output


def test_killed_twenty_times(workflow: Workflow, tmp_path: Path) -> None:
    records = [tiktok(number) for number in range(RECORDS)]
    workflow.add(records)
    workflow.config["download"]["max_attempts"] = 100
    site, media = workflow.site, served(workflow.site, records)
    site.latency_s, site.bytes_per_s = 0.2, 200_000
    site.faults[video_host(3)] = site.faults[cover_host(4)] = "status-503"

    kept: dict[str, str] = {}
    assert len(KILLS) == 20
    for place, number in KILLS:
        if place == TEXT:  # from here on, nothing has to wait for the site
            site.latency_s, site.bytes_per_s = 0.0, None
        run_and_kill(workflow, place, "--cores", "4", number=number)
        there = {path: hash for path, hash in workflow.hashes(*MEDIA).items() if "/." not in path}
        assert kept.items() <= there.items()
        assert {hash for path, hash in there.items() if hash != media[path]} <= {NO_CONTENT}
        kept = finished(workflow)
        assert kept.items() <= there.items()

    site.faults.clear()
    workflow.run("--cores", "4")
    check_complete(workflow, media)
    assert "Nothing to be done" in workflow.run()
    for path in media:  # as after a kill between the file and its receipt
        receipt = workflow.receipt(path.split("/")[0], Path(path).stem)
        assert (receipt["http_status"], receipt["reason"]) == (200, "")
        assert None not in (receipt["host"], receipt["link"], receipt["time"])

    undisturbed = Workflow(tmp_path / "undisturbed", site)
    for name in ("info", *MEDIA, *(f"receipts/{kind}" for kind in MEDIA)):
        shutil.copytree(workflow.data / name, undisturbed.data / name, dirs_exist_ok=True)
    undisturbed.run("--cores", "4")
    assert derived(workflow) == derived(undisturbed)
    assert len(derived(workflow)) > 2 * len(records)


def test_a_killed_fetch_changes_no_byte_of_the_corpus(workflow: Workflow, tmp_path: Path) -> None:
    records = [tiktok(number) for number in range(2)]
    workflow.add(records)
    workflow.config["mirror"] = str(tmp_path / "mirror")
    workflow.run()
    workflow.run("mirror")
    first = records[0]["id"]

    other = Workflow(tmp_path / "other")
    other.config["mirror"] = workflow.config["mirror"]
    shutil.copytree(workflow.data / "info", other.data / "info", dirs_exist_ok=True)
    shutil.copy(workflow.data / "manifest.tsv", other.data)
    # Before a restored file has its name, and between that and its receipt.
    run_and_kill(other, f"data/videos/{first}.mp4$", "fetch")
    assert not (other.data / "videos" / f"{first}.mp4").exists()
    run_and_kill(other, f"data/receipts/videos/{first}.json$", "fetch")
    assert (other.data / "videos" / f"{first}.mp4").exists()
    assert not (other.data / "receipts" / "videos" / f"{first}.json").exists()

    other.run()
    folders = (*MEDIA, *(f"receipts/{kind}" for kind in MEDIA), "ocr")
    assert other.hashes(*folders) == workflow.hashes(*folders)
    for name in ("tiktoks.db", "manifest.tsv"):
        assert (other.data / name).read_bytes() == (workflow.data / name).read_bytes()


@pytest.mark.parametrize(("sign", "times"), [(signal.SIGTERM, 20), (signal.SIGINT, 1)])
def test_stopped_in_the_middle(workflow: Workflow, sign: signal.Signals, times: int) -> None:
    records = [tiktok(number) for number in range(12)]
    workflow.add(records)
    media = served(workflow.site, records)
    clock = workflow.site.clock = ManualClock()
    workflow.site.latency_s = 1.0

    with workflow.start("--cores", "4") as run:
        clock.wait_for_pause(1.0)
        clock.advance(1.0)  # the first answers come, and no others
        run.wait_until(lambda: bool(finished(workflow)))
        for _ in range(times):  # Snakemake may hold a lock of its own when one comes
            run.send_signal(sign)
            time.sleep(0.02)
        # Running downloads finish. The site never answers the others.
        for _ in range(3):
            clock.advance(1.0)
            with suppress(subprocess.TimeoutExpired):
                run.communicate(timeout=10)
                break
        run.communicate(timeout=PATIENCE_S)
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


def test_the_first_ctrl_c_finishes_running_jobs_and_the_second_one_interrupts() -> None:
    before = [(sign, signal.getsignal(sign)) for sign in (signal.SIGTERM, signal.SIGINT)]
    stops = Queue[int]()
    try:
        signal.signal(signal.SIGTERM, lambda number, _: stops.put(number))
        handle_stop_in_thread()
        os.kill(os.getpid(), signal.SIGINT)
        assert stops.get(timeout=PATIENCE_S) == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        for sign, handler in before:
            signal.signal(sign, handler)
