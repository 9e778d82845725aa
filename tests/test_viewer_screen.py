"""The text on a video's screen in the viewer: lines that lead to their place, and boxes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.tiktoks import INFO, TIKTOKS
from scripts.viewer.screen import read_boxes
from scripts.viewer.static import write_viewer
from tests.support.small_corpus import Corpus
from tests.support.viewing import looking, serve

pytest_plugins = ["tests.support.browser", "tests.support.viewing"]

SHOWN = TIKTOKS[0]
SIZE = (360, 640)
LINES: list[dict[str, Any]] = [
    {"text": "first words", "start_s": 0.5, "end_s": 2.0},
    {"text": "<b>later words</b>", "start_s": 3.0, "end_s": 4.0},
]
CORNERS = [[10, 20], [110, 20], [110, 50], [10, 50]]


def add_screen(corpus: Corpus, id: str) -> None:
    corpus.add_text("screen", id, "\n".join(line["text"] for line in LINES) + "\n")
    folder = corpus.folder / "screen"
    folder.joinpath(f"{id}.vtt").write_text(
        "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nfirst words\n\n"
        "00:00:03.000 --> 00:00:04.000\n&lt;b>later words&lt;/b>\n"
    )
    lines = [line | {"places": [{"at_s": 0.6, "corners": CORNERS}]} for line in LINES]
    folder.joinpath(f"{id}.json").write_text(json.dumps({"size": SIZE, "lines": lines}))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    corpus = Corpus(tmp_path_factory.mktemp("screen") / "data")
    records = json.loads((INFO / "demo.json").read_text())
    corpus.add_info("demo.json", [record for record in records if record["id"] == SHOWN.id])
    corpus.add_download("coverphotos", SHOWN.id, SHOWN.cover_file.read_bytes())
    corpus.add_download("videos", SHOWN.id, SHOWN.video_file.read_bytes())
    add_screen(corpus, SHOWN.id)
    corpus.database()
    return corpus


@pytest.fixture
def shown(chromium: Browser, small: Corpus) -> Iterator[Page]:
    with serve(small.folder) as address, looking(chromium, address) as page:
        page.goto("/")
        yield page


def check(page: Page) -> None:
    """Check that lines lead to their place, and that boxes come and go."""
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


def test_lines_and_boxes(shown: Page) -> None:
    check(shown)


def test_lines_and_boxes_in_an_export(chromium: Browser, small: Corpus) -> None:
    index = small.folder / "viewer" / "index.html"
    write_viewer(small.folder / "tiktoks.db", small.folder, index)
    with looking(chromium, "file://") as page:
        page.goto(index.as_uri())
        check(page)


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
    assert read_boxes(file) is None
