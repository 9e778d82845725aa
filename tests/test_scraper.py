"""The built scraper records each post correctly, however the page is built."""

import json
import time
from typing import Any

import pytest
from playwright.sync_api import Page

from demo.web.data import post_id
from tests.support.browser import Web
from tests.support.scraping import (
    BOOKMARKLET,
    CONSOLE,
    FIRST_PAGE,
    THIRD_DIALECT,
    USERSCRIPT,
    console,
    expect_shown,
    post,
    scrape,
    scrape_what_is_late,
    shown_post,
    true_comments,
    true_post,
)

pytest_plugins = ["tests.support.browser"]

LINE = "results = await scrape_tiktoks(100, delay=2000); console.log(JSON.stringify(results));"


def paste(web: Web, **options: Any) -> Page:
    """A loaded page. The scraper is then pasted into its console."""
    page = web.open(**options)
    page.locator("[data-e2e$=video-desc]").wait_for()
    console(page, CONSOLE)
    return page


def logged(page: Page, line: str) -> list[dict[str, Any]]:
    """The JSON that `line`, typed into the console, logs."""
    with page.expect_console_message(
        lambda message: message.type == "log", timeout=600_000
    ) as message:
        console(page, line)
    return json.loads(message.value.text)


# Three ways in.


@pytest.mark.parametrize("selectors", ["old", "new"])
def test_the_line_as_it_was_always_typed(web: Web, selectors: str) -> None:
    page = paste(web, selectors=selectors, count=8)
    started = time.time()
    records = logged(page, LINE)
    assert page.evaluate("results") == records
    assert [record["id"] for record in records] == [post_id(number) for number in range(8)]
    for number, record in enumerate(records):
        seen = {key: post(record)[key] for key in THIRD_DIALECT}
        assert seen == {key: true_post(number)[key] for key in THIRD_DIALECT}
        texts = [comment["comment-text"] for comment in record["comments"]]
        assert texts == [it["comment-text"] for it in true_comments(number, FIRST_PAGE)]
        assert started < record["scrape-timestamp"] < time.time()
        assert "missing" not in record


def test_the_line_on_the_page_of_one_post(web: Web) -> None:
    page = paste(web, surface="direct")
    [record] = logged(page, LINE)
    assert post(record) == true_post(0)
    assert len(record["comments"]) == FIRST_PAGE


def test_userscript_sees_all_from_the_start(web: Web) -> None:
    header, _, _ = USERSCRIPT.partition("// ==/UserScript==")
    for line in (
        "@match        https://www.tiktok.com/*",
        "@run-at       document-start",
        "@grant        none",
    ):
        assert line in header
    page = web.open(script=USERSCRIPT, count=9)
    for number, record in enumerate(scrape(page, 8)):
        assert post(record) == true_post(number)
        assert record["comments"] == true_comments(number, FIRST_PAGE)
        assert record["sources"]["post"] == "json"


def test_bookmarklet(web: Web) -> None:
    page = web.open()
    page.evaluate(
        """link => {
            const bookmark = Object.assign(document.createElement("a"), { href: link });
            document.body.append(bookmark);
            bookmark.click();
        }""",
        BOOKMARKLET.strip(),
    )
    page.wait_for_function("'scrape_tiktoks' in window")
    [record] = scrape(page, 1)
    assert post(record) == true_post(0)


def test_all_three_are_one_source(web: Web) -> None:
    source = USERSCRIPT.partition("// ==/UserScript==\n")[2]
    # Each begins with characters that tell nothing, before other comments.
    assert source.partition("\n")[2].strip() in CONSOLE
    page = web.open(script=USERSCRIPT)
    console(page, CONSOLE)
    panels = page.locator("tiktok-retrieval-panel")
    assert panels.count() == 1
    [record] = scrape(page, 1)
    assert post(record) == true_post(0)


