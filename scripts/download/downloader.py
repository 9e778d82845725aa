"""Download one file: fetch, verify, publish, and write down what happened.

Nothing here raises for what a server does: a failed download is data (an outcome in the receipt
and an empty placeholder), see `scripts.store.receipts`. Only a failing disk raises, `StorageError`.
"""

import hashlib
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import requests
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from scripts.download.client import (
    ConnectionGuard,
    ForbiddenAddressError,
    Watchdog,
    check_proxies,
    make_session,
    make_tls_context,
    parse_http_date,
)
from scripts.download.failures import Failure, check_status, failure_of_error
from scripts.download.hosts import Hosts
from scripts.download.mirror import Mirror
from scripts.errors import DamagedMediaError, MirrorError, UnavailableError
from scripts.files import (
    hash_file,
    publish,
    require_space,
    storage_errors,
    temporary_file,
    write_atomic,
)
from scripts.logs import append_to_log
from scripts.media.captions import verify_captions
from scripts.media.images import verify_image
from scripts.media.video import verify_video
from scripts.plan.downloads import LINK_EXPIRED, PENDING, Download
from scripts.rawinfo.links import DOWNLOADABLE, inspect_link
from scripts.store import receipts
from scripts.store.manifest import line_of
from scripts.store.media_kinds import KINDS
from scripts.store.receipts import Receipt, fingerprint, read_receipt, write_receipt

VERIFY: Mapping[str, Callable[[Path], dict[str, Any]]] = {
    "videos": verify_video,
    "coverphotos": verify_image,
    "photos": verify_image,
    "captions": verify_captions,
}
NETWORK_ERRORS = (
    ForbiddenAddressError,
    requests.RequestException,
    HTTPError,
    OSError,
    ValueError,  # some of what a garbled answer makes the standard library raise
)
CHUNK_BYTES = 1 << 16
# The lowest speed is judged once a body has had this time to get going.
SPEED_GRACE_S = 10


