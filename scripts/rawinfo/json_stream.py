"""Reads the elements of a big JSON file one by one, each with its exact place in the file.

In: a UTF-8 file (a BOM is accepted) whose top level is an array, or an object of named elements.
Out: an `Element` each, in a little more memory than the largest one needs. The standard decoder
does the parsing, so integers of any length stay exact. Bytes that are not UTF-8 are decoded as
"surrogateescape", which keeps byte offsets exact, and are then replaced like lone surrogates.
"""

import codecs
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

CHUNK_BYTES = 1 << 16
MAX_ELEMENT_CHARS = 64_000_000  # a real record is 4,000; an element without end must stop somewhere
MAX_DEPTH = 100  # a real record has 3 levels; what comes after us recurses, so no more than this
MAX_NOTES = 10

_SPACE = re.compile(r"[ \t\n\r]*")
_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"|"|[\[\]{}]', re.DOTALL)
# A surrogate escape without its other half, or an escaped NUL. Starts with a literal: 5 x faster.
_LONE_ESCAPE = re.compile(
    r"\\u(?:0000|[dD](?:[89aAbB]..(?!\\u[dD][c-fC-F])|[c-fC-F](?<!\\u[dD][89aAbB]..\\u[dD].)))"
)
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
_UTF16_OR_32 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


class JsonDamageError(ValueError):
    """The file can't be read beyond here. `byte` counts from 0, `line` from 1."""

    def __init__(self, message: str, remedy: str, byte: int = 0, line: int = 1) -> None:
        super().__init__(message)
        self.message, self.remedy, self.byte, self.line = message, remedy, byte, line


@dataclass(frozen=True, slots=True)
class Element:
    """One element; `start` and `end` are the byte offsets of its JSON in the file."""

    key: str | None  # its name where the top level is an object
    value: Any  # JSON values only: finite numbers, text that can be written as UTF-8 without NUL
    notes: tuple[str, ...]  # what had to be repaired or can't be trusted
    fault: str | None  # why there is no value
    start: int
    end: int
    line: int  # of its start


@dataclass(slots=True)
class ElementDecoder:
    """Decodes one element out of a text. Not for several threads at once."""

    _notes: list[str] = field(default_factory=list)
    _json: json.JSONDecoder = field(init=False)

    def __post_init__(self) -> None:
        self._json = json.JSONDecoder(
            strict=False,  # raw control characters inside strings lose nothing
            object_pairs_hook=self._object,
            parse_float=self._float,
            parse_constant=self._constant,
        )

    def decode(self, text: str, at: int) -> tuple[Any, int, tuple[str, ...], str | None]:
        """Value, where it ends, notes, and the fault where there is no value.

        Raises json.JSONDecodeError where the text is not JSON, or ends too early.
        """
        self._notes.clear()
        try:
            value, end = self._json.raw_decode(text, at)
        except json.JSONDecodeError:
            raise
        except (RecursionError, MemoryError):
            return None, _end_of_element(text, at), (), "it is nested too deeply or too large"
        except ValueError:  # the interpreter's own limit on the digits of an integer
            return None, _end_of_element(text, at), (), "it holds a number of thousands of digits"
        brackets = text.count("{", at, end) + text.count("[", at, end)
        if brackets > MAX_DEPTH and _depth(value) > MAX_DEPTH:
            return None, end, (), f"it is nested more than {MAX_DEPTH} levels deep"
        if _may_hold_non_text(text, at, end):
            value = self._as_text(value, "")
        return value, end, tuple(self._notes), None

    def _note(self, note: str) -> None:
        if len(self._notes) < MAX_NOTES and note not in self._notes:
            self._notes.append(note)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    self._note(f"the key {quoted(key)} stands twice, the last one counts")
                seen.add(key)
        return members

    def _float(self, digits: str) -> float | None:
        number = float(digits)
        if math.isfinite(number):
            return number
        self._constant("a number beyond all bounds")
        return None

    def _constant(self, name: str) -> None:
        self._note(f"{name} is not a JSON number and was read as null")

    def _as_text(self, value: Any, where: str) -> Any:
        """`value` with U+FFFD for what UTF-8 or C strings can't hold, noting where it was."""
        if isinstance(value, str):
            clean = _NOT_TEXT.sub("\ufffd", value)
            if clean != value:
                self._note(f"{where or 'it'} held NUL or invalid Unicode, replaced by U+FFFD")
            return clean
        if isinstance(value, list):
            return [self._as_text(item, f"{where} {n}") for n, item in enumerate(value, 1)]
        if isinstance(value, dict):
            return {
                self._as_text(key, "a key"): self._as_text(item, f"{where} {quoted(key)}".lstrip())
                for key, item in value.items()
            }
        return value


def read_elements(file: IO[bytes]) -> Iterator[Element]:
    """The elements of `file`, opened in binary mode at its start.

    Raises JsonDamageError where the file can't be read beyond; elements before it were yielded.
    """
    window = _Window(file)
    window.check_start()
    opening = window.next_character()
    if opening not in "[{":
        raise window.damage("the file is neither a JSON array nor an object")
    closing = "]" if opening == "[" else "}"
    decoder = ElementDecoder()
    window.advance(1)
    first = True
    while True:
        character = window.next_character()
        if character == closing and first:
            break
        if character == closing:
            raise window.damage("there is a comma after the last record", "Remove that comma")
        yield _read_element(window, decoder, named=closing == "}")
        first = False
        character = window.next_character()
        if character == closing:
            break
        if character != ",":
            raise window.damage(f"a comma or {closing} is missing after the record")
        window.advance(1)
    window.advance(1)
    if window.next_character(expected=False):
        raise window.damage(
            "there is more after the end of the JSON",
            "Put all records into one array, and remove what follows it",
        )


