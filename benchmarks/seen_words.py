"""What the text on screens adds to the search: `python -m benchmarks.seen_words [tiktoks [seed]]`.

In half of the made-up TikToks, lines of text are on the screen, and some of them also on the cover.
A query joins two words that somebody saw on the screen (or heard, if there is no text on it), one
of the description, and one that the TikTok doesn't contain. It prints the mean reciprocal rank
without and with the field `screen`, and their paired difference, with 95 % bootstrap intervals: for
targets with text on their screen, for targets without, and for a collection without any such text.
"""

import random
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.many import post_id, write_database
from benchmarks.search_quality import Ranks, ranks_of, rebuild, with_interval
from benchmarks.spoken import says
from scripts.queries.query_file import Query
from scripts.search import Search
from scripts.search.fields import FIELDS

TIKTOKS, SEED = 5_000, 1
QUERIES = 400  # of each kind
SCREEN = "screen"


def main(tiktoks: int = TIKTOKS, seed: int = SEED) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiktoks.db"
        write_database(path, tiktoks)
        with closing(sqlite3.connect(path)) as db:
            lines = list(screen_lines(tiktoks, seed))
            db.executemany(
                "INSERT INTO screen_lines (id, number, text, source, is_on_cover) "
                "VALUES (:id, :number, :text, 'video', :is_on_cover)",
                lines,
            )
            seen, heard = make_queries(db, SCREEN, seed), make_queries(db, "speech", seed)
            show("targets with text on their screen", *compare(db, seen))
            show("targets without", *compare(db, heard))
            db.execute("DELETE FROM screen_lines")
            show("no text on any screen", *compare(db, heard))


def screen_lines(tiktoks: int, seed: int) -> Iterator[dict[str, Any]]:
    """Rows of `screen_lines` for every second TikTok: one to six lines of three to six words."""
    chance = random.Random(seed)
    for number in range(1, tiktoks + 1, 2):
        for line in range(1, chance.randint(1, 6) + 1):
            yield {
                "id": post_id(number),
                "number": line,
                "text": says(chance, chance.randint(3, 6)),
                "is_on_cover": int(chance.random() < 0.1),
            }


def make_queries(db: sqlite3.Connection, field: str, seed: int) -> list[Query]:
    """Queries with words of a field, whose targets have text on their screen only if asked for."""
    chance = random.Random(f"{field} {seed}")
    has_screen = "IS NOT NULL" if field == SCREEN else "IS NULL"
    rows = db.execute(
        f"SELECT id, description, {field} FROM search_texts "  # noqa: S608
        f"WHERE {SCREEN} {has_screen} ORDER BY number"
    ).fetchall()
    queries = []
    for id, description, text in chance.sample(rows, QUERIES):
        words = [*chance.sample(text.split(), 2), chance.choice(description.split()[:-1])]
        queries.append(Query(" ".join([*words, says(chance, 1)]), id))
    return queries


def compare(db: sqlite3.Connection, queries: list[Query]) -> tuple[Ranks, Ranks]:
    """The ranks of the targets without and with the field `screen`."""
    others = ", ".join(f"NULL AS {SCREEN}" if field == SCREEN else field for field in FIELDS)
    db.execute(
        f"CREATE TEMP VIEW search_texts AS SELECT number, id, {others} FROM main.search_texts"  # noqa: S608
    )
    without = _ranks(db, queries)
    db.execute("DROP VIEW temp.search_texts")
    return without, _ranks(db, queries)


def _ranks(db: sqlite3.Connection, queries: list[Query]) -> Ranks:
    rebuild(db)
    search = Search(db)
    return ranks_of(lambda text: dict(search.rank(text)), queries)


def show(name: str, without: Ranks, with_it: Ranks) -> None:
    print(f"{name}: MRR without `screen` {with_interval(1 / without, '.3f')}, ", end="")
    print(f"with {with_interval(1 / with_it, '.3f')}, ", end="")
    print(f"difference {with_interval(1 / with_it - 1 / without, '+.3f')}; ", end="")
    print(f"{np.mean(with_it == without):.3f} of the ranks are the same", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