class Downloader:
    """Downloads for all threads of one run. `settings`: the `download` section of the config.

    What the mirror has is taken from there; with `restore_only`, nothing is asked of the site.
    asked_for: paths that somebody asked for, so that it is an error not to have them.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        mirror: Mirror | None = None,
        *,
        restore_only: bool = False,
        asked_for: Collection[str] = (),
    ) -> None:
        self._settings = settings
        self._asked_for = asked_for
        self._mirror = mirror
        self._restore_only = restore_only
        self._hosts = Hosts(settings["per_host"], settings["host_patience"])
        self._local = threading.local()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return make_tls_context(self._settings["ca_bundle"])

    def check_settings(self) -> None:
        """Raise ConfigError, before any job starts, for files of the settings that don't work."""
        check_proxies(self._settings["proxy"])
        self._connection()

    def fetch(self, download: Download, media: str, receipt: str, log: str) -> None:
        """Have the file at `media`, or else an empty placeholder, and its receipt.

        A good file that is there already is kept as it is, without a request.
        """
        media, receipt = Path(media), Path(receipt)
        if media.exists() and media.stat().st_size > 0:
            self._adopt(download, media, receipt)
        elif download.state == PENDING:
            previous = read_receipt(receipt) or download.kept
            result = self._restore_or_download(download, media, previous, Path(log))
            write_receipt(receipt, _with_first_download(result, previous))
            if result.outcome != receipts.OK and str(media) in self._asked_for:
                raise UnavailableError(f"{media} could not be had: {result.reason}.")
        else:
            # Never a target of its own accord: somebody asked for this file by its name.
            raise UnavailableError(f"{media} can't be downloaded: {download.reason}.")
        if not media.exists():
            write_atomic(media, b"")

    def _restore_or_download(
        self, download: Download, media: Path, previous: Receipt | None, log: Path
    ) -> Receipt:
        """From the mirror if it has the file, and from its link if that still lives."""
        if download.kept is None:
            return self._download(download, media, _Attempts(previous, download, log))
        try:
            line = line_of(KINDS[download.kind], download.name, download.kept)
            data = download.data_folder(media)
            self._mirror.fetch(line, data, self._settings["keep_free_mb"])
        except MirrorError as error:
            reason = str(error)
            append_to_log(log, reason)
        else:
            return download.kept
        link = inspect_link(download.url)
        if self._restore_only or link.kind != DOWNLOADABLE or self._time_left(download) <= 0:
            return Receipt(download.name, download.kind, receipts.LATER, reason)
        return self._download(download, media, _Attempts(previous, download, log))

    def adopt(self, download: Download, data: Path) -> None:
        """Check a file that came without its receipt, and write one.

        A damaged file leaves an empty placeholder: the run has counted on a file.
        """
        media = download.media(data)
        self._adopt(download, media, download.receipt(data))
        if not media.exists():
            write_atomic(media, b"")

    def _adopt(self, download: Download, media: Path, receipt: Path) -> None:
        """Write the receipt of a file that is there, unless it has its own."""
        previous = read_receipt(receipt)
        known = previous is not None and previous.outcome == receipts.OK
        if known and previous.size_bytes == media.stat().st_size:
            return
        result = self._verify(download, media)
        write_receipt(receipt, _with_first_download(result, previous))

    def _verify(self, download: Download, media: Path) -> Receipt:
        """The receipt of a file that came without one; a damaged file is set aside."""
        try:
            with storage_errors(media):
                facts = VERIFY[download.kind](media)
        except DamagedMediaError as error:
            data = download.data_folder(media)
            aside = data / "damaged" / media.relative_to(data)
            with storage_errors(aside):
                aside.parent.mkdir(parents=True, exist_ok=True)
                while aside.exists():
                    aside = aside.with_name(f"{aside.name}.older")
                media.rename(aside)
            return Receipt(
                download.name,
                download.kind,
                receipts.CORRUPT,
                f"{str(error).rstrip('.')}; the file is now {aside}",
                host=download.host,
                link=fingerprint(download.url or ""),
            )
        status = media.stat()
        return Receipt(
            download.name,
            download.kind,
            receipts.OK,
            "the file was already there",
            downloaded_at=int(status.st_mtime),
            size_bytes=status.st_size,
            sha256=hash_file(media),
            facts=facts,
        )

    def _download(self, download: Download, media: Path, attempts: "_Attempts") -> Receipt:
        """Try until it is there, or until another try within this run is pointless."""
        while True:
            try:
                receipt = self._attempt(download, media)
            except Failure as failure:
                pause_s = attempts.pause_after(failure, self._settings, self._time_left(download))
                if pause_s is None:
                    self._record_failure(download.host, failure)
                    return attempts.give_up(failure, self._hosts.reached_any)
                if failure.retry_after_s is None:
                    time.sleep(pause_s)
                else:
                    self._hosts.pause(download.host, pause_s)
            else:
                self._hosts.record_success(download.host)
                return attempts.succeed(receipt)

    def _record_failure(self, host: str, failure: Failure) -> None:
        if not failure.asked:
            return
        if failure.outcome == receipts.LATER:
            self._hosts.close(host, failure.retry_after_s)
        elif failure.outcome == receipts.TRANSIENT:
            self._hosts.record_failure(host)
        if failure.reached:
            self._hosts.record_answer()
        else:
            self._hosts.record_unreachable(host)

    def _refuse_hopeless(self, download: Download) -> None:
        """No request where the answer is known beforehand."""
        host = download.host
        if self._hosts.network_is_down():
            raise Failure(receipts.LATER, "the network is down", asked=False)
        if self._hosts.in_trouble(host):
            raise Failure(receipts.LATER, f"{host} failed too often in a row", asked=False)
        closed_s = self._hosts.closed_for(host)
        if closed_s > 0:
            raise Failure(
                receipts.LATER, f"{host} asked for a pause", asked=False, retry_after_s=closed_s
            )
        if self._time_left(download) <= 0:
            # Not for good: only a host's own clock says so.
            raise Failure(receipts.LATER, f"{LINK_EXPIRED}, says {host}", asked=False)

    def _time_left(self, download: Download) -> float:
        """Seconds until the link expires, by the host's clock."""
        if download.expires_at is None:
            return float("inf")
        return download.expires_at - self._hosts.time(download.host)

    def _attempt(self, download: Download, media: Path) -> Receipt:
        """One request, verified and published. Raises Failure, or StorageError."""
        with temporary_file(media) as file:
            # While one file is looked at, the host can send the next.
            with self._hosts.slot(download.host):
                self._refuse_hopeless(download)
                status, size_bytes, sha256 = self._transfer(download, file, media)
            with storage_errors(media):
                file.flush()
                try:
                    facts = VERIFY[download.kind](Path(file.name))
                except DamagedMediaError as error:
                    raise Failure(receipts.CORRUPT, str(error), http_status=status) from None
                publish(file, media)
        return Receipt(
            download.name,
            download.kind,
            receipts.OK,
            downloaded_at=int(time.time()),
            http_status=status,
            size_bytes=size_bytes,
            sha256=sha256,
            facts=facts,
        )

    def _transfer(self, download: Download, file: IO[bytes], media: Path) -> tuple[int, int, str]:
        """Fetch the body into `file`: status, size in bytes, SHA-256."""
        guard, session = self._connection()
        settings = self._settings
        with Watchdog(guard.shut_down) as watchdog:
            guard.open()
            try:
                watchdog.arm(settings["header_timeout_s"], "connecting and reading the headers")
                response = session.get(
                    download.url,
                    stream=True,
                    timeout=(settings["connect_timeout_s"], settings["read_timeout_s"]),
                    proxies=self._proxies(),
                )
                with response:
                    watchdog.arm(settings["deadline_s"], "the download")
                    self._hosts.record_answer()
                    if time_s := parse_http_date(response.headers.get("Date")):
                        self._hosts.record_clock(download.host, time_s)
                    time_left_s = self._time_left(download)
                    check_status(response, settings["longest_pause_s"], time_left_s)
                    size_bytes, sha256 = self._receive(response, file, media)
            except Failure as failure:
                raise failure.or_timeout(watchdog.expired) from None
            except NETWORK_ERRORS as error:
                raise failure_of_error(error).or_timeout(watchdog.expired) from None
            if watchdog.expired:
                # A socket that was shut down may look like the regular end of a body.
                raise Failure(receipts.TRANSIENT, watchdog.expired)
        return response.status_code, size_bytes, sha256

    def _receive(
        self, response: requests.Response, file: IO[bytes], media: Path
    ) -> tuple[int, str]:
        """Write the body to `file`; its size and SHA-256. Sizes count after any decoding."""
        settings = self._settings
        most = settings["max_size_mb"] * 1_000_000
        announced = response.raw.length_remaining or 0
        if announced > most:
            raise Failure(
                receipts.REJECTED, f"{announced:,} bytes are more than the limit, {most:,}"
            )
        require_space(media, announced, settings["keep_free_mb"] * 1_000_000)
        digest, size_bytes, start = hashlib.sha256(), 0, time.monotonic()
        while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
            with storage_errors(media):
                file.write(chunk)
            digest.update(chunk)
            size_bytes += len(chunk)
            if size_bytes > most:
                raise Failure(receipts.REJECTED, f"more than the limit of {most:,} bytes")
            elapsed = time.monotonic() - start
            if elapsed > SPEED_GRACE_S and size_bytes / elapsed < settings["lowest_speed_bytes_s"]:
                raise Failure(receipts.TRANSIENT, f"only {size_bytes / elapsed:.0f} bytes a second")
        if not size_bytes:
            raise Failure(receipts.TRANSIENT, "an empty answer")
        return size_bytes, digest.hexdigest()

    def _connection(self) -> tuple[ConnectionGuard, requests.Session]:
        """This thread's session; connections are kept between its downloads."""
        if not hasattr(self._local, "session"):
            self._local.guard = ConnectionGuard(self._settings["allow_private"])
            self._local.session = make_session(self._settings, self._tls, self._local.guard)
        return self._local.guard, self._local.session

    def _proxies(self) -> dict[str, str] | None:
        proxy = self._settings["proxy"]
        return {"http": proxy, "https": proxy} if proxy else None