@pytest.mark.parametrize("way", ["console", "userscript"])
def test_trusted_types_and_a_strict_policy(web: Web, way: str) -> None:
    errors: list[str] = []
    web.context.on("weberror", lambda error: errors.append(str(error.error)))
    userscript = USERSCRIPT if way == "userscript" else ""
    page = web.open(script=userscript, csp=1)
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    if not userscript:
        console(page, CONSOLE)
    assert [post(record)["id"] for record in scrape(page, 2)] == [post_id(0), post_id(1)]
    page.get_by_role("button", name="Export").wait_for()
    box = page.get_by_text("2 in the batch").bounding_box()
    assert box
    assert box["width"] < 300, "the panel has its style"
    assert errors == []


@pytest.mark.parametrize(
    ("arguments", "comments"),
    [
        ("2, delay=9000", 20),
        ("2, 9000", 20),
        ("2, {delay: 9000, comments: 3, replies: false, again: true}", 3),
        ("2, 9000, {comments: 30}", 23),
        ("2", 20),
    ],
)
def test_ways_to_call(web: Web, arguments: str, comments: int) -> None:
    page = web.open(script=USERSCRIPT)
    records = console(page, f"await scrape_tiktoks({arguments})")
    assert len(records) == 2
    assert records[0]["comments"] == true_comments(0, comments)


def test_strict_code_may_set_delay_and_scrape_one_tiktok(web: Web) -> None:
    page = web.open(script=USERSCRIPT, start=1)
    strict = "await (async () => { 'use strict'; return await scrape_tiktok(delay=9000) })()"
    record = console(page, strict)
    assert post(record) == true_post(1)
    assert page.url.partition("?")[0].endswith(post_id(1)), "it stays there"
    with pytest.raises(RuntimeError, match="delay must be milliseconds, not soon"):
        console(page, "await scrape_tiktoks(1, {delay: 'soon'})")


# Posts.


@pytest.mark.parametrize("rehydration", ["1", "sigi", "0"])
@pytest.mark.parametrize("surface", ["browse", "direct"])
@pytest.mark.parametrize("selectors", ["old", "new"])
def test_the_page_alone(web: Web, surface: str, selectors: str, rehydration: str) -> None:
    """The page sends no requests, so there is only its own data, and what it shows."""
    page = web.open(
        script=USERSCRIPT, api=0, rehydration=rehydration, surface=surface, selectors=selectors
    )
    [record] = scrape(page, 1)
    expected = shown_post(0) if rehydration == "0" else true_post(0)
    if rehydration == "sigi":
        del expected["creator-verified"]
    if (surface, rehydration) == ("direct", "0"):
        expected["web-id"] = None
    assert post(record) == expected
    assert list(record.get("missing", ())) == [key for key in expected if expected[key] is None]
    assert record["sources"] == {"post": "dom" if rehydration == "0" else "json", "comments": "dom"}
    assert record["comments"] == true_comments(0, FIRST_PAGE, shown=selectors)


@pytest.mark.parametrize("selectors", ["old", "new"])
def test_the_pages_embedded_data_belong_only_to_the_first_post(web: Web, selectors: str) -> None:
    page = web.open(script=USERSCRIPT, api=0, selectors=selectors, start=3)
    first, *others = scrape(page, 5)
    assert post(first) == true_post(3)
    for number, record in enumerate(others, start=4):
        assert post(record) == shown_post(number)
        assert record["comments"] == true_comments(number, FIRST_PAGE, shown=selectors)


@pytest.mark.parametrize("video", ["blob", "empty"])
def test_a_player_without_a_link(web: Web, video: str) -> None:
    page = web.open(script=USERSCRIPT, video=video)
    assert [post(record) for record in scrape(page, 2)] == [true_post(0), true_post(1)]

    web.context.clock.install()
    page = web.open(script=USERSCRIPT, video=video, api=0, rehydration="0", start=2)
    if video == "blob":  # the player has all that it will ever have
        [record] = scrape(page, 1)
    else:
        [record] = scrape_what_is_late(page, lambda: expect_shown(page, 2))
    assert post(record) == shown_post(2) | {"video-src": None}
    assert list(record["missing"]) == ["video-src"]
    assert ("blob:" in record["missing"]["video-src"]) == (video == "blob")
    assert record["comments"] == true_comments(2, FIRST_PAGE, shown="new")


