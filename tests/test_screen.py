"""The text on the screens of videos: lines with times, read only from the pictures."""

import json
import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from av.video.frame import VideoFrame
from PIL import Image

from benchmarks.screen import make_reader
from scripts import screen
from scripts.merge.json_files import merge_texts
from scripts.ocr.lines import TextLine
from scripts.rawinfo.catalogue import Entry, Post, load_posts
from scripts.screen.changes import ChangeDetector
from scripts.screen.frames import Frame
from scripts.screen.reading import ScreenReader
from scripts.screen.tracking import (
    MOST_TEXTS,
    Box,
    Track,
    contains,
    cut,
    find_look,
    grows_to,
    is_same_text,
    unite,
)
from scripts.screen.watermark import is_watermark
from scripts.speech.captions import read_webvtt
from scripts.store.database import open_database
from tests.support.films import FRAMES_PER_S, SIZE, background, save, still, write
from tests.support.small_corpus import SCRAPED_AT, Corpus, info, post_id

SETTINGS = {"engine": "rapidocr", "languages": ["eng"], "longest_gap_s": 2, "max_seconds": 300}
CORNERS = ((0.0, 0.0),) * 4
FILES = ("text.txt", "text.vtt", "text.json", "receipt.json")


def draw_film(duration_s: float = 5.0) -> Iterator[Image.Image]:
    """Yield a film: lines that grow and stay, move, fade and fly in, and the site's marks."""
    for number in range(round(duration_s * FRAMES_PER_S)):
        at_s = number / FRAMES_PER_S
        image = background().copy()
        write(image, "TikTok", (60, 30), 20)
        write(image, "@maker.of.things", (100, 60), 18)
        words = ["banana", "bread", "recipe"][: int(at_s / 0.5)]
        if words and at_s < 3.5:
            write(image, " ".join(words), (144, 150), 26)
        if 1 <= at_s < 4:
            write(image, "moving along", (110 + 20 * (at_s - 1), 300), 24)
        if at_s >= 2:
            over = image.copy()
            write(over, "fades in late", (144, 420), 28)
            image = Image.blend(image, over, min(1.0, (at_s - 2) / 0.5))
        if at_s >= 4:  # the first letters show at the edge for a moment
            write(image, "flies in", (max(0.0, 0.4 - (at_s - 4)) * -330 + 144, 240), 24)
        yield image


def read(video: Path, folder: Path, handle: str | None = None, **changes: Any) -> dict[str, Any]:
    """Read a video and return its text, cues, boxes and receipt."""
    files = [folder / name for name in FILES]
    screen.read_screen([video], *files, SETTINGS | changes, handle)
    text, vtt, boxes, receipt = files
    return {
        "text": text.read_text("utf-8"),
        "cues": read_webvtt(vtt),
        "boxes": json.loads(boxes.read_text() or "null"),
        "receipt": json.loads(receipt.read_text()),
    }


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    save(path, draw_film())
    return path


