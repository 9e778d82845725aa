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
SAME_WORD = 0.6  # similarity of two readings of a word
SHORT_WORD = 3  # letters; a shorter word may be misread as any other
NEAR = 2.5  # how far a line may move between two looks, in heights of the line
MISREAD_LETTERS = 0.15  # the share of letters that one of two readings may have more
SAME_PLACE = 0.5  # how far the ends of a line may be from their earlier place, in heights
NEW_PLACE = 0.4  # a line that moved so far has a new place, in heights
SAME_LOOK = 0.6  # correlation of two pictures of a line
SAME_LETTER = 0.75  # correlation of two pictures of each letter in a line
LETTER = 0.8  # the width of a letter, in heights of the line
LEAST_INK = 0.2  # of the letter with the most: less of it is a space
VOWEL_SIGNS = ("Mc", "Mn")  # the categories of vowel signs and other marks, as in Hindi and Thai
STROKES = frozenset("il1ⅰⅱⅲ一二三")  # noqa: RUF001  engines read stripes as these
VERY_SURE = 0.97
SURE = 0.9  # a reading with this confidence needs no second one
MOST_READINGS = 3
MOST_TEXTS = 32  # different readings of a line that are kept
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
class Reading:
    """How often a line was read as the same text, and how surely (0 to 1)."""

    count: int = 0
    total: float = 0.0
    best: float = 0.0

    def add(self, other: "Reading") -> None:
        self.count, self.total = self.count + other.count, self.total + other.total
        self.best = max(self.best, other.best)


@dataclass
class Track:
    """A line, as far as it has been followed.

    look: its picture when it was last read, cut from the small picture. places: the places of the
    line, each with the time it begins. readings: by text.
    """

    start_s: float
    seen_s: float
    box: Box
    look: np.ndarray
    places: list[tuple[float, Corners]]
    readings: dict[str, Reading] = field(default_factory=dict)

    def add(self, line: TextLine) -> None:
        self._add(line.text, Reading(1, line.confidence, line.confidence))

    def take(self, later: "Track") -> None:
        """Continue as a track of the same line that began later."""
        self.seen_s = max(self.seen_s, later.seen_s)
        self.places += later.places
        for text, reading in later.readings.items():
            self._add(text, reading)

    def _add(self, text: str, reading: Reading) -> None:
        """Add a reading. Shorter ones, and the worst of very many, no longer count."""
        self.readings.setdefault(text, Reading()).add(reading)
        longest = max(len(plain(text)) for text in self.readings)
        self.readings = {t: r for t, r in self.readings.items() if len(plain(t)) >= 0.9 * longest}
        if len(self.readings) > MOST_TEXTS:
            del self.readings[min(self.readings, key=self._worth)]

    def _worth(self, text: str) -> tuple[float, str]:
        return self.readings[text].total + self.readings[text].best, text

    @property
    def text(self) -> str:
        """The best reading."""
        return max(self.readings, key=self._worth)

    @property
    def confidence(self) -> float:
        return self.readings[self.text].best

    @property
    def needs_reading(self) -> bool:
        count = sum(reading.count for reading in self.readings.values())
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
    """True if two readings may belong to one line. Other digits or words mean other lines."""
    if _has_other_word(one, other):
        return False
    one, other = plain(one), plain(other)
    if one == other:
        return True
    if _digits(one) != _digits(other) or not one or not other:
        return False
    longer = max(len(one), len(other))
    is_as_long = abs(len(one) - len(other)) <= max(1, MISREAD_LETTERS * longer)
    return is_as_long and similarity(one, other) >= SAME_TEXT


def _has_other_word(one: str, other: str) -> bool:
    """True if both have as many words, and one of these is another word, not only misread."""
    words, others = one.split(), other.split()
    if len(words) != len(others):
        return False
    pairs = [(plain(word), plain(other)) for word, other in zip(words, others, strict=True)]
    return any(
        min(map(len, pair)) >= SHORT_WORD and similarity(*pair) < SAME_WORD for pair in pairs
    )


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
    recent: list[Track] = []
    for track in sorted(tracks, key=lambda track: (track.start_s, track.box.top, track.box.left)):
        recent = [earlier for earlier in recent if track.start_s - earlier.seen_s <= SOON_S]
        for earlier in reversed(recent):
            is_near = abs(track.box.top - earlier.box.top) < 3 * track.box.height
            if is_near and is_same_text(track.text, earlier.text):
                earlier.take(track)
                break
        else:
            kept.append(track)
            recent.append(track)
    return _without_pieces(kept)


