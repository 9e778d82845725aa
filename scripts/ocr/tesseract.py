"""Prepare pictures for both Tesseract engines, and form lines from the words that they find.

Tesseract is made for dark print on white paper. On covers it finds 2.4 times as many words, and
invents fewer, if it gets the near-white, the bright and the near-black pixels of the picture, each
black on white. The surest words from these and from the picture itself are kept.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from PIL import Image

from scripts.ocr.lines import TextLine, reading_order

SPARSE_TEXT = 11  # the page segmentation for pictures that are not pages
LONGEST_SIDE = 1280  # Tesseract takes longer over larger pictures, and reads them no better
NEAR_WHITE, NEAR_BLACK, BRIGHT = 200, 60, 215  # of 255
LEAST_CONFIDENCE, LEAST_CONFIDENCE_ALONE = 75, 90  # of 100; of a word, and of a single letter
MOST_OVERLAP = 0.3  # of the smaller of two words that are both kept
WORD_LEVEL = "5"
COLUMNS = 12


@dataclass(frozen=True, slots=True)
class Word:
    """A word that Tesseract read; its place is in pixels of the picture that it got."""

    text: str
    confidence: float  # 0 to 100
    left: float
    top: float
    right: float
    bottom: float
    line: tuple[str, ...]  # the same for all words of a line in a picture


def shrink(picture: Image.Image) -> Image.Image:
    """The picture, reduced to the size in which Tesseract reads it."""
    scale = LONGEST_SIDE / max(picture.size)
    if scale >= 1:
        return picture
    size = [max(1, round(side * scale)) for side in picture.size]
    return picture.resize((size[0], size[1]), Image.Resampling.LANCZOS)


def masks(picture: Image.Image) -> list[Image.Image]:
    """The near-white, the bright, and the near-black pixels, each black on white."""
    samples = np.asarray(picture.convert("RGB"))
    lowest, highest = samples.min(axis=-1), samples.max(axis=-1)
    wanted = (
        lowest > NEAR_WHITE,
        (highest > BRIGHT) | (lowest > NEAR_WHITE),
        highest < NEAR_BLACK,
    )
    return [Image.fromarray(np.where(mask, 0, 255).astype(np.uint8)) for mask in wanted]


def parse_tsv(tsv: str, scale: float = 1.0) -> list[Word]:
    """The words in Tesseract's TSV. scale: from the pixels that it read to those wanted."""
    words = []
    for row in tsv.splitlines():
        fields = row.split("\t", COLUMNS - 1)
        if len(fields) == COLUMNS and fields[0] == WORD_LEVEL and fields[-1].strip():
            left, top, width, height, confidence = map(float, fields[6:11])
            box = (left * scale, top * scale, (left + width) * scale, (top + height) * scale)
            words.append(Word(fields[-1].strip(), confidence, *box, tuple(fields[1:5])))
    return words


def lines_as_read(words: Sequence[Word]) -> list[TextLine]:
    """The lines as Tesseract arranged the words, in its order."""
    return [_line(list(line)) for _, line in groupby(words, key=lambda word: word.line)]


def unite(words: Iterable[Word]) -> list[TextLine]:
    """Lines of the surest words of several readings. Of two that overlap, the surer one counts."""
    kept: list[Word] = []
    for word in sorted(words, key=lambda word: -word.confidence * min(len(word.text), 6)):
        if _is_sure(word) and all(_overlap(word, other) < MOST_OVERLAP for other in kept):
            kept.append(word)
    return reading_order([_line(line) for line in _put_in_lines(kept)])


def _is_sure(word: Word) -> bool:
    letters = sum(character.isalnum() for character in word.text)
    needed = LEAST_CONFIDENCE if letters > 1 else LEAST_CONFIDENCE_ALONE
    return letters > 0 and word.confidence >= needed


def _overlap(one: Word, other: Word) -> float:
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    return 0.0 if min(width, height) <= 0 else width * height / min(_area(one), _area(other))


def _area(word: Word) -> float:
    return max(1.0, (word.right - word.left) * (word.bottom - word.top))


def _put_in_lines(words: list[Word]) -> list[list[Word]]:
    """Groups of words side by side, with gaps below 1.5 times their height."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.left):
        for line in lines:
            last = line[-1]
            height = min(last.bottom - last.top, word.bottom - word.top)
            shared = min(last.bottom, word.bottom) - max(last.top, word.top)
            if shared > height / 2 and word.left - last.right < 1.5 * height:
                line.append(word)
                break
        else:
            lines.append([word])
    return lines


def _line(words: list[Word]) -> TextLine:
    """The line of these words. Words sorted by place are reversed if their script runs left."""
    text = " ".join(word.text for word in words)
    if _runs_left(text) and words == sorted(words, key=lambda word: word.left):
        text = " ".join(word.text for word in reversed(words))
    left, right = min(word.left for word in words), max(word.right for word in words)
    top, bottom = min(word.top for word in words), max(word.bottom for word in words)
    confidence = sum(word.confidence for word in words) / len(words) / 100
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return TextLine(text, corners, max(0.0, confidence))


def _runs_left(text: str) -> bool:
    kinds = [unicodedata.bidirectional(character) for character in text]
    return sum(kind in ("R", "AL") for kind in kinds) > kinds.count("L")
