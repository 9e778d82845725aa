"""Photo posts are built slide by slide, and caption tracks come with their videos."""

import json
import sqlite3
from contextlib import closing
from hashlib import sha256
from typing import Any

import pytest

from tests.support.tiktoks import cover_host, tiktok
from tests.support.workflow import Workflow

SLIDES = 3
PHOTO_POST = tiktok(0)["id"]
VIDEO = tiktok(1)["id"]
GONE = "v17.tiktokcdn.com"


def slide_link(number: int) -> str:
    """A link on its own host, because tests choose faults by host."""
    return f"https://{cover_host(100 + number)}/slide{number}~tplv-photo.jpeg?x-expires=4102444800"


def photo_post() -> dict[str, Any]:
    slides = [{"url": slide_link(number)} for number in range(1, SLIDES + 1)]
    return tiktok(0) | {"video-src": None, "photos": slides}


def captioned_video() -> dict[str, Any]:
    links = {
        f"https://{GONE}/lc.webvtt": "LC",
        "https://v16.tiktokcdn.com/lc.webvtt": "LC",
        "https://v16.tiktokcdn.com/mt.webvtt": "MT",
    }
    tracks = [
        {"url": link, "language": "eng-US", "source": source} for link, source in links.items()
    ]
    return tiktok(1) | {"captions": tracks, "language": "en"}


@pytest.fixture
def corpus(workflow: Workflow) -> Workflow:
    workflow.site.faults[GONE] = "status-404"  # of an address; the track has another
    workflow.add([photo_post(), captioned_video()])
    return workflow


def downloads(corpus: Workflow) -> set[tuple[str, str, int, str]]:
    with closing(sqlite3.connect(corpus.data / "tiktoks.db")) as db:
        return set(db.execute("SELECT id, kind, number, outcome FROM downloads"))


def test_slides_and_captions_are_targets_like_videos(corpus: Workflow) -> None:
    site = corpus.site
    output = corpus.run()
    expected = {
        f"photos/{PHOTO_POST}/{number}.jpg": sha256(
            site.library.find(slide_link(number)).read()
        ).hexdigest()
        for number in range(1, SLIDES + 1)
    }
    assert corpus.hashes("photos") == expected
    captions = corpus.data / "captions" / f"{VIDEO}.vtt"
    assert captions.read_bytes() == site.library.find("https://x.com/lc.webvtt").read()
    assert not (corpus.data / "videos" / f"{PHOTO_POST}.mp4").exists()
    assert downloads(corpus) == {
        (PHOTO_POST, "coverphotos", 0, "ok"),
        *((PHOTO_POST, "photos", number, "ok") for number in range(1, SLIDES + 1)),
        (VIDEO, "videos", 0, "ok"),
        (VIDEO, "coverphotos", 0, "ok"),
        (VIDEO, "captions", 0, "ok"),
    }
    rows = [line.split() for line in output.splitlines()]
    assert ["photos", "3", "0"] in rows
    assert ["captions", "1", "0"] in rows
    info = corpus.merged("master.json")
    assert all(info[id]["download-timestamp"] for id in (PHOTO_POST, VIDEO))

    site.requests.clear()
    assert "Nothing to be done" in corpus.run()
    assert site.requests == []


def test_the_text_of_a_photo_post_is_that_of_its_cover_and_slides(corpus: Workflow) -> None:
    corpus.run()
    alone = {}
    for number in range(1, SLIDES + 1):
        slide = corpus.data / "photos" / PHOTO_POST / f"{number}.jpg"
        other = Workflow(corpus.folder.parent / f"only{number}", corpus.site)
        other.add([photo_post() | {"coverphoto-src": slide_link(number), "photos": []}])
        other.run("data/ocr.json")
        cover = other.data / "coverphotos" / f"{PHOTO_POST}.jpg"
        assert cover.read_bytes() == slide.read_bytes()
        alone[number] = other.merged("ocr.json")[PHOTO_POST]
    text = corpus.merged("ocr.json")[PHOTO_POST]
    for slide_text in alone.values():
        assert text.count(slide_text) >= 1
    assert len(text) >= sum(map(len, set(alone.values())))


def test_a_slide_that_fails_is_repaired_alone(corpus: Workflow) -> None:
    corpus.site.faults[cover_host(102)] = "status-503"
    corpus.run()
    before = corpus.hashes("photos", "captions", "videos", "coverphotos")
    assert f"photos/{PHOTO_POST}/2.jpg" not in before
    assert corpus.merged("ocr.json")[PHOTO_POST]
    receipt = json.loads((corpus.data / "receipts" / "photos" / PHOTO_POST / "2.json").read_text())
    assert receipt["outcome"] == "transient"
    assert corpus.merged("master.json")[PHOTO_POST]["download-timestamp"] is None
    corpus.site.faults.clear()
    corpus.site.requests.clear()

    assert "photos/" in corpus.run("--dry-run")
    corpus.run()

    assert len(corpus.site.requests) == 1
    after = corpus.hashes("photos", "captions", "videos", "coverphotos")
    assert after.keys() - before.keys() == {f"photos/{PHOTO_POST}/2.jpg"}
    assert before.items() <= after.items()
    assert corpus.merged("master.json")[PHOTO_POST]["download-timestamp"]


def test_a_damaged_slide_that_came_without_a_receipt_is_moved(corpus: Workflow) -> None:
    slide = corpus.data / "photos" / PHOTO_POST / "1.jpg"
    slide.parent.mkdir(parents=True)
    slide.write_bytes(b"<!DOCTYPE html><html>")
    corpus.run()
    (moved,) = corpus.data.glob(f"damaged/photos/{PHOTO_POST}/1.*.jpg")
    assert moved.read_bytes() == b"<!DOCTYPE html><html>"
    corpus.run()
    assert slide.read_bytes()[:2] == b"\xff\xd8"


def test_one_slide_can_be_requested_by_name(corpus: Workflow) -> None:
    name = f"data/photos/{PHOTO_POST}/2.jpg"
    corpus.run(name)
    assert list(corpus.hashes("photos")) == [f"photos/{PHOTO_POST}/2.jpg"]
    assert "Nothing to be done" in corpus.run(name)
