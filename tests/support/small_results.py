"""A made-up `results.db` in the form that the experiments write."""

import json
import math
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scripts.experiments.ranking import NDCG_DEPTH
from scripts.queries.query_file import Query

TABLES = """
    CREATE TABLE indexes (
        index_id INTEGER PRIMARY KEY, sources TEXT, tokenisation TEXT, attribution INTEGER,
        documents INTEGER, vocabulary INTEGER, postings INTEGER, size_bytes INTEGER
    ) STRICT;
    CREATE TABLE experiments (
        experiment_id INTEGER PRIMARY KEY, index_id INTEGER REFERENCES indexes,
        term_weighting TEXT, collection_weighting TEXT, normalisation TEXT, expansion TEXT,
        fusion TEXT, dense TEXT, parts TEXT, name TEXT UNIQUE
    ) STRICT;
    CREATE TABLE queries (
        query_key TEXT PRIMARY KEY, collection TEXT, text TEXT, target TEXT, author TEXT
    ) STRICT;
    CREATE TABLE judgements (query_key TEXT, id TEXT, grade INTEGER) STRICT;
    CREATE TABLE query_tags (query_key TEXT, tag TEXT) STRICT;
    CREATE TABLE ranking_results (
        experiment_id INTEGER, query_key TEXT, rank INTEGER, score REAL,
        average_precision REAL, ndcg REAL, top TEXT,
        PRIMARY KEY (experiment_id, query_key)
    ) STRICT;
"""


class Results:
    """The database, filled system by system."""

    def __init__(self, file: Path | str = ":memory:") -> None:
        self.db = sqlite3.connect(file)
        self.db.executescript(TABLES)

    def add_queries(self, queries: Iterable[Query]) -> None:
        for query in queries:
            row = (query.key, query.origin, query.text, query.target, query.author)
            self.db.execute("INSERT INTO queries VALUES (?, ?, ?, ?, ?)", row)
            judged = [(query.key, *judged) for judged in query.judged.items()]
            self.db.executemany("INSERT INTO judgements VALUES (?, ?, ?)", judged)
            tags = [(query.key, tag) for tag in query.tags]
            self.db.executemany("INSERT INTO query_tags VALUES (?, ?)", tags)
        self.db.commit()

    def add_system(
        self,
        ranks: dict[str, int | None],
        tops: dict[str, list[str]] | None = None,
        index: dict[str, Any] | None = None,
        **parts: str,
    ) -> int:
        """Add a system. ranks: of the only relevant TikTok, by key of the query.

        index: its columns. parts: its components.
        """
        index_id = self._index(index) if index else None
        number = self.db.execute("SELECT count(*) + 1 FROM experiments").fetchone()[0]
        values = {
            "experiment_id": number,
            "index_id": index_id,
            "name": f"system {number}",
            **parts,
        }
        self._insert("experiments", values)
        rows = (
            (
                *(number, key, rank, 1 / rank if rank else None),
                1 / rank if rank else 0.0,
                1 / math.log2(rank + 1) if rank and rank <= NDCG_DEPTH else 0.0,
                json.dumps((tops or {}).get(key, [])),
            )
            for key, rank in ranks.items()
        )
        self.db.executemany("INSERT INTO ranking_results VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        self.db.commit()
        return number

    def _index(self, index: dict[str, Any]) -> int:
        where = (index["sources"], index["tokenisation"], index["attribution"])
        query = (
            "SELECT index_id FROM indexes WHERE (sources, tokenisation, attribution) = (?, ?, ?)"
        )
        found = self.db.execute(query, where).fetchone()
        if found:
            return found[0]
        number = self.db.execute("SELECT count(*) + 1 FROM indexes").fetchone()[0]
        self._insert("indexes", {"index_id": number, **index})
        return number

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        marks = ", ".join("?" * len(row))
        self.db.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})",  # noqa: S608
            tuple(row.values()),
        )
