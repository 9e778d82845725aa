"""What there is, what can be downloaded now, and what can't, and why.

Made once at the start of every run from the raw info, the media on disk and their receipts; it
decides which files Snakemake is told about. Downloads that are finished stay out of Snakemake's
graph, so nothing, not even `--forcerun`, can make Snakemake touch them.
"""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from scripts.errors import UnavailableError
from scripts.plan.own_files import OwnFiles
from scripts.rawinfo.catalogue import Catalogue
from scripts.rawinfo.links import DOWNLOADABLE, Link, inspect_link
from scripts.rawinfo.media_links import MediaLinks
from scripts.store import receipts
from scripts.store.damaged import DamagedFile, find_damaged
from scripts.store.manifest import Manifest
from scripts.store.media_kinds import MEDIA_KINDS, VIDEOS, MediaKind, id_of
from scripts.store.receipts import Receipt, link_hash, read_receipt, were_rejected

FINISHED = "finished"
PENDING = "pending"
UNVERIFIED = "unverified"  # the file is there without its receipt

LINK_EXPIRED = "the link is past its expiry"

# Soonest expiry first: Snakemake starts jobs of a higher priority earlier.
LATEST_EXPIRY = 2**33


@dataclass(frozen=True, slots=True)
class Download:
    """One file to download, and its state: a state above, or an outcome (see receipts).

    `failed_as`: the outcome of the latest try of this link. `tried`: there is a receipt. `lost`: it
    was downloaded once, is missing now, and can't be downloaded again. `kept`: its receipt in the
    manifest, whose file the mirror may have. `other_urls`: more links to the same file, in case
    the first one fails. `may_ask_site`: a link is worth a request. `has_unchecked`: a damaged file
    of it waits for this version of the checks. `own_files`: files of the user that may be it.
    `has_audio`: whether a finished video has sound.
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
    sha256: str | None = None
    kept: Receipt | None = None
    other_urls: tuple[str, ...] = field(default=(), repr=False)
    may_ask_site: bool = True
    has_unchecked: bool = False
    own_files: tuple[Path, ...] = ()
    has_audio: bool | None = None

    def media(self, data: Path) -> Path:
        return MEDIA_KINDS[self.kind].media(data, self.name)

    def receipt(self, data: Path) -> Path:
        return MEDIA_KINDS[self.kind].receipt(data, self.name)

    def data_folder(self, media: Path) -> Path:
        """The data folder of a path that `media` gave."""
        return media.parents[1 + self.name.count("/")]

    @property
    def is_wanted_of_mirror(self) -> bool:
        """Whether the file is missing, and the mirror may have it."""
        return self.state == PENDING and self.kept is not None

    @property
    def is_expected(self) -> bool:
        """Whether the file is there or will be made by this run."""
        return self.state in (FINISHED, PENDING, UNVERIFIED)

    @property
    def priority(self) -> int:
        return LATEST_EXPIRY - (self.expires_at or LATEST_EXPIRY)


@dataclass(frozen=True)
class Plan:
    """All downloads of a corpus by kind and name, in the order of the ids.

    newest: the receipts that were written last, of what is finished, one of each kind at most.
    """

    catalogue: Catalogue
    downloads: Mapping[str, Mapping[str, Download]]
    newest: list[Path]

    def find(self, kind: str, name: str) -> Download:
        """The download of one file. Raises UnavailableError for one that nobody scraped."""
        try:
            return self.downloads[kind][name]
        except KeyError:
            raise UnavailableError(f"No raw info in data/info has the id {id_of(name)}.") from None

    def at(self, media: str) -> Download:
        """The download of the file with this path, such as `data/videos/7.mp4`."""
        _, kind, *rest = Path(media).with_suffix("").parts
        return self.find(kind, "/".join(rest))

    def all(self) -> Iterator[Download]:
        """The downloads of all kinds."""
        return (d for downloads in self.downloads.values() for d in downloads.values())

    def all_of(self, id: str) -> list[Download]:
        """The downloads of one TikTok."""
        return [download for download in self.all() if id_of(download.name) == id]

    def pending(self, data: Path) -> list[str]:
        """Paths of all files that this run will fetch."""
        return [str(download.media(data)) for download in self.all() if download.state == PENDING]

    def unverified(self) -> dict[str, Download]:
        """Files without their receipts, by "<kind>/<name>"."""
        return {
            f"{download.kind}/{download.name}": download
            for download in self.all()
            if download.state == UNVERIFIED
        }

    def lost(self) -> list[str]:
        """Files that were downloaded once, are missing now, and can't be downloaded again."""
        return [f"{download.kind}/{download.name}" for download in self.all() if download.lost]

    def tried_or_expected(self) -> str:
        """Tells which files there are, will be, or were tried, by one hash of them all.

        A run doesn't change it, whatever becomes of its downloads; files that come from elsewhere,
        or links that are new, do.
        """
        names = (
            f"{download.kind}/{download.name}\n"
            for download in self.all()
            if download.is_expected or download.tried
        )
        return hashlib.sha256("".join(names).encode()).hexdigest()


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
    own: OwnFiles | None = None,
) -> Plan:
    """Compare what the raw info asks for with what is on disk, and in the manifest, now.

    own: the media that the user has elsewhere.
    """
    own = own or OwnFiles()
    policy = _Policy(max_attempts, retry_all, has_mirror, time.time())
    damaged = list(find_damaged(data))
    folders = [_look_into(kind, data, damaged) for kind in MEDIA_KINDS.values()]
    downloads: dict[str, dict[str, Download]] = {folder.kind.name: {} for folder in folders}
    for id, entry in catalogue.newest.items():
        links = entry.links
        for folder in folders:
            for name, urls in _files_of(folder.kind, id, links):
                found = _find(folder, name, data, manifest, own, policy)
                downloads[folder.kind.name][name] = _assess(folder.kind, name, urls, found, policy)
    newest = []
    for folder in folders:
        kind, written = folder.kind, folder.written
        finished = [d.name for d in downloads[kind.name].values() if d.state == FINISHED]
        if finished:
            last = max(finished, key=lambda name: (written[f"{name}.json"].modified_ns, name))
            newest.append(kind.receipt(data, last))
    return Plan(catalogue, downloads, newest)


