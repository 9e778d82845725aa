"""Scrape posts one after the other, with pauses. A killed scrape loses nothing.

In: the wanted posts. Out: raw info in `data/info/scraped_<UTC>.json`, and a receipt for each post.
The record is written before the receipt, so an interrupted scrape asks about its last post again.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console

from scripts.counts import counted
from scripts.download.downloader import Downloader
from scripts.errors import CorpusError
from scripts.files import encode_json, write_atomic
from scripts.plan.downloads import PENDING, Plan
from scripts.rawinfo.formats import ytdlp
from scripts.rawinfo.formats.comments import comment_record
from scripts.rawinfo.formats.found import FoundPost
from scripts.rawinfo.formats.item_struct import item_record
from scripts.rawinfo.formats.values import part, text
from scripts.scrape.receipts import (
    COOKIES,
    asked_today,
    next_receipt,
    read_scrapes,
    read_short_links,
    write_scrape,
    write_short_links,
)
from scripts.scrape.states import OK, REFUSALS, TRANSIENT, Refusal

# Each new record rewrites its whole file, so the file is always complete. A limit keeps this cheap.
RECORDS_PER_FILE = 100
# Posts in a row that fail for a passing reason before the scrape gives up for now.
PATIENCE = 5


@dataclass(frozen=True)
class ScrapeSettings:
    """The part of the `scrape` section that this module needs, checked.

    comments: how many to collect for each post. pause_s: mean pause between posts.
    daily_limit: posts in 24 hours.
    """

    comments: int
    pause_s: float
    daily_limit: int


class Answered(Protocol):
    """What the site said about a post: see `scripts.scrape.visit.Answer`."""

    @property
    def item(self) -> dict[str, Any] | None: ...
    @property
    def result(self) -> dict[str, Any] | None: ...


class Site(Protocol):
    """The site that answers: see `scripts.scrape.visit.Visit`."""

    def ask(self, id: str, /) -> Answered | Refusal: ...
    def resolve(self, short_link: str, /) -> str | Refusal: ...
    def comments(self, id: str, count: int, /) -> list[dict[str, Any]] | Refusal: ...
    def save_cookies(self) -> None: ...


class SiteRefusesError(CorpusError):
    """The site refuses to answer, and would refuse for the other posts, too."""


@dataclass(frozen=True)
class Scrape:
    """The result of a scrape.

    counts: the number of posts by outcome. left: the number of posts that it did not reach.
    stopped: why it ended early, or "".
    """

    counts: Counter[str]
    left: int
    stopped: str
    refused: bool

    def __str__(self) -> str:
        parts = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(self.counts.items()))
        posts = counted(self.counts.total(), "posts")
        asked = f"Asked the site about {posts}: {parts or 'none answered'}."
        rest = f" {self.stopped} {counted(self.left, 'posts', 'are')} left." if self.stopped else ""
        return asked + rest


def scrape_posts(
    wanted: Sequence[str],
    site: Site,
    data: Path,
    settings: ScrapeSettings,
    version: str,
    *,
    use: Callable[[dict[str, Any]], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Scrape:
    """Ask `site` about each post in turn. wanted: ids and short links.

    version: of yt-dlp, for the receipts. use: is called with each record once it is stored, while
    its links are fresh.
    """
    receipts = read_scrapes(data)
    budget = settings.daily_limit - asked_today(receipts, time.time())
    output = _RecordFile(data / "info")
    counts: Counter[str] = Counter()
    failures = 0
    for number, post in enumerate(wanted):
        if number >= budget:
            stopped = (
                f"The limit of {counted(settings.daily_limit, 'posts')} in 24 hours "
                "(scrape.daily_limit) is reached: type the same command again tomorrow."
            )
            return Scrape(counts, len(wanted) - number, stopped, refused=False)
        if number:
            sleep(settings.pause_s * random.uniform(0.5, 1.5))  # noqa: S311 (no secret)
        id = post if post.isdecimal() else _resolve(post, site, data)
        found = _scrape(id, site, settings) if isinstance(id, str) else id
        if not isinstance(found, Refusal):
            output.add(found)
            site.save_cookies()
        outcome, reason = (found.outcome, found.reason) if isinstance(found, Refusal) else (OK, "")
        counts[outcome] += 1
        if isinstance(id, str):
            write_scrape(data, next_receipt(receipts.get(id), id, outcome, reason, version))
        if isinstance(found, Refusal):
            failures = failures + 1 if outcome == TRANSIENT else 0
            if outcome in REFUSALS or failures == PATIENCE:
                stopped = f"Stopped: {reason}. {_REMEDY}"
                return Scrape(counts, len(wanted) - number, stopped, refused=True)
        else:
            failures = 0
            use(found)
    return Scrape(counts, 0, "", refused=False)


_REMEDY = (
    "Wait some hours, or log in with your browser and name it in `scrape.cookies_from_browser`; "
    "then type the same command again."
)


def _scrape(id: str, site: Site, settings: ScrapeSettings) -> dict[str, Any] | Refusal:
    """The record of one post."""
    answer = site.ask(id)
    if isinstance(answer, Refusal):
        return answer
    if answer.item is not None:
        record = item_record(answer.item)
        creator = text(part(answer.item, "author", "uniqueId"))
    else:
        record = _record_of_result(answer.result or {})
        creator = None
    if record.get("id") != id:
        return Refusal(TRANSIENT, "the site answered with another post")
    record["scrape-timestamp"] = round(time.time(), 3)
    if settings.comments:
        comments = site.comments(id, settings.comments)
        if isinstance(comments, Refusal):
            record["comments"] = None
            record["missing"] = {"comments": comments.reason}
        else:
            record["comments"] = [comment_record(comment, creator) for comment in comments]
    return record


def _record_of_result(result: dict[str, Any]) -> dict[str, Any]:
    """The record, taken from yt-dlp's own result."""
    if not ytdlp.recognises(result):
        return {}
    posts = [found.info for found in ytdlp.read(result) if isinstance(found, FoundPost)]
    return posts[0] if posts else {}


