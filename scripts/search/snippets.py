"""Show why a TikTok was found: the best passage of each text, with the words of the query marked.

A word is marked if it is a word of the query, or shares enough four-letter pieces with one. The
rarest words of the query choose the passage; the others are only marked in it. If a TikTok has no
such word, the most similar one is marked, because the ranking uses pieces and finds less similar
words, too. The index knows which fields contain which pieces, so little of a text is read.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, takewhile
from typing import NamedTuple

from scripts.characters import MARKS
from scripts.search.fields import FIELDS
from scripts.search.words import grams, is_unspaced, pairs, whole_term

PASSAGE_CHARS = 160
LEAD_CHARS = 30  # of a passage, before the first match
# The least share of common four-letter pieces: of both words' pieces (Dice), or of the query's.
ALIKE, CONTAINED = 0.4, 0.6
# A field is shown if its best passage has at least this share of the weight of the best of all.
TELLING = 0.3
# A word is telling if it has at least this share of the weight of the most telling word.
TELLING_WORD = 0.3

# A hashtag or handle, a word, or a sign (an emoji).
_PIECE = re.compile(rf"[#@](?:[\w{MARKS}]|\.(?=\w))+|\w[\w'\u2019{MARKS}]*|[^\w\s]")
# In a text with these characters, a term may differ from what is written.
_BEYOND_TERMS = re.compile("[^\0-\x7f]|'")

_BITS = [(1 << place, field) for place, field in enumerate(FIELDS)]

Parts = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of a field: pieces of text in order, each with True if it is a match."""

    field: str
    parts: Parts


class _Match(NamedTuple):
    """[start, end) of a text resembles `word` of the query. weight: how much it is worth."""

    start: int
    end: int
    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the query, with its whole term and its pieces.

    rarest: its rarest pieces, so many that any similar word contains one of them.
    """

    text: str
    weight: float
    whole: str
    grams: frozenset[str]
    rarest: frozenset[str]

    def likeness(self, theirs: frozenset[str]) -> float:
        """Dice's coefficient with a word that has these pieces."""
        shared = len(self.grams & theirs)
        return 2 * shared / (len(self.grams) + len(theirs)) if shared else 0.0

    def is_like(self, dice: float, theirs: frozenset[str]) -> bool:
        """True if a word with these pieces is similar enough to mark. dice: its `likeness`."""
        return dice >= ALIKE or len(self.grams & theirs) >= CONTAINED * len(self.grams) > 0

    def most(self, terms: Set[str]) -> float:
        """The most that a similar word can be worth in a text with these terms."""
        if self.whole in terms:
            return self.weight
        shared = len(self.grams & terms)
        if 4 * shared < len(self.grams) or not shared:
            return 0.0
        return self.weight * 2 * shared / (len(self.grams) + shared)


