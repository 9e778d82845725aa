"""Find that TikTok again: the one ranking of the command line, the viewer and the experiments.

In: `tiktoks.db`, whose index the merge builds (`index`), and what somebody half remembers. Out: the
TikToks that share the most telling words, and parts of words, with that: BM25 over the terms of
`words`, all texts of a TikTok taken as one. Any text is a query; there is no syntax to get wrong.
"""

import calendar
import math
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from sqlite3 import Connection, DatabaseError

import numpy as np
import numpy.typing as npt

from scripts.errors import CorpusError
from scripts.search.fields import FIELDS
from scripts.search.index import BLOCK, LARGEST_WEIGHT, POSTING_BYTES, Postings, read_postings
from scripts.search.snippets import Matcher, Snippet, opening
from scripts.search.words import TAG, terms, tokens, word_splitter, words_of
from scripts.store.database import SCHEMA_VERSION, open_database

# What a query is cut down to, so that a whole page that is pasted finds something in good time.
MOST_TOKENS = 64
DAY_S = 86_400
# Less than this share of the best one's score is no result: a few letters in common.
LEAST_SHARE = 0.1
# Less than this share of what a query could reach is none, where the corpus has none of its words.
# Two letters swapped in a word of six leave some 0.045; a piece that many words have, far less.
LEAST_LIKENESS = 0.03


_BY_CREATOR = "creator_username IN (?, '@' || ?)"
_BY_HASHTAG = "id IN (SELECT id FROM hashtags WHERE tag = ?)"


class SearchError(CorpusError):
    """There is no database to search, or no TikTok can pass a filter."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which TikToks count: all of these hold. Dates are inclusive, as `YYYY-MM-DD`, in UTC."""

    fields: tuple[str, ...] = ()  # any of them holds the words; none: wherever they are
    posted_from: str | None = None
    posted_to: str | None = None
    creator: str | None = None  # the handle, with or without @
    hashtag: str | None = None  # with or without #


