"""Raw info: the JSON files a scraper wrote, whatever their dialect; the only reader of them.

In: files that hold an array of records, or an object `{id: record}` as merged corpora are handed
on. Out: a `Post` for each readable record, and a `Problem`, never an exception, for the rest: one
bad field is null, one bad comment is left out, one bad record is skipped, and damage to the file
costs the records behind it. `python -m scripts.rawinfo.catalogue` prints the JSON Schema of such a
file.
"""

import json
import os
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import IO, Any

from scripts.errors import RawInfoError
from scripts.rawinfo.dialects import Comment, Record, json_schema
from scripts.rawinfo.ids import is_id
from scripts.rawinfo.json_stream import (
    Element,
    ElementDecoder,
    JsonDamageError,
    quoted,
    read_elements,
)
from scripts.rawinfo.listing import UnreadableFileError, list_raw_info, open_raw_info
from scripts.rawinfo.media_links import MediaLinks, choose_links
from scripts.rawinfo.problems import LimitedReport, Problem, Report
from scripts.rawinfo.slices import EVERYTHING, Slice
from scripts.rawinfo.validation import (
    REMOVE,
    RESCRAPE,
    Trouble,
    describe,
    has_fields_of_post,
    json_type,
    validate,
)

__all__ = [
    "Catalogue",
    "Comment",
    "Entry",
    "Origin",
    "Post",
    "build_catalogue",
    "catalogue_folder",
    "json_schema",
    "load_posts",
    "read_posts",
]

MAX_OPEN_FILES = 32


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record stands: its number from 1, and the byte offsets of its JSON."""

    file: str
    record: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Post(Record):
    """A record, with all of it as scraped (`info`) and where it stands."""

    info: dict[str, Any] = field(repr=False)
    origin: Origin


@dataclass(frozen=True, slots=True)
class Entry:
    """What planning needs of a post: small, as hundreds of thousands are held in memory."""

    id: str
    links: MediaLinks
    scrape_timestamp: float | None
    origin: Origin

    @property
    def recency(self) -> tuple[float, str, int]:
        """Orders the observations of one id: the newest is the largest."""
        return self.scrape_timestamp or 0, self.origin.file, self.origin.record


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All posts of some files: the newest observation of each id, and the others.

    left_out: the files that hold records of ids which were to be left out.
    """

    newest: dict[str, Entry]
    superseded: list[Entry]
    problems: list[Problem]
    left_out: frozenset[str] = frozenset()

    def files(self) -> list[str]:
        """The files that hold the records, sorted."""
        return sorted({e.origin.file for e in (*self.newest.values(), *self.superseded)})


_FIELDS = tuple(record_field.name for record_field in fields(Record))


def read_posts(file: Path | str, report: Report) -> Iterator[Post]:
    """The posts of one file in its order, streamed; what can't be read goes to `report`."""
    for record, info, origin in _read_records(file, report):
        yield _post(record, info, origin)


def build_catalogue(
    files: Iterable[Path], removed: Collection[str] = (), part: Slice = EVERYTHING
) -> Catalogue:
    """The posts of all files that are in `part` and not `removed` (ids), without their text.

    Never raises for what is in the files.
    """
    newest: dict[str, Entry] = {}
    superseded: list[Entry] = []
    problems: list[Problem] = []
    left_out: set[str] = set()
    for file in sorted(set(files), key=str):
        for record, _, origin in _read_records(file, problems.append):
            if record.id in removed:
                left_out.add(origin.file)
                continue
            if record.id not in part:
                continue
            entry = Entry(record.id, choose_links(record), record.scrape_timestamp, origin)
            other = newest.setdefault(entry.id, entry)
            if other is not entry:
                older, newer = sorted((entry, other), key=lambda entry: entry.recency)
                newest[entry.id] = newer
                superseded.append(older)
    superseded.sort(key=lambda entry: (_numeric(entry.id), entry.recency))
    sorted_newest = {id: newest[id] for id in sorted(newest, key=_numeric)}
    return Catalogue(sorted_newest, superseded, problems, frozenset(left_out))


def catalogue_folder(
    folder: Path, removed: Collection[str] = (), part: Slice = EVERYTHING
) -> Catalogue:
    """The catalogue of all raw info in `folder` (`data/info`), with what is left out and why."""
    listing = list_raw_info(folder)
    catalogue = build_catalogue(listing.files, removed, part)
    return replace(catalogue, problems=[*listing.problems, *catalogue.problems])


