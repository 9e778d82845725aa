"""axe-core finds no fault in any view, in light and dark mode and on a phone. Screenshots are in
build/screenshots, for people to look at."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from demo.tiktoks import TIKTOKS
from scripts.report.figures import draw_figures
from tests.support.small_corpus import Corpus
from tests.support.viewing import BARE, NEWEST_FIRST, PHOTO_POST, looking, screenshot

pytest_plugins = ["tests.support.browser", "tests.support.viewing"]

AXE = Axe().axe_script
Look = tuple[Literal["light", "dark"], ViewportSize]
# A page is opened once on each device, and then looked at in several ways.
PHONE = {"has_touch": True, "is_mobile": True}
DEVICES: dict[str, tuple[dict[str, Any], dict[str, Look]]] = {
    "desk": (
        {},
        {
            "light": ("light", {"width": 1360, "height": 820}),
            "dark": ("dark", {"width": 1360, "height": 820}),
            "tablet": ("light", {"width": 900, "height": 700}),
        },
    ),
    "phone": (
        PHONE,
        {
            "phone": ("light", {"width": 390, "height": 800}),
            "small-phone": ("dark", {"width": 320, "height": 640}),
        },
    ),
}
VIEWS = {
    "feed": f"/v/{TIKTOKS[0].id}?q=bread",
    "photos": f"/v/{PHOTO_POST}",
    "missing": f"/v/{next(tiktok.id for tiktok in TIKTOKS if tiktok.link == 'gone')}",
    "words": f"/v/{BARE}",
    "search": "/search?q=the+one+with+the+loaf",
    "conditions": "/search?q=the+loav+-zzyzx+before:2031&in=comments&not=1,2",
    "nothing": "/search?q=bread&from=2030-01-01",
    "history": "/history",
    "figures": "/figures",
}


@pytest.fixture(scope="module", autouse=True)
def figures(corpus: Corpus) -> None:
    draw_figures(corpus.folder / "tiktoks.db", corpus.folder / "report")


@pytest.mark.parametrize("device", DEVICES)
def test_every_view_is_accessible_and_fits(chromium: Browser, address: str, device: str) -> None:
    watched = [{"id": tiktok.id, "at": 1.7e12} for tiktok in NEWEST_FIRST[:5]]
    options, looks = DEVICES[device]
    with looking(chromium, address, reduced_motion="reduce", **options) as page:
        page.goto("/figures")
        page.evaluate(
            "watched => localStorage.setItem('tiktok-retrieval.watched', JSON.stringify(watched))",
            watched,
        )
        for view, path in VIEWS.items():
            page.goto(path)
            page.wait_for_load_state("networkidle")
            check(page, view, looks)
        page.goto(VIEWS["feed"])
        if device == "phone":
            page.locator(".rail").get_by_label("About this TikTok").click()
            check(page, "sheet", looks)
        page.get_by_role("button", name="The one I meant").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        check(page, "judging", looks)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        check(page, "keys", looks)


def check(page: Page, view: str, looks: dict[str, Look]) -> None:
    if page.evaluate("!window.axe"):
        page.evaluate(AXE)
    for look, (colors, size) in looks.items():
        name = f"{view}-{look}"
        page.emulate_media(color_scheme=colors)
        page.set_viewport_size(size)
        screenshot(page, name)
        found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
        assert [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found] == [], name
        assert page.evaluate("innerWidth") == size["width"]
        is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        assert is_dark == (colors == "dark")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name


def test_tab_goes_through_the_page_in_its_order(page: Page) -> None:
    """Skip link, bar, views, stage, its buttons, panel; nothing of the posts that wait."""
    page.goto(f"/v/{NEWEST_FIRST[3].id}")
    expect(page.locator("article")).to_have_count(3)
    expect(page.locator("article [tabindex='0'], article button").first).to_be_attached()
    names = []
    for _ in range(17):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate(
                "() => { const at = document.activeElement; return at.getAttribute('aria-label')"
                " ?? at.labels?.[0]?.textContent ?? at.textContent; }"
            )
        )
    assert names == [
        "Skip to the content",
        "TikTok-Retrieval, to the feed",
        "Search the corpus",
        *("Feed", "History", "Figures", "Keys"),
        "Stage",
        *("Pause", "Position in the video"),
        *("Previous TikTok", "Next TikTok", "Turn the sound on", "Captions"),
        f"@{NEWEST_FIRST[3].handle}",
        *(f"#{tag}" for tag in ("astronomy", "saturn")),
    ]
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