@dataclass(frozen=True, slots=True)
class _Folder:
    """What there is of one kind: its files and the receipts, by their paths, and the names of the
    files of which a damaged one waits for another check.
    """

    kind: MediaKind
    there: Mapping[str, "FileState"]
    written: Mapping[str, "FileState"]
    unchecked: frozenset[str]


def _look_into(kind: MediaKind, data: Path, damaged: Iterable[DamagedFile]) -> _Folder:
    unchecked = (f.name for f in damaged if f.kind == kind.name and not f.is_checked)
    written = files_in(data / "receipts" / kind.name)
    return _Folder(kind, files_in(data / kind.name), written, frozenset(unchecked))


def _files_of(
    kind: MediaKind, id: str, links: MediaLinks
) -> Iterator[tuple[str, Sequence[str | None]]]:
    """The name of each file of a kind that a TikTok has, and all links to it."""
    others = links.other_videos if kind is VIDEOS else ()
    return ((name, (url, *others)) for name, url in kind.files(id, links).items())


def _find(
    folder: _Folder, name: str, data: Path, manifest: Manifest, own: OwnFiles, policy: _Policy
) -> "_Found":
    kind = folder.kind
    state = folder.there.get(f"{name}{kind.suffix}")
    size_bytes = 0 if state is None else state.size_bytes
    receipt = read_receipt(kind.receipt(data, name)) if f"{name}.json" in folder.written else None
    kept = None if _is_finished(size_bytes, receipt) else manifest.receipt(kind, name)
    own_files = own.candidates(kind.name, name) if size_bytes == 0 else ()
    if own_files and not policy.retry_all and were_rejected(own_files, receipt):
        own_files = ()
    return _Found(size_bytes, receipt, kept, name in folder.unchecked, own_files)


@dataclass(frozen=True, slots=True)
class _Found:
    """What there is of one file: its size (see `FileState`), its receipt here and its receipt in
    the manifest, whether a damaged file waits for another check, and files of the user that may be
    it.
    """

    size_bytes: int | None
    receipt: Receipt | None
    kept: Receipt | None
    has_unchecked: bool
    own_files: tuple[Path, ...]


def _is_finished(size_bytes: int | None, receipt: Receipt | None) -> bool:
    """A file that isn't the one of its receipt is looked at, like one without a receipt."""
    if not size_bytes or receipt is None or receipt.outcome != receipts.OK:
        return False
    return receipt.size_bytes == size_bytes


