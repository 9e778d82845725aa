"""The built scraper on pages with several posts: feed, page of one post, cinema mode."""

import math
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from demo.web.data import comment_total, expected_comments, post_id
from tests.support.browser import Web
from tests.support.scraping import (
    CONSOLE,
    FIRST_PAGE,
    NEVER,
    USERSCRIPT,
    console,
    post,
    scrape,
    true_comments,
    true_post,
)

pytest_plugins = ["tests.support.browser"]

SURFACES = ["feed", "standalone", "cinema"]
GRIDS = ["profile", "liked", "collection", "hashtag", "search", "explore"]


def without_address(record: dict[str, Any]) -> dict[str, Any]:
    """The post without the link in the player, which is a blob: link on these pages."""
    return {key: value for key, value in post(record).items() if key != "video-src"}


def expect_posts(records: list[dict[str, Any]], *, photo: int = 0, **comments: Any) -> None:
    assert [record["id"] for record in records] == [post_id(n) for n in range(len(records))]
    for number, record in enumerate(records):
        truth = true_post(number, bool(photo) and (number + 1) % photo == 0)
        assert without_address(record) == without_address(truth | {"comments": []})
        assert record["video-src"] == truth["video-src"]
        assert record["comments"] == true_comments(number, **comments)
        assert "missing" not in record


@pytest.mark.parametrize("surface", SURFACES)
def test_posts_of_a_page_with_several(web: Web, surface: str) -> None:
    page = web.open(script=USERSCRIPT, surface=surface, delay=(20, 150))
    expect_posts(scrape(page, 5), count=FIRST_PAGE)


@pytest.mark.parametrize("surface", SURFACES)
def test_all_comments_and_replies(web: Web, surface: str) -> None:
    page = web.open(script=USERSCRIPT, surface=surface)
    expect_posts(scrape(page, 3, comments=math.inf, replies=True), replies=True)


@pytest.mark.parametrize("surface", SURFACES)
def test_photo_posts_without_a_player(web: Web, surface: str) -> None:
    page = web.open(script=USERSCRIPT, surface=surface, photo=2, session=1)
    records = scrape(page, 4, media=True)
    for record in records:
        assert set(record.pop("media").values()) == {"saved"}
    expect_posts(records, photo=2, count=FIRST_PAGE)


@pytest.mark.parametrize("surface", SURFACES)
def test_comments_are_requested_if_clicks_have_no_effect(web: Web, surface: str) -> None:
    page = web.open(script=USERSCRIPT, surface=surface, trusted=1, signed=1)
    expect_posts(scrape(page, 3), count=FIRST_PAGE)
    expect(page.locator("tiktok-retrieval-panel")).to_contain_text("has no effect here")


@pytest.mark.parametrize("surface", SURFACES)
def test_the_list_ends_only_at_its_end(web: Web, surface: str) -> None:
    page = web.open(script=USERSCRIPT, surface=surface, count=3, words="de")
    expect_posts(scrape(page, math.inf), count=FIRST_PAGE)
    expect(page.get_by_role("status")).to_have_text("3: this is the end of the list")


def test_a_page_without_a_next_button_is_not_the_end(web: Web) -> None:
    page = web.open(script=USERSCRIPT, surface="direct")
    assert len(scrape(page, 5)) == 1
    status = page.get_by_role("status")
    expect(status).to_contain_text("I can't find the next button of this page")
    expect(status).to_contain_text("check_site()")


@pytest.mark.parametrize("surface", SURFACES)
def test_comments_of_another_card_are_not_read(web: Web, surface: str) -> None:
    """If only the page's display can be read, each card still gets only its own comments."""
    page = web.open(script=USERSCRIPT, surface=surface, api=0, delay=(20, 150))
    open_comments_of_first_card(page)
    step = page.locator("[data-e2e=feed-navigation-next]")
    step.click()
    expect(page.locator("[data-e2e=comment-level-1]").last).to_have_text(last_text(1))
    for number, record in enumerate(scrape(page, 3), start=1):
        assert record["id"] == post_id(number)
        assert record["creator-nickname"] == true_post(number)["creator-nickname"]
        assert record["comments"] == true_comments(number, FIRST_PAGE, shown="new")


COUNT_SEARCHES = """searches = 0;
for (const name of ["querySelector", "querySelectorAll"]) {
    const native = Document.prototype[name];
    Document.prototype[name] = function (selector) {
        searches += 1;
        return native.call(this, selector);
    };
}
"""


