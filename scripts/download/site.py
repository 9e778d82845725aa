"""Download a file from its links to the site: try, verify, try the next link, publish."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from scripts.download.damaged import DamagedFiles
from scripts.download.failures import Failure
from scripts.download.hosts import Hosts
from scripts.download.publication import publish_with_receipt, with_first_download
from scripts.download.transfer import Transfer
from scripts.download.tries import Tries
from scripts.errors import DamagedMediaError
from scripts.files import storage_errors, temporary_file
from scripts.media.verification import verify_media
from scripts.plan.downloads import LINK_EXPIRED, Download
from scripts.rawinfo.links import inspect_link
from scripts.store import receipts
from scripts.store.receipts import Receipt

# Further links to a video lead to the same files as the first ones.
MOST_LINKS = 4


class Site:
    """Downloads files for all threads of one run. settings: the `download` section."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._hosts = Hosts(settings["per_host"], settings["host_patience"])
        self._damaged = DamagedFiles(settings["keep_damaged_mb"])
        self.transfer = Transfer(settings, self._hosts)

    @property
    def is_unreachable(self) -> bool:
        """True if this run tried to reach hosts, and reached none."""
        return self._hosts.all_unreachable

    def download(
        self,
        download: Download,
        media: Path,
        receipt_path: Path,
        previous: Receipt | None,
        log: Path,
    ) -> Receipt:
        """Publish the file with its receipt, or return the receipt of a failure, unwritten.

        If the first link fails, or leads to a video without sound, the other links are tried: they
        should lead to the same video. Raises StorageError.
        """
        failed: Receipt | None = None
        best: tuple[Path, Receipt] | None = None
        with ExitStack() as fetched:
            for number, link in enumerate(_links(download)):
                # Receipts count only the failures of the first link.
                tries = Tries(None if number else previous, link, self._settings, log)
                result = self._try_link(link, media, tries, fetched)
                if isinstance(result, Receipt):
                    failed = failed or result
                    if result.outcome == receipts.LATER:
                        break
                    continue
                has_sound = result[1].facts.get("has_audio") is not False
                if best is None or has_sound:
                    best = result
                if has_sound:
                    break
                tries.write_log("the video has no sound")
            if best is not None:
                file, receipt = best
                receipt = with_first_download(receipt, previous)
                publish_with_receipt(file, media, receipt_path, receipt)
                return receipt
        if failed is None:
            raise ValueError("a download has at least one link")
        return with_first_download(failed, previous)

    def _try_link(
        self, download: Download, media: Path, tries: Tries, fetched: ExitStack
    ) -> tuple[Path, Receipt] | Receipt:
        """Try until the file is there, or until another try within this run is pointless.

        Returns the file, which lives until `fetched` is closed, and its receipt; or the receipt of
        the failure.
        """
        host = download.host or ""
        while True:
            try:
                file, receipt = self._attempt(download, media, tries, fetched)
            except Failure as failure:
                pause_s = tries.pause_after(failure, self.transfer.time_left(download))
                if pause_s is None:
                    self._record_failure(host, failure)
                    return tries.receipt_of_failure(failure, self._hosts.reached_any)
                if failure.retry_after_s is None:
                    time.sleep(pause_s)
                else:
                    self._hosts.pause(host, pause_s)
            else:
                self._hosts.record_success(host)
                tries.write_log(f"ok: {receipt.size_bytes:,} bytes")
                return file, receipt

    def _attempt(
        self, download: Download, media: Path, tries: Tries, fetched: ExitStack
    ) -> tuple[Path, Receipt]:
        """One request, verified. Raises Failure, or StorageError."""
        with ExitStack() as own:
            file = own.enter_context(temporary_file(media))
            # Only the request needs a slot: the host can send the next file during verification.
            with self._hosts.slot(download.host or ""):
                self._refuse_hopeless(download)
                body = self.transfer.receive(download, file, media)
            path = Path(file.name)
            receipt = tries.complete(
                Receipt(
                    download.name,
                    download.kind,
                    receipts.OK,
                    downloaded_at=int(time.time()),
                    http_status=body.http_status,
                    size_bytes=body.size_bytes,
                    sha256=body.sha256,
                )
            )
            try:
                with storage_errors(media):
                    file.flush()
                    facts = verify_media(download.kind, path)
            except DamagedMediaError as error:
                damaged = replace(receipt, outcome=receipts.CORRUPT, reason=str(error))
                if not self._damaged.keep(path, download.data_folder(media), damaged):
                    tries.write_log("the damaged file is not kept: see download.keep_damaged_mb")
                raise Failure(receipts.CORRUPT, str(error), http_status=body.http_status) from None
            fetched.enter_context(own.pop_all())
            return path, replace(receipt, facts=facts)

    def _refuse_hopeless(self, download: Download) -> None:
        """Raise Failure without a request if the request could not succeed."""
        host = download.host or ""
        if self._hosts.network_is_down():
            raise Failure(receipts.LATER, "the network is down", asked=False)
        if self._hosts.in_trouble(host):
            raise Failure(receipts.LATER, f"{host} failed too often in a row", asked=False)
        closed_s = self._hosts.closed_for(host)
        if closed_s > 0:
            raise Failure(
                receipts.LATER, f"{host} asked for a pause", asked=False, retry_after_s=closed_s
            )
        if self.transfer.time_left(download) <= 0:
            # This is not final, because only the host's clock says so.
            raise Failure(receipts.LATER, f"{LINK_EXPIRED} by the clock of {host}", asked=False)

    def _record_failure(self, host: str, failure: Failure) -> None:
        if not failure.asked:
            return
        if failure.outcome == receipts.LATER:
            self._hosts.close(host, failure.retry_after_s or 0.0)
        elif failure.outcome == receipts.TRANSIENT:
            self._hosts.record_failure(host)
        if failure.reached:
            self._hosts.record_answer()
        else:
            self._hosts.record_unreachable(host)


def _links(download: Download) -> list[Download]:
    """Return one download for each of its links, the preferred one first."""
    links = [download]
    for url in download.other_urls[: MOST_LINKS - 1]:
        link = inspect_link(url)
        links.append(replace(download, url=url, host=link.host, expires_at=link.expires_at))
    return links
