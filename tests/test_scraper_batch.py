"""The built scraper stores its records, shows its progress, and exports for the workflow."""

import json
import math
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from playwright.sync_api import Error, Locator, Page, expect

from demo.web.data import comment_count, comment_total, post_id
from scripts.rawinfo.catalogue import read_posts
from tests.support.browser import Web
from tests.support.scraping import (
    BOOKMARKLET,
    CONSOLE,
    DIST,
    FIRST_PAGE,
    PROJECT,
    USERSCRIPT,
    console,
    expect_shown,
    post,
    scrape,
    scrape_what_is_late,
    true_comments,
    true_post,
)
from tests.support.workflow import Workflow

pytest_plugins = ["tests.support.browser"]

SCHEMA = json.loads((PROJECT / "schemas" / "rawinfo.schema.json").read_text())
ALL = {"comments": math.inf, "replies": True}


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def status(page: Page) -> Locator:
    return page.get_by_role("status")


def start(page: Page, count: int) -> None:
    """Start from the panel."""
    page.get_by_label("TikToks", exact=True).fill(str(count))
    button(page, "Start").click()


def export(page: Page, folder: Path) -> Path:
    """Press the panel's button, and return the saved file."""
    with page.expect_download() as download:
        button(page, "Export").click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


def times(records: list[dict[str, Any]]) -> list[float]:
    return [record["scrape-timestamp"] for record in records]


# The panel.


def test_panel_starts_tells_and_stops(web: Web) -> None:
    page = web.open(script=USERSCRIPT, count=60, delay=(40, 60), fault=("no-comments@1",))
    page.get_by_label("wait for each at most (ms)").fill("5000")
    page.get_by_label("pause after each, about (ms)").fill("0")
    expect(button(page, "Stop")).to_be_disabled()
    expect(button(page, "Export")).to_be_disabled()
    start(page, 50)
    expect(status(page)).to_have_text(re.compile(r"^([3-9]|\d\d) of 50$"))
    expect(button(page, "Start")).to_be_disabled()
    panel = page.locator("tiktok-retrieval-panel")
    expect(panel).to_contain_text("missing: comments (1)")
    expect(panel).to_contain_text(re.compile(r"\d+ s elapsed, about \d.* to go"))
    button(page, "Stop").click()
    expect(status(page)).to_have_text(re.compile(r"^\d+ of 50: stopped$"))
    count = int(status(page).inner_text().split()[0])
    expect(page.get_by_text(f"{count} in the batch")).to_be_visible()
    expect(button(page, "Start")).to_be_enabled()


def test_stop_ends_a_wait_and_returns_the_results_so_far(web: Web) -> None:
    page = web.open(script=USERSCRIPT, selectors="old", fault=("no-comments@2",))
    console(page, "scraping = scrape_tiktoks(100, 60000); 0")
    expect(status(page)).to_have_text("2 of 100")
    console(page, "stop_scraping()")
    assert ids(console(page, "await scraping")) == [post_id(0), post_id(1)]


def test_panel_contains_no_html_of_strangers(web: Web) -> None:
    page = web.open(script=USERSCRIPT, count=14, selectors="old")
    scrape(page, 13, **ALL)
    assert page.title() == "TikTok - Make Your Day"
    tags = page.evaluate(
        """() => [...document.querySelector("tiktok-retrieval-panel")
            .shadowRoot.querySelectorAll("*")].map((element) => element.localName)"""
    )
    known = {"details", "summary", "label", "input", "progress", "p", "nav", "button"}
    assert set(tags) == known


def test_page_does_not_see_keys_typed_into_the_panel(web: Web) -> None:
    page = web.open(script=USERSCRIPT)
    page.evaluate("heard = []; document.addEventListener('keydown', (event) => heard.push(event))")
    page.get_by_label("TikToks", exact=True).press("5")
    assert page.evaluate("heard.length") == 0


# Where it ends.


def test_end_of_the_list(web: Web) -> None:
    page = web.open(script=USERSCRIPT, count=3)
    assert ids(scrape(page, 100)) == [post_id(number) for number in range(3)]
    expect(status(page)).to_have_text("3 of 100: this is the end of the list")