def _resolve(link: str, site: Site, data: Path) -> str | Refusal:
    """The id that a short link leads to. It is stored for later runs."""
    known = read_short_links(data)
    if link in known:
        return known[link]
    id = site.resolve(link)
    if isinstance(id, str):
        write_short_links(data, known | {link: id})
    return id


class _RecordFile:
    """A file of raw info that grows record by record, and is complete at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._records: list[bytes] = []
        self._file = folder

    def add(self, record: dict[str, Any]) -> None:
        if not self._records or len(self._records) == RECORDS_PER_FILE:
            self._records = []
            self._file = self._new_name()
        self._records.append(encode_json(record))
        write_atomic(self._file, b"[\n" + b",\n".join(self._records) + b"\n]\n")

    def _new_name(self) -> Path:
        time = datetime.now(UTC)
        while True:
            file = self._folder / f"scraped_{time:%Y%m%dT%H%M%SZ}.json"
            if not file.exists():
                return file
            time = datetime.fromtimestamp(time.timestamp() + 1, UTC)


def scrape_wanted(
    wanted: Sequence[str],
    data: Path,
    config: Mapping[str, Any],
    plan_record: Callable[[dict[str, Any]], Plan],
) -> None:
    """Ask the site about the posts, and download what their records link to.

    config: the whole configuration, checked. plan_record: which files a record leads to.
    Raises SiteRefusesError if the site does not answer; records collected before that stay.
    """
    from scripts.scrape.visit import Visit, yt_dlp_version

    settings, download = config["scrape"], config["download"]
    console = Console(stderr=True, highlight=False)
    if not wanted:
        console.print("There is no post to ask the site about.")
        return

    def download_media(record: dict[str, Any]) -> None:
        # A new downloader for each post: the visit may have new cookies.
        downloader = Downloader(download | {"cookies": download["cookies"] or str(cookie_file)})
        for file in plan_record(record).all():
            if file.state == PENDING:
                log = Path("logs", file.kind, f"{file.name}.log")
                downloader.fetch(file, file.media(data), file.receipt(data), log)

    cookie_file = data / COOKIES
    visit = Visit(
        cookie_file=cookie_file,
        proxy=download["proxy"],
        ca_bundle=download["ca_bundle"],
        browser=settings["cookies_from_browser"],
        impersonate=settings["impersonate"],
    )
    with closing(visit):
        done = scrape_posts(
            wanted,
            visit,
            data,
            ScrapeSettings(settings["comments"], settings["pause_s"], settings["daily_limit"]),
            yt_dlp_version(),
            use=download_media if settings["media"] else lambda record: None,
        )
    if done.refused:
        raise SiteRefusesError(str(done))
    console.print(str(done), soft_wrap=True)
    if done.counts[OK]:
        console.print("To build the corpus with them, type `snakemake --cores 8`.")
