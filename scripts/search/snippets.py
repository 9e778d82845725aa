"""Show where a TikTok matches: the passage of each text with most of the query, its words marked.

A word is marked where it is the query's, or enough of its four-letter pieces are. The ranking goes
by terms alone, and may know of fainter likenesses.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from scripts.characters import MARKS
from scripts.search.fields import FIELDS
from scripts.search.words import Splitter, grams, is_unspaced, pairs, tokens, words_of

PASSAGE_CHARS = 160
LEAD_CHARS = 30  # of it, before the first match
# Four-letter pieces that are shared: of all that both have (Dice), or of the query's word.
ALIKE, CONTAINED = 0.4, 0.6
# A field is named if its best passage has this share of what the best one of all has.
TELLING = 0.2

# A hashtag or handle, a word, or a sign (an emoji).
_PIECE = re.compile(rf"[#@](?:[\w{MARKS}]|\.(?=\w))+|\w[\w'\u2019{MARKS}]*|[^\w\s]")
# What pieces of words can't be looked for in as it stands.
_BEYOND_GRAMS = re.compile("[^\0-\x7f]|'")

Parts = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of a field: pieces of text in their order, and whether each is a match."""

    field: str
    parts: Parts


@dataclass(frozen=True, slots=True)
class _Match:
    """[start, end) of a text is like `word` of the query, as far as `weight` says."""

    start: int
    end: int
    word: str
    weight: float


class Matcher:
    """Finds the words of a query in texts. Each has a weight: how telling it is."""

    def __init__(self, words: Mapping[str, float], split: Splitter) -> None:
        self._weights = {word: weight for word, weight in words.items() if not is_unspaced(word)}
        self._grams = {word: set(grams(word)) for word in self._weights}
        # Most of a text has nothing of the query's, which this tells quickly.
        pieces = {gram.strip("_") for ours in self._grams.values() for gram in ours}
        pieces |= {word for word in self._weights if not self._grams[word]}
        self._any_gram = re.compile("|".join(map(re.escape, sorted(pieces))) or "(?!)")
        self._split = split
        self._known: dict[str, tuple[str, float] | None] = {}  # of pieces met before
        self._unspaced = {
            part: weight * len(part) / len(word)
            for word, weight in words.items()
            if is_unspaced(word)
            for part in (word, *pairs(word))
        }
        longest_first = sorted(self._unspaced, key=lambda part: (-len(part), part))
        self._unspaced_parts = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def snippets(self, texts: Mapping[str, str | None]) -> tuple[Snippet, ...]:
        """One for each field that holds something telling of the query, the best first."""
        found: list[tuple[float, Snippet]] = []
        for field in FIELDS:
            # A comment is a text of its own.
            whole = texts.get(field) or ""
            passages = whole.split("\n") if field == "comments" else [whole]
            matched = ((self._passage(text), text) for text in passages)
            matches, text = max(matched, key=lambda passage: _weight(passage[0]))
            if matches:
                found.append((_weight(matches), Snippet(field, _cut(text, matches))))
        found.sort(key=lambda pair: -pair[0])
        return tuple(snippet for weight, snippet in found if weight >= TELLING * found[0][0])

    def _passage(self, text: str) -> list[_Match]:
        """The matches that a passage can show most of the query with."""
        matches = sorted(self._matches(text), key=lambda match: match.start)
        passages = (_within(matches, first) for first in range(len(matches)))
        return max(passages, key=_weight, default=[])

    def _matches(self, text: str) -> Iterator[_Match]:
        for piece in self._likely_pieces(text):
            alike = self._alike(piece[0])
            if alike:
                yield _Match(piece.start(), piece.end(), *alike)
        if self._unspaced and not text.isascii():
            for part in self._unspaced_parts.finditer(text):
                yield _Match(part.start(), part.end(), part[0], self._unspaced[part[0]])

    def _likely_pieces(self, text: str) -> Iterator[re.Match[str]]:
        """The pieces of a text that have something of the query's; of other alphabets, all."""
        lower = text.lower()
        if len(lower) > len(text):  # some capitals become two characters: places would differ
            yield from _PIECE.finditer(text)
            return
        found = [place.start() for place in self._any_gram.finditer(lower)]
        if not text.isascii() or "'" in text:
            found = sorted([*found, *(place.start() for place in _BEYOND_GRAMS.finditer(text))])
        if not found:
            return
        places = iter(found)
        place = next(places)
        for piece in _PIECE.finditer(text):
            if piece.end() > place:
                yield piece
                place = next((later for later in places if later >= piece.end()), None)
                if place is None:
                    return

    def _alike(self, piece: str) -> tuple[str, float] | None:
        """The word of the query that a piece of text is most like, and its weight for that."""
        if piece not in self._known:
            likenesses = (alike for word in self._words(piece) for alike in self._likenesses(word))
            self._known[piece] = max(likenesses, key=lambda alike: alike[1], default=None)
        return self._known[piece]

    def _words(self, piece: str) -> Iterator[str]:
        if piece.isascii() and not self._any_gram.search(piece.lower().replace("'", "")):
            return
        yield from words_of(tokens(piece), self._split)

    def _likenesses(self, found: str) -> Iterator[tuple[str, float]]:
        """The words of the query that a word is like, and their weights for that."""
        if found in self._weights:
            yield found, self._weights[found]
            return
        theirs = set(grams(found))
        for word, ours in self._grams.items():
            if shared := len(ours & theirs):
                dice = 2 * shared / (len(ours) + len(theirs))
                if dice >= ALIKE or shared >= CONTAINED * len(ours):
                    yield word, dice * self._weights[word]


def opening(texts: Mapping[str, str | None]) -> Snippet:
    """How a TikTok begins of which nothing matches: its description, or the first text it has."""
    field = next((field for field in FIELDS if texts.get(field)), FIELDS[0])
    text = texts.get(field) or ""
    shown = text if len(text) <= PASSAGE_CHARS else text[: PASSAGE_CHARS - 1] + "…"
    return Snippet(field, ((shown, False),))


def _within(matches: list[_Match], first: int) -> list[_Match]:
    """The matches that one passage has room for, from the first one on."""
    end = matches[first].start + PASSAGE_CHARS - LEAD_CHARS
    return list(takewhile(lambda match: match.end <= end, matches[first:])) or [matches[first]]


def _weight(matches: list[_Match]) -> float:
    """What matches are worth together, each word of the query once."""
    best: dict[str, float] = {}
    for match in matches:
        best[match.word] = max(best.get(match.word, 0.0), match.weight)
    return sum(best.values())


def _cut(text: str, matches: list[_Match]) -> Parts:
    """The passage around matches, between white space where there is some."""
    start, end = 0, len(text)
    if end > PASSAGE_CHARS:
        start = max(0, matches[0].start - LEAD_CHARS)
        end = max(matches[-1].end, min(end, start + PASSAGE_CHARS))
        if start > 0:
            start = _after_space(text, start, matches[0].start)
        if end < len(text):
            end = text.rfind(" ", matches[-1].end, end) + 1 or end
    parts = [("…", False)] if start > 0 else []
    for match in matches:
        parts += [(text[start : match.start], False), (text[match.start : match.end], True)]
        start = match.end
    parts += [(text[start:end], False), ("…" if end < len(text) else "", False)]
    return tuple((part, matched) for part, matched in parts if part)


def _after_space(text: str, start: int, limit: int) -> int:
    space = text.find(" ", start, limit)
    return space + 1 if space >= 0 else start