def test_changes_of_a_long_page_do_not_make_it_search_all(web: Web) -> None:
    """While it waits for comments, elements come that it isn't looking for."""
    options = {"surface": "standalone", "fault": ("no-comments@0",)}
    page = web.open(script=COUNT_SEARCHES + USERSCRIPT, **options)
    console(page, f"scraping = scrape_tiktoks(1, {NEVER}); 0")
    page.wait_for_function("searches > 0")
    searches = page.evaluate(
        """async () => {
            const before = searches;
            for (let number = 0; number < 500; number += 1) {
                document.getElementById("app").append(document.createElement("p"));
                await null; // the scraper hears of it
            }
            return searches - before;
        }"""
    )
    assert searches < 250
    console(page, "stop_scraping()")


def last_text(number: int) -> str:
    last = min(FIRST_PAGE, comment_total(number)) - 1
    return expected_comments(number)[last]["comment-text"]


def open_comments_of_first_card(page: Page) -> None:
    page.locator("[data-e2e=comment-icon]").first.click()
    expect(page.locator("[data-e2e=comment-level-1]").last).to_have_text(last_text(0))


@pytest.mark.parametrize("surface", [*SURFACES, "hashtag"])
def test_two_hundred_posts_at_random_times(web: Web, surface: str) -> None:
    """No post is mixed up, lost or recorded twice."""
    page = web.open(script=USERSCRIPT, surface=surface, count=200, delay=(10, 80), rehydration="0")
    expect_posts(scrape(page, 200), count=FIRST_PAGE)


@pytest.mark.parametrize("surface", SURFACES)
def test_it_starts_where_the_person_is(web: Web, surface: str) -> None:
    page = web.open(script=USERSCRIPT, surface=surface)
    page.locator("[data-e2e=video-desc]").first.wait_for()
    page.locator("[data-e2e=feed-navigation-next]").click()
    expect(page.locator("[data-e2e=video-desc]").nth(1)).to_be_in_viewport()
    record = console(page, "await scrape_tiktok(30000)")
    assert record["id"] == post_id(1)
    assert re.search(rf"/(video|photo)/{post_id(1)}", record["permalink"])


# Grids.


@pytest.mark.parametrize("surface", GRIDS)
def test_a_grid_is_read_from_its_first_post_to_its_end(web: Web, surface: str) -> None:
    page = web.open(script=USERSCRIPT, surface=surface, count=8, photo=3)
    page.locator("a[href*='/video/']").first.wait_for()
    expect_posts(scrape(page, math.inf), photo=3, count=FIRST_PAGE)
    expect(page.get_by_role("status")).to_have_text("8: this is the end of the list")


@pytest.mark.parametrize(("surface", "count"), [("profile", 14), ("search", 120)])
def test_grids_whose_posts_do_not_open_are_read_all_the_same(
    web: Web, surface: str, count: int
) -> None:
    """The posts come from the page's data, and the comments from the endpoint."""
    web.context.clock.install()
    options = {"surface": surface, "count": count, "delay": (10, 80)}
    page = web.open(script=USERSCRIPT, trusted=1, signed=1, **options)
    page.locator("a[href*='/video/']").first.wait_for()
    console(page, "scraping = scrape_tiktoks(Infinity, {delay: 30000, pause: 0}); 0")
    page.clock.fast_forward(16_000)  # so the time for the click is over
    expect_posts(console(page, "await scraping"), count=FIRST_PAGE)
    expect(page.locator("tiktok-retrieval-panel")).to_contain_text(
        "Clicks on a TikTok have no effect"
    )
    expect(page.get_by_role("status")).to_have_text(f"{count}: this is the end of the list")
    assert "/video/" not in page.url, "no link was followed"


def test_a_grid_that_the_scraper_saw_too_late_is_read_from_the_posts_own_pages(web: Web) -> None:
    web.context.clock.install()
    page = web.open(surface="hashtag", count=5, trusted=1, signed=1)
    page.locator("a[href*='/video/']").nth(4).wait_for()
    console(page, CONSOLE)
    console(page, "scraping = scrape_tiktoks(4, {delay: 30000, pause: 0, comments: Infinity}); 0")
    page.clock.fast_forward(16_000)
    records = console(page, "await scraping")
    assert [post(record) for record in records] == [true_post(number) for number in range(4)]
    assert [record["comments"] for record in records] == [true_comments(n) for n in range(4)]
