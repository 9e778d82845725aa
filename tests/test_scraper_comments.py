"""The built scraper reads all comments and replies if asked to, and never another post's."""

import math
from typing import Any

import pytest
from playwright.sync_api import Route

from demo.web.data import comment_total, post_id
from tests.support.browser import Web
from tests.support.scraping import (
    FIRST_PAGE,
    NEVER,
    PATIENT,
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


def scrape_all(web: Web, count: int, **options: Any) -> list[dict[str, Any]]:
    """Scrape posts with all comments and all replies."""
    page = web.open(script=USERSCRIPT, **options)
    return scrape(page, count, comments=math.inf, replies=True)


# All of them.


@pytest.mark.parametrize("surface", ["browse", "direct"])
@pytest.mark.parametrize("selectors", ["old", "new"])
def test_all_comments_and_replies_from_the_endpoints(
    web: Web, surface: str, selectors: str
) -> None:
    count = 7 if surface == "browse" else 1
    records = scrape_all(web, count, surface=surface, selectors=selectors)
    for number, record in enumerate(records):
        assert record["comments"] == true_comments(number, replies=True)
        assert "missing" not in record
        assert record["sources"] == {"post": "json", "comments": "json"}


@pytest.mark.parametrize(
    ("selectors", "words"), [("old", "en"), ("new", "en"), ("new", "de"), ("old", "ja")]
)
def test_all_comments_and_replies_from_the_visible_page(
    web: Web, selectors: str, words: str
) -> None:
    records = scrape_all(web, 3, api=0, selectors=selectors, words=words)
    for number, record in enumerate(records):
        assert record["comments"] == true_comments(number, replies=True, shown=selectors)
        assert "missing" not in record


@pytest.mark.parametrize("surface", ["browse", "direct"])
@pytest.mark.parametrize("selectors", ["old", "new"])
def test_lists_that_draw_only_what_is_near(web: Web, surface: str, selectors: str) -> None:
    [record] = scrape_all(
        web, 1, api=0, virtual=1, surface=surface, selectors=selectors, start=2, delay=(5, 30)
    )
    assert len(record["comments"]) == comment_total(2) == 45
    assert record["comments"] == true_comments(2, replies=True, shown=selectors)


@pytest.mark.parametrize("api", [0, 1])
def test_first_page_of_a_list_that_draws_only_what_is_near(web: Web, api: int) -> None:
    page = web.open(script=USERSCRIPT, api=api, virtual=1)
    for number, record in enumerate(scrape(page, 3)):
        assert record["comments"] == true_comments(number, FIRST_PAGE, shown="" if api else "new")


@pytest.mark.parametrize("api", [0, 1])
def test_as_many_comments_as_requested(web: Web, api: int) -> None:
    page = web.open(script=USERSCRIPT, start=2, api=api)
    for want, has in ((5, 5), (20, 20), (30, 30), (60, 45), (0, 0)):
        record = console(page, f"await scrape_tiktok({PATIENT}, {{comments: {want}}})")
        assert record["comments"] == true_comments(2, has, shown="" if api else "new")
        assert "missing" not in record


@pytest.mark.parametrize("api", [0, 1])
def test_replies_of_the_first_page_only(web: Web, api: int) -> None:
    page = web.open(script=USERSCRIPT, start=2, api=api)
    [record] = scrape(page, 1, replies=True)
    shown = "" if api else "new"
    assert record["comments"] == true_comments(2, FIRST_PAGE, replies=True, shown=shown)


def test_a_quick_scrape_sends_no_requests(web: Web) -> None:
    def asked() -> list[str]:
        return sorted(it[2] for it in web.site.requests if it[2].startswith("/api/comment"))

    page = web.open(script=USERSCRIPT, selectors="old", count=4)
    # The page requests the post after the last one when the scraper has already ended.
    with page.expect_response(lambda answer: f"aweme_id={post_id(3)}" in answer.url):
        scrape(page, 3)
    assert asked() == ["/api/comment/list/"] * 4, "one for each post that was open"


def test_scraper_that_comes_late_pages_through_endpoints_it_did_not_see(web: Web) -> None:
    """The browser remembers the address of the first request, from before the scraper came."""
    page = web.open(selectors="old", start=2)
    page.locator("[data-e2e=comment-level-1]").first.wait_for()
    page.evaluate(USERSCRIPT)
    [record] = scrape(page, 1, comments=math.inf, replies=True)
    assert record["comments"] == true_comments(2, replies=True)


def requests_for_comments(web: Web) -> list[str]:
    return [it[2] for it in web.site.requests if it[2].startswith("/api/comment")]


@pytest.mark.parametrize("signed", [0, 1])
def test_an_empty_page_is_the_end_whatever_the_site_says(web: Web, signed: int) -> None:
    options = {"selectors": "old", "signed": signed, "fault": ("endless-comments",)}
    page = web.open(script=USERSCRIPT, start=2, **options)
    [record] = scrape(page, 1, comments=math.inf)
    assert record["comments"] == true_comments(2)
    assert "missing" not in record
    assert len(requests_for_comments(web)) < 12


def test_requests_end_where_the_same_page_comes_again_and_again(web: Web) -> None:
    page = web.open(script=USERSCRIPT, selectors="old", start=2)
    page.locator("[data-e2e=comment-level-1]").first.wait_for()
    asked: list[str] = []

    def answer_with_the_first_page(route: Route) -> None:
        asked.append(route.request.url)
        link = route.request.url.replace(f"cursor={FIRST_PAGE}", "cursor=0")
        route.fulfill(body=web.site.find(link).read(), content_type="application/json")

    page.route("**/api/comment/list/?**", answer_with_the_first_page)
    [record] = scrape(page, 1, delay=500, comments=math.inf)
    assert record["comments"] == true_comments(2, FIRST_PAGE)
    assert record["missing"] == {"comments": "not all comments or replies loaded"}
    assert len(asked) < 40


def test_few_parameters_are_used_if_copied_ones_are_refused(web: Web) -> None:
    page = web.open(script=USERSCRIPT, selectors="old", start=2, signed=1)
    [record] = scrape(page, 1, comments=math.inf, replies=True)
    assert record["comments"] == true_comments(2, replies=True)
    assert record["sources"]["comments"] == "json"


@pytest.mark.parametrize("comments", [None, math.inf])
def test_comments_that_name_another_post_are_left_out(web: Web, comments: float | None) -> None:
    page = web.open(script=USERSCRIPT, selectors="old", fault=("foreign-comments@0,1,2",))
    options = {} if comments is None else {"comments": comments}
    for number, record in enumerate(scrape(page, 3, **options)):
        expected = true_comments(number, None if comments else FIRST_PAGE)
        assert record["comments"] == expected


# None of them.


@pytest.mark.parametrize(
    ("faults", "selectors", "api"),
    [
        (("no-comments@1",), "old", 1),
        (("no-comments@1",), "new", 0),
        (("no-comments@1", "stale-comments"), "old", 0),
        (("no-comments@1", "stale-comments"), "new", 0),
        (("no-comments@1", "stale-comments"), "new", 1),
    ],
)
def test_comments_that_never_load(
    web: Web, faults: tuple[str, ...], selectors: str, api: int
) -> None:
    """The record exists, and says so. No other post's comments take their place."""
    web.context.clock.install()
    page = web.open(
        script=USERSCRIPT,
        selectors=selectors,
        api=api,
        fault=faults,
        rehydration="0",
    )
    first = scrape(page, 1)
    late = scrape_what_is_late(page, lambda: expect_shown(page, 1, comments=False))
    records = [*first, *late, *scrape(page, 1)]
    truth = true_post if api else shown_post
    assert [post(record) for record in records] == [truth(number) for number in range(3)]
    silent = records.pop(1)
    assert silent["comments"] == []
    assert list(silent["missing"]) == ["comments"]
    assert f"did not load within {NEVER} ms" in silent["missing"]["comments"]
    assert silent["sources"]["comments"] == "none"
    for number, record in zip((0, 2), records, strict=True):
        shown = "" if api else selectors
        assert record["comments"] == true_comments(number, FIRST_PAGE, shown=shown)
        assert "missing" not in record


@pytest.mark.parametrize("api", [0, 1])
def test_a_post_without_comments_lacks_none(web: Web, api: int) -> None:
    page = web.open(script=USERSCRIPT, start=3, api=api)
    [record] = scrape(page, 1)
    assert record["comments"] == []
    assert "missing" not in record


def test_a_list_that_breaks_off_keeps_its_comments(web: Web) -> None:
    page = web.open(script=USERSCRIPT, selectors="old", start=2)
    page.locator("[data-e2e=comment-level-1]").first.wait_for()
    page.route("**/api/comment/list/**", lambda route: route.abort())
    [record] = scrape(page, 1, delay=800, comments=math.inf)
    assert record["comments"] == true_comments(2, FIRST_PAGE)
    assert record["missing"] == {"comments": "not all comments or replies loaded"}


# Comments of other posts.


@pytest.mark.parametrize("api", [0, 1])
@pytest.mark.parametrize("selectors", ["old", "new"])
def test_the_comments_before_stay_until_these_are_there(web: Web, selectors: str, api: int) -> None:
    page = web.open(
        script=USERSCRIPT,
        selectors=selectors,
        api=api,
        count=9,
        delay=(20, 200),
        fault=("stale-comments",),
    )
    records = scrape(page, 8)  # their numbers of comments repeat from the eighth on
    assert [record["id"] for record in records] == [post_id(number) for number in range(8)]
    for number, record in enumerate(records):
        shown = "" if api else selectors
        assert record["comments"] == true_comments(number, FIRST_PAGE, shown=shown)
