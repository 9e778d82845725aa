"""Open any file that somebody may put into `data/info`, and read its elements.

In: a file of JSON, JSON lines, a table, or a list of links, in UTF-8 or UTF-16, gzipped or not. Its
content decides what it is, never its name. Out: an `Element` for each, in bounded memory.
"""

import codecs
import gzip
import io
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from scripts.rawinfo.formats import donated
from scripts.rawinfo.formats.links import LINE, wanted_posts
from scripts.rawinfo.formats.registry import holds_elements, recognise
from scripts.rawinfo.ids import EXPORT_AS_TEXT, ROUNDED_ID
from scripts.rawinfo.json_stream import (
    MAX_ELEMENT_CHARS,
    Element,
    JsonDamageError,
    check_encoding,
    read_elements,
)
from scripts.rawinfo.line_stream import (
    guess_delimiter,
    has_row,
    read_dated_links,
    read_json_lines,
    read_list,
    read_table,
    split_cells,
)
from scripts.rawinfo.listing import UnreadableFileError, open_raw_info

SAMPLE_BYTES = 1 << 16
_GZIP = b"\x1f\x8b"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# In JSON, a comma or a closing bracket follows an object, and texts contain no bare end of line.
_JSON_LINES = re.compile(rb"\}[ \t\r]*\n\s*[^\s,\]}]")
# An object that goes on in the next line, after its bracket or after the comma of a member.
_ENDS_WITHIN = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{(?:[^\n]*[,\[{])?[ \t\r]*\n\s*\x22")
# The start of a text: [text](address), [x] or [1]. In JSON, no value follows such a bracket.
_MARKDOWN = re.compile(rb"\s*\[(?:!\[)?(?:[^\[\]{}\n]*\]\(|[^\[\]{}\x22\n]*\][ \t]*[^\s\[{,\]])")
_JSON_INSIDE = re.compile(r'\{\s*"[\w-]+"\s*:')  # in a table, quotation marks are doubled
_DATED_LINK = re.compile(r"^Date:.*\n(?:Video )?Link:", re.MULTILINE)
_UNPACK = "Unpack it here, or compress what is in it with gzip"
_EXPORT = "Export its contents as JSON or CSV"
_TAR, _AT_IN_TAR = b"ustar", 257
_OTHER_KINDS = (
    (_GZIP, "a gzipped file in a gzipped file", "Unpack it once"),
    (b"BZh", "compressed with bzip2", _UNPACK),
    (b"\xfd7zXZ\0", "compressed with xz", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (_TAR, "a tar archive", "Unpack it here"),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"SQLite format 3\0", "an SQLite database", _EXPORT),
    (b"PAR1", "a Parquet file", _EXPORT),
    (b"%PDF", "a PDF", "Move it elsewhere"),
)


@contextmanager
def open_source(name: str) -> Iterator[IO[bytes]]:
    """Open a file for reading, and decompress it if it is gzipped. UTF-16 becomes UTF-8.

    Raises UnreadableFileError and OSError, and, at the end, JsonDamageError for damaged
    compression.
    """
    with open_raw_info(Path(name)) as file:
        if not _first_bytes(file).startswith(_GZIP):
            with _as_utf_8(file) as text:
                yield text
            return
        unpacked = _Unpacked(file)
        try:
            with _as_utf_8(cast(IO[bytes], io.BufferedReader(unpacked))) as text:
                yield text
        except JsonDamageError:
            if unpacked.damage is None:
                raise
        if unpacked.damage is not None:
            raise JsonDamageError(
                f"the compressed file is damaged or was cut ({unpacked.damage})",
                "Copy or export it again",
            )


def _first_bytes(file: IO[bytes]) -> bytes:
    """Return the first 4 bytes of a file, which is left at its start."""
    head = file.read(4)
    file.seek(0)
    return head


@contextmanager
def _as_utf_8(file: IO[bytes]) -> Iterator[IO[bytes]]:
    if not _is_utf_16(_first_bytes(file)):
        yield file
        return
    with _utf_8_copy(file) as copy:
        yield copy


def _is_utf_16(head: bytes) -> bool:
    """True if the first 4 bytes of a file are those of UTF-16 with a BOM, as Excel writes it."""
    return head.startswith(_UTF_16) and not head.startswith(codecs.BOM_UTF32_LE)


def _utf_8_copy(file: IO[bytes]) -> IO[bytes]:
    """Return an unnamed temporary file with the same text in UTF-8."""
    copy = tempfile.TemporaryFile(prefix="tiktok-text-")  # noqa: SIM115
    text = io.TextIOWrapper(file, "utf-16", errors="replace", newline="")
    try:
        while chunk := text.read(SAMPLE_BYTES):
            copy.write(chunk.encode())
        copy.seek(0)
    except BaseException:
        copy.close()
        raise
    finally:
        text.detach()
    return copy


class _Unpacked(io.RawIOBase):
    """The content of a gzipped file. It ends at any damage, so that everything before is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._gzip = gzip.GzipFile(fileobj=file)
        self.damage: Exception | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._gzip.read1(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            self.damage = error
            return 0
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._gzip.seek(offset, whence)

    def tell(self) -> int:
        return self._gzip.tell()


def is_compressed(name: str) -> bool:
    """True if a file is gzipped; False if it can't be opened."""
    return _head(name).startswith(_GZIP)


def is_read_in_place(name: str) -> bool:
    """True if the offsets of elements are offsets in the file itself: it is plain UTF-8."""
    head = _head(name)
    return not (head.startswith(_GZIP) or _is_utf_16(head))


def _head(name: str) -> bytes:
    try:
        with open_raw_info(Path(name)) as file:
            return _first_bytes(file)
    except (OSError, UnreadableFileError):
        return b""


def read_source(file: IO[bytes], name: str) -> Iterator[Element]:
    """Yield the elements of `file`, which is open at its start.

    Raises JsonDamageError at damage, after it yielded all elements before it.
    """
    sample = file.read(SAMPLE_BYTES)
    file.seek(0)
    _check_kind(sample)
    start = check_encoding(sample)
    opening = sample[start:].lstrip()[:1]
    if opening == b"{" and _is_json_lines(file, sample):
        yield from read_json_lines(file)
    elif opening in (b"[", b"{", b"") and not _MARKDOWN.match(sample, start):
        for element in read_elements(file, holds_elements):
            yield _with_list_name(element)
    else:
        yield from _read_text(file, sample[start:].decode("utf-8", "replace"), name)


def _with_list_name(element: Element) -> Element:
    if not element.path:
        return element
    return element.with_value(donated.entry_of(element.value, element.path))


def _is_json_lines(file: IO[bytes], sample: bytes) -> bool:
    """True if each line contains an object.

    Then something follows an object without a comma, and the first line does not end within an
    object that goes on in the next line. sample: the start of `file`, which is left at its start.
    """
    if _ENDS_WITHIN.match(sample):
        return False
    size, rest, found = 0, b"", False
    while size < MAX_ELEMENT_CHARS and not found and (chunk := file.read(SAMPLE_BYTES)):
        size += len(chunk)
        found = _JSON_LINES.search(rest + chunk) is not None
        rest = chunk[-1024:]
    file.seek(0)
    return found


def _read_text(file: IO[bytes], sample: str, name: str) -> Iterator[Element]:
    lines = [line for line in sample.split("\n") if line.strip()] or [sample]
    lines = [line for line in lines if not line.lstrip().startswith("#")] or lines
    delimiter = guess_delimiter(lines[0])
    header = split_cells(lines[0], delimiter)
    links_first = bool(wanted_posts(lines[0]))
    has_links = any(map(wanted_posts, lines))
    if has_links and _JSON_INSIDE.search("\n".join(lines[:2])):
        raise JsonDamageError(
            "there is text before its JSON", "Remove all that stands before the first bracket"
        )
    if _DATED_LINK.search(sample):
        yield from read_dated_links(file, donated.LIST, Path(name).stem)
    elif recognise(dict.fromkeys(header, "")) or (
        has_links
        and not links_first
        and len(header) > 1
        and has_row(lines[1:], delimiter, len(header))
    ):
        yield from read_table(file, delimiter)
    elif has_links:
        heading = None if links_first else lines[0].strip()
        for element in read_list(file, LINE):
            if heading is None or element.value != {LINE: heading}:
                yield element
            heading = None
    elif rounded := ROUNDED_ID.search(sample):
        line = sample.count("\n", 0, rounded.start()) + 1
        message = f"it has no link to a post, and its ids were rounded, such as {rounded[0]}"
        raise JsonDamageError(message, EXPORT_AS_TEXT, line=line)
    else:
        raise JsonDamageError(
            "it is neither JSON nor a table of posts nor a list of links",
            "Move it elsewhere; docs/formats.md lists the formats that can be read",
        )


def _check_kind(sample: bytes) -> None:
    """Raise JsonDamageError for a file of a kind that is known, and not read."""
    for signature, kind, remedy in _OTHER_KINDS:
        if sample.startswith(signature, _AT_IN_TAR if signature == _TAR else 0):
            raise JsonDamageError(f"it is {kind}", remedy)
