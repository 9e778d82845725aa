"""The engine `tesserocr`: Tesseract as a library, whose model is loaded once a thread."""

from functools import cached_property
from importlib.metadata import version
from typing import Any

from scripts.errors import ConfigError
from scripts.ocr.engine import Engine, EngineError
from scripts.ocr.picture import Picture
from scripts.ocr.tessdata import find_tessdata, models

DEADLINE_S = 120  # a cover takes 0.1 s


class TesserocrEngine(Engine):
    @cached_property
    def _recogniser(self) -> Any:
        import tesserocr

        tesserocr.set_leptonica_log_level(tesserocr.LeptLogLevel.NONE)
        folder = find_tessdata(self.settings)
        try:
            recogniser = tesserocr.PyTessBaseAPI(
                path=f"{folder}/",
                lang="+".join(self.settings.languages),
                psm=self.settings.page_segmentation,
            )
        except RuntimeError:
            raise ConfigError(
                f"Tesseract can't load the language data in {folder}. Install it again."
            ) from None
        # Warnings such as "Invalid resolution 0 dpi", for every cover.
        recogniser.SetVariable("debug_file", "/dev/null")
        return recogniser

    def identity(self) -> str:
        try:
            import tesserocr
        except ImportError:
            raise ConfigError(
                "ocr.engine is tesserocr, which is not installed. "
                "Install it (pip install tesserocr), or choose ocr.engine: pytesseract."
            ) from None
        self._recogniser  # noqa: B018  loading it shows whether the language data is sound
        library = tesserocr.tesseract_version().split()[1]
        wrapper = version("tesserocr")
        return f"tesseract {library} (tesserocr {wrapper}), {models(self.settings)}"

    def flags(self) -> dict[str, Any]:
        return {
            "languages": list(self.settings.languages),
            "page_segmentation": self.settings.page_segmentation,
        }

    def read(self, picture: Picture) -> str:
        pixels = picture.pixels
        width, height, channels = pixels.width, pixels.height, len(pixels.getbands())
        recogniser = self._recogniser
        try:
            recogniser.SetImageBytes(pixels.tobytes(), width, height, channels, width * channels)
            if not recogniser.Recognize(DEADLINE_S * 1000):
                raise EngineError(f"Tesseract failed or took more than {DEADLINE_S} s.")
            text: str = recogniser.GetUTF8Text()
        except RuntimeError as error:
            raise EngineError(f"Tesseract failed ({error}).") from None
        finally:
            recogniser.Clear()
        return text
