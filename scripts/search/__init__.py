"""Find a TikTok again. The command line, the viewer and the experiments use the same ranking.

In: `tiktoks.db`, whose index the merge builds (`index`), and a query. Out: the TikToks that share
the most distinctive words, and parts of words, with the query: BM25 over the terms of `words`, with
all texts of a TikTok as one. Any text is a query, and may contain `operators`.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from sqlite3 import Connection, DatabaseError

import numpy as np
import numpy.typing as npt

from scripts.characters import without_surrogates
from scripts.search.conditions import Conditions
from scripts.search.fields import FIELDS
from scripts.search.filters import NO_FILTERS, Filters, SearchError, passing
from scripts.search.index import BLOCK, FIELD_BITS, LARGEST_WEIGHT, PLACE, Postings, read_postings
from scripts.search.operators import Operator, parse_query
from scripts.search.passages import Snippet
from scripts.search.reranker import Reranker, text_to_read
from scripts.search.snippets import Matcher, opening
from scripts.search.spelling import suggest
from scripts.search.words import (
    TAG,
    distinctive_words,
    inner_grams,
    is_emoji,
    terms,
    tokens,
    whole_term,
    word_splitter,
    words_of,
)
from scripts.store.database import SCHEMA_VERSION, open_database

__all__ = ["NO_FILTERS", "Filters", "SearchError"]  # and what is defined here

# A query is cut to this length, so that even a whole pasted page finds something soon.
MOST_TOKENS = 64
# Drop results that score below this share of the best score: they share only a few letters.
LEAST_SHARE = 0.1
# If the corpus contains no word of the query, drop results that score below this share of the best
# possible score. Two swapped letters in a word of six leave about 0.045; a common piece far less.
LEAST_LIKENESS = 0.03
PIECES_KEPT = 1 << 15  # pieces of text whose words stay in memory from one query to the next

_HIT = """
    SELECT id, creator_username, creator_nickname, posted_date FROM tiktoks WHERE number = ?
"""
_TEXTS = f"SELECT {', '.join(FIELDS)} FROM search_texts WHERE number = ?"  # noqa: S608 (no data)
_TEXTS_BY_ID = f"SELECT {', '.join(FIELDS)} FROM search_texts WHERE id = ?"  # noqa: S608 (no data)

Places = npt.NDArray[np.intp]
Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class AnalysedQuery:
    """A query that was taken apart. All fields are empty for a query without words.

    words: the weight of each word; the words of a hashtag are separate. postings: of each term, by
    block. holders: the number of TikToks that contain each term. is_known: True if the corpus
    contains any of the words as typed.
    """

    words: Mapping[str, float]
    postings: Mapping[str, list[tuple[int, Postings]]]
    holders: Mapping[str, int]
    is_known: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A TikTok that was found. fields: those that match the query, the best first."""

    id: str
    score: float
    creator: str | None
    nickname: str | None
    posted_date: str | None
    fields: tuple[str, ...]
    snippets: tuple[Snippet, ...]  # one for each of `fields`; without any, the description


@dataclass(frozen=True, slots=True)
class Results:
    """The best hits, and the number of all results."""

    total: int
    hits: tuple[Hit, ...]
    operators: tuple[Operator, ...] = ()  # the conditions in the query itself
    suggestion: str | None = None  # the query in a spelling that the corpus has much more often


def open_for_search(database: Path) -> Connection:
    """Open a database for reading. Raises SearchError if it is missing or of another version."""
    remedy = "Check the path, or build it there: snakemake --cores 8"
    if not database.exists():
        raise SearchError(f"{database} doesn't exist. {remedy}")
    db = open_database(database)
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
    except DatabaseError as error:
        db.close()
        raise SearchError(f"{database}: {error}. {remedy}") from error
    if version != SCHEMA_VERSION:
        db.close()
        raise SearchError(f"{database} was built by another version of this program. {remedy}")
    return db


def has_words(query: str) -> bool:
    """True if a query has anything that can be searched: a word, or a sign with a name."""
    return any(tokens(parse_query(query).words))


