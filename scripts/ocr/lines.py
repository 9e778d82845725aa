"""Lines of text: where they are in a picture, and in which order a person reads them."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

Point = tuple[float, float]

# The share of a line's height that letters reaching above or below the others may take up.
SLACK = 0.25
LEAST_OVERLAP = 0.5  # of the heights of two columns, for them to be read one after the other


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line that an engine read.

    corners: in pixels of the upright picture, clockwise from where the text starts.
    confidence: 0 to 1.
    """

    text: str
    corners: tuple[Point, Point, Point, Point]
    confidence: float


@dataclass(frozen=True, slots=True)
class _Box:
    line: TextLine
    left: float
    top: float
    right: float
    bottom: float


def reading_order(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines from top to bottom, one column after the other."""
    return [box.line for box in _order(_level(lines))]


def _order(boxes: list[_Box]) -> Iterator[_Box]:
    rows = _split(boxes, _inner_height)
    while rows:
        columns, count = _columns_at_top(rows)
        if columns:
            for column in columns:
                yield from _order(column)
        else:
            for group in _split(rows[0], _width):
                yield from sorted(group, key=lambda box: box.top)
        rows = rows[count:]


def _columns_at_top(rows: list[list[_Box]]) -> tuple[list[list[_Box]], int]:
    """The columns that the first rows form, and how many rows. Without columns: [] and 1."""
    columns: list[list[_Box]] = []
    above: list[_Box] = []
    count = 1
    for number, row in enumerate(rows, 1):
        above += row
        groups = _split(above, _width)
        if len(groups) < 2:  # further rows would not split them again
            break
        if _are_columns(groups):
            columns, count = groups, number
    return columns, count


def _are_columns(groups: list[list[_Box]]) -> bool:
    """True if the groups stand side by side, each with at least two lines."""
    if len(groups) < 2 or any(len(group) < 2 for group in groups):
        return False
    extents = [(min(b.top for b in group), max(b.bottom for b in group)) for group in groups]
    return all(
        min(end, next_end) - max(start, next_start)
        >= LEAST_OVERLAP * min(end - start, next_end - next_start)
        for (start, end), (next_start, next_end) in pairwise(extents)
    )


def _width(box: _Box) -> tuple[float, float]:
    return box.left, box.right


def _inner_height(box: _Box) -> tuple[float, float]:
    slack = SLACK * (box.bottom - box.top)
    return box.top + slack, box.bottom - slack


def _split(boxes: list[_Box], extent: Callable[[_Box], tuple[float, float]]) -> list[list[_Box]]:
    """Groups of boxes with a gap between them, in order."""
    groups: list[list[_Box]] = []
    reached = -math.inf
    for box in sorted(boxes, key=extent):
        start, end = extent(box)
        if start >= reached:
            groups.append([])
        groups[-1].append(box)
        reached = max(reached, end)
    return groups


def _level(lines: Sequence[TextLine]) -> list[_Box]:
    """Boxes around the lines, after turning the text upright."""
    if not lines:
        return []
    corners = np.array([line.corners for line in lines], float)
    along = corners[:, 1] - corners[:, 0]
    turned = float(np.median(np.arctan2(along[:, 1], along[:, 0])))
    cosine, sine = math.cos(turned), math.sin(turned)
    level = corners @ np.array([[cosine, -sine], [sine, cosine]])
    lowest, highest = level.min(axis=1), level.max(axis=1)
    return [
        _Box(line, *map(float, (*low, *high)))
        for line, low, high in zip(lines, lowest, highest, strict=True)
    ]
