"""The stand-in's page does what its options say, so tests of the scraper on it are valid."""

import signal
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Page, expect

from demo.site import Site
from demo.web.data import (
    comment_total,
    expected_comments,
    expected_post,
    handle,
    itemstruct,
    number_of,
    path,
    post_id,
)
from demo.web.options import Options
from demo.web.server import answer, serve_pages
from tests.support.browser import Web

pytest_plugins = ["tests.support.browser"]

TEXTS = "[data-e2e=comment-level-1]"
NEXT = "[data-e2e=arrow-right]"
DESCRIPTION = "[data-e2e=browse-video-desc]"
COMMENT_ICON = "[data-e2e=browse-comment-icon]"
LIST = "[data-e2e=comments-list]"
EXPANDER = "[class*=DivViewRepliesContainer]"


def texts(number: int, stop: int = 20) -> list[str]:
    """The texts of the first comments of a post."""
    return [comment["comment-text"] for comment in expected_comments(number)[:stop]]


def scroll_to_end(page: Page) -> None:
    page.eval_on_selector(LIST, "list => list.scrollTop = list.scrollHeight")


# The data.


def test_options_come_back_from_the_address() -> None:
    changed = Options(count=7, delay=(50, 400), fault=("captcha@3", "no-comments@1,2"), words="ja")
    assert Options.from_query(changed.query()) == changed
    assert changed.faults() == {"captcha": [3], "no-comments": [1, 2]}
    with pytest.raises(ValueError, match="no fault sunshine"):
        Options(fault=("sunshine",))


def test_ids_contain_number_and_time() -> None:
    for number in range(100):
        assert number_of(post_id(number)) == number
        assert int(post_id(number)) >> 32 == itemstruct(number)["createTime"]


def test_no_text_occurs_twice() -> None:
    found = [
        text["comment-text"]
        for number in range(20)
        for comment in expected_comments(number)
        for text in (comment, *comment["replies"])
    ]
    assert len(set(found)) == len(found) > 500


def test_links_of_a_post_lead_to_media(site: Site) -> None:
    with requests.Session() as session:
        session.trust_env = False
        session.proxies, session.verify = {"https": site.proxy_url}, site.ca_file
        video, photos = expected_post(0), expected_post(1, photo=True)
        for link, mime in (
            (video["video-src"], "video/mp4"),
            (video["coverphoto-src"], "image/jpeg"),
            (photos["photos"][-1]["url"], "image/jpeg"),
            (video["captions"][0]["url"], "text/vtt; charset=utf-8"),
        ):
            assert session.get(link).headers["Content-Type"] == mime
        assert session.get(video["captions"][0]["url"]).text.startswith(
            "WEBVTT\n\n00:00:00.000 -->"
        )


def test_endpoints_want_the_parameters_of_the_page() -> None:
    link = f"https://www.tiktok.com/api/comment/list/?aweme_id={post_id(0)}&cursor=0&count=20"
    assert (answer(link).status, answer(link).content) == (200, b"")
    assert b'"has_more": 1' in answer(f"{link}&msToken=demo-token").content


def test_pages_are_served_only_on_request(site: Site) -> None:
    link = f"https://www.tiktok.com{path(0)}"
    assert b"browse-video-desc" not in site.find(link).read()
    serve_pages(site)
    assert b"browse-video-desc" in site.find(link).read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_script_can_stop_what_it_started_in_the_background(number: signal.Signals) -> None:
    """A shell without job control makes its background programs ignore SIGINT."""
    command = f"trap '' INT; exec {sys.executable} -m demo.web"
    with subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith("Ctrl-C"):
                break
        process.send_signal(number)
        assert process.wait() == 0


# The contents of the page.


@pytest.mark.parametrize("selectors", ["old", "new"])
def test_post_as_shown(web: Web, selectors: str) -> None:
    page = web.open(selectors=selectors, start=1)
    expected = expected_post(1)
    expect(page.locator("[data-e2e=browse-username]")).to_have_text(handle(1))
    for name, field in (
        ("browse-like-count", "like-count"),
        ("browse-comment-count", "comment-count"),
        ("browse-video-desc", "description"),
        ("browse-music", "music-title"),
    ):
        expect(page.locator(f"[data-e2e={name}]")).to_have_text(expected[field])
    nickname = f"{expected['creator-nickname']} · {expected['time-posted']}"
    expect(page.locator("[data-e2e=browser-nickname]")).to_have_text(nickname)
    expect(page.locator("[data-e2e=browse-video-link]")).to_contain_text(expected["permalink"])
    assert page.eval_on_selector("h4 a", "link => link.href") == expected["music-src"]
    assert page.get_attribute("video", "src") == expected["video-src"]
    assert page.get_attribute("img[mode='2']", "src") == expected["coverphoto-src"]


