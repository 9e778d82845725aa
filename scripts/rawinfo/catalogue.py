"""Catalogue all raw info of a corpus. Other packages read raw info only through this module.

In: files of any format in `formats/registry.py`. Out: an `Entry` for each post, so small that
hundreds of thousands fit into memory; and, on request, each `Post`: its observations merged field
by field, with the comments that were collected separately. `python -m scripts.rawinfo.catalogue`
prints the JSON Schema of a raw-info file.
"""

import json
from array import array
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import IO, Any

from scripts.errors import ConfigError, RawInfoError
from scripts.rawinfo.dialects import Comment, Record, json_schema
from scripts.rawinfo.formats import raw_info
from scripts.rawinfo.formats.found import FoundComment, FoundPost
from scripts.rawinfo.inventory import FileContents, Inventory, Mention
from scripts.rawinfo.json_decoder import ElementDecoder
from scripts.rawinfo.listing import UnreadableFileError, list_raw_info, open_raw_info
from scripts.rawinfo.media_links import MediaLinks, choose_links
from scripts.rawinfo.merging import LooseComment, merge
from scripts.rawinfo.problems import Problem, Report
from scripts.rawinfo.reading import Item, read_items
from scripts.rawinfo.slices import EVERYTHING, Slice
from scripts.rawinfo.sources import is_read_in_place
from scripts.rawinfo.spool import Spool
from scripts.rawinfo.validation import validate

__all__ = [
    "Catalogue",
    "Comment",
    "Entry",
    "Origin",
    "Post",
    "build_catalogue",
    "catalogue_folder",
    "catalogue_record",
    "json_schema",
    "load_posts",
    "read_posts",
]

MAX_OPEN_FILES = 32
LINKS_FILE = "links.txt"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record is: its number in the file, from 1, and the byte offsets of its JSON.

    spool: the spool that the offsets refer to, unless they refer to the file itself.
    """

    file: str
    record: int
    start: int
    end: int
    spool: Spool | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post(Record):
    """A record, with the whole object as collected (`info`) and the origin of the newest one."""

    info: dict[str, Any] = field(repr=False)
    origin: Origin


@dataclass(frozen=True, slots=True)
class Entry:
    """What planning needs to know about a post. It is small: hundreds of thousands are in memory.

    older: its other observations, the newest first. links_at: the place of its links in the spool.
    comments: the places, also in the spool, of the comments that came separately, the newest first.
    rank: of its format. has_stickers: this observation has texts that the creator typed on screen.
    """

    id: str
    scrape_timestamp: float | None
    origin: Origin
    spool: Spool = field(compare=False, repr=False)
    links_at: tuple[int, int]
    rank: int = 0
    has_stickers: bool = False
    older: tuple["Entry", ...] = ()
    comments: tuple[tuple[int, int], ...] = ()

    @property
    def links(self) -> MediaLinks:
        """The links, read from the spool: a post has up to a dozen, of 700 characters each."""
        return MediaLinks(*self.spool.read(*self.links_at))

    @property
    def recency(self) -> tuple[float, int, str, int]:
        """A key that sorts the observations of one post: the newest is the largest.

        If times are equal, the richer format counts as newer, then the later file.
        """
        time = self.scrape_timestamp or 0
        return time, -self.rank, self.origin.file, self.origin.record


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All posts in some files: the newest observation of each, completed by the others.

    superseded: all observations except the newest one of each post, as they were collected.
    left_out: the files that contain something about removed posts.
    inventory: what each file contains, and the posts that are known only by their link.
    """

    newest: dict[str, Entry]
    superseded: list[Entry]
    problems: list[Problem]
    left_out: frozenset[str] = frozenset()
    inventory: Inventory = field(default_factory=Inventory)

    def files(self) -> list[str]:
        """Return the files with usable contents, sorted."""
        return sorted({file.name for file in self.inventory.files if file.is_used})

    def check_posts(self) -> None:
        """Raise ConfigError if there are no posts."""
        if not self.newest:
            raise ConfigError("data/info contains no TikToks. Put raw info there, then run again.")

    def observations(self, entry: Entry) -> list[Entry]:
        """Return all observations of a post as they were collected, the newest first."""
        return [replace(entry, older=(), comments=()), *entry.older]


_FIELDS = tuple(record_field.name for record_field in fields(Record))


def read_posts(file: Path | str, report: Report) -> Iterator[Post]:
    """Yield the posts of one file in order, streamed. Problems go to `report`."""
    name = str(file)
    for item in read_items(file, report):
        if item.record is not None and isinstance(item.found, FoundPost):
            origin = Origin(name, item.number, item.element.start, item.element.end)
            yield _post(item.record, item.found.info, origin)