class _Attempts:
    """The tries at one download within this run, with those of earlier runs of the same link."""

    def __init__(self, previous: Receipt | None, download: Download, log: Path) -> None:
        self._download = download
        self._log = log
        self._link = fingerprint(download.url)
        failed = previous is not None and previous.outcome != receipts.OK
        same_link = failed and previous.link == self._link
        self._earlier_runs = previous.attempts if same_link else 0
        self._failures = Counter()
        self._retry: Retry | None = None

    def pause_after(
        self, failure: Failure, settings: Mapping[str, Any], time_left_s: float
    ) -> float | None:
        """Seconds to wait before the next try; None when there shall be none in this run."""
        self._write_log(f"{failure.outcome}: {failure.reason}")
        self._failures[failure.outcome] += 1
        if failure.outcome == receipts.TRANSIENT:
            tries = settings["tries"]
        elif failure.outcome in (receipts.GONE, receipts.CORRUPT):
            tries = 2  # confirmed once: a cache in front of the site may be wrong
        else:
            return None
        if self._failures[failure.outcome] >= tries:
            return None
        pause_s = self._backoff(settings)
        if failure.retry_after_s is not None:
            pause_s = max(failure.retry_after_s, 0.0)
        return pause_s if pause_s < time_left_s else None

    def _backoff(self, settings: Mapping[str, Any]) -> float:
        """Exponential, with jitter, so that a crowd of clients doesn't come back at once."""
        self._retry = self._retry or Retry(
            total=None,  # `pause_after` counts
            backoff_factor=settings["backoff_s"],
            backoff_max=settings["backoff_max_s"],
            backoff_jitter=settings["backoff_s"],
        )
        self._retry = self._retry.increment(method="GET", url="")
        return self._retry.get_backoff_time()

    def give_up(self, failure: Failure, reached_any: bool) -> Receipt:
        """The receipt of a failure. A try that had no network at all isn't counted."""
        counts = failure.asked and (failure.reached or reached_any)
        wait_s = failure.retry_after_s if failure.outcome == receipts.LATER else None
        return self._complete(
            Receipt(
                self._download.name,
                self._download.kind,
                failure.outcome,
                failure.reason,
                http_status=failure.http_status,
                not_before=int(time.time() + wait_s) if wait_s else None,
            ),
            counts,
        )

    def succeed(self, receipt: Receipt) -> Receipt:
        self._write_log(f"ok: {receipt.size_bytes:,} bytes")
        return self._complete(receipt, True)

    def _complete(self, receipt: Receipt, counts: bool) -> Receipt:
        return replace(
            receipt,
            attempts=self._earlier_runs + counts,
            time=int(time.time()),
            host=self._download.host,
            link=self._link,
        )

    def _write_log(self, line: str) -> None:
        append_to_log(self._log, f"{self._download.host} {line}")


def _with_first_download(receipt: Receipt, previous: Receipt | None) -> Receipt:
    """Remember what was downloaded once: the same bytes again keep the time of the first."""
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