def load_posts(entries: Iterable[Entry]) -> Iterator[Post]:
    """The posts of `entries`, in that order, re-read from their place in the files.

    Raises RawInfoError where a file is not what it was when the catalogue was built.
    """
    decoder = ElementDecoder()
    opened: OrderedDict[str, IO[bytes]] = OrderedDict()
    try:
        for entry in entries:
            yield _load(entry, _open_cached(entry, opened), decoder)
    finally:
        for file in opened.values():
            file.close()


def _read_records(
    file: Path | str, report: Report
) -> Iterator[tuple[Record, dict[str, Any], Origin]]:
    name = os.fspath(file)
    report = LimitedReport(name, report)
    last: Record | None = None
    number = 0
    try:
        with open_raw_info(Path(file)) as opened:
            for element in read_elements(opened):
                if number == 0:
                    _refuse_lone_object(element)
                number += 1
                record, problems = _read_element(element, number)
                for message, remedy in problems:
                    id = None if record is None else record.id
                    report(Problem(name, number, id, message, remedy))
                if record is not None:
                    last = record
                    yield record, element.value, Origin(name, number, element.start, element.end)
    except JsonDamageError as damage:
        before = f"after record {number}" if number else "before any record"
        if last is not None:
            before += f", the last good id is {last.id}"
        place = f"byte {damage.byte}, line {damage.line}, {before}"
        report(Problem(name, None, None, f"{damage.message} ({place})", damage.remedy))
    except UnreadableFileError as error:
        report(Problem(name, None, None, str(error), error.remedy))
    except OSError as error:
        message = f"it can't be read: {error.strerror or error} (after record {number})"
        report(Problem(name, None, None, message, "Check the path, its permissions and the disk"))
    finally:
        report.finish()


def _read_element(element: Element, number: int) -> tuple[Record | None, list[Trouble]]:
    place = f" (byte {element.start}, line {element.line}, after record {number - 1})"
    if element.fault is not None:
        return None, [(element.fault + place, REMOVE)]
    if not isinstance(element.value, dict):
        return None, [(f"it is {json_type(element.value)}, not an object{place}", REMOVE)]
    record, problems = validate(element.value)
    problems += [(note + place, RESCRAPE) for note in element.notes]
    if record is not None and element.key not in (None, record.id):
        message = f"it is filed under {quoted(element.key)}, but its own id is used"
        problems.append((message, "Check which of the two is right"))
    return record, problems


def _refuse_lone_object(element: Element) -> None:
    """Raise JsonDamageError where the file is one object whose members are not records."""
    if element.key is None or is_id(element.key):
        return
    member = element.value if isinstance(element.value, dict) else None
    if member is None or not has_fields_of_post(member):
        look = "" if member is None else f", and {describe(member)}"
        raise JsonDamageError(
            f"it starts with {quoted(element.key)}, not with a record{look}: it is a single "
            "record, one record a line (NDJSON), or no raw info at all",
            "Put all records into one array, or move the file elsewhere",
            element.start,
            element.line,
        )


def _post(record: Record, info: dict[str, Any], origin: Origin) -> Post:
    return Post(**{name: getattr(record, name) for name in _FIELDS}, info=info, origin=origin)


def _numeric(id: str) -> tuple[int, str]:
    return int(id), id


def _open_cached(entry: Entry, opened: OrderedDict[str, IO[bytes]]) -> IO[bytes]:
    """The file of `entry`; few are kept open, as sorted ids go back and forth between files."""
    name = entry.origin.file
    if name not in opened:
        if len(opened) >= MAX_OPEN_FILES:
            opened.popitem(last=False)[1].close()
        try:
            opened[name] = open_raw_info(Path(name))
        except UnreadableFileError as error:
            raise _changed(entry) from error
    opened.move_to_end(name)
    return opened[name]


def _load(entry: Entry, file: IO[bytes], decoder: ElementDecoder) -> Post:
    origin = entry.origin
    try:
        file.seek(origin.start)
        text = file.read(origin.end - origin.start).decode("utf-8", "surrogateescape")
        info, end, _, fault = decoder.decode(text, 0)
    except (OSError, ValueError) as error:
        raise _changed(entry) from error
    if fault is not None or end != len(text) or not isinstance(info, dict):
        raise _changed(entry)
    record, _ = validate(info)
    if record is None or record.id != entry.id:
        raise _changed(entry)
    return _post(record, info, origin)


def _changed(entry: Entry) -> RawInfoError:
    place = f"{entry.origin.file}, record {entry.origin.record} (id {entry.id})"
    return RawInfoError(f"{place}: the file was changed or removed during this run. Run again.")


if __name__ == "__main__":
    print(json.dumps(json_schema(), indent=2))