def test_infinity_is_to_the_end_of_the_list(web: Web) -> None:
    page = web.open(script=USERSCRIPT, count=2)
    assert len(scrape(page, math.inf)) == 2
    expect(status(page)).to_have_text("2: this is the end of the list")
    with pytest.raises(RuntimeError, match="How many"):
        scrape(page, 0)
    assert len(scrape(page, 1)) == 1


@pytest.mark.parametrize("selectors", ["old", "new"])
@pytest.mark.parametrize(
    ("dialog", "says"), [("captcha", "asks for a captcha"), ("login", "asks you to log in")]
)
def test_dialogs_wait_for_the_person(web: Web, dialog: str, says: str, selectors: str) -> None:
    page = web.open(script=USERSCRIPT, selectors=selectors, fault=(f"{dialog}@2",))
    with page.expect_console_message(lambda message: says in message.text):
        console(page, "scraping = scrape_tiktoks(5, {delay: 30000, pause: 0}); 0")
    expect(status(page)).to_have_text(re.compile(rf"^2 of 5: .*{says}"))
    page.click("[data-e2e=modal-close-inner-button]")
    assert ids(console(page, "await scraping")) == [post_id(number) for number in range(5)]
    expect(status(page)).to_have_text("5 of 5: done")


def test_no_post_is_open(web: Web) -> None:
    page = web.open(script=USERSCRIPT)
    page.route(
        "**/foryou", lambda route: route.fulfill(body="<p>For You", content_type="text/html")
    )
    page.goto("https://www.tiktok.com/foryou")
    assert scrape(page, 5, delay=100) == []
    expect(status(page)).to_contain_text("no TikTok is open")


def test_two_at_a_time_are_refused(web: Web) -> None:
    page = web.open(script=USERSCRIPT, selectors="old", fault=("no-comments@0",))
    console(page, "scraping = scrape_tiktoks(1, 60000); 0")
    with pytest.raises(RuntimeError, match="scraping already"):
        scrape(page, 1)
    console(page, "stop_scraping(); await scraping")
    assert len(scrape(page, 1, delay=100)) == 1


# The batch.


def test_batch_outlives_a_reload_and_nothing_is_scraped_twice(web: Web) -> None:
    page = web.open(script=USERSCRIPT, selectors="old")
    first = page.url
    before = scrape(page, 3)
    page.goto(first)
    page.reload()
    expect(page.get_by_text("3 in the batch")).to_be_visible()
    after = scrape(page, 4)
    assert after[:3] == before
    expect(status(page)).to_have_text("4 of 4, 3 of them scraped before: done")

    page.goto(first)
    again = scrape(page, 3, again=True)
    assert ids(again) == ids(before)
    assert min(times(again)) > max(times(after))
    assert console(page, "await export_batch()") == 4


def test_a_post_is_scraped_again_if_more_is_wanted_now(web: Web) -> None:
    page = web.open(script=USERSCRIPT, selectors="old", start=2, count=3)
    [first] = scrape(page, 1)
    assert len(first["comments"]) == FIRST_PAGE
    [all_comments] = scrape(page, 1, comments=math.inf)
    assert all_comments["comments"] == true_comments(2)
    [replies] = scrape(page, 1, **ALL)
    assert replies["comments"] == true_comments(2, replies=True)
    [again] = scrape(page, 1, **ALL)
    assert times([again]) == times([replies]), "nothing more was wanted"
    [fewer] = scrape(page, 1)
    assert fewer == replies


def test_a_later_scrape_keeps_earlier_values_that_it_lacks(web: Web) -> None:
    web.context.clock.install()
    page = web.open(script=USERSCRIPT, selectors="old", count=1)
    [whole] = scrape(page, 1)
    page = web.open(script=USERSCRIPT, selectors="old", count=1, fault=("no-comments@0",))
    shown = lambda: expect_shown(page, 0, comments=False)  # noqa: E731
    [poorer] = scrape_what_is_late(page, shown, again=True)
    assert poorer["comments"] == whole["comments"]
    assert "missing" not in poorer
    assert times([poorer]) > times([whole])


