"""The engine `tesserocr`: Tesseract as a library. Each thread loads the model once."""

from functools import cached_property
from importlib.metadata import version
from typing import Any

from PIL import Image

from scripts.errors import ConfigError
from scripts.ocr.engine import Engine, EngineError
from scripts.ocr.lines import TextLine
from scripts.ocr.picture import Picture
from scripts.ocr.tessdata import find_tessdata, models
from scripts.ocr.tesseract import SPARSE_TEXT, lines_as_read, masks, parse_tsv, shrink, unite

DEADLINE_S = 120  # a cover takes 0.4 s


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
        # Else Tesseract warns about every cover: "Invalid resolution 0 dpi".
        recogniser.SetVariable("debug_file", "/dev/null")
        return recogniser

    def identity(self) -> str:
        try:
            import tesserocr
        except ImportError:
            raise ConfigError(
                "ocr.engine is tesserocr, which is not installed. "
                "Install it (make tesserocr), or choose ocr.engine: pytesseract."
            ) from None
        self._recogniser  # noqa: B018  loading it shows whether the language data is sound
        library = tesserocr.tesseract_version().split()[1]
        wrapper = version("tesserocr")
        return f"tesseract {library} (tesserocr {wrapper}), {models(self.settings)}"

    def flags(self) -> dict[str, Any]:
        return self.settings.for_tesseract()

    def read(self, picture: Picture) -> list[TextLine]:
        page = self.settings.page_segmentation
        if not self.settings.prepare:
            return lines_as_read(parse_tsv(self._read_image(picture.pixels, page)))
        small = shrink(picture.pixels)
        scale = picture.pixels.width / small.width
        readings = [self._read_image(small, page)]
        readings += [self._read_image(mask, SPARSE_TEXT) for mask in masks(small)]
        return unite(word for tsv in readings for word in parse_tsv(tsv, scale))

    def _read_image(self, image: Image.Image, page_segmentation: int) -> str:
        """Tesseract's TSV of an image."""
        width, height, channels = image.width, image.height, len(image.getbands())
        recogniser = self._recogniser
        try:
            recogniser.SetPageSegMode(page_segmentation)
            recogniser.SetImageBytes(image.tobytes(), width, height, channels, width * channels)
            if not recogniser.Recognize(DEADLINE_S * 1000):
                raise EngineError(f"Tesseract failed or took more than {DEADLINE_S} s.")
            tsv: str = recogniser.GetTSVText(0)
        except RuntimeError as error:
            raise EngineError(f"Tesseract failed ({error}).") from None
        finally:
            recogniser.Clear()
        return tsv
