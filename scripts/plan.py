"""What there is, what can be downloaded now, and what can't, and why.

Made once at the start of every run from the raw info, the media on disk and their receipts; it
decides which files Snakemake is told about. Downloads that are finished are no longer outputs of
any rule (see `id_pattern`), so nothing, not even `--forcerun`, can make Snakemake touch them.
"""

import hashlib
import os
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from scripts import receipts
from scripts.errors import UnavailableError
from scripts.links import DOWNLOADABLE, inspect_link
from scripts.rawinfo import Catalogue, Entry
from scripts.receipts import Receipt, fingerprint, read_receipt

FINISHED = "finished"
PENDING = "pending"
UNVERIFIED = "unverified"  # the file is there without its receipt

LINK_EXPIRED = "the link is past its expiry"

# Soonest expiry first: Snakemake starts jobs of a higher priority earlier.
LATEST_EXPIRY = 2**33


@dataclass(frozen=True, slots=True)
class MediaKind:
    """One kind of download: its folder, the ending of its files, and where its link stands."""

    name: str
    suffix: str
    link_field: str

    def media(self, data: Path, id: str) -> Path:
        return data / self.name / f"{id}{self.suffix}"

    def receipt(self, data: Path, id: str) -> Path:
        return data / "receipts" / self.name / f"{id}.json"


VIDEOS = MediaKind("videos", ".mp4", "video_src")
COVERPHOTOS = MediaKind("coverphotos", ".jpg", "coverphoto_src")
KINDS = {kind.name: kind for kind in (VIDEOS, COVERPHOTOS)}


@dataclass(frozen=True, slots=True)
class Download:
    """One file to be had, and how it stands: a state above, or an outcome (see receipts).

    `failed_as`: the outcome of the latest try of this link. `tried`: there is a receipt. `lost`: it
    was downloaded once, is missing now, and can't be downloaded again.
    """

    kind: str
    id: str
    url: str | None
    host: str | None
    expires_at: int | None
    state: str
    reason: str = ""
    failed_as: str = ""
    tried: bool = False
    lost: bool = False

    def media(self, data: Path) -> Path:
        return KINDS[self.kind].media(data, self.id)

    def receipt(self, data: Path) -> Path:
        return KINDS[self.kind].receipt(data, self.id)

    @property
    def priority(self) -> int:
        return LATEST_EXPIRY - (self.expires_at or LATEST_EXPIRY)


@dataclass(frozen=True)
class Plan:
    """All downloads of a corpus by kind and id, in the order of the ids."""

    catalogue: Catalogue
    downloads: Mapping[str, Mapping[str, Download]]

    def find(self, kind: str, id: str) -> Download:
        """The download of one file. Raises UnavailableError for an id that nobody scraped."""
        try:
            return self.downloads[kind][id]
        except KeyError:
            raise UnavailableError(f"No raw info in data/info has the id {id}.") from None

    def ids(self, kind: str) -> list[str]:
        """Ids whose file is there or will be made by this run."""
        states = (FINISHED, PENDING, UNVERIFIED)
        return [d.id for d in self.downloads[kind].values() if d.state in states]

    def unverified(self) -> dict[str, Download]:
        """Files without their receipts, by "<kind>/<id>"."""
        return {
            f"{download.kind}/{download.id}": download
            for downloads in self.downloads.values()
            for download in downloads.values()
            if download.state == UNVERIFIED
        }

    def unverified_pattern(self) -> str:
        """A regular expression for the keys of `unverified`."""
        return _prefix_pattern(self.unverified())

    def lost(self) -> list[str]:
        """Files that were downloaded once, are missing now, and can't be downloaded again."""
        return [
            f"{download.kind}/{download.id}"
            for downloads in self.downloads.values()
            for download in downloads.values()
            if download.lost
        ]

    def tried_or_expected(self) -> str:
        """Tells which files there are, will be, or were tried, by one hash of them all.

        A run doesn't change it, whatever becomes of its downloads; files that come from elsewhere,
        or links that are new, do.
        """
        states = (FINISHED, PENDING, UNVERIFIED)
        names = (
            f"{download.kind}/{download.id}\n"
            for downloads in self.downloads.values()
            for download in downloads.values()
            if download.state in states or download.tried
        )
        return hashlib.sha256("".join(names).encode()).hexdigest()

    def id_pattern(self, kind: str, asked_for: Collection[str] = ()) -> str:
        """A regular expression for the ids whose file isn't there: what a rule may download.

        `asked_for`: ids of files that are asked for by name, for Snakemake refuses a name that no
        rule matches, though its file be there.
        """
        present, absent = [], []
        for download in self.downloads[kind].values():
            there = download.state in (FINISHED, UNVERIFIED) and download.id not in asked_for
            (present if there else absent).append(download.id)
        if len(present) < len(absent):
            excluded = f"(?!(?:{_prefix_pattern(present)})(?![0-9]))" if present else ""
            return excluded + "[0-9]{1,20}"
        return _prefix_pattern(absent)