def test_a_post_that_lacked_something_is_scraped_again(web: Web) -> None:
    web.context.clock.install()
    page = web.open(script=USERSCRIPT, selectors="old", count=1, fault=("no-comments@0",))
    shown = lambda: expect_shown(page, 0, comments=False)  # noqa: E731
    [poor] = scrape_what_is_late(page, shown)
    assert poor["comments"] == []
    page = web.open(script=USERSCRIPT, selectors="old", count=1)
    [whole] = scrape(page, 1)
    assert whole["comments"] == true_comments(0, FIRST_PAGE)
    assert "missing" not in whole


@pytest.mark.parametrize("selectors", ["old", "new"])
def test_posts_that_are_passed_by_leave_nothing_behind(web: Web, selectors: str) -> None:
    options = {"selectors": selectors, "api": 0, "count": 20, "fault": ("stale-comments",)}
    scrape(web.open(script=USERSCRIPT, **options), 5)
    records = scrape(web.open(script=USERSCRIPT, delay=(30, 200), **options), 10)
    for number, record in enumerate(records):
        assert record["id"] == post_id(number)
        assert record["description"] == true_post(number)["description"]
        assert record["comments"] == true_comments(number, FIRST_PAGE, shown=selectors)


@pytest.mark.parametrize("api", [0, 1])
def test_going_back_by_hand(web: Web, api: int) -> None:
    page = web.open(script=USERSCRIPT, selectors="old", api=api, delay=(30, 200))
    scrape(page, 3)
    for _ in range(2):
        page.click("[data-e2e=arrow-left]")
    records = scrape(page, 3, again=True)
    assert ids(records) == [post_id(number) for number in (1, 2, 3)]
    for number, record in enumerate(records, start=1):
        assert record["description"] == true_post(number)["description"]
        assert record["comments"] == true_comments(number, FIRST_PAGE, shown="" if api else "old")


def test_batch_outlives_a_crash_of_the_tab(web: Web, tmp_path: Path) -> None:
    page = web.open(script=USERSCRIPT, count=100, delay=(20, 30))
    start(page, 100)
    expect(status(page)).to_have_text(re.compile(r"^([5-9]|\d\d) of 100$"))
    with page.expect_event("crash"), suppress(Error):
        page.goto("chrome://crash")
    page.close()
    page = web.open(script=USERSCRIPT)
    records = json.loads(export(page, tmp_path).read_text())
    assert len(records) >= 5
    assert ids(records) == [post_id(number) for number in range(len(records))]
    for number, record in enumerate(records):
        assert post(record) == true_post(number)


def test_new_batch_after_a_question(web: Web) -> None:
    page = web.open(script=USERSCRIPT)
    scrape(page, 2)
    for answer, left in (("dismiss", 2), ("accept", 0)):
        with page.expect_event("dialog"):
            page.once("dialog", lambda dialog, answer=answer: getattr(dialog, answer)())
            button(page, "New batch").click()
        expect(page.get_by_text(f"{left} in the batch")).to_be_visible()


def test_new_batch_warns_about_unexported_tiktoks(web: Web, tmp_path: Path) -> None:
    page = web.open(script=USERSCRIPT, count=4)
    scrape(page, 2)
    export(page, tmp_path)
    expect(page.get_by_text("2 in the batch;")).to_be_visible()
    scrape(page, 1)
    expect(page.get_by_text("3 in the batch, 1 not exported")).to_be_visible()
    with page.expect_event("dialog") as asked:
        page.once("dialog", lambda dialog: dialog.dismiss())
        button(page, "New batch").click()
    assert "the batch of 3 TikToks? 1 of them not exported yet" in asked.value.message


def test_tabs_share_one_batch(web: Web) -> None:
    pages = [web.open(script=USERSCRIPT, start=first, count=9) for first in (0, 4)]
    for page in pages:
        console(page, "scraping = scrape_tiktoks(3, {delay: 30000, pause: 0}); 0")
    for page, first in zip(pages, (0, 4), strict=True):
        records = console(page, "await scraping")
        assert ids(records) == [post_id(number) for number in range(first, first + 3)]
    for page in pages:
        expect(page.get_by_text("6 in the batch")).to_be_visible()


