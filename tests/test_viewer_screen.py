"""The places of text in the viewer: lines lead to their time, and boxes cover the text."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.tiktoks import INFO, TIKTOKS
from scripts.viewer.boxes import read_picture_boxes, read_video_boxes
from scripts.viewer.static import write_viewer
from tests.support.small_corpus import Corpus, info, post_id
from tests.support.viewing import looking, serve

pytest_plugins = ["tests.support.browser", "tests.support.viewing"]

SHOWN = TIKTOKS[0]
SIZE = (360, 640)
LINES: list[dict[str, Any]] = [
    {"text": "first words", "start_s": 0.5, "end_s": 2.0},
    {"text": "<b>later words</b>", "start_s": 3.0, "end_s": 4.0},
]
CORNERS = [[10, 20], [110, 20], [110, 50], [10, 50]]
PHOTOS, COVER_ONLY = post_id(1), post_id(2)


def add_screen(corpus: Corpus, id: str) -> None:
    corpus.add_text("screen", id, "\n".join(line["text"] for line in LINES) + "\n")
    folder = corpus.folder / "screen"
    folder.joinpath(f"{id}.vtt").write_text(
        "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nfirst words\n\n"
        "00:00:03.000 --> 00:00:04.000\n&lt;b>later words&lt;/b>\n"
    )
    lines = [line | {"places": [{"at_s": 0.6, "corners": CORNERS}]} for line in LINES]
    folder.joinpath(f"{id}.json").write_text(json.dumps({"size": SIZE, "lines": lines}))


def add_cover_text(corpus: Corpus, id: str, *files: str) -> None:
    """Add a line to each image, one pixel further down than in the previous image."""
    corpus.add_text("ocr", id, "words\n")
    images = [
        {"file": file, "width": 720, "height": 1280, "lines": [_line(CORNERS[0][1] + number)]}
        for number, file in enumerate(files)
    ]
    images[0]["lines"].append(_line(500) | {"frame": 3})
    (corpus.folder / "ocr" / f"{id}.json").write_text(json.dumps({"images": images}))


def _line(top: int) -> dict[str, Any]:
    return {"text": "words", "corners": [[10, top], *CORNERS[1:]], "confidence": 0.9}


def points(top: int) -> str:
    return f"10,{top} 110,20 110,50 10,50"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    corpus = Corpus(tmp_path_factory.mktemp("screen") / "data")
    records = json.loads((INFO / "demo.json").read_text())
    corpus.add_info("demo.json", [record for record in records if record["id"] == SHOWN.id])
    corpus.add_download("coverphotos", SHOWN.id, SHOWN.cover_file.read_bytes())
    corpus.add_download("videos", SHOWN.id, SHOWN.video_file.read_bytes())
    add_screen(corpus, SHOWN.id)
    slides = [{"url": f"https://p16.example.com/{number}.jpeg"} for number in (1, 2)]
    corpus.add_info("more.json", [info(PHOTOS, photos=slides), info(COVER_ONLY)])
    for name in (f"{PHOTOS}/1", f"{PHOTOS}/2"):
        corpus.add_download("photos", name, SHOWN.cover_file.read_bytes())
    corpus.add_download("coverphotos", COVER_ONLY, SHOWN.cover_file.read_bytes())
    add_cover_text(corpus, PHOTOS, f"photos/{PHOTOS}/1.jpg", f"photos/{PHOTOS}/2.jpg")
    add_cover_text(corpus, COVER_ONLY, f"coverphotos/{COVER_ONLY}.jpg")
    add_cover_text(corpus, SHOWN.id, f"coverphotos/{SHOWN.id}.jpg")
    corpus.database()
    return corpus


@pytest.fixture
def shown(chromium: Browser, small: Corpus) -> Iterator[Page]:
    with serve(small.folder) as address, looking(chromium, address) as page:
        page.goto("/")
        yield page


def check(page: Page) -> None:
    """Check that lines lead to their time, and that boxes come and go."""
    section = page.get_by_role("region", name="Text on the screen")
    expect(section.get_by_role("button")).to_have_count(2)
    expect(section).to_contain_text("<b>later words</b>")
    expect(page.locator(".boxes polygon")).to_have_count(0)
    page.evaluate("document.querySelector('.current video').pause()")
    page.keyboard.press("b")
    button = page.get_by_role("button", name="Boxes around text")
    expect(button).to_have_attribute("aria-pressed", "true")
    section.get_by_role("button").nth(1).click()
    expect(page.locator(".boxes polygon")).to_have_attribute("points", "10,20 110,20 110,50 10,50")
    assert page.evaluate("document.querySelector('.current video').currentTime") == 3
    button.click()
    expect(page.locator(".boxes polygon")).to_have_count(0)


def check_pictures(page: Page, prefix: str) -> None:
    """Check that each picture has its own boxes."""
    boxes = page.locator(".current .boxes polygon")
    page.goto(f"{prefix}/v/{PHOTOS}")
    page.keyboard.press("b")
    expect(boxes).to_have_attribute("points", points(20))
    expect(page.locator(".current .boxes")).to_have_attribute("viewBox", "0 0 720 1280")
    page.keyboard.press("ArrowRight")
    expect(boxes).to_have_attribute("points", points(21))
    page.keyboard.press("b")
    expect(boxes).to_have_count(0)
    page.goto(f"{prefix}/v/{COVER_ONLY}")
    page.keyboard.press("b")
    expect(boxes).to_have_attribute("points", points(20))


def test_lines_and_boxes(shown: Page) -> None:
    check(shown)
    check_pictures(shown, "")


def test_lines_and_boxes_in_an_export(chromium: Browser, small: Corpus) -> None:
    index = small.folder / "viewer" / "index.html"
    write_viewer(small.folder / "tiktoks.db", small.folder, index)
    with looking(chromium, "file://") as page:
        page.goto(index.as_uri())
        check(page)
        check_pictures(page, f"{index.as_uri()}#")


def test_before_a_video_plays_its_cover_has_boxes(chromium: Browser, small: Corpus) -> None:
    with (
        serve(small.folder) as address,
        looking(chromium, address, reduced_motion="reduce") as page,
    ):
        page.goto("/")
        boxes = page.locator(".current .boxes polygon")
        page.keyboard.press("b")
        expect(boxes).to_have_attribute("points", points(20))
        page.get_by_role("region", name="Text on the screen").get_by_role("button").nth(1).click()
        expect(page.locator(".current .boxes")).to_have_attribute("viewBox", "0 0 360 640")
        expect(boxes).to_have_attribute("points", "10,20 110,20 110,50 10,50")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"size": [1, "x"], "lines": []}',
        '{"size": [1, 2], "lines": [{"places": [{"at_s": NaN, "corners": []}]}]}',
        '{"size": [1, 2], "lines": [{"start_s": 0, "end_s": 1, "places": [{"corners": "abcd"}]}]}',
    ],
)
def test_boxes_of_strangers_are_numbers_or_nothing(content: str, tmp_path: Path) -> None:
    file = tmp_path / "1.json"
    file.write_text(content)
    assert read_video_boxes(file) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"images": [1]}',
        '{"images": [{"file": "coverphotos/1.jpg", "width": 1, "height": 2, "lines": [1]}]}',
        '{"images": [{"file": "<b>/1.jpg", "width": 1, "height": 2, "lines": []}]}',
        '{"images": [{"file": "photos/1/<b>.jpg", "width": 1, "height": 2, "lines": []}]}',
        '{"images": [{"file": "coverphotos/1.jpg", "width": 1, "height": 2, "lines": []}]}',
    ],
)
def test_boxes_of_strangers_in_pictures_are_numbers_or_nothing(
    content: str, tmp_path: Path
) -> None:
    file = tmp_path / "1.json"
    file.write_text(content)
    assert read_picture_boxes(file) == {}
