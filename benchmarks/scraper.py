"""Compare the scraper with a loop that waits 2,000 ms for each TikTok, on the stand-in's page.

Video, description and comments each come late: half of them after 400 ms, one in a hundred after
3 s. The old comments stay until the new ones are there, as on the site.

Then, measure long sessions: the memory after 500 to 2,000 TikToks, and the time for one TikTok on
a page that grows to 500.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from demo.site import Site
from demo.web.browser import launch
from demo.web.data import comments, itemstruct, number_of
from demo.web.server import address, serve_pages

POSTS = 30
FIXED_WAIT_MS = 2_000
LONGEST_WAIT_MS = 15_000
FIRST_PAGE = 20
PAGE = {
    "count": POSTS + 1,
    "delay": (400, 3_000),
    "selectors": "old",
    "fault": ("stale-comments",),
}
HERE = Path(__file__).parent
SCRIPTS = HERE.parent / "scraper" / "dist"
FIXED = (HERE / "fixed_wait.js").read_text().strip().removesuffix(";")
OURS = f"async () => scrape_tiktoks({POSTS}, {LONGEST_WAIT_MS}, {{ pause: 0 }})"
PAUSED = f"async () => scrape_tiktoks({POSTS}, {LONGEST_WAIT_MS})"


AT_ONCE = """async (count) =>
    (await scrape_tiktoks(count, { delay: 30000, pause: 0 })).length"""
COLLECT = """async ([from, to]) => {
    for (let cursor = from; cursor < to; cursor += 6) {
        const query = `cursor=${cursor}&count=3000&msToken=demo-token`;
        await (await fetch(`/api/challenge/item_list/?${query}`)).text();
    }
}"""


@dataclass(frozen=True)
class Outcome:
    seconds: float
    missing: int  # comments of the first page that weren't scraped
    mixed: int  # records with a description or a comment of another TikTok
    unread: int  # records without a description that is there


def main() -> None:
    with Site() as site, sync_playwright() as playwright:
        serve_pages(site)
        browser = launch(playwright, proxy={"server": site.proxy_url})
        fixed = measure(browser, f"() => ({FIXED})({POSTS}, {FIXED_WAIT_MS})")
        show(f"waits {FIXED_WAIT_MS} ms", fixed, fixed)
        script = (SCRIPTS / "scraper.user.js").read_text()
        show("userscript", measure(browser, OURS, at_start=script), fixed)
        script = (SCRIPTS / "console.js").read_text()
        show("console", measure(browser, OURS, pasted=script), fixed)
        show("console, DOM only", measure(browser, OURS, pasted=script, api=0), fixed)
        paused = measure(browser, PAUSED, pasted=script)
        print(f"With the default pauses: {60 * POSTS / paused.seconds:.0f} TikToks a minute.")
        measure_memory(browser)
        measure_collecting(browser)
        measure_long_page(browser)


def measure(
    browser: Browser, command: str, *, at_start: str = "", pasted: str = "", api: int = 1
) -> Outcome:
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.add_init_script(at_start)
    page.goto(address(api=api, **PAGE))
    page.evaluate(pasted or "0")
    start = perf_counter()
    records = page.evaluate(command)
    seconds = perf_counter() - start
    context.close()
    if len({record["id"] for record in records}) != POSTS:
        raise RuntimeError(f"{len(records)} records, and not {POSTS} different ones")
    missing, mixed, unread = map(sum, zip(*map(judge, records), strict=True))
    return Outcome(seconds, missing, mixed, unread)


def measure_memory(browser: Browser) -> None:
    """The player with arrows, whose page keeps one TikTok at a time."""
    with opened(browser, count=2_001, selectors="old") as page:
        for total in range(500, 2_001, 500):
            page.evaluate(AT_ONCE, 501)  # the first one is the last of those before
            print(f"scraped {total}: {heap(page):.1f} MB of JavaScript", flush=True)


def measure_collecting(browser: Browser) -> None:
    """A grid that shows six TikToks, and requests 2,000 more without drawing them."""
    with opened(browser, count=6, surface="hashtag") as page:
        page.evaluate("() => void collect_tiktoks()")
        for total in range(504, 2_017, 504):
            page.evaluate(COLLECT, [total - 504, total])
            page.get_by_role("status").filter(has_text=f"{total}").wait_for(timeout=600_000)
            print(f"collected {total}: {heap(page):.1f} MB of JavaScript", flush=True)


def measure_long_page(browser: Browser) -> None:
    """The page of one TikTok, which keeps all TikToks above it with their comments."""
    with opened(browser, count=501, surface="standalone") as page:
        for total in range(100, 501, 100):
            start = perf_counter()
            page.evaluate(AT_ONCE, 101)
            each = (perf_counter() - start) * 1_000 / 100
            print(
                f"a page with {total} TikToks: {each:.0f} ms for each of the last 100", flush=True
            )


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[Page]:
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.add_init_script((SCRIPTS / "scraper.user.js").read_text())
    page.goto(address(**options))
    yield page
    context.close()


def heap(page: Page) -> float:
    """The MB that JavaScript uses after a garbage collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return float(used) / 1e6


def judge(record: dict[str, Any]) -> tuple[int, bool, bool]:
    number = number_of(record["id"])
    expected = {comment["text"] for comment in comments(number)[:FIRST_PAGE]}
    scraped = {comment["comment-text"] for comment in record["comments"]}
    description = itemstruct(number)["desc"]
    mixed = bool(scraped - expected) or record["description"] not in (description, None)
    return len(expected - scraped), mixed, record["description"] is None


def show(name: str, outcome: Outcome, fixed: Outcome) -> None:
    print(
        f"{name:18} {outcome.seconds:5.1f} s, {fixed.seconds / outcome.seconds:4.2f} x as fast; "
        f"comments missing: {outcome.missing}, records mixed up: {outcome.mixed}, "
        f"without description: {outcome.unread}",
        flush=True,
    )


if __name__ == "__main__":
    main()
