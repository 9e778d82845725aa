"""Decide when to look for text: when sharp edges that stay in place have appeared or vanished.

Letters form such edges, whatever is behind them. Comparing edges takes less than a millisecond;
looking for text takes fifty. A known line that has vanished or changed is a reason, too: few edges
change if only one letter does.
"""

from collections.abc import Callable

import numpy as np

CONTRAST = 60  # of 255, within 3 x 3 pixels of the small picture, makes an edge
CELL = 16  # pixels: the side of the squares that are compared
CHANGED_PIXELS = 45  # of the 256 of a cell
CHANGED_CELLS = 2
SAME = 5.0  # of 255: the largest mean difference of a cell between frames that are nearly the same
STEP_S = 0.3  # the longest time between frames of one scene
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 1.0
EDGES, LINES = "edges", "lines"  # what has changed


class ChangeDetector:
    """Chooses the frames in which to look for text. longest_gap_s: the most between two looks."""

    def __init__(self, longest_gap_s: float) -> None:
        self._longest_gap_s = longest_gap_s
        # The shortest time between two looks, if edges or lines have changed.
        self._pauses_s = {EDGES: SHORTEST_PAUSE_S, LINES: SHORTEST_PAUSE_S}
        self._reason: str | None = None  # for the next look
        self._before: np.ndarray | None = None
        self._before_s = 0.0
        self._edges: np.ndarray | None = None
        self._looked_at_s = 0.0
        self._looked_at: np.ndarray | None = None
        self._stable: np.ndarray | None = None

    def is_due(self, at_s: float, small: np.ndarray, has_lost_line: Callable[[], bool]) -> bool:
        """True if text should be looked for in this frame. Call it for each frame in turn."""
        self._take(at_s, small)
        passed_s, self._reason = at_s - self._looked_at_s, None
        if self._stable is None or passed_s >= self._longest_gap_s:
            return True
        if passed_s >= self._pauses_s[LINES] and has_lost_line():
            self._reason = LINES
        elif passed_s >= self._pauses_s[EDGES] and self._has_changed():
            self._reason = EDGES
        return self._reason is not None

    def is_same(self, small: np.ndarray) -> bool:
        """True if the frame hardly differs from the last one that was searched for text."""
        if self._looked_at is None or self._looked_at.shape != small.shape:
            return False
        return bool(_cells(_distance(small, self._looked_at)).max() < SAME * CELL * CELL)

    def looked(self, at_s: float, small: np.ndarray, *, has_found: bool) -> None:
        """Note that this frame was searched, and whether that was worth it.

        If it wasn't, as in a moving scene, the next look comes later.
        """
        self._looked_at_s, self._looked_at, self._stable = at_s, small, self._edges
        for reason, pause_s in self._pauses_s.items():
            if has_found:
                self._pauses_s[reason] = SHORTEST_PAUSE_S
            elif reason == (self._reason or EDGES):
                self._pauses_s[reason] = min(pause_s * 2, LONGEST_PAUSE_S)

    def _take(self, at_s: float, small: np.ndarray) -> None:
        """Note the edges that stay: those in two frames, or in one that lasts long enough."""
        import cv2

        sharp = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > CONTRAST
        before = self._before
        is_alone = before is None or before.shape != sharp.shape or at_s > self._before_s + STEP_S
        self._edges = sharp if is_alone or before is None else sharp & before
        self._before, self._before_s = sharp, at_s

    def _has_changed(self) -> bool:
        if self._edges is None or self._stable is None or self._edges.shape != self._stable.shape:
            return True
        changed = _cells(self._edges ^ self._stable) > CHANGED_PIXELS
        return bool(changed.sum() >= CHANGED_CELLS)


def _cells(pixels: np.ndarray) -> np.ndarray:
    """The sum of each cell. Pixels left over at the right and the bottom belong to no cell."""
    rows, columns = max(1, pixels.shape[0] // CELL), max(1, pixels.shape[1] // CELL)
    whole = pixels[: rows * CELL, : columns * CELL]
    height, width = whole.shape[0] // rows, whole.shape[1] // columns
    whole = whole[: rows * height, : columns * width]
    sums: np.ndarray = whole.reshape(rows, height, columns, width).sum((1, 3), np.int64)
    return sums


def _distance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    import cv2

    return cv2.absdiff(one, other)