@pytest.mark.parametrize("selectors", ["old", "new"])
def test_direct_page(web: Web, selectors: str) -> None:
    page = web.open(surface="direct", selectors=selectors)
    author = "video-author-uniqueid" if selectors == "old" else "browse-username"
    expect(page.locator(f"[data-e2e={author}]")).to_have_text(handle(0))
    expect(page.locator("[data-e2e=video-desc]")).to_have_text(expected_post(0)["description"])
    assert page.locator(f"{NEXT}, [data-e2e=browse-video-link]").count() == 0


def test_arrows_lead_through_the_list(web: Web) -> None:
    page = web.open(count=8)
    expect(page.locator("[data-e2e=arrow-left]")).to_be_disabled()
    for number in range(1, 8):
        page.click(NEXT)
        expect(page.locator(DESCRIPTION)).to_have_text(expected_post(number)["description"])
        assert urlsplit(page.url)[2:4] == (path(number), "count=8")
    expect(page.locator(NEXT)).to_be_disabled()


def test_comments_open_as_their_time_had_it(web: Web) -> None:
    old = web.open(selectors="old")
    expect(old.locator(TEXTS)).to_have_text(texts(0))
    new = web.open()
    expect(new.locator(DESCRIPTION)).to_be_visible()
    assert new.locator(TEXTS).count() == 0
    new.click(COMMENT_ICON)
    expect(new.locator(TEXTS)).to_have_text(texts(0))
    new.click(COMMENT_ICON)
    expect(new.locator(TEXTS)).to_have_count(0)


def test_more_comments_at_the_end_of_the_list(web: Web) -> None:
    page = web.open(start=2)
    page.click(COMMENT_ICON)
    for count in (20, 40, comment_total(2)):
        expect(page.locator(TEXTS)).to_have_count(count)
        scroll_to_end(page)
    assert comment_total(2) == 45


def test_virtual_list_contains_only_near_comments(web: Web) -> None:
    page = web.open(virtual=1)
    page.click(COMMENT_ICON)
    expect(page.locator(TEXTS).first).to_have_text(texts(0)[0])
    scroll_to_end(page)
    expect(page.locator(TEXTS).first).not_to_have_text(texts(0)[0])
    assert page.locator(TEXTS).count() < 15


@pytest.mark.parametrize(("words", "hide"), [("en", "Hide"), ("de", "Ausblenden")])
def test_replies_expand_and_hide(web: Web, words: str, hide: str) -> None:
    page = web.open(words=words)
    page.click(COMMENT_ICON)
    thread = page.locator("[class*=DivCommentObjectWrapper]").nth(5)
    expected = [reply["comment-text"] for reply in expected_comments(0)[5]["replies"]]
    assert len(expected) == 12
    for count in (3, 12):
        thread.locator(EXPANDER).first.click()
        expect(thread.locator("[data-e2e=comment-level-2]")).to_have_text(expected[:count])
    expect(thread.locator(EXPANDER)).to_have_text([hide])
    thread.locator(EXPANDER).click()
    expect(thread.locator("[data-e2e=comment-level-2]")).to_have_count(0)


def test_photo_mode(web: Web) -> None:
    page = web.open(photo=2, start=1)
    assert urlsplit(page.url).path == path(1, photo=True)
    slides = page.locator(".swiper-slide:not(.swiper-slide-duplicate) img")
    photos = expected_post(1, photo=True)["photos"]
    expect(slides).to_have_count(len(photos))
    assert [slide.get_attribute("src") for slide in slides.all()] == [it["url"] for it in photos]
    assert page.locator("video").count() == 0


@pytest.mark.parametrize(
    ("video", "src"),
    [
        ("link", "https://v16-webapp-prime"),
        ("blob", "blob:https://www.tiktok.com/"),
        ("empty", f"https://www.tiktok.com{path(0)}"),
    ],
)
def test_source_of_the_player(web: Web, video: str, src: str) -> None:
    page = web.open(video=video)
    page.wait_for_selector("video")
    assert page.evaluate("document.querySelector('video').src").startswith(src)


# The page's own JSON.

