"""How well the search finds what was meant: `python -m benchmarks.search_quality COLLECTION`.

Prints the mean reciprocal rank (a target that isn't found counts 0) with its bootstrap interval,
its difference from the search's on the same queries, and how many targets come first and among the
first ten: for peers on FTS5, and for variants of the search. Cross-validation shows what tuning
would gain: in each of five folds, the best variant on four fifths is measured on the last fifth.
COLLECTION is a folder that `benchmarks.real_collection` can read. Its human queries are one
collection. Queries generated from its hashtags and its cover texts (`scripts.queries.known_items`)
are two more; hashtags or cover texts are then withheld from the search.

"FTS5, stems + pieces of words" adds up two lists, each divided by its best score.

With `--model FOLDER` (a Llama from `benchmarks.gguf_model`), it also measures the second pass: for
several numbers of texts to read, with the processor time of a query, and with a weight that
cross-validation chooses among `WEIGHTS`. Of generated queries, it takes the first 60.
"""

import argparse
import math
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.stats import bootstrap

from benchmarks.real_collection import WORK, build
from scripts.queries.known_items import write_known_items
from scripts.queries.query_file import Query, read_queries, withhold
from scripts.search import AnalysedQuery, Search, index, words
from scripts.search.fields import FIELDS
from scripts.search.language_model import LanguageModel
from scripts.search.reranker import Reranker
from scripts.search.words import TAG, Splitter

FOLDS, SEED = 5, 1
SIZE = 400  # of each collection of generated queries
# Length of the pieces, and BM25's k1 and b. The search itself uses the first variant.
VARIANTS = [
    (gram, k1, b)
    for gram in (4, 3, 5)
    for k1, b in ((1.2, 0.75), (0.6, 0.75), (2.0, 0.75), (1.2, 0.5))
]
# For the second pass: numbers of texts to read, weights to choose from, and the usual weight.
TEXTS, WEIGHTS, WEIGHT = (3, 5, 10), (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4), 0.2
MOST_READ = 60  # generated queries; each takes seconds
MODELS = WORK.with_name("models")
WORDS, STEMS, TRIGRAMS = "unicode61 remove_diacritics 2", "porter unicode61", "trigram"
PIECES = "unicode61 tokenchars '_'"

Ranks = npt.NDArray[np.float64]
Scores = dict[str, float]  # by id
Scores32 = npt.NDArray[np.float32]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("collection", type=Path)
    parser.add_argument("--model", type=Path, help="a language model for the second pass")
    options = parser.parse_args()
    model = Remembering(options.model) if options.model else None
    database, human = build(options.collection)
    generated = database.with_name("known_items.json")
    write_known_items(database, generated, {"size": SIZE, "seed": SEED})
    queries = [*human, *read_queries(generated)]
    with sqlite3.connect(database) as db:
        for origin, asked in groupby(queries, key=lambda query: query.origin):
            measure(db, origin, list(asked), model)


def measure(
    db: sqlite3.Connection, origin: str, queries: list[Query], model: "Remembering | None"
) -> None:
    """Print the table of a collection of queries."""
    hide(db, queries[0].withheld)
    variants = []
    for parameters in VARIANTS:
        with variant(*parameters):
            rebuild(db)
            variants.append(ranks_of(lambda text: dict(Search(db).rank(text)), queries))
    rebuild(db)
    print(f"{len(queries)} queries, {origin}")
    print(f"{'':34}MRR  (95 % interval)  less the search's        first  in ten")
    for name, find in peers(db).items():
        show(name, ranks_of(find, queries), variants[0])
    for (gram, k1, b), ranks in zip(VARIANTS, variants, strict=True):
        show(f"search, {gram} letters, k1 {k1}, b {b}", ranks, variants[0])
    for name, worth in WORTHS.items():
        weighed = WeighedSearch(db, worth)
        variants.append(ranks_of(lambda text, search=weighed: dict(search.rank(text)), queries))
        show(name, variants[-1], variants[0])
    show("best variant, cross-validated", cross_validated(np.array(variants)), variants[0])
    if model:
        count = MOST_READ if queries[0].withheld else len(queries)
        measure_reranker(db, queries[:count], model, variants[0][:count])


