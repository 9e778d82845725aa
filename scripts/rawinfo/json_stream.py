"""Read the elements of a big JSON file one by one, each with its exact place in the file.

In: a UTF-8 file (a BOM is accepted) whose top level is an array, an object of elements by their
ids, an object with lists of elements (`{"itemList": […]}`), or a single element.
Out: an `Element` for each, in a little more memory than the largest one needs. The standard decoder
does the parsing, so integers of any length stay exact. Bytes that are not UTF-8 are decoded as
"surrogateescape", which keeps byte offsets exact, and are then replaced like lone surrogates.
"""

import codecs
import json
import re
from collections.abc import Callable, Collection, Iterator
from typing import IO, Any, NamedTuple

from scripts.errors import examples
from scripts.rawinfo.ids import is_id
from scripts.rawinfo.json_decoder import MAX_NOTES, ElementDecoder, quoted, repeated

CHUNK_BYTES = 1 << 16
REMEDY_FOR_EMPTY = "Scrape again, or write [] into it"
MAX_ELEMENT_CHARS = 64_000_000  # a real record has 4,000; reading an endless one must stop

_SPACE = re.compile(r"[ \t\n\r]*")
_UTF16_OR_32 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


class JsonDamageError(ValueError):
    """The file can't be read after this place. byte: counts from 0. line: counts from 1."""

    def __init__(self, message: str, remedy: str, byte: int = 0, line: int = 1) -> None:
        super().__init__(message)
        self.message, self.remedy, self.byte, self.line = message, remedy, byte, line


class Element(NamedTuple):
    """One element. start, end: the byte offsets of its JSON in the file.

    begin, stop: the same with its key, and with the white space up to the commas around it. group:
    the same number for all elements of one list, and 0 for elements outside lists.
    """

    key: str | None  # its name, if it is in an object
    value: Any  # JSON values only: finite numbers, text that can be written as UTF-8 without NUL
    notes: tuple[str, ...]  # what had to be repaired or can't be trusted
    fault: str | None  # why there is no value that can be used
    start: int
    end: int
    line: int  # the line of its start
    begin: int = -1
    stop: int = -1
    group: int = 0
    path: tuple[str, ...] = ()  # the names that lead to its list
    is_json: bool = True  # False if its bytes, decoded at once, don't give the value

    def with_value(self, value: Any) -> "Element":
        """Return the same element with another value."""
        return self._replace(value=value)


Descends = Callable[[tuple[str, ...], bool, Collection[str]], bool]


def read_elements(file: IO[bytes], descends: Descends | None = None) -> Iterator[Element]:
    """Yield the elements of `file`, which is open in binary mode at its start.

    descends: decides if the list or object at a path of keys contains elements. It gets the path,
    True for a list, and the earlier keys in the outermost object. Without it, every member of the
    outermost list or object is an element. If several lists or objects follow each other, as in
    files that were joined, all of them are read.

    Raises JsonDamageError at damage, after it yielded all elements before it.
    """
    window = _Window(file)
    window.check_start()
    opening = window.next_character(expected=False)
    if not opening:
        raise window.damage("the file is empty", REMEDY_FOR_EMPTY)
    if opening not in "[{":
        raise window.damage("the file is neither a JSON array nor an object")
    groups = 0
    while opening and opening in "[{":
        reader = _Reader(window, descends, groups)
        yield from reader.elements()
        groups = reader.groups
        opening = window.next_character(expected=False)
    if opening:
        raise window.damage(
            "there is more after the end of the JSON",
            "Put all records into one array, and remove what follows it",
        )


