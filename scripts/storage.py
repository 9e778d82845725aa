"""A failing disk, told in one sentence."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.errors import StorageError

STORAGE_ERRNOS = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EIO,
    errno.EACCES,
    errno.EPERM,
    errno.EFBIG,
}


@contextmanager
def storage_errors(place: Path) -> Iterator[None]:
    """Turn the system's errors about `place` into a StorageError that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno not in STORAGE_ERRNOS:
            raise
        raise StorageError(
            f"{place} can't be written: {os.strerror(error.errno)} "
            f"({_describe_free_space(place)}). Nothing was damaged: make room or "
            "correct the permissions, then run again."
        ) from error


def require_space(place: Path, size_bytes: int, keep_free_bytes: float) -> None:
    """Raise StorageError unless a file of this size fits, and room for the rest stays."""
    if shutil.disk_usage(place.parent).free < size_bytes + keep_free_bytes:
        raise StorageError(
            f"{place} needs {size_bytes / 1e6:,.1f} MB, and {keep_free_bytes / 1e6:,.0f} MB have "
            f"to stay free (download.keep_free_mb), but there are only "
            f"{_describe_free_space(place)}. Nothing was damaged: make room, then run again."
        )


def _describe_free_space(place: Path) -> str:
    folder = next(parent for parent in place.absolute().parents if parent.is_dir())
    return f"{shutil.disk_usage(folder).free / 1e6:,.1f} MB free in {folder}"
