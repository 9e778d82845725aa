"""Lines of text: the order in which to read them, and how Tesseract's words become lines."""

import math
from typing import Any

import pytest

from scripts.ocr.lines import TextLine, reading_order
from scripts.ocr.rapidocr_engine import LONGEST_SIDE, MOST_PIXELS, detector_scale
from scripts.ocr.tesseract import lines_as_read, parse_tsv, unite


def line(text: str, x: float, y: float, width: float = 200, height: float = 40) -> TextLine:
    right, bottom = x + width, y + height
    return TextLine(text, ((x, y), (right, y), (right, bottom), (x, bottom)), 1.0)


def turned(lines: list[TextLine], degrees: float) -> list[TextLine]:
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def turn(point: tuple[float, float]) -> tuple[float, float]:
        x, y = point
        return x * cosine - y * sine, x * sine + y * cosine

    return [
        TextLine(one.text, tuple(map(turn, one.corners)), one.confidence)  # type: ignore[arg-type]
        for one in lines
    ]


ONE_COLUMN = [line("1", 100, 10), line("2", 40, 60, 400), line("3", 150, 110)]
IN_ONE_ROW = [line("1", 10, 12), line("2", 230, 8), line("3", 10, 60)]
TWO_COLUMNS = [
    line("1", 100, 0, 500),
    *(line(str(number), 10, 60 * number) for number in (2, 3, 4)),
    *(line(str(number), 350, 60 * (number - 3) + 5) for number in (5, 6, 7)),
    line("8", 50, 400, 500),
]
NOT_COLUMNS = [line("1", 10, 0), line("2", 10, 50), line("3", 400, 300), line("4", 400, 350)]
TOP_RIGHT_FIRST = [line("1", 400, 0), line("2", 400, 50), line("3", 10, 300), line("4", 10, 350)]


@pytest.mark.parametrize(
    "lines",
    [[], ONE_COLUMN, IN_ONE_ROW, TWO_COLUMNS, NOT_COLUMNS, TOP_RIGHT_FIRST],
    ids=["none", "one column", "in one row", "two columns", "not columns", "top right first"],
)
@pytest.mark.parametrize("degrees", [0, 6, -6])
def test_lines_are_read_from_top_to_bottom_column_by_column(
    lines: list[TextLine], degrees: float
) -> None:
    shuffled = turned(lines, degrees)
    shuffled = shuffled[1::2] + shuffled[::2][::-1]
    assert "".join(one.text for one in reading_order(shuffled)) == "".join(
        one.text for one in lines
    )


def tsv(*words: tuple[Any, ...]) -> str:
    """Rows of (page, line, left, top, width, height, confidence, text)."""
    header = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\t..."
    rows = [
        "\t".join(map(str, (5, page, 1, 1, number, 1, *place, confidence, text)))
        for page, number, *place, confidence, text in words
    ]
    return "\n".join([header, "1\t1\t0\t0\t0\t0\t0\t0\t90\t90\t-1\t", *rows])


def test_the_words_of_tesseract_are_put_in_lines() -> None:
    words = parse_tsv(
        tsv((1, 1, 10, 10, 50, 20, 96.5, "two"), (1, 1, 70, 10, 60, 20, 80, "words"),
            (1, 2, 10, 40, 50, 20, 12, "below"), (1, 3, 10, 70, 50, 20, 95, "  ")),
        scale=2,
    )  # fmt: skip
    first, second = lines_as_read(words)
    assert (first.text, second.text) == ("two words", "below")
    assert first.corners == ((20, 20), (260, 20), (260, 60), (20, 60))
    assert first.confidence == pytest.approx(0.8825)


def test_of_several_readings_the_surest_words_are_kept_once() -> None:
    words = parse_tsv(
        tsv(
            (1, 1, 10, 10, 50, 20, 76, "forqot"), (2, 7, 11, 11, 50, 20, 96, "forgot"),
            (3, 2, 70, 12, 50, 20, 91, "your"), (1, 1, 130, 10, 50, 20, 60, "kcys"),
            (2, 8, 10, 60, 60, 20, 93, "keys"),
            (1, 9, 300, 300, 5, 5, 99, "~"), (1, 9, 300, 320, 5, 20, 80, "l"),
            (2, 9, 200, 60, 10, 20, 95, "I"),
        )
    )  # fmt: skip
    assert [one.text for one in unite(words)] == ["forgot your", "keys", "I"]


def test_words_of_a_script_that_runs_to_the_left_are_in_their_order() -> None:
    words = parse_tsv(tsv((1, 1, 80, 10, 60, 20, 90, "שלום"), (1, 1, 10, 10, 60, 20, 95, "עולם")))
    assert [one.text for one in unite(words)] == ["שלום עולם"]
    assert [one.text for one in lines_as_read(words)] == ["שלום עולם"]


@pytest.mark.parametrize(
    ("width", "height"), [(576, 1024), (1080, 1920), (1920, 1080), (1080, 1440), (300, 400)]
)
def test_lines_are_looked_for_in_a_small_picture(width: int, height: int) -> None:
    longest = max(width, height) * detector_scale(width, height)
    assert longest == pytest.approx(min(LONGEST_SIDE, max(width, height)), rel=0.01)


def test_a_long_picture_is_made_smaller_across_no_more_than_others() -> None:
    assert 1080 * detector_scale(1080, 6000) == pytest.approx(306)
    scale = detector_scale(3000, 30_000)
    assert 3000 * 30_000 * scale**2 <= MOST_PIXELS * 1.01
