"""Fold texts for the comparison of names: without case, accents and encodings.

A folded text knows where each of its characters stood in the source.

"José", "JOSE", "Jos&eacute;", "Jos%C3%A9" and "Jose" in bold letters of Unicode all become "jose".
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Cyrillic and Greek letters, small or capital, that look like Latin ones and so can hide names.
_LOOKALIKES = dict(
    zip(
        "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445",
        "abekmhopctyx",
        strict=True,
    )
)
_LOOKALIKES |= dict(
    zip(
        "\u0456\u0458\u0455\u03b1\u03b2\u03b5\u03b9\u03ba\u03bc\u03bf\u03c1\u03c4\u03c5\u03c7",
        "ijsabeikmoptyx",
        strict=True,
    )
)
_SMALL_CAPITALS = dict(
    zip(
        "\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d\u0274\u1d0f\u1d18\u0280\ua731\u1d1b\u1d1c\u1d20\u1d21\u028f\u1d22",
        "abcdefghijklmnoprstuvwyz",
        strict=True,
    )
)
_IN_BOXES = {chr(first + n): chr(ord("a") + n) for first in (0x1F150, 0x1F170) for n in range(26)}
# Letters that Unicode does not decompose, and what people type on keyboards without them.
PLAIN = str.maketrans(
    {"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe"}
    | _LOOKALIKES
    | _SMALL_CAPITALS
    | _IN_BOXES
)
# Canonical combining classes: of accents, and of kana voicing and Hebrew and Arabic vowel points.
_ACCENTS = range(200, 256)
_POINTS = (*range(8, 9), *range(10, 36))
KEYCAP = "\u20e3"  # which follows the digit it surrounds, in the emoji of a digit
_ENCODED = re.compile(
    r"&(?:#[0-9]{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,30};)"
    r"|(?:%[0-9A-Fa-f]{2})+"
    r"|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}"
)
_CODE_SIGNS = re.compile(r"[&%\\]")


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A text in folded form. starts: the position in `source` of each folded character."""

    source: str
    folded: str
    starts: list[int] | None  # None if no character has moved

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Start and end, in the source, of the folded characters from `start` to before `end`."""
        if self.starts is None:
            return start, end
        after = self.starts[end] if end < len(self.starts) else len(self.source)
        return self.starts[start], after


def fold(text: str) -> str:
    """The folded form of a text or name."""
    return fold_text(text).folded


def fold_text(text: str) -> FoldedText:
    """The folded form of a text, and the place in it from which each character came."""
    if text.isascii() and not _CODE_SIGNS.search(text):
        return FoldedText(text, text.lower(), None)
    folded: list[str] = []
    starts: list[int] = []
    at = 0
    for encoded in _ENCODED.finditer(text):
        _fold_plain(text[at : encoded.start()], at, folded, starts)
        _fold_encoded(encoded[0], encoded.start(), folded, starts)
        at = encoded.end()
    _fold_plain(text[at:], at, folded, starts)
    return FoldedText(text, "".join(folded), starts)


def _fold_plain(text: str, at: int, folded: list[str], starts: list[int]) -> None:
    for place, char in enumerate(text, at):
        plain = _fold_char(char)
        folded.append(plain)
        starts.extend([place] * len(plain))


def _fold_encoded(code: str, at: int, folded: list[str], starts: list[int]) -> None:
    if code[0] == "&":
        decoded = [(char, at) for char in html.unescape(code)]
    elif code[0] == "\\":
        decoded = [(chr(int(code[2:], 16)), at)]
    else:
        try:
            characters = bytes.fromhex(code.replace("%", "")).decode()
        except UnicodeDecodeError:
            characters = code
        decoded, place = [], at
        for char in characters:
            decoded.append((char, place))
            place += 1 if characters is code else 3 * len(char.encode())
    for char, place in decoded:
        plain = _fold_char(char)
        folded.append(plain)
        starts.extend([place] * len(plain))


@lru_cache(maxsize=1 << 16)
def _fold_char(char: str) -> str:
    """The letters that replace a character; "" for an accent or an invisible character."""
    plain = (
        each
        for each in unicodedata.normalize("NFKD", char)
        if unicodedata.combining(each) not in (*_ACCENTS, *_POINTS)
        and unicodedata.category(each) != "Cf"
        and not "\ufe00" <= each <= "\ufe0f"  # variation selectors
        and each != KEYCAP
    )
    # Decompose again after folding the case: the small letter of "İ" comes with a combining dot.
    lowered = unicodedata.normalize("NFKD", "".join(plain).casefold())
    return "".join(
        each for each in lowered if unicodedata.combining(each) not in (*_ACCENTS, *_POINTS)
    ).translate(PLAIN)