def _assess(
    kind: MediaKind, name: str, urls: Sequence[str | None], found: _Found, policy: _Policy
) -> Download:
    """How one file stands. urls: all links to it, the preferred one first."""
    size_bytes = found.size_bytes
    # What is there needs no link, and to take apart 100,000 links takes seconds.
    url, *others = urls if size_bytes else _live_first(urls, policy.now)
    link = inspect_link(None if size_bytes else url)
    receipt = found.receipt or found.kept

    def download(state: str, reason: str = "", failed_as: str = "") -> Download:
        once = receipt is not None and receipt.downloaded_at is not None
        return Download(
            kind.name,
            name,
            url,
            link.host,
            link.expires_at,
            state,
            reason,
            failed_as,
            tried=receipt is not None,
            lost=once and not size_bytes and state != PENDING,
            sha256=None if receipt is None else receipt.sha256,
        )

    if size_bytes is None:
        return download(receipts.REJECTED, "the file leads to a place that isn't there now")
    if found.receipt is not None and _is_finished(size_bytes, found.receipt):
        has_audio = found.receipt.facts.get("has_audio")
        return replace(download(FINISHED), has_audio=has_audio)
    if size_bytes > 0:
        return replace(download(UNVERIFIED), kept=found.kept)
    state, reason, failed_as = _assess_link(link, urls, receipt, policy)
    if receipt is not None and receipts.REJECTED_FILES in receipt.facts and state != PENDING:
        reason = reason if reason == receipt.reason else f"{reason}; {receipt.reason}"
    from_site = download(state, reason, failed_as)
    is_kept = policy.has_mirror and found.kept is not None and found.kept.is_file
    is_pending = is_kept or found.has_unchecked or bool(found.own_files)
    return replace(
        download(PENDING) if is_kept or (is_pending and from_site.state != PENDING) else from_site,
        kept=found.kept if is_kept else None,
        other_urls=tuple(filter(None, others)),
        may_ask_site=from_site.state == PENDING,
        has_unchecked=found.has_unchecked,
        own_files=found.own_files,
    )


def _live_first(urls: Sequence[str | None], now: float) -> Sequence[str | None]:
    """The links that can be downloaded now, or else the preferred one."""
    links = [(url, inspect_link(url)) for url in urls]
    live = [
        url
        for url, link in links
        if link.kind == DOWNLOADABLE and (link.expires_at is None or link.expires_at > now)
    ]
    return live or urls[:1]


def _assess_link(
    link: Link, urls: Sequence[str | None], receipt: Receipt | None, policy: _Policy
) -> tuple[str, str, str]:
    """State, reason and outcome of the latest try, of a file that only the site may have.

    A try of one of the links (`urls`) counts for all of them: a download tries them in turn.
    """
    if link.kind != DOWNLOADABLE:
        return receipts.REJECTED, link.reason, ""
    if link.expires_at is not None and link.expires_at <= policy.now:
        return receipts.EXPIRED, LINK_EXPIRED, ""
    if receipt is None or receipt.outcome == receipts.OK:
        return PENDING, "", ""
    if receipt.link not in {link_hash(url or "") for url in urls}:
        return PENDING, "", ""
    if policy.gives_up(receipt):
        return receipt.outcome, receipt.reason, ""
    return PENDING, receipt.reason, receipt.outcome


class FileState(NamedTuple):
    """size_bytes: 0 for a placeholder, None for a broken link. modified_ns: since 1970."""

    size_bytes: int | None
    modified_ns: int


def files_in(folder: Path, inside: str = "") -> dict[str, FileState]:
    """The state of every file in a folder, by its path there; none where there is no folder."""
    found: dict[str, FileState] = {}
    if folder.is_dir():
        with os.scandir(folder) as files:
            for file in files:
                if file.name.startswith("."):
                    continue  # a temporary file of a live run, gone in a moment
                name = inside + file.name
                try:
                    status = file.stat()
                    found[name] = FileState(status.st_size, status.st_mtime_ns)
                except FileNotFoundError:
                    found[name] = FileState(None, 0)
                if file.is_dir():
                    found |= files_in(Path(file), f"{name}/")
    return found