# A change of the batch that never ends, so no other tab can change it.
NEVER_SAVED = """() => new Promise((resolve) => {
    indexedDB.open("tiktok-retrieval").onsuccess = ({ target }) => {
        const stores = ["records", "exported", "log"];
        const records = target.result.transaction(stores, "readwrite").objectStore("records");
        records.put({ id: "1", record: { id: "1" } });
        const again = () => { resolve(); records.get("1").onsuccess = again; };
        again();
    };
})"""


def test_tabs_with_other_pages_go_on_when_one_crashes_while_it_saves(web: Web) -> None:
    """Two tabs scrape the same TikToks at once, on different pages."""
    doomed = web.open(script=USERSCRIPT, count=4)
    scrape(doomed, 1)
    tabs = [web.open(script=USERSCRIPT, surface=one, count=4) for one in ("browse", "feed")]
    doomed.evaluate(NEVER_SAVED)
    for tab in tabs:
        console(tab, "scraping = scrape_tiktoks(3, {delay: 30000, pause: 0}); 0")
    with doomed.expect_event("crash"), suppress(Error):
        doomed.goto("chrome://crash")
    for tab in tabs:
        for number, record in enumerate(console(tab, "await scraping")):
            assert post(record) == true_post(number)
            assert record["comments"] == true_comments(number, FIRST_PAGE)
        expect(tab.get_by_text("3 in the batch")).to_be_visible()


@pytest.mark.parametrize("file", ["manifest.tsv", "master.json"])
def test_tiktoks_in_the_corpus_are_skipped(web: Web, file: str) -> None:
    known = {
        "manifest.tsv": "path\tsha256\n"
        f"videos/{post_id(0)}.mp4\t{'a' * 64}\t1\n"
        f"photos/{post_id(2)}/1.jpg\t{'b' * 64}\t1\n"
        f"videos/{post_id(3)}.mp4\t\t\t\t{{}}\n",
        "master.json": f'{{\n"{post_id(0)}": {{"id": "1"}},\n"{post_id(2)}": {{"id": "2"}}\n}}\n',
    }
    page = web.open(script=USERSCRIPT, count=9)
    page.locator("tiktok-retrieval-panel").evaluate(
        """(panel, [name, text]) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([text], name));
            panel.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
        }""",
        [file, known[file]],
    )
    expect(page.get_by_text("2 known from the corpus")).to_be_visible()
    assert ids(scrape(page, 3)) == [post_id(number) for number in (1, 3, 4)]
    expect(status(page)).to_have_text("3 of 3, 2 skipped: done")


def test_a_full_browser_is_reported_and_nothing_is_lost(web: Web, tmp_path: Path) -> None:
    page = web.open(count=60)
    quota = {"origin": "https://www.tiktok.com", "quotaSize": 100_000}
    page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", quota)
    console(page, CONSOLE)
    with pytest.raises(RuntimeError, match="has no more space: press Export"):
        scrape(page, 60)
    expect(status(page)).to_contain_text("has no more space")
    kept = ids(json.loads(export(page, tmp_path).read_text()))
    assert kept == [post_id(number) for number in range(len(kept))]
    assert len(kept) > 1


def test_the_log_of_missed_values_can_be_exported(web: Web, tmp_path: Path) -> None:
    page = web.open(script=USERSCRIPT, selectors="old", count=2, fault=("no-comments@0",))
    scrape(page, 1, delay=500)
    scrape(page, 5, delay=500)
    with page.expect_download() as download:
        button(page, "Log of what was missed").click()
    download.value.save_as(tmp_path / "missed.tsv")
    header, *rows = (tmp_path / "missed.tsv").read_text().splitlines()
    assert header.split("\t") == ["time", "id", "what", "why"]
    told = [row.split("\t")[1:] for row in rows]
    assert [post_id(0), "comments", "they did not load within 500 ms"] in told
    assert ["", "run", "this is the end of the list"] in told


