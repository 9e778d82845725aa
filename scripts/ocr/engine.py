"""The interface of all OCR engines. A new engine is one class and one line in `ENGINES`."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.ocr.lines import TextLine
from scripts.ocr.picture import Picture


class EngineError(Exception):
    """The engine gave up on this image; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class OcrSettings:
    """The `ocr:` section of the configuration, or the OCR settings of the `screen:` section."""

    engine: str
    languages: tuple[str, ...]  # as Tesseract names them: eng, chi_sim, script/Latin
    page_segmentation: int  # Tesseract's --psm
    prepare: bool  # give Tesseract a picture that it can read better
    section: str = "ocr"  # of the configuration

    @classmethod
    def parse(cls, settings: Mapping[str, Any]) -> "OcrSettings":
        """Parse settings that the schema has already accepted."""
        return cls(
            settings["engine"],
            tuple(settings["languages"]),
            settings["page_segmentation"],
            settings["prepare"],
        )

    @property
    def name(self) -> str:
        """The name of the setting that chooses the engine, for messages."""
        return f"{self.section}.engine"

    def for_tesseract(self) -> dict[str, Any]:
        """The settings that influence what Tesseract reads."""
        return {
            "languages": list(self.languages),
            "page_segmentation": self.page_segmentation,
            "prepare": self.prepare,
        }


class Engine(ABC):
    """One recogniser. One thread makes and uses it; the first `read` loads anything heavy."""

    def __init__(self, settings: OcrSettings) -> None:
        self.settings = settings

    @abstractmethod
    def identity(self) -> str:
        """The version of the engine and the hash of each model.

        Raises ConfigError, with the remedy, if the engine or its data is missing.
        """

    @abstractmethod
    def read(self, picture: Picture) -> list[TextLine]:
        """The lines of text in a picture, in reading order. Raises EngineError on giving up."""

    @abstractmethod
    def flags(self) -> dict[str, Any]:
        """The settings that influence the text."""


def file_hash(path: Path) -> str:
    """The first 16 hex digits of the file's SHA-256: enough to tell two models apart."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
