"""Keep the result of each experiment for each query as a cell, for the next run.

The cells are a cache in one SQLite file. The key of a cell names everything that it depends on: the
texts, the components with their versions, and the query. So an existing cell is always valid. The
file also contains vectors of passages, by model and a digest of the text.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Collection as Ids
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import NamedTuple

from scripts.experiments.indexing import IndexFacts

VERSION = 2  # a file of another version is computed again
_SCHEMA = f"""
    PRAGMA secure_delete = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA user_version = {VERSION};
    CREATE TABLE IF NOT EXISTS experiments (
        key TEXT PRIMARY KEY,
        contents TEXT NOT NULL      -- JSON: the digests of the texts that it depends on
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS cells (
        experiment TEXT NOT NULL REFERENCES experiments ON DELETE CASCADE,
        query TEXT NOT NULL,
        rank INTEGER,
        score REAL NOT NULL,
        average_precision REAL NOT NULL,
        ndcg REAL NOT NULL,
        top TEXT NOT NULL,
        PRIMARY KEY (experiment, query)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS indexes (
        key TEXT PRIMARY KEY,
        documents INTEGER NOT NULL,
        vocabulary INTEGER NOT NULL,
        postings INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS vectors (
        model TEXT NOT NULL,
        passage BLOB NOT NULL,
        vector BLOB NOT NULL,
        PRIMARY KEY (model, passage)
    ) STRICT, WITHOUT ROWID;
"""


class Cell(NamedTuple):
    """A `Ranking`, with the best ids as a JSON list."""

    rank: int | None
    score: float
    average_precision: float
    ndcg: float
    top: str


class CellStore:
    """The cells in a file; close it, or use it in a `with` statement."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = _open(file)
        except sqlite3.DatabaseError:
            # It was damaged by a power cut or a full disk, or has another version. Everything in it
            # can be computed again.
            file.unlink()
            file.with_name(f"{file.name}-journal").unlink(missing_ok=True)
            self._db = _open(file)

    def __enter__(self) -> "CellStore":
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def keep_only(self, digests: Ids[str], passages: Callable[[], Ids[bytes]]) -> None:
        """Delete everything that depends on texts that no longer exist.

        passages: returns the keys of existing passages; it is called only if there are vectors.
        """
        rows = self._db.execute("SELECT key, contents FROM experiments").fetchall()
        stale = [(key,) for key, contents in rows if not set(json.loads(contents)) <= set(digests)]
        kept = {key for (key,) in self._db.execute("SELECT DISTINCT passage FROM vectors")}
        stale_passages = [(key,) for key in kept - set(passages())] if kept else []
        if stale or stale_passages:
            with self._db:
                self._db.executemany("DELETE FROM experiments WHERE key = ?", stale)
                self._db.executemany("DELETE FROM vectors WHERE passage = ?", stale_passages)
            self._db.execute("VACUUM")

    def ranks(self, experiment: str) -> dict[str, int | None]:
        """Return the ranks of the first relevant TikToks, for all queries with cells."""
        rows = self._db.execute("SELECT query, rank FROM cells WHERE experiment = ?", (experiment,))
        return dict(rows.fetchall())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep everything that is added inside, or nothing after an error."""
        with self._db:
            yield

    def add(self, experiment: str, contents: Iterable[str], cells: Mapping[str, Cell]) -> None:
        """Keep cells of an experiment. contents: the digests of the texts that it depends on."""
        self._db.execute(
            "INSERT OR IGNORE INTO experiments VALUES (?, ?)",
            (experiment, json.dumps(sorted(contents))),
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO cells VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((experiment, query, *cell) for query, cell in cells.items()),
        )

    def facts(self, index: str) -> IndexFacts | None:
        """Return the size of an index, or None if it is not known."""
        row = self._db.execute(
            "SELECT documents, vocabulary, postings, size_bytes FROM indexes WHERE key = ?",
            (index,),
        ).fetchone()
        return IndexFacts(*row) if row else None

    def add_facts(self, index: str, facts: IndexFacts) -> None:
        """Keep the size of an index."""
        self._db.execute(
            "INSERT OR REPLACE INTO indexes VALUES (?, ?, ?, ?, ?)", (index, *astuple(facts))
        )

    def vectors(self, model: str) -> dict[bytes, bytes]:
        """Return the vectors that a model made, by the keys of passages."""
        rows = self._db.execute("SELECT passage, vector FROM vectors WHERE model = ?", (model,))
        return dict(rows.fetchall())

    def add_vectors(self, model: str, vectors: Mapping[bytes, bytes]) -> None:
        """Keep vectors that a model made, by the keys of passages."""
        self._db.executemany(
            "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
            ((model, key, vector) for key, vector in vectors.items()),
        )


def _open(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(file)
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version not in (0, VERSION):
            raise sqlite3.DatabaseError(f"version {version}")
        db.executescript(_SCHEMA)
        if db.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("damaged")
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db
