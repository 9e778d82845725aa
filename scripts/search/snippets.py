"""Show why a TikTok was found: the best passage of each text, with the words of the query marked.

A word is marked if it is a word of the query, or shares enough four-letter pieces with one. The
rarest words of the query choose the passage; the others are only marked in it. If a TikTok has no
such word, the most similar one is marked, because the ranking uses pieces and finds less similar
words, too. The index knows which fields contain which pieces, so little of a text is read.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from scripts.characters import MARKS
from scripts.search.fields import FIELDS
from scripts.search.passages import (
    PASSAGE_CHARS,
    Match,
    Snippet,
    best_passage,
    bounds,
    marked,
    weight_of,
)
from scripts.search.words import grams, is_unspaced, pairs, whole_term

# The least share of common four-letter pieces: of both words' pieces (Dice), or of the query's.
ALIKE, CONTAINED = 0.4, 0.6
# A field is shown if its best passage has at least this share of the weight of the best of all.
LEAST_SHOWN = 0.3
# A word is distinctive if it has at least this share of the weight of the most distinctive one.
LEAST_DISTINCTIVE = 0.3

# A hashtag or handle, a word, or a sign (an emoji).
_PIECE = re.compile(rf"[#@](?:[\w{MARKS}]|\.(?=\w))+|\w[\w'\u2019{MARKS}]*|[^\w\s]")
# In a text with these characters, a term may differ from what is written.
_BEYOND_TERMS = re.compile("[^\0-\x7f]|'")

_BITS = [(1 << place, field) for place, field in enumerate(FIELDS)]


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the query, with its whole term and its pieces.

    rarest: its rarest pieces, so many that any similar word contains one of them. whole_bit, bits:
    whole term and pieces in a set of terms (`Matcher._terms`).
    """

    text: str
    weight: float
    whole: str
    grams: frozenset[str]
    rarest: frozenset[str]
    whole_bit: int
    bits: int

    def likeness(self, shared: int, count: int) -> float:
        """Dice's coefficient with a word of `count` pieces. shared: the query's pieces in it."""
        return 2 * (self.bits & shared).bit_count() / (len(self.grams) + count)

    def is_like(self, dice: float, shared: int) -> bool:
        """True if a word is similar enough to mark. dice: its `likeness`."""
        contained = (self.bits & shared).bit_count()
        return dice >= ALIKE or contained >= CONTAINED * len(self.grams) > 0

    def most(self, terms: int) -> float:
        """The most that a similar word can be worth in a text with these terms."""
        if terms & self.whole_bit:
            return self.weight
        shared = (terms & self.bits).bit_count()
        if 4 * shared < len(self.grams) or not shared:
            return 0.0
        return self.weight * 2 * shared / (len(self.grams) + shared)


