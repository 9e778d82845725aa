"""Whatever people wrote, the viewer shows it as text: nothing runs, loads, turns or overflows."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.queries.query_file import read_queries
from scripts.speech.engine import Cue
from scripts.viewer.static import write_viewer
from tests.support.small_corpus import Corpus, comment, info, post_id
from tests.support.viewing import add_speech, looking, screenshot, serve

pytest_plugins = ["tests.support.browser", "tests.support.viewing"]

PAYLOADS = {
    "script": "<script>window.pwned = 1</script>",
    "image": "<img src=x onerror='window.pwned = 1'>",
    "svg": '"><svg/onload=window.pwned=1>',
    "frame": "<iframe srcdoc='<script>parent.pwned = 1</script>'></iframe>",
    "link": "<a href='javascript:window.pwned=1'>click</a>",
    "scheme": "javascript:window.pwned=1",
    "style": "</style><style>*{display:none!important}</style>",
    "base": "<base href='https://evil.example/'><link rel=stylesheet href=//evil.example/x>",
    "meta": "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "template": "{{constructor.constructor('window.pwned=1')()}} ${window.pwned=1} <%= 7*7 %>",
    "attribute": "\" autofocus onfocus=window.pwned=1 x='",
    "entity": "&lt;b&gt;not bold&lt;/b&gt; &#60;script&#62; &amp;amp;",
    "comment": "--><!--]]><![CDATA[<script>window.pwned=1</script>]]>",
    "override": "abc\u202egnp.exe\u202d \u2067isolated",
    "controls": "bell\x07 escape\x1b[31m nothing\ufffd separator\u2028line\u2029end \ufeff\u200b",
    "zalgo": "Z" + "\u0351\u036f\u0321" * 60 + "algo",
    "long": "w" * 3_000,
    "wide": "\u2003" * 50 + "﷽" * 40,
    "hashtags": '#<script>window.pwned=1</script> #a"onclick=window.pwned=1 #ok',
    "surrogate": "\U0001f9d1\u200d\U0001f680\ufe0f \U000e0041\U000e007f",
    "placeholder": "__proto__ constructor toString %s %00 ../../etc/passwd ';DROP TABLE tiktoks;--",
}
# What no browser breaks by itself, or draws far wider than it is long.
WIDE = {
    "long": PAYLOADS["long"],
    "wide": PAYLOADS["wide"],
    "zalgo": PAYLOADS["zalgo"],
    "override": PAYLOADS["override"],
    "digits": "9" * 3_000,
    "address": f"https://www.tiktok.com/@{'a' * 900}/video/1?{'b=c&' * 300}",
    "no-break spaces": "no\u00a0break\u202f" * 300,
    "joined words": "word\u2060" * 300,
    "joined family": "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 200,
    "joined arabic": "\ufdfa" * 300 + "\u0640" * 1_000,
    "widest": "\ufdfd\U0001242b\u2e3b\ua9c5" * 60,
    "thai": "\u0e01\u0e47\u0e47\u0e47" * 300,
    "blocks": "\u2588" * 1_500,
    "hyphens": "\u2011" * 1_500 + "/" * 500 + "_" * 500,
    "tabs": "\t" * 500 + "end",
    "lines": "\u2028".join("line" for _ in range(300)),
    "right to left": "\u05d0" * 1_500 + "\u202e" + "b" * 1_500,
}
NAMES = list(PAYLOADS)


def id_of(name: str) -> str:
    return post_id(NAMES.index(name) + 1)


def hostile(id: str, text: str) -> dict[str, object]:
    replies = [comment(text, **{"commenter-username": f"@{text}"})]
    return info(
        id,
        **{
            "description": text,
            "creator-username": f"@{text}",
            "creator-nickname": text,
            "music-title": text,
            "like-count": text,
            "time-posted": text,
            "comments": [
                comment(
                    text,
                    **{"commenter-username": f"@{text} · Creator", "time-posted": text},
                    **{"like-count": text, "replies-count": text, "replies": replies},
                )
            ],
        },
    )


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    corpus = Corpus(tmp_path_factory.mktemp("hostile") / "data")
    corpus.add_info("a.json", [hostile(id_of(name), text) for name, text in PAYLOADS.items()])
    for name, text in PAYLOADS.items():
        corpus.add_text("ocr", id_of(name), f"{text}\n")
        add_speech(corpus, id_of(name), [Cue(text, 0.0, 5.0)])
        corpus.add_download("videos", id_of(name), b"", outcome="gone", reason=text)
    corpus.database()
    (corpus.folder / "report").mkdir()
    rows = "\n".join(f'"{text.replace(chr(34), chr(34) * 2)}",1' for text in PAYLOADS.values())
    (corpus.folder / "report" / "summary.csv").write_text(f"quantity,value\n{rows}\n", "utf-8")
    return corpus


@pytest.fixture(scope="module")
def address(corpus: Corpus):
    with serve(corpus.folder) as address:
        yield address


@pytest.fixture(scope="module")
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """One page for all texts, because a new one costs as much as the rest of a test."""
    with looking(chromium, address) as page:
        yield page


def assert_harmless(page: Page) -> None:
    assert page.evaluate("window.pwned") is None
    foreign = "script:not([src^='/page/']), iframe, base, meta[http-equiv], object, embed, style"
    assert page.locator(foreign).count() == 0
    assert (
        page.locator("[onerror], [onload], [onfocus], [onclick], [href^=javascript]").count() == 0
    )
    assert page.locator("img:not([src^='/media/'])").count() == 0
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wider = page.evaluate(
        """() => [...document.querySelectorAll('.panel, .page, .card, .notice')]
            .filter((node) => node.scrollWidth > node.clientWidth + 1 && node.clientWidth)
            .map((node) => node.className)"""
    )
    assert wider == []


@pytest.mark.parametrize("name", NAMES)
def test_hostile_text_is_shown_unchanged(page: Page, name: str) -> None:
    text = PAYLOADS[name]
    page.goto(f"/v/{id_of(name)}")
    panel = page.locator(".panel")
    expect(panel.locator("code").first).to_have_text(id_of(name))
    expect(panel.locator(".comment-text")).to_have_count(2)
    kept = text.strip()
    for place in (
        "h2",
        ".description",
        ".comment-text >> nth=0",
        ".comment-text >> nth=1",
        ".cover-text",
        ".line-text",
    ):
        shown = panel.locator(place).evaluate("node => node.textContent")
        # Spaces at the edges may go, and transcripts have no controls.
        expected = kept.translate({7: None, 27: None}) if place == ".line-text" else kept
        assert shown.strip().split() == expected.split(), place
    assert_harmless(page)
    link = panel.get_by_role("link", name="On the site").get_attribute("href")
    assert link.startswith("https://www.tiktok.com/%40")
    assert link.count("/") == 5


def test_hostile_text_cannot_turn_its_neighbours(page: Page) -> None:
    page.goto(f"/v/{id_of('override')}")
    around = page.locator(".panel .comment-name, .panel .music bdi, .panel .who a bdi")
    expect(around.first).to_be_visible()
    for one in around.all():
        assert one.evaluate("node => node.tagName === 'BDI'")
    for place in ("h2", ".description", ".comment-text >> nth=0", ".cover-text", ".line-text"):
        assert page.locator(f".panel {place}").get_attribute("dir") == "auto"


@pytest.mark.parametrize("name", NAMES)
def test_hostile_queries_and_results_are_text(page: Page, name: str) -> None:
    query = PAYLOADS[name][:500]
    page.goto("/search")
    page.get_by_role("searchbox").fill(query)
    page.keyboard.press("Enter")
    expect(page.locator(".count")).not_to_have_text("Searching…")
    heading = page.get_by_role("heading", level=1).text_content()
    assert heading in (
        "Search",
        f"Results for “{page.get_by_role('searchbox').input_value().strip()}”",
    )
    assert_harmless(page)


def test_hostile_text_in_lists_and_queries(page: Page, corpus: Corpus) -> None:
    watched = [{"id": id_of(name), "at": 1.7e12} for name in NAMES]
    page.goto("/figures")
    expect(page.get_by_role("row")).to_have_count(2 * len(NAMES) + 3)
    assert_harmless(page)
    page.evaluate(
        "watched => localStorage.setItem('tiktok-retrieval.watched', JSON.stringify(["
        "...watched, {id: '<img src=x>', at: 1}, {id: '../x', at: 1}, {}]))",
        watched,
    )
    page.goto("/history")
    expect(page.locator(".card")).to_have_count(len(NAMES))
    assert_harmless(page)
    screenshot(page, "hostile-history")
    page.goto("/search?from=2000-01-01")
    expect(page.locator(".card")).to_have_count(len(NAMES))
    assert_harmless(page)
    page.goto(f"/v/{id_of('script')}?q=%3Cimg%20src%3Dx%20onerror%3Dwindow.pwned%3D1%3E")
    page.get_by_role("button", name="The one I meant").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#status")).to_contain_text("Saved")
    assert read_queries(corpus.folder / "queries.json")[0].text == (
        "<img src=x onerror=window.pwned=1>"
    )
    assert_harmless(page)


def test_no_text_is_wider_than_a_phone(chromium, tmp_path: Path) -> None:
    corpus = Corpus(tmp_path / "data")
    ids = {name: post_id(number) for number, name in enumerate(WIDE, 1)}
    corpus.add_info("a.json", [hostile(ids[name], text) for name, text in WIDE.items()])
    for name, text in WIDE.items():
        corpus.add_text("ocr", ids[name], f"{text}\n")
        add_speech(corpus, ids[name], [Cue(text, 0.0, 5.0)])
        corpus.add_download("videos", ids[name], b"", outcome="gone", reason=text)
    corpus.database()
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    with serve(corpus.folder) as address, looking(chromium, address, **phone) as page:
        for name, id in ids.items():
            page.goto(f"/v/{id}")
            assert_harmless(page)
            page.locator(".rail").get_by_label("About this TikTok").tap()
            expect(page.get_by_role("heading", level=2)).to_be_visible()
            assert_harmless(page)
            screenshot(page, f"hostile-{name.replace(' ', '-')}-phone")
            page.goto(f"/search?{urlencode({'q': WIDE[name][:500]})}")
            expect(page.locator(".count")).not_to_have_text("Searching…")
            assert_harmless(page)
            page.goto(f"/v/{quote(WIDE[name][:100])}")
            expect(page.get_by_role("link", name="Search the corpus")).to_be_visible()
            assert_harmless(page)
        page.goto("/search?from=2000-01-01")
        expect(page.locator(".card")).to_have_count(len(WIDE))
        assert_harmless(page)
        page.goto("/figures")
        expect(page.get_by_role("row").first).to_be_visible()
        assert_harmless(page)


def test_broken_local_data_is_no_obstacle(page: Page) -> None:
    page.goto("/history")
    for broken in ("{", "7", "null", '[{"id": 7}]'):
        page.evaluate("text => localStorage.setItem('tiktok-retrieval.watched', text)", broken)
        page.reload()
        expect(page.locator("#history")).to_contain_text("You have not watched anything yet")


def test_another_file_in_place_of_a_video_is_reported_as_damaged(chromium, tmp_path: Path) -> None:
    corpus = Corpus(tmp_path / "data")
    corpus.add_info("a.json", [info(post_id(1))])
    corpus.add_download("videos", post_id(1), b"<script>window.pwned = 1</script>")
    corpus.add_download("coverphotos", post_id(1), b"<svg onload='window.pwned = 1'/>")
    corpus.database()
    with serve(corpus.folder) as address, looking(chromium, address) as page:
        page.goto(f"/v/{post_id(1)}")
        expect(page.locator(".slot.current .notice")).to_contain_text("The browser can’t play")  # noqa: RUF001
        expect(page.locator(".slot.current .wordcover")).to_contain_text("Paper aeroplanes")
        assert page.evaluate("window.pwned") is None
        page.goto("/search?from=2000-01-01")
        expect(page.locator(".card-cover .icon")).to_be_visible()


def test_in_an_export_hostile_text_stays_text_too(corpus: Corpus, chromium: Browser) -> None:
    """In an export, scripts contain the texts of strangers."""
    index = corpus.folder / "viewer" / "index.html"
    write_viewer(corpus.folder / "tiktoks.db", corpus.folder, index)
    with looking(chromium, "file://") as page:
        for name, text in PAYLOADS.items():
            page.goto(f"{index.as_uri()}#/v/{id_of(name)}")
            expect(page.locator(".panel code").first).to_have_text(id_of(name))
            shown = "(node, text) => node.textContent.includes(text)"
            assert page.locator(".panel").evaluate(shown, text), name
            page.evaluate("text => Viewer.source.search({ q: text }, 0)", text)
            assert page.evaluate("window.pwned") is None
        page.goto(f"{index.as_uri()}#/search?q=window+pwned+onerror")
        expect(page.locator("#search li").first).to_be_visible()
        assert page.evaluate("window.pwned") is None