@dataclass(frozen=True, slots=True)
class _Policy:
    """Which failed downloads are worth another try, `now` (unix seconds)."""

    max_attempts: int
    retry_all: bool
    now: float

    def gives_up(self, receipt: Receipt) -> bool:
        if self.retry_all:
            return False
        if receipt.outcome == receipts.LATER:
            return receipt.not_before is not None and receipt.not_before > self.now
        final = receipt.outcome in (receipts.GONE, receipts.EXPIRED, receipts.REJECTED)
        return final or receipt.attempts >= self.max_attempts


def make_plan(catalogue: Catalogue, data: Path, *, max_attempts: int, retry_all: bool) -> Plan:
    """Compare what the raw info asks for with what is on disk, now."""
    policy = _Policy(max_attempts, retry_all, time.time())
    downloads = {}
    for kind in KINDS.values():
        sizes = _sizes(data / kind.name)
        stored = _sizes(data / "receipts" / kind.name)
        downloads[kind.name] = {
            id: _assess(
                kind,
                entry,
                sizes.get(f"{id}{kind.suffix}", 0),
                read_receipt(kind.receipt(data, id)) if f"{id}.json" in stored else None,
                policy,
            )
            for id, entry in catalogue.newest.items()
        }
    return Plan(catalogue, downloads)


def _assess(
    kind: MediaKind, entry: Entry, size_bytes: int | None, receipt: Receipt | None, policy: _Policy
) -> Download:
    url = getattr(entry, kind.link_field)
    link = inspect_link(url)

    def download(state: str, reason: str = "", failed_as: str = "") -> Download:
        tried = receipt is not None
        once = tried and receipt.downloaded_at is not None
        lost = once and not size_bytes and state != PENDING
        link_facts = (url, link.host, link.expires_at)
        return Download(kind.name, entry.id, *link_facts, state, reason, failed_as, tried, lost)

    downloaded = receipt is not None and receipt.outcome == receipts.OK
    if size_bytes is None:
        return download(receipts.REJECTED, "the file leads to a place that isn't there now")
    if size_bytes > 0:
        # A file that isn't the one of its receipt is looked at, like one without a receipt.
        unchanged = downloaded and receipt.size_bytes == size_bytes
        return download(FINISHED if unchanged else UNVERIFIED)
    if link.kind != DOWNLOADABLE:
        return download(receipts.REJECTED, link.reason)
    if link.expires_at is not None and link.expires_at <= policy.now:
        return download(receipts.EXPIRED, LINK_EXPIRED)
    failed = receipt is not None and not downloaded and receipt.link == fingerprint(url)
    if failed and policy.gives_up(receipt):
        return download(receipt.outcome, receipt.reason)
    return download(PENDING, receipt.reason, receipt.outcome) if failed else download(PENDING)


def _sizes(folder: Path) -> dict[str, int | None]:
    """Size in bytes of every file by its name: 0 for a placeholder, None for a broken link."""
    sizes: dict[str, int | None] = {}
    if folder.is_dir():
        with os.scandir(folder) as files:
            for file in files:
                if file.name.startswith("."):
                    continue  # a temporary file of a live run, gone in a moment
                try:
                    sizes[file.name] = file.stat().st_size
                except FileNotFoundError:
                    sizes[file.name] = None
    return sizes


def _prefix_pattern(ids: Iterable[str]) -> str:
    """A regular expression that matches exactly `ids`, by their common prefixes.

    A plain alternation of 10,000 ids would be tried from its beginning for each of 10,000 files.
    """
    ids = sorted(set(ids))
    return _pattern_of(ids, 0) if ids else "(?!)"


def _pattern_of(ids: list[str], start: int) -> str:
    """The pattern of what follows `start` in sorted ids that agree before it."""
    if len(ids) == 1:
        return ids[0][start:]
    shared = len(os.path.commonprefix([ids[0], ids[-1]]))  # noqa: RUF071 — ids, not paths
    branches = [
        _pattern_of(list(group), shared)
        for _, group in groupby(ids, key=lambda id: id[shared : shared + 1])
    ]
    return f"{ids[0][start:shared]}(?:{'|'.join(branches)})"
