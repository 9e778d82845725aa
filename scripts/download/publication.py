"""Publish a file together with its receipt, so that a kill in between loses neither.

The receipt is written first, under a name that only this module reads. If a kill leaves the file
without its receipt, this prepared receipt still says from which host the file came, when, and by
which link.
"""

from dataclasses import replace
from pathlib import Path

from scripts.files import storage_errors, sync
from scripts.store import receipts
from scripts.store.receipts import Receipt, prepared_path, read_receipt, write_receipt


def publish_with_receipt(file: Path, media: Path, receipt_path: Path, receipt: Receipt) -> None:
    """Rename `file`, on the same disk, to `media`, and write the receipt. Both survive a power cut.

    Raises StorageError.
    """
    prepared = prepared_path(receipt_path)
    with storage_errors(file):
        if file.stat().st_nlink == 1:  # it is not a link to one of the user's own files
            file.chmod(0o644)
        sync(file)
    write_receipt(prepared, receipt)
    with storage_errors(media):
        media.parent.mkdir(parents=True, exist_ok=True)
        file.replace(media)
        sync(media.parent)
    with storage_errors(receipt_path):
        prepared.replace(receipt_path)


def finish_publication(sha256: str, receipt_path: Path) -> bool:
    """Publish the receipt that was prepared for a file. Returns False if there is none for it."""
    prepared = prepared_path(receipt_path)
    receipt = read_receipt(prepared)
    with storage_errors(receipt_path):
        if receipt is not None and receipt.is_file and receipt.sha256 == sha256:
            prepared.replace(receipt_path)
            return True
        prepared.unlink(missing_ok=True)
    return False


def with_first_download(receipt: Receipt, previous: Receipt | None) -> Receipt:
    """Copy what an earlier receipt says about the first download of the same bytes."""
    if previous is None or previous.downloaded_at is None:
        return receipt
    if receipt.outcome != receipts.OK:
        return replace(
            receipt,
            downloaded_at=previous.downloaded_at,
            size_bytes=previous.size_bytes,
            sha256=previous.sha256,
        )
    if receipt.sha256 == previous.sha256:
        return replace(receipt, downloaded_at=previous.downloaded_at)
    return receipt
