"""The text on a video's screen, as the page shows it: lines with times, and boxes over the video.

Boxes are read from `data/screen/<id>.json`, which may have come in a package: only numbers pass.
"""

import math
import sqlite3
from pathlib import Path
from typing import Any

from scripts.files import decode_json
from scripts.store.text_kinds import SCREEN
from scripts.store.texts import text_path

MOST_BOXES = 5_000
MOST_PIXELS = 100_000  # of a side
_LINES = """
    SELECT text, start_s AS start, end_s AS end, is_on_cover
    FROM screen_lines WHERE id = ? ORDER BY number
"""


def read_lines(db: sqlite3.Connection, id: str) -> list[dict[str, Any]]:
    """The lines; start and end, in seconds, are None where they aren't known."""
    return [dict(row) for row in db.execute(_LINES, (id,))]


def boxes_file(data: Path, id: str) -> Path:
    return text_path(data, SCREEN.name, id).with_suffix(".json")


def read_boxes(file: Path | None) -> dict[str, Any] | None:
    """Size of the video in pixels, and `boxes`: corners, and seconds between which they hold.

    None if nothing is known.
    """
    if file is None:
        return None
    try:
        found = decode_json(file.read_bytes())
        width, height = map(_pixels, found["size"])
        boxes = [box for line in found["lines"] for box in _boxes(line)]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return {"width": width, "height": height, "boxes": boxes[:MOST_BOXES]} if boxes else None


def _boxes(line: Any) -> list[dict[str, Any]]:
    """The places of a line: each holds until the next one."""
    places = line["places"]
    starts = [_number(line["start_s"]), *(_number(place["at_s"]) for place in places[1:])]
    ends = [*starts[1:], _number(line["end_s"])]
    return [
        {"start": start, "end": end, "corners": [list(map(_pixels, point)) for point in corners]}
        for start, end, corners in zip(
            starts, ends, (place["corners"] for place in places), strict=True
        )
        if len(corners) == 4
    ]


def _pixels(value: Any) -> int:
    return max(-MOST_PIXELS, min(MOST_PIXELS, round(_number(value))))


def _number(value: Any) -> float:
    """Raises ValueError for anything but a number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("not a number")
    return value
