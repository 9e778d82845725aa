"""A download that is killed, or whose disk fails, at any of its system calls does no harm."""

import itertools
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
import yaml

from scripts.plan.downloads import PENDING, Download
from scripts.store.media_kinds import VIDEOS
from tests.support.tiktoks import served, tiktok, video_host
from tests.support.traced_download import CALLS, Traced, fetch_traced
from tests.support.workflow import PROJECT, Workflow

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")

NOTHING = "nothing"
NO_RECEIPT = "a whole file without its receipt"
DAMAGED = "a damaged file without its receipt"
MOST_CALLS = 50


class Downloads:
    """A corpus whose videos are downloaded one by one under `strace`."""

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.data = workflow.data
        self.records: list[dict[str, Any]] = []
        defaults = yaml.safe_load((PROJECT / "config.yaml").read_text())["download"]
        self.settings = defaults | workflow.config["download"]

    def fetch(self, before: str = NOTHING, call: str = "", strike: str = "") -> Traced:
        """Download the next TikTok's video over `before`, and check that no harm was done."""
        number = len(self.records)
        record = tiktok(number, **{"coverphoto-src": "blob:https://www.tiktok.com/1"})
        # Without TLS, because TLS writes to its socket with the system calls for files.
        url = record["video-src"] = record["video-src"].replace("https:", "http:")
        self.records.append(record)
        id, good = record["id"], self.workflow.site.library.find(url).read()
        bad = good[: len(good) // 2]
        media = VIDEOS.media(self.data, id)
        if before != NOTHING:
            media.parent.mkdir(parents=True, exist_ok=True)
            media.write_bytes(good if before == NO_RECEIPT else bad)
        download = Download(VIDEOS.name, id, url, video_host(number), None, PENDING)

        result = fetch_traced(self.workflow.folder, self.settings, download, call, strike)

        content = media.read_bytes() if media.exists() else b""
        receipt = self.receipt(id)
        if receipt.get("outcome") == "ok":
            assert content == good
            assert receipt["sha256"] == sha256(good).hexdigest()
        if before == NO_RECEIPT:
            assert content == good
        elif before == DAMAGED and content != bad:
            hash = sha256(bad).hexdigest()[:16]
            moved = self.data / "damaged" / "videos" / f"{id}.{hash}.mp4"
            assert moved.read_bytes() == bad
            assert content == b""
        elif before == NOTHING:
            assert content in (b"", good)
        return result

    def receipt(self, id: str) -> dict[str, Any]:
        file = VIDEOS.receipt(self.data, id)
        return json.loads(file.read_text()) if file.exists() else {}

    def check_that_plain_runs_complete_it(self, runs: int) -> None:
        """Check that then everything is there, nothing else, and nothing was requested twice."""
        self.workflow.add(self.records)
        site = self.workflow.site
        hashes = served(site, self.records).items()
        wanted = {path: hash for path, hash in hashes if path.startswith("videos/")}
        there = wanted.items() & self.workflow.hashes("videos").items()
        site.requests.clear()
        for _ in range(runs):
            self.workflow.run("--cores", "4")

        assert self.workflow.hashes("videos") == wanted
        assert {self.receipt(record["id"])["outcome"] for record in self.records} == {"ok"}
        assert not list(self.data.rglob("*.part"))
        assert len(site.requests) == len(wanted) - len(there)


@pytest.fixture
def downloads(workflow: Workflow) -> Iterator[Downloads]:
    return Downloads(workflow)


def test_killed_at_any_call(downloads: Downloads) -> None:
    kills = Counter()
    for before, call in itertools.product((NOTHING, NO_RECEIPT, DAMAGED), CALLS):
        while downloads.fetch(
            before, call, f"signal=KILL:when={kills[before, call] + 1}"
        ).killed_by:
            kills[before, call] += 1
            assert kills[before, call] < MOST_CALLS
    assert kills[NOTHING, "fsync"] == 3  # the file, its folder, the receipt
    assert kills[NO_RECEIPT, "fsync"] == 1
    # The record of the damage, the file out of the way, the receipt, the placeholder:
    assert kills[DAMAGED, "rename"] == 4
    downloads.check_that_plain_runs_complete_it(runs=2)


@pytest.mark.parametrize(
    ("error", "times", "says"),
    [("ENOSPC", "+", "No space left on device"), ("EIO", "", "Input/output error")],
)
def test_disk_fails_at_any_call(downloads: Downloads, error: str, times: str, says: str) -> None:
    for call in ("write", "fsync", "rename", "unlink", "mkdir"):
        for number in range(1, MOST_CALLS):
            result = downloads.fetch(NOTHING, call, f"error={error}:when={number}{times}")
            struck = [line for line in result.trace if "(INJECTED)" in line]
            if not struck:
                break
            if call != "mkdir" and any("/data/" in line for line in struck):
                assert f"can't be written: {says} (" in result.problem
                assert "Nothing was damaged: make room or correct" in result.problem
    downloads.check_that_plain_runs_complete_it(runs=1)


def test_order_of_writes_that_reach_the_disk(downloads: Downloads) -> None:
    """A power cut leaves no receipt of a missing file, and no file without its bytes."""
    trace = downloads.fetch().trace
    steps = [
        ("write(", "/data/videos/.", ".mp4."),
        ("fsync(", "/data/videos/.", ".mp4."),
        ("write(", "/data/receipts/videos/."),
        ("fsync(", "/data/receipts/videos/."),
        ("rename", "data/receipts/videos/.", ".json.prepared"),
        ("rename", "data/videos/.", ".mp4."),
        ("fsync(", "/data/videos>"),
        ("rename", "data/receipts/videos/", '.json.prepared", '),
    ]
    places = [[n for n, line in enumerate(trace) if all(s in line for s in step)] for step in steps]
    assert all(max(a) < min(b) for a, b in itertools.pairwise(places)), trace
