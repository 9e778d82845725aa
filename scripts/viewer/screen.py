"""The lines on a video's screen with their times, for the page's list."""

import sqlite3
from typing import Any

_LINES = """
    SELECT text, start_s AS start, end_s AS end, is_on_cover
    FROM screen_lines WHERE id = ? ORDER BY number
"""


def read_lines(db: sqlite3.Connection, id: str) -> list[dict[str, Any]]:
    """The lines, with start and end in seconds, or None if they are unknown."""
    return [dict(row) for row in db.execute(_LINES, (id,))]
