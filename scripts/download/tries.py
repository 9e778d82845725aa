"""Count the tries of one link within a run, choose the pauses, and write the final receipt."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from urllib3.util import Retry

from scripts.download.failures import Failure
from scripts.logs import append_to_log
from scripts.plan.downloads import Download
from scripts.store import receipts
from scripts.store.receipts import Receipt, link_hash
from scripts.version import SOFTWARE


class Tries:
    """The tries of one link. They continue the count of earlier runs that tried the same link.

    previous: the receipt of the last of these runs. settings: the `download` section.
    """

    def __init__(
        self, previous: Receipt | None, download: Download, settings: Mapping[str, Any], log: Path
    ) -> None:
        self._download = download
        self._settings = settings
        self._log = log
        self._link = link_hash(download.url or "")
        self._earlier_runs = 0
        if previous is not None and previous.outcome != receipts.OK and previous.link == self._link:
            self._earlier_runs = previous.attempts
        self._failures: Counter[str] = Counter()
        self._retry: Retry | None = None

    def pause_after(self, failure: Failure, time_left_s: float) -> float | None:
        """Return the seconds to wait before the next try; None if this run makes no further try."""
        self.write_log(f"{failure.outcome}: {failure.reason}")
        self._failures[failure.outcome] += 1
        if failure.outcome == receipts.TRANSIENT:
            tries = self._settings["tries"]
        elif failure.outcome in (receipts.GONE, receipts.CORRUPT):
            tries = 2  # confirmed once: a cache in front of the site may be wrong
        else:
            return None
        if self._failures[failure.outcome] >= tries:
            return None
        pause_s = self._backoff()
        if failure.retry_after_s is not None:
            pause_s = max(failure.retry_after_s, 0.0)
        return pause_s if pause_s < time_left_s else None

    def _backoff(self) -> float:
        """Return an exponential pause with jitter, so that many clients don't return at once."""
        backoff_s = self._settings["backoff_s"]
        self._retry = self._retry or Retry(
            total=None,  # `pause_after` counts
            backoff_factor=backoff_s,
            backoff_max=self._settings["backoff_max_s"],
            backoff_jitter=backoff_s,
        )
        self._retry = self._retry.increment(method="GET", url="")
        return self._retry.get_backoff_time()

    def receipt_of_failure(self, failure: Failure, reached_any: bool) -> Receipt:
        """Return the receipt of the last failure. Tries without a network do not count."""
        counts = failure.asked and (failure.reached or reached_any)
        wait_s = failure.retry_after_s if failure.outcome == receipts.LATER else None
        receipt = Receipt(
            self._download.name,
            self._download.kind,
            failure.outcome,
            failure.reason,
            http_status=failure.http_status,
            not_before=int(time.time() + wait_s) if wait_s else None,
        )
        return self.complete(receipt, counts=counts)

    def complete(self, receipt: Receipt, *, counts: bool = True) -> Receipt:
        """Return the receipt with the fields that all receipts of this link share."""
        return replace(
            receipt,
            attempts=self._earlier_runs + counts,
            time=int(time.time()),
            host=self._download.host,
            link=self._link,
            software=SOFTWARE,
        )

    def write_log(self, line: str) -> None:
        """Append a line to the log of the download."""
        append_to_log(self._log, f"{self._download.host} {line}")
