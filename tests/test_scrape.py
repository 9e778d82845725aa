"""Scraping posts through yt-dlp's own code, from a stand-in that speaks HTTPS."""

import json
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from yt_dlp import version as yt_dlp_version

from demo.post_pages import COOKIE, MEDIA_HOST
from demo.site import Site
from demo.web import data as posts
from scripts.curation.removal import delete, find_remains
from scripts.errors import ConfigError
from scripts.rawinfo.formats.comments import comment_record
from scripts.rawinfo.formats.item_struct import item_record
from scripts.scrape import posts as scraping
from scripts.scrape.posts import RECORDS_PER_FILE, Scrape, ScrapeSettings, scrape_posts
from scripts.scrape.receipts import (
    ScrapeReceipt,
    digest_scrapes,
    known_scrapes,
    read_scrapes,
    read_short_links,
    receipt_path,
    write_scrape,
    write_short_links,
)
from scripts.scrape.states import Refusal
from scripts.scrape.visit import Answer, Visit
from scripts.store.manifest import HEADER, read_manifest, write_failures, write_manifest
from tests.support.small_corpus import Corpus, info

YT_DLP_VERSION = yt_dlp_version.__version__
IDS = [posts.post_id(number) for number in range(60)]
SETTINGS = ScrapeSettings(comments=20, pause_s=0, daily_limit=1000)


@pytest.fixture
def visit(site: Site, tmp_path: Path) -> Iterator[Visit]:
    visit = new_visit(site, tmp_path)
    yield visit
    visit.close()


def new_visit(site: Site, folder: Path) -> Visit:
    return Visit(
        cookie_file=folder / "cookies.txt",
        proxy=site.proxy_url,
        ca_bundle=site.ca_file,
        browser="",
        impersonate="",
    )


def scrape(site: Visit, data: Path, *ids: str, **settings: Any) -> Scrape:
    (data / "info").mkdir(parents=True, exist_ok=True)
    changed = ScrapeSettings(**(SETTINGS.__dict__ | settings))
    return scrape_posts(ids, site, data, changed, YT_DLP_VERSION, use=lambda record: None)


def records(data: Path) -> list[dict[str, Any]]:
    files = sorted((data / "info").glob("scraped_*.json"))
    return [record for file in files for record in json.loads(file.read_text())]


# --- one question


def test_the_pages_own_item_is_returned(site: Site, visit: Visit) -> None:
    answer = visit.ask(IDS[0])
    assert isinstance(answer, Answer)
    assert answer.item == site.pages.item(IDS[0])


def test_a_challenge_is_solved(site: Site, visit: Visit) -> None:
    site.pages.states[IDS[0]] = "challenge"
    answer = visit.ask(IDS[0])
    assert isinstance(answer, Answer)
    assert site.pages.visits == [IDS[0], IDS[0]]


@pytest.mark.parametrize(
    ("state", "outcome", "words"),
    [
        ("removed", "gone", "not available"),
        ("no-account", "gone", "account"),
        ("private", "private", "post is private"),
        ("private-account", "private", "account is private"),
        ("region", "region", "region"),
        ("age-restricted", "age-restricted", "log-in"),
        ("login", "login", "log-in"),
        ("captcha", "blocked", "captcha"),
        ("forbidden", "blocked", "403"),
        ("busy", "blocked", "429"),
    ],
)
def test_every_refusal_has_its_outcome(
    site: Site, visit: Visit, state: str, outcome: str, words: str
) -> None:
    site.pages.states[IDS[0]] = state
    answer = visit.ask(IDS[0])
    assert isinstance(answer, Refusal)
    assert answer.outcome == outcome
    assert words in answer.reason
    assert "://" not in answer.reason


def test_a_site_that_cannot_be_reached_is_a_passing_failure(site: Site, visit: Visit) -> None:
    site.faults["https://www.tiktok.com/"] = "connect-closed"
    answer = visit.ask(IDS[0])
    assert isinstance(answer, Refusal)
    assert answer.outcome == "transient"


def test_the_method_of_yt_dlp_that_we_borrow_is_there(visit: Visit) -> None:
    """It is private: this test fails when an update of yt-dlp changes it."""
    item, status = visit._extractor._extract_web_data_and_status(
        f"https://www.tiktok.com/@_/video/{IDS[0]}", IDS[0]
    )
    assert (item["id"], status) == (IDS[0], 0)