@pytest.mark.slow  # it writes as many bytes to the disk, twice
def test_a_large_batch_is_exported_in_parts(web: Web) -> None:
    page = web.open(script=USERSCRIPT, count=2)
    scrape(page, 1)
    page.evaluate(
        """() => new Promise((resolve) => {
            indexedDB.open("tiktok-retrieval").onsuccess = async ({ target }) => {
                for (let number = 1; number <= 5; number += 1) {
                    const transaction = target.result.transaction("records", "readwrite");
                    const record = { id: `${number}`, description: "x".repeat(50e6) };
                    transaction.objectStore("records").put({ id: record.id, record });
                    await new Promise((done) => { transaction.oncomplete = done; });
                }
                resolve();
            };
        })"""
    )
    names: list[str] = []
    page.on("download", lambda download: names.append(download.suggested_filename))
    with page.expect_download(lambda it: "_2.json" in it.suggested_filename):
        assert console(page, "await export_batch()") == 6
    assert len(names) == 2, "of 200 MB each"


def test_export_is_a_file_that_is_read_without_a_problem(web: Web, tmp_path: Path) -> None:
    page = web.open(script=USERSCRIPT, count=14, photo=4, fault=("no-comments@5",))
    records = scrape(page, 13, **ALL | {"delay": 2000})
    file = export(page, tmp_path)
    assert re.fullmatch(r"batch_\d{8}T\d{6}Z\.json", file.name)
    assert json.loads(file.read_text()) == records
    jsonschema.validate(records, SCHEMA)
    problems: list[Any] = []
    posts = list(read_posts(file, problems.append))
    assert problems == []
    assert [it.id for it in posts] == [post_id(number) for number in range(13)]


# What it tells, and whom.


def test_requests_go_only_to_the_site(web: Web, tmp_path: Path) -> None:
    sent: list[tuple[str, str | None]] = []
    web.context.on("request", lambda request: sent.append((request.method, request.post_data)))
    page = web.open(script=USERSCRIPT, count=5, virtual=1)
    scrape(page, 4, **ALL)
    export(page, tmp_path)
    assert set(sent) == {("GET", None)}
    hosts = {host for _, host, _, _ in web.site.requests}
    media = {"v16-webapp-prime.us.tiktok.com", "p16-sign.tiktokcdn-us.com"}
    assert "www.tiktok.com" in hosts <= {"www.tiktok.com", *media}
    paths = {path for _, host, path, _ in web.site.requests if host == "www.tiktok.com"}
    pages = {path for path in paths if re.match(r"/@[\w.]+/video/\d+$", path)}
    assert paths - pages - {"/favicon.ico"} == {
        "/api/recommend/item_list/",
        "/api/comment/list/",
        "/api/comment/list/reply/",
    }


@pytest.mark.parametrize("code", [CONSOLE, USERSCRIPT, BOOKMARKLET])
def test_the_characters_that_a_browser_reports_say_nothing(code: str) -> None:
    """This holds for the first 40 characters, with or without the header that managers may cut."""
    for start in (code, code.partition("==/UserScript==\n")[2]):
        assert not re.search(r"\w", start.removeprefix("javascript:")[:40])


REPORTS = """window.reports = [];
document.addEventListener("securitypolicyviolation", (event) => reports.push(event.sample));
"""


def test_only_a_bookmarklet_is_reported_to_the_site_and_it_says_nothing(web: Web) -> None:
    page = web.open(script=REPORTS, csp=2, session=1)
    console(page, CONSOLE)
    [record] = scrape(page, 1, media=True)
    assert set(record["media"].values()) == {"saved"}
    assert page.evaluate("reports") == []
    page.evaluate(
        """link => Object.assign(document.createElement("a"), { href: link }).click()""",
        BOOKMARKLET.strip(),
    )
    page.wait_for_function("reports.length")
    assert re.fullmatch(r"javascript:/\*+", page.evaluate("reports[0]"))


OTHER_PAGES = {"cinema", "row", "card", "tile", "drawer", "photo", "captcha", "login"}
LOST = {
    ("browse", "old"): OTHER_PAGES,
    ("browse", "new"): OTHER_PAGES,
    ("direct", "old"): OTHER_PAGES | {"modal", "permalink", "next"},
    ("direct", "new"): OTHER_PAGES | {"permalink", "next"},
}