REHYDRATED = """kind => {
    const read = (id) => JSON.parse(document.getElementById(id)?.text ?? "null");
    const item = {
        1: () => read("__UNIVERSAL_DATA_FOR_REHYDRATION__")
            .__DEFAULT_SCOPE__["webapp.video-detail"].itemInfo.itemStruct,
        sigi: () => Object.values(window.SIGI_STATE.ItemModule)[0],
        0: () => read("SIGI_STATE") ?? read("__UNIVERSAL_DATA_FOR_REHYDRATION__"),
    }[kind]();
    return item && { id: item.id, author: typeof item.author };
}"""


@pytest.mark.parametrize(("kind", "author"), [("1", "object"), ("sigi", "string"), ("0", None)])
def test_rehydration(web: Web, kind: str, author: str | None) -> None:
    page = web.open(rehydration=kind, start=3)
    expected = {"id": post_id(3), "author": author} if author else None
    assert page.evaluate(REHYDRATED, kind) == expected


@pytest.mark.parametrize("api", [0, 1])
def test_endpoints_are_requested_or_not(web: Web, api: int) -> None:
    page = web.open(api=api)
    page.click(COMMENT_ICON)
    page.locator(EXPANDER).first.click()
    expect(page.locator("[data-e2e=comment-level-2]")).to_have_count(2)
    asked = {request[2] for request in web.site.requests if request[2].startswith("/api/")}
    endpoints = {"recommend/item_list", "comment/list", "comment/list/reply"}
    assert asked == ({f"/api/{name}/" for name in endpoints} if api else set())


# What goes wrong.

ORDER = """
window.order = [];
new MutationObserver(() => {
    for (const [name, selector] of [
        ["video", "video"], ["text", "[data-e2e=browse-video-desc]"],
        ["comments", "[data-e2e=comment-level-1]"],
    ]) if (!order.includes(name) && document.querySelector(selector)) order.push(name);
}).observe(document, { childList: true, subtree: true });
"""


def arrivals(web: Web, **options: Any) -> list[str]:
    """Video, text and comments in the order in which they came."""
    web.context.clock.install(time=0)
    web.context.clock.pause_at(1000)
    # Without endpoints: their answers take real time.
    page = web.open(script=ORDER, selectors="old", api=0, delay=(40, 1000), **options)
    assert page.evaluate("order") == []
    page.clock.run_for(60_000)
    page.wait_for_function("order.length === 3")
    return page.evaluate("order")


def test_parts_come_late_and_in_any_order(web: Web) -> None:
    orders = [arrivals(web, seed=seed) for seed in (3, 3, 4, 6, 12)]
    assert orders[0] == orders[1]
    assert len({tuple(order) for order in orders}) > 1


@pytest.mark.parametrize(
    ("kind", "selector"),
    [("captcha", ".captcha-verify-container"), ("login", "#loginContainer")],
)
def test_dialog_in_place_of_a_post(web: Web, kind: str, selector: str) -> None:
    page = web.open(fault=(f"{kind}@1",))
    page.click(NEXT)
    expect(page.locator(selector)).to_be_visible()
    assert page.locator(DESCRIPTION).count() == 0
    page.click("[data-e2e=modal-close-inner-button]")
    expect(page.locator(DESCRIPTION)).to_have_text(expected_post(1)["description"])


@pytest.mark.parametrize("api", [0, 1])
def test_comments_that_never_come(web: Web, api: int) -> None:
    page = web.open(selectors="old", fault=("no-comments@1",), api=api)
    expect(page.locator(TEXTS)).to_have_count(20)
    page.click(NEXT)
    expect(page.locator(DESCRIPTION)).to_have_text(expected_post(1)["description"])
    page.wait_for_timeout(100)
    assert page.locator(TEXTS).count() == 0
    page.click(NEXT)
    expect(page.locator(TEXTS)).to_have_text(texts(2))


def test_old_comments_stay_until_the_new_are_there(web: Web) -> None:
    page = web.open(selectors="old", fault=("stale-comments", "no-comments@1"))
    expect(page.locator(TEXTS)).to_have_count(20)
    page.click(NEXT)
    expect(page.locator(DESCRIPTION)).to_have_text(expected_post(1)["description"])
    expect(page.locator(TEXTS)).to_have_text(texts(0))


def test_trusted_types(web: Web) -> None:
    page = web.open(csp=1)
    html = "document.createElement('p').innerHTML = '<b>'"
    assert page.evaluate(f"(() => {{ try {{ {html} }} catch (error) {{ return error.name }} }})()")
    expect(page.locator(DESCRIPTION)).to_have_text(expected_post(0)["description"])
