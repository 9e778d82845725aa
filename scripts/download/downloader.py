"""Get one file from any source that has it, and record what happened.

A failed download is data: an outcome in the receipt, and an empty placeholder. So nothing that a
server does raises an error, unless somebody asked for this file by its name.
"""

from collections.abc import Container, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from scripts.download.adoption import adopt
from scripts.download.damaged import recheck
from scripts.download.mirror import Mirror
from scripts.download.own_files import rejection, take_over
from scripts.download.publication import publish_with_receipt, with_first_download
from scripts.download.site import Site
from scripts.errors import MirrorError, UnavailableError
from scripts.files import temporary_file, write_atomic
from scripts.logs import append_to_log
from scripts.plan.downloads import PENDING, Download
from scripts.store import receipts
from scripts.store.manifest import line_of
from scripts.store.media_kinds import MEDIA_KINDS
from scripts.store.receipts import Receipt, read_receipt, write_receipt
from scripts.version import SOFTWARE


class Downloader:
    """Gets files for all threads of one run.

    settings: the `download` section of the configuration. mirror_only: never ask the site, and do
    not use the user's own files.
    required: paths of files that somebody asked for by name: their failure is an error.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        mirror: Mirror | None = None,
        *,
        mirror_only: bool = False,
        required: Container[str] = (),
    ) -> None:
        self._settings = settings
        self._mirror = mirror
        self._mirror_only = mirror_only
        self._required = required
        self.site = Site(settings)

    def check_settings(self) -> None:
        """Raise ConfigError for proxies, certificates and cookies that can't be used.

        Call it before the first download: without downloads, these settings don't matter.
        """
        self.site.transfer.check_settings()

    def fetch(
        self, download: Download, media: str | Path, receipt: str | Path, log: str | Path
    ) -> None:
        """Leave the file, or an empty placeholder, at `media`, and its receipt at `receipt`.

        A good file that is there already stays as it is, without a request. Raises UnavailableError
        for files in `required` and for files that no run would fetch, and StorageError.
        """
        media, receipt = Path(media), Path(receipt)
        if media.exists() and media.stat().st_size > 0:
            adopt(download, media, receipt)
        elif download.state == PENDING:
            result = self._get(download, media, receipt, Path(log))
            if result.outcome != receipts.OK:
                write_receipt(receipt, result)
                if str(media) in self._required:
                    raise UnavailableError(f"{media} could not be downloaded: {result.reason}.")
        else:
            # No plan contains this file: somebody asked for it by name.
            raise UnavailableError(f"{media} can't be downloaded: {download.reason}.")
        _leave_placeholder(media)

    def adopt(self, download: Download, data: Path) -> None:
        """Verify a file that has no receipt, and write one. Raises StorageError.

        A damaged file leaves an empty placeholder, because the plan of the run expects a file.
        """
        media = download.media(data)
        adopt(download, media, download.receipt(data))
        _leave_placeholder(media)

    def _get(self, download: Download, media: Path, receipt_path: Path, log: Path) -> Receipt:
        """Get a file from data/damaged, the mirror, the user's own files or the site.

        Tries them in this order. Publishes a file together with its receipt, or returns the receipt
        of the failure.
        """
        in_manifest = download.in_manifest
        previous = read_receipt(receipt_path) or in_manifest
        data = download.data_folder(media)
        if download.has_unchecked:
            complete = recheck(download.kind, download.name, data, previous)
            if complete is not None:
                return complete
        reason = ""
        if in_manifest is not None and self._mirror is not None:
            try:
                return self._restore(self._mirror, in_manifest, download, media, receipt_path)
            except MirrorError as error:
                reason = str(error)
                append_to_log(log, reason)
        if download.own_files and not self._mirror_only:
            result = take_over(
                download, media, receipt_path, previous, self._settings["keep_free_mb"], log
            )
            if result.outcome == receipts.OK:
                return result
            if not download.may_ask_site:
                return with_first_download(result, previous)
            result = self.site.download(download, media, receipt_path, previous, log)
            if result.outcome != receipts.OK:
                result = replace(result, facts=result.facts | rejection(download))
            return result
        if download.may_ask_site and not self._mirror_only:
            return self.site.download(download, media, receipt_path, previous, log)
        if reason or previous is None:
            reason = reason or "no source has the file"
            result = Receipt(
                download.name, download.kind, receipts.LATER, reason, software=SOFTWARE
            )
            return with_first_download(result, previous)
        return previous

    def _restore(
        self, mirror: Mirror, receipt: Receipt, download: Download, media: Path, receipt_path: Path
    ) -> Receipt:
        """Copy the file from the mirror, and give it `receipt`. Raises MirrorError."""
        line = line_of(MEDIA_KINDS[download.kind], download.name, receipt)
        with temporary_file(media) as file:
            mirror.fetch(line, file, media, self._settings["keep_free_mb"])
            publish_with_receipt(Path(file.name), media, receipt_path, receipt)
        return receipt


def _leave_placeholder(media: Path) -> None:
    """Write an empty file if there is none: Snakemake requires an output from every job."""
    if not media.exists():
        write_atomic(media, b"")
