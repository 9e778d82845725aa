"""Plan the downloads: which are finished, which can be made now, which cannot, and why.

Every run makes one plan at its start, from raw info, the media on disk and their receipts. The plan
decides which files Snakemake knows about. Finished downloads stay out of Snakemake's graph, so
nothing, not even `--forcerun`, can make Snakemake touch them.
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
from scripts.store.media_kinds import MEDIA_KINDS, MediaKind, id_of
from scripts.store.receipts import Receipt, link_hash, read_receipt, were_rejected

FINISHED = "finished"
PENDING = "pending"
UNVERIFIED = "unverified"  # the file is there without its receipt

LINK_EXPIRED = "the link has expired"

# Soonest expiry first: Snakemake starts jobs of a higher priority earlier.
LATEST_EXPIRY = 2**33


@dataclass(frozen=True, slots=True)
class Download:
    """One file to download.

    state: one of the states above, or an outcome (see `scripts.store.receipts`).
    reason: why it is in this state; empty if nothing is wrong.
    failed_as: the outcome of the last try of this link; empty if no run has tried it.
    expires_at: when the link expires (unix seconds).
    tried: a receipt exists.
    lost: the file was downloaded once, is missing now, and cannot be downloaded again.
    sha256: the checksum in its receipt.
    in_manifest: its receipt in the manifest; the mirror may have this file.
    other_urls: more links to the same file, for when the first one fails.
    may_ask_site: one of the links is worth a request.
    has_unchecked: this version of the checks has not seen a damaged file of this download.
    own_files: files of the user that may be this one.
    has_audio: True if a finished video has sound.
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
    in_manifest: Receipt | None = None
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
        """Return the data folder that contains the path `media`."""
        return media.parents[1 + self.name.count("/")]

    @property
    def is_wanted_from_mirror(self) -> bool:
        """True if the file is missing, and the mirror may have it."""
        return self.state == PENDING and self.in_manifest is not None

    @property
    def is_expected(self) -> bool:
        """True if the file is there, or this run will make it."""
        return self.state in (FINISHED, PENDING, UNVERIFIED)

    @property
    def priority(self) -> int:
        return LATEST_EXPIRY - (self.expires_at or LATEST_EXPIRY)