def measure_reranker(
    db: sqlite3.Connection, queries: list[Query], model: "Remembering", first_pass: Ranks
) -> None:
    """Print the lines of the second pass, and of the first one for the same queries."""

    def ranks(texts: int, weight: float) -> Ranks:
        search, reranker = Search(db), Reranker(model, texts, weight)
        return ranks_of(lambda text: dict(search.rank(text, reranker)), queries)

    show(f"first pass, {len(queries)} queries", first_pass, first_pass)
    for texts in TEXTS:
        seconds, read = model.seconds, model.read
        found = ranks(texts, WEIGHT)
        show(f"second pass, {texts} texts", found, first_pass)
        count = len(queries)
        print(f"  {(model.read - read) / count:.1f} more texts a query, ", end="")
        print(f"{(model.seconds - seconds) / count:.2f} s of processor time")
    weighed = np.array([ranks(5, weight) for weight in WEIGHTS])
    show("5 texts, weight cross-validated", cross_validated(weighed), first_pass)


class Remembering:
    """A language model that reads each text only once for a query.

    seconds: its processor time. read: the number of texts that it read.
    """

    def __init__(self, folder: Path) -> None:
        self._model = LanguageModel(str(folder), "main", str(MODELS))
        self._known: dict[tuple[str, str], float] = {}
        self.identity = str(folder)
        self.seconds, self.read = 0.0, 0

    def likelihoods(self, query: str, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        unknown = [text for text in dict.fromkeys(texts) if (query, text) not in self._known]
        start = time.process_time()
        if unknown:
            found = self._model.likelihoods(query, unknown)
            self._known |= {(query, text): p for text, p in zip(unknown, found, strict=True)}
        self.seconds += time.process_time() - start
        self.read += len(unknown)
        return np.array([self._known[query, text] for text in texts])


def cross_validated(ranks: npt.NDArray[np.float64]) -> Ranks:
    """The rank of each query in the variant that is best on the other folds."""
    fold = np.random.default_rng(SEED).permutation(ranks.shape[1]) % FOLDS
    found = np.empty(ranks.shape[1])
    for number in range(FOLDS):
        best = (1 / ranks[:, fold != number]).mean(axis=1).argmax()
        found[fold == number] = ranks[best, fold == number]
    return found


def show(name: str, ranks: Ranks, of_search: Ranks) -> None:
    shares = f"{(ranks == 1).mean():6.3f} {(ranks <= 10).mean():6.3f}"
    print(f"{name:34}{with_interval(1 / ranks, '.3f')}", end="  ")
    print(f"{with_interval(1 / ranks - 1 / of_search, '+.3f')}  {shares}")


def with_interval(values: npt.NDArray[np.float64], digits: str) -> str:
    """The mean of values, with its interval."""
    ends = (values[0], values[0])
    if np.ptp(values):
        ends = bootstrap((values,), np.mean, rng=SEED, method="percentile").confidence_interval
    return f"{values.mean():{digits}} ({ends[0]:{digits}} to {ends[1]:{digits}})"


def ranks_of(find: Callable[[str], Scores], queries: list[Query]) -> Ranks:
    """The target's rank for each query, from 1; infinite if it isn't found."""
    ranks = []
    for query in queries:
        scores = find(query.text)
        ids = sorted(scores, key=lambda id: (-scores[id], int(id)))
        ranks.append(ids.index(query.target) + 1 if query.target in scores else np.inf)
    return np.array(ranks, float)


def hide(db: sqlite3.Connection, withheld: str | None) -> None:
    """Replace `search_texts` by one without the withheld texts."""
    left_out = {withheld} - {None}
    db.create_function("hidden", 2, lambda field, text: text and withhold(field, text, left_out))
    texts = ", ".join(f"hidden('{field}', {field}) AS {field}" for field in FIELDS)
    db.execute("DROP TABLE IF EXISTS temp.search_texts")
    db.execute(
        f"CREATE TEMP TABLE search_texts AS SELECT number, id, {texts} FROM main.search_texts"  # noqa: S608
    )


# ---- Peers ----


def peers(db: sqlite3.Connection) -> Mapping[str, Callable[[str], Scores]]:
    """FTS5's own rankings, and the sum of two of them."""
    rows = db.execute(f"SELECT id, {', '.join(FIELDS)} FROM search_texts")  # noqa: S608
    texts = {id: "\n".join(filter(None, fields)) for id, *fields in rows}
    for number, tokenizer in enumerate((WORDS, STEMS, TRIGRAMS)):
        fill(db, f"plain_{number}", tokenizer, texts.items())
    known = dict(db.execute("SELECT word, occurrences FROM search_words"))
    split = words.word_splitter(lambda word: known.get(word, 0), sum(known.values()))
    fill(db, "stems", STEMS, ((id, " ".join(parts(text, split))) for id, text in texts.items()))
    fill(db, "pieces", PIECES, ((id, " ".join(pieces(text, split))) for id, text in texts.items()))
    return {
        "FTS5, words": lambda text: fts5(db, "plain_0", text.split()),
        "FTS5, stems": lambda text: fts5(db, "plain_1", text.split()),
        "FTS5, trigrams": lambda text: fts5(db, "plain_2", text.split()),
        "FTS5, stems + pieces of words": lambda text: added(
            fts5(db, "stems", parts(text, split)), fts5(db, "pieces", pieces(text, split))
        ),
    }


def fill(
    db: sqlite3.Connection, name: str, tokenizer: str, texts: Iterable[tuple[str, str]]
) -> None:
    db.execute(f"DROP TABLE IF EXISTS temp.{name}")
    db.execute(
        f'CREATE VIRTUAL TABLE temp.{name} USING fts5 (id UNINDEXED, text, tokenize="{tokenizer}")'
    )
    db.executemany(f"INSERT INTO {name} VALUES (?, ?)", texts)  # noqa: S608


def fts5(db: sqlite3.Connection, table: str, terms: Iterable[str]) -> Scores:
    """FTS5's bm25() of the TikToks that contain any of the terms."""
    any_of = " OR ".join(f'"{term.replace(chr(34), chr(34) * 2)}"' for term in dict.fromkeys(terms))
    query = f"SELECT id, -rank FROM {table} WHERE {table} MATCH ?"  # noqa: S608
    return dict(db.execute(query, (any_of or '""',)))


def parts(text: str, split: Splitter) -> Iterator[str]:
    """The words of a text, and the words that its hashtags and handles join."""
    for token in words.tokens(text):
        if not token.startswith(TAG):
            yield from (word for word in words.words_of([token], split) if not words.is_emoji(word))
        elif len(found := split(token.removeprefix(TAG))) > 1:
            yield from found


def pieces(text: str, split: Splitter) -> Iterator[str]:
    for part in parts(text, split):
        yield from words.grams(part) or [f"_{part}_"]


def added(*rankings: Scores) -> Scores:
    """The sum of rankings, each divided by its best score."""
    total: Scores = {}
    for scores in rankings:
        best = max(scores.values(), default=0)
        for id, score in scores.items():
            total[id] = total.get(id, 0) + score / best
    return total


# ---- Variants ----


@dataclass(frozen=True)
class Term:
    """A term of a query. pieces: how many the longest word with this piece has; 1: a whole word."""

    holders: int
    tiktoks: int
    pieces: int

    @property
    def idf(self) -> float:
        return math.log(1 + self.odds)

    @property
    def odds(self) -> float:
        return (self.tiktoks - self.holders + 0.5) / (self.holders + 0.5)


Worth = Callable[[Term], float]
# The weight of a term in a query, in place of its idf.
WORTHS: dict[str, Worth] = {
    "idf as in FTS5": lambda term: max(math.log(term.odds), 1e-6),
    "idf ^ 1.5": lambda term: term.idf**1.5,
    "idf ^ 2": lambda term: term.idf**2,
    "pieces count half": lambda term: term.idf * (0.5 if term.pieces > 1 else 1),
    "pieces count double": lambda term: term.idf * (2 if term.pieces > 1 else 1),
    "pieces by sqrt of their number": lambda term: term.idf / math.sqrt(term.pieces),
    "pieces share a word's weight": lambda term: term.idf / term.pieces,
}


class WeighedSearch(Search):
    """The search with other weights of terms."""

    def __init__(self, db: sqlite3.Connection, worth: Worth) -> None:
        super().__init__(db)
        self._worth = worth

    def score(self, query: AnalysedQuery, fields: tuple[str, ...] = ()) -> Scores32:
        pieces = dict.fromkeys(query.postings, 1)
        for word in query.words:
            for gram in words.grams(word):
                pieces[gram] = max(pieces[gram], len(words.grams(word)))
        scores = np.zeros(self._tiktoks)
        for term, blocks in query.postings.items():
            worth = self._worth(Term(query.holders[term], self._tiktoks, pieces[term]))
            for block, (places, weights, _) in blocks:
                part = scores[block * index.BLOCK : (block + 1) * index.BLOCK]
                part += np.bincount(places, weights * worth / index.LARGEST_WEIGHT, len(part))
        return scores.astype(np.float32)


@contextmanager
def variant(gram: int, k1: float, b: float) -> Iterator[None]:
    """Run the search with other parameters, for which it has no options."""
    usual = words.GRAM, index.K1, index.B
    words.GRAM, index.K1, index.B = gram, k1, b
    try:
        yield
    finally:
        words.GRAM, index.K1, index.B = usual


def rebuild(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM search_terms")
    db.execute("DELETE FROM search_words")
    index.build_index(db)


if __name__ == "__main__":
    main()
