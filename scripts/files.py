"""Atomic, durable writes: a file gets its final name only when it is completely on disk.

A temporary file in the same folder is written, fsynced and renamed. Without the fsync, ext4 may
keep an empty file with the final name after a power cut. For files that can't be made again, the
folder is fsynced, too: otherwise, the rename may be lost.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from scripts.errors import StorageError

CHUNK_BYTES = 1 << 20
TEMPORARY_SUFFIX = ".part"
MAX_DEPTH = 100  # levels of nesting in untrusted JSON, because the code that reads it recurses
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
    """Raise StorageError unless the file fits and leaves `keep_free_bytes` on the disk."""
    if shutil.disk_usage(place.parent).free < size_bytes + keep_free_bytes:
        raise StorageError(
            f"{place} needs {size_bytes / 1e6:,.1f} MB, and {keep_free_bytes / 1e6:,.0f} MB must "
            f"stay free (download.keep_free_mb), but there are only "
            f"{_describe_free_space(place)}. Nothing was damaged: make room, then run again."
        )


def _describe_free_space(place: Path) -> str:
    folder = next(parent for parent in place.absolute().parents if parent.is_dir())
    return f"{shutil.disk_usage(folder).free / 1e6:,.1f} MB free in {folder}"


@contextmanager
def temporary_file(final: Path | str) -> Iterator[IO[bytes]]:
    """Open a hidden binary file next to `final`, and remove it at the end unless it was renamed.

    Call `publish` to give it its final name. Raises StorageError.
    """
    final = Path(final)
    with storage_errors(final):
        final.parent.mkdir(parents=True, exist_ok=True)
        file = NamedTemporaryFile(  # noqa: SIM115 — it outlives this function
            dir=final.parent, prefix=f".{final.name}.", suffix=TEMPORARY_SUFFIX, delete=False
        )
        try:
            with file:
                yield file
        finally:
            Path(file.name).unlink(missing_ok=True)


def publish(file: IO[bytes], final: Path | str) -> None:
    """Flush `file` to disk and rename it to `final`, replacing an old file. Survives power cuts."""
    _rename(file, final)
    sync(Path(final).parent)


def _rename(file: IO[bytes], final: Path | str, durable: bool = True) -> None:
    file.flush()
    os.fchmod(file.fileno(), 0o644)
    if durable:
        os.fsync(file.fileno())
    Path(file.name).replace(final)


def sync(place: Path) -> None:
    """Make the contents of a file, or the names in a folder, survive a power cut."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomic(final: Path | str, content: str | bytes, *, durable: bool = True) -> None:
    """Write `content` (text as UTF-8) to `final` in one step. It must be possible to make it again.

    durable: wait for the disk. Otherwise, the file may be empty after a power cut. Raises
    StorageError.
    """
    with temporary_file(final) as file:
        file.write(content.encode() if isinstance(content, str) else content)
        _rename(file, final, durable)


def read_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the rest of an open file in pieces."""
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def write_and_hash(chunks: Iterable[bytes], target: IO[bytes], place: Path) -> str:
    """Write all chunks to an open file, and return their SHA-256.

    Raises StorageError about `place` if the disk fails. Errors of the iterator pass unchanged.
    """
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
        with storage_errors(place):
            target.write(chunk)
    return digest.hexdigest()


def hash_chunks(chunks: Iterable[bytes]) -> str:
    """Return the SHA-256 of all chunks together."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def hash_file(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def encode_json(value: Any) -> bytes:
    """Return JSON in UTF-8. Lone surrogates, which UTF-8 can't encode, become JSON escapes.

    `backslashreplace` writes them as JSON does: \\ud83d.
    """
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")


def decode_json(content: str | bytes) -> Any:
    """Parse untrusted JSON.

    Raises ValueError if it is not JSON, or nested so deeply that later steps might fail.
    """
    try:
        value = json.loads(content)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if json_depth(value) > MAX_DEPTH:
        raise ValueError(f"it is nested more than {MAX_DEPTH} levels deep")
    return value


def json_depth(value: Any) -> int:
    """Count the levels of nesting without recursion, up to `MAX_DEPTH` + 1."""
    depth, level = 0, [value] if isinstance(value, dict | list) else []
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, dict | list)
        ]
    return depth
