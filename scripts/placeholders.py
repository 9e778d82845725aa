"""Empty files that stand for failed downloads while a run goes on.

Snakemake wants an output from every job; so that one failed download doesn't stop the corpus, its
job leaves an empty file. Placeholders, and the empty texts made from them, go at the end of the
run and when the next one starts (a killed run can't tidy up): the tree never shows a fake video,
and the next dry-run lists exactly what is missing.
"""

import os
from pathlib import Path

from scripts.files import TEMPORARY_SUFFIX
from scripts.plan import KINDS

TEXTS_OF_MEDIA = {"coverphotos": ("ocr",)}


def remove_placeholders(data: Path) -> None:
    """Remove empty media, the empty texts made from them, and files that were never finished.

    Call it only under the run's lock: a live run needs its placeholders.
    """
    for kind in KINDS.values():
        for name in _remove_empty(data / kind.name):
            for text_kind in TEXTS_OF_MEDIA.get(kind.name, ()):
                text = data / text_kind / f"{Path(name).stem}.txt"
                if text.exists() and text.stat().st_size == 0:
                    text.unlink()
    for folder, _, files in os.walk(data):
        for name in files:
            if name.startswith(".") and name.endswith(TEMPORARY_SUFFIX):
                Path(folder, name).unlink()


def _remove_empty(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as files:
        empty = [file.name for file in files if file.is_file() and file.stat().st_size == 0]
    for name in empty:
        (folder / name).unlink(missing_ok=True)
    return empty
