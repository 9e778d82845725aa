"""Ask the current database. The workflow replaces its file with each build.

A question that has begun is answered from the old file, and the next one from the new file. While
no file exists (Snakemake removes the old one before it builds), the old one is still open and
answers.
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
    """One database file, and the search in it."""

    identity: tuple[int, int, int]
    db: sqlite3.Connection
    search: Search


class LiveDatabase:
    """Asks the newest database at a path, one question after the other, in one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "database")
        self._opened: Opened | None = None

    async def ask(self, question: Callable[[Opened], Answer]) -> Answer:
        """The answer of `question`. Raises NoDatabaseError."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: question(self._newest()))

    def check(self) -> None:
        """Open the database. Raises NoDatabaseError if that fails."""
        self._thread.submit(self._newest).result()

    def _newest(self) -> Opened:
        try:
            status = self._path.stat()
        except FileNotFoundError as error:
            if self._opened:
                return self._opened
            raise NoDatabaseError(
                f"{self._path} does not exist. Build the corpus: snakemake --cores 8"
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
