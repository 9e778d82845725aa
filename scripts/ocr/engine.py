"""What every OCR engine has in common. A new engine is one class and one line in `ENGINES`."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from scripts.errors import ConfigError
from scripts.media import load_image


class EngineError(Exception):
    """The engine gave up on this image; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class OcrSettings:
    """The `ocr:` section of the configuration."""

    engine: str
    languages: tuple[str, ...]  # as Tesseract names them: eng, deu, chi_sim
    page_segmentation: int  # Tesseract's --psm

    @classmethod
    def parse(cls, settings: Mapping[str, Any]) -> "OcrSettings":
        """Raises ConfigError for values that no engine could use."""
        languages = tuple(settings.get("languages", ("eng",)))
        if not languages or not all(
            isinstance(name, str) and name.replace("_", "").isalnum() for name in languages
        ):
            raise ConfigError(
                f"ocr.languages is {list(languages)}. Give Tesseract's names, such as [eng, deu]."
            )
        page_segmentation = settings.get("page_segmentation", 3)
        if page_segmentation not in (1, *range(3, 14)):
            raise ConfigError(
                f"ocr.page_segmentation is {page_segmentation!r}. "
                "Give 1 or 3 to 13: what they mean is in `tesseract --help-psm`."
            )
        return cls(str(settings.get("engine", "pytesseract")), languages, page_segmentation)


@dataclass(frozen=True, slots=True)
class Cover:
    """An image that has been decoded, so is known to be whole."""

    path: Path
    format: str  # by content: "JPEG", "WEBP", ...
    image: Image.Image

    @classmethod
    def load(cls, path: Path) -> "Cover":
        """Raises DamagedMediaError, or OSError where the file can't be read at all."""
        image, name = load_image(path)
        return cls(path, name, image)

    def pixels(self) -> Image.Image:
        """The image as 8-bit grey or RGB, what is transparent being white."""
        image = self.image
        if image.mode in ("L", "RGB"):
            return image
        if image.has_transparency_data:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        return image.convert("RGB")


class Engine(ABC):
    """One recogniser. Made and used in one thread; loads what is heavy at its first `read`."""

    def __init__(self, settings: OcrSettings) -> None:
        self.settings = settings

    @abstractmethod
    def identity(self) -> str:
        """Version of the engine and hash of each model.

        Raises ConfigError, with the remedy, where the engine or its data is missing.
        """

    @abstractmethod
    def read(self, cover: Cover) -> str:
        """The text as the engine gives it. Raises EngineError where it gives up."""

    @abstractmethod
    def flags(self) -> dict[str, Any]:
        """The settings that have an influence on the text."""


def file_hash(path: Path) -> str:
    """First 16 hex digits of the file's SHA-256: enough to tell two models apart."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
