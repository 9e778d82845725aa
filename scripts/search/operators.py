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

from scripts.rawinfo.ids import FULL_ID_PATTERN, find_id_in_address, is_id
from scripts.search.amounts import DURATION, OPPOSITE, read_duration
from scripts.search.dates import DATE, PERIOD, limited, read_days, read_period
from scripts.search.words import flat, is_emoji, tokens

MOST_OPERATORS = 32
LOOK_AROUND = 80  # characters around "not" that show whether it belongs to a sentence
# After these words, "not" belongs to a sentence: "a cat that is not amused".
SENTENCES = (
    *("am", "are", "be", "can", "could", "did", "do", "does", "had", "has", "have", "i", "if"),
    *("is", "it", "may", "might", "must", "or", "shall", "should", "that", "then", "this", "was"),
    *("we", "were", "what", "who", "why", "will", "would", "you"),
)

_QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb'
_AFTER = ",;.!?)]>"  # signs that may follow an operator
_PHRASE = rf"[{_QUOTES}][^{_QUOTES}\n]+[{_QUOTES}]"
_VALUE = rf"(?:{_PHRASE}|[^\s{_QUOTES},;]+)"
# Arrows, symbols and pictures. `_read_emoji` knows which of them are emoji.
_SIGNS = "\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff"
_WORD = rf"(?:[^\W\d_]|[{_SIGNS}])[^\s{_QUOTES},;]*"
_DASH = "[-\u2212\u2013]"
_NOT = r"(?:but\s+)?not\s+"
_LINK = r"(?:https?://)?(?:[\w-]{1,40}\.){0,3}tiktokv?\.com/[^\s]*"
_ACCOUNT = re.compile(r"\.com/@([A-Za-z0-9_.]{1,30})/?(?:[?#].*)?$", re.ASCII)
# A space may follow the colon if no sentence continues like this: "content creator: my day".
_SPACED = (
    rf"(?:creator|sound): (?:{_PHRASE}|@{_VALUE})"
    rf"|(?:before|after|since|until):(?: {_PHRASE}| ?{DATE})"
    rf"|(?:like|id): (?:{_LINK}|{FULL_ID_PATTERN})"
)
_OPERATORS: dict[str, str] = {
    "link": _LINK,
    "id": FULL_ID_PATTERN,
    "phrase": _PHRASE,
    "named": rf"{_SPACED}|(?:creator|sound|before|after|since|until|like|id):{_VALUE}",
    "tag": r"#[^\s#,;]+",
    "period": PERIOD,
    "duration": DURATION,
}
_OPERATOR = re.compile(
    r"(?<![^\s,;(\[<])(?:"
    rf"(?P<no>{_DASH}|{_NOT})?(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _OPERATORS.items())
    + rf")|{_DASH}(?P<word>{_WORD})|{_NOT}(?!not\s)(?P<not>{_WORD})"
    + rf")(?=[\s{re.escape(_AFTER)}]|$)",
    re.IGNORECASE,
)
_END_OF_EXCLUSION = re.compile(r"\s*(?:$|[,;)\]]|(?:but\s+)?not\s)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Operator:
    """One condition of a query.

    kind: word (or emoji), phrase, creator, tag, sound, days, shorter, longer, lasts, id or like.
    value: in the form to compare; for `days`, `2022-12-01..2022-12-31`, where one end may be
    missing; for durations, seconds, and for `lasts`, `10..30`. is_excluded: True if TikToks must
    not match. start, end: its place in the query.
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
    words, end, place = [], 0, 0
    while len(operators) < MOST_OPERATORS and (match := _OPERATOR.search(query, place)):
        operator = _read(match, query, today)
        # What follows a "not" that is a word may be an operator.
        place = match.start() + 1 if operator is None and match["not"] else match.end()
        if operator:
            operators.append(operator)
            words += [query[end : match.start()], _kept(operator, match[0])]
            end = match.end()
    words.append(query[end:])
    return ParsedQuery("".join(words) if operators else query, tuple(operators))


def without(query: str, operator: Operator) -> str:
    """The query without one of its operators."""
    return " ".join((query[: operator.start] + " " + query[operator.end :]).split())


def describe(operator: Operator) -> str:
    """Describe an operator in a few words."""
    value = operator.value
    first, _, last = value.partition("..")
    if first and last:
        days = first if first == last else f"{first} to {last}"
    else:
        days = f"since {first}" if first else f"until {last}"
    said = {
        "word": value,
        "phrase": f"\u201c{value}\u201d",
        "creator": f"by @{value}",
        "tag": f"#{value}",
        "sound": f"sound \u201c{value}\u201d",
        "days": days,
        "shorter": f"at most {value} s",
        "longer": f"at least {value} s",
        "lasts": f"{first} to {last} s",
        "id": f"TikTok {value}",
        "like": f"like {value}",
    }[operator.kind]
    return f"not {said}" if operator.is_excluded else said


def _kept(operator: Operator, text: str) -> str:
    """The words of an operator to rank by: phrases and hashtags also count as words."""
    if operator.is_excluded or operator.kind not in ("phrase", "word", "tag"):
        return " "
    return f" {_unquoted(text)} "


def _read(match: re.Match[str], query: str, today: date) -> Operator | None:
    """The operator in a match; None if the match is not an operator after all."""
    name = str(match.lastgroup)
    if name == "not" and not _is_exclusion(match, query):
        return None
    found = _READERS[name](match[name], today)
    if not found:
        return None
    kind, value = found
    is_excluded = name in ("word", "not") or match["no"] is not None
    if is_excluded and kind == "like":
        return None
    if is_excluded and kind in OPPOSITE:
        kind, is_excluded = OPPOSITE[kind], False
    return Operator(kind, value, is_excluded, match.start(), match.end())


def _is_exclusion(match: re.Match[str], query: str) -> bool:
    """True if "not" excludes a word: the last one of the query or of a part; NOT, any word."""
    before = query[max(0, match.start() - LOOK_AROUND) : match.start()]
    after = query[match.end() : match.end() + LOOK_AROUND]
    is_loud = "NOT" in match[0] and query != query.upper()
    words = re.findall(r"[^\W_]+['\u2019]?", before.lower()[-40:])
    is_shortened = re.search(r"['\u2019]\w{1,2}\s*$", before) is not None
    ends = is_loud or _END_OF_EXCLUSION.match(after) is not None
    return ends and not is_shortened and not (words and words[-1] in SENTENCES)


def _unquoted(text: str) -> str:
    return text.strip(_QUOTES)


Found = tuple[str, str] | None


def _read_link(text: str, today: date) -> Found:
    """A link to a TikTok, or to an account."""
    if id := find_id_in_address(text):
        return "id", id
    account = _ACCOUNT.search(text.rstrip(_AFTER))
    return ("creator", account[1].lower()) if account else None


def _read_phrase(text: str, today: date) -> Found:
    words = flat(_unquoted(text))
    return ("phrase", words) if words else _read_emoji(_unquoted(text))


def _read_named(text: str, today: date) -> Found:
    name, _, value = text.partition(":")
    name, value = name.lower(), value.removeprefix(" ")
    value = _unquoted(value) if value[0] in _QUOTES else value.rstrip(_AFTER)
    if name in ("before", "after", "since", "until"):
        days = read_days(value.lower(), today)
        return days and ("days", limited(name, days))
    if name == "creator":
        handle = value.lower().removeprefix("@")
        return ("creator", handle) if handle else None
    if name == "sound":
        return ("sound", flat(value)) if flat(value) else None
    id = value if is_id(value) else find_id_in_address(value)
    return (name, id) if id and name in ("like", "id") else None


def _read_tag(text: str, today: date) -> Found:
    tag = text.removeprefix("#").rstrip(_AFTER)
    return ("tag", tag) if tag else None


def _read_word(text: str, today: date) -> Found:
    words = flat(text)
    return ("phrase" if " " in words else "word", words) if words else _read_emoji(text)


def _read_emoji(text: str) -> Found:
    """A text of emoji, which are in no phrase."""
    return ("word", text.rstrip(_AFTER)) if any(map(is_emoji, tokens(text))) else None


def _read_period(text: str, today: date) -> Found:
    days = read_period(text.lower(), today)
    return ("days", days) if days else None


_READERS: dict[str, Callable[[str, date], Found]] = {
    "link": _read_link,
    "id": lambda text, today: ("id", text),
    "phrase": _read_phrase,
    "named": _read_named,
    "tag": _read_tag,
    "word": _read_word,
    "not": _read_word,
    "period": _read_period,
    "duration": lambda text, today: read_duration(text.lower()),
}
