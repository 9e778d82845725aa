"""The engine `rapidocr`: PaddleOCR's neural models on ONNX Runtime.

It reads text over photographs far better than Tesseract. Finding the lines takes most of the time,
and a small picture is enough for it; reading them needs the full size. The engine passes the paths
of the models inside the package, because RapidOCR downloads any model that it is not given.
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

# The detector looks for lines in a picture that is reduced to this size, in pixels.
LONGEST_SIDE = 544
MOST_PIXELS = 1_500_000
STEP = 32  # the detector's sizes are multiples of this
LEAST_CONFIDENCE = 0.5  # of 1
# Size in pixels of a line's picture, as the recogniser reads it. Black fills a shorter line.
LINE_HEIGHT, LEAST_LINE_WIDTH = 48, 160

# One model reads all of these (PP-OCRv6 small), in Tesseract's names.
LANGUAGES = frozenset(
    (  # noqa: SIM905  shorter than a list
        "afr aze bos cat ces chi_sim chi_tra cym dan deu eng est eus fin fra gle glg hrv hun ind "
        "isl ita jpn kmr lat lav lit ltz mlt mri msa nld nor oci pol por que ron slk slv spa sqi "
        "srp_latn swa swe tgl tur uzb vie"
    ).split()
)
# Not the classifier of angles: it costs time, and turns lines that are upright.
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
        except Exception as error:  # RapidOCR lets any error of OpenCV and ONNX Runtime through
            raise EngineError(f"RapidOCR failed ({type(error).__name__}).") from None
        return reading_order([line for line in lines if line is not None])


def can_read(languages: Iterable[str]) -> bool:
    """True if the models are installed and read all these languages."""
    is_installed = all(find_spec(package) for package in ("rapidocr", "onnxruntime"))
    return is_installed and LANGUAGES.issuperset(languages)


def to_bgr(image: Image.Image) -> np.ndarray:
    """The image as the models expect it: height x width x (blue, green, red), 8 bits."""
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


def find_boxes(pixels: np.ndarray, longest_side: int = LONGEST_SIDE) -> np.ndarray:
    """The corners of each line of text: lines x 4 x (x, y), in pixels.

    longest_side: to which an upright picture of the site's shape is reduced before the search.
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
    """The text in each box; None if the box has no text, or the model is unsure."""
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
    """The factor that reduces a picture for the search of lines.

    A picture that is longer than the site's keeps the same width.
    """
    across = longest_side * 9 / 16
    scale = max(longest_side / max(width, height), across / min(width, height))
    return min(1.0, scale, math.sqrt(MOST_PIXELS / (width * height)))


def _corners(box: np.ndarray) -> tuple[Point, Point, Point, Point]:
    (a, b), (c, d), (e, f), (g, h) = np.round(box.astype(float), 1).tolist()
    return (a, b), (c, d), (e, f), (g, h)


def _models() -> tuple[Any, Any]:
    """The detector and the recogniser. All threads share them: a call changes nothing in them."""
    with _loading:
        return _load_models()


@cache
def _load_models() -> tuple[Any, Any]:
    import cv2
    from rapidocr import RapidOCR

    cv2.setNumThreads(1)
    params: dict[str, Any] = {
        "Global.log_level": "critical",
        # Jobs already run in parallel.
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        # `find_boxes` reduces the picture; the detector only rounds its size.
        "Det.limit_type": "max",
        "Det.limit_side_len": 100_000,
        # Means the default, 0.5. Looking that up in the settings would take a tenth of the time.
        "Det.mean": None,
        "Det.std": None,
        # One line at a time, with little beside it. In a batch of six, all are as wide as the
        # longest: twice the pixels, letters that depend on the neighbours, and more false letters
        # in stripes.
        "Rec.rec_batch_num": 1,
        "Rec.rec_img_shape": [3, LINE_HEIGHT, LEAST_LINE_WIDTH],
    }
    for part, path in _model_files().items():
        params[f"{part}.model_path"] = str(path)
    reader: Any = RapidOCR(params=params)
    return reader._load_det_model(), reader._load_rec_model()


def _model_files() -> dict[str, Path]:
    """The file of each part's model inside the package."""
    spec = find_spec("rapidocr")
    folder = Path(spec.origin if spec and spec.origin else "").parent / "models"
    found = {part: sorted(folder.glob(pattern)) for part, pattern in PARTS.items()}
    if any(len(paths) != 1 for paths in found.values()):
        raise ConfigError(
            f"{folder} lacks the models that come with rapidocr. "
            "Install it again: pip install --force-reinstall rapidocr."
        )
    return {part: paths[0] for part, paths in found.items()}