def build_catalogue(
    files: Iterable[Path], removed: Collection[str] = (), part: Slice = EVERYTHING
) -> Catalogue:
    """Catalogue the posts in `files` that are in `part` and not in `removed` (ids).

    The contents of files never make it raise.
    """
    builder = _Builder(frozenset(removed), part)
    for file in sorted(set(files), key=str):
        builder.read(file)
    return builder.finish()


def catalogue_folder(
    folder: Path,
    removed: Collection[str] = (),
    part: Slice = EVERYTHING,
    others: Iterable[Path] = (),
) -> Catalogue:
    """Catalogue all raw info in `folder` (`data/info`), and report what is left out and why.

    It includes the list of links next to the folder, `data/links.txt`. others: more raw-info files.
    """
    listing = list_raw_info(folder)
    links = folder.with_name(LINKS_FILE)
    files = [*listing.files, *others, *([links] if links.exists() else [])]
    catalogue = build_catalogue(files, removed, part)
    catalogue.inventory.media += listing.media
    return replace(catalogue, problems=[*listing.problems, *catalogue.problems])


def catalogue_record(record: Record) -> Catalogue:
    """Return the catalogue of one record that was just collected. It can't be loaded again."""
    spool = Spool()
    links = spool.add(choose_links(record).as_tuple())
    entry = Entry(record.id, record.scrape_timestamp, Origin("", 1, 0, 0), spool, links)
    return Catalogue({record.id: entry}, [], [])


def load_posts(entries: Iterable[Entry]) -> Iterator[Post]:
    """Yield the posts of `entries` in that order: read again from their files, and merged.

    Raises RawInfoError if a file changed after the catalogue was built.
    """
    with _Loader() as loader:
        for entry in entries:
            yield loader.load(entry)


