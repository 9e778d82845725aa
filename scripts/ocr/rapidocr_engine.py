"""The engine `rapidocr`: PaddleOCR's neural models on ONNX Runtime.

Slower than Tesseract, far better on text over photographs. Only the models inside the package
are used, given by path: RapidOCR downloads whatever it is not given.
"""

from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from scripts.errors import ConfigError
from scripts.ocr.engine import Engine, EngineError, file_hash
from scripts.ocr.picture import Picture

# One model reads all of these (PP-OCRv6 small), in Tesseract's names.
LANGUAGES = frozenset(
    (  # noqa: SIM905  shorter than a list
        "afr aze bos cat ces chi_sim chi_tra cym dan deu eng est eus fin fra gle glg hrv hun ind "
        "isl ita jpn kmr lat lav lit ltz mlt mri msa nld nor oci pol por que ron slk slv spa sqi "
        "srp_latn swa swe tgl tur uzb vie"
    ).split()
)
PARTS = {"Det": "*_det_*.onnx", "Cls": "*_cls_*.onnx", "Rec": "*_rec_*.onnx"}


class RapidocrEngine(Engine):
    @cached_property
    def _recogniser(self) -> Any:
        import cv2
        from rapidocr import RapidOCR

        cv2.setNumThreads(1)
        params = {
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
        for part, path in _model_files().items():
            params[f"{part}.model_path"] = str(path)
        return RapidOCR(params=params)

    def identity(self) -> str:
        if find_spec("rapidocr") is None or find_spec("onnxruntime") is None:
            raise ConfigError(
                "ocr.engine is rapidocr, which is not installed. "
                "Install it: pip install rapidocr onnxruntime."
            )
        if unknown := sorted(set(self.settings.languages) - LANGUAGES):
            raise ConfigError(
                f"rapidocr's model does not read {', '.join(unknown)}. "
                "Choose ocr.engine: tesserocr or pytesseract for it."
            )
        models = ", ".join(f"{path.stem} {file_hash(path)}" for path in _model_files().values())
        return f"rapidocr {version('rapidocr')} (onnxruntime {version('onnxruntime')}), {models}"

    def flags(self) -> dict[str, Any]:
        return {}  # one model for all languages

    def read(self, picture: Picture) -> str:
        import numpy as np

        pixels = np.asarray(picture.pixels.convert("RGB"))[:, :, ::-1]  # it expects BGR
        try:
            lines = self._recogniser(np.ascontiguousarray(pixels)).txts
        except Exception as error:  # it has no errors of its own, and raises OpenCV's and ONNX's
            raise EngineError(f"RapidOCR failed ({type(error).__name__}).") from None
        return "\n".join(lines or ())


def _model_files() -> dict[str, Path]:
    """The model of each part that is in the package."""
    folder = Path(find_spec("rapidocr").origin).parent / "models"
    found = {part: sorted(folder.glob(pattern)) for part, pattern in PARTS.items()}
    if any(len(paths) != 1 for paths in found.values()):
        raise ConfigError(
            f"{folder} does not hold the models that rapidocr comes with. "
            "Install it again: pip install --force-reinstall rapidocr."
        )
    return {part: paths[0] for part, paths in found.items()}
