"""How fast the search is: `python -m benchmarks.search [TIKTOKS] [--queries N]`.

With `--collection FOLDER`, it measures the passages of ten results in a real corpus, next to
`snippet()` of FTS5: the processor time of each of its queries, as the least of several times.
`benchmarks.real_collection` says what the folder contains.

Builds a corpus of made-up TikToks with comments (kept for the next time). Prints the time of a
query in the process, next to FTS5's `bm25()` over the same texts (it knows only whole words, so it
finds neither misspelt words nor parts); the time to build the index; and the size of the database.
"""

import argparse
import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.real_collection import build
from benchmarks.spoken import queries, write_corpus
from scripts.merge.database import build_database
from scripts.rawinfo.catalogue import catalogue_folder
from scripts.search import Hit, Search, open_for_search
from scripts.search.index import build_index
from scripts.store.database import open_database

WORK = Path(__file__).parent / "work" / "search"
SNIPPET = "snippet(search, -1, '[', ']', '…', 20)"
REPEATS = 9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tiktoks", type=int, nargs="?", default=100_000)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--collection", type=Path, help="measure the passages in a real corpus")
    options = parser.parse_args()
    if options.collection:
        measure_passages(options.collection)
        return
    data = WORK / str(options.tiktoks)
    database = data / "tiktoks.db"
    if not database.exists():
        shutil.rmtree(data, ignore_errors=True)
        write_corpus(data, options.tiktoks)
        catalogue = catalogue_folder(data / "info")
        start = time.perf_counter()
        build_database(catalogue, data, database, build_index)
        took = time.perf_counter() - start
        print(f"whole database        {1000 * took / options.tiktoks:6.2f} ms a TikTok")
    with closing(open_database(database)) as db:
        report_sizes(db, data, database)
        texts = (row[0] for row in db.execute("SELECT comments FROM search_texts"))
        asked = queries(texts, options.queries)
        search = Search(db)
        ours = times(lambda query: search.find(query, 10), asked)
        scoring = times(lambda query: search.score(search.analyse(query)), asked)
        theirs = times(lambda query: fts5(db, query), asked)
    print(f"{'ms a query':20}{'p50':>8}{'p99':>8}{'worst':>8}")
    for name, taken in (("search", ours), ("  scoring alone", scoring), ("FTS5 bm25()", theirs)):
        shown = (f"{1000 * np.quantile(taken, q):8.1f}" for q in (0.5, 0.99, 1))
        print(f"{name:20}{''.join(shown)}")
    print(f"search / FTS5, median: {np.median(ours) / np.median(theirs):.2f} x")


def measure_passages(collection: Path) -> None:
    """Print the processor time of the passages of ten results, for the queries of a collection."""
    database, queries = build(collection, WORK / "collection")
    asked = [query.text for query in queries]
    with closing(open_for_search(database)) as db:
        search = Timed(db)
        ours = least(lambda query: search.seconds_of_passages(query), asked)
        theirs = least(lambda query: seconds_of(lambda: fts5(db, query)), asked)
        # Unlike any column, it needs none of the texts.
        rows = least(lambda query: seconds_of(lambda: fts5(db, query, "rowid")), asked)
    for name, taken in (("search", ours), ("FTS5 snippet()", theirs - rows)):
        shown = f"{1000 * np.median(taken):.2f} ms, at most {1000 * taken.max():.2f} ms"
        print(f"passages of ten results, {name}: {shown}")


class Timed(Search):
    """The search, with the processor time that the results of its last query took."""

    seconds = 0.0

    def seconds_of_passages(self, query: str) -> float:
        self.find(query)
        return self.seconds

    def _hits(self, *arguments: Any) -> tuple[Hit, ...]:
        start = time.process_time()
        hits = super()._hits(*arguments)
        self.seconds = time.process_time() - start
        return hits


def seconds_of(work: Callable[[], object]) -> float:
    """The processor time of some work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def least(measure: Callable[[str], float], asked: list[str]) -> np.ndarray:
    """For each query, the least of several measurements. A busy machine makes the others longer."""
    return np.min([[measure(query) for query in asked] for _ in range(REPEATS)], axis=0)


def times(find: Callable[[str], object], asked: list[str]) -> list[float]:
    """Seconds that each query takes."""
    taken = []
    for query in asked:
        start = time.perf_counter()
        find(query)
        taken.append(time.perf_counter() - start)
    return taken


def fts5(db: sqlite3.Connection, query: str, shown: str = SNIPPET) -> list[tuple[str, ...]]:
    """The peer: any of the words, BM25 with its defaults, and a snippet (or another column)."""
    words = " OR ".join('"' + word.replace('"', '""') + '"' for word in query.split())
    return db.execute(
        f"SELECT {shown} FROM search WHERE search MATCH ? ORDER BY rank LIMIT 10",  # noqa: S608
        (words,),
    ).fetchall()


def report_sizes(db: sqlite3.Connection, data: Path, database: Path) -> None:
    raw = sum(file.stat().st_size for file in data.glob("info/*.json"))
    compact = sum(
        len(json.dumps(json.loads(file.read_bytes()), ensure_ascii=False, separators=(",", ":")))
        for file in data.glob("info/*.json")
    )
    size = database.stat().st_size
    print(f"database              {size / 1e6:6.0f} MB: {size / raw:.2f} x the raw JSON, ", end="")
    print(f"{size / compact:.2f} x without its white space")
    (postings,) = db.execute("SELECT sum(length(postings)) FROM search_terms").fetchone()
    print(f"  postings            {postings / 1e6:6.0f} MB")


if __name__ == "__main__":
    main()
