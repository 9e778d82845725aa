"""Limit the requests to each host: how many at once, when to ask again, and when to stop.

All threads of a run share one object. Waiting times are on the monotonic clock (seconds).
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

CLOCK_TOLERANCE_S = 60


class Hosts:
    """The limits and the health of all hosts.

    per_host: how many requests may run at the same time. patience: after this many failed downloads
    in a row, the run sends no more requests to the host, or to any host if the network is down.
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
        # How far each host's clock is ahead of this machine's.
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
        """Make every thread pause, because the host asked for it."""
        with self._lock:
            until = time.monotonic() + seconds
            self._paused_until[host] = max(self._paused_until.get(host, 0.0), until)

    def close(self, host: str, seconds: float) -> None:
        """Send no more requests, because the host asked for a longer pause than a run waits."""
        with self._lock:
            self._closed_until[host] = time.monotonic() + seconds

    def closed_for(self, host: str) -> float:
        """Return for how many seconds no request may go to the host; zero or less if it may."""
        return self._closed_until.get(host, 0.0) - time.monotonic()

    def record_clock(self, host: str, time_s: float) -> None:
        """Note the host's time (unix seconds). Small differences come from the network's delay."""
        offset_s = time_s - time.time()
        with self._lock:
            self._clock_offset_s[host] = offset_s if abs(offset_s) > CLOCK_TOLERANCE_S else 0.0

    def time(self, host: str) -> float:
        """Return the unix seconds by the host's clock, or by ours if it is not known."""
        return time.time() + self._clock_offset_s.get(host, 0.0)

    def record_answer(self) -> None:
        """Note that a host answered, whatever it said."""
        with self._lock:
            self.reached_any = True
            self._unreachable_in_a_row.clear()

    def record_unreachable(self, host: str) -> None:
        """Note that a host could not be reached."""
        with self._lock:
            self._unreachable_in_a_row.append(host)

    def record_success(self, host: str) -> None:
        """Note that a download from the host succeeded."""
        with self._lock:
            self._failures_in_a_row[host] = 0

    def record_failure(self, host: str) -> None:
        """Note that a download failed after all its tries in this run."""
        with self._lock:
            self._failures_in_a_row[host] = self._failures_in_a_row.get(host, 0) + 1

    def in_trouble(self, host: str) -> bool:
        """True if the host failed so often in a row that the run stops asking it."""
        return self._failures_in_a_row.get(host, 0) >= self._patience

    @property
    def all_unreachable(self) -> bool:
        """True if the run tried to reach hosts, and reached none."""
        with self._lock:
            return bool(self._unreachable_in_a_row) and not self.reached_any

    def network_is_down(self) -> bool:
        """True if several hosts in a row could not be reached, or if none was ever reached."""
        with self._lock:
            several = len(set(self._unreachable_in_a_row)) > 1 or not self.reached_any
            return several and len(self._unreachable_in_a_row) >= self._patience
