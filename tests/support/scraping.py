"""The built scraper in the stand-in's page, and the records that it should write."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from demo.web import data
from tests.support.workflow import PROJECT

DIST = PROJECT / "scraper" / "dist"
CONSOLE, USERSCRIPT, BOOKMARKLET = (
    (DIST / name).read_text() for name in ("console.js", "scraper.user.js", "bookmarklet.txt")
)

THIRD_DIALECT = (
    *("video-src", "coverphoto-src", "permalink", "web-id", "id", "like-count", "comment-count"),
    *("creator-username", "creator-nickname", "time-posted", "music-title", "music-src"),
    "description",
)
COMMENT = ("commenter-username", "comment-text", "time-posted", "like-count", "replies-count")
# The parts of a comment that the page shows. The older markup also has its id.
SHOWN = {"new": (*COMMENT, "commenter-handle"), "old": (*COMMENT, "commenter-handle", "comment-id")}
FIRST_PAGE = 20
PATIENT = 30_000  # ms; the longest wait, which costs no time if everything comes
NEVER = 3_600_000  # ms; no machine is slow enough to wait so long: only the page's clock ends it


def console(page: Page, code: str) -> Any:
    """Run `code` as the developer tools' console does, with `await` and assignments."""
    session = page.context.new_cdp_session(page)
    answer = session.send(
        "Runtime.evaluate",
        {"expression": code, "replMode": True, "awaitPromise": True, "returnByValue": True},
    )
    session.detach()
    if "exceptionDetails" in answer:
        raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
    return answer["result"].get("value")


def scrape(
    page: Page, count: float, *, delay: int = PATIENT, **options: object
) -> list[dict[str, Any]]:
    """Call `scrape_tiktoks` and return its records."""
    settings = json.dumps({"delay": delay, "pause": 0, **options})
    return console(page, f"await scrape_tiktoks({json.dumps(count)}, {settings})")


def scrape_what_is_late(
    page: Page, is_there: Callable[[], None], **options: object
) -> list[dict[str, Any]]:
    """The record of the open TikTok, of which some parts never come. It skips the wait for them.

    Without such a part, the run would end by itself, and leave the TikTok. `is_there` waits until
    everything else has come. The page needs a clock that the test controls:
    `web.context.clock.install()` before it is opened.
    """
    settings = json.dumps({"delay": NEVER, "pause": 0, **options})
    console(page, f"scraping = scrape_tiktoks(1, {settings}); 0")
    is_there()
    page.clock.fast_forward(NEVER + 1)
    return console(page, "await scraping")


def post(record: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a record that describe the post, without its address's query."""
    about_scrape = ("comments", "scrape-timestamp", "missing", "scraper", "sources")
    found = {key: value for key, value in record.items() if key not in about_scrape}
    return found | {"permalink": record["permalink"].partition("?")[0]}


def true_post(number: int, photo: bool = False) -> dict[str, Any]:
    """The post, according to the page's JSON."""
    return data.expected_post(number, photo)


def shown_post(number: int, photo: bool = False) -> dict[str, Any]:
    """The parts of the post that are visible without the page's JSON."""
    expected = true_post(number, photo)
    shown = {key: expected[key] for key in THIRD_DIALECT}
    slides = [{"url": slide["url"]} for slide in expected.get("photos", ())]
    return shown | ({"photos": slides} if slides else {})


def true_comments(
    number: int, count: int | None = None, *, replies: bool = False, shown: str = ""
) -> list[dict[str, Any]]:
    """The first comments. shown: the type of markup, if there is no JSON of them."""
    keys = SHOWN.get(shown)

    def part(comment: dict[str, Any]) -> dict[str, Any]:
        return {key: comment[key] for key in keys or comment if key != "replies"}

    return [
        part(comment)
        | ({"replies": [part(reply) for reply in comment["replies"]]} if replies else {})
        for comment in data.expected_comments(number)[:count]
    ]


def expect_shown(page: Page, number: int, *, comments: bool = True) -> None:
    """Wait until the page shows the post, and its first comments."""
    expect(page.locator("[data-e2e$=video-desc]").first).to_have_text(
        true_post(number)["description"]
    )
    if comments:
        shown = page.locator("[data-e2e=comment-level-1]")
        expect(shown).to_have_count(min(FIRST_PAGE, data.comment_total(number)))