def test_without_that_method_yt_dlps_result_serves(visit: Visit, tmp_path: Path) -> None:
    visit._extractor = object()
    scrape(visit, tmp_path, IDS[0])
    [record] = records(tmp_path)
    item = posts.itemstruct(0)
    assert record["id"] == IDS[0]
    assert record["description"] == item["desc"]
    assert record["creator-username"] == f"@{item['author']['uniqueId']}"
    assert MEDIA_HOST in record["video-src"]
    assert len(record["comments"]) == 20


def test_short_links_lead_to_posts(site: Site, visit: Visit) -> None:
    site.pages.short_links = {"ZMabc": IDS[3], "ZT123": IDS[4]}
    assert visit.resolve("https://vm.tiktok.com/ZMabc/") == IDS[3]
    assert visit.resolve("https://www.tiktok.com/t/ZT123/") == IDS[4]
    refusal = visit.resolve("https://vm.tiktok.com/ZMxyz/")
    assert isinstance(refusal, Refusal)


def test_comments_end_with_an_empty_page(site: Site, visit: Visit) -> None:
    """The site says `has_more` forever."""
    number = 1
    assert visit.comments(IDS[number], 50) == posts.comments(number)
    assert len(site.requests) <= 3


def test_no_more_comments_than_wanted(visit: Visit) -> None:
    assert visit.comments(IDS[2], 7) == posts.comments(2)[:7]


def test_unsigned_requests_for_comments_may_be_refused(site: Site, visit: Visit) -> None:
    site.pages.comments_answer = "empty"
    refusal = visit.comments(IDS[0], 20)
    assert isinstance(refusal, Refusal)
    assert "signature" in refusal.reason


def test_cookies_stay_between_visits_and_are_private(site: Site, tmp_path: Path) -> None:
    for _ in range(2):
        visit = new_visit(site, tmp_path)
        visit.ask(IDS[0])
        visit.close()
    assert len(site.pages.cookies) == 1
    file = tmp_path / "cookies.txt"
    assert COOKIE in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


# --- many posts


def test_records_are_those_of_the_items(site: Site, visit: Visit, tmp_path: Path) -> None:
    site.pages.photos.add(IDS[1])
    done = scrape(visit, tmp_path, *IDS[:3])
    assert str(done) == "Asked the site about 3 posts: 3 ok."
    found = records(tmp_path)
    for number, record in enumerate(found):
        assert record.pop("scrape-timestamp") > 1.7e9
        handle = posts.handle(number)
        comments = [comment_record(c, handle) for c in posts.comments(number)[:20]]
        assert record.pop("comments") == comments
        assert record == item_record(site.pages.item(IDS[number]))
    assert len(found[1]["photos"]) == 3
    assert MEDIA_HOST in found[0]["video-src"]
    receipt = read_scrapes(tmp_path)[IDS[0]]
    assert (receipt.outcome, receipt.yt_dlp) == ("ok", YT_DLP_VERSION)


def test_comments_that_do_not_come_are_null_with_the_reason(
    site: Site, visit: Visit, tmp_path: Path
) -> None:
    site.pages.comments_answer = "empty"
    scrape(visit, tmp_path, IDS[0])
    [record] = records(tmp_path)
    assert record["comments"] is None
    assert "signature" in record["missing"]["comments"]


def test_comments_are_not_requested_if_none_are_wanted(
    site: Site, visit: Visit, tmp_path: Path
) -> None:
    scrape(visit, tmp_path, IDS[0], comments=0)
    assert "comments" not in records(tmp_path)[0]
    assert not any("/api/comment/" in path for _, _, path, _ in site.requests)


@pytest.mark.parametrize("state", ["captcha", "login", "busy", "forbidden"])
def test_a_refusal_stops_and_says_what_to_do(
    site: Site, visit: Visit, tmp_path: Path, state: str
) -> None:
    site.pages.states[IDS[25]] = state
    done = scrape(visit, tmp_path, *IDS[:50])
    assert done.refused
    assert done.left == 25
    assert "cookies_from_browser" in str(done)
    assert len(records(tmp_path)) == 25
    # If yt-dlp cannot read a page, it is requested once more, to look for a captcha.
    assert list(dict.fromkeys(site.pages.visits)) == IDS[:26]


def test_a_deleted_post_does_not_stop_the_others(site: Site, visit: Visit, tmp_path: Path) -> None:
    site.pages.states |= {IDS[0]: "removed", IDS[1]: "private", IDS[2]: "no-data"}
    done = scrape(visit, tmp_path, *IDS[:4])
    assert not done.refused
    assert [record["id"] for record in records(tmp_path)] == [IDS[3]]


