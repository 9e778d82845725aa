"""Tables of how the site's languages write counts and times, from Unicode's CLDR (by babel).

A form with different meanings in two languages has two readings here, so the caller sees that it is
ambiguous. The tables take a second to load, so each is loaded when it is first needed.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeVar

from scripts.rawinfo.times import DAY_S

# The languages of the site. en_IN counts in lakhs and crores.
_CODES = """
    af ar az be bg bn bs ca ceb cs da de de_CH el en en_IN es es_MX et eu fa fi fil fr fr_CA ga gl
    gu he hi hr hu hy id is it ja jv ka kk km kn ko ky lo lt lv mk ml mn mr ms my nb ne nl or pa pl
    pt pt_PT ro ru si sk sl sq sr sv sw ta te th tr uk ur uz vi zh_Hans zh_Hant zu
"""
LANGUAGES = _CODES.split()
_UNITS_S = {
    **{"second": 1, "minute": 60, "hour": 3600, "day": DAY_S, "week": 7 * DAY_S},
    **{"month": 30 * DAY_S, "year": 365 * DAY_S},  # estimates, as the site rounds to one unit
}
_STYLES = ("", "-short", "-narrow")
_NUMBERS = {"zero": 0, "one": 1, "two": 2}
_ZEROS = re.compile("0+")
# What babel lacks: a German abbreviation, and other words for yesterday in Ukrainian and Thai.
_MORE_PATTERNS = {"de": [(1000, "0 Tsd.")]}
_YESTERDAY = ("вчора", "เมื่อวานนี้")
_ARABIC_SIGNS = ("\u066b", "\u066c")  # decimal and group, with Arabic digits in any language


Reading = TypeVar("Reading", bound=Hashable)


class Magnitude(NamedTuple):
    """The factor of a word like "Mio.", and the signs that its language uses in numbers."""

    multiple: int
    decimal: str
    group: str


def plain(text: str) -> str:
    """Return `text` with ASCII digits, plain spaces and signs, and no invisible characters."""
    characters = []
    for character in unicodedata.normalize("NFKC", text.strip()):
        category = unicodedata.category(character)
        if category == "Nd":
            character = str(unicodedata.decimal(character))
        elif category == "Zs":
            character = " "
        elif category == "Cf":
            continue
        characters.append("'" if character == "\u2019" else character)
    return "".join(characters).strip()


def words(*texts: str) -> str:
    """Return the words around a number in one form: without case, spaces and quotes."""
    joined = "|".join(texts).casefold()
    return "".join(char for char in unicodedata.normalize("NFKC", joined) if char not in " '")


def look_up(table: Mapping[str, frozenset[Reading]], key: str) -> frozenset[Reading]:
    """Return the readings of a form: as written ("mil" or "mil."), or else without its dots."""
    return table.get(key) or table.get(key.replace(".", ""), frozenset())


@cache
def magnitudes() -> Mapping[str, frozenset[Magnitude]]:
    """Return the possible meanings of the words around a count; "" is a count without words."""
    found: dict[str, set[Magnitude]] = defaultdict(set)
    for locale in _locales():
        signs = _signs(locale)
        for multiple, pattern in _compact_patterns(locale):
            before, after = _around(_ZEROS.sub("0", pattern, count=1), "0")
            found[words(before, after)].update(Magnitude(multiple, *pair) for pair in signs)
        found[words("", "")].update(Magnitude(1, *pair) for pair in signs)
    return _with_dotless_keys(found)


@cache
def ages() -> Mapping[str, frozenset[int]]:
    """Return the seconds of the unit in "3 days ago", by the words around the number.

    "3 days" means the same, unless its words mean another age in some language. For words without a
    number ("yesterday", "now"), it returns the seconds themselves.
    """
    found: dict[str, set[int]] = defaultdict(set)
    for word in _YESTERDAY:
        found[words(plain(word))].add(DAY_S)
    for unit_s, plural, pattern in _relative_patterns():
        if "{0}" in pattern:
            found[words(*_around(pattern, "{0}"))].add(unit_s)
        elif plural in _NUMBERS:
            found[words(pattern)].add(_NUMBERS[plural] * unit_s)
    for age_s, word in _named_ages():
        found[words(word)].add(age_s)
    return _with_dotless_keys(_durations() | dict(found))


@cache
def months() -> Mapping[str, frozenset[int]]:
    """Return the numbers of the months that may have a name or abbreviation."""
    found: dict[str, set[int]] = defaultdict(set)
    for locale in _locales():
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    found[words(plain(name))].add(number)
    return _with_dotless_keys(found)


def _with_dotless_keys(found: Mapping[str, set[Reading]]) -> Mapping[str, frozenset[Reading]]:
    """Add each form with dots also without them, unless that is already another form."""
    dotless: dict[str, set[Reading]] = defaultdict(set)
    for key, readings in found.items():
        dotless[key.replace(".", "")] |= readings
    return {key: frozenset(readings) for key, readings in (dotless | dict(found)).items()}


@cache
def _locales() -> list[Any]:
    from babel import Locale

    return [Locale.parse(name) for name in LANGUAGES]


def _signs(locale: Any) -> set[tuple[str, str]]:
    """Return the signs of decimals and groups, for each way to write digits in a language."""
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return {
        (
            plain(get_decimal_symbol(locale, numbering_system=system)),
            plain(get_group_symbol(locale, numbering_system=system)) or " ",
        )
        for system in {"latn", locale.default_numbering_system}
    } | {_ARABIC_SIGNS}


def _compact_patterns(locale: Any) -> Iterator[tuple[int, str]]:
    """Yield the divisor of a count, and the pattern: 1,000,000 and "0 Mio."."""
    yield from _MORE_PATTERNS.get(str(locale), ())
    for style in ("short", "long"):
        for plurals in locale.compact_decimal_formats.get(style, {}).values():
            for size, number_pattern in plurals.items():
                pattern = plain(number_pattern.pattern.replace("'", ""))
                zeros = _ZEROS.search(pattern)
                if zeros and pattern != zeros[0]:
                    yield int(size) // 10 ** (len(zeros[0]) - 1), pattern


def _relative_patterns() -> Iterator[tuple[int, str, str]]:
    """Yield the seconds of the unit, the grammatical number, and the pattern: "vor {0} Tagen"."""
    for locale in _locales():
        # babel has no public way to the short forms ("vor 3 Std.").
        fields = locale._data["date_fields"]
        for unit, unit_s in _UNITS_S.items():
            for style in _STYLES:
                for plural, pattern in fields.get(unit + style, {}).get("past", {}).items():
                    yield unit_s, plural, plain(pattern)


def _named_ages() -> Iterator[tuple[int, str]]:
    """Yield the age in seconds of a time with a name ("now", "today", "gestern"), and that name.

    A name that can also mean a day to come (Hindi) has its past meaning: posts are from the past.
    """
    for locale in _locales():
        for unit in ("second", "minute", "hour", "day"):  # "this year" says too little
            for style in _STYLES:
                names = locale._data["date_fields"].get(unit + style, {}).get("relative", {})
                for offset, name in names.items():
                    if offset <= 0:
                        yield -offset * _UNITS_S[unit], plain(name)


def _durations() -> dict[str, set[int]]:
    """Return the seconds of the unit in "3 days" or "3 j", by the words around the number."""
    found: dict[str, set[int]] = defaultdict(set)
    for locale in _locales():
        for unit, unit_s in _UNITS_S.items():
            # babel has no public way to these patterns either.
            for patterns in locale._data["unit_patterns"].get(f"duration-{unit}", {}).values():
                for plural, pattern in patterns.items():
                    if "{0}" in pattern and plural != "per":
                        found[words(*_around(plain(pattern), "{0}"))].add(unit_s)
    return found


def _around(pattern: str, number: str) -> tuple[str, str]:
    before, _, after = pattern.partition(number)
    return before, after
