"""Read the text on a video's screen: look at few frames, and read each line once.

The detector looks at frames in which something has changed, and at one every few seconds. If it
finds text where a line was before, and it looks the same, it is that line; only the rest is
recognised. The frames between the looks then show when each line came and went, by its picture.
"""

from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from scripts.ocr.lines import TextLine
from scripts.screen.changes import ChangeDetector
from scripts.screen.frames import Frame
from scripts.screen.readers import Reader
from scripts.screen.tracking import (
    INSIDE,
    Box,
    Corners,
    Track,
    contains,
    cut,
    find_look,
    follow,
    grows_to,
    is_line,
    is_same_text,
    unite,
)

REACH = 8  # pixels of the small picture: how far from its place a line is looked for again
STILL = 1  # pixels of the small picture: how far a line that doesn't move seems to move
SIDE = 2.0  # pixels of the video
MOMENT_S = 0.3
FAINT, FEW = 40, 5  # a change of brightness (of 255), and a number of pixels: less is noise
MOST_KEPT = 256  # small pictures that are kept between two looks


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a line from a certain time on: its corners in pixels of the video."""

    at_s: float
    corners: Corners


@dataclass(frozen=True, slots=True)
class ScreenLine:
    """A line of text, and when it appears and disappears, in seconds from the start."""

    text: str
    start_s: float
    end_s: float
    confidence: float
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A box of the detector: its corners in the video, and a level box in the small picture."""

    corners: np.ndarray
    box: Box

    @property
    def as_tuple(self) -> Corners:
        return tuple((round(float(x), 1), round(float(y), 1)) for x, y in self.corners)