def test_many_failures_in_a_row_stop_the_scrape(site: Site, visit: Visit, tmp_path: Path) -> None:
    site.pages.states |= dict.fromkeys(IDS, "no-data")
    done = scrape(visit, tmp_path, *IDS)
    assert done.refused
    assert done.counts == {"transient": 5}


def test_the_daily_limit_counts_earlier_runs(visit: Visit, tmp_path: Path) -> None:
    assert scrape(visit, tmp_path, *IDS[:3], daily_limit=3).left == 0
    done = scrape(visit, tmp_path, *IDS[3:6], daily_limit=5)
    assert (done.left, done.refused) == (1, False)
    assert "daily_limit" in str(done)


def test_short_links_are_resolved_once(site: Site, visit: Visit, tmp_path: Path) -> None:
    site.pages.short_links = {"ZMabc": IDS[5]}
    (tmp_path / "info").mkdir()
    link = "https://vm.tiktok.com/ZMabc/"
    for _ in range(2):
        scrape_posts([link], visit, tmp_path, SETTINGS, YT_DLP_VERSION, use=lambda record: None)
    asked = [host for _, host, _, _ in site.requests if host == "vm.tiktok.com"]
    assert len(asked) == 1
    assert {record["id"] for record in records(tmp_path)} == {IDS[5]}


class Quick:
    """A site that answers at once, with made-up data."""

    def ask(self, id: str) -> Answer:
        return Answer(posts.itemstruct(posts.number_of(id)), None)

    def resolve(self, short_link: str) -> str:
        raise AssertionError

    def comments(self, id: str, count: int) -> list[dict[str, Any]]:
        return []

    def save_cookies(self) -> None: ...


def test_files_stay_small_and_complete(tmp_path: Path) -> None:
    """A file is rewritten for each record, so it holds a limited number of them."""

    class Reading(Quick):
        def ask(self, id: str) -> Answer:
            for file in (tmp_path / "info").glob("*.json"):
                json.loads(file.read_text())
            return super().ask(id)

    (tmp_path / "info").mkdir()
    many = [posts.post_id(number) for number in range(RECORDS_PER_FILE + 1)]
    scrape_posts(many, Reading(), tmp_path, SETTINGS, "1", use=lambda record: None)
    sizes = [len(json.loads(f.read_text())) for f in sorted((tmp_path / "info").iterdir())]
    assert sizes == [RECORDS_PER_FILE, 1]


def test_receipts_that_are_damaged_are_ignored(tmp_path: Path) -> None:
    good = ScrapeReceipt(IDS[0], "gone", "", 1, 5, "1")
    write_scrape(tmp_path, good)
    receipt_path(tmp_path, IDS[1]).write_text("{")
    receipt_path(tmp_path, IDS[2]).write_text(receipt_path(tmp_path, IDS[0]).read_text())
    assert read_scrapes(tmp_path) == {IDS[0]: good}