class _Builder:
    """Collects the contents of the files."""

    def __init__(self, removed: frozenset[str], part: Slice) -> None:
        self._removed, self._part = removed, part
        self._spool = Spool()
        self._observations: dict[str, Entry | list[Entry]] = {}  # most posts have one
        self._comments: dict[str, array[float]] = {}  # start, end and time of each comment
        self._problems: list[Problem] = []
        self._left_out: set[str] = set()
        self._inventory = Inventory()

    def read(self, file: Path) -> None:
        """Add the contents of one file."""
        name = str(file)
        contents = FileContents(name)
        before = len(self._problems)
        in_place = is_read_in_place(name)
        for item in read_items(file, self._problems.append):
            contents.formats[item.format] += 1
            id = _id_of(item)
            if id in self._removed:
                self._left_out.add(name)
            elif id is None or id in self._part:
                self._add(item, contents, in_place)
        contents.problems = len(self._problems) - before
        self._inventory.files.append(contents)

    def _add(self, item: Item, contents: FileContents, in_place: bool) -> None:
        found = item.found
        if isinstance(found, FoundPost):
            contents.posts += 1
            contents.first_id = contents.first_id or _id_of(item) or ""
            self._add_post(item, contents, in_place)
        elif isinstance(found, FoundComment):
            contents.comments += 1
            contents.comments_of[found.post_id] += 1
            place = self._spool.add([found.info, found.parent])
            comments = self._comments.setdefault(found.post_id, array("d"))
            comments.extend((*place, found.seen_at or 0))
        else:
            contents.links += 1
            mention = Mention(contents.name, item.number, found.source, found.seen_at)
            self._inventory.mentions.setdefault(found.id or found.link, []).append(mention)

    def _add_post(self, item: Item, contents: FileContents, in_place: bool) -> None:
        record, element = item.record, item.element
        if record is None or not isinstance(item.found, FoundPost):
            return
        is_whole = item.format == raw_info.NAME and item.found.info is element.value
        if in_place and is_whole and element.is_json:
            origin = Origin(contents.name, item.number, element.start, element.end)
        else:
            start, end = self._spool.add(dict(item.found.info))  # also of a row of a table
            origin = Origin(contents.name, item.number, start, end, self._spool)
        links = self._spool.add(choose_links(record).as_tuple())
        time, has_stickers = record.scrape_timestamp, bool(record.sticker_texts)
        entry = Entry(record.id, time, origin, self._spool, links, item.rank, has_stickers)
        others = self._observations.get(entry.id)
        if others is None:
            self._observations[entry.id] = entry
            contents.new_posts += 1
        elif isinstance(others, list):
            others.append(entry)
        else:
            self._observations[entry.id] = [others, entry]

    def finish(self) -> Catalogue:
        """Return the catalogue, in the order of the ids."""
        newest: dict[str, Entry] = {}
        superseded: list[Entry] = []
        with _Loader() as loader:
            for id in sorted(self._observations, key=_numeric):
                found = self._observations.pop(id)
                entries = found if isinstance(found, list) else [found]
                entries.sort(key=lambda entry: entry.recency)
                superseded += entries[:-1]
                entry = entries[-1]
                comments = self._comments.pop(id, None)
                if comments is not None:
                    entry = replace(entry, comments=_places(comments))
                if len(entries) > 1:
                    entry = replace(entry, older=tuple(entries[-2::-1]))
                    with suppress(RawInfoError):  # loading the post later raises it again
                        links = choose_links(loader.load(entry))
                        entry = replace(entry, links_at=self._spool.add(links.as_tuple()))
                newest[id] = entry
        self._inventory.orphans = {id: len(c) // 3 for id, c in self._comments.items()}
        return Catalogue(
            newest, superseded, self._problems, frozenset(self._left_out), self._inventory
        )


def _places(comments: "array[float]") -> tuple[tuple[int, int], ...]:
    """Return the places of comments, the newest first; equal times stay in the order of reading."""
    triples = [comments[at : at + 3] for at in range(0, len(comments), 3)]
    triples.sort(key=lambda triple: -triple[2])
    return tuple((int(start), int(end)) for start, end, _ in triples)


def _id_of(item: Item) -> str | None:
    if isinstance(item.found, FoundPost):
        return item.record.id if item.record is not None else None
    return item.found.post_id if isinstance(item.found, FoundComment) else item.found.id


def _post(record: Record, info: dict[str, Any], origin: Origin) -> Post:
    return Post(**{name: getattr(record, name) for name in _FIELDS}, info=info, origin=origin)


def _numeric(id: str) -> tuple[int, str]:
    return int(id), id


class _Loader:
    """Reads records again from their files. It is not thread-safe."""

    def __init__(self) -> None:
        self._decoder = ElementDecoder()
        # A few files stay open, because sorted ids alternate between files.
        self._opened: OrderedDict[str, IO[bytes]] = OrderedDict()

    def __enter__(self) -> "_Loader":
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._opened.values():
            file.close()

    def load(self, entry: Entry) -> Post:
        """Return a post with its observations merged. Raises RawInfoError if a file changed."""
        post = self._observation(entry)
        if not entry.older and not entry.comments:
            return post
        others = [self._observation(other).info for other in entry.older]
        info = merge([post.info, *others], self._loose(entry))
        record, _ = validate(info)
        if record is None:
            raise _changed(entry)
        return _post(record, info, entry.origin)

    def _observation(self, entry: Entry) -> Post:
        """Return the newest observation of a post as it was collected."""
        info = self._info(entry)
        record, _ = validate(info)
        if record is None or record.id != entry.id:
            raise _changed(entry)
        return _post(record, info, entry.origin)

    def _loose(self, entry: Entry) -> list[LooseComment]:
        found = (entry.spool.read(*place) for place in entry.comments)
        return [LooseComment(info, parent) for info, parent in found]

    def _info(self, entry: Entry) -> dict[str, Any]:
        origin = entry.origin
        if origin.spool is not None:
            info = origin.spool.read(origin.start, origin.end)
            return dict(info)
        try:
            content = self._read(entry)
            text = content.decode("utf-8", "surrogateescape").strip()
            info, end, _, fault = self._decoder.decode(text, 0)
        except (OSError, ValueError, UnreadableFileError) as error:
            raise _changed(entry) from error
        if fault is not None or end != len(text) or not isinstance(info, dict):
            raise _changed(entry)
        return info

    def _read(self, entry: Entry) -> bytes:
        file = self._open(entry)
        file.seek(entry.origin.start)
        return file.read(entry.origin.end - entry.origin.start)

    def _open(self, entry: Entry) -> IO[bytes]:
        name = entry.origin.file
        if name not in self._opened:
            if len(self._opened) >= MAX_OPEN_FILES:
                self._opened.popitem(last=False)[1].close()
            self._opened[name] = open_raw_info(Path(name))
        self._opened.move_to_end(name)
        return self._opened[name]


def _changed(entry: Entry) -> RawInfoError:
    place = f"{entry.origin.file}, record {entry.origin.record} (id {entry.id})"
    return RawInfoError(f"{place}: the file changed or disappeared during this run. Run again.")


if __name__ == "__main__":
    print(json.dumps(json_schema(), indent=2))
