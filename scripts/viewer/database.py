"""The database as it is now: the workflow replaces it whenever it builds it anew.

A question that was begun is answered from the file that it began with, the next one from the new
file. While there is none (Snakemake removes the old one before it builds), the old one, which is
still open, goes on answering.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from scripts.errors import CorpusError
from scripts.search import Search, SearchError, open_for_search

Answer = TypeVar("Answer")


class NoDatabaseError(CorpusError):
    """There is no database, or this version can't read it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One database file, and what searches it."""

    identity: tuple[int, int, int]
    db: sqlite3.Connection
    search: Search


class LiveDatabase:
    """Asks the newest database at a path, one question after the other, in a thread of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "database")
        self._opened: Opened | None = None

    async def ask(self, question: Callable[[Opened], Answer]) -> Answer:
        """The answer of `question`. Raises NoDatabaseError."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: question(self._newest()))

    def check(self) -> None:
        """Open it. Raises NoDatabaseError where there is nothing to ask."""
        self._thread.submit(self._newest).result()

    def _newest(self) -> Opened:
        try:
            status = self._path.stat()
        except FileNotFoundError as error:
            if self._opened:
                return self._opened
            raise NoDatabaseError(
                f"{self._path}: there is none. Build the corpus: snakemake --cores 8"
            ) from error
        identity = status.st_ino, status.st_mtime_ns, status.st_size
        if self._opened is None or self._opened.identity != identity:
            before, self._opened = self._opened, self._open(identity)
            if before:
                before.db.close()
        return self._opened

    def _open(self, identity: tuple[int, int, int]) -> Opened:
        try:
            db = open_for_search(self._path)
        except SearchError as error:
            raise NoDatabaseError(str(error)) from error
        db.row_factory = sqlite3.Row
        return Opened(identity, db, Search(db))
