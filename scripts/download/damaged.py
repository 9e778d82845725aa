"""Keep files that failed verification, and use those that turn out to be complete."""

import threading
from dataclasses import replace
from pathlib import Path

from scripts.download.publication import publish_with_receipt, with_first_download
from scripts.errors import DamagedMediaError
from scripts.files import hash_file, storage_errors
from scripts.media.verification import verify_media
from scripts.store import receipts
from scripts.store.damaged import (
    CHECKED_BY,
    RECORD_SUFFIX,
    DamagedFile,
    checks_version,
    damaged_files_of,
    damaged_path,
    find_damaged,
)
from scripts.store.media_kinds import MEDIA_KINDS
from scripts.store.receipts import Receipt, read_receipt, write_receipt
from scripts.version import SOFTWARE


class DamagedFiles:
    """The damaged files of one corpus. limit_mb: how much space rejected downloads may use."""

    def __init__(self, limit_mb: float) -> None:
        self._limit_bytes = limit_mb * 1_000_000
        self._lock = threading.Lock()
        self._used_bytes: int | None = None

    def keep(self, file: Path, data: Path, receipt: Receipt) -> bool:
        """Move the file of a rejected download to `data/damaged`, if the limit allows it.

        receipt: contains the reason, size and hash. Returns True if these bytes are kept. Raises
        StorageError.
        """
        target = damaged_path(data, MEDIA_KINDS[receipt.kind], receipt.id, receipt.sha256 or "")
        if target.exists():
            return True
        if not self._reserve(data, receipt.size_bytes or 0):
            return False
        _move(file, target, receipt)
        return True

    def _reserve(self, data: Path, size_bytes: int) -> bool:
        with self._lock:
            if self._used_bytes is None:
                self._used_bytes = sum(file.path.stat().st_size for file in find_damaged(data))
            if self._used_bytes + size_bytes > self._limit_bytes:
                return False
            self._used_bytes += size_bytes
        return True


def move_to_damaged(media: Path, data: Path, receipt: Receipt) -> None:
    """Move a damaged file that somebody put in the place of a download, whatever its size."""
    target = damaged_path(data, MEDIA_KINDS[receipt.kind], receipt.id, receipt.sha256 or "")
    _move(media, target, receipt)


def _move(file: Path, target: Path, receipt: Receipt) -> None:
    # Write the record first: a file without a record would be checked again for nothing.
    record = replace(receipt, facts={CHECKED_BY: checks_version()})
    write_receipt(target.with_name(target.name + RECORD_SUFFIX), record)
    with storage_errors(target):
        file.replace(target)


def recheck(
    kind: str, name: str, data: Path, previous: Receipt | None, *, all_versions: bool = False
) -> Receipt | None:
    """Check the damaged files of one download again, and publish the first complete one.

    previous: the download's present receipt. all_versions: also check files that this version of
    the checks has already rejected. Returns the new receipt, or None if all files are damaged.
    """
    media, receipt_path = MEDIA_KINDS[kind].media(data, name), MEDIA_KINDS[kind].receipt(data, name)
    for file in damaged_files_of(data, kind, name):
        if file.is_checked and not all_versions:
            continue
        receipt = _check(file)
        if receipt.outcome == receipts.OK:
            receipt = with_first_download(receipt, previous)
            publish_with_receipt(file.path, media, receipt_path, receipt)
            file.record_path.unlink(missing_ok=True)
            return receipt
        write_receipt(file.record_path, receipt)
    return None


def _check(file: DamagedFile) -> Receipt:
    """Return the receipt that this version of the checks gives to a damaged file."""
    status = file.path.stat()
    receipt = file.record or Receipt(file.name, file.kind, receipts.CORRUPT)
    receipt = replace(receipt, sha256=hash_file(file.path), size_bytes=status.st_size)
    try:
        facts = verify_media(file.kind, file.path)
    except DamagedMediaError as error:
        return replace(receipt, reason=str(error), facts={CHECKED_BY: checks_version()})
    return replace(
        receipt,
        outcome=receipts.OK,
        reason="an earlier version of the checks rejected it by mistake",
        downloaded_at=receipt.time or int(status.st_mtime),
        facts=facts,
        software=SOFTWARE,
    )


def recheck_all(data: Path) -> list[str]:
    """Check the damaged files of all downloads without a good file again.

    Returns the paths in `data` of the downloads that were complete, sorted.
    """
    complete = []
    for kind, name in sorted({(file.kind, file.name) for file in find_damaged(data)}):
        media = MEDIA_KINDS[kind].media(data, name)
        if media.exists() and media.stat().st_size > 0:
            continue
        previous = read_receipt(MEDIA_KINDS[kind].receipt(data, name))
        if recheck(kind, name, data, previous, all_versions=True) is not None:
            complete.append(str(media.relative_to(data)))
    return complete
