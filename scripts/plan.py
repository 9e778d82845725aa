"""What there is, what can be downloaded now, and what can't, and why.

Made once at the start of every run from the raw info, the media on disk and their receipts; it
decides which files Snakemake is told about. Downloads that are finished are no longer outputs of
any rule (see `name_pattern`), so nothing, not even `--forcerun`, can make Snakemake touch them.
"""

import hashlib
import os
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from scripts import receipts
from scripts.errors import UnavailableError
from scripts.links import DOWNLOADABLE, inspect_link
from scripts.manifest import Manifest
from scripts.media_kinds import KINDS, MediaKind, id_of
from scripts.rawinfo import Catalogue
from scripts.receipts import Receipt, fingerprint, read_receipt

FINISHED = "finished"
PENDING = "pending"
UNVERIFIED = "unverified"  # the file is there without its receipt

LINK_EXPIRED = "the link is past its expiry"

# Soonest expiry first: Snakemake starts jobs of a higher priority earlier.
LATEST_EXPIRY = 2**33


@dataclass(frozen=True, slots=True)
class Download:
    """One file to be had, and how it stands: a state above, or an outcome (see receipts).

    `failed_as`: the outcome of the latest try of this link. `tried`: there is a receipt. `lost`: it
    was downloaded once, is missing now, and can't be downloaded again. `kept`: its receipt in the
    manifest, where the mirror may have it.
    """

    kind: str
    name: str
    url: str | None = field(repr=False)
    host: str | None
    expires_at: int | None
    state: str
    reason: str = ""
    failed_as: str = ""
    tried: bool = False
    lost: bool = False
    kept: Receipt | None = None

    def media(self, data: Path) -> Path:
        return KINDS[self.kind].media(data, self.name)

    def receipt(self, data: Path) -> Path:
        return KINDS[self.kind].receipt(data, self.name)

    @property
    def is_expected(self) -> bool:
        """Whether the file is there or will be made by this run."""
        return self.state in (FINISHED, PENDING, UNVERIFIED)

    @property
    def priority(self) -> int:
        return LATEST_EXPIRY - (self.expires_at or LATEST_EXPIRY)


@dataclass(frozen=True)
class Plan:
    """All downloads of a corpus by kind and name, in the order of the ids."""

    catalogue: Catalogue
    downloads: Mapping[str, Mapping[str, Download]]

    def find(self, kind: str, name: str) -> Download:
        """The download of one file. Raises UnavailableError for one that nobody scraped."""
        try:
            return self.downloads[kind][name]
        except KeyError:
            raise UnavailableError(f"No raw info in data/info has the id {id_of(name)}.") from None

    def media(self, kinds: Iterable[MediaKind], data: Path) -> list[str]:
        """Paths of all files that are there or will be made by this run."""
        return [
            str(download.media(data))
            for kind in kinds
            for download in self.downloads[kind.name].values()
            if download.is_expected
        ]

    def by_id(self, kinds: Iterable[MediaKind], data: Path) -> dict[str, list[str]]:
        """Paths of what is there or will be made, in the order of `kinds`, by the TikTok's id."""
        files = defaultdict(list)
        for kind in kinds:
            for download in self.downloads[kind.name].values():
                if download.is_expected:
                    path = f"{data}/{kind.name}/{download.name}{kind.suffix}"
                    files[id_of(download.name)].append(path)
        return files

    def unverified(self) -> dict[str, Download]:
        """Files without their receipts, by "<kind>/<name>"."""
        return {
            f"{download.kind}/{download.name}": download
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
            f"{download.kind}/{download.name}"
            for downloads in self.downloads.values()
            for download in downloads.values()
            if download.lost
        ]

    def tried_or_expected(self) -> str:
        """Tells which files there are, will be, or were tried, by one hash of them all.

        A run doesn't change it, whatever becomes of its downloads; files that come from elsewhere,
        or links that are new, do.
        """
        names = (
            f"{download.kind}/{download.name}\n"
            for downloads in self.downloads.values()
            for download in downloads.values()
            if download.is_expected or download.tried
        )
        return hashlib.sha256("".join(names).encode()).hexdigest()

    def name_pattern(self, kind: MediaKind, asked_for: Collection[str] = ()) -> str:
        """A regular expression for the files that aren't there: what a rule may download.

        `asked_for`: names of files that are asked for, for Snakemake refuses a name that no rule
        matches, though its file be there.
        """
        present, absent = [], []
        for download in self.downloads[kind.name].values():
            there = download.state in (FINISHED, UNVERIFIED) and download.name not in asked_for
            (present if there else absent).append(download.name)
        if len(present) < len(absent):
            excluded = f"(?!(?:{_prefix_pattern(present)})(?![0-9]))" if present else ""
            return excluded + kind.name_pattern
        return _prefix_pattern(absent)


