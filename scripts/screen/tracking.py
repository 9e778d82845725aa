"""Follow lines over time: text seen in successive frames becomes one line with its times.

A line that stays, moves, fades, grows word by word, changes its colour, or is misread by a letter
remains the same line. Its text is its surest reading. If it grew, only its longest readings count.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import numpy as np

from scripts.ocr.lines import TextLine

SAME_TEXT = 0.75  # similarity of two readings of a line
NEAR = 2.5  # how far a line may move between two looks, in heights of the line
MISREAD_LETTERS = 0.15  # the share of letters that one of two readings may have more
SAME_PLACE = 0.5  # how far the ends of a line may be from their earlier place, in heights
NEW_PLACE = 0.4  # a line that moved so far has a new place, in heights
SAME_LOOK = 0.6  # correlation of two pictures of a line
VOWEL_SIGNS = ("Mc", "Mn")  # the categories of vowel signs and other marks, as in Hindi and Thai
STROKES = frozenset("il1ⅰⅱⅲ一二三")  # noqa: RUF001  engines read stripes as these
VERY_SURE = 0.97
SURE = 0.9  # a reading with this confidence needs no second one
MOST_READINGS = 3
LEAST_CONFIDENCE = 0.65
LEAST_CONFIDENCE_SHORT = 0.8  # of a line with up to three letters
AT_ONCE_S = 0.25
INSIDE = 0.7  # the share of a piece that is inside the box of its line
SOON_S = 1.0  # a line that comes back within this time is the same line
STROKE = 9  # pixels of the small picture; wider than the strokes of letters
PIXELS_A_FRAME = 6  # of the small picture: how far a line moves from frame to frame
Corners = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Box:
    """A level box around a line, in pixels of the small picture."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def width(self) -> float:
        return self.right - self.left

    def moved(self, x: float, y: float) -> "Box":
        return Box(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def is_at(self, other: "Box") -> bool:
        """True if both boxes are around the same line, and it has not moved."""
        slack = SAME_PLACE * min(self.height, other.height)
        ends = (
            (self.left, other.left),
            (self.top, other.top),
            (self.right, other.right),
            (self.bottom, other.bottom),
        )
        return all(abs(one - two) <= slack for one, two in ends)

    def is_like(self, other: "Box") -> bool:
        """True if both have the same size, and one line may have moved from one to the other."""
        slack, height = SAME_PLACE * min(self.height, other.height), max(self.height, other.height)
        has_same_size = (
            abs(self.width - other.width) <= slack and abs(self.height - other.height) <= slack
        )
        x = abs(self.left + self.right - other.left - other.right) / 2
        y = abs(self.top + self.bottom - other.top - other.bottom) / 2
        return has_same_size and max(x, y) <= NEAR * height

    def shares_row(self, other: "Box") -> bool:
        shared = min(self.bottom, other.bottom) - max(self.top, other.top)
        return shared > 0.5 * min(self.height, other.height)

    def overlap(self, other: "Box") -> float:
        """The share of the smaller box that is inside the other one."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        smaller = min(self.width * self.height, other.width * other.height)
        return max(0.0, width) * max(0.0, height) / max(smaller, 1.0)


@dataclass
class Track:
    """A line, as far as it has been followed.

    look: its picture when it was last read, cut from the small picture. places: the places of the
    line, each with the time it begins. readings: the confidences of each text.
    """

    start_s: float
    seen_s: float
    box: Box
    look: np.ndarray
    places: list[tuple[float, Corners]]
    readings: dict[str, list[float]] = field(default_factory=dict)

    def add(self, line: TextLine) -> None:
        self.readings.setdefault(line.text, []).append(line.confidence)

    @property
    def text(self) -> str:
        """The best reading."""
        longest = max(len(plain(text)) for text in self.readings)
        whole = {t: c for t, c in self.readings.items() if len(plain(t)) >= 0.9 * longest}
        return max(whole, key=lambda text: (sum(whole[text]) + max(whole[text]), text))

    @property
    def confidence(self) -> float:
        return max(self.readings[self.text])

    @property
    def needs_reading(self) -> bool:
        count = sum(map(len, self.readings.values()))
        return self.confidence < SURE and count < MOST_READINGS

    def move(self, at_s: float, box: Box, corners: Corners) -> None:
        """Note where the line is at this time."""
        noted = np.array(self.places[-1][1])
        height = float(np.ptp(noted[:, 1]))
        if np.abs(np.array(corners) - noted).max() > NEW_PLACE * height:
            self.places.append((at_s, corners))
        self.box, self.seen_s = box, at_s


def plain(text: str) -> str:
    """The text reduced for comparison: letters, their marks, and digits, without case."""
    return "".join(
        character
        for character in text.casefold()
        if character.isalnum() or unicodedata.category(character) in VOWEL_SIGNS
    )


def is_same_text(one: str, other: str) -> bool:
    """True if two readings may belong to one line. Different digits mean different lines."""
    one, other = plain(one), plain(other)
    if one == other:
        return True
    if _digits(one) != _digits(other) or not one or not other:
        return False
    longer = max(len(one), len(other))
    is_as_long = abs(len(one) - len(other)) <= max(1, MISREAD_LETTERS * longer)
    return is_as_long and similarity(one, other) >= SAME_TEXT


def grows_to(text: str, longer: str) -> bool:
    """True if `longer` starts with a reading of `text` and goes on."""
    text, longer = plain(text), plain(longer)
    if not text or len(longer) <= len(text):
        return False
    return longer.startswith(text) or similarity(text, longer[: len(text)]) >= SAME_TEXT


def contains(text: str, part: str) -> bool:
    """True if `part` may be a reading of a piece of `text`."""
    text, part = plain(text), plain(part)
    if not part or len(part) >= len(text):
        return False
    if part in text:
        return True
    matched = SequenceMatcher(None, text, part, autojunk=False).get_matching_blocks()
    return sum(block.size for block in matched) >= 0.85 * len(part) and len(part) > 3


def similarity(one: str, other: str) -> float:
    """The similarity of two texts that went through `plain`, from 0 to 1."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def is_line(track: Track) -> bool:
    """True if it is really text, not a pattern that looks a little like text."""
    text = plain(track.text)
    if set(text) <= STROKES and len(text) > 1:
        needed = VERY_SURE
    elif len(text) > 3:
        needed = LEAST_CONFIDENCE
    else:
        needed = LEAST_CONFIDENCE_SHORT if len(text) > 1 else SURE
    return bool(text) and track.confidence >= needed


def unite(tracks: Sequence[Track]) -> list[Track]:
    """The tracks in order of time. The tracks of a line that briefly disappeared become one.

    Pieces found inside a visible line, such as a line in two colours, are left out.
    """
    kept: list[Track] = []
    for track in sorted(tracks, key=lambda track: (track.start_s, track.box.top, track.box.left)):
        for earlier in reversed(kept):
            gap_s = track.start_s - earlier.seen_s
            is_near = (
                gap_s <= SOON_S and abs(track.box.top - earlier.box.top) < 3 * track.box.height
            )
            if is_near and is_same_text(track.text, earlier.text):
                earlier.seen_s = max(earlier.seen_s, track.seen_s)
                earlier.places += track.places
                for text, confidences in track.readings.items():
                    earlier.readings.setdefault(text, []).extend(confidences)
                break
        else:
            kept.append(track)
    return [t for t in kept if not any(_is_piece(t, line) for line in kept if line is not t)]


def _is_piece(track: Track, line: Track) -> bool:
    is_later = track.start_s >= line.start_s - AT_ONCE_S
    is_then = is_later and track.seen_s <= line.seen_s + AT_ONCE_S
    return is_then and track.box.overlap(line.box) > INSIDE and contains(line.text, track.text)


def cut(small: np.ndarray, box: Box, reach: int = 0) -> np.ndarray:
    """The part of a small picture inside a box and up to `reach` pixels around it."""
    height, width = small.shape
    left, right = max(0, int(box.left) - reach), min(width, int(box.right) + 1 + reach)
    top, bottom = max(0, int(box.top) - reach), min(height, int(box.bottom) + 1 + reach)
    return small[top:bottom, left:right]


def find_look(look: np.ndarray, small: np.ndarray, box: Box, reach: int) -> tuple[float, Box]:
    """The best fit of a line's picture around `box` (-1 to 1), and the box where it fits."""
    import cv2

    around = cut(small, box, reach)
    if not look.size or around.shape[0] < look.shape[0] or around.shape[1] < look.shape[1]:
        return -1.0, box
    fits = cv2.matchTemplate(_strokes(around), _strokes(look), cv2.TM_CCOEFF_NORMED)
    row, column = np.unravel_index(int(np.argmax(fits)), fits.shape)
    left, top = max(0, int(box.left) - reach), max(0, int(box.top) - reach)
    x, y = left + column - int(box.left), top + row - int(box.top)
    best = float(fits[row, column])
    return (best if np.isfinite(best) else -1.0), box.moved(float(x), float(y))


def _strokes(pixels: np.ndarray) -> np.ndarray:
    """Pixels lighter or darker than their surroundings: letters stand out, soft shades don't."""
    import cv2

    around = cv2.blur(pixels, (STROKE, STROKE), borderType=cv2.BORDER_REPLICATE)
    strokes: np.ndarray = cv2.subtract(pixels, around, dtype=cv2.CV_32F)
    return strokes


def follow(
    track: Track, frames: Iterable[tuple[float, np.ndarray]], patience: int = 2
) -> float | None:
    """The time of the last of consecutive frames that shows the line, or None.

    frames: times and small pictures, forwards or backwards in time.
    """
    last_s, box, missed = None, track.box, 0
    for at_s, small in frames:
        fit, place = find_look(track.look, small, box, PIXELS_A_FRAME * (missed + 1))
        if fit >= SAME_LOOK:
            last_s, box, missed = at_s, place, 0
        else:
            missed += 1
            if missed > patience:
                break
    return last_s
