"""What there is, what can be downloaded now, and what can't, and why.

Made once at the start of every run from the raw info, the media on disk and their receipts; it
decides which files Snakemake is told about. Downloads that are finished are no longer outputs of
any rule (see `id_pattern`), so nothing, not even `--forcerun`, can make Snakemake touch them.
"""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from scripts import receipts
from scripts.errors import UnavailableError
from scripts.links import inspect_link
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

    `failed_as`: the outcome of the latest try, where there was one. `lost`: it was downloaded once,
    is missing now, and can't be downloaded again.
    """

    kind: str
    id: str
    url: str | None
    host: str | None
    expires_at: int | None
    state: str
    reason: str = ""
    failed_as: str = ""
    lost: bool = False

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

    def id_pattern(self, kind: str) -> str:
        """A regular expression for the ids whose file isn't there: what a rule may download."""
        states = (FINISHED, UNVERIFIED)
        present = [d.id for d in self.downloads[kind].values() if d.state in states]
        absent = [d.id for d in self.downloads[kind].values() if d.state not in states]
        if len(present) < len(absent):
            excluded = f"(?!(?:{_prefix_pattern(present)})(?![0-9]))" if present else ""
            return excluded + "[0-9]{1,20}"
        return _prefix_pattern(absent)


def make_plan(catalogue: Catalogue, data: Path, *, max_attempts: int, retry_all: bool) -> Plan:
    """Compare what the raw info asks for with what is on disk, now."""
    now = time.time()
    downloads = {}
    for kind in KINDS.values():
        present = _files_with_content(data / kind.name)
        stored = _names(data / "receipts" / kind.name)
        downloads[kind.name] = {
            entry.id: _assess(
                kind,
                entry,
                f"{entry.id}{kind.suffix}" in present,
                read_receipt(kind.receipt(data, entry.id))
                if f"{entry.id}.json" in stored
                else None,
                max_attempts,
                retry_all,
                now,
            )
            for entry in catalogue.newest.values()
        }
    return Plan(catalogue, downloads)


def _assess(
    kind: MediaKind,
    entry: Entry,
    present: bool,
    receipt: Receipt | None,
    max_attempts: int,
    retry_all: bool,
    now: float,
) -> Download:
    url = getattr(entry, kind.link_field)
    link = inspect_link(url)
    downloaded = receipt is not None and receipt.outcome == receipts.OK

    def download(state: str, reason: str = "", failed_as: str = "") -> Download:
        once = receipt is not None and receipt.downloaded_at is not None
        lost = once and not present and state != PENDING
        link_facts = (url, link.host, link.expires_at)
        return Download(kind.name, entry.id, *link_facts, state, reason, failed_as, lost)

    if present:
        return download(FINISHED if downloaded else UNVERIFIED)
    if link.kind != "downloadable":
        return download(receipts.REJECTED, link.reason)
    if link.expires_at is not None and link.expires_at <= now:
        return download(receipts.EXPIRED, LINK_EXPIRED)
    tried = receipt is not None and not downloaded and receipt.link == fingerprint(url)
    if tried and not retry_all and _given_up(receipt, max_attempts, now):
        return download(receipt.outcome, receipt.reason)
    return download(PENDING, receipt.reason, receipt.outcome) if tried else download(PENDING)


def _given_up(receipt: Receipt, max_attempts: int, now: float) -> bool:
    """Whether this link is not worth another request now."""
    if receipt.outcome == receipts.LATER:
        return receipt.not_before is not None and receipt.not_before > now
    final = receipt.outcome in (receipts.GONE, receipts.EXPIRED, receipts.REJECTED)
    return final or receipt.attempts >= max_attempts


def _files_with_content(folder: Path) -> set[str]:
    """Names of the files that are not empty: an empty one is a placeholder."""
    return {file.name for file in _scan(folder) if file.stat().st_size > 0}


def _names(folder: Path) -> set[str]:
    return {file.name for file in _scan(folder)}


def _scan(folder: Path) -> Iterator[os.DirEntry[str]]:
    if folder.is_dir():
        with os.scandir(folder) as files:
            yield from files


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
