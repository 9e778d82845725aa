"""Remove posts on request: `data/removed.txt` lists them, one id on each line.

No run builds anything from these posts, and the next real run deletes their files, and their
records in the raw info. This is the only code that deletes downloads. `find_remains` shows that
they are gone.
"""

import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from scripts.counts import counted
from scripts.download.mirror import Mirror
from scripts.errors import ConfigError, MirrorError
from scripts.files import write_atomic
from scripts.plan.own_files import walk_folder
from scripts.rawinfo.catalogue import LINKS_FILE
from scripts.rawinfo.erasing import erase, places_in
from scripts.rawinfo.ids import ID_PATTERN, is_id
from scripts.rawinfo.listing import list_raw_info
from scripts.scrape.receipts import read_short_links, write_short_links
from scripts.store.database import open_database
from scripts.store.foreign import JSON_FILES, files_set_aside
from scripts.store.manifest import Manifest, read_manifest
from scripts.store.media_kinds import MEDIA_KINDS
from scripts.store.receipts import SCRAPES
from scripts.store.text_kinds import TEXT_KINDS

_FOLDERS = (*MEDIA_KINDS, *TEXT_KINDS, SCRAPES)
# Files that are built from the database only on request, so that no run would rebuild them.
_RESULTS = ("results.db", "report/experiments.html", "report/experiments")  # of the experiments
_ON_REQUEST = ("viewer", "experiments", "known_items.json", "trec", *_RESULTS)
_PATH = re.compile(rf"(?:^|/)(?:{'|'.join(_FOLDERS)})/({ID_PATTERN})(?=[./]|$)")
_NUMBER = re.compile("[0-9]+", re.ASCII)


def read_removed(file: Path) -> frozenset[str]:
    """Return the ids in `file`, if it exists. Raises ConfigError for a line that is not an id."""
    if not file.exists():
        return frozenset()
    ids = set()
    for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
        id = line.partition("#")[0].strip()
        if id and not is_id(id):
            raise ConfigError(
                f"{file}, line {number}: {id[:40]!r} is not the id of a TikTok (1 to 20 digits). "
                "Write one id on each line, and comments after a #."
            )
        ids.add(id)
    return frozenset(ids - {""})


def without(manifest: Manifest, removed: frozenset[str]) -> Manifest:
    """Return the manifest without the lines of removed posts."""
    return Manifest({p: line for p, line in manifest.lines.items() if not _is_of(p, removed)})


@dataclass(frozen=True)
class Remains:
    """The files of removed posts that are still there, and raw info with their records."""

    files: tuple[Path, ...]
    raw_info: tuple[str, ...]
    in_manifest: bool = False

    def __str__(self) -> str:
        parts = [counted(len(self.files), "files")] * bool(self.files)
        if self.raw_info:
            parts.append(f"records in {', '.join(self.raw_info)}")
        if self.in_manifest:
            parts.append("lines of the manifest")
        return " and ".join(parts)

    def __bool__(self) -> bool:
        return bool(self.files or self.raw_info or self.in_manifest)


def find_remains(data: Path, removed: frozenset[str], raw_info: Iterable[str]) -> Remains:
    """Return what `delete` would delete. raw_info: the files with records of removed posts.

    Texts of other programs that were set aside are treated like raw info.
    """
    if not removed:
        return Remains((), ())
    paths = read_manifest(data / "manifest.tsv").lines
    in_manifest = any(_is_of(path, removed) for path in paths)
    files = tuple(sorted(_files_of(data, removed)))
    set_aside = (
        str(file) for file in files_set_aside(data) if any(places_in(file, removed, merged=True))
    )
    return Remains(files, tuple(sorted({*raw_info, *set_aside})), in_manifest)


def announce(remains: Remains) -> None:
    """Print what the next real run deletes."""
    if remains:
        Console(stderr=True, highlight=False).print(
            f"A run deletes what belongs to the TikToks in removed.txt: {remains}.", soft_wrap=True
        )


