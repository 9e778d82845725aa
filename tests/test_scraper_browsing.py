"""The built scraper stores what a page loads while a person browses, and opens nothing itself."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from demo.web.data import handle, post_id
from tests.support.browser import Web
from tests.support.scraping import (
    FIRST_PAGE,
    USERSCRIPT,
    console,
    post,
    true_comments,
    true_post,
)

pytest_plugins = ["tests.support.browser"]


def collect(page: Page, only: str = "") -> None:
    page.get_by_label("collect only").fill(only)
    page.get_by_role("button", name="Collect what I see").click()


def collected(page: Page) -> list[dict[str, Any]]:
    """Stop the run, and return the records of the batch."""
    console(page, "stop_scraping()")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
    return page.evaluate(
        """() => new Promise((resolve) => {
            indexedDB.open("tiktok-retrieval").onsuccess = ({ target }) => {
                const records = target.result.transaction("records").objectStore("records");
                records.getAll().onsuccess = ({ target }) =>
                    resolve(target.result.map(({ record }) => record));
            };
        })"""
    )


def expect_status(page: Page, text: str) -> None:
    expect(page.get_by_role("status")).to_have_text(text)


SURFACES = ["profile", "search", "explore", "feed", "browse", "standalone", "cinema"]


@pytest.mark.parametrize("surface", SURFACES)
def test_loaded_posts_are_stored_and_nothing_is_requested(web: Web, surface: str) -> None:
    page = web.open(script=USERSCRIPT, surface=surface, count=6, photo=3)
    opened = page.url
    collect(page)
    expect_status(page, "6")
    asked = [path for _, _, path, _ in web.site.requests if "/api/" in path]
    records = collected(page)
    assert [post(record) for record in records] == [
        true_post(number, photo=(number + 1) % 3 == 0) for number in range(6)
    ]
    assert all(record["comments"] == [] for record in records)
    assert [path for path in asked if "comment" in path] == []
    assert page.url == opened


def test_more_comes_as_a_person_scrolls(web: Web) -> None:
    page = web.open(script=USERSCRIPT, surface="hashtag", count=60)
    collect(page)
    page.locator("a[href*='/video/']").nth(5).wait_for()
    for last in (11, 23):
        tile = page.locator("a[href*='/video/']").nth(last)
        while tile.count() == 0:
            page.mouse.wheel(0, 5000)
        tile.wait_for()
    while len(collected(page)) < 24:  # the page draws before the scraper reads the answer
        page.wait_for_timeout(50)


def test_comments_that_a_person_opens_are_kept_and_counted(web: Web) -> None:
    page = web.open(script=USERSCRIPT, surface="feed", count=6)
    collect(page)
    page.locator("[data-e2e=comment-icon]").first.click()
    expect_status(page, f"6, {FIRST_PAGE} comments")
    [record] = [it for it in collected(page) if it["comments"]]
    assert record["id"] == post_id(0)
    kept = [{key: c[key] for key in c if key != "replies"} for c in record["comments"]]
    assert kept == true_comments(0, FIRST_PAGE)


@pytest.mark.parametrize(("only", "number"), [("#post2", 2), ("@" + handle(1), 1)])
def test_filters(web: Web, only: str, number: int) -> None:
    page = web.open(script=USERSCRIPT, surface="explore", count=6)
    collect(page, only)
    expect_status(page, "1")
    assert [record["id"] for record in collected(page)] == [post_id(number)]


def test_one_comment_is_not_one_comments(web: Web) -> None:
    page = web.open(script=USERSCRIPT, surface="feed", start=6, count=7)
    collect(page)
    page.locator("[data-e2e=comment-icon]").first.click()
    expect(page.get_by_role("status")).to_have_text(re.compile(", 1 comment$"))


def test_memory_stays_flat(web: Web) -> None:
    """Stored posts are forgotten, except the last ones, because the person may go back to them."""
    page = web.open(script=USERSCRIPT, surface="hashtag", count=6)
    collect(page)
    expect_status(page, "6")
    load = """async ([from, to]) => {
        for (let cursor = from; cursor < to; cursor += 6) {
            const query = `cursor=${cursor}&count=2000&msToken=demo-token`;
            await (await fetch(`/api/challenge/item_list/?${query}`)).text();
        }
    }"""
    page.evaluate(load, [0, 150])
    expect_status(page, "150")
    before = heap(page)
    page.evaluate(load, [150, 600])
    expect_status(page, "600")
    assert heap(page) < before + 1_000_000, "450 posts are 1.9 MB of JSON"


def heap(page: Page) -> int:
    """The bytes that JavaScript uses after a garbage collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return int(used)