@dataclass(frozen=True)
class Plan:
    """All downloads of a corpus by kind and name, in the order of the ids.

    newest: for each kind, the path of the receipt that was written last for a finished file.
    """

    catalogue: Catalogue
    downloads: Mapping[str, Mapping[str, Download]]
    newest: list[Path]

    def find(self, kind: str, name: str) -> Download:
        """Return the download of one file. Raises UnavailableError if no raw info has the post."""
        try:
            return self.downloads[kind][name]
        except KeyError:
            raise UnavailableError(
                f"No raw info in data/info contains the id {id_of(name)}."
            ) from None

    def at(self, media: str) -> Download:
        """Return the download of a path such as `data/videos/7.mp4`. Raises UnavailableError."""
        _, kind, *rest = Path(media).with_suffix("").parts
        return self.find(kind, "/".join(rest))

    def all(self) -> Iterator[Download]:
        """Yield the downloads of all kinds."""
        return (d for downloads in self.downloads.values() for d in downloads.values())

    def all_of(self, id: str) -> list[Download]:
        """Return the downloads of one TikTok."""
        return [download for download in self.all() if id_of(download.name) == id]

    def pending(self, data: Path) -> list[str]:
        """Return the paths of all files that this run will fetch."""
        return [str(download.media(data)) for download in self.all() if download.state == PENDING]

    def unverified(self) -> dict[str, Download]:
        """Return the files without matching receipts, by "<kind>/<name>"."""
        return {
            f"{download.kind}/{download.name}": download
            for download in self.all()
            if download.state == UNVERIFIED
        }

    def lost(self) -> list[str]:
        """Return the files that were downloaded once, but are missing and no longer available."""
        return [f"{download.kind}/{download.name}" for download in self.all() if download.lost]

    def tried_or_expected(self) -> str:
        """Return a hash of the names of all files that exist, will be made, or were tried.

        The outcomes of a run's own downloads do not change it; files from elsewhere and new links
        do.
        """
        names = (
            f"{download.kind}/{download.name}\n"
            for download in self.all()
            if download.is_expected or download.tried
        )
        return hashlib.sha256("".join(names).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Policy:
    """Decides which failed downloads are worth another try. now: unix seconds."""

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
    """Compare the links in raw info with the files on disk, their receipts and the manifest.

    max_attempts: the number of failed runs after which a download is given up. retry_all: also try
    downloads that were given up. own: the media that the user has elsewhere.
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
    """The files of one kind.

    there, written: the media and the receipts, by their paths in their folders. unchecked: the
    names of downloads with a damaged file that this version of the checks has not seen.
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
    """Yield the name of each file of this kind that a TikTok has, and all links to it."""
    others = kind.others(links)
    return ((name, (url, *others)) for name, url in kind.files(id, links).items())


def _find(
    folder: _Folder, name: str, data: Path, manifest: Manifest, own: OwnFiles, policy: _Policy
) -> "_Found":
    kind = folder.kind
    state = folder.there.get(f"{name}{kind.suffix}")
    size_bytes = 0 if state is None else state.size_bytes
    receipt = read_receipt(kind.receipt(data, name)) if f"{name}.json" in folder.written else None
    is_finished = _is_finished(size_bytes, receipt)
    in_manifest = None if is_finished else manifest.receipt(kind, name)
    own_files = own.candidates(kind.name, name) if size_bytes == 0 else ()
    if own_files and not policy.retry_all and were_rejected(own_files, receipt):
        own_files = ()
    return _Found(size_bytes, receipt, in_manifest, name in folder.unchecked, own_files)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known about one file.

    size_bytes: see `FileState`. receipt: the one in `data`. in_manifest, has_unchecked, own_files:
    see `Download`.
    """

    size_bytes: int | None
    receipt: Receipt | None
    in_manifest: Receipt | None
    has_unchecked: bool
    own_files: tuple[Path, ...]


def _is_finished(size_bytes: int | None, receipt: Receipt | None) -> bool:
    """True if the file has the size that its receipt names. Any other file is verified again."""
    if not size_bytes or receipt is None or receipt.outcome != receipts.OK:
        return False
    return receipt.size_bytes == size_bytes


def _assess(
    kind: MediaKind, name: str, urls: Sequence[str | None], found: _Found, policy: _Policy
) -> Download:
    """Decide the state of one file. urls: all links to it, the preferred one first."""
    size_bytes = found.size_bytes
    # A file that is there needs no link, and parsing 100,000 links takes seconds.
    url, *others = urls if size_bytes else _live_first(urls, policy.now)
    link = inspect_link(None if size_bytes else url)
    receipt = found.receipt or found.in_manifest

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
        return download(receipts.REJECTED, "the file is a link whose target is missing")
    if found.receipt is not None and _is_finished(size_bytes, found.receipt):
        has_audio = found.receipt.facts.get("has_audio")
        return replace(download(FINISHED), has_audio=has_audio)
    if size_bytes > 0:
        return replace(download(UNVERIFIED), in_manifest=found.in_manifest)
    state, reason, failed_as = _assess_link(link, urls, receipt, policy)
    if receipt is not None and receipts.REJECTED_FILES in receipt.facts and state != PENDING:
        reason = reason if reason == receipt.reason else f"{reason}; {receipt.reason}"
    from_site = download(state, reason, failed_as)
    in_manifest = found.in_manifest
    on_mirror = policy.has_mirror and in_manifest is not None and in_manifest.is_file
    is_here = found.has_unchecked or bool(found.own_files)
    needs_no_link = on_mirror or (is_here and from_site.state != PENDING)
    return replace(
        download(PENDING) if needs_no_link else from_site,
        in_manifest=in_manifest if on_mirror else None,
        other_urls=tuple(filter(None, others)),
        may_ask_site=from_site.state == PENDING,
        has_unchecked=found.has_unchecked,
        own_files=found.own_files,
    )


def _live_first(urls: Sequence[str | None], now: float) -> Sequence[str | None]:
    """Return the links that have not expired and can be followed, or else the preferred one."""
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
    """Return state, reason and `failed_as` of a file that only the site may have.

    A try of one of the links (`urls`) counts for all of them, because a download tries each one.
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
    """size_bytes: 0 for a placeholder, None for a broken link. modified_ns: since 1970 (ns)."""

    size_bytes: int | None
    modified_ns: int


def files_in(folder: Path, inside: str = "") -> dict[str, FileState]:
    """Return the state of every file in a folder, by its path there; {} if there is no folder."""
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
