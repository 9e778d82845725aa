"""Read the operators of a query: `-word`, "phrases", `creator:`, dates, durations, and links.

Any text is a query. Everything that isn't an operator remains a word, and so does an operator
whose value makes no sense. `scripts/viewer/page/static/operators.js` reads queries in the same way,
and `tests/query_operators.json` has examples to test both. Dates are in English. This project reads
them itself, because libraries for dates don't run in a browser, and find dates in "may" and "sat".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from scripts.search.dates import DATE, MONTH_AND_YEAR, Days, read_days
from scripts.search.words import flat

MOST_OPERATORS = 32
LOOK_BACK = 80  # characters before "not" that show whether it belongs to a sentence
# After these words, "not" belongs to a sentence: "a cat that is not amused".
SENTENCES = (
    *("am", "are", "be", "can", "could", "did", "do", "does", "had", "has", "have", "i", "if"),
    *("is", "it", "may", "might", "must", "or", "shall", "should", "that", "then", "this", "was"),
    *("we", "were", "what", "who", "why", "will", "would", "you"),
)
SECONDS = {"s": 1, "m": 60, "h": 3600}

_QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb'
_PHRASE = rf"[{_QUOTES}][^{_QUOTES}\n]+[{_QUOTES}]"
_VALUE = rf"(?:{_PHRASE}|[^\s{_QUOTES}]+)"
_OPERATORS: dict[str, str] = {
    "link": r"-?(?:https?://)?[\w.-]{0,40}tiktok\.com/[^\s]{0,200}",
    "id": r"-?[0-9]{15,20}",
    "phrase": rf"-?{_PHRASE}",
    "named": rf"-?(?:creator|sound|before|after|like):{_VALUE}",
    "tag": r"-?#[^\s#]+",
    "word": rf"-(?=[^\W\d_])[^\s{_QUOTES}]+",
    "not": r"not\s+[^\W\d_][^\s]*(?=\s*(?:$|,|;|\bnot\b))",
    "posted": rf"(?:posted\s+)?(?:before|after|since|until|in|from|during)\s+(?:{DATE})",
    "date": rf"(?:posted\s+)?(?:{MONTH_AND_YEAR})",
    "duration": (
        r"(?:under|below|less\s+than|shorter\s+than|at\s+most|over|above|more\s+than|longer\s+than"
        r"|at\s+least)\s+[0-9]{1,5}(?:\.[0-9])?\s*(?:s|secs?|seconds?|m|mins?|minutes?|h|hours?)"
    ),
}
_OPERATOR = re.compile(
    r"(?<!\S)(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _OPERATORS.items())
    + r")(?=[\s,;.!?]|$)",
    re.IGNORECASE,
)
_LINKED = re.compile(r"/(?:video|photo|v)/([0-9]{1,20})(?![0-9])")
_DURATION = re.compile(r"([0-9]{1,5}(?:\.[0-9])?)\s*([smh])", re.IGNORECASE)
_SHORTER = re.compile("under|below|less|shorter|at most", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Operator:
    """One condition of a query.

    kind: word, phrase, creator, tag, sound, days, shorter, longer, id or like. value: in the form
    to compare; for `days`, `2022-12-01..2022-12-31`, where one end may be missing; for durations,
    seconds. is_excluded: True if TikToks must not match. start, end: its place in the query.
    """

    kind: str
    value: str
    is_excluded: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query: the words to rank by, and the conditions."""

    words: str
    operators: tuple[Operator, ...]


def parse_query(query: str, today: date | None = None) -> ParsedQuery:
    """Take a query apart. today: the day from which "last spring" counts; by default, in UTC."""
    today = today or datetime.now(UTC).date()
    operators: list[Operator] = []
    words, end = [], 0
    for match in _OPERATOR.finditer(query):
        operator = _read(match, query, today)
        if operator:
            operators.append(operator)
            words += [query[end : match.start()], _kept(operator, match[0])]
            end = match.end()
        if len(operators) == MOST_OPERATORS:
            break
    words.append(query[end:])
    return ParsedQuery("".join(words) if operators else query, tuple(operators))


def without(query: str, operator: Operator) -> str:
    """The query without one of its operators."""
    return " ".join((query[: operator.start] + " " + query[operator.end :]).split())


