"""The engine `pytesseract`: runs the installed `tesseract` command once an image."""

from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from scripts.errors import ConfigError
from scripts.ocr.engine import Engine, EngineError
from scripts.ocr.picture import Picture
from scripts.ocr.tessdata import find_tessdata, models

DEADLINE_S = 120  # a cover takes 0.15 s


class PytesseractEngine(Engine):
    @cached_property
    def _library(self) -> Any:
        import pytesseract  # here and not above: it imports pandas, which takes a second

        return pytesseract

    @cached_property
    def _tessdata(self) -> Path:
        return find_tessdata(self.settings)

    def identity(self) -> str:
        try:
            wrapper = version("pytesseract")
        except PackageNotFoundError:
            raise ConfigError(
                "ocr.engine is pytesseract, which is not installed. "
                "Install it: pip install pytesseract."
            ) from None
        try:
            program = self._library.get_tesseract_version()
        except (self._library.TesseractNotFoundError, SystemExit):
            raise ConfigError(
                "ocr.engine is pytesseract, but the command `tesseract` does not run. Install it "
                "(on Debian and Ubuntu: apt-get install tesseract-ocr; with conda: conda install "
                "-c conda-forge tesseract)."
            ) from None
        return f"tesseract {program} (pytesseract {wrapper}), {models(self.settings)}"

    def flags(self) -> dict[str, Any]:
        return {
            "languages": list(self.settings.languages),
            "page_segmentation": self.settings.page_segmentation,
        }

    def read(self, picture: Picture) -> str:
        try:
            text: str = self._library.image_to_string(
                # By path where that is the same: no second encoding, no temporary image. A copy
                # has no format: pytesseract would encode it again, or refuse it.
                str(picture.path.absolute()) if picture.is_file else picture.pixels.copy(),
                lang="+".join(self.settings.languages),
                config=f'--psm {self.settings.page_segmentation} --tessdata-dir "{self._tessdata}"',
                timeout=DEADLINE_S,
            )
        except self._library.TesseractError as error:
            raise EngineError(f"Tesseract failed (status {error.status}).") from None
        except RuntimeError:  # pytesseract's time-out
            raise EngineError(f"Tesseract took more than {DEADLINE_S} s.") from None
        return text
