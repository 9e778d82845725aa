"""The engine `pytesseract`: runs the installed `tesseract` command."""

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from scripts.errors import ConfigError
from scripts.ocr.engine import Engine, EngineError
from scripts.ocr.lines import TextLine
from scripts.ocr.picture import Picture
from scripts.ocr.tessdata import find_tessdata, models
from scripts.ocr.tesseract import SPARSE_TEXT, lines_as_read, masks, parse_tsv, shrink, unite

DEADLINE_S = 120  # a cover takes 0.5 s


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
                f"{self.settings.name} is {self.settings.engine}, which is not installed. "
                "Install it: pip install pytesseract."
            ) from None
        try:
            program = self._library.get_tesseract_version()
        except (self._library.TesseractNotFoundError, SystemExit):
            raise ConfigError(
                f"{self.settings.name} is {self.settings.engine}, but the command "
                "`tesseract` does not run. Install it (on Debian and Ubuntu: apt-get install "
                "tesseract-ocr; with conda: conda install -c conda-forge tesseract)."
            ) from None
        return f"tesseract {program} (pytesseract {wrapper}), {models(self.settings)}"

    def flags(self) -> dict[str, Any]:
        return self.settings.for_tesseract()

    def read(self, picture: Picture) -> list[TextLine]:
        page = self.settings.page_segmentation
        if not self.settings.prepare:
            # If the file shows the same pixels, its path saves encoding a temporary image.
            if picture.path is not None:
                return lines_as_read(parse_tsv(self._run(picture.path.absolute(), page)))
            return lines_as_read(parse_tsv(self._read_images([picture.pixels], page)))
        small = shrink(picture.pixels)
        scale = picture.pixels.width / small.width
        readings = (
            self._read_images([small], page),
            self._read_images(masks(small), SPARSE_TEXT),
        )
        return unite(word for tsv in readings for word in parse_tsv(tsv, scale))

    def _read_images(self, images: Sequence[Image.Image], page_segmentation: int) -> str:
        """Tesseract's TSV for all images, from one process that loads its model once."""
        with TemporaryDirectory(prefix="ocr.") as folder:
            files = [Path(folder, f"{number}.pnm") for number in range(len(images))]
            for file, image in zip(files, images, strict=True):
                image.save(file)
            names = Path(folder, "images.txt")
            names.write_text("".join(f"{file}\n" for file in files))
            return self._run(names, page_segmentation)

    def _run(self, file: Path, page_segmentation: int) -> str:
        try:
            tsv: str = self._library.image_to_data(
                str(file),
                lang="+".join(self.settings.languages),
                config=f'--psm {page_segmentation} --tessdata-dir "{self._tessdata}"',
                timeout=DEADLINE_S,
            )
        except self._library.TesseractError as error:
            raise EngineError(f"Tesseract failed (status {error.status}).") from None
        except RuntimeError:  # pytesseract's time-out
            raise EngineError(f"Tesseract took more than {DEADLINE_S} s.") from None
        return tsv
