"""Read one file of raw info, of any format: find what it contains, and report what is unreadable.

Out: everything found, in the order of the file, and a `Problem`, never an exception, for everything
else. A bad field becomes null, a bad comment is left out, and a bad record is skipped. Damage to a
JSON file costs what follows it; in JSON lines and tables, it costs only the damaged line.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from scripts.rawinfo.dialects import Record
from scripts.rawinfo.formats import raw_info
from scripts.rawinfo.formats.found import Found, FoundComment, FoundPost, Refused, WantedPost
from scripts.rawinfo.formats.registry import FORMATS, Format, elements_in
from scripts.rawinfo.json_decoder import quoted
from scripts.rawinfo.json_stream import Element, JsonDamageError
from scripts.rawinfo.listing import UnreadableFileError
from scripts.rawinfo.problems import LimitedReport, Problem, Report
from scripts.rawinfo.repair import RESCRAPE, json_type
from scripts.rawinfo.sources import open_source, read_source
from scripts.rawinfo.validation import REMOVE, validate


class Item(NamedTuple):
    """One post, comment or link that was found in a file.

    format: the name of its format. rank: the rank of the format, which decides between observations
    of the same time. record: the readable fields; None for comments and links. number: the position
    of its record in the file, from 1. element: the part of the file that contains it.
    """

    found: FoundPost | FoundComment | WantedPost
    format: str
    rank: int
    record: Record | None
    number: int
    element: Element


def read_items(file: Path | str, report: Report) -> Iterator[Item]:
    """Yield everything in one file, in order and streamed. Problems go to `report`."""
    name = os.fspath(file)
    limited = LimitedReport(name, report)
    last: str | None = None
    number = 0
    try:
        with open_source(name) as opened:
            for element in read_source(opened, name):
                items, problems, number = _read_element(name, element, number)
                for problem in problems:
                    limited(problem)
                for item in items:
                    last = item.record.id if item.record is not None else last
                    yield item
    except JsonDamageError as damage:
        before = f"after record {number}" if number else "before any record"
        if last is not None:
            before += f", the last good id is {last}"
        place = f"byte {damage.byte}, line {damage.line}, {before}"
        limited(Problem(name, None, None, f"{damage.message} ({place})", damage.remedy))
    except UnreadableFileError as error:
        limited(Problem(name, None, None, str(error), error.remedy))
    except OSError as error:
        message = f"it can't be read: {error.strerror or error} (after record {number})"
        limited(Problem(name, None, None, message, "Check the path, its permissions and the disk"))
    finally:
        limited.finish()


def _read_element(
    file: str, element: Element, before: int
) -> tuple[list[Item], list[Problem], int]:
    """Return the items of one element, what is wrong with it, and the number of its last record.

    before: the number of the last record before it.
    """
    number = before + 1
    place = f" (byte {element.start}, line {element.line}, after record {before})"
    if element.fault is not None:
        return [], [Problem(file, number, None, element.fault + place, REMOVE)], number
    found = _found_in(element.value)
    if not isinstance(element.value, dict) and not found:
        message = f"it is {json_type(element.value)}, not an object{place}"
        return [], [Problem(file, number, None, message, REMOVE)], number
    items: list[Item] = []
    problems: list[Problem] = []
    posts = 0
    for format, one in found:
        number = before + max(1, posts + isinstance(one, FoundPost))
        record = None
        if isinstance(one, Refused):
            problems.append(Problem(file, number, None, one.message + place, one.remedy))
            continue
        if isinstance(one, FoundPost):
            posts += 1
            record, troubles = validate(one.info)
            id = record.id if record is not None else None
            problems += [Problem(file, number, id, *trouble) for trouble in troubles]
            if record is None:
                continue
        items.append(Item(one, format.NAME, FORMATS.index(format), record, number, element))
    first = items[0].record if items else None
    id = first.id if first is not None else None
    for note in element.notes:
        problems.append(Problem(file, before + 1, id, note + place, RESCRAPE))
    if first is not None and element.key not in (None, first.id):
        message = f"its key is {quoted(str(element.key))}, which is not its id; the id is used"
        remedy = "Check which of the two is right"
        problems.append(Problem(file, before + 1, first.id, message, remedy))
    return items, problems, number


def _found_in(value: Any) -> list[tuple[Format, Found]]:
    """Return what a JSON value contains, with the format of each part.

    An object in no known format is read as raw info, so that the messages say which fields are
    missing.
    """
    elements = list(elements_in(value))
    if not elements and isinstance(value, dict):
        elements = [(raw_info, value)]
    return [(format, found) for format, element in elements for found in format.read(element)]
