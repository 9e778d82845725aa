"""Files that failed verification, in `data/damaged/`. Their links may never give them again.

A verdict may be wrong, so the bytes are kept as `<kind>/<name>.<start of their SHA-256>.<ending>`.
Next to each file is a record `….json` with the receipt of the download. Its reason says what is
wrong, and its facts name the version that checked the file: other versions check it again.
"""

import os
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from scripts.store.media_kinds import MEDIA_KINDS, MediaKind
from scripts.store.receipts import Receipt, read_receipt

# Raise it whenever scripts.media accepts files that it rejected before.
CHECKS = 3
CHECKED_BY = "checked_by"
RECORD_SUFFIX = ".json"
HASH_DIGITS = 16


class DamagedFile(NamedTuple):
    """A file that failed verification: which download it came from, and its path."""

    kind: str
    name: str
    path: Path

    @property
    def record_path(self) -> Path:
        """The path of the record next to the file."""
        return self.path.with_name(self.path.name + RECORD_SUFFIX)

    @property
    def record(self) -> Receipt | None:
        """The receipt of the rejected download; None if the file has no record."""
        return read_receipt(self.record_path)

    @property
    def is_checked(self) -> bool:
        """True if this version of the checks has already rejected it."""
        record = self.record
        return record is not None and record.facts.get(CHECKED_BY) == checks_version()


@cache
def checks_version() -> str:
    """Return the versions of the checks and of the decoders that they use."""
    decoders = ("av", "pillow", "pillow-heif")
    return ", ".join([f"checks {CHECKS}", *(f"{name} {version(name)}" for name in decoders)])


def damaged_path(data: Path, kind: MediaKind, name: str, sha256: str) -> Path:
    """Return the path at which the damaged file with this hash is kept."""
    hashed = f"{name}.{sha256[:HASH_DIGITS]}{kind.suffix}"
    return data / "damaged" / kind.name / hashed


def damaged_files_of(data: Path, kind: str, name: str) -> list[DamagedFile]:
    """Return the damaged files of one download, sorted by path."""
    path = data / "damaged" / kind / name
    found = sorted(path.parent.glob(f"{path.name}.*"))
    return [DamagedFile(kind, name, file) for file in found if file.suffix != RECORD_SUFFIX]


def find_damaged(data: Path) -> Iterator[DamagedFile]:
    """Yield all damaged files, sorted by path."""
    for kind in MEDIA_KINDS:
        folder = data / "damaged" / kind
        for place, folders, files in os.walk(folder):
            folders.sort()
            for file in sorted(files):
                # A hidden file is what a killed run was writing.
                if not file.startswith(".") and not file.endswith(RECORD_SUFFIX):
                    path = Path(place, file)
                    name = str(path.relative_to(folder).with_name(file.split(".")[0]))
                    yield DamagedFile(kind, name, path)
