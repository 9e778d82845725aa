"""Files that failed verification, in `data/damaged/`: bytes that a link may never give again.

A verdict may be wrong, so the bytes are kept as `<kind>/<name>.<start of their SHA-256>.<ending>`,
and beside each a record `….json` with the receipt of that download. Its reason says what is wrong,
and its facts what checked the file: other versions check it again.
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
CHECKS = 2
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
        return self.path.with_name(self.path.name + RECORD_SUFFIX)

    @property
    def record(self) -> Receipt | None:
        """The receipt of the download that was rejected; None for a file without a record."""
        return read_receipt(self.record_path)

    @property
    def is_checked(self) -> bool:
        """Whether this version of the checks has already rejected it."""
        record = self.record
        return record is not None and record.facts.get(CHECKED_BY) == checks_version()


@cache
def checks_version() -> str:
    """The versions of the checks and of the decoders behind them."""
    decoders = ("av", "pillow", "pillow-heif")
    return ", ".join([f"checks {CHECKS}", *(f"{name} {version(name)}" for name in decoders)])


def damaged_path(data: Path, kind: MediaKind, name: str, sha256: str) -> Path:
    """Where the damaged file with this hash is kept."""
    hashed = f"{name}.{sha256[:HASH_DIGITS]}{kind.suffix}"
    return data / "damaged" / kind.name / hashed


def damaged_files_of(data: Path, kind: str, name: str) -> list[DamagedFile]:
    """The damaged files of one download, sorted by path."""
    path = data / "damaged" / kind / name
    found = sorted(path.parent.glob(f"{path.name}.*"))
    return [DamagedFile(kind, name, file) for file in found if file.suffix != RECORD_SUFFIX]


def find_damaged(data: Path) -> Iterator[DamagedFile]:
    """All damaged files, sorted by path."""
    for kind in MEDIA_KINDS:
        folder = data / "damaged" / kind
        for place, folders, files in os.walk(folder):
            folders.sort()
            for file in sorted(files):
                # What a killed run was writing is hidden.
                if not file.startswith(".") and not file.endswith(RECORD_SUFFIX):
                    path = Path(place, file)
                    name = str(path.relative_to(folder).with_name(file.split(".")[0]))
                    yield DamagedFile(kind, name, path)
