"""The engines that read frames: those of covers, asked for lines one by one."""

from typing import Any, Protocol

import numpy as np
from PIL import Image

from scripts.ocr.engine import Engine, EngineError, OcrSettings
from scripts.ocr.lines import TextLine
from scripts.ocr.picture import Picture
from scripts.ocr.pytesseract_engine import PytesseractEngine
from scripts.ocr.rapidocr_engine import RapidocrEngine, find_boxes, recognise_boxes

LONGEST_SIDE = 384  # pixels of an upright frame, in which lines are looked for


class Reader(Protocol):
    """Finds and reads lines. Boxes are lines x 4 corners x (x, y), in pixels.

    Pixels are height x width x (blue, green, red). Both methods raise EngineError.
    """

    engine: Engine

    def flags(self) -> dict[str, Any]:
        """The settings that have an influence on the text."""

    def find(self, pixels: np.ndarray) -> np.ndarray:
        """Where lines are."""

    def read(self, pixels: np.ndarray, boxes: np.ndarray) -> list[TextLine | None]:
        """The text in each box; None where there is none."""


class RapidocrReader:
    """The detector costs most, and needs a small picture only; its models are those of covers."""

    def __init__(self, settings: OcrSettings) -> None:
        self.engine: Engine = RapidocrEngine(settings)

    def flags(self) -> dict[str, Any]:
        return self.engine.flags() | {"longest_side": LONGEST_SIDE}

    def find(self, pixels: np.ndarray) -> np.ndarray:
        try:
            return find_boxes(pixels, LONGEST_SIDE)
        except Exception as error:  # it has no errors of its own, and raises OpenCV's and ONNX's
            raise EngineError(f"RapidOCR failed ({type(error).__name__}).") from None

    def read(self, pixels: np.ndarray, boxes: np.ndarray) -> list[TextLine | None]:
        try:
            return recognise_boxes(pixels, boxes)
        except Exception as error:
            raise EngineError(f"RapidOCR failed ({type(error).__name__}).") from None


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
