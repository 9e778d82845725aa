"""Make one request, and write the body of its answer to a file, within limits of time and size."""

import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import IO, Any, NamedTuple

import requests
from urllib3.exceptions import HTTPError

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
from scripts.files import require_space, write_and_hash
from scripts.plan.downloads import Download
from scripts.store import receipts

NETWORK_ERRORS = (
    ForbiddenAddressError,
    requests.RequestException,
    HTTPError,
    OSError,
    ValueError,  # the standard library raises it for some garbled answers
)
CHUNK_BYTES = 1 << 16
# The lowest speed applies only after this time.
SPEED_GRACE_S = 10


class Body(NamedTuple):
    """The status of an answer, and the size and SHA-256 of its body."""

    http_status: int
    size_bytes: int
    sha256: str


class Transfer:
    """Makes the requests of all threads. Each thread has its own session, which keeps connections.

    settings: the `download` section of the configuration.
    """

    def __init__(self, settings: Mapping[str, Any], hosts: Hosts) -> None:
        self._settings = settings
        self._hosts = hosts
        self._local = threading.local()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return make_tls_context(self._settings["ca_bundle"])

    def check_settings(self) -> None:
        """Raise ConfigError for proxies, certificates and cookies that can't be used."""
        check_proxies(self._settings["proxy"])
        self.connection()

    def connection(self) -> tuple[ConnectionGuard, requests.Session]:
        """Return this thread's session, and the guard of its connections. Raises ConfigError."""
        if not hasattr(self._local, "session"):
            self._local.guard = ConnectionGuard(self._settings["allow_private"])
            self._local.session = make_session(self._settings, self._tls, self._local.guard)
        return self._local.guard, self._local.session

    def time_left(self, download: Download) -> float:
        """Return the seconds until the link expires, by the host's clock."""
        if download.expires_at is None:
            return float("inf")
        return download.expires_at - self._hosts.time(download.host or "")

    def receive(self, download: Download, file: IO[bytes], media: Path) -> Body:
        """Request the link, and write the body to `file`, which will become `media`.

        Raises Failure for whatever goes wrong on the network or the server, and StorageError.
        """
        guard, session = self.connection()
        settings = self._settings
        with Watchdog(guard.shut_down) as watchdog:
            guard.open()
            try:
                watchdog.arm(settings["header_timeout_s"], "connecting and reading the headers")
                response = session.get(
                    download.url or "",
                    stream=True,
                    timeout=(settings["connect_timeout_s"], settings["read_timeout_s"]),
                    proxies=self._proxies(),
                )
                with response:
                    watchdog.arm(settings["deadline_s"], "the download")
                    self._note_answer(download, response)
                    check_status(response, settings["longest_pause_s"], self.time_left(download))
                    sha256 = write_and_hash(self._body(response, media), file, media)
            except Failure as failure:
                raise failure.or_timeout(watchdog.expired) from None
            except NETWORK_ERRORS as error:
                raise failure_of_error(error).or_timeout(watchdog.expired) from None
            if watchdog.expired:
                # When the watchdog shuts a socket down, it may look like the end of the body.
                raise Failure(receipts.TRANSIENT, watchdog.expired)
        return Body(response.status_code, file.tell(), sha256)

    def _note_answer(self, download: Download, response: requests.Response) -> None:
        self._hosts.record_answer()
        if time_s := parse_http_date(response.headers.get("Date")):
            self._hosts.record_clock(download.host or "", time_s)

    def _body(self, response: requests.Response, media: Path) -> Iterator[bytes]:
        """Yield the body in chunks. Limits apply to the decoded size."""
        most_mb = self._settings["max_size_mb"]
        most = most_mb * 1_000_000
        too_large = Failure(receipts.REJECTED, f"the file is larger than {most_mb:,} MB")
        lowest_speed = self._settings["lowest_speed_bytes_s"]
        announced = response.raw.length_remaining or 0
        if announced > most:
            raise too_large
        require_space(media, announced, self._settings["keep_free_mb"] * 1_000_000)
        size_bytes, start = 0, time.monotonic()
        while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
            size_bytes += len(chunk)
            if size_bytes > most:
                raise too_large
            yield chunk
            elapsed = time.monotonic() - start
            if elapsed > SPEED_GRACE_S and size_bytes / elapsed < lowest_speed:
                reason = f"slower than {lowest_speed:,} bytes a second"
                raise Failure(receipts.TRANSIENT, reason)
        if not size_bytes:
            raise Failure(receipts.TRANSIENT, "an empty answer")

    def _proxies(self) -> dict[str, str] | None:
        proxy = self._settings["proxy"]
        return {"http": proxy, "https": proxy} if proxy else None
