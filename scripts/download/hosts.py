"""What this run knows of each host: how many requests at once, when to ask again, when to stop.

One object for all threads of a run. Waiting times are on the monotonic clock (seconds).
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

CLOCK_TOLERANCE_S = 60


class Hosts:
    """Limits and health of all hosts.

    `per_host`: requests at once. `patience`: failed downloads in a row after which a host, or the
    network as a whole, is left alone for the rest of the run.
    """

    def __init__(self, per_host: int, patience: int) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._slots: dict[str, threading.BoundedSemaphore] = defaultdict(
            lambda: threading.BoundedSemaphore(per_host)
        )
        self._paused_until: dict[str, float] = {}
        self._closed_until: dict[str, float] = {}
        self._failures_in_a_row: dict[str, int] = {}
        self._unreachable_in_a_row: list[str] = []
        # How far ahead of this machine's clock each host's is.
        self._clock_offset_s: dict[str, float] = {}
        self.reached_any = False

    @contextmanager
    def slot(self, host: str) -> Iterator[None]:
        """Wait for one of the host's slots, and for the end of a pause that it asked for."""
        with self._lock:
            slots = self._slots[host]
        with slots:
            pause_s = self._paused_until.get(host, 0.0) - time.monotonic()
            if pause_s > 0:
                time.sleep(pause_s)
            yield

    def pause(self, host: str, seconds: float) -> None:
        """The host wants a pause: it holds for every thread."""
        with self._lock:
            until = time.monotonic() + seconds
            self._paused_until[host] = max(self._paused_until.get(host, 0.0), until)

    def close(self, host: str, seconds: float) -> None:
        """The host wants a pause longer than a run should wait."""
        with self._lock:
            self._closed_until[host] = time.monotonic() + seconds

    def closed_for(self, host: str) -> float:
        """Seconds for which the host is not to be asked; zero or less when it may be."""
        return self._closed_until.get(host, 0.0) - time.monotonic()

    def record_clock(self, host: str, time_s: float) -> None:
        """What the host says the time is (unix seconds). Small differences are those of travel."""
        offset_s = time_s - time.time()
        with self._lock:
            self._clock_offset_s[host] = offset_s if abs(offset_s) > CLOCK_TOLERANCE_S else 0.0

    def time(self, host: str) -> float:
        """Unix seconds by the host's clock, as far as it is known."""
        return time.time() + self._clock_offset_s.get(host, 0.0)

    def record_answer(self) -> None:
        """Some host was reached, whatever it said."""
        with self._lock:
            self.reached_any = True
            self._unreachable_in_a_row.clear()

    def record_unreachable(self, host: str) -> None:
        with self._lock:
            self._unreachable_in_a_row.append(host)

    def record_success(self, host: str) -> None:
        with self._lock:
            self._failures_in_a_row[host] = 0

    def record_failure(self, host: str) -> None:
        """A download failed for now, after all its tries in this run."""
        with self._lock:
            self._failures_in_a_row[host] = self._failures_in_a_row.get(host, 0) + 1

    def in_trouble(self, host: str) -> bool:
        """Whether the host failed so often in a row that asking it again is pointless now."""
        return self._failures_in_a_row.get(host, 0) >= self._patience

    @property
    def tried_in_vain(self) -> bool:
        """Whether hosts were tried, and none was reached."""
        with self._lock:
            return bool(self._unreachable_in_a_row) and not self.reached_any

    def network_is_down(self) -> bool:
        """Whether nothing can be reached: several failures in a row, and not of one host alone."""
        with self._lock:
            several = len(set(self._unreachable_in_a_row)) > 1 or not self.reached_any
            return several and len(self._unreachable_in_a_row) >= self._patience