@pytest.mark.parametrize("rehydration", ["1", "brief", "items", "user-post", "sigi"])
def test_data_that_the_page_was_delivered_with(web: Web, rehydration: str) -> None:
    """The scraper reads the data before the page removes them, wherever the post is in them."""
    page = web.open(script=USERSCRIPT, api=0, rehydration=rehydration, start=1)
    [record] = scrape(page, 1)
    assert record["sources"]["post"] == "json"
    expected = true_post(1)
    exact = {"like-count-exact", "comment-count-exact"}
    for key in exact if rehydration != "sigi" else ():
        assert record[key] == expected[key]
    assert record["description"] == expected["description"]


@pytest.mark.parametrize("api", [0, 1])
def test_photo_posts(web: Web, api: int) -> None:
    page = web.open(script=USERSCRIPT, photo=2, api=api, rehydration="0")
    expected = true_post if api else shown_post
    for number, record in enumerate(scrape(page, 4)):
        is_photo = number % 2 == 1
        truth = expected(number, is_photo)
        if is_photo and not api:  # no cover is shown: the first slide stands for it
            truth["coverphoto-src"] = truth["photos"][0]["url"]
        assert post(record) == truth
        assert "missing" not in record


def test_words_of_other_languages(web: Web) -> None:
    for words in ("de", "ja"):
        page = web.open(script=USERSCRIPT, words=words, api=0, rehydration="0")
        records = scrape(page, 2, again=True)
        for number, record in enumerate(records):
            assert post(record) == shown_post(number)
            assert record["comments"] == true_comments(number, FIRST_PAGE, shown="new")


# Slow pages.


@pytest.mark.parametrize(("api", "count"), [(0, 40), (1, 200)])
def test_many_posts_at_random_times(web: Web, api: int, count: int) -> None:
    """Video, text and comments come separately; old comments stay. Nothing is lost or mixed up."""
    page = web.open(
        script=USERSCRIPT,
        api=api,
        rehydration="0",
        selectors="old" if api else "new",
        count=count,
        delay=(15, 90),
        fault=("stale-comments",),
    )
    records = scrape(page, count)
    assert [record["id"] for record in records] == [post_id(number) for number in range(count)]
    expected = true_post if api else shown_post
    for number, record in enumerate(records):
        assert post(record) == expected(number)
        comments = true_comments(number, FIRST_PAGE, shown="" if api else "new")
        assert record["comments"] == comments
        assert "missing" not in record


def test_delay_is_the_longest_wait_and_not_the_shortest(web: Web) -> None:
    page = web.open(script=USERSCRIPT, delay=(5, 20))
    started = time.monotonic()
    scrape(page, 5, delay=200_000)
    assert time.monotonic() - started < 100


def test_a_part_that_comes_too_late_is_null_with_the_reason(web: Web) -> None:
    page = web.open(
        script=USERSCRIPT, selectors="old", delay=(60_000, 60_001), api=0, rehydration="0"
    )
    [record] = scrape(page, 1, delay=200)
    assert record["id"] == post_id(0)
    assert post(record)["permalink"] == shown_post(0)["permalink"]
    assert record["creator-username"] == shown_post(0)["creator-username"]
    missing = record["missing"]
    assert missing.keys() == {key for key in THIRD_DIALECT if record[key] is None} | {"comments"}
    assert missing.keys() > {"description", "video-src", "like-count", "comments"}
    assert all(
        "neither the page nor its data contained" in missing[it]
        for it in missing
        if it != "comments"
    )
    assert "did not load within 200 ms" in missing["comments"]