def quoted(text: str, most: int = 40) -> str:
    """`text` on one short line that is safe to print."""
    return repr(text if len(text) <= most else text[:most] + "…")


class _Window:
    """The part of the file in memory; what lies before `at` may be dropped."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.text = ""
        self.at = 0
        self.byte = 0  # byte offset of text[at]
        self.line = 1
        self.ended = False

    def check_start(self) -> None:
        """Skip a BOM; refuse empty files and other encodings by name."""
        head = self._file.read(4)
        if not head:
            raise JsonDamageError("the file is empty", "Scrape again, or write [] into it")
        if head.startswith(_UTF16_OR_32) or b"\0" in head:
            raise JsonDamageError(
                "the file is UTF-16 or UTF-32, or was never written to the end",
                "Save it as UTF-8, or scrape again",
            )
        if head.startswith(codecs.BOM_UTF8):
            self.byte = len(codecs.BOM_UTF8)
            head = head[self.byte :]
        self.text = self._decoder.decode(head)

    def more(self) -> bool:
        """Read on: as much again as is pending, so that a long element costs linear time."""
        if self.ended:
            return False
        pending = self.text[self.at :]
        data = self._file.read(max(CHUNK_BYTES, len(pending)))
        self.ended = not data
        self.text = pending + self._decoder.decode(data, final=self.ended)
        self.at = 0
        return True

    def advance(self, characters: int) -> None:
        """Move `at`, and with it `byte` and `line`."""
        end = self.at + characters
        self.line += self.text.count("\n", self.at, end)
        if self.text.isascii():
            self.byte += end - self.at
        else:
            self.byte += len(self.text[self.at : end].encode("utf-8", "surrogateescape"))
        self.at = end

    def next_character(self, expected: bool = True) -> str:
        """The character at `at`, after any white space; "" at the end of the file."""
        while True:
            space = _SPACE.match(self.text, self.at)
            self.advance(len(space[0]) if space else 0)
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                if expected:
                    raise self.damage("the file ends too early: it was cut")
                return ""

    def damage(
        self, message: str, remedy: str = "Scrape again, or repair the file there"
    ) -> JsonDamageError:
        return JsonDamageError(message, remedy, self.byte, self.line)


def _read_element(window: _Window, decoder: ElementDecoder, named: bool) -> Element:
    key = None
    if named:
        key, _, _ = _decode_here(window, decoder)
        if not isinstance(key, str):
            raise window.damage("a name in double quotes is missing before the record")
        if window.next_character() != ":":
            raise window.damage("a colon is missing before the record")
        window.advance(1)
        window.next_character()
    start, line = window.byte, window.line
    value, notes, fault = _decode_here(window, decoder)
    return Element(key, value, notes, fault, start, window.byte, line)


def _decode_here(
    window: _Window, decoder: ElementDecoder
) -> tuple[Any, tuple[str, ...], str | None]:
    """Decode at `window.at` and move behind it, reading on until all of the element is there."""
    while True:
        try:
            value, end, notes, fault = decoder.decode(window.text, window.at)
            # A number at the very end of the window may go on.
            if end < len(window.text) or window.ended:
                window.advance(end - window.at)
                return value, notes, fault
        except json.JSONDecodeError as error:
            if window.ended or not _may_be_cut(error, len(window.text)):
                raise _located(window, error) from None
        if len(window.text) - window.at > MAX_ELEMENT_CHARS:
            raise window.damage(f"the record is longer than {MAX_ELEMENT_CHARS:,} characters")
        window.more()


def _may_be_cut(error: json.JSONDecodeError, length: int) -> bool:
    """Whether more text could mend it: the error is at the end (the longest token with a fixed
    length is a pair of escapes), or a string has not ended yet."""
    return error.pos >= length - 16 or error.msg.startswith("Unterminated string")


def _located(window: _Window, error: json.JSONDecodeError) -> JsonDamageError:
    cut = error.pos >= len(window.text) or error.msg.startswith("Unterminated string")
    window.advance((len(window.text) if cut else error.pos) - window.at)
    if cut:
        return window.damage("the file ends inside the record: it was cut")
    return window.damage(f"the record is not JSON ({error.msg})")


def _end_of_element(text: str, at: int) -> int:
    """Where the array or object at `at` ends, without recursion."""
    if text[at] not in "[{":
        raise json.JSONDecodeError("Neither an array nor an object, and too long", text, at)
    depth = 0
    for match in _BRACKET.finditer(text, at):
        if match[0] in "[{":
            depth += 1
        elif match[0] in "]}":
            depth -= 1
        elif match[0] == '"':
            break
        if depth == 0:
            return match.end()
    raise json.JSONDecodeError("Unterminated element", text, len(text))


def _depth(value: Any) -> int:
    """Levels of nesting, counted no further than needed, without recursion."""
    depth, level = 0, [value] if isinstance(value, (dict, list)) else []
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, (dict, list))
        ]
    return depth


def _may_hold_non_text(text: str, at: int, end: int) -> bool:
    """A quick test: no false negatives, few false positives."""
    if text.find("\0", at, end) >= 0 or _LONE_ESCAPE.search(text, at, end):
        return True
    if text.isascii():
        return False
    try:
        text[at:end].encode()
    except UnicodeEncodeError:
        return True
    return False
