"""Find e-mail addresses and telephone numbers in running text, in time linear in its length."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# "a@b.org", and the forms that hide it from machines: "a (at) b (dot) org", "a at b dot org".
_DOT = r"(?:\.| \. | ?[(\[{] ?dot ?[)\]}] ?| dot )"
_MAIL = "(?:gmail|googlemail|hotmail|outlook|yahoo|icloud|gmx|proton|protonmail|aol|yandex)"
_DOMAIN = re.compile(
    rf"(?:@ ?| @ | ?[(\[{{] ?(?:at|a|@) ?[)\]}}] ?)([\w-]++(?:{_DOT}[\w-]++)+|{_MAIL}\b)"
    r"| at ([\w-]++(?: ?[(\[{] ?dot ?[)\]}] ?| dot )[\w-]++)"
)
_ANY_DOT = re.compile(_DOT)
_LOCAL = frozenset(".+-_'%")
LONGEST_LOCAL = 64  # characters before the sign, by RFC 5321

# Digits in groups, with a few signs between them.
_NUMBER = re.compile(r"(?<![\w+])(?<!\d[,.:'])\+?\(?\+?\d++(?:[ ()./_\u2010-\u2015-]{1,3}\d++)*+")
_GROUP = re.compile(r"(\D{0,4})(\d+)")
_DATE = re.compile(r"(?:\d{1,2}[./_-]\d{1,2}[./_-]\d{2,4}|\d{4}[./_-]\d{1,2}[./_-]\d{1,2})(?!\d)")
_YEAR = re.compile(r"(?:19|20)\d\d")
# A short number counts only after one of these words or signs.
_ANNOUNCED = re.compile(
    r"(?:tel|tel[eé]?fono?|phone|mobile?|cell|call|text|whats ?app|wa|number|nummer|n[uú]mero|handy"
    r"|movil|\u260e|\U0001f4de|\U0001f4f1|\U0001f4f2)[.:)\s]{0,3}(?:me )?(?:at |on )?$"
)
ANNOUNCED_WITHIN = 24  # characters
SHORTEST_NUMBER, LONGEST_NUMBER = 7, 15  # digits; 15 by ITU-T E.164
SURELY_A_NUMBER = 9  # digits that make a telephone number, whatever stands before it
MOST_GROUPS = 5


@dataclass(frozen=True, slots=True)
class Contact:
    """A part of a folded text, from `start` to before `end`. value: its normal form."""

    start: int
    end: int
    value: str


def find_emails(folded: str) -> Iterator[Contact]:
    """Yield each e-mail address."""
    done = 0
    for match in _DOMAIN.finditer(folded):
        start = match.start()
        first = max(done, start - LONGEST_LOCAL)
        while start > first and (folded[start - 1].isalnum() or folded[start - 1] in _LOCAL):
            start -= 1
        if start < match.start():
            done = match.end()
            domain = _ANY_DOT.sub(".", match[1] or match[2])
            yield Contact(start, done, f"{folded[start : match.start()]}@{domain}")


def find_telephone_numbers(folded: str) -> Iterator[Contact]:
    """Yield each telephone number: seven to fifteen digits that look like one."""
    for match in _NUMBER.finditer(folded):
        start, end = match.span()
        while date := _DATE.match(folded, start, end):
            start = date.end()
            while start < end and not folded[start].isdecimal():
                start += 1
        yield from _numbers(folded, start, end)


def _numbers(folded: str, start: int, end: int) -> Iterator[Contact]:
    """Yield the telephone numbers in one row of digits, which may be several."""
    groups: list[re.Match[str]] = []
    digits = 0
    left = sum(map(str.isdecimal, folded[start:end]))
    for group in _GROUP.finditer(folded, start, end):
        more = digits + len(group[2])
        begins = group[2][0] == "0" and left >= SHORTEST_NUMBER
        left -= len(group[2])
        if digits >= SHORTEST_NUMBER and (more > LONGEST_NUMBER or begins):
            yield from _number(folded, groups)
            groups, more = [], len(group[2])
        groups.append(group)
        digits = more
    yield from _number(folded, groups)


def _number(folded: str, groups: list[re.Match[str]]) -> Iterator[Contact]:
    if groups and _is_number(folded, groups):
        start = groups[0].start(2)
        while start > 0 and folded[start - 1] in "+(":
            start -= 1
        digits = "".join(group[2] for group in groups)
        yield Contact(start, groups[-1].end(), f"phone {digits}")


def _is_number(folded: str, groups: list[re.Match[str]]) -> bool:
    parts = [group[2] for group in groups]
    signs = {group[1] for group in groups[1:]}
    digits = sum(map(len, parts))
    if not SHORTEST_NUMBER <= digits <= LONGEST_NUMBER or all(map(_YEAR.fullmatch, parts)):
        return False
    if "+" in groups[0][1]:
        return True
    is_grouped = len(parts) > 1 and all(len(part) == 3 for part in parts[1:])
    if is_grouped and len(signs) == 1 and (digits < SURELY_A_NUMBER or parts[-1] == "000"):
        return False  # a number with separated thousands
    if signs == {"."} and len(parts) == 2:
        return False  # a decimal fraction
    if digits >= SURELY_A_NUMBER:
        return True
    start = groups[0].start()
    before = folded[max(0, start - ANNOUNCED_WITHIN) : start]
    return 1 < len(parts) <= MOST_GROUPS or _ANNOUNCED.search(before) is not None
