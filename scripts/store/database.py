"""Open `tiktoks.db` for reading; `scripts.merge.database` builds it."""

import sqlite3
from pathlib import Path

SCHEMA_VERSION = 9
APPLICATION_ID = 0x54694B74  # "TiKt"


def open_database(database: Path) -> sqlite3.Connection:
    """Open a finished database for reading. It may be on a read-only file system."""
    return sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
