"""Which downloads are finished, pending, or beyond help."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from scripts.plan.downloads import FINISHED, PENDING, UNVERIFIED, Download, Plan, make_plan
from scripts.rawinfo.catalogue import build_catalogue
from scripts.store.manifest import Manifest
from scripts.store.media_kinds import VIDEOS
from scripts.store.receipts import Receipt, link_hash, write_receipt
from tests.support.small_corpus import post_id
from tests.support.tiktoks import tiktok

ID = post_id(0)
LINK = tiktok(0)["video-src"]
NOW = 1_700_000_000


class Corpus:
    """A folder `data` with one TikTok. Its video is in the state to test."""

    def __init__(self, data: Path) -> None:
        self.data = data
        (data / "info").mkdir()

    def write_receipt(self, outcome: str, link: str = LINK, **facts: Any) -> None:
        receipt = Receipt(ID, "videos", outcome, "why", link=link_hash(link), **facts)
        write_receipt(VIDEOS.receipt(self.data, ID), receipt)

    def write_video(self, content: bytes = b"video") -> None:
        video = VIDEOS.media(self.data, ID)
        video.parent.mkdir(exist_ok=True)
        video.write_bytes(content)

    def plan(self, record: dict[str, Any] | None = None, *, retry_all: bool = False) -> Plan:
        info = self.data / "info" / "batch.json"
        info.write_text(json.dumps([record or tiktok(0)]))
        return make_plan(
            build_catalogue([info]),
            self.data,
            Manifest(),
            max_attempts=3,
            retry_all=retry_all,
            has_mirror=False,
        )

    def video(self, record: dict[str, Any] | None = None, *, retry_all: bool = False) -> Download:
        return self.plan(record, retry_all=retry_all).downloads["videos"][ID]


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    monkeypatch.setattr(time, "time", lambda: float(NOW))
    return Corpus(tmp_path)


def test_new_downloads_are_pending(corpus: Corpus) -> None:
    plan = corpus.plan()
    assert plan.downloads["videos"][ID].state == PENDING
    assert plan.downloads["coverphotos"][ID].state == PENDING
    assert plan.pending(Path()) == [f"videos/{ID}.mp4", f"coverphotos/{ID}.jpg"]


def test_a_file_with_its_receipt_is_finished_whatever_its_link(corpus: Corpus) -> None:
    corpus.write_video()
    corpus.write_receipt("ok", downloaded_at=NOW, size_bytes=5)
    for link in (LINK, "blob:https://www.tiktok.com/x", None):
        assert corpus.video(tiktok(0) | {"video-src": link}).state == FINISHED
    assert corpus.video(retry_all=True).state == FINISHED


def test_a_file_without_its_receipt_is_to_be_verified(corpus: Corpus) -> None:
    corpus.write_video()
    assert corpus.video().state == UNVERIFIED
    corpus.write_receipt("gone")
    assert corpus.video().state == UNVERIFIED
    corpus.write_receipt("ok", size_bytes=6)
    assert corpus.video().state == UNVERIFIED, "it isn't the file of its receipt"


def test_a_file_on_an_unmounted_disk_is_not_touched(corpus: Corpus) -> None:
    video = VIDEOS.media(corpus.data, ID)
    video.parent.mkdir()
    video.symlink_to("/nowhere/video.mp4")
    assert corpus.video().state == "rejected"
    assert corpus.video(retry_all=True).state == "rejected"


def test_temporary_files_of_a_live_run_are_not_looked_at(corpus: Corpus) -> None:
    corpus.write_video()
    (corpus.data / "videos" / f".{ID}.mp4.x.part").symlink_to("/nowhere")
    assert corpus.video().state == UNVERIFIED


def test_merged_inputs_change_with_arriving_files_but_not_with_runs(
    corpus: Corpus,
) -> None:
    fresh = corpus.plan().tried_or_expected()
    corpus.write_receipt("gone", attempts=1)
    assert corpus.plan().tried_or_expected() == fresh
    corpus.write_video()
    corpus.write_receipt("ok", size_bytes=5)
    assert corpus.plan().tried_or_expected() == fresh
    expired = tiktok(0, expires_at=NOW - 1)
    arrived = corpus.plan(expired).tried_or_expected()
    VIDEOS.media(corpus.data, ID).unlink()
    VIDEOS.receipt(corpus.data, ID).unlink()
    assert corpus.plan(expired).tried_or_expected() != arrived


def test_an_empty_file_is_a_placeholder(corpus: Corpus) -> None:
    corpus.write_video(b"")
    corpus.write_receipt("ok", downloaded_at=NOW)
    assert corpus.video().state == PENDING


@pytest.mark.parametrize(
    ("link", "state"),
    [
        ("blob:https://www.tiktok.com/0", "rejected"),
        ("https://www.tiktok.com/@user/video/7171915622962351935?is_copy_url=1", "rejected"),
        ("file:///etc/passwd", "rejected"),
        ("", "rejected"),
        (None, "rejected"),
        ("https://v16.tiktok.com/video/?expire=1669985936", "expired"),
        (f"https://v16.tiktok.com/{'a' * 32}/6389fd3a/video/", "expired"),
        ("https://v16.tiktok.com/video/?expire=4102444800", PENDING),
    ],
)
def test_links_that_no_request_can_help(corpus: Corpus, link: str | None, state: str) -> None:
    download = corpus.video(tiktok(0) | {"video-src": link})
    assert download.state == state
    assert bool(download.reason) == (state != PENDING)


@pytest.mark.parametrize(
    ("outcome", "facts", "state"),
    [
        ("transient", {"attempts": 2}, PENDING),
        ("transient", {"attempts": 3}, "transient"),
        ("corrupt", {"attempts": 2}, PENDING),
        ("corrupt", {"attempts": 3}, "corrupt"),
        ("later", {"not_before": NOW + 600}, "later"),
        ("later", {"not_before": NOW - 1}, PENDING),
        ("later", {}, PENDING),
        ("gone", {"attempts": 1}, "gone"),
        ("expired", {"attempts": 1}, "expired"),
        ("rejected", {"attempts": 1}, "rejected"),
    ],
)
def test_failures_are_tried_again_or_given_up(
    corpus: Corpus, outcome: str, facts: dict[str, int], state: str
) -> None:
    corpus.write_receipt(outcome, **facts)
    assert corpus.video().state == state
    assert corpus.video(retry_all=True).state == PENDING

    corpus.write_receipt(outcome, link="https://v16.tiktok.com/older", **facts)
    assert corpus.video().state == PENDING, "a new link is a new chance"


def test_a_lost_file_is_named(corpus: Corpus) -> None:
    corpus.write_receipt("ok", downloaded_at=NOW)
    assert corpus.plan().lost() == [], "it can be downloaded again"
    expired = tiktok(0, expires_at=NOW - 1)
    assert f"videos/{ID}" in corpus.plan(expired).lost()


def test_soonest_expiry_has_the_highest_priority(corpus: Corpus) -> None:
    soon, late = (corpus.video(tiktok(0, expires_at=NOW + s)).priority for s in (600, 6000))
    never = corpus.video(tiktok(0) | {"video-src": "https://v16.tiktok.com/video/"}).priority
    assert soon > late > never