def delete(data: Path, removed: frozenset[str], remains: Remains) -> None:
    """Delete the files, records and manifest lines of removed posts for good.

    It also deletes what was built from the database on request, which can be built again without
    them. Call it only with the run's lock.
    """
    set_aside = set(map(str, files_set_aside(data)))
    for name in remains.raw_info:
        erase(Path(name).resolve(), removed, merged=name in set_aside)
    manifest = data / "manifest.tsv"
    if manifest.exists():
        lines = manifest.read_text("utf-8").split("\n")
        kept = [line for line in lines if not _is_of(line.partition("\t")[0], removed)]
        if kept != lines:
            write_atomic(manifest, "\n".join(kept))
    links = read_short_links(data)
    if not removed.isdisjoint(links.values()):
        write_short_links(data, {link: id for link, id in links.items() if id not in removed})
    for file in remains.files:
        file.unlink(missing_ok=True)
        if file.parent.name in removed:
            with suppress(OSError):  # the folder of a photo post still contains other slides
                file.parent.rmdir()
    if remains:
        _delete_built(data, _ON_REQUEST)
        Console(stderr=True, highlight=False).print(f"Deleted {remains}.", soft_wrap=True)


def delete_results_without_queries(data: Path, queries: Iterable[str]) -> None:
    """Delete results and report of the experiments if their files of queries are gone, or empty.

    Otherwise, the report would still describe these queries. A run with queries builds both again.
    """
    files = [file for file in map(Path, queries) if file.is_file()]
    if all(b"".join(file.read_bytes().split()) in (b"", b"[]") for file in files):
        _delete_built(data, _RESULTS)


def _delete_built(data: Path, names: Iterable[str]) -> None:
    for name in names:
        if (data / name).is_dir():
            shutil.rmtree(data / name)
        else:
            (data / name).unlink(missing_ok=True)


def report_rest(
    data: Path,
    removed: frozenset[str],
    mirror: Mirror | None,
    media_folders: Iterable[str] = (),
) -> list[str]:
    """Say which places still contain something of removed posts, and what to do there.

    media_folders: those of the user, whose files are only named.
    """
    if not removed:
        return []
    found = list(_report_files(data, removed))
    for folder in media_folders:
        files = walk_folder(Path(folder).expanduser(), data.resolve(), [])
        found += _report_own_files(files, removed)
    if mirror is not None:
        try:
            there = sorted(path for path in mirror.sizes() if _is_of(path, removed))
            found += [f"{mirror.address}/{path} (delete it there)" for path in there]
        except MirrorError as error:
            found.append(f"{mirror.address} can't be searched ({error})")
    return found


def _report_files(root: Path, removed: frozenset[str]) -> Iterator[str]:
    listing = list_raw_info(root / "info")
    raw_info = {*listing.files, root / LINKS_FILE}
    yield from _report_own_files(listing.media, removed)
    set_aside = set(files_set_aside(root))
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        if _is_of(str(file.relative_to(root)), removed):
            yield str(file)
        elif file in raw_info:
            yield from (f"{file}, {place}" for place in places_in(file, removed))
        elif file.name in JSON_FILES or file in set_aside:
            yield from (f"{file}, {place}" for place in places_in(file, removed, merged=True))
        elif file.suffix == ".db":
            yield from (f"{file}, {place}" for place in _places_in_database(file, removed))
        elif file.name == "manifest.tsv":
            paths = read_manifest(file).lines
            yield from (f"{file}, line of {path}" for path in paths if _is_of(path, removed))


def _report_own_files(files: Iterable[Path], removed: frozenset[str]) -> Iterator[str]:
    """Name the user's files that have the id of a removed post in their name, or their folder's."""
    for file in files:
        if not removed.isdisjoint(_NUMBER.findall(f"{file.parent.name}/{file.name}")):
            yield f"{file} (your own file: delete it yourself)"


def _places_in_database(file: Path, removed: frozenset[str]) -> Iterator[str]:
    try:
        with closing(open_database(file)) as db:
            for (id,) in db.execute("SELECT id FROM tiktoks ORDER BY number").fetchall():
                if id in removed:
                    yield f"id {id}"
    except sqlite3.DatabaseError:
        return  # another program made this database


def _files_of(data: Path, removed: frozenset[str]) -> Iterator[Path]:
    """Yield media, texts, receipts and damaged files of removed posts."""
    for folder in (*_FOLDERS, "receipts", "damaged"):
        for file in (data / folder).rglob("*"):
            if not file.is_dir() and _is_of(str(file.relative_to(data)), removed):
                yield file


def _is_of(path: str, removed: frozenset[str]) -> bool:
    """True if a medium, text or receipt belongs to a removed post."""
    match = _PATH.search(path)
    return match is not None and match[1] in removed