class Search:
    """The search of one database, for one thread at a time."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._tiktoks = self._number("SELECT coalesce(max(number), 0) FROM tiktoks")
        self._total_words = self._number("SELECT coalesce(sum(occurrences), 0) FROM search_words")
        self._split = split = word_splitter(self._occurrences, self._total_words)

        @lru_cache(PIECES_KEPT)
        def words_of_piece(piece: str) -> tuple[str, ...]:
            return tuple(words_of(tokens(piece), split))

        self._words_of_piece = words_of_piece
        self._conditions = Conditions(db, self._postings)

    def find(
        self,
        query: str,
        limit: int = 10,
        offset: int = 0,
        filters: Filters = NO_FILTERS,
        reranker: Reranker | None = None,
    ) -> Results:
        """Return the best TikToks after the first `offset`; equal scores rank in order of id.

        A query without words finds nothing; with filters, it finds all TikToks that pass them, the
        newest first. reranker: sorts the first results again.

        Raises SearchError for a filter that no TikTok can pass.
        """
        query = without_surrogates(query)
        words, operators = self._read(query)
        allowed = _both(passing(self._db, filters), self._conditions.passing(operators))
        analysed = self.analyse(words)
        if analysed.words:
            most = max(offset + limit, reranker.rerank if reranker else 0)
            total, best = self._best(analysed, allowed, filters.fields, most)
            if reranker:
                best = self._reranked(reranker, words, analysed, best, filters.fields)
        else:
            # A TikTok without distinctive words is like no other.
            is_like = any(operator.kind == "like" for operator in operators)
            best = [] if is_like else [(number, 0.0) for number in allowed or []]
            total = len(best)
        hits = self._hits(analysed, best[offset : offset + limit], filters.fields)
        suggestion = suggest(query, operators, self._known, self._is_there)
        return Results(total, hits, operators, suggestion)

    def rank(self, query: str, reranker: Reranker | None = None) -> list[tuple[str, float]]:
        """Return the ids and scores of all results, the best first, as in `find`."""
        words, operators = self._read(without_surrogates(query))
        analysed = self.analyse(words)
        allowed = self._conditions.passing(operators)
        _, best = self._best(analysed, allowed, (), self._tiktoks)
        if reranker:
            best = self._reranked(reranker, words, analysed, best, ())
        ids = [id for (id,) in self._db.execute("SELECT id FROM tiktoks ORDER BY number")]
        return [(ids[number - 1], score) for number, score in best]

    def analyse(self, query: str) -> AnalysedQuery:
        """Take a query apart. Words that are not in the corpus are split like hashtags."""
        typed = list(islice(tokens(query), MOST_TOKENS))
        unknown = [
            word
            for word in typed
            if not (
                word.startswith(TAG)
                or is_emoji(word)
                or self._is_there(word)
                or self._is_within(word)
            )
        ]
        found = [*typed, *(TAG + word for word in unknown)]
        words = sorted(set(words_of(found, self._split)))
        looked_up = sorted({term for word in words for term in terms(word, self._split)})
        postings = {term: self._postings(term) for term in looked_up}
        holders = {
            term: sum(len(places) for _, (places, _, _) in blocks)
            for term, blocks in postings.items()
        }
        return AnalysedQuery(
            {word: self._idf(holders[whole_term(word)]) for word in words},
            postings,
            holders,
            any(holders.get(whole_term(word)) for word in typed if len(word) > 2),
        )

    def score(self, query: AnalysedQuery, fields: tuple[str, ...] = ()) -> Scores:
        """Return the BM25 score of every TikTok, in order of its number.

        fields: count only terms in these fields.
        """
        bits = sum(1 << FIELDS.index(field) for field in set(fields))
        scores = np.zeros(self._tiktoks)
        for term, blocks in query.postings.items():
            worth = np.float32(self._idf(query.holders[term]) / LARGEST_WEIGHT)
            for block, (places, weights, held) in blocks:
                if bits:
                    wanted = (held & bits).astype(bool)
                    places, weights = places[wanted], weights[wanted]
                part = scores[block * BLOCK : (block + 1) * BLOCK]
                part += np.bincount(places, weights * worth, len(part))
        return scores.astype(np.float32)

    def _best(
        self, query: AnalysedQuery, allowed: list[int] | None, fields: tuple[str, ...], most: int
    ) -> tuple[int, list[tuple[int, float]]]:
        """Return the number of results, and the numbers and scores of the `most` best ones.

        allowed: the numbers that may be results; None allows all.
        """
        scores = self.score(query, fields)
        if allowed is not None:
            scores *= np.isin(np.arange(1, self._tiktoks + 1), allowed)
        found = self._found(query, scores)
        places = _highest(scores, found, most)
        return len(found), [(place + 1, float(scores[place])) for place in places]

    def _found(self, query: AnalysedQuery, scores: Scores) -> Places:
        """The places of all results."""
        least = LEAST_SHARE * scores.max(initial=0)
        if not query.is_known:
            possible = sum(map(self._idf, query.holders.values()))
            least = max(least, LEAST_LIKENESS * possible)
        return np.flatnonzero(scores > least)

    def _read(self, query: str) -> tuple[str, tuple[Operator, ...]]:
        """The text to search for, and the conditions. `like:` adds the words of a TikTok."""
        parsed = parse_query(query)
        operators = self._conditions.usable(parsed.operators)
        words = [parsed.words]
        for operator in operators:
            if operator.kind == "like" and not operator.is_excluded:
                row = self._db.execute(_TEXTS_BY_ID, (operator.value,)).fetchone()
                texts = filter(None, row or ())
                words += distinctive_words(texts, self._occurrences, self._total_words)
        return " ".join(words), operators

    def _reranked(
        self,
        reranker: Reranker,
        query: str,
        analysed: AnalysedQuery,
        best: list[tuple[int, float]],
        fields: tuple[str, ...],
    ) -> list[tuple[int, float]]:
        """Put the first results into the order of the second pass. best: numbers and scores."""
        matcher = Matcher(analysed.words, analysed.holders, self._words_of_piece)
        held = _held(analysed, [number for number, _ in best[: reranker.rerank]])

        def text_of(place: int) -> str:
            texts = self._texts(best[place][0], fields)
            return text_to_read(texts, matcher.snippets(texts, held[place]))

        scores = reranker.scores(query, [score for _, score in best], text_of)
        numbers = [number for number, _ in best]
        return sorted(zip(numbers, scores, strict=True), key=lambda found: -found[1])

    def _texts(self, number: int, fields: tuple[str, ...]) -> dict[str, str | None]:
        """The texts in these fields of a TikTok, or in all fields if none is named."""
        found = self._db.execute(_TEXTS, (number,)).fetchone()
        texts = dict(zip(FIELDS, found, strict=True))
        return {field: texts[field] for field in fields or FIELDS}

    def _postings(self, term: str) -> list[tuple[int, Postings]]:
        rows = self._db.execute(
            "SELECT block, postings FROM search_terms WHERE term = ? ORDER BY block", (term,)
        )
        return [(block, read_postings(postings)) for block, postings in rows]

    def _idf(self, holders: int) -> float:
        return math.log(1 + (self._tiktoks - holders + 0.5) / (holders + 0.5))

    def _hits(
        self, query: AnalysedQuery, best: list[tuple[int, float]], fields: tuple[str, ...]
    ) -> tuple[Hit, ...]:
        """Return the hits with their snippets. best: numbers and scores."""
        matcher = Matcher(query.words, query.holders, self._words_of_piece)
        held = _held(query, [number for number, _ in best])
        return tuple(
            self._hit(number, score, matcher, of_hit, fields)
            for (number, score), of_hit in zip(best, held, strict=True)
        )

    def _hit(
        self,
        number: int,
        score: float,
        matcher: Matcher,
        held: Mapping[str, int],
        fields: tuple[str, ...],
    ) -> Hit:
        id, creator, nickname, date = self._db.execute(_HIT, (number,)).fetchone()
        wanted = self._texts(number, fields)
        snippets = matcher.snippets(wanted, held)
        named = tuple(snippet.field for snippet in snippets)
        return Hit(id, score, creator, nickname, date, named, snippets or (opening(wanted),))

    def _occurrences(self, word: str) -> int:
        """How often running text contains a word."""
        query = "SELECT occurrences FROM search_words WHERE word = ?"
        (found,) = self._db.execute(query, (word,)).fetchone() or (0,)
        return int(found)

    def _is_there(self, word: str) -> bool:
        """True if the corpus contains a word, even if only as a hashtag or handle."""
        query = "SELECT 1 FROM search_terms WHERE term = ?"
        return self._db.execute(query, (whole_term(word),)).fetchone() is not None

    def _is_within(self, word: str) -> bool:
        """True if the corpus contains a word within a longer hashtag, handle or word."""
        within = inner_grams(word)
        held = np.full(self._tiktoks, 0xFF if within else 0, FIELD_BITS)
        for term in within:
            of_term = np.zeros_like(held)
            for block, (places, _, bits) in self._postings(term):
                of_term[block * BLOCK + places.astype(np.intp)] = bits
            held &= of_term
            if not held.any():
                return False
        return bool(held.any())

    def _known(self, words: Iterable[str]) -> dict[str, int]:
        """How often running text contains each of these words, without those it lacks."""
        query = (
            "SELECT word, occurrences FROM search_words "
            "WHERE word IN (SELECT value FROM json_each(?))"
        )
        return dict(self._db.execute(query, (json.dumps(list(words)),)).fetchall())

    def _number(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])


def _both(some: list[int] | None, others: list[int] | None) -> list[int] | None:
    """The numbers that are in both lists, in order. None stands for all numbers."""
    if some is None or others is None:
        return others if some is None else some
    wanted = set(others)
    return [number for number in some if number in wanted]


def _held(query: AnalysedQuery, numbers: Sequence[int]) -> list[dict[str, int]]:
    """For each of these TikToks, the query's terms in it, each with the bits of its fields."""
    held: list[dict[str, int]] = [{} for _ in numbers]
    for block in {(number - 1) // BLOCK for number in numbers}:
        hits = [hit for hit, number in enumerate(numbers) if (number - 1) // BLOCK == block]
        within = np.array([(numbers[hit] - 1) % BLOCK for hit in hits], PLACE)
        for term, blocks in query.postings.items():
            for places, _, bits in (postings for other, postings in blocks if other == block):
                found = places.searchsorted(within)
                is_there = places.take(found, mode="clip") == within
                of_hits = (bits.take(found, mode="clip") * is_there).tolist()
                for hit, of_hit in zip(hits, of_hits, strict=True):
                    if of_hit:
                        held[hit][term] = of_hit
    return held


def _highest(scores: Scores, places: Places, count: int) -> list[int]:
    """The `count` places with the highest scores, highest first. Equal scores stay in order."""
    if 0 < count < len(places):
        least = np.partition(scores[places], -count)[-count]
        places = places[scores[places] >= least]
    return [int(place) for place in places[np.argsort(-scores[places], kind="stable")][:count]]
