"""Use a file that the user has already: verify it, link or copy it, and write a receipt."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.download.publication import publish_with_receipt, with_first_download
from scripts.errors import DamagedMediaError, examples
from scripts.files import (
    TEMPORARY_SUFFIX,
    hash_file,
    read_chunks,
    require_space,
    storage_errors,
    temporary_file,
    write_and_hash,
)
from scripts.logs import append_to_log
from scripts.media.verification import verify_media
from scripts.plan.downloads import Download
from scripts.rawinfo.media_files import open_medium
from scripts.rawinfo.problems import printable
from scripts.store import receipts
from scripts.store.receipts import REJECTED_FILES, Receipt, hash_files
from scripts.version import SOFTWARE

REASON = "a copy of a file that the user had"


def take_over(
    download: Download,
    media: Path,
    receipt_path: Path,
    previous: Receipt | None,
    keep_free_mb: float,
    log: Path,
) -> Receipt:
    """Publish the first complete one of the user's files, and return its receipt or a failure's.

    The files themselves never change. Raises StorageError.
    """
    faults = []
    for file in download.own_files:
        try:
            with _link_or_copy(file, media, keep_free_mb * 1_000_000) as draft:
                with storage_errors(media):
                    facts = verify_media(download.kind, draft)
                    status = draft.stat()
                    receipt = Receipt(
                        download.name,
                        download.kind,
                        receipts.OK,
                        REASON,
                        downloaded_at=max(0, int(status.st_mtime)),
                        size_bytes=status.st_size,
                        sha256=hash_file(draft),
                        facts=facts,
                        software=SOFTWARE,
                    )
                receipt = with_first_download(receipt, previous)
                publish_with_receipt(draft, media, receipt_path, receipt)
            append_to_log(log, f"ok: taken over from {printable(str(file))}")
            return receipt
        except (DamagedMediaError, OSError) as error:
            # The system's own message names the folder, which nobody else needs to know.
            fault = error.strerror if isinstance(error, OSError) else str(error).rstrip(".")
            faults.append(fault or "it can't be read")
            append_to_log(log, f"{printable(str(file))}: {fault}")
    return Receipt(
        download.name,
        download.kind,
        receipts.CORRUPT,
        f"the user's own file is damaged: {examples(faults, '; ')}",
        facts=rejection(download),
        software=SOFTWARE,
    )


def rejection(download: Download) -> dict[str, str]:
    """Return facts for a receipt, by which later runs know that these files were rejected."""
    try:
        return {REJECTED_FILES: hash_files(download.own_files)}
    except OSError:
        return {}  # one of them is gone


@contextmanager
def _link_or_copy(file: Path, media: Path, keep_free_bytes: float) -> Iterator[Path]:
    """Yield a file next to `media` with the contents of `file`; remove it unless it was renamed.

    A link takes no space. Between two disks, it has to be a copy.
    """
    draft = media.with_name(f".{media.name}.{secrets.token_hex(8)}{TEMPORARY_SUFFIX}")
    with storage_errors(media):
        media.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, draft, follow_symlinks=False)
    except FileNotFoundError:
        raise
    except OSError:
        with _copy(file, media, keep_free_bytes) as copied:
            yield copied
        return
    try:
        if not stat.S_ISREG(draft.lstat().st_mode):
            raise DamagedMediaError("It is a link, a device or a pipe, not a file.")
        yield draft
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _copy(file: Path, media: Path, keep_free_bytes: float) -> Iterator[Path]:
    with open_medium(file) as (source, status), temporary_file(media) as draft:
        require_space(media, status.size_bytes, keep_free_bytes)
        write_and_hash(read_chunks(source), draft, media)
        with storage_errors(media):
            draft.flush()
        os.utime(draft.name, ns=(status.modified_ns, status.modified_ns))
        yield Path(draft.name)
