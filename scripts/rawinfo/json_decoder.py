"""Decode one JSON element of untrusted text, and note what can't be trusted in it.

The standard decoder does the parsing, so integers of any length stay exact. NUL and lone surrogates
become U+FFFD; lone surrogates also represent bytes that are not UTF-8.
"""

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

from scripts.files import MAX_DEPTH, json_depth

MAX_NOTES = 10

_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"|"|[\[\]{}]', re.DOTALL)
# A surrogate escape without its other half, or an escaped NUL. The pattern starts with a literal,
# which makes it five times as fast.
_LONE_ESCAPE = re.compile(
    r"\\u(?:0000|[dD](?:[89aAbB]..(?!\\u[dD][c-fC-F])|[c-fC-F](?<!\\u[dD][89aAbB]..\\u[dD].)))"
)
_NUMBER = re.compile(r"-?[0-9]++")
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")


@dataclass(slots=True)
class ElementDecoder:
    """Decodes one element in a text. It is not thread-safe."""

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
        """Return the value, where it ends, notes, and the fault if there is no value.

        Raises json.JSONDecodeError if the text is not JSON, or ends too early.
        """
        self._notes.clear()
        try:
            value, end = self._json.raw_decode(text, at)
        except json.JSONDecodeError:
            raise
        except (RecursionError, MemoryError):
            return None, _end_of_element(text, at), (), "it is nested too deeply or too large"
        except ValueError:  # the interpreter's own limit on the digits of an integer
            return (
                None,
                _end_of_element(text, at),
                (),
                "it contains a number of thousands of digits",
            )
        brackets = text.count("{", at, end) + text.count("[", at, end)
        if brackets > MAX_DEPTH and json_depth(value) > MAX_DEPTH:
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
                    self._note(repeated(key))
                seen.add(key)
        return members

    def _float(self, digits: str) -> float | None:
        number = float(digits)
        if math.isfinite(number):
            return number
        self._constant("a number that is too large")
        return None

    def _constant(self, name: str) -> None:
        self._note(f"{name} is not a JSON number and was read as null")

    def _as_text(self, value: Any, where: str) -> Any:
        """Replace what UTF-8 or C strings can't store with U+FFFD, and note where it was."""
        if isinstance(value, str):
            clean = _NOT_TEXT.sub("\ufffd", value)
            if clean != value:
                self._note(f"{where or 'it'} contained NUL or invalid Unicode, replaced by U+FFFD")
            return clean
        if isinstance(value, list):
            return [self._as_text(item, f"{where} {n}") for n, item in enumerate(value, 1)]
        if isinstance(value, dict):
            return {
                self._as_text(key, "a key"): self._as_text(item, f"{where} {quoted(key)}".lstrip())
                for key, item in value.items()
            }
        return value


def quoted(text: str, most: int = 40) -> str:
    """Return `text` on one short line that is safe to print."""
    return repr(text if len(text) <= most else text[:most] + "…")


def repeated(key: str) -> str:
    """Say what was done about a key that an object has twice."""
    return f"the key {quoted(key)} occurs twice, and the last one was used"


def _end_of_element(text: str, at: int) -> int:
    """Return where the array, object or number at `at` ends, without recursion."""
    if number := _NUMBER.match(text, at):
        return number.end()
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


def _may_hold_non_text(text: str, at: int, end: int) -> bool:
    """Test quickly, with few false positives and no false negatives."""
    if text.find("\0", at, end) >= 0:
        return True
    if text.find("\\u", at, end) >= 0 and _LONE_ESCAPE.search(text, at, end):
        return True
    if text.isascii():
        return False
    try:
        text[at:end].encode()
    except UnicodeEncodeError:
        return True
    return False
