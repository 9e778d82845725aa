"""The `export` section of the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True)
class ExportSettings:
    """The `export` section of a checked configuration."""

    folder: Path
    media: bool
    texts: bool
    pseudonymise: bool
    key_file: Path

    @classmethod
    def parse(cls, settings: Mapping[str, Any], data: Path) -> Self:
        hidden = settings["pseudonymise"]
        name = "pseudonymised" if hidden else "corpus"
        folder = settings["folder"] or data / "export" / name
        return cls(
            folder=Path(folder).expanduser().absolute(),
            # Faces and voices have no pseudonyms, so the user has to ask for media explicitly.
            media=not hidden if settings["media"] == "auto" else settings["media"],
            texts=settings["texts"],
            pseudonymise=hidden,
            key_file=Path(settings["key_file"]).expanduser(),
        )
