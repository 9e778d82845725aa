"""The boxes around text that the page draws over videos and pictures.

They come from `data/screen/<id>.json` and `data/ocr/<id>.json`. A stranger's package may have
brought these files, so only numbers pass.
"""

import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from scripts.files import decode_json
from scripts.store.media_kinds import COVERPHOTOS, PHOTOS
from scripts.store.text_kinds import OCR, SCREEN
from scripts.store.texts import text_path

MOST_BOXES = 5_000
MOST_PIXELS = 100_000  # of a side
# The name of a picture in `data/ocr/<id>.json`. The group is the number of a slide.
_PICTURE = re.compile(rf"{COVERPHOTOS.name}/\d+\.jpg|{PHOTOS.name}/\d+/(\d{{1,4}})\.jpg", re.ASCII)
_FAULTS = (OSError, ValueError, TypeError, KeyError)


def video_boxes_file(data: Path, id: str) -> Path:
    return text_path(data, SCREEN.name, id).with_suffix(".json")


def picture_boxes_file(data: Path, id: str) -> Path:
    return text_path(data, OCR.name, id).with_suffix(".json")


def read_video_boxes(file: Path | None) -> dict[str, Any] | None:
    """The size of the video in pixels, and `boxes`: corners, with start and end in seconds.

    None if nothing is known.
    """
    if file is None:
        return None
    try:
        found = decode_json(file.read_bytes())
        width, height = found["size"]
        return _drawn(width, height, (box for line in found["lines"] for box in _boxes(line)))
    except _FAULTS:
        return None


def read_picture_boxes(file: Path | None) -> dict[str, Any]:
    """The same for the cover ("0") and the slides (by number), at second 0."""
    if file is None:
        return {}
    try:
        images = [
            (match[1] or "0", image)
            for image in decode_json(file.read_bytes())["images"]
            if (match := _PICTURE.fullmatch(image["file"]))
        ]
        found = {
            number: _drawn(image["width"], image["height"], _at_rest(image["lines"]))
            for number, image in images
        }
    except _FAULTS:
        return {}
    return {number: drawn for number, drawn in found.items() if drawn}


def _drawn(width: Any, height: Any, boxes: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    whole = [box for box in boxes if len(box["corners"]) == 4]
    size = {"width": _pixels(width), "height": _pixels(height)}
    return size | {"boxes": whole[:MOST_BOXES]} if whole else None


def _at_rest(lines: Any) -> Iterator[dict[str, Any]]:
    """The lines without those that appear only in later frames of an animation."""
    return (_box(line) for line in lines if "frame" not in line)


def _boxes(line: Any) -> list[dict[str, Any]]:
    """The places of a line. Each lasts until the next one."""
    places = line["places"]
    starts = [_number(line["start_s"]), *(_number(place["at_s"]) for place in places[1:])]
    ends = [*starts[1:], _number(line["end_s"])]
    return [_box(place, start, end) for place, start, end in zip(places, starts, ends, strict=True)]


def _box(place: Any, start: float = 0, end: float = 0) -> dict[str, Any]:
    corners = [list(map(_pixels, point)) for point in place["corners"]]
    return {"start": start, "end": end, "corners": corners}


def _pixels(value: Any) -> int:
    return max(-MOST_PIXELS, min(MOST_PIXELS, round(_number(value))))


def _number(value: Any) -> float:
    """Raises ValueError for anything but a number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("not a number")
    return value
