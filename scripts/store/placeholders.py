"""Empty files that stand for failed downloads while a run goes on.

Snakemake wants an output from every job; so that one failed download doesn't stop the corpus, its
job leaves an empty file. Placeholders, and the empty texts made from them with their receipts, go
at the end of the run and when the next one starts (a killed run can't tidy up): the tree never
shows a fake video, and the next dry-run lists exactly what is missing.
"""

import os
from pathlib import Path

from scripts.files import TEMPORARY_SUFFIX
from scripts.store.media_kinds import MEDIA_KINDS
from scripts.store.receipts import PREPARED_SUFFIX
from scripts.store.text_kinds import TEXT_KINDS
from scripts.store.texts import empty_files, remove_text, remove_torn_texts, text_path

# Marks that a file which came without a receipt was looked at, for as long as a run lasts.
ADOPTED_SUFFIX = ".adopted"


def remove_placeholders(data: Path) -> None:
    """Remove empty media, the empty texts made from them, torn texts, marks, unfinished files.

    Call it only under the run's lock: a live run needs its placeholders.
    """
    for kind in MEDIA_KINDS.values():
        for placeholder in empty_files(data / kind.name):
            id = placeholder.relative_to(data / kind.name).parts[0].removesuffix(kind.suffix)
            for text_kind in TEXT_KINDS.values():
                text = text_path(data, text_kind.name, id)
                if kind in text_kind.sources and text.exists() and text.stat().st_size == 0:
                    remove_text(data, text_kind.name, id)
            # Last: it leads to the others, should this be cut short.
            placeholder.unlink(missing_ok=True)
    remove_torn_texts(data)
    for folder, _, files in os.walk(data):
        for name in files:
            unfinished = name.startswith(".") and name.endswith(TEMPORARY_SUFFIX)
            if unfinished or name.endswith(ADOPTED_SUFFIX):
                Path(folder, name).unlink()
            elif name.endswith(PREPARED_SUFFIX):
                _remove_without_file(data, Path(folder, name))


def _remove_without_file(data: Path, prepared: Path) -> None:
    """Remove a prepared receipt whose file never came to its place."""
    path = prepared.relative_to(data / "receipts")
    kind = MEDIA_KINDS[path.parts[0]]
    name = str(path.relative_to(kind.name)).removesuffix(f".json{PREPARED_SUFFIX}")
    if not kind.media(data, name).exists():
        prepared.unlink()
