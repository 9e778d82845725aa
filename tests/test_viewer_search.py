"""Filters of a search in the viewer, and how the second pass moves its results."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.small_corpus import Corpus
from tests.support.small_language_model import echoing_model
from tests.support.viewing import looking, screenshot, serve
from tests.test_query_operators import BREAD, BUILD, CATS
from tests.test_query_operators import INFOS as OPERATOR_POSTS
from tests.test_search_reranker import CAT, DOG
from tests.test_search_reranker import POSTS as CLOSER_POSTS

pytest_plugins = ["tests.support.browser", "tests.support.viewing"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A viewer with a model."""
    folder = tmp_path_factory.mktemp("corpus")
    corpus = Corpus(folder / "data")
    corpus.add_info("a.json", OPERATOR_POSTS)
    corpus.add_info("b.json", CLOSER_POSTS)
    corpus.database()
    model = echoing_model(folder / "echoing")
    config = folder / "config.yaml"
    config.write_text(f"search: {{model: {model}, model_folder: {folder / 'models'}, weight: 2}}\n")
    with serve(corpus.folder, "--config", str(config)) as address:
        yield address


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    with looking(chromium, address) as page:
        yield page


def expect_order(page: Page, *ids: str) -> None:
    cards = page.locator("#search .card a")
    expect(cards).to_have_count(len(ids))
    for place, id in enumerate(ids):
        expect(cards.nth(place)).to_have_attribute("data-id", id)


def test_conditions_are_chips_that_can_be_removed(page: Page) -> None:
    page.goto("/search?q=redstone+-minecraft+creator%3Abaker&from=2020-01-01")
    conditions = page.get_by_role("list", name="Conditions").get_by_role("button")
    expect(conditions).to_have_count(4)
    expect(conditions).to_have_text(
        ["not minecraft", "by @baker", "posted from 2020-01-01", "Remove all"]
    )
    expect_order(page, BREAD)
    screenshot(page, "conditions")
    # By keyboard.
    page.get_by_role("button", name="Remove not minecraft").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=redstone\+creator%3Abaker&from=2020-01-01$"))
    expect(conditions).to_have_count(3)
    expect(page.locator("#search-title")).to_be_focused()  # the chip is gone
    page.get_by_role("button", name="Remove posted from 2020-01-01").click()
    expect(page).to_have_url(re.compile(r"\?q=redstone\+creator%3Abaker$"))
    expect(page.get_by_role("searchbox")).to_have_value("redstone creator:baker")
    page.go_back()
    page.get_by_role("button", name="Remove all conditions").click()
    expect(page).to_have_url(re.compile(r"\?q=redstone$"))
    expect(page.get_by_role("list", name="Conditions")).to_have_count(0)
    expect(page.locator("#search .card")).to_have_count(2)


def test_a_condition_is_removed_at_its_place_whatever_comes_before(page: Page) -> None:
    page.goto("/search?q=😺😺+redstone+-minecraft")
    page.get_by_role("button", name="Remove not minecraft").click()
    expect(page.get_by_role("searchbox")).to_have_value("😺😺 redstone")


def test_another_spelling_is_one_click_away(page: Page) -> None:
    page.goto("/search?q=redstoen&from=2020-01-01")
    suggestion = page.get_by_text("Did you mean")
    expect(suggestion).to_have_text("Did you mean redstone?")
    suggestion.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"\?q=redstone&from=2020-01-01$"))
    expect(suggestion).to_be_hidden()


def test_results_lead_to_those_that_are_like_them_and_to_others(page: Page) -> None:
    page.goto("/search?q=redstone")
    expect(page.locator("#search .card")).to_have_count(2)
    card = page.locator(".card", has=page.locator(f'[data-id="{BREAD}"]'))
    card.get_by_role("button", name="More like this").click()
    expect(page).to_have_url(re.compile(rf"\?q=like%3A{BREAD}$"))
    expect(page.locator(f'#search .card [data-id="{CATS}"]')).to_be_visible()
    expect(page.locator(f'#search .card [data-id="{BREAD}"]')).to_have_count(0)
    page.go_back()
    page.get_by_role("button", name="Not these").click()
    expect(page).to_have_url(re.compile(rf"&not=({BUILD}%2C{BREAD}|{BREAD}%2C{BUILD})$"))
    expect(page.locator("#search .card")).to_have_count(0)
    expect(page.locator("#search-title")).to_be_focused()
    page.get_by_role("button", name="Remove without 2 TikToks").click()
    expect(page.locator("#search .card")).to_have_count(2)