@pytest.fixture(scope="module")
def found(film: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return read(film, tmp_path_factory.mktemp("read"), "@maker.of.things")


def test_each_line_is_found_once_with_its_times(found: dict[str, Any]) -> None:
    assert found["text"] == "banana bread recipe\nmoving along\nfades in late\nflies in\n"
    times = {cue.text: (cue.start_s, cue.end_s) for cue in found["cues"]}
    assert times["banana bread recipe"] == pytest.approx((0.5, 3.5), abs=0.5)
    assert times["moving along"] == pytest.approx((1, 4), abs=0.5)
    assert times["fades in late"] == pytest.approx((2.2, 5), abs=0.5)


def test_boxes_contain_the_place_of_a_line(found: dict[str, Any]) -> None:
    assert found["boxes"]["size"] == list(SIZE)
    lines = {line["text"]: line for line in found["boxes"]["lines"]}
    (place,) = lines["fades in late"]["places"]
    middle = np.mean(place["corners"], axis=0)
    assert middle == pytest.approx((144, 420), abs=12)
    assert len(lines["moving along"]["places"]) > 1


def test_the_receipt_names_the_engine_and_its_settings(found: dict[str, Any]) -> None:
    receipt = found["receipt"]
    assert receipt["outcome"] == "ok"
    assert receipt["duration_s"] == pytest.approx(5, abs=0.2)
    assert receipt["settings"]["longest_gap_s"] == 2
    for name in ("rapidocr", "onnxruntime", "PP-OCR", "PyAV", "OpenCV"):
        assert name in receipt["version"]


def test_only_the_own_handle_is_left_out(film: Path, tmp_path: Path) -> None:
    assert "maker" in read(film, tmp_path, "@somebody.else")["text"]


def test_a_long_video_is_read_up_to_a_second(film: Path, tmp_path: Path) -> None:
    found = read(film, tmp_path, max_seconds=1.5)
    assert "fades" not in found["text"]
    assert "banana" in found["text"]
    assert found["receipt"]["duration_s"] <= 1.5


def test_unreadable_and_wordless_videos_differ(tmp_path: Path) -> None:
    video = tmp_path / "video.mp4"
    save(video, (background() for _ in range(5)))
    found = read(video, tmp_path)
    assert (found["text"], found["cues"], found["receipt"]["outcome"]) == ("\n", (), "ok")
    video.write_bytes(video.read_bytes()[:-2000])
    found = read(video, tmp_path)
    assert (found["text"], found["boxes"], found["receipt"]["outcome"]) == ("", None, "unreadable")
    assert found["receipt"]["reason"]
    found = read(tmp_path / "missing.mp4", tmp_path)
    assert found["receipt"]["reason"] == "The video is missing."


def test_readings_of_one_line() -> None:
    assert is_same_text("banana bread", "bananabreod")
    assert not is_same_text("Day 12", "Day 13")
    assert not is_same_text("part one", "part two")
    assert not is_same_text("part one of my story", "part two of my story")
    assert is_same_text("my cat is asleep", "my cot is asleep")
    assert not is_same_text("when your mom calls", "when your mom")
    assert grows_to("banana", "BANANA bread")
    assert not grows_to("banana bread", "banana")
    assert contains("banana bread recipe", "bread")
    assert not contains("banana bread recipe", "cake")
    assert not is_same_text("कि", "का"), "vowels of some scripts are marks"


def test_a_line_keeps_its_best_readings_only() -> None:
    track = Track(0, 0, Box(0, 0, 1, 1), np.empty((0, 0), np.uint8), [])
    for text in ("ban", "banana", "banana bread"):
        track.add(TextLine(text, CORNERS, 1.0))
    assert list(track.readings) == ["banana bread"]
    for number in range(100):
        track.add(TextLine("banana bread", CORNERS, 0.9))
        track.add(TextLine(f"banana {number:05}", CORNERS, 0.95))
    assert len(track.readings) <= MOST_TEXTS
    assert (track.text, track.confidence) == ("banana bread", 1.0)


def test_many_lines_are_united_quickly_and_in_order() -> None:
    """Each line is compared with those near in time, not with all."""
    box = Box(0, 0, 100, 20)
    tracks = []
    for number in range(300):
        track = Track(2.0 * number, 2.0 * number + 1.5, box, np.empty((0, 0), np.uint8), [])
        track.add(TextLine(f"word {number}", CORNERS, 0.99))
        tracks.append(track)
    compared = 0

    def count(*_: str) -> bool:
        nonlocal compared
        compared += 1
        return False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scripts.screen.tracking.is_same_text", count)
        patch.setattr("scripts.screen.tracking._is_piece", count)
        assert unite(tracks[::-1]) == tracks
    assert compared <= 3 * len(tracks)


@pytest.mark.parametrize(("one", "other"), [("level 3 of 9", "level 8 of 9"), ("bread", "break")])
def test_a_changed_letter_changes_the_look_of_a_line(one: str, other: str) -> None:
    box = Box(20, 35, 268, 62)

    def picture(text: str, shift: int = 0) -> np.ndarray:
        image = background().transform(SIZE, Image.Transform.AFFINE, (1, 0, shift, 0, 1, 0))
        write(image, text, (144, 48), 26)
        return np.asarray(image.convert("L"))

    look = cut(picture(one), box)
    assert find_look(look, picture(one, shift=40), box, 4).is_exact, "other things may move"
    fit = find_look(look, picture(other), box, 4)
    assert fit.is_close
    assert not fit.is_exact


def test_lines_that_differ_in_a_digit_are_different(tmp_path: Path) -> None:
    save(tmp_path / "video.mp4", [*still("day 3 of 9"), *still("day 7 of 9")])
    found = read(tmp_path / "video.mp4", tmp_path)
    assert found["text"] == "day 3 of 9\nday 7 of 9\n"
    assert [cue.start_s for cue in found["cues"]] == pytest.approx([0, 1.5], abs=0.2)


def test_words_that_follow_each_other_are_all_found(tmp_path: Path) -> None:
    words = ["nobody", "told", "me", "about", "these", "winter", "shoes", "from", "Boston"]
    frames = [frame for word in words for frame in still(word, 0.4)]
    save(tmp_path / "video.mp4", [*still("", 0.3), *frames])
    assert read(tmp_path / "video.mp4", tmp_path)["text"].split() == words


def test_memory_does_not_grow_with_the_length_of_a_video() -> None:
    """Of earlier frames, only their times are kept."""

    def peak(frames: int) -> int:
        shown = VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))
        tracemalloc.start()
        reader = ScreenReader(make_reader(), longest_gap_s=2)
        assert reader.read(Frame(number / 12, shown) for number in range(frames)) == []
        (_, most), _ = tracemalloc.get_traced_memory(), tracemalloc.stop()
        return most

    peak(100)  # loads what is loaded once
    assert peak(4000) - peak(1000) < 3000 * 30