def test_another_machine_knows_the_sites_answers(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    gone = ScrapeReceipt(IDS[0], "gone", "the account does not exist", 2, 5, "2026.10.26")
    write_scrape(first, gone)
    write_manifest(first, {}, first / "manifest.tsv")
    manifest = read_manifest(first / "manifest.tsv")
    assert known_scrapes(second, manifest) == {IDS[0]: gone}
    write_failures(manifest, second)
    assert read_scrapes(second) == {IDS[0]: gone}
    assert receipt_path(second, IDS[0]).read_bytes() == receipt_path(first, IDS[0]).read_bytes()

    newer = replace(gone, outcome="ok", reason="", attempts=1, time=9)
    write_scrape(first, newer)
    write_manifest(first, {}, first / "manifest.tsv")
    assert known_scrapes(tmp_path, read_manifest(first / "manifest.tsv")) == {IDS[0]: newer}
    assert digest_scrapes({IDS[0]: newer}) != digest_scrapes({IDS[0]: gone}) != digest_scrapes({})


def test_answers_in_a_manifest_are_checked(tmp_path: Path) -> None:
    rows = [
        f"scrapes/{IDS[0]}\t\t\t\t" + json.dumps({"id": IDS[1], "outcome": "gone"}),
        f"scrapes/{IDS[1]}\t\t\t\t" + json.dumps({"outcome": ["gone"]}),
    ]
    (tmp_path / "manifest.tsv").write_text("\n".join([HEADER, *rows, ""]))
    manifest = read_manifest(tmp_path / "manifest.tsv")
    assert known_scrapes(tmp_path, manifest) == {}
    write_failures(manifest, tmp_path)
    assert read_scrapes(tmp_path) == {}
    (tmp_path / "manifest.tsv").write_text(f"{HEADER}\nscrapes/../x\t\t\t\t{{}}\n")
    with pytest.raises(ConfigError, match="a corpus can't contain the file"):
        read_manifest(tmp_path / "manifest.tsv")


def test_the_answers_about_a_removed_post_are_deleted(tmp_path: Path) -> None:
    for id in IDS[:2]:
        write_scrape(tmp_path, ScrapeReceipt(id, "gone", "", 2, 5, "1"))
    write_short_links(tmp_path, {"https://vm.tiktok.com/a/": IDS[0], "https://x/": IDS[1]})
    write_manifest(tmp_path, {}, tmp_path / "manifest.tsv")
    removed = frozenset({IDS[0]})
    delete(tmp_path, removed, find_remains(tmp_path, removed, ()))
    assert list(read_scrapes(tmp_path)) == [IDS[1]]
    assert read_short_links(tmp_path) == {"https://x/": IDS[1]}
    assert list(read_manifest(tmp_path / "manifest.tsv").lines) == [f"scrapes/{IDS[1]}"]


def test_the_database_contains_the_sites_answers(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    corpus.add_info("a.json", [info(IDS[0])])
    (tmp_path / "links.txt").write_text(f"{IDS[1]}\n{IDS[2]}\n")
    write_scrape(tmp_path, ScrapeReceipt(IDS[0], "private", "the post is private", 1, 5, "1"))
    write_scrape(tmp_path, ScrapeReceipt(IDS[1], "gone", "the account does not exist", 2, 6, "1"))
    with closing(sqlite3.connect(corpus.database())) as db:
        assert db.execute(
            "SELECT id, outcome, attempts, asked_at, yt_dlp FROM scrapes"
        ).fetchall() == [
            (IDS[0], "private", 1, 5, "1"),
            (IDS[1], "gone", 2, 6, "1"),
        ]
        wanted = "SELECT id, outcome, reason, asked_at FROM wanted_tiktoks ORDER BY id"
        assert db.execute(wanted).fetchall() == [
            (IDS[1], "gone", "the account does not exist", 6),
            (IDS[2], None, None, None),
        ]


def test_a_deleted_post_is_confirmed_once() -> None:
    assert not ScrapeReceipt(IDS[0], "gone", "", 1, 5, "1").is_final
    assert ScrapeReceipt(IDS[0], "gone", "", 2, 5, "1").is_final
    assert ScrapeReceipt(IDS[0], "private", "", 1, 5, "1").is_final
    assert not ScrapeReceipt(IDS[0], "blocked", "", 99, 5, "1").is_final


@pytest.fixture(autouse=True)
def restore_environment() -> Iterator[None]:
    """A visit sets environment variables that tell yt-dlp's libraries which CA to trust."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize("place", ["ask", "comments", "add", "save_cookies", "write_scrape"])
def test_a_scrape_that_ends_anywhere_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """It is killed at this place at every seventh post; the next scrape asks about the rest."""

    class Killed(BaseException):
        """No handler catches this, so only the files on disk are left."""

    asked: list[str] = []
    calls = 0

    def dies(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls % 7 == 0:
                raise Killed
            return function(*arguments)

        return call

    class Counting(Quick):
        def ask(self, id: str) -> Answer:
            asked.append(id)
            return super().ask(id)

    owner = {"add": scraping._RecordFile, "write_scrape": scraping}.get(place, Counting)
    monkeypatch.setattr(owner, place, dies(getattr(owner, place)))
    (tmp_path / "info").mkdir()
    kills = 0
    while wanted := [id for id in IDS[:50] if id not in {r["id"] for r in records(tmp_path)}]:
        with suppress(Killed):
            scrape_posts(wanted, Counting(), tmp_path, SETTINGS, "1", use=lambda record: None)
            continue
        kills += 1
    assert kills >= 7
    found = [record["id"] for record in records(tmp_path)]
    assert sorted(found) == sorted(IDS[:50])
    again = len(asked) - len(set(asked))
    assert again <= kills, "only what a kill cut short is asked again"
