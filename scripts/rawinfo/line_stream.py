"""Read big text files line by line: JSON lines (NDJSON), tables (CSV), and lists.

In: a UTF-8 file. Out: an `Element` for each line or row, in bounded memory, however long a line is.
A bad line does not affect the others.
"""

import codecs
import csv
import json
import re
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, NamedTuple

from scripts.counts import counted
from scripts.rawinfo.json_decoder import ElementDecoder
from scripts.rawinfo.json_stream import MAX_ELEMENT_CHARS, Element

CHUNK_BYTES = 1 << 16
MAX_ROW_CHARS = 1 << 20  # a real row has 2,000; reading an endless one must stop
DELIMITERS = ",;\t"

_NOT_TEXT = re.compile("[\0\ud800-\udfff]")


class Line(NamedTuple):
    """A line without its end. text: None if the line is too long."""

    text: str | None
    number: int
    start: int  # byte offsets; `end` is after the end of the line
    end: int


def read_lines(file: IO[bytes], most_chars: int = MAX_ELEMENT_CHARS) -> Iterator[Line]:
    """Yield the lines of `file`, which is open in binary mode at its start."""
    number, start = 0, 0
    while data := file.readline(most_chars):
        number += 1
        end = start + len(data)
        is_whole = len(data) < most_chars or data.endswith(b"\n")
        while not is_whole and (more := file.readline(CHUNK_BYTES)):
            end += len(more)
            is_whole = more.endswith(b"\n")
            data = b""
        if number == 1 and data.startswith(codecs.BOM_UTF8):
            start, data = len(codecs.BOM_UTF8), data[len(codecs.BOM_UTF8) :]
        text = data.decode("utf-8", "surrogateescape").rstrip("\r\n") if data else None
        yield Line(text, number, start, end)
        start = end


def read_json_lines(file: IO[bytes]) -> Iterator[Element]:
    """Yield the JSON value in each line; blank lines are skipped."""
    decoder = ElementDecoder()
    for line in read_lines(file):
        if line.text is not None and not line.text.strip():
            continue
        value, notes, fault = _decode(line.text, decoder)
        yield Element(None, value, notes, fault, line.start, line.end, line.number)


def _decode(
    text: str | None, decoder: ElementDecoder
) -> tuple[object, tuple[str, ...], str | None]:
    if text is None:
        return None, (), f"the line is longer than {MAX_ELEMENT_CHARS:,} characters"
    at = len(text) - len(text.lstrip())
    try:
        value, end, notes, fault = decoder.decode(text, at)
    except json.JSONDecodeError as error:
        return None, (), f"the line is not JSON, or was cut ({error.msg})"
    if fault is None and text[end:].strip():
        fault = "the line contains more text after the JSON"
    return (None, (), fault) if fault is not None else (value, notes, None)


class Row(dict[str, str]):
    """A row of a table. Unlike an object, which has an id of its own, it may name posts by ids."""


def read_table(file: IO[bytes], delimiter: str) -> Iterator[Element]:
    """Yield the rows of a table as objects, by the names in its first row."""
    rows = _Rows(file, delimiter)
    header, _ = rows.next() or ([], [])
    while (found := rows.next()) is not None:
        cells, lines = found
        fault = rows.fault
        if fault is None and len(cells) != len(header):
            fault = f"the row has {counted(len(cells), 'cells')}, not {len(header)}"
            rows.push_back(lines[1:])
            lines = lines[:1]
        value = None if fault is not None else Row(zip(header, cells, strict=True))
        yield _element(value, lines[0], lines[-1].end, fault)


class _Rows:
    """The rows of a table, each with the lines that contain it.

    An open quotation mark swallows the following lines, so the lines after the first line of a bad
    row are read again.
    """

    def __init__(self, file: IO[bytes], delimiter: str) -> None:
        self._lines = read_lines(file, MAX_ROW_CHARS)
        self._again: deque[Line] = deque()
        self._taken: list[Line] = []
        self._size = 0  # characters in `_taken`
        self._delimiter = delimiter
        self._reader = csv.reader(self._texts(), delimiter=delimiter)
        self.fault: str | None = None

    def push_back(self, lines: list[Line]) -> None:
        """Put lines back, to be read again."""
        self._again.extendleft(reversed(lines))
        self._reader = csv.reader(self._texts(), delimiter=self._delimiter)  # the old one may end

    def next(self) -> tuple[list[str], list[Line]] | None:
        """Return the next row that is not blank; None at the end. `fault`: why it has no cells."""
        while True:
            self._taken = []
            self._size = 0
            self.fault = None
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                self.fault = f"the row can't be read ({error})"
                self.push_back(self._taken[1:])
                return [], self._taken[:1]
            if cells is None:
                return None
            if any(line.text is None for line in self._taken):
                self.fault = f"the row is longer than {MAX_ROW_CHARS:,} characters"
            if cells or self.fault:
                if not all(map(_is_text, self._taken)):
                    cells = [_NOT_TEXT.sub("\ufffd", cell) for cell in cells]
                return cells, self._taken

    def _texts(self) -> Iterator[str]:
        while True:
            line = self._again.popleft() if self._again else next(self._lines, None)
            if line is None:
                return
            self._taken.append(line)
            text = line.text or ""
            self._size += len(text)
            if self._size > MAX_ROW_CHARS:
                raise csv.Error(f"it is longer than {MAX_ROW_CHARS:,} characters")
            yield text + "\n"


def _is_text(line: Line) -> bool:
    """True if a line contains nothing that `_NOT_TEXT` matches. This is faster."""
    text = line.text or ""
    if "\0" in text:
        return False
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def read_list(file: IO[bytes], key: str) -> Iterator[Element]:
    """Yield each line as `{key: line}`, except blank lines and comments, which begin with #."""
    for line in read_lines(file, MAX_ROW_CHARS):
        if line.text is None:
            yield _element(None, line, line.end, "the line is too long")
        elif (text := line.text.strip()) and not text.startswith("#"):
            yield _element({key: _NOT_TEXT.sub("\ufffd", text)}, line, line.end, None)


def read_dated_links(file: IO[bytes], key: str, list_name: str) -> Iterator[Element]:
    """Yield the links of a list in a person's own data, each with its time, and its list at `key`.

    Other lines are ignored.
    """
    dated: Line | None = None
    for line in read_lines(file, MAX_ROW_CHARS):
        name, colon, rest = (line.text or "").partition(":")
        if colon and name.strip() == "Date":
            dated, date = line, rest.strip()
        elif colon and name.strip() in ("Link", "Video Link"):
            when = date if dated else None
            value = {"Date": when, "Link": _NOT_TEXT.sub("\ufffd", rest.strip()), key: list_name}
            yield _element(value, dated or line, line.end, None)
            dated = None


def _element(value: object, first: Line, end: int, fault: str | None) -> Element:
    return Element(None, value, (), fault, first.start, end, first.number, is_json=False)


def guess_delimiter(line: str) -> str:
    """Return the delimiter between the cells of a table's first line."""
    return max(DELIMITERS, key=line.count)


def has_row(lines: list[str], delimiter: str, cells: int) -> bool:
    """True if one of these lines of a table is a row with this number of cells."""
    with suppress(csv.Error):
        return any(len(row) == cells for row in csv.reader(lines, delimiter=delimiter))
    return False


def split_cells(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line of a table; [] if it can't be one."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return []
