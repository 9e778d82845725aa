"""Find Tesseract's language data, for both engines that use it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.errors import ConfigError
from scripts.ocr.engine import OcrSettings, file_hash

PSM_WITH_ORIENTATION = (1, 12)  # these read osd.traineddata as well


def find_tessdata(settings: OcrSettings) -> Path:
    """The first folder with the data of all configured languages; ConfigError without one.

    Tesseract gets this folder explicitly, so a receipt has the hashes of the files that were used.
    """
    missing = list(_names(settings))
    for folder in _candidates():
        absent = [n for n in _names(settings) if not (folder / f"{n}.traineddata").is_file()]
        if not absent:
            return folder
        missing = min(missing, absent, key=len)
    packages = " ".join(_debian_package(name) for name in missing)
    raise ConfigError(
        f"Tesseract has no language data for {', '.join(missing)}. Install it (on Debian and "
        f"Ubuntu: apt-get install {packages}), or set TESSDATA_PREFIX to the folder of the "
        ".traineddata files."
    )


def models(settings: OcrSettings) -> str:
    """The name and hash of each language's data, e.g. "eng 7d4322bd2a774972"."""
    folder = find_tessdata(settings)
    return ", ".join(
        f"{name} {file_hash(folder / f'{name}.traineddata')}" for name in _names(settings)
    )


def _debian_package(name: str) -> str:
    if name.startswith("script/"):
        return "tesseract-ocr-all"  # packages of scripts are named differently (script-latn)
    return f"tesseract-ocr-{name.replace('_', '-').lower()}"


def _names(settings: OcrSettings) -> tuple[str, ...]:
    needs_orientation = settings.page_segmentation in PSM_WITH_ORIENTATION
    return settings.languages + (("osd",) if needs_orientation else ())


def _candidates() -> Iterator[Path]:
    if prefix := os.environ.get("TESSDATA_PREFIX"):
        yield Path(prefix)
        yield Path(prefix, "tessdata")
    yield Path(sys.prefix, "share", "tessdata")  # conda
    yield from _folder_of_tesseract()
    yield from sorted(Path("/usr/share/tesseract-ocr").glob("*/tessdata"), reverse=True)
    for root in ("/usr/share", "/usr/local/share", "/opt/homebrew/share"):
        yield Path(root, "tessdata")


def _folder_of_tesseract() -> Iterator[Path]:
    """The folder that `tesseract --list-langs` names (since version 5)."""
    try:
        answer = subprocess.run(
            ["tesseract", "--list-langs"],  # noqa: S607  wherever it is installed
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    if found := re.search(r'languages in "(.+)"', answer.stdout + answer.stderr):
        yield Path(found[1])