class ScreenReader:
    """Reads the frames of one video, in their order, and keeps no more than it needs."""

    def __init__(self, reader: Reader, longest_gap_s: float) -> None:
        self._reader = reader
        self._changes = ChangeDetector(longest_gap_s)
        self._recent: deque[tuple[float, np.ndarray]] = deque(maxlen=MOST_KEPT)
        self._active: list[Track] = []
        self._ended: list[Track] = []
        self._no_text: list[tuple[Box, np.ndarray]] = []  # the detector takes these for text
        self._looked_at = np.empty((0, 0), np.uint8)  # the small picture of the last look
        self.looks = 0  # how often the detector was asked
        self.read_s = 0.0  # how far the video was read, in seconds
        self._times = array("d")  # of all frames
        self.size = (0, 0)  # of the video: width and height in pixels

    def read(self, frames: Iterable[Frame]) -> list[ScreenLine]:
        """All lines, in the order in which they appear."""
        for frame in frames:
            if self._changes.is_due(frame.at_s, frame.small, partial(self._has_lost, frame)):
                self._look(frame)
                self._looked_at = frame.small
            self._recent.append((frame.at_s, frame.small))
            self._times.append(frame.at_s)
            self.read_s = frame.end_s
        self._finish()
        return [self._as_line(track) for track in unite(self._ended)]

    def _look(self, frame: Frame) -> None:
        if self._changes.is_same(frame.small) and all(
            self._is_there(track, frame) for track in self._active
        ):
            for track in self._active:
                track.seen_s = frame.at_s
            self._changes.looked(frame.at_s, frame.small, has_found=False)
            self._recent.clear()
            return
        self.looks += 1
        self.size = (frame.pixels.shape[1], frame.pixels.shape[0])
        found = [_found(box, frame) for box in self._reader.find(frame.pixels)]
        unknown, seen = self._match_places(found, frame)
        read = self._read(unknown, frame)
        news = self._match_texts(read, seen, frame)
        ended = self._end_unseen(seen, frame)
        self._changes.looked(frame.at_s, frame.small, has_found=news or ended)
        self._recent.clear()

    def _match_places(self, found: Sequence[_Found], frame: Frame) -> tuple[list[_Found], set[int]]:
        """Find lines that have the same place and look as before; they need no reading.

        Returns the boxes that match no line, and the ids of the tracks that were seen.
        """
        unknown, seen = [], set()
        for line in found:
            for track in self._active:
                if id(track) not in seen and line.box.is_like(track.box):
                    fit = find_look(track.look, frame.small, line.box, REACH)
                    if fit.is_exact and not track.needs_reading:
                        track.move(frame.at_s, line.box, line.as_tuple)
                        seen.add(id(track))
                        break
            else:
                unknown.append(line)
        return unknown, seen

    def _read(self, unknown: list[_Found], frame: Frame) -> list[tuple[_Found, TextLine]]:
        if not unknown:
            return []
        self._no_text = [
            (box, look)
            for box, look in self._no_text
            if find_look(look, frame.small, box, REACH).is_close
        ]
        new = [line for line in unknown if not any(line.box.is_at(box) for box, _ in self._no_text)]
        if not new:
            return []
        read = self._reader.read(frame.pixels, np.array([line.corners for line in new], np.float32))
        found = list(zip(new, read, strict=True))
        self._no_text += [(f.box, _look_of(f, frame)) for f, line in found if line is None]
        return [(f, line) for f, line in found if line is not None]

    def _match_texts(
        self, read: list[tuple[_Found, TextLine]], seen: set[int], frame: Frame
    ) -> bool:
        """Add readings to their lines; other readings begin new lines. True if a line is new."""
        news = False
        for found, line in read:
            track = self._find_track(found, line, seen, frame)
            if track is None:
                look, places = _look_of(found, frame), [(frame.at_s, found.as_tuple)]
                track = Track(frame.at_s, frame.at_s, found.box, look, places)
                self._find_start(track, seen)
                self._active.append(track)
            elif id(track) in seen:  # a piece of a known line
                continue
            is_new = line.text not in track.readings
            news = news or is_new
            is_piece = bool(track.readings) and contains(track.text, line.text)
            if not is_piece:
                track.add(line)
                track.move(frame.at_s, found.box, found.as_tuple)
                track.look = _look_of(found, frame)
            track.seen_s = frame.at_s
            seen.add(id(track))
        return news

    def _find_track(
        self, found: _Found, line: TextLine, seen: set[int], frame: Frame
    ) -> Track | None:
        """The line that a reading belongs to."""
        free = [track for track in self._active if id(track) not in seen]
        same = [track for track in free if is_same_text(track.text, line.text)]
        if same:
            return min(same, key=lambda track: _distance(track.box, found.box))
        for track in free:
            if track.box.shares_row(found.box) and grows_to(track.text, line.text):
                return track
        for track in self._active:
            is_inside = found.box.overlap(track.box) > INSIDE
            if is_inside and contains(track.text, line.text) and self._is_there(track, frame):
                return track
        return None

    def _end_unseen(self, seen: set[int], frame: Frame) -> bool:
        """End the lines that are gone. First look for each: the detector overlooks some."""
        active, ended = [], False
        for track in self._active:
            if id(track) in seen:
                active.append(track)
            elif self._is_overlooked(track, seen, frame):
                track.seen_s = frame.at_s
                active.append(track)
            else:
                self._end(track)
                ended = True
        self._active = active
        return ended

    def _is_overlooked(self, track: Track, seen: set[int], frame: Frame) -> bool:
        """True if the line is there, and no other line has taken its place."""
        fit = find_look(track.look, frame.small, track.box, REACH)
        others = [line for line in self._active if id(line) in seen]
        is_replaced = any(line.box.is_at(track.box) for line in others)
        return fit.is_exact or (fit.is_close and not is_replaced)

    def _has_lost(self, frame: Frame) -> bool:
        """True if the frame doesn't show a line that the last one showed."""
        return any(
            not self._is_still(track.box, frame) and not self._is_there(track, frame)
            for track in self._active
            if is_line(track)
        )

    def _is_still(self, box: Box, frame: Frame) -> bool:
        """True if the frame shows the same in the box as the frame of the last look."""
        now, before = cut(frame.small, box), cut(self._looked_at, box)
        if now.shape != before.shape:
            return False
        differences = np.maximum(now, before) - np.minimum(now, before)
        return int((differences > FAINT).sum()) < FEW

    def _is_there(self, track: Track, frame: Frame) -> bool:
        return any(
            find_look(track.look, frame.small, track.box, reach).is_exact
            for reach in (STILL, REACH)
        )

    def _is_cut_off(self, track: Track) -> bool:
        """True for a piece of a line that flies in: seen for a moment, at the edge."""
        corners = np.array([place for _, place in track.places])[:, :, 0]
        at_side = corners.min() <= SIDE or corners.max() >= self.size[0] - SIDE
        return bool(at_side) and track.seen_s - track.start_s < MOMENT_S

    def _find_start(self, track: Track, seen: set[int]) -> None:
        """Go back to the first frame since the last look that shows the line."""
        earlier = [line for line in self._active if id(line) not in seen]
        is_exact = any(line.box.is_at(track.box) for line in earlier)
        start_s = follow(track, reversed(self._recent), is_exact=is_exact)
        if start_s is not None:
            track.start_s = start_s

    def _end(self, track: Track) -> None:
        self._find_end(track)
        track.look = np.empty((0, 0), np.uint8)  # no longer needed
        if is_line(track) and not self._is_cut_off(track):
            self._ended.append(track)

    def _find_end(self, track: Track) -> None:
        """Go on to the last frame that shows the line."""
        later = [(at_s, small) for at_s, small in self._recent if at_s > track.seen_s]
        next_lines = [line for line in self._active if line.start_s > track.seen_s]
        is_exact = any(line.box.is_at(track.box) for line in next_lines)
        end_s = follow(track, later, is_exact=is_exact)
        if end_s is not None:
            track.seen_s = end_s

    def _finish(self) -> None:
        for track in self._active:
            self._end(track)
        self._active = []

    def _as_line(self, track: Track) -> ScreenLine:
        """The line of a track. A frame lasts until the next one; the last one lasts to the end."""
        later = bisect_right(self._times, track.seen_s)
        end_s = self._times[later] if later < len(self._times) else self.read_s
        places = tuple(Place(round(at_s, 2), corners) for at_s, corners in track.places)
        start_s = round(track.start_s, 2)
        return ScreenLine(track.text, start_s, round(end_s, 2), track.confidence, places)


def _found(corners: np.ndarray, frame: Frame) -> _Found:
    scale = frame.small.shape[1] / frame.pixels.shape[1]
    (left, top), (right, bottom) = corners.min(axis=0) * scale, corners.max(axis=0) * scale
    return _Found(corners, Box(float(left), float(top), float(right), float(bottom)))


def _look_of(found: _Found, frame: Frame) -> np.ndarray:
    return cut(frame.small, found.box).copy()


def _distance(one: Box, other: Box) -> float:
    return abs(one.left - other.left) + abs(one.top - other.top)
