"""The engine `rapidocr`: PaddleOCR's neural models on ONNX Runtime.

Far better than Tesseract on text over photographs. To find the lines costs most, and needs a small
picture only; to read them needs the whole one. Only the models inside the package are used, given
by path: RapidOCR downloads whatever it is not given.
"""

import math
import threading
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from scripts.errors import ConfigError
from scripts.ocr.engine import Engine, EngineError, file_hash
from scripts.ocr.lines import Point, TextLine, reading_order
from scripts.ocr.picture import Picture

LONGEST_SIDE = 544  # pixels of an upright picture, in which lines are looked for
MOST_PIXELS = 1_500_000  # in which they are looked for
STEP = 32  # the detector's sizes are multiples of this
LEAST_CONFIDENCE = 0.5  # of 1
# Pixels of the picture of a line that is read; what is left of the width is black.
LINE_HEIGHT, LEAST_LINE_WIDTH = 48, 160

# One model reads all of these (PP-OCRv6 small), in Tesseract's names.
LANGUAGES = frozenset(
    (  # noqa: SIM905  shorter than a list
        "afr aze bos cat ces chi_sim chi_tra cym dan deu eng est eus fin fra gle glg hrv hun ind "
        "isl ita jpn kmr lat lav lit ltz mlt mri msa nld nor oci pol por que ron slk slv spa sqi "
        "srp_latn swa swe tgl tur uzb vie"
    ).split()
)
# Without the classifier of angles: it costs time, and turns lines that are upright.
PARTS = {"Det": "*_det_*.onnx", "Rec": "*_rec_*.onnx"}

_loading = threading.Lock()


class RapidocrEngine(Engine):
    def identity(self) -> str:
        if find_spec("rapidocr") is None or find_spec("onnxruntime") is None:
            raise ConfigError(
                f"{self.settings.name} is rapidocr, which is not installed. "
                "Install it: pip install rapidocr onnxruntime."
            )
        if unknown := sorted(set(self.settings.languages) - LANGUAGES):
            raise ConfigError(
                f"rapidocr's model does not read {', '.join(unknown)}. "
                f"Choose another {self.settings.name} for it: one that uses Tesseract."
            )
        models = ", ".join(f"{path.stem} {file_hash(path)}" for path in _model_files().values())
        return f"rapidocr {version('rapidocr')} (onnxruntime {version('onnxruntime')}), {models}"

    def flags(self) -> dict[str, Any]:
        # One model for all languages.
        return {"longest_side": LONGEST_SIDE, "least_confidence": LEAST_CONFIDENCE}

    def read(self, picture: Picture) -> list[TextLine]:
        pixels = to_bgr(picture.pixels)
        try:
            lines = recognise_boxes(pixels, find_boxes(pixels))
        except Exception as error:  # it has no errors of its own, and raises OpenCV's and ONNX's
            raise EngineError(f"RapidOCR failed ({type(error).__name__}).") from None
        return reading_order([line for line in lines if line is not None])


def can_read(languages: Iterable[str]) -> bool:
    """True if the models read all these languages, and are installed."""
    is_installed = all(find_spec(package) for package in ("rapidocr", "onnxruntime"))
    return is_installed and LANGUAGES.issuperset(languages)


def to_bgr(image: Image.Image) -> np.ndarray:
    """The image as the models expect it: height x width x (blue, green, red), 8 bits."""
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


def find_boxes(pixels: np.ndarray, longest_side: int = LONGEST_SIDE) -> np.ndarray:
    """The corners of each line of text: lines x 4 x (x, y), in pixels.

    longest_side: of an upright picture of the site's shape, when lines are looked for in it.
    """
    import cv2

    height, width = pixels.shape[:2]
    scale = detector_scale(width, height, longest_side)
    if scale < 1:
        size = (max(STEP, round(width * scale)), max(STEP, round(height * scale)))
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR)
    else:
        small = pixels
    detector, _ = _models()
    found = detector(small)
    if found.boxes is None:
        return np.empty((0, 4, 2), np.float32)
    ratios = np.array([width / small.shape[1], height / small.shape[0]], np.float32)
    return np.asarray(found.boxes, np.float32) * ratios


def recognise_boxes(pixels: np.ndarray, boxes: np.ndarray) -> list[TextLine | None]:
    """The text in each box; None where there is none, or the model is unsure of it."""
    from rapidocr.ch_ppocr_rec.typings import TextRecInput
    from rapidocr.utils.process_img import get_rotate_crop_image

    if not len(boxes):
        return []
    _, recogniser = _models()
    crops = [get_rotate_crop_image(pixels, box.copy()) for box in boxes]
    found = recogniser(TextRecInput(img=crops, return_word_box=False))
    return [
        TextLine(text.strip(), _corners(box), float(score))
        if text.strip() and score >= LEAST_CONFIDENCE
        else None
        for text, score, box in zip(found.txts or (), found.scores or (), boxes, strict=True)
    ]


def detector_scale(width: int, height: int, longest_side: int = LONGEST_SIDE) -> float:
    """By which a picture is made smaller to find the lines in it.

    Longer pictures than those of the site keep the same size across.
    """
    across = longest_side * 9 / 16
    scale = max(longest_side / max(width, height), across / min(width, height))
    return min(1.0, scale, math.sqrt(MOST_PIXELS / (width * height)))


def _corners(box: np.ndarray) -> tuple[Point, Point, Point, Point]:
    (a, b), (c, d), (e, f), (g, h) = np.round(box.astype(float), 1).tolist()
    return (a, b), (c, d), (e, f), (g, h)


def _models() -> tuple[Any, Any]:
    """The detector and the recogniser, once for all threads: a call changes nothing in them."""
    with _loading:
        return _load_models()


@cache
def _load_models() -> tuple[Any, Any]:
    import cv2
    from rapidocr import RapidOCR

    cv2.setNumThreads(1)
    params: dict[str, Any] = {
        "Global.log_level": "critical",
        # Jobs run in parallel already.
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        # `find_boxes` makes the picture smaller; the detector only rounds its size.
        "Det.limit_type": "max",
        "Det.limit_side_len": 100_000,
        # The default, 0.5, but not looked up in its settings, which takes a tenth of the time.
        "Det.mean": None,
        "Det.std": None,
        # Each line by itself, with little beside it: half as much to look at as six in the width of
        # the longest, the same letters whatever else is there, and fewer found in stripes.
        "Rec.rec_batch_num": 1,
        "Rec.rec_img_shape": [3, LINE_HEIGHT, LEAST_LINE_WIDTH],
    }
    for part, path in _model_files().items():
        params[f"{part}.model_path"] = str(path)
    reader: Any = RapidOCR(params=params)
    return reader._load_det_model(), reader._load_rec_model()


def _model_files() -> dict[str, Path]:
    """The model of each part that is in the package."""
    spec = find_spec("rapidocr")
    folder = Path(spec.origin if spec and spec.origin else "").parent / "models"
    found = {part: sorted(folder.glob(pattern)) for part, pattern in PARTS.items()}
    if any(len(paths) != 1 for paths in found.values()):
        raise ConfigError(
            f"{folder} does not hold the models that rapidocr comes with. "
            "Install it again: pip install --force-reinstall rapidocr."
        )
    return {part: paths[0] for part, paths in found.items()}