class Matcher:
    """Finds the words of a query in the texts of TikToks.

    words: each with its weight, how telling it is. holders: how many TikToks contain each term of
    the query. words_of_piece: returns the words of a piece of text.
    """

    def __init__(
        self,
        words: Mapping[str, float],
        holders: Mapping[str, int],
        words_of_piece: Callable[[str], tuple[str, ...]],
    ) -> None:
        self._words = {
            word: _make_word(word, weight, holders)
            for word, weight in words.items()
            if not is_unspaced(word)
        }
        least = TELLING_WORD * max(words.values(), default=0.0)
        self._telling = {word: it for word, it in self._words.items() if it.weight >= least}
        self._words_of_piece = words_of_piece
        self._grams = frozenset().union(*(word.grams for word in self._words.values()))
        self._all_parts = _as_written(part for it in self._words.values() for part in it.rarest)
        self._known: dict[str, tuple[str, float] | None] = {}  # by piece of text
        self._unspaced = {word: weight for word, weight in words.items() if is_unspaced(word)}
        self._parts = _parts(self._unspaced, pairs)
        self._faint_parts = _parts(self._unspaced, grams)

    def snippets(
        self, texts: Mapping[str, str | None], held: Mapping[str, int]
    ) -> tuple[Snippet, ...]:
        """A snippet for each field with a telling part of the query, the best first.

        held: the terms of the query in the TikTok, with the bits of their fields.
        """
        whole = {field: text for field, text in texts.items() if text}
        terms = {
            field: {term for term, bits in held.items() if bits & bit}
            for bit, field in _BITS
            if field in whole
        }
        for words in (self._telling, self._words):
            if found := self._passages(whole, terms, words):
                return tuple(self._snippet(field, whole[field], found[field]) for field in found)
        return self._faint_snippets(whole, terms)

    def _passages(
        self, texts: Mapping[str, str], terms: Mapping[str, Set[str]], words: Mapping[str, _Word]
    ) -> dict[str, list[_Match]]:
        """For each telling field, the matches that fit into one passage, the best field first."""
        promised = {
            field: sum([word.most(terms[field]) for word in words.values()]) for field in terms
        }
        found: dict[str, list[_Match]] = {}
        best = 0.0
        for field in sorted(promised, key=lambda name: -promised[name]):
            if self._unspaced or promised[field] > TELLING * best:
                matches = self._search(texts[field], terms[field], words)
                found[field] = _best_passage(field, texts[field], matches)
                best = max(best, _weight(found[field]))
        weights = {field: _weight(found[field]) for field in FIELDS if found.get(field)}
        telling = [field for field in weights if weights[field] >= TELLING * best]
        return {field: found[field] for field in sorted(telling, key=lambda name: -weights[name])}

    def _snippet(self, field: str, text: str, passage: list[_Match]) -> Snippet:
        """A passage around these matches, with all words of the query in it marked."""
        start, end, is_begun, is_ended = _bounds(field, text, passage)
        shown = text[start:end]
        matches = self._matches(_likely_pieces(shown, self._all_parts), self._alike)
        return _marked(field, shown, self._with_unspaced(shown, matches), is_begun, is_ended)

    def _faint_snippets(
        self, texts: Mapping[str, str], terms: Mapping[str, Set[str]]
    ) -> tuple[Snippet, ...]:
        """The word of each field that is most similar to a word of the query, if only a little."""
        found: dict[str, _Match] = {}
        for field, text in texts.items():
            matches = self._matches(_likely_pieces(text, _as_written(terms[field])), self._faint)
            matches += _unspaced_matches(text, *self._faint_parts)
            if matches:
                found[field] = max(matches, key=lambda match: match.weight)
        best = max((match.weight for match in found.values()), default=0.0)
        telling = [field for field in FIELDS if field in found]
        snippets = []
        for field in sorted(telling, key=lambda name: -found[name].weight):
            match = found[field]
            if match.weight >= TELLING * best:
                start, end, *edges = _bounds(field, texts[field], [match])
                moved = match._replace(start=match.start - start, end=match.end - start)
                snippets.append(_marked(field, texts[field][start:end], [moved], *edges))
        return tuple(snippets)

    def _search(self, text: str, terms: Set[str], words: Mapping[str, _Word]) -> list[_Match]:
        """The places, in order, where a field with these terms resembles these words.

        If the field contains a word exactly as typed, words similar to it do not count.
        """
        promised = [word for word in words.values() if word.most(terms)]
        parts = {
            part
            for word in promised
            for part in ([word.text] if word.whole in terms else _as_written(terms & word.rarest))
        }
        matches = self._matches(_likely_pieces(text, parts, is_plain=True), self._alike)
        exact = {word.text for word in promised if word.whole in terms}
        if not matches or exact - {match.word for match in matches}:
            matches = self._matches(_likely_pieces(text, parts), self._alike)
        matches = [
            match
            for match in matches
            if match.word in words
            and (match.word not in exact or match.weight == words[match.word].weight)
        ]
        return self._with_unspaced(text, matches)

    def _with_unspaced(self, text: str, matches: list[_Match]) -> list[_Match]:
        if unspaced := _unspaced_matches(text, *self._parts):
            return sorted([*matches, *unspaced], key=lambda match: match.start)
        return matches

    @staticmethod
    def _matches(
        pieces: Iterable[re.Match[str]], likeness: Callable[[str], tuple[str, float] | None]
    ) -> list[_Match]:
        return [
            _Match(piece.start(), piece.end(), *alike)
            for piece in pieces
            if (alike := likeness(piece[0]))
        ]

    def _alike(self, piece: str) -> tuple[str, float] | None:
        """The word of the query that a piece of text resembles most, and the weight of this."""
        if piece not in self._known:
            lower = piece.lower()
            if lower in self._words:
                self._known[piece] = lower, self._words[lower].weight
                return self._known[piece]
            found = (
                pair for word in self._words_of_piece(piece) for pair in self._likenesses(word)
            )
            self._known[piece] = max(found, key=lambda pair: pair[1], default=None)
        return self._known[piece]

    def _likenesses(self, found: str) -> Iterator[tuple[str, float]]:
        """The words of the query that a word resembles, and the weight of each."""
        if found in self._words:
            yield found, self._words[found].weight
            return
        theirs = _grams_of(found)
        if self._grams.isdisjoint(theirs):
            return
        for word in self._words.values():
            dice = word.likeness(theirs)
            if word.is_like(dice, theirs):
                yield word.text, dice * word.weight

    def _faint(self, piece: str) -> tuple[str, float] | None:
        """The same for any piece that has at least something in common with the query."""
        found = (
            (word.text, word.likeness(_grams_of(other)) * word.weight)
            for other in self._words_of_piece(piece)
            for word in self._words.values()
        )
        best = max(found, key=lambda pair: pair[1], default=None)
        return best if best and best[1] else None