class Matcher:
    """Finds the words of a query in the texts of TikToks.

    words: each with its weight, how distinctive it is. holders: how many TikToks contain each term
    of the query. words_of_piece: returns the words of a piece of text.
    """

    def __init__(
        self,
        words: Mapping[str, float],
        holders: Mapping[str, int],
        words_of_piece: Callable[[str], tuple[str, ...]],
    ) -> None:
        # A set of terms is a number with a bit for each, because sets of strings take longer.
        self._bits = {term: 1 << place for place, term in enumerate(holders)}
        self._words = {
            word: _make_word(word, weight, holders, self._bits)
            for word, weight in words.items()
            if not is_unspaced(word)
        }
        least = LEAST_DISTINCTIVE * max(words.values(), default=0.0)
        self._distinctive = {word: it for word, it in self._words.items() if it.weight >= least}
        self._words_of_piece = words_of_piece
        self._grams = frozenset().union(*(word.grams for word in self._words.values()))
        self._all_parts = [
            (self._bits.get(part, 0), part.strip("_"))
            for part in dict.fromkeys(part for it in self._words.values() for part in it.rarest)
        ]
        self._known: dict[str, tuple[str, float] | None] = {}  # by piece of text
        self._found: dict[str, list[Match]] = {}  # by text: a short one is searched, then shown
        self._unspaced = {word: weight for word, weight in words.items() if is_unspaced(word)}
        self._parts = _parts(self._unspaced, pairs)
        self._faint_parts = _parts(self._unspaced, grams)

    def snippets(
        self, texts: Mapping[str, str | None], held: Mapping[str, int]
    ) -> tuple[Snippet, ...]:
        """A snippet for each field with a distinctive part of the query, the best first.

        held: the terms of the query in the TikTok, with the bits of their fields.
        """
        whole = {field: text for field, text in texts.items() if text}
        terms = self._terms(whole, held)
        for words in (self._distinctive, self._words):
            if found := self._passages(whole, terms, words):
                return tuple(
                    self._snippet(field, whole[field], terms[field], found[field])
                    for field in found
                )
        return self._faint_snippets(whole, terms)

    def _terms(self, texts: Mapping[str, str], held: Mapping[str, int]) -> dict[str, int]:
        """The set of the query's terms in each of these fields."""
        by_fields: dict[int, int] = {}
        for term, bits in held.items():
            by_fields[bits] = by_fields.get(bits, 0) | self._bits[term]
        return {
            field: sum(terms for bits, terms in by_fields.items() if bits & bit)
            for bit, field in _BITS
            if field in texts
        }

    def _passages(
        self, texts: Mapping[str, str], terms: Mapping[str, int], words: Mapping[str, _Word]
    ) -> dict[str, list[Match]]:
        """For each field to show, the matches that fit into one passage, the best field first."""
        promised = {
            field: sum([word.most(there) for word in words.values()]) if there else 0.0
            for field, there in terms.items()
        }
        found: dict[str, list[Match]] = {}
        best = 0.0
        for field in sorted(promised, key=lambda name: -promised[name]):
            if self._unspaced or promised[field] > LEAST_SHOWN * best:
                matches = self._search(texts[field], terms[field], words)
                found[field] = best_passage(field, texts[field], matches)
                best = max(best, weight_of(found[field]))
        weights = {field: weight_of(found[field]) for field in FIELDS if found.get(field)}
        shown = [field for field in weights if weights[field] >= LEAST_SHOWN * best]
        return {field: found[field] for field in sorted(shown, key=lambda name: -weights[name])}

    def _snippet(self, field: str, text: str, terms: int, passage: list[Match]) -> Snippet:
        """A passage around these matches, with all words of the query in it marked."""
        start, end, is_begun, is_ended = bounds(field, text, passage)
        shown = text[start:end]
        matches = self._all_matches(shown, terms)
        return marked(field, shown, self._with_unspaced(shown, matches), is_begun, is_ended)

    def _faint_snippets(
        self, texts: Mapping[str, str], terms: Mapping[str, int]
    ) -> tuple[Snippet, ...]:
        """The word of each field that is most similar to a word of the query, if only a little."""
        found: dict[str, Match] = {}
        for field, text in texts.items():
            parts = {term.strip("_") for term, bit in self._bits.items() if terms[field] & bit}
            matches = self._matches(_likely_pieces(text, parts), self._faint)
            matches += _unspaced_matches(text, *self._faint_parts)
            if matches:
                found[field] = max(matches, key=lambda match: match.weight)
        best = max((match.weight for match in found.values()), default=0.0)
        in_order = [field for field in FIELDS if field in found]
        snippets = []
        for field in sorted(in_order, key=lambda name: -found[name].weight):
            match = found[field]
            if match.weight >= LEAST_SHOWN * best:
                start, end, *edges = bounds(field, texts[field], [match])
                moved = match._replace(start=match.start - start, end=match.end - start)
                snippets.append(marked(field, texts[field][start:end], [moved], *edges))
        return tuple(snippets)

    def _all_matches(self, text: str, terms: int) -> list[Match]:
        """The places where a text of a field with these terms resembles any word of the query."""
        if text not in self._found:
            parts = {part for bit, part in self._all_parts if terms & bit}
            self._found[text] = self._matches(_likely_pieces(text, parts), self._alike)
        return self._found[text]

    def _search(self, text: str, terms: int, words: Mapping[str, _Word]) -> list[Match]:
        """The places, in order, where a field with these terms resembles these words.

        If the field contains a word exactly as typed, words similar to it do not count.
        """
        promised = [word for word in words.values() if word.most(terms)]
        exact = {word.text for word in promised if terms & word.whole_bit}
        if len(text) <= PASSAGE_CHARS:
            matches = self._all_matches(text, terms)
        else:
            matches = self._likely_matches(text, terms, promised, exact)
        matches = [
            match
            for match in matches
            if match.word in words
            and (match.word not in exact or match.weight == words[match.word].weight)
        ]
        return self._with_unspaced(text, matches)

    def _likely_matches(
        self, text: str, terms: int, words: list[_Word], exact: set[str]
    ) -> list[Match]:
        """The same for some words, in a long text. exact: those that it contains as typed."""
        parts = {
            part.strip("_")
            for word in words
            if word.text not in exact
            for part in word.rarest
            if terms & self._bits.get(part, 0)
        }
        parts |= exact
        matches = self._matches(_likely_pieces(text, parts, is_plain=True), self._alike)
        if not matches or exact - {match.word for match in matches}:
            matches = self._matches(_likely_pieces(text, parts), self._alike)
        return matches

    def _with_unspaced(self, text: str, matches: list[Match]) -> list[Match]:
        if unspaced := _unspaced_matches(text, *self._parts):
            return sorted([*matches, *unspaced], key=lambda match: match.start)
        return matches

    @staticmethod
    def _matches(
        pieces: Iterable[re.Match[str]], likeness: Callable[[str], tuple[str, float] | None]
    ) -> list[Match]:
        return [Match(*piece.span(), *alike) for piece in pieces if (alike := likeness(piece[0]))]

    def _alike(self, piece: str) -> tuple[str, float] | None:
        """The word of the query that a piece of text resembles most, and the weight of this."""
        if piece in self._known:
            return self._known[piece]
        lower = piece.lower()
        found: list[tuple[str, float]] = []
        for word in (lower,) if lower in self._words else self._words_of_piece(piece):
            if word in self._words:
                found.append((word, self._words[word].weight))
            elif shared := self._shared(word):
                count = len(_grams_of(word))
                found += [
                    (own.text, dice * own.weight)
                    for own in self._words.values()
                    if own.bits & shared
                    and own.is_like(dice := own.likeness(shared, count), shared)
                ]
        self._known[piece] = max(found, key=itemgetter(1), default=None)
        return self._known[piece]

    def _shared(self, word: str) -> int:
        """The set of the query's pieces that another word has, too."""
        return sum([self._bits[gram] for gram in self._grams & _grams_of(word)])

    def _faint(self, piece: str) -> tuple[str, float] | None:
        """The same for any piece that has at least something in common with the query."""
        found = [
            (own.text, own.likeness(shared, len(_grams_of(word))) * own.weight)
            for word in self._words_of_piece(piece)
            if (shared := self._shared(word))
            for own in self._words.values()
        ]
        best = max(found, key=itemgetter(1), default=None)
        return best if best and best[1] else None


