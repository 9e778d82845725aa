"""The database as it is now: it is replaced by rename whenever the workflow builds it anew.

A reader keeps the file that it opened; the next question goes to the new one.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from scripts.errors import CorpusError
from scripts.search import Search, SearchError, open_for_search

Answer = TypeVar("Answer")
THREADS = 2  # a connection each; questions take milliseconds


class NoDatabaseError(CorpusError):
    """There is no database, or none that this version reads."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One database file, and what searches it."""

    identity: tuple[int, int, int]
    db: sqlite3.Connection
    search: Search


class LiveDatabase:
    """Asks the newest database at a path, in threads of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = ThreadPoolExecutor(THREADS, "database")
        self._local = threading.local()

    async def ask(self, question: Callable[[Opened], Answer]) -> Answer:
        """The answer of `question`. Raises NoDatabaseError."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: question(self._newest()))

    def check(self) -> None:
        """Raise NoDatabaseError where there is nothing to ask."""
        with closing(self._open(self._identity()).db):
            pass

    def _newest(self) -> Opened:
        """This thread's connection, a new one if the file is another one than before."""
        identity = self._identity()
        opened: Opened | None = getattr(self._local, "opened", None)
        if opened is None or opened.identity != identity:
            self._local.opened = self._open(identity)
            if opened is not None:
                opened.db.close()
        return self._local.opened

    def _identity(self) -> tuple[int, int, int]:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return 0, 0, 0  # opening says so
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _open(self, identity: tuple[int, int, int]) -> Opened:
        try:
            db = open_for_search(self._path)
        except SearchError as error:
            raise NoDatabaseError(str(error)) from error
        db.row_factory = sqlite3.Row
        return Opened(identity, db, Search(db))
