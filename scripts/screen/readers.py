"""The engines that read frames. They are the engines for covers, but read single lines."""

from typing import Any, Protocol

import numpy as np
from PIL import Image

from scripts.ocr.engine import Engine, EngineError, OcrSettings
from scripts.ocr.lines import TextLine
from scripts.ocr.picture import Picture
from scripts.ocr.pytesseract_engine import PytesseractEngine
from scripts.ocr.rapidocr_engine import RapidocrEngine, find_boxes, recognise_boxes

LONGEST_SIDE = 448  # in pixels; an upright frame is reduced to this before lines are looked for
# Boxes found in such a small picture are a little too large, which matters for short lines.
SHORT = 3.0  # lines up to so many times their height
MARGIN = 0.11  # of their height
SURE = 0.85  # confidence


class Reader(Protocol):
    """Finds and reads lines. Boxes are lines x 4 corners x (x, y), in pixels.

    Pixels are height x width x (blue, green, red). Both methods raise EngineError.
    """

    engine: Engine

    def flags(self) -> dict[str, Any]:
        """The settings that influence the text."""

    def find(self, pixels: np.ndarray) -> np.ndarray:
        """The boxes of lines."""

    def read(self, pixels: np.ndarray, boxes: np.ndarray) -> list[TextLine | None]:
        """The text in each box, or None if a box has no text."""


class RapidocrReader:
    """Uses the models for covers. The detector takes the most time, so it gets a small picture."""

    def __init__(self, settings: OcrSettings) -> None:
        self.engine: Engine = RapidocrEngine(settings)

    def flags(self) -> dict[str, Any]:
        return self.engine.flags() | {"longest_side": LONGEST_SIDE}

    def find(self, pixels: np.ndarray) -> np.ndarray:
        try:
            return find_boxes(pixels, LONGEST_SIDE)
        except Exception as error:  # RapidOCR lets any error of OpenCV and ONNX Runtime through
            raise EngineError(f"RapidOCR failed ({type(error).__name__}).") from None

    def read(self, pixels: np.ndarray, boxes: np.ndarray) -> list[TextLine | None]:
        try:
            lines = recognise_boxes(pixels, boxes)
            doubtful = [n for n, line in enumerate(lines) if _is_doubtful(boxes[n], line)]
            tight = np.array([_tighten(boxes[n]) for n in doubtful], np.float32)
            for n, line in zip(doubtful, recognise_boxes(pixels, tight), strict=True):
                before = lines[n]
                if line is not None and (before is None or line.confidence > before.confidence):
                    lines[n] = line
        except Exception as error:
            raise EngineError(f"RapidOCR failed ({type(error).__name__}).") from None
        return lines


def _is_doubtful(box: np.ndarray, line: TextLine | None) -> bool:
    """True if a short line might be read better without its surroundings."""
    along, down = _sides(box)
    return along < SHORT * down and (line is None or line.confidence < SURE)


def _tighten(box: np.ndarray) -> np.ndarray:
    """The box without a margin: MARGIN of its height on each side."""
    along, down = _sides(box)
    margin = MARGIN * down
    right = (box[1] - box[0]) / max(along, 1.0) * margin
    below = (box[3] - box[0]) / max(down, 1.0) * margin
    inwards = np.array([right + below, below - right, -right - below, right - below])
    tight: np.ndarray = box + inwards
    return tight


def _sides(box: np.ndarray) -> tuple[float, float]:
    """The length and the height of a line."""
    return float(np.linalg.norm(box[1] - box[0])), float(np.linalg.norm(box[3] - box[0]))


class TesseractReader:
    """Tesseract finds lines by reading them."""

    def __init__(self, settings: OcrSettings) -> None:
        self.engine: Engine = PytesseractEngine(settings)
        self._read: dict[bytes, TextLine] = {}

    def flags(self) -> dict[str, Any]:
        return self.engine.flags()

    def find(self, pixels: np.ndarray) -> np.ndarray:
        image = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))
        lines = self.engine.read(Picture(pixels=image))
        boxes = np.array([line.corners for line in lines], np.float32).reshape(-1, 4, 2)
        self._read = {box.tobytes(): line for box, line in zip(boxes, lines, strict=True)}
        return boxes

    def read(self, pixels: np.ndarray, boxes: np.ndarray) -> list[TextLine | None]:
        return [self._read.get(box.tobytes()) for box in boxes]


READERS: dict[str, type[RapidocrReader] | type[TesseractReader]] = {
    "rapidocr": RapidocrReader,
    "tesseract": TesseractReader,
}