def opening(texts: Mapping[str, str | None]) -> Snippet:
    """The beginning of the description, or else of the first text, if nothing matches."""
    field = next((field for field in FIELDS if texts.get(field)), FIELDS[0])
    text = texts.get(field) or ""
    shown = text if len(text) <= PASSAGE_CHARS else text[: PASSAGE_CHARS - 1] + "…"
    return Snippet(field, ((shown, False),))


def _make_word(
    text: str, weight: float, holders: Mapping[str, int], bits: Mapping[str, int]
) -> _Word:
    whole, pieces = whole_term(text), frozenset(grams(text))
    # A similar word shares at least a quarter of the pieces. So the search can leave out a quarter
    # of them, less one, and it leaves out the most common ones.
    rarest = sorted(pieces, key=lambda gram: (holders.get(gram, 0), gram))
    unneeded = max(math.ceil(len(pieces) / 4) - 1, 0)
    return _Word(
        text,
        weight,
        whole,
        pieces,
        frozenset(rarest[: len(pieces) - unneeded] or [whole]),
        bits.get(whole, 0),
        sum(bits.get(piece, 0) for piece in pieces),
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
    places = _places(parts, lower)
    if not is_plain and ("'" in text or not text.isascii()):
        places += [place.start() for place in _BEYOND_TERMS.finditer(text)]
    end = 0
    for place in sorted(places):
        if place < end:
            continue
        # No piece contains white space.
        end = max(end, text.rfind(" ", end, place) + 1)
        while end <= place and (piece := _PIECE.search(text, end)):
            end = piece.end()
            if end > place:
                yield piece


def _places(parts: Iterable[str], text: str) -> list[int]:
    """The places of parts of words in a text."""
    places = []
    for part in parts:
        place = text.find(part)
        while place >= 0:
            places.append(place)
            place = text.find(part, place + len(part))
    return places


def _unspaced_matches(
    text: str, weights: Mapping[str, float], pattern: re.Pattern[str]
) -> list[Match]:
    if not weights or text.isascii():
        return []
    return [
        Match(part.start(), part.end(), part[0], weights[part[0]])
        for part in pattern.finditer(text)
    ]