class _Reader:
    """Walks through the lists and objects that contain the elements."""

    def __init__(self, window: "_Window", descends: Descends | None, groups: int) -> None:
        self._window, self._descends = window, descends
        self._decoder = ElementDecoder()
        self.groups = groups  # the number of lists and objects that were entered in the whole file
        self._outermost = groups + 1
        self._members: dict[str, Any] = {}  # members of the outermost object that are not elements
        self._member_bytes = 0
        self._notes: list[str] = []

    def elements(self) -> Iterator[Element]:
        """Yield the elements of the file; if an object contains none, the object itself.

        Other members next to elements that are named by their ids are a fault.
        """
        window = self._window
        start, line = window.byte, window.line
        found = False
        for element in self._walk(()):
            found = True
            yield element
        if self._members and self.groups == self._outermost:
            notes = tuple(self._notes[:MAX_NOTES])
            end = window.byte
            names = examples([quoted(name) for name in self._members])
            if found:  # its bytes are between those of the elements, so it has no separate place
                fault = f"{names} next to the records is not raw info"
                yield Element(None, self._members, notes, fault, start, end, line, end, end)
            else:
                # Its members were read one by one, and one of them may be unreadable.
                yield Element(
                    *(None, self._members, notes, None, start, end, line, start, end),
                    is_json=not notes,
                )

    def _walk(self, path: tuple[str, ...]) -> Iterator[Element]:
        """Yield the elements of the list or object at `path`."""
        window = self._window
        closing = "}" if window.text[window.at] == "{" else "]"
        self.groups += 1
        group = self.groups
        window.advance(1)
        begin = window.byte
        if window.next_character() == closing:
            window.advance(1)
            return
        while True:
            key = self._key() if closing == "}" else None
            element = None
            if key is not None and self._enters((*path, key)):
                yield from self._walk((*path, key))
            else:
                element = self._read(key, path)
            character, damage = self._next()
            if element is not None and (key is None or self._is_filed(element)):
                stop = window.byte if character == "," else element.end
                yield element._replace(begin=begin, stop=stop, group=group)
            elif element is not None and not path:
                self._keep(element)
            if damage is not None:
                raise damage
            if character == closing:
                window.advance(1)
                return
            if character != ",":
                raise window.damage(f"a comma or {closing} is missing after the record")
            window.advance(1)
            begin = window.byte
            if window.next_character() == closing:
                raise window.damage("there is a comma after the last record", "Remove that comma")

    def _key(self) -> str:
        """Return the name of a member, and move to its value."""
        window = self._window
        key, _, _ = _decode_here(window, self._decoder)
        if not isinstance(key, str):
            raise window.damage("a name in double quotes is missing before the record")
        if window.next_character() != ":":
            raise window.damage("a colon is missing before the record")
        window.advance(1)
        window.next_character()
        return key

    def _enters(self, path: tuple[str, ...]) -> bool:
        opening = self._window.text[self._window.at]
        if self._descends is None or opening not in "[{":
            return False
        return self._descends(path, opening == "[", self._members)

    def _is_filed(self, element: Element) -> bool:
        """True if a member of an object is an element: an object, or null, whose name is an id."""
        if self._descends is None:
            return True
        is_object = element.value is None or isinstance(element.value, dict)
        return is_object and element.key is not None and is_id(element.key)

    def _read(self, key: str | None, path: tuple[str, ...]) -> Element:
        start, line = self._window.byte, self._window.line
        value, notes, fault = _decode_here(self._window, self._decoder)
        return Element(key, value, notes, fault, start, self._window.byte, line, path=path)

    def _next(self) -> tuple[str, JsonDamageError | None]:
        """Return the next character, or the damage, which is raised after the element."""
        try:
            return self._window.next_character(), None
        except JsonDamageError as damage:
            return "", damage

    def _keep(self, member: Element) -> None:
        self._member_bytes += member.end - member.start
        if self._member_bytes > MAX_ELEMENT_CHARS:
            raise self._window.damage(f"the record is longer than {MAX_ELEMENT_CHARS:,} bytes")
        name = member.key or ""
        if len(self._notes) < MAX_NOTES:  # no more are passed on
            self._notes += [repeated(name)] if name in self._members else []
            self._notes += member.notes if member.fault is None else [member.fault]
        self._members[name] = member.value


def check_encoding(head: bytes) -> int:
    """Return the length of the BOM at the start of a file.

    Raises JsonDamageError for empty files, and for encodings other than UTF-8.
    """
    if not head:
        raise JsonDamageError("the file is empty", REMEDY_FOR_EMPTY)
    if head.startswith(_UTF16_OR_32) or b"\0" in head[:4]:
        raise JsonDamageError(
            "the file is UTF-16 or UTF-32, or was never written to the end",
            "Save it as UTF-8, or scrape again",
        )
    return len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0


class _Window:
    """The part of the file in memory. Text before `at` may be dropped."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.text = ""
        self.at = 0
        self.byte = 0  # byte offset of text[at]
        self.line = 1
        self.ended = False

    def check_start(self) -> None:
        """Skip a BOM. Raises JsonDamageError for empty files and other encodings."""
        head = self._file.read(4)
        self.byte = check_encoding(head)
        self.text = self._decoder.decode(head[self.byte :])

    def more(self) -> bool:
        """Read as much again as is pending, so that a long element takes linear time."""
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
        """Skip white space, and return the next character; "" at the end of the file."""
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


def _decode_here(
    window: _Window, decoder: ElementDecoder
) -> tuple[Any, tuple[str, ...], str | None]:
    """Decode the element at `window.at`, and move past it. Reads until it is complete."""
    while True:
        try:
            value, end, notes, fault = decoder.decode(window.text, window.at)
            # A number at the very end of the window may continue.
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
    """True if more text could fix the error: it is at the end, or a string has not ended.

    The longest token with a fixed length is a pair of escapes.
    """
    return error.pos >= length - 16 or error.msg.startswith("Unterminated string")


def _located(window: _Window, error: json.JSONDecodeError) -> JsonDamageError:
    cut = error.pos >= len(window.text) or error.msg.startswith("Unterminated string")
    window.advance((len(window.text) if cut else error.pos) - window.at)
    if cut:
        return window.damage("the file ends inside the record: it was cut")
    return window.damage(f"the record is not JSON ({error.msg})")