@pytest.mark.parametrize(("surface", "selectors"), LOST)
def test_check_shows_what_matches(web: Web, surface: str, selectors: str) -> None:
    page = web.open(script=USERSCRIPT, surface=surface, selectors=selectors)
    if selectors == "new":
        page.locator("[data-e2e$=comment-icon]").click()
    more = "[data-e2e=view-more-1], [class*=DivViewRepliesContainer]"
    page.locator(more).first.click()
    page.locator("[data-e2e=comment-level-2]").first.wait_for()
    with page.expect_console_message(lambda message: message.type == "table"):
        rows = console(page, "check_site()")
    found: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row["what"], row["name"])
        found[key] = found.get(key, 0) + row["found"]
    lost = {name for (what, name), count in found.items() if what == "selector" and not count}
    assert lost == LOST[surface, selectors]
    assert found["JSON of the page", "posts"] == found["JSON of the page", "webId"] == 1
    assert found["answers to the page", "comments"]
    assert found["answers to the page", "replies"]


def test_check_notices_a_change_of_the_site(web: Web) -> None:
    page = web.open(script=USERSCRIPT)
    page.locator("[data-e2e=browse-video-desc]").evaluate("it => it.dataset.e2e = 'renamed'")
    lost = [row for row in console(page, "check_site()") if row["name"] == "description"]
    assert [row["found"] for row in lost] == [0] * len(lost)


# From the page to the corpus.


def test_batch_becomes_a_corpus(web: Web, workflow: Workflow) -> None:
    count, every = 4, 3
    photos = [number for number in range(count) if (number + 1) % every == 0]
    page = web.open(script=USERSCRIPT, count=count + 1, photo=every)
    page.get_by_label("all comments").check()
    page.get_by_label("replies").check()
    start(page, count)
    expect(status(page)).to_have_text(f"{count} of {count}: done")
    export(page, workflow.data / "info")

    workflow.run()

    with closing(sqlite3.connect(workflow.data / "tiktoks.db")) as db:
        posts = db.execute(
            "SELECT id, like_count, comment_count, play_count, creator_username, slide_count,"
            " download_timestamp NOT NULL FROM tiktoks ORDER BY number"
        ).fetchall()
        replies = dict(
            db.execute(
                "SELECT reply.comment_text, parent.comment_text FROM comments AS reply"
                " JOIN comments AS parent ON parent.video_id = reply.video_id"
                " AND parent.position = reply.parent_position"
            )
        )
        comments = dict(db.execute("SELECT video_id, count(*) FROM comments GROUP BY video_id"))
        failed = db.execute("SELECT * FROM downloads WHERE outcome <> 'ok'").fetchall()
    expected = [true_post(number, number in photos) for number in range(count)]
    assert posts == [
        (
            it["id"],
            it["like-count-exact"],
            it["comment-count-exact"],
            it["play-count"],
            it["creator-username"],
            len(it.get("photos", ())),
            1,
        )
        for it in expected
    ]
    assert failed == []
    assert comments == {
        post_id(number): comment_count(number) for number in range(count) if comment_total(number)
    }
    assert replies == {
        reply["comment-text"]: comment["comment-text"]
        for number in range(count)
        for comment in true_comments(number, replies=True)
        for reply in comment["replies"]
    }
    assert len(workflow.hashes("photos")) == sum(len(it.get("photos", ())) for it in expected)
    captioned = {it["id"] for it in expected if it.get("captions")}
    assert {file.stem for file in (workflow.data / "captions").iterdir()} == captioned
    assert len(workflow.hashes("videos")) == count - len(photos)


# What is built.


@pytest.mark.slow  # it installs what builds them
def test_built_files_are_those_of_the_sources(tmp_path: Path) -> None:
    copy = tmp_path / "scraper"
    shutil.copytree(DIST.parent, copy, ignore=shutil.ignore_patterns("node_modules", "dist"))
    installed = DIST.parent / "node_modules"
    if installed.exists():
        shutil.copytree(installed, copy / "node_modules", symlinks=True)
    else:
        subprocess.run(["npm", "ci", "--silent"], cwd=copy, check=True)
    subprocess.run(["npm", "run", "build", "--silent"], cwd=copy, check=True)
    built = {file.name: file.read_text() for file in (copy / "dist").iterdir()}
    assert built == {file.name: file.read_text() for file in DIST.iterdir()}
