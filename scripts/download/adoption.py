"""Write the receipt of a file that is already there, or move the file if it is damaged."""

from pathlib import Path

from scripts.download.damaged import move_to_damaged
from scripts.download.publication import finish_publication, with_first_download
from scripts.errors import DamagedMediaError
from scripts.files import hash_file, storage_errors
from scripts.media.verification import verify_media
from scripts.plan.downloads import Download
from scripts.store import receipts
from scripts.store.receipts import Receipt, link_hash, read_receipt, write_receipt
from scripts.version import SOFTWARE


def adopt(download: Download, media: Path, receipt_path: Path) -> None:
    """Write the receipt of a file, unless it already has one.

    A killed run may have prepared a receipt, or the manifest may have one for these bytes.
    Otherwise, this function verifies the file. Raises StorageError.
    """
    previous = read_receipt(receipt_path)
    size_bytes = media.stat().st_size
    if previous is not None and previous.is_file and previous.size_bytes == size_bytes:
        return
    with storage_errors(media):
        sha256 = hash_file(media)
    if finish_publication(sha256, receipt_path):
        return
    in_manifest = download.in_manifest
    if in_manifest is not None and in_manifest.is_file and in_manifest.sha256 == sha256:
        write_receipt(receipt_path, in_manifest)
        return
    receipt = _verify(download, media, sha256, size_bytes)
    write_receipt(receipt_path, with_first_download(receipt, previous))


def _verify(download: Download, media: Path, sha256: str, size_bytes: int) -> Receipt:
    """Verify a file of unknown origin, and return its receipt. Moves a damaged file away."""
    try:
        with storage_errors(media):
            modified_at = int(media.stat().st_mtime)
            facts = verify_media(download.kind, media)
    except DamagedMediaError as error:
        damaged = Receipt(
            download.name,
            download.kind,
            receipts.CORRUPT,
            str(error),
            host=download.host,
            link=link_hash(download.url or ""),
            size_bytes=size_bytes,
            sha256=sha256,
            software=SOFTWARE,
        )
        move_to_damaged(media, download.data_folder(media), damaged)
        return Receipt(
            download.name,
            download.kind,
            receipts.CORRUPT,
            f"{str(error).rstrip('.')}; the file is kept in data/damaged",
            host=damaged.host,
            link=damaged.link,
            software=SOFTWARE,
        )
    return Receipt(
        download.name,
        download.kind,
        receipts.OK,
        "the file was already there",
        downloaded_at=modified_at,
        size_bytes=size_bytes,
        sha256=sha256,
        facts=facts,
        software=SOFTWARE,
    )