NO_FILTERS = Filters()
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class AnalysedQuery:
    """What a query is taken apart into. Both are empty for one without a word.

    terms: what is looked up, sorted. words: how telling each is, those of a hashtag one by one.
    is_known: whether the corpus has any of the words as it was typed.
    """

    terms: tuple[str, ...]
    words: dict[str, float]
    is_known: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A TikTok that was found. `fields`: those that hold something of the query, best first."""

    id: str
    score: float
    creator: str | None
    nickname: str | None
    posted_date: str | None
    fields: tuple[str, ...]
    snippets: tuple[Snippet, ...]  # one for each of `fields`; without any, the description


@dataclass(frozen=True, slots=True)
class Results:
    """The best hits, and how many there are in all."""

    total: int
    hits: tuple[Hit, ...]


def open_for_search(database: Path) -> Connection:
    """A read-only connection. Raises SearchError where there is no database of this version."""
    remedy = "Check the path, or build it there: snakemake --cores 8"
    if not database.exists():
        raise SearchError(f"{database}: there is none. {remedy}")
    db = open_database(database)
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
    except DatabaseError as error:
        db.close()
        raise SearchError(f"{database}: {error}. {remedy}") from error
    if version != SCHEMA_VERSION:
        db.close()
        raise SearchError(f"{database}: it was built by another version of this program. {remedy}")
    return db


def has_words(query: str) -> bool:
    """Whether there is anything in a query that can be searched: a word, or a sign with a name."""
    return any(tokens(query))


class Search:
    """The search of one database, for one thread at a time."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._tiktoks = self._number("SELECT coalesce(max(number), 0) FROM tiktoks")
        words = self._number("SELECT coalesce(sum(occurrences), 0) FROM search_words")
        self._split = word_splitter(self._occurrences, words)

    def find(
        self, query: str, limit: int = 10, offset: int = 0, filters: Filters = NO_FILTERS
    ) -> Results:
        """The best TikToks after the first `offset`, equals by id.

        A query without words has no hits; with filters, all that pass them, the newest first.

        Raises SearchError for a filter that no TikTok can pass.
        """
        allowed = self._allowed(filters)
        analysed = self.analyse(query)
        if analysed.terms:
            scores = self.score(analysed, filters.fields)
            if allowed is not None:
                scores *= np.isin(np.arange(1, self._tiktoks + 1), allowed)
            found = self._found(analysed, scores)
            places = _best(scores, found, offset + limit)
            best = [(place + 1, float(scores[place])) for place in places]
            total = len(found)
        else:
            best = [(number, 0.0) for number in allowed or []]
            total = len(best)
        matcher = Matcher(analysed.words, self._split)
        page = best[offset : offset + limit]
        hits = tuple(self._hit(number, score, matcher, filters.fields) for number, score in page)
        return Results(total, hits)

    def rank(self, query: str) -> list[tuple[str, float]]:
        """Ids and scores of all results, the best first: as `find` has them."""
        analysed = self.analyse(query)
        scores = self.score(analysed)
        ids = [id for (id,) in self._db.execute("SELECT id FROM tiktoks ORDER BY number")]
        places = _best(scores, self._found(analysed, scores), len(ids))
        return [(ids[place], float(scores[place])) for place in places]

    def analyse(self, query: str) -> AnalysedQuery:
        """Words that the corpus doesn't know are taken apart like hashtags."""
        found = list(islice(tokens(query), MOST_TOKENS))
        is_known = any(map(self._holders, (f"_{word}_" for word in found if len(word) > 2)))
        found += [TAG + word for word in found if not self._occurrences(word)]
        words = sorted(set(words_of(found, self._split)))
        return AnalysedQuery(
            tuple(sorted({term for token in found for term in terms(token, self._split)})),
            {word: self._idf(self._holders(f"_{word}_")) for word in words},
            is_known,
        )

    def score(self, query: AnalysedQuery, fields: tuple[str, ...] = ()) -> npt.NDArray[np.float32]:
        """BM25 of every TikTok for a query, in order of its number.

        With `fields`, only terms that these hold count.
        """
        bits = sum(1 << FIELDS.index(field) for field in fields)
        scores = np.zeros(self._tiktoks)
        for term in query.terms:
            blocks = self._postings(term)
            holders = sum(len(places) for _, (places, _, _) in blocks)
            worth = np.float32(self._idf(holders) / LARGEST_WEIGHT)
            for block, (places, weights, held) in blocks:
                if bits:
                    wanted = (held & bits).astype(bool)
                    places, weights = places[wanted], weights[wanted]
                part = scores[block * BLOCK : (block + 1) * BLOCK]
                part += np.bincount(places, weights * worth, len(part))
        return scores.astype(np.float32)

    def _found(self, query: AnalysedQuery, scores: npt.NDArray[np.float32]) -> Places:
        """Places of all that is a result."""
        least = LEAST_SHARE * scores.max(initial=0)
        if not query.is_known:
            possible = sum(self._idf(self._holders(term)) for term in query.terms)
            least = max(least, LEAST_LIKENESS * possible)
        return np.flatnonzero(scores > least)

    def _postings(self, term: str) -> list[tuple[int, Postings]]:
        rows = self._db.execute(
            "SELECT block, postings FROM search_terms WHERE term = ? ORDER BY block", (term,)
        )
        return [(block, read_postings(postings)) for block, postings in rows]

    def _holders(self, term: str) -> int:
        """How many TikToks hold a term."""
        query = "SELECT coalesce(sum(length(postings)), 0) FROM search_terms WHERE term = ?"
        return self._db.execute(query, (term,)).fetchone()[0] // POSTING_BYTES

    def _idf(self, holders: int) -> float:
        return math.log(1 + (self._tiktoks - holders + 0.5) / (holders + 0.5))

    def _allowed(self, filters: Filters) -> list[int] | None:
        """The numbers of the TikToks that pass, the newest first; None: there is no filter."""
        unknown = [field for field in filters.fields if field not in FIELDS]
        if unknown:
            raise SearchError(f"There is no field {unknown[0]!r}, but {', '.join(FIELDS)}.")
        conditions, values = [], []
        start = _midnight(filters.posted_from) if filters.posted_from else None
        end = _midnight(filters.posted_to) + DAY_S if filters.posted_to else None
        if start is not None and end is not None and start >= end:
            raise SearchError(
                f"No day is both on or after {filters.posted_from} and on or before "
                f"{filters.posted_to}. Swap the two dates."
            )
        if start is not None:
            conditions.append("posted_at >= ?")
            values.append(start)
        if end is not None:
            conditions.append("posted_at < ?")
            values.append(end)
        if filters.creator:
            handle = filters.creator.removeprefix("@").lower()
            conditions.append(_BY_CREATOR)
            values += [handle, handle]
            if not self._any(_BY_CREATOR, [handle, handle]):
                raise SearchError(f"No TikTok in the corpus is by @{handle}. Check the handle.")
        if filters.hashtag:
            tag = filters.hashtag.removeprefix("#").lower()
            conditions.append(_BY_HASHTAG)
            values.append(tag)
            if not self._any(_BY_HASHTAG, [tag]):
                raise SearchError(f"No TikTok in the corpus has the hashtag #{tag}. Check it.")
        if not conditions:
            return None
        query = f"SELECT number FROM tiktoks WHERE {' AND '.join(conditions)}"  # noqa: S608
        rows = self._db.execute(f"{query} ORDER BY posted_at DESC, number DESC", values)
        return [number for (number,) in rows]

    def _any(self, condition: str, values: list[str]) -> bool:
        query = f"SELECT EXISTS (SELECT 1 FROM tiktoks WHERE {condition})"  # noqa: S608
        return bool(self._db.execute(query, values).fetchone()[0])

    def _hit(self, number: int, score: float, matcher: Matcher, fields: tuple[str, ...]) -> Hit:
        about = "SELECT id, creator_username, creator_nickname, posted_date FROM tiktoks"
        row = self._db.execute(f"{about} WHERE number = ?", (number,)).fetchone()
        columns = ", ".join(FIELDS)
        query = f"SELECT {columns} FROM search_texts WHERE number = ?"  # noqa: S608
        texts = dict(zip(FIELDS, self._db.execute(query, (number,)).fetchone(), strict=True))
        wanted = {field: texts[field] for field in fields or FIELDS}
        snippets = matcher.snippets(wanted)
        named = tuple(snippet.field for snippet in snippets)
        return Hit(*row[:1], score, *row[1:], named, snippets or (opening(wanted),))

    def _occurrences(self, word: str) -> int:
        query = "SELECT occurrences FROM search_words WHERE word = ?"
        (found,) = self._db.execute(query, (word,)).fetchone() or (0,)
        return found

    def _number(self, query: str) -> int:
        return self._db.execute(query).fetchone()[0]


def _best(scores: npt.NDArray[np.float32], places: Places, count: int) -> list[int]:
    """The `count` places of highest score, the highest first; equals in order."""
    if 0 < count < len(places):
        least = np.partition(scores[places], -count)[-count]
        places = places[scores[places] >= least]
    return places[np.argsort(-scores[places], kind="stable")][:count].tolist()


def _midnight(day: str) -> int:
    """The start of a day in UTC, unix seconds."""
    try:
        return calendar.timegm(date.fromisoformat(day).timetuple())
    except ValueError:
        raise SearchError(f"{day!r} is not a date: write it as 2022-11-30.") from None