def describe(operator: Operator) -> str:
    """Describe an operator in a few words."""
    value = operator.value
    first, _, last = value.partition("..")
    days = (
        f"{first} to {last}" if first and last else f"since {first}" if first else f"until {last}"
    )
    said = {
        "word": value,
        "phrase": f"\u201c{value}\u201d",
        "creator": f"by @{value}",
        "tag": f"#{value}",
        "sound": f"sound \u201c{value}\u201d",
        "days": days,
        "shorter": f"at most {value} s",
        "longer": f"at least {value} s",
        "id": f"TikTok {value}",
        "like": f"like {value}",
    }[operator.kind]
    return f"not {said}" if operator.is_excluded else said


def _kept(operator: Operator, text: str) -> str:
    """The words of an operator to rank by: phrases and hashtags also count as words."""
    if operator.is_excluded or operator.kind not in ("phrase", "tag"):
        return " "
    return f" {_unquoted(text)} "


def _read(match: re.Match[str], query: str, today: date) -> Operator | None:
    """The operator in a match; None if the match is not an operator after all."""
    name = str(match.lastgroup)
    text = match[0]
    is_excluded = text.startswith("-") or name == "not"
    found = _READERS[name](text.removeprefix("-"), today)
    start = match.start()
    if name == "not" and not _is_exclusion(query[max(0, start - LOOK_BACK) : start]):
        found = None
    return found and Operator(*found, is_excluded, start, match.end())


def _is_exclusion(before: str) -> bool:
    """True if "not" after this text excludes something."""
    words = re.findall(r"[^\W_]+['\u2019]?", before.lower()[-40:])
    is_shortened = re.search(r"['\u2019]\w{1,2}\s*$", before) is not None
    return not is_shortened and not (words and words[-1] in SENTENCES)


def _unquoted(text: str) -> str:
    return text.strip(_QUOTES)


Found = tuple[str, str] | None


def _read_link(text: str, today: date) -> Found:
    linked = _LINKED.search(text)
    return ("id", linked[1]) if linked else None


def _read_phrase(text: str, today: date) -> Found:
    words = flat(_unquoted(text))
    return ("phrase", words) if words else None


def _read_named(text: str, today: date) -> Found:
    name, _, value = text.partition(":")
    name, value = name.lower(), _unquoted(value)
    if name in ("before", "after"):
        return _limit(name, read_days(value.lower(), today))
    if name == "creator":
        handle = value.lower().removeprefix("@")
        return ("creator", handle) if handle else None
    if name == "sound":
        return ("sound", flat(value)) if flat(value) else None
    return ("like", value) if re.fullmatch("[0-9]{1,20}", value, re.ASCII) else None


def _read_not(text: str, today: date) -> Found:
    return _read_word(text[len("not") :].strip(), today)


def _read_word(text: str, today: date) -> Found:
    words = flat(text)
    return ("phrase" if " " in words else "word", words) if words else None


def _read_posted(text: str, today: date) -> Found:
    words = text.lower().removeprefix("posted").split()
    return _limit(words[0], read_days(" ".join(words[1:]), today))


def _read_date(text: str, today: date) -> Found:
    return _limit("in", read_days(" ".join(text.lower().removeprefix("posted").split()), today))


def _limit(word: str, days: Days | None) -> Found:
    if days is None:
        return None
    first, last = days
    if word == "before":
        return "days", f"..{_day_before(first)}"
    if word in ("after", "since"):
        return "days", f"{first}.."
    if word == "until":
        return "days", f"..{last}"
    return "days", f"{first}..{last}"


def _day_before(day: date) -> date:
    return date.fromordinal(max(day.toordinal() - 1, 1))


def _read_duration(text: str, today: date) -> Found:
    amount = _DURATION.search(text)
    if not amount:
        return None
    try:
        seconds = float(amount[1]) * SECONDS[amount[2].lower()]
    except ValueError:
        return None
    return "shorter" if _SHORTER.match(" ".join(text.split())) else "longer", f"{seconds:g}"


_READERS: dict[str, Callable[[str, date], Found]] = {
    "link": _read_link,
    "id": lambda text, today: ("id", text),
    "phrase": _read_phrase,
    "named": _read_named,
    "tag": lambda text, today: ("tag", text.removeprefix("#").rstrip(",;.!?")),
    "word": _read_word,
    "not": _read_not,
    "posted": _read_posted,
    "date": _read_date,
    "duration": _read_duration,
}