@dataclass(frozen=True, slots=True)
class _Policy:
    """Which failed downloads are worth another try, `now` (unix seconds)."""

    max_attempts: int
    retry_all: bool
    has_mirror: bool
    now: float

    def gives_up(self, receipt: Receipt) -> bool:
        if self.retry_all:
            return False
        if receipt.outcome == receipts.LATER:
            return receipt.not_before is not None and receipt.not_before > self.now
        final = receipt.outcome in (receipts.GONE, receipts.EXPIRED, receipts.REJECTED)
        return final or receipt.attempts >= self.max_attempts


def make_plan(
    catalogue: Catalogue,
    data: Path,
    manifest: Manifest,
    *,
    max_attempts: int,
    retry_all: bool,
    has_mirror: bool,
) -> Plan:
    """Compare what the raw info asks for with what is on disk, and in the manifest, now."""
    policy = _Policy(max_attempts, retry_all, has_mirror, time.time())
    downloads = {
        kind.name: _assess_all(kind, catalogue, data, manifest, policy) for kind in KINDS.values()
    }
    return Plan(catalogue, downloads)


def _assess_all(
    kind: MediaKind, catalogue: Catalogue, data: Path, manifest: Manifest, policy: _Policy
) -> dict[str, Download]:
    """Every file of one kind that some TikTok has, by its name."""
    sizes = _sizes(data / kind.name)
    stored = _sizes(data / "receipts" / kind.name)
    downloads = {}
    for id, entry in catalogue.newest.items():
        for name, url in kind.files(id, entry.links).items():
            size_bytes = sizes.get(f"{name}{kind.suffix}", 0)
            known = f"{name}.json" in stored
            receipt = read_receipt(kind.receipt(data, name)) if known else None
            kept = manifest.receipt(kind, name) if not size_bytes else None
            downloads[name] = _assess(kind, name, url, size_bytes, receipt, kept, policy)
    return downloads


def _assess(
    kind: MediaKind,
    name: str,
    url: str | None,
    size_bytes: int | None,
    receipt: Receipt | None,
    kept: Receipt | None,
    policy: _Policy,
) -> Download:
    # What is there needs no link, and to take apart 100,000 links takes seconds.
    link = inspect_link(None if size_bytes else url)
    receipt = receipt or kept

    def download(state: str, reason: str = "", failed_as: str = "") -> Download:
        tried = receipt is not None
        once = tried and receipt.downloaded_at is not None
        lost = once and not size_bytes and state != PENDING
        link_facts = (url, link.host, link.expires_at)
        return Download(kind.name, name, *link_facts, state, reason, failed_as, tried, lost)

    downloaded = receipt is not None and receipt.outcome == receipts.OK
    if size_bytes is None:
        return download(receipts.REJECTED, "the file leads to a place that isn't there now")
    if size_bytes > 0:
        # A file that isn't the one of its receipt is looked at, like one without a receipt.
        unchanged = downloaded and receipt.size_bytes == size_bytes
        return download(FINISHED if unchanged else UNVERIFIED)
    if policy.has_mirror and kept is not None and kept.is_file:
        return replace(download(PENDING), kept=kept)
    if link.kind != DOWNLOADABLE:
        return download(receipts.REJECTED, link.reason)
    if link.expires_at is not None and link.expires_at <= policy.now:
        return download(receipts.EXPIRED, LINK_EXPIRED)
    failed = receipt is not None and not downloaded and receipt.link == fingerprint(url)
    if failed and policy.gives_up(receipt):
        return download(receipt.outcome, receipt.reason)
    return download(PENDING, receipt.reason, receipt.outcome) if failed else download(PENDING)


def _sizes(folder: Path, inside: str = "") -> dict[str, int | None]:
    """Size in bytes of every file by its path: 0 for a placeholder, None for a broken link."""
    sizes: dict[str, int | None] = {}
    if folder.is_dir():
        with os.scandir(folder) as files:
            for file in files:
                if file.name.startswith("."):
                    continue  # a temporary file of a live run, gone in a moment
                name = inside + file.name
                try:
                    sizes[name] = file.stat().st_size
                except FileNotFoundError:
                    sizes[name] = None
                if file.is_dir():
                    sizes |= _sizes(Path(file), f"{name}/")
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
