"""How fast the search is: `python -m benchmarks.search [TIKTOKS] [--queries N]`.

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

import numpy as np

from benchmarks.spoken import queries, write_corpus
from scripts.merge.database import build_database
from scripts.rawinfo.catalogue import catalogue_folder
from scripts.search import Search
from scripts.search.index import build_index
from scripts.store.database import open_database

WORK = Path(__file__).parent / "work" / "search"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tiktoks", type=int, nargs="?", default=100_000)
    parser.add_argument("--queries", type=int, default=1_000)
    options = parser.parse_args()
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


def times(find: Callable[[str], object], asked: list[str]) -> list[float]:
    """Seconds that each query takes."""
    taken = []
    for query in asked:
        start = time.perf_counter()
        find(query)
        taken.append(time.perf_counter() - start)
    return taken


def fts5(db: sqlite3.Connection, query: str) -> list[tuple[str, str]]:
    """The peer: any of the words, BM25 with its defaults, and a snippet."""
    words = " OR ".join(f'"{word}"' for word in query.split())
    return db.execute(
        "SELECT id, snippet(search, -1, '[', ']', '…', 20) FROM search "
        "WHERE search MATCH ? ORDER BY rank LIMIT 10",
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
