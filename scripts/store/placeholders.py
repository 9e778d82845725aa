"""Placeholders: empty files that replace failed downloads during a run.

Snakemake requires an output from every job. A failed download must not stop the corpus, so its job
leaves an empty file. The end of the run removes placeholders, and the empty texts made from them
with their receipts; so does the start of the next run, because a killed run can't tidy up. So no
folder shows a fake video, and the next dry-run lists exactly what is missing.
"""

import os
from pathlib import Path

from scripts.files import TEMPORARY_SUFFIX
from scripts.store.media_kinds import MEDIA_KINDS
from scripts.store.receipts import PREPARED_SUFFIX
from scripts.store.text_kinds import TEXT_KINDS
from scripts.store.texts import empty_files, remove_text, remove_torn_texts, text_path

# The ending of marks: empty files that are the outputs of jobs which make no file of their own.
MARK_SUFFIX = ".mark"


def remove_placeholders(data: Path) -> None:
    """Remove empty media, the empty texts made from them, torn texts, marks and unfinished files.

    Call it only with the run's lock: a running run needs its placeholders.
    """
    for kind in MEDIA_KINDS.values():
        for placeholder in empty_files(data / kind.name):
            id = placeholder.relative_to(data / kind.name).parts[0].removesuffix(kind.suffix)
            for text_kind in TEXT_KINDS.values():
                text = text_path(data, text_kind.name, id)
                if kind in text_kind.sources and text.exists() and text.stat().st_size == 0:
                    remove_text(data, text_kind.name, id)
            # Remove the placeholder last: if this is cut short, it still leads to the texts.
            placeholder.unlink(missing_ok=True)
    remove_torn_texts(data)
    for folder, _, files in os.walk(data):
        for name in files:
            unfinished = name.startswith(".") and name.endswith(TEMPORARY_SUFFIX)
            if unfinished or name.endswith(MARK_SUFFIX):
                Path(folder, name).unlink()
            elif name.endswith(PREPARED_SUFFIX):
                _remove_without_file(data, Path(folder, name))


def _remove_without_file(data: Path, prepared: Path) -> None:
    """Remove a prepared receipt whose file was never published."""
    path = prepared.relative_to(data / "receipts")
    kind = MEDIA_KINDS[path.parts[0]]
    name = str(path.relative_to(kind.name)).removesuffix(f".json{PREPARED_SUFFIX}")
    if not kind.media(data, name).exists():
        prepared.unlink()