def test_pieces_inside_a_line_are_left_out() -> None:
    def track(text: str, start_s: float, end_s: float, box: Box) -> Track:
        track = Track(start_s, end_s, box, np.empty((0, 0), np.uint8), [])
        track.add(TextLine(text, CORNERS, 0.99))
        return track

    line = Box(10, 100, 200, 120)
    inside, below = Box(150, 102, 199, 118), Box(150, 132, 199, 148)
    whole = track("banana bread recipe", 1, 4, line)
    later = track("recipe", 5.5, 6, inside)
    elsewhere = track("banana", 2, 3, below)
    other = track("cake", 2, 3, inside)
    follower = track("bread", 4.1, 4.9, inside)
    tracks = [whole, track("recipe", 1.5, 4.2, inside), elsewhere, other, follower, later]
    assert unite(tracks) == [whole, other, elsewhere, follower, later]


@pytest.mark.parametrize(
    "text", ["TikTok", "d TikTok", "♪TikTok", "@maker.one", "TikTok @maker.one"]
)
def test_marks_of_the_site(text: str) -> None:
    assert is_watermark(text, "@maker.one")


@pytest.mark.parametrize("text", ["TikTok made me buy it", "@friend", "maker of one cake", ""])
def test_ordinary_text_is_not_a_watermark(text: str) -> None:
    assert not is_watermark(text, "@maker.one")


def test_a_still_picture_is_looked_at_every_few_seconds_only() -> None:
    picture = np.asarray(background().convert("L"))
    detector, looks = ChangeDetector(2.0), []
    for number in range(61):
        at_s = number / 10
        if detector.is_due(at_s, picture, lambda: False):
            looks.append(at_s)
            detector.looked(at_s, picture, has_found=False)
    assert looks == [0, 2, 4, 6]
    assert detector.is_same(picture)


def test_stickers_are_text_on_the_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = Corpus(tmp_path)
    read_, typed, bare = post_id(1), post_id(2), post_id(3)
    corpus.add_info(
        "batch.json",
        [
            info(read_, **{"sticker-texts": ["Banana bread!", "only typed"]}),
            info(typed, **{"sticker-texts": ["never read"]}),
            info(bare),
        ],
    )
    corpus.add_text("screen", read_, "banana bread\n")
    (tmp_path / "screen" / f"{read_}.vtt").write_text(
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nbanana bread\n"
    )
    corpus.add_text("ocr", read_, "BANANA BREAD\n")
    corpus.add_info("newer.json", [info(typed, **{"scrape-timestamp": SCRAPED_AT + 1})])
    loaded: list[str] = []

    def load(entries: Iterable[Entry]) -> Iterator[Post]:
        for post in load_posts(entries):
            loaded.append(post.id)
            yield post

    monkeypatch.setattr("scripts.merge.json_files.load_posts", load)
    output = tmp_path / "screen_text.json"
    merge_texts("screen", corpus.catalogue(), tmp_path, output)
    assert loaded == [read_, typed], "raw info is only read again where there is something to find"
    texts = {read_: "banana bread\nonly typed", typed: "never read", bare: None}
    assert json.loads(output.read_text()) == texts

    database = corpus.database()

    def rows(query: str, *values: str) -> list[Any]:
        with closing(open_database(database)) as db:
            return db.execute(query, values).fetchall()

    query = "SELECT id, screen_text FROM tiktoks ORDER BY number"
    assert dict(rows(query)) == texts
    query = "SELECT text, start_s, end_s, source, is_on_cover FROM screen_lines WHERE id = ?"
    assert rows(query, read_) == [
        ("banana bread", 1.0, 2.5, "video", 1),
        ("only typed", None, None, "sticker", 0),
    ]
    query = "SELECT screen FROM search_texts WHERE id = ?"
    assert rows(query, read_) == [("only typed",)]
