"""Choose the passage of a text to show, and mark its matches."""

from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import NamedTuple

PASSAGE_CHARS = 160
LEAD_CHARS = 30  # of a passage, before the first match

Parts = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of a field: pieces of text in order, each with True if it is a match."""

    field: str
    parts: Parts


class Match(NamedTuple):
    """[start, end) of a text resembles `word` of the query. weight: how much it is worth."""

    start: int
    end: int
    word: str
    weight: float


def best_passage(field: str, text: str, matches: list[Match]) -> list[Match]:
    """The matches of the passage that shows most of the query."""
    if field != "comments" and matches and _is_short(matches):
        return matches
    # Each comment is a separate text.
    lines = groupby(matches, lambda match: text.count("\n", 0, match.start))
    texts = [list(line) for _, line in lines] if field == "comments" else [matches]
    passages = (_within(line, first) for line in texts for first in range(len(line)))
    return max(passages, key=weight_of, default=[])


def _is_short(matches: list[Match]) -> bool:
    """True if matches, in order, fit into one passage."""
    return max(match.end for match in matches) <= matches[0].start + PASSAGE_CHARS - LEAD_CHARS


def _within(matches: list[Match], first: int) -> list[Match]:
    """The matches that fit into one passage, from the match `first` on."""
    end = matches[first].start + PASSAGE_CHARS - LEAD_CHARS
    return list(takewhile(lambda match: match.end <= end, matches[first:])) or [matches[first]]


def weight_of(matches: list[Match]) -> float:
    """The weight of all matches together. Each word of the query counts once."""
    best: dict[str, float] = {}
    for match in matches:
        best[match.word] = max(best.get(match.word, 0.0), match.weight)
    return sum(best.values())


def bounds(field: str, text: str, matches: list[Match]) -> tuple[int, int, bool, bool]:
    """Start and end of the passage around matches, and for each, True if text is left out there.

    It is cut at white space if possible. A passage of the comments comes from one comment.
    """
    first, last = 0, len(text)
    if field == "comments":
        first = text.rfind("\n", 0, matches[0].start) + 1
        last = text.find("\n", matches[-1].end)
        last = len(text) if last < 0 else last
    start, end = first, last
    if last - first > PASSAGE_CHARS:
        start = max(first, matches[0].start - LEAD_CHARS)
        end = max(matches[-1].end, min(last, start + PASSAGE_CHARS))
        if start > first:
            space = text.find(" ", start, matches[0].start)
            start = space + 1 if space >= 0 else start
        if end < last:
            end = text.rfind(" ", matches[-1].end, end) + 1 or end
    return start, end, start > first, end < last


def marked(field: str, text: str, matches: list[Match], is_begun: bool, is_ended: bool) -> Snippet:
    """A passage with its matches marked. is_begun, is_ended: more text comes before or after."""
    parts = [("…", False)] if is_begun else []
    start = 0
    for match in matches:
        parts += [(text[start : match.start], False), (text[match.start : match.end], True)]
        start = match.end
    parts += [(text[start:], False), ("…" if is_ended else "", False)]
    return Snippet(field, tuple((part, matched) for part, matched in parts if part))
