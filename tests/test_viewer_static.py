"""The viewer as files: opened from a disk and from a static host, it finds and shows the same."""

import json
import re
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from scripts.search import Search, SearchError, open_for_search
from scripts.search.operators import parse_query
from scripts.viewer import searching, static
from scripts.viewer.database import Opened
from scripts.viewer.static import shard, write_viewer
from tests.support.small_corpus import Corpus
from tests.support.tiktoks import tiktok
from tests.support.viewing import BARE, NEWEST_FIRST, PHOTO_POST, demo_corpus, looking, screenshot
from tests.support.workflow import PROJECT, Workflow
from tests.test_query_operators import TABLE, TODAY
from tests.test_search import ODD_QUERIES
from tests.test_viewer import NORA, video, wait_for_video

pytest_plugins = ["tests.support.browser", "tests.support.viewing"]

COLLECTION = PROJECT.parent / "shared" / "retrieval"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None: ...


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    corpus = demo_corpus(tmp_path_factory.mktemp("exported") / "data")
    write_viewer(corpus.folder / "tiktoks.db", corpus.folder, corpus.folder / "viewer/index.html")
    return corpus


@pytest.fixture(scope="module")
def host(exported: Corpus) -> Iterator[str]:
    """A static host that serves the corpus."""
    handler = partial(Quiet, directory=exported.folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(params=["disk", "host"])
def page(request: pytest.FixtureRequest, chromium: Browser, exported: Corpus) -> Iterator[Page]:
    address = "file://" if request.param == "disk" else request.getfixturevalue("host")
    folder = exported.folder if request.param == "disk" else ""
    with looking(chromium, address) as page:
        page.home = f"{address}{folder}/viewer/index.html"
        page.goto(page.home)
        yield page


def expect_post(page: Page, id: str) -> None:
    expect(page).to_have_url(re.compile(rf"#/v/{id}(\?|$)"))
    expect(page.locator(".panel code").first).to_have_text(id)


def test_the_feed_goes_from_the_newest_to_the_oldest(page: Page) -> None:
    for post in NEWEST_FIRST:
        expect_post(page, post.id)
        page.keyboard.press("ArrowDown")
    expect_post(page, PHOTO_POST)
    page.keyboard.press("ArrowDown")
    expect_post(page, BARE)
    page.keyboard.press("ArrowUp")
    expect_post(page, PHOTO_POST)


def test_a_link_to_a_post_shows_its_video_texts_and_comments(page: Page) -> None:
    page.goto(f"{page.home}#/v/{NORA.id}")
    expect_post(page, NORA.id)
    wait_for_video(page, "video.currentTime > 0")
    assert video(page, "muted") is True
    expect(page.locator(".panel")).to_contain_text(NORA.speech.partition(".")[0])
    expect(page.locator(".panel")).to_contain_text(NORA.cover[0])
    expect(page.locator(".panel")).to_contain_text(NORA.comments[0].text)
    page.goto(f"{page.home}#/v/{PHOTO_POST}")
    expect_post(page, PHOTO_POST)
    expect(page.locator(".panel")).to_contain_text("a reply")
    picture = page.locator(".slot.current img").first
    expect(picture).to_be_visible()
    page.wait_for_function("() => document.querySelector('.slot.current img').naturalWidth > 0")
    expect(page.get_by_role("button", name=re.compile("meant"))).to_have_count(0)


def test_searching_shows_covers_and_passages_and_leads_to_the_post(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("sourdo bred")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for “sourdo bred”")
    first = page.locator("#search li").first
    expect(first.locator("mark").first).to_have_text("#sourdough")
    page.wait_for_function("() => document.querySelector('#search li img').naturalWidth > 0")
    screenshot(page, "static-search")
    first.get_by_role("link").first.click()
    expect_post(page, NORA.id)
    page.keyboard.press("ArrowDown")
    expect_post(page, page.locator("#search .card a").nth(1).get_attribute("data-id"))
    page.go_back()
    expect(page).to_have_url(re.compile("#/search"))


def test_figures_and_history_are_there(page: Page) -> None:
    page.goto(f"{page.home}#/figures")
    expect(page.get_by_role("heading", level=1)).to_have_text("Figures")
    expect(page.locator("#figures")).to_contain_text("HTTP 404")
    page.goto(f"{page.home}#/v/{NORA.id}")
    expect_post(page, NORA.id)
    page.wait_for_function(
        "id => Object.values(localStorage).some((value) => value.includes(id))", arg=NORA.id
    )
    page.goto(f"{page.home}#/history")
    expect(page.locator("#history")).to_contain_text(NORA.id)


FILTERS = [
    {},
    {"in": "cover"},
    {"in": "speech,comments"},
    {"from": "2023-06-01"},
    {"from": "2023-01-01", "to": "2023-12-31"},
    {"creator": " @Bakes.with.nora"},
    {"tag": " #Science"},
    {"tag": "science", "creator": "bakes.with.nora"},
    {"not": f"{NORA.id},{NEWEST_FIRST[3].id}"},
]
QUERIES = [
    *("sourdo bred", "how to find saturn", "#kitchenscience", "kitchenscience popcron", "🍿", ""),
    *("焼きたてのパン", "qué pinta", "PAN", "reply", "comment 7", "the", "ukulele songs hundred"),
    *("the -bread", '"the bread"', "sound:original", "creator:bakes.with.nora", "#science saturn"),
    *("bread under 10 s", "longer than 5 s", "after:2023-06 the", "satrun -telescope", "#nothing"),
    *(f"like:{NORA.id}", f"{NORA.id} pancake", f"the -{NORA.id}", "creator:nobody", '-"焼きたて"'),
    *("between 5 and 60 s", "not longer than 5 s", "the not #science", '"teh bread"'),
    *("the -🍿", '"🍿"', "the 2023-06..", "..2023-05-31 the", "like:123"),
    *("the like:123", "#satrun"),
    *("xylophonist", "qwertyuiop zzyzx", "satrun", "the zzyzx"),
    *(query for query in ODD_QUERIES if "\ud800" not in query),
]


def shown(found: dict) -> tuple[tuple, list]:
    """The number of results, whether the query has words, and the ids and passages of results."""
    passages = [
        [(snippet["field"], [tuple(part) for part in snippet["parts"]]) for snippet in snippets]
        for snippets in (hit["snippets"] for hit in found["hits"])
    ]
    ids = [hit["id"] for hit in found["hits"]]
    said = found["operators"], found["suggestion"]
    return (found["total"], found["has_words"], *said), list(zip(ids, passages, strict=True))


def asked_in_python(database: Path, data: Path, query: str, filters: dict[str, str]) -> tuple:
    with closing(open_for_search(database)) as db:
        db.row_factory = sqlite3.Row
        opened = Opened((0, 0, 0), db, Search(db))
        return shown(searching.search(opened, data, {"q": query, **filters}, 0))


def asked_in_browser(page: Page, query: str, filters: dict[str, str]) -> tuple:
    ask = "([query, filters]) => Viewer.source.search({ q: query, ...filters }, 0)"
    return shown(page.evaluate(ask, [query, filters]))


def test_the_browser_finds_what_the_server_finds(
    chromium: Browser, exported: Corpus, host: str
) -> None:
    data = exported.folder
    with looking(chromium, host) as page:
        page.goto(f"{host}/viewer/index.html")
        for query in QUERIES:
            for filters in FILTERS if query in QUERIES[:7] else FILTERS[:1]:
                here = asked_in_browser(page, query, filters)
                there = asked_in_python(data / "tiktoks.db", data, query, filters)
                assert here == there, (query, filters)


def test_a_rare_word_is_known(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word of the corpus is not split, even if it is too rare to load at the start."""
    monkeypatch.setattr(static, "MOST_WORDS", 10)
    data = demo_corpus(tmp_path / "data").folder
    write_viewer(data / "tiktoks.db", data, data / "viewer/index.html")
    with closing(open_for_search(data / "tiktoks.db")) as db:
        words = "SELECT word, occurrences FROM search_words ORDER BY occurrences, word LIMIT 40"
        held = dict(row for row in db.execute(words) if row[0].isascii())
        rare = [*held]
        only_tags = "SELECT DISTINCT tag FROM hashtags LEFT JOIN search_words ON word = tag "
        tags = [tag for (tag,) in db.execute(only_tags + "WHERE word IS NULL ORDER BY tag")]
        tags = [tag for tag in tags if tag.isascii() and tag.isalnum()][:10]
    with looking(chromium, "file://") as page:
        page.goto(f"file://{data}/viewer/index.html")
        ask = """async (words) => {
            const about = await Viewer.files.load("about");
            const language = await Viewer.words.ready();
            const asked = words.map((word) => language.asked(word, about));
            return (await Promise.all(asked)).map((found) => found.words);
        }"""
        assert page.evaluate(ask, rare) == [[word] for word in rare]
        own = ask.replace("found.words", "[...found.own.values()]")
        assert page.evaluate(own, rare) == [[count] for count in held.values()]
        assert tags and page.evaluate(ask, tags) == [[tag] for tag in tags]
        [unknown] = page.evaluate(ask, ["bakingbread"])
        assert unknown[0] == "bakingbread" and len(unknown) > 1


@pytest.mark.parametrize(
    "filters",
    [{"tag": "nothing"}, {"creator": "@Nobody"}, {"from": "2023-02-02", "to": "2023-02-01"}],
)
def test_a_filter_that_nothing_can_pass_has_the_same_message(
    chromium: Browser, exported: Corpus, filters: dict[str, str]
) -> None:
    with pytest.raises(SearchError) as refused:
        asked_in_python(exported.folder / "tiktoks.db", exported.folder, "bread", filters)
    host = f"file://{exported.folder}"
    with looking(chromium, host) as page:
        page.goto(f"{host}/viewer/index.html")
        with pytest.raises(Error, match=re.escape(str(refused.value))):
            asked_in_browser(page, "bread", filters)


@pytest.mark.skipif(not COLLECTION.exists(), reason="only where there is a real collection")
def test_a_real_collection_is_searched_alike(chromium: Browser, tmp_path: Path) -> None:
    from benchmarks import real_collection

    data = tmp_path / "data"
    shutil.copytree(COLLECTION, tmp_path / "part", copy_function=shutil.copyfile)
    info = tmp_path / "part" / "info.json"
    info.write_text(json.dumps(json.loads(info.read_bytes())[::4]))  # the size is not the subject
    database, queries = real_collection.build(tmp_path / "part", data)
    write_viewer(database, data, data / "viewer/index.html")
    with looking(chromium, "file://") as page:
        page.goto(f"file://{data}/viewer/index.html")
        for query in queries[::3]:  # each takes a quarter of a second in both
            _, here = asked_in_browser(page, query.text, {})
            _, there = asked_in_python(database, data, query.text, {})
            assert [id for id, _ in here[:10]] == [id for id, _ in there[:10]], query.text


def test_only_an_id_leads_to_the_file_of_a_post(chromium: Browser, host: str) -> None:
    with looking(chromium, host) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{host}/viewer/index.html#/search?q=bread&not=../../../evil")
        expect(page.locator("#search .card").first).to_be_visible()
        page.goto(f"{host}/viewer/index.html#/v/../../../evil")
        assert page.evaluate("Viewer.source.posts(['../../../evil'])") == []
    assert asked and not [url for url in asked if "evil.js" in url]


def test_queries_are_read_alike(page: Page) -> None:
    ask = """async ([query, today]) => {
        const language = await Viewer.words.ready();
        return Viewer.operators.parse(query, language, today);
    }"""
    for query, words, operators in TABLE["examples"]:
        found = page.evaluate(ask, [query, TABLE["today"]])
        assert " ".join(found["words"].split()) == words, query
        assert found["operators"] == [
            asdict(operator) for operator in parse_query(query, TODAY).operators
        ], query
        assert len(found["operators"]) == len(operators)


def test_keys_go_to_the_same_files_in_both_languages(page: Page) -> None:
    keys = ["", "_cat_", "_шар", "🍞", "#onepiece", "a" * 300]
    for count in (1, 7, 1000):
        in_browser = page.evaluate(
            "([keys, count]) => keys.map((key) => Viewer.files.shard(key, count))", [keys, count]
        )
        assert in_browser == [shard(key, count) for key in keys]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_an_export_is_the_same_each_time_and_replaces_the_old_one(tmp_path: Path) -> None:
    corpus = demo_corpus(tmp_path / "data")
    database, index = corpus.folder / "tiktoks.db", corpus.folder / "viewer" / "index.html"
    write_viewer(database, corpus.folder, index)
    first = contents(index.parent)
    write_viewer(database, corpus.folder, index)
    assert contents(index.parent) == first
    (corpus.folder / "coverphotos" / f"{NORA.id}.jpg").unlink()
    write_viewer(database, corpus.folder, index)
    (folder,) = (path for path in index.parent.iterdir() if path.is_dir())
    assert folder.name in index.read_text() and not any(folder.name in name for name in first)


def test_no_file_names_the_collector_or_contains_signatures(exported: Corpus) -> None:
    everything = b"".join(contents(exported.folder / "viewer").values())
    assert NORA.id.encode() in everything
    for secret in (b"7199999999999999999", b"web_id", b"signature=", b"x-expires"):
        assert secret not in everything


def test_the_workflow_writes_it_and_writes_it_again_when_the_corpus_grows(
    workflow: Workflow, chromium: Browser
) -> None:
    workflow.add([tiktok(1), tiktok(2)])
    workflow.run("data/viewer/index.html")
    workflow.add([tiktok(3)], "more.json")
    assert "rule build_viewer" in workflow.run("--dry-run", "data/viewer/index.html")
    workflow.run("data/viewer/index.html")
    assert "Nothing to be done" in workflow.run("data/viewer/index.html")
    with looking(chromium, "file://") as page:
        page.goto(f"file://{workflow.data}/viewer/index.html")
        for number in (3, 2, 1):
            expect_post(page, tiktok(number)["id"])
            wait_for_video(page, "video.readyState >= 2")
            page.keyboard.press("ArrowDown")
        page.goto(f"file://{workflow.data}/viewer/index.html#/figures")
        expect(page.locator("#figures img")).to_have_count(4)


def test_a_folder_that_was_copied_works_elsewhere(
    chromium: Browser, exported: Corpus, tmp_path: Path
) -> None:
    shutil.copytree(exported.folder, tmp_path / "elsewhere & beyond #1")
    address = (tmp_path / "elsewhere & beyond #1" / "viewer" / "index.html").as_uri()
    with looking(chromium, "file://") as page:
        page.goto(f"{address}#/v/{NORA.id}")
        expect_post(page, NORA.id)
        wait_for_video(page, "video.currentTime > 0")
