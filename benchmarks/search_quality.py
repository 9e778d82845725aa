"""How well the search finds what was meant: `python -m benchmarks.search_quality COLLECTION`.

Mean reciprocal rank (a target that isn't found counts 0), and how many come first and among the
first ten, with bootstrap intervals, on human queries; of FTS5's own rankings, as peers; and of
variants of the search, of which cross-validation tells what tuning would bring: in each of five
folds, the one that is best on four fifths is measured on the last fifth. COLLECTION is a folder as
`benchmarks.real_collection` reads it.
"""

import argparse
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.stats import bootstrap

from benchmarks.real_collection import build
from scripts.queries import Query
from scripts.search import Search, index, words
from scripts.search.fields import FIELDS

FOLDS, SEED = 5, 1
# Length of the pieces, and BM25's k1 and b. The first one is what the search does.
VARIANTS = [
    (gram, k1, b)
    for gram in (4, 3, 5)
    for k1, b in ((1.2, 0.75), (0.6, 0.75), (2.0, 0.75), (1.2, 0.5))
]
TOKENIZERS = ("unicode61 remove_diacritics 2", "porter unicode61 remove_diacritics 2", "trigram")

Ranks = npt.NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("collection", type=Path)
    database, queries = build(parser.parse_args().collection)
    with sqlite3.connect(database) as db:
        print(f"{len(queries)} queries{'':24}MRR  (95 % interval)    first  in ten")
        for tokenizer in TOKENIZERS:
            show(
                f"FTS5 {tokenizer.removesuffix(' remove_diacritics 2')}",
                fts5(db, tokenizer, queries),
            )
        ranks = []
        for gram, k1, b in VARIANTS:
            with variant(gram, k1, b):
                rebuild(db)
                ranks.append(ranks_of(Search(db), queries))
            show(f"search, {gram} letters, k1 {k1}, b {b}", ranks[-1])
    show("best variant, cross-validated", cross_validated(np.array(ranks)))


def cross_validated(ranks: npt.NDArray[np.float64]) -> Ranks:
    """The rank of each query by the variant that is best for those of the other folds."""
    fold = np.random.default_rng(SEED).permutation(ranks.shape[1]) % FOLDS
    found = np.empty(ranks.shape[1])
    for number in range(FOLDS):
        best = (1 / ranks[:, fold != number]).mean(axis=1).argmax()
        found[fold == number] = ranks[best, fold == number]
    return found


def show(name: str, ranks: Ranks) -> None:
    reciprocal = 1 / ranks
    ends = bootstrap((reciprocal,), np.mean, rng=SEED, method="percentile").confidence_interval
    shares = f"{(ranks == 1).mean():6.3f} {(ranks <= 10).mean():6.3f}"
    print(f"{name:34}{reciprocal.mean():.3f}  ({ends.low:.3f} to {ends.high:.3f})  {shares}")


def ranks_of(search: Search, queries: list[Query]) -> Ranks:
    """The target's rank for each query, from 1; infinite where it isn't found."""
    ranks = []
    for query in queries:
        ids = [id for id, _ in search.rank(query.text)]
        ranks.append(ids.index(query.target) + 1 if query.target in ids else np.inf)
    return np.array(ranks, float)


def fts5(db: sqlite3.Connection, tokenizer: str, queries: list[Query]) -> Ranks:
    """The peer: FTS5's bm25() of the TikToks that hold any of the words."""
    db.execute("DROP TABLE IF EXISTS temp.peer")
    db.execute(
        f"CREATE VIRTUAL TABLE temp.peer USING fts5 (id UNINDEXED, text, tokenize='{tokenizer}')"
    )
    text = " || ' ' || ".join(f"coalesce({field}, '')" for field in FIELDS)
    db.execute(f"INSERT INTO peer SELECT id, {text} FROM search_texts")  # noqa: S608
    ranks = []
    for query in queries:
        any_of = " OR ".join('"' + word.replace('"', '""') + '"' for word in query.text.split())
        found = db.execute("SELECT id FROM peer WHERE peer MATCH ? ORDER BY rank, id", (any_of,))
        ids = [id for (id,) in found]
        ranks.append(ids.index(query.target) + 1 if query.target in ids else np.inf)
    return np.array(ranks, float)


@contextmanager
def variant(gram: int, k1: float, b: float) -> Iterator[None]:
    """The search with other parameters, which it has no options for."""
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