def _without_pieces(tracks: Sequence[Track]) -> list[Track]:
    """The tracks, in order of time, without those that are pieces of others."""
    whole: list[Track] = []
    visible: list[Track] = []  # all lines that a piece may belong to
    coming = 0
    for track in tracks:
        while coming < len(tracks) and tracks[coming].start_s <= track.start_s + AT_ONCE_S:
            visible.append(tracks[coming])
            coming += 1
        visible = [line for line in visible if line.seen_s >= track.start_s - AT_ONCE_S]
        if not any(_is_piece(track, line) for line in visible if line is not track):
            whole.append(track)
    return whole


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


@dataclass(frozen=True)
class Fit:
    """How well a line's picture fits (-1 to 1): as a whole, and its worst letter. box: where."""

    whole: float
    letter: float
    box: Box

    @property
    def is_close(self) -> bool:
        """True if this may be the line, with a letter changed or in another colour."""
        return self.whole >= SAME_LOOK

    @property
    def is_exact(self) -> bool:
        return self.is_close and self.letter >= SAME_LETTER


def find_look(look: np.ndarray, small: np.ndarray, box: Box, reach: int) -> Fit:
    """The best fit of a line's picture around `box`."""
    import cv2

    around = cut(small, box, reach)
    if not look.size or around.shape[0] < look.shape[0] or around.shape[1] < look.shape[1]:
        return Fit(-1.0, -1.0, box)
    there, sought = _strokes(around), _strokes(look)
    fits = cv2.matchTemplate(there, sought, cv2.TM_CCOEFF_NORMED)
    row, column = np.unravel_index(int(np.argmax(fits)), fits.shape)
    left, top = max(0, int(box.left) - reach), max(0, int(box.top) - reach)
    x, y = left + column - int(box.left), top + row - int(box.top)
    whole = float(fits[row, column])
    if not np.isfinite(whole) or whole < SAME_LOOK:
        return Fit(-1.0, -1.0, box)
    there = there[row : row + look.shape[0], column : column + look.shape[1]]
    return Fit(whole, _worst_letter(there, sought), box.moved(float(x), float(y)))


def _worst_letter(there: np.ndarray, sought: np.ndarray) -> float:
    """The least correlation within the width of a letter; spaces don't count."""
    width = min(sought.shape[1], max(1, round(LETTER * sought.shape[0])))

    def ink(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        columns = (one.astype(np.int64) * other.astype(np.int64)).sum(axis=0)
        return np.convolve(columns, np.ones(width, np.int64), "valid")

    both, mine, others = ink(there, sought), ink(sought, sought), ink(there, there)
    letters = mine > LEAST_INK * mine.max()
    fits = both[letters] / np.sqrt(np.maximum(mine * others.astype(float), 1.0)[letters])
    return float(fits.min(initial=1.0))


def _strokes(pixels: np.ndarray) -> np.ndarray:
    """Pixels lighter or darker than their surroundings: letters stand out, soft shades don't."""
    import cv2

    around = cv2.blur(pixels, (STROKE, STROKE), borderType=cv2.BORDER_REPLICATE)
    strokes: np.ndarray = cv2.subtract(pixels, around, dtype=cv2.CV_32F)
    return strokes


def follow(
    track: Track,
    frames: Iterable[tuple[float, np.ndarray]],
    *,
    is_exact: bool,
    patience: int = 2,
) -> float | None:
    """The time of the last of consecutive frames that shows the line, or None.

    frames: times and small pictures, forwards or backwards in time. is_exact: False if a letter may
    look different.
    """
    last_s, box, missed = None, track.box, 0
    for at_s, small in frames:
        fit = find_look(track.look, small, box, PIXELS_A_FRAME * (missed + 1))
        if fit.is_exact or (fit.is_close and not is_exact):
            last_s, box, missed = at_s, fit.box, 0
        else:
            missed += 1
            if missed > patience:
                break
    return last_s