def test_hundreds_of_results_can_be_left_out(page: Page) -> None:
    page.goto("/search?q=redstone&not=" + "%2C".join(str(10**18 + n) for n in range(998)))
    page.get_by_role("button", name="Not these").click()
    expect(page.get_by_role("button", name="Remove without 1,000 TikToks")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Remove without 1,000 TikToks")).to_be_visible()
    expect(page.locator("#search .card")).to_have_count(0)


def test_a_search_that_failed_can_be_changed_and_repeated(page: Page) -> None:
    page.goto("/search?q=redstone&creator=nobody")
    alert = page.locator("#search").get_by_role("alert")
    expect(alert).to_contain_text("No TikTok in the corpus is by @nobody")
    page.route("**/api/search?*", lambda route: route.abort(), times=1)
    page.get_by_role("button", name="Remove by @nobody").click()
    expect(alert).to_contain_text("The viewer does not answer")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#search .card")).to_have_count(2)
    expect(alert).to_have_count(0)


def test_a_link_in_the_search_leads_to_its_post(page: Page) -> None:
    page.goto("/search?q=redstone")
    search = page.get_by_role("searchbox")
    search.fill(f"https://www.tiktok.com/@anyone/video/{CATS}?is_from_webapp=1")
    search.press("Enter")
    expect(page).to_have_url(re.compile(rf"/v/{CATS}$"))


def test_looking_closer_moves_the_first_results(page: Page) -> None:
    page.goto("/search?q=knight+cat&creator=maker")
    page.goto("/search?q=knight+cat")
    button = page.get_by_role("button", name="Look closer")
    expect(button).to_be_visible()
    first = page.locator("#search .card a").first
    expect(first).to_have_attribute("data-id", CAT)
    button.focus()
    page.keyboard.press("Enter")
    expect(first).to_have_attribute("data-id", DOG)
    expect(page.locator("#status")).to_have_text("The model has sorted the first results again")
    expect(button).to_be_disabled()
    # The feed of the results has the new order.
    first.click()
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile(rf"/v/{CAT}\?q=knight\+cat$"))


def test_no_result_moves_under_the_pointer(page: Page) -> None:
    held: list[Route] = []

    def automatic(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"closer": "automatic"})

    page.route("**/api/search?*", automatic)
    page.route("**/api/closer?*", lambda route: held.append(route))
    with page.expect_request("**/api/closer?*"):
        page.goto("/search?q=knight+cat")
    first = page.locator("#search .card a").first
    expect(first).to_have_attribute("data-id", CAT)
    first.hover()
    with page.expect_response("**/api/closer?*"):
        held[0].continue_()
    page.evaluate("() => new Promise((done) => setTimeout(() => requestAnimationFrame(done)))")
    expect(first).to_have_attribute("data-id", CAT)
    page.mouse.move(2, 2)
    expect(first).to_have_attribute("data-id", DOG)


def test_without_a_model_there_is_no_second_pass(chromium: Browser, tmp_path: Path) -> None:
    corpus = Corpus(tmp_path / "data")
    corpus.add_info("b.json", CLOSER_POSTS)
    corpus.database()
    with (
        serve(corpus.folder, "--config", str(tmp_path / "none.yaml")) as address,
        looking(chromium, address) as page,
    ):
        page.goto("/search?q=knight+cat")
        expect(page.locator("#search .card")).to_have_count(2)
        expect(page.get_by_role("button", name="Look closer")).to_be_hidden()
        answer = page.request.get("/api/closer?q=knight")
        assert answer.status == 404
        assert "names no model" in answer.json()["error"]
