"""Numbers and durations as people write them in queries: `two`, `10 s`, `half a minute`, `1:30`."""

import re

_NAMES = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    "twelve",
)
NUMBERS = (
    {"a": 1, "an": 1}
    | {name: number for number, name in enumerate(_NAMES, 1)}
    | {"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "ninety": 90}
)
SECONDS = {"s": 1, "m": 60, "h": 3600}
OPPOSITE = {"shorter": "longer", "longer": "shorter"}

_NAMED = f"(?:{'|'.join(NUMBERS)})"
_DIGITS = r"[0-9]{1,5}(?:[.,][0-9]{1,2})?"
_UNIT = "(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)"
_LENGTH = (
    rf"(?:[0-9]{{1,3}}:[0-9]{{2}}"
    rf"|(?:{_DIGITS}\s*|half\s+an?\s+|{_NAMED}\s+){_UNIT}(?:\s*(?:and\s+)?{_DIGITS}\s*{_UNIT})?)"
)
_SHORTER = (
    r"(?:(?:under|below|less\s+than|shorter\s+than|at\s+most|up\s+to|maximum|max"
    r"|no\s+more\s+than|no\s+longer\s+than)\s+|<=?\s*)"
)
_LONGER = (
    r"(?:(?:over|above|more\s+than|longer\s+than|at\s+least|minimum|no\s+less\s+than"
    r"|no\s+shorter\s+than)\s+|>=?\s*)"
)
NUMBER = f"(?:[0-9]{{1,3}}|{_NAMED})"
_RANGE = rf"(?:{_LENGTH}|{_DIGITS})\s*(?:and|to|-)\s*{_LENGTH}"
# "over 3 hours ago" is no duration.
DURATION = (
    rf"(?:(?:(?:{_SHORTER}|{_LONGER}){_LENGTH}"
    rf"|(?:between|from)\s+{_RANGE})(?:\s+long)?|{_RANGE}\s+long)"
    r"(?!\s+(?:ago|old|later)(?![a-z]))"
)

_DURATION = re.compile(DURATION)
_IS_SHORTER = re.compile(_SHORTER)
_ENDS = re.compile(
    rf"(?:(?:between|from) )?({_LENGTH}|{_DIGITS}) ?(?:and|to|-) ?({_LENGTH})(?: long)?"
)
_CLOCK = re.compile("([0-9]{1,3}):([0-9]{2})")
_PART = re.compile(rf"(?<![a-z0-9])(?:({_DIGITS})|half an?|({_NAMED}))\s*([smh])")
_LAST_UNIT = re.compile(rf"({_UNIT})$")


def read_number(text: str) -> int:
    """The number that `NUMBER` matches, in lower case."""
    return NUMBERS[text] if text in NUMBERS else int(text)


def read_duration(text: str) -> tuple[str, str] | None:
    """What a duration asks for: `shorter` or `longer` than some seconds, or `lasts` `10..30`.

    text: in lower case. None if it is no duration.
    """
    text = " ".join(text.split())
    if not _DURATION.fullmatch(text):
        return None
    if ends := _ENDS.fullmatch(text):
        first, last = ends.groups()
        unit = _LAST_UNIT.search(last)
        if unit and not (_CLOCK.search(first) or _PART.search(first)):
            first += unit[1]
        return "lasts", "..".join(map(_written, sorted([_seconds(first), _seconds(last)])))
    return "shorter" if _IS_SHORTER.match(text) else "longer", _written(_seconds(text))


def _seconds(text: str) -> float:
    if clock := _CLOCK.search(text):
        return int(clock[1]) * SECONDS["m"] + int(clock[2])
    return sum(
        _amount(digits, named) * SECONDS[unit] for digits, named, unit in _PART.findall(text)
    )


def _amount(digits: str, named: str) -> float:
    if digits:
        return float(digits.replace(",", "."))
    return NUMBERS[named] if named else 0.5


def _written(seconds: float) -> str:
    return f"{seconds:.2f}".rstrip("0").rstrip(".")