def opening(texts: Mapping[str, str | None]) -> Snippet:
    """The beginning of the description, or else of the first text, if nothing matches."""
    field = next((field for field in FIELDS if texts.get(field)), FIELDS[0])
    text = texts.get(field) or ""
    shown = text if len(text) <= PASSAGE_CHARS else text[: PASSAGE_CHARS - 1] + "…"
    return Snippet(field, ((shown, False),))


def _make_word(text: str, weight: float, holders: Mapping[str, int]) -> _Word:
    whole, pieces = whole_term(text), frozenset(grams(text))
    # A similar word shares at least a quarter of the pieces. So the search can leave out a quarter
    # of them, less one, and it leaves out the most common ones.
    rarest = sorted(pieces, key=lambda gram: (holders.get(gram, 0), gram))
    unneeded = max(math.ceil(len(pieces) / 4) - 1, 0)
    return _Word(
        text, weight, whole, pieces, frozenset(rarest[: len(pieces) - unneeded] or [whole])
    )


def _parts(
    words: Mapping[str, float], parts_of: Callable[[str], list[str]]
) -> tuple[dict[str, float], re.Pattern[str]]:
    """Parts of words in scripts without spaces, with their weights, and a pattern for them."""
    weights = {
        part: weight * len(part) / len(word)
        for word, weight in words.items()
        for part in (word, *parts_of(word))
    }
    longest_first = sorted(weights, key=lambda part: (-len(part), part))
    return weights, re.compile("|".join(map(re.escape, longest_first)) or "(?!)")


@lru_cache(1 << 15)
def _grams_of(word: str) -> frozenset[str]:
    return frozenset(grams(word))


def _as_written(terms: Iterable[str]) -> set[str]:
    """Terms without the marks of a word's ends, as a text contains them."""
    return {term.strip("_") for term in terms}


def _likely_pieces(
    text: str, parts: Iterable[str], is_plain: bool = False
) -> Iterator[re.Match[str]]:
    """The pieces of a text that contain one of these parts.

    Unless `is_plain`, also pieces that may contain one in other characters.
    """
    lower = text.lower()
    if len(lower) > len(text):  # some capitals become two characters, which moves all places
        yield from _PIECE.finditer(text)
        return
    there = [part for part in parts if part in lower]
    places = [place for part in there for place in _places(part, lower)]
    if not is_plain and ("'" in text or not text.isascii()):
        places += [place.start() for place in _BEYOND_TERMS.finditer(text)]
    end = 0
    for place in sorted(places):
        if place < end:
            continue
        # No piece contains white space.
        for piece in _PIECE.finditer(text, max(end, text.rfind(" ", end, place) + 1)):
            end = piece.end()
            if end > place:
                yield piece
                break


def _places(part: str, text: str) -> Iterator[int]:
    """The places of a part of a word in a text."""
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + len(part))


def _unspaced_matches(
    text: str, weights: Mapping[str, float], pattern: re.Pattern[str]
) -> list[_Match]:
    if not weights or text.isascii():
        return []
    return [
        _Match(part.start(), part.end(), part[0], weights[part[0]])
        for part in pattern.finditer(text)
    ]


def _best_passage(field: str, text: str, matches: list[_Match]) -> list[_Match]:
    """The matches of the passage that shows most of the query."""
    # Each comment is a separate text.
    lines = groupby(matches, lambda match: text.count("\n", 0, match.start))
    texts = [list(line) for _, line in lines] if field == "comments" else [matches]
    passages = (_within(line, first) for line in texts for first in range(len(line)))
    return max(passages, key=_weight, default=[])


def _within(matches: list[_Match], first: int) -> list[_Match]:
    """The matches that fit into one passage, from the match `first` on."""
    end = matches[first].start + PASSAGE_CHARS - LEAD_CHARS
    return list(takewhile(lambda match: match.end <= end, matches[first:])) or [matches[first]]


def _weight(matches: list[_Match]) -> float:
    """The weight of all matches together. Each word of the query counts once."""
    best: dict[str, float] = {}
    for match in matches:
        best[match.word] = max(best.get(match.word, 0.0), match.weight)
    return sum(best.values())


def _bounds(field: str, text: str, matches: list[_Match]) -> tuple[int, int, bool, bool]:
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


def _marked(
    field: str, text: str, matches: list[_Match], is_begun: bool, is_ended: bool
) -> Snippet:
    """A passage with its matches marked. is_begun, is_ended: more text comes before or after."""
    parts = [("…", False)] if is_begun else []
    start = 0
    for match in matches:
        parts += [(text[start : match.start], False), (text[match.start : match.end], True)]
        start = match.end
    parts += [(text[start:], False), ("…" if is_ended else "", False)]
    return Snippet(field, tuple((part, matched) for part, matched in parts if part))
