"""Empty files that stand for failed downloads while a run goes on.

Snakemake wants an output from every job; so that one failed download doesn't stop the corpus, its
job leaves an empty file. Placeholders, and the empty texts made from them with their receipts, go
at the end of the run and when the next one starts (a killed run can't tidy up): the tree never
shows a fake video, and the next dry-run lists exactly what is missing.
"""

import os
from pathlib import Path

from scripts.files import TEMPORARY_SUFFIX
from scripts.plan import KINDS

# Marks that a file which came without a receipt was looked at, for as long as a run lasts.
ADOPTED_SUFFIX = ".adopted"
TEXTS_OF_MEDIA = {"coverphotos": ("ocr",)}


def remove_placeholders(data: Path) -> None:
    """Remove empty media, the empty texts made from them, marks, and unfinished files.

    Call it only under the run's lock: a live run needs its placeholders.
    """
    for kind in KINDS.values():
        for placeholder in _empty_files(data / kind.name):
            for text_kind in TEXTS_OF_MEDIA.get(kind.name, ()):
                text = data / text_kind / f"{placeholder.stem}.txt"
                if text.exists() and text.stat().st_size == 0:
                    receipt = data / "receipts" / text_kind / f"{placeholder.stem}.json"
                    receipt.unlink(missing_ok=True)
                    text.unlink()
            # Last: it leads to the others, should this be cut short.
            placeholder.unlink(missing_ok=True)
    for folder, _, files in os.walk(data):
        for name in files:
            unfinished = name.startswith(".") and name.endswith(TEMPORARY_SUFFIX)
            if unfinished or name.endswith(ADOPTED_SUFFIX):
                Path(folder, name).unlink()


def _empty_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as files:
        return [Path(file) for file in files if file.is_file() and file.stat().st_size == 0]
