"""The viewer, used by people: by keyboard, mouse and finger, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from scripts.queries.query_file import Query, read_queries, write_queries
from tests.support.small_corpus import Corpus
from tests.support.viewing import (
    BARE,
    CUE_S,
    NEWEST_FIRST,
    PHOTO_POST,
    SCREENSHOTS,
    cues,
    looking,
    screenshot,
)

pytest_plugins = ["tests.support.browser", "tests.support.viewing"]

WITH_VIDEO = [tiktok for tiktok in NEWEST_FIRST if tiktok.link in ("query", "path")]
NORA = next(tiktok for tiktok in WITH_VIDEO if tiktok.handle == "bakes.with.nora")


def open_post(page: Page, id: str, query: str = "") -> None:
    page.goto(f"/v/{id}{query}")
    expect(page.locator(".panel code").first).to_have_text(id)


def expect_post(page: Page, id: str) -> None:
    expect(page).to_have_url(re.compile(rf"/v/{id}(\?|$)"))
    expect(page.locator(".panel code").first).to_have_text(id)


def video(page: Page, field: str) -> object:
    return page.locator(".slot.current video").evaluate(f"video => video.{field}")


def wait_for_video(page: Page, condition: str) -> None:
    page.wait_for_function(
        f"() => {{ const video = document.querySelector('.slot.current video'); "
        f"return video && {condition}; }}"
    )


def test_the_feed_begins_with_the_newest_and_arrow_keys_go_through_it(page: Page) -> None:
    page.goto("/")
    for tiktok in NEWEST_FIRST:
        expect_post(page, tiktok.id)
        expect(page.get_by_role("heading", level=2)).to_have_text(tiktok.nickname)
        assert page.locator("article").count() <= 3
        page.keyboard.press("ArrowDown")
    expect_post(page, PHOTO_POST)
    page.keyboard.press("j")
    expect_post(page, BARE)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#status")).to_have_text("This is the oldest TikTok")
    page.keyboard.press("ArrowUp")
    expect_post(page, PHOTO_POST)
    page.keyboard.press("k")
    expect_post(page, NEWEST_FIRST[-1].id)


def test_videos_play_without_sound_until_it_is_turned_on(page: Page) -> None:
    open_post(page, NORA.id)
    wait_for_video(page, "!video.paused && video.currentTime > 0")
    assert video(page, "muted") is True
    page.keyboard.press("m")
    assert video(page, "muted") is False
    expect(page.get_by_label("Turn the sound off")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(100)
    page.keyboard.press("ArrowUp")
    wait_for_video(page, "!video.paused && !video.muted")
    page.get_by_label("Turn the sound off").click()
    assert video(page, "muted") is True


def test_a_video_is_paused_and_sought_by_keys_and_by_mouse(page: Page) -> None:
    open_post(page, NORA.id)
    wait_for_video(page, "!video.paused")
    page.keyboard.press("Space")
    wait_for_video(page, "video.paused")
    page.get_by_role("button", name="Play", exact=True).click()
    wait_for_video(page, "!video.paused")
    page.locator(".slot.current video").click()
    wait_for_video(page, "video.paused")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    before = video(page, "currentTime")
    page.keyboard.press("ArrowRight")
    wait_for_video(page, f"video.currentTime > {before} + 1")
    page.get_by_role("slider", name="Position in the video").fill("0")
    wait_for_video(page, "video.currentTime < 0.1")


def test_wheel_and_buttons_go_one_step(page: Page) -> None:
    page.goto("/")
    expect_post(page, NEWEST_FIRST[0].id)
    page.locator(".stage").hover()
    page.locator(".stage").evaluate(
        """stage => { for (let n = 0; n < 6; n++) stage.dispatchEvent(
            new WheelEvent("wheel", { deltaY: 60, cancelable: true })); }"""
    )  # one movement of a touchpad
    expect_post(page, NEWEST_FIRST[1].id)
    page.wait_for_timeout(300)
    expect_post(page, NEWEST_FIRST[1].id)
    page.mouse.wheel(0, -120)
    expect_post(page, NEWEST_FIRST[0].id)
    page.get_by_label("Next TikTok").click()
    expect_post(page, NEWEST_FIRST[1].id)
    page.get_by_label("Previous TikTok").click()
    expect_post(page, NEWEST_FIRST[0].id)
    expect(page.get_by_label("Previous TikTok")).to_be_disabled()


def test_fingers_swipe_and_open_the_panel_on_a_phone(chromium, address) -> None:
    phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
    with looking(chromium, address, **phone) as page:
        page.goto("/")
        expect_post(page, NEWEST_FIRST[0].id)
        swipe(page, (200, 600), (200, 250))
        expect_post(page, NEWEST_FIRST[1].id)
        swipe(page, (200, 250), (200, 600))
        expect_post(page, NEWEST_FIRST[0].id)
        swipe(page, (200, 400), (200, 385))  # a finger that trembles
        page.wait_for_timeout(200)
        expect_post(page, NEWEST_FIRST[0].id)
        heading = page.get_by_role("heading", level=2)
        expect(heading).not_to_be_visible()
        page.locator(".rail").get_by_label("About this TikTok").tap()
        expect(heading).to_be_visible()
        expect(page.get_by_label("Close")).to_be_focused()
        page.get_by_label("Close").tap()
        expect(heading).not_to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def swipe(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *points: dict[str, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    send("touchStart", {"x": start[0], "y": start[1]})
    for step in range(1, 9):
        x, y = (a + (b - a) * step / 8 for a, b in zip(start, end, strict=True))
        send("touchMove", {"x": x, "y": y})
    send("touchEnd")


def test_a_line_of_the_transcript_leads_to_its_place(page: Page) -> None:
    open_post(page, NORA.id)
    lines = cues(NORA)
    buttons = page.locator(".line")
    expect(buttons.locator(".line-text")).to_have_text([cue.text for cue in lines])
    page.keyboard.press("Space")
    buttons.nth(1).click()
    wait_for_video(page, f"Math.abs(video.currentTime - {CUE_S}) < 0.5")
    expect(buttons.nth(1)).to_have_attribute("aria-current", "true")
    expect(page.locator(".slot.current .caption")).to_have_text(lines[1].text)
    buttons.nth(0).focus()
    page.keyboard.press("Enter")
    wait_for_video(page, "video.currentTime < 1.9")
    expect(buttons.nth(0)).to_have_attribute("aria-current", "true")
    page.keyboard.press("c")
    expect(page.locator(".slot.current .caption")).to_be_hidden()
    expect(page.get_by_label("Captions")).to_have_attribute("aria-pressed", "false")
    page.reload()  # this is remembered, and sound is not
    page.keyboard.press("m")
    page.reload()
    expect(page.get_by_label("Captions")).to_have_attribute("aria-pressed", "false")
    wait_for_video(page, f"video.muted && video.currentTime > {CUE_S} / 4")
    expect(page.locator(".slot.current .caption")).to_be_hidden()


def test_the_panel_has_info_cover_text_and_comments(page: Page) -> None:
    open_post(page, NORA.id)
    panel = page.get_by_label("About this TikTok").and_(page.locator("aside"))
    for text in (f"@{NORA.handle}", "February 11, 2023", NORA.music, "22.6K", "5 of 113"):
        expect(panel).to_contain_text(text)
    expect(panel.locator(".cover-text")).to_have_text(re.compile(r"MY FIRST\s+SOURDOUGH\s+BREAD"))
    expect(panel.locator(".comment-text")).to_have_text([one.text for one in NORA.comments])
    expect(panel.locator(".comment", has_text="more water").locator(".mark")).to_have_text(
        "Creator"
    )
    link = panel.get_by_role("link", name="On the site")
    expect(link).to_have_attribute(
        "href", f"https://www.tiktok.com/{'%40'}{NORA.handle}/video/{NORA.id}"
    )
    panel.get_by_label("Copy the id").click()
    assert page.evaluate("navigator.clipboard.readText()") == NORA.id


def test_comments_come_in_threads_and_pages(page: Page) -> None:
    open_post(page, PHOTO_POST)
    threads = page.locator(".comments > .comment")
    expect(threads).to_have_count(30)
    replies = threads.first.locator(".replies")
    expect(replies.locator("summary")).to_have_text("2 replies")
    expect(replies.locator(".comment-text")).to_have_text(["a reply", "another"])
    expect(replies.locator(".mark")).to_have_text("Creator")
    page.get_by_role("button", name="More comments").click()
    expect(threads).to_have_count(40)
    expect(threads.nth(30)).to_be_focused()
    expect(page.get_by_role("button", name="More comments")).to_be_hidden()


def test_photo_posts_are_leafed_through(page: Page) -> None:
    open_post(page, PHOTO_POST)
    picture = page.locator(".slot.current .slides img")
    counter = page.locator(".slot.current .counter")
    expect(counter).to_have_text("1 / 3")
    for press in (
        lambda: page.keyboard.press("ArrowRight"),
        lambda: page.get_by_label("Next picture").click(),
    ):
        press()
        page.wait_for_function("() => document.querySelector('.slides img').naturalWidth > 0")
    expect(counter).to_have_text("3 / 3")
    expect(picture).to_have_attribute("src", f"/media/photos/{PHOTO_POST}/3.jpg")
    expect(picture).to_have_attribute("alt", "Picture 3 of 3")
    expect(page.get_by_label("Next picture")).to_be_disabled()
    page.keyboard.press("ArrowLeft")
    expect(counter).to_have_text("2 / 3")


def test_missing_files_are_named(page: Page) -> None:
    for link, reason in (
        ("gone", "The site has deleted it."),
        ("expired", "Its link has expired."),
    ):
        tiktok = next(one for one in NEWEST_FIRST if one.link == link)
        open_post(page, tiktok.id)
        notice = page.locator(".slot.current .notice")
        expect(notice).to_have_text(re.compile(f"The video is missing. {reason}"))
        width = "image => image.decode().then(() => image.naturalWidth)"
        assert page.locator(".slot.current").get_by_alt_text("Cover").evaluate(width) > 0
        expect(page.locator(".cover-text")).to_contain_text(tiktok.cover[0])
    untried = """id => Viewer.source.posts([id]).then(([post]) => [1, 4e9].map((end) => {
        const missing = [{ kind: "videos", outcome: "untried", link_expires_at: end }];
        return Viewer.slot.create({ ...post, missing }, {}).element.textContent; }))"""
    late, pending = page.evaluate(untried, tiktok.id)
    assert "Its link expired before a run requested it." in late
    assert "No run has requested it yet." in pending
    open_post(page, BARE)
    expect(page.locator(".slot.current .wordcover")).to_have_text("only words are left")
    page.goto("/v/123456")
    expect(page.locator(".stage")).to_have_text(re.compile("TikTok 123456 isn.t in this corpus."))


def test_reduced_motion_plays_nothing_by_itself(chromium, address) -> None:
    with looking(chromium, address, reduced_motion="reduce") as page:
        open_post(page, NORA.id)
        wait_for_video(page, "video.readyState >= 2")
        assert video(page, "paused") is True
        page.keyboard.press("Space")
        wait_for_video(page, "!video.paused")


def test_search_by_keyboard_and_back(page: Page) -> None:
    page.goto("/")
    expect_post(page, NEWEST_FIRST[0].id)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("flat as a pancake")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=flat\+as\+a\+pancake$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for “flat as a pancake”")
    expect(page.locator(".count")).to_have_text(re.compile(r"^\d+ TikToks?$"))
    first = page.locator(".card").first
    expect(first).to_contain_text(f"@{NORA.handle}")
    expect(first.locator("mark", has_text="pancake")).to_be_visible()
    assert first.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)")
    link = first.get_by_role("link")
    link.focus()
    page.keyboard.press("Enter")
    expect_post(page, NORA.id)
    expect(page).to_have_title(f"@{NORA.handle} · TikTok-Retrieval")
    expect(page.get_by_label("Stage")).to_be_focused()
    page.go_back()
    expect(link).to_be_focused()
    page.go_forward()
    page.get_by_role("link", name="Results for").click()
    expect(link).to_be_visible()


def test_a_search_is_gone_through_result_by_result(page: Page) -> None:
    page.goto("/search?q=the+bread&to=2023-12-31")
    cards = page.locator(".card a")
    expect(cards.nth(2)).to_be_visible()
    ids = [card.get_attribute("data-id") for card in cards.all()]
    by_date = [tiktok.id for tiktok in NEWEST_FIRST if tiktok.id in ids]
    assert ids[:3] != by_date[:3]
    cards.nth(1).click()
    expect_post(page, ids[1])
    page.keyboard.press("ArrowUp")
    expect_post(page, ids[0])
    page.keyboard.press("ArrowUp")
    expect(page.locator("#status")).to_have_text("This is the first result")
    for id in ids[1:]:
        page.keyboard.press("ArrowDown")
        expect_post(page, id)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#status")).to_have_text("This is the last result")
    page.get_by_role("link", name="Results for “the bread”").click()
    expect(cards.last).to_be_focused()
    expect(cards.last).to_be_in_viewport()
    page.go_back()
    expect_post(page, ids[-1])

    page.reload()  # as a link from elsewhere
    expect_post(page, ids[-1])
    page.keyboard.press("ArrowUp")
    expect_post(page, ids[-2])
    expect(page).to_have_url(re.compile(r"\?q=the\+bread&to=2023-12-31$"))
    page.get_by_role("link", name="Results for").click()
    expect(cards.nth(-2)).to_be_focused()
    open_post(page, NEWEST_FIRST[3].id, "?q=pancake")  # which doesn't find it
    page.keyboard.press("ArrowDown")
    expect_post(page, NEWEST_FIRST[4].id)


def test_filters_narrow_a_search_and_stand_in_the_address(page: Page) -> None:
    page.goto("/search?q=pancake")
    cards = page.locator(".card")
    expect(cards.first).to_contain_text(NORA.handle)
    page.get_by_label("Cover text").check()
    expect(page).to_have_url(re.compile("in=cover"))
    expect(page.locator("mark", has_text="pancake")).to_have_count(0)
    page.get_by_label("Cover text").uncheck()
    page.get_by_label("Speech").check()
    expect(page).to_have_url(re.compile("in=speech"))
    expect(cards.first).to_contain_text(NORA.handle)
    expect(cards.first.locator(".snippet-field")).to_have_text("Speech")
    page.get_by_label("Posted from").fill("2023-02-12")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".card", has_text=NORA.handle)).to_have_count(0)
    page.goto("/search?creator=bakes.with.nora&from=2023-02-11&to=2023-02-11")
    expect(cards).to_have_count(1)
    expect(page.get_by_label("Creator").last).to_have_value("bakes.with.nora")
    open_post(page, NORA.id)
    page.locator(".panel").get_by_role("link", name="#sourdough").click()
    expect(page).to_have_url(re.compile(r"/search\?tag=sourdough$"))
    expect(cards).to_have_count(1)
    page.goto("/search?q=bread&from=2030-01-01")
    expect(page.locator(".count")).to_have_text(re.compile("^Nothing found"))
    page.goto("/search?q=id:123")
    expect(page.locator(".count")).to_have_text(re.compile("^Nothing found"))
    page.goto("/search?q=%3F!+…")
    expect(page.locator(".count")).to_have_text(
        re.compile("^This query contains nothing to search for")
    )
    page.goto("/search?from=yesterday")
    expect(page.get_by_role("alert")).to_contain_text("'yesterday' is not a date")


def test_a_result_can_be_saved_as_the_target(page: Page, corpus: Corpus) -> None:
    file = corpus.folder / "queries.json"
    page.goto("/search?q=burnt bread")
    card = page.locator(".card", has_text=NORA.handle)
    card.get_by_role("button", name="The one I meant").click()
    expect(page.locator("#status")).to_have_text(re.compile("^Saved in queries.json"))
    assert read_queries(file) == [Query("burnt bread", NORA.id)]
    page.keyboard.press("Tab")
    expect(card.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text("Removed from queries.json")
    expect(card.get_by_role("button")).to_have_text(["The one I meant", "More like this"])
    expect(card.get_by_role("button", name="The one I meant")).to_be_focused()
    assert read_queries(file) == []
    page.keyboard.press("Enter")
    expect(card.get_by_role("button", name="Undo")).to_be_visible()
    card.get_by_role("button", name="Saved").click()
    expect(page.locator("#status")).to_have_text("This query is already in queries.json")

    card.get_by_role("link").click()
    expect_post(page, NORA.id)
    asks = page.get_by_role("button", name="The one I meant")
    asks.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Query")).to_have_value("burnt bread")
    dialog.get_by_label("Query").fill("  bread “that” fell <flat> 🍞")
    dialog.get_by_label("Your name").fill("N")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(asks).to_be_focused()
    assert read_queries(file)[1:] == [Query("bread “that” fell <flat> 🍞", NORA.id, author="N")]
    asks.click()
    expect(dialog.get_by_label("Your name")).to_have_value("N")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.locator(".panel").get_by_role("button", name="Undo").click()
    expect(asks).to_be_focused()
    assert read_queries(file) == [Query("burnt bread", NORA.id)]


def test_a_second_target_of_a_query_is_confirmed(page: Page, corpus: Corpus) -> None:
    file = corpus.folder / "queries.json"
    first = Query("the one", NEWEST_FIRST[0].id)
    second = Query("The one", NORA.id)
    write_queries(file, [first])
    page.goto(f"/v/{NORA.id}?q=The+one")
    for answer, queries in (("Cancel", [first]), ("Save both", [first, second])):
        page.get_by_role("button", name="The one I meant").click()
        page.get_by_role("button", name="Save", exact=True).click()
        asked = page.get_by_role("dialog", name="This query already has another target")
        expect(asked.locator("code")).to_have_text(first.target)
        screenshot(page, f"second-target-{answer}")
        asked.get_by_role("button", name=answer).click()
        expect(asked).to_have_count(0)
        if answer == "Cancel":
            page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert read_queries(file) == queries
    file.unlink()


def test_the_browser_keeps_the_history_and_can_clear_it(page: Page) -> None:
    watched = [NORA.id, PHOTO_POST]
    for id in watched:
        open_post(page, id)
        page.wait_for_function(
            f"() => localStorage.getItem('tiktok-retrieval.watched')?.includes('{id}')"
        )
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("heading", name="History")).to_be_focused()
    expect(page.locator(".card code")).to_have_text(watched[::-1])
    page.get_by_label(f"Copy the id {NORA.id}").click()
    expect(page.locator("#status")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == NORA.id
    page.get_by_role("button", name="Copy all ids").click()
    expect(page.locator("#status")).to_have_text("Copied all ids")
    assert page.evaluate("navigator.clipboard.readText()").split() == watched[::-1]
    page.reload()
    page.locator(".card").last.get_by_role("link").click()
    expect_post(page, NORA.id)
    page.go_back()
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".card")).to_have_count(0)
    assert page.evaluate("localStorage.getItem('tiktok-retrieval.watched')") is None


def test_figures_are_shown_or_how_to_draw_them(page: Page, corpus: Corpus) -> None:
    page.goto("/figures")
    expect(page.locator("#figures")).to_contain_text("snakemake --cores 8")
    failures = page.get_by_role("table", name=re.compile("Missing files"))
    expect(failures.get_by_role("row", name="gone Video HTTP 404")).to_be_visible()

    from scripts.report.figures import draw_figures

    draw_figures(corpus.folder / "tiktoks.db", corpus.folder / "report")
    page.reload()
    images = page.locator(".figure img")
    expect(images).to_have_count(4)
    for image in images.all():
        image.scroll_into_view_if_needed()
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        assert len(image.get_attribute("alt")) > 30
    summary = page.get_by_role("table", name="All counts")
    expect(summary.get_by_role("row", name="TikToks 14", exact=True)).to_be_visible()


def test_keys_are_listed_and_stay_quiet_while_typing(page: Page) -> None:
    open_post(page, NORA.id)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next TikTok")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("searchbox").fill("")
    page.keyboard.type("jkm ?")
    expect(page.get_by_role("searchbox")).to_have_value("jkm ?")
    expect_post(page, NORA.id)


@pytest.mark.parametrize("path", ["/search?q=bread", "/history", "/figures"])
def test_deep_links_open_their_view(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    name = path.strip("/").partition("?")[0]
    expect(page.locator("#views [aria-current]")).to_have_attribute("data-view", name)
    page.get_by_label("to the feed").click()
    expect_post(page, NEWEST_FIRST[0].id)
    page.go_back()
    expect(page).to_have_url(re.compile(re.escape(path.replace(" ", "+")) + "$"))


def test_an_unknown_id_leads_to_the_search_and_a_known_one_to_its_post(page: Page) -> None:
    for unknown in ("abc", f"{PHOTO_POST}/1", f"{PHOTO_POST}0000", "123456789"):
        answer = page.goto(f"/v/{unknown}")
        assert answer is not None
        assert answer.status == 404
        expect(page.locator(".stage")).to_contain_text(
            re.compile(f"{unknown} isn.t in this corpus")
        )
    page.screenshot(path=SCREENSHOTS / "unknown-id.png")
    page.goto(f"{page.url.partition('/v/')[0]}//")  # no host
    expect(page.locator(".stage")).to_contain_text("The page // isn")
    answer = page.goto("/nonsense/page")
    assert answer is not None
    assert answer.status == 404
    expect(page.locator(".stage")).to_contain_text("The page /nonsense/page isn")
    page.get_by_role("link", name="Search the corpus").click()
    page.locator("#query").fill(f" {PHOTO_POST} ")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/v/{PHOTO_POST}$"))
    expect(page.locator(".panel code").first).to_have_text(PHOTO_POST)
    page.go_back()
    expect(page.locator("#search-title")).to_be_visible()
    page.locator("#query").fill("99999")
    page.keyboard.press("Enter")
    expect(page.locator(".count")).to_contain_text("Nothing found")
