"""Clocks for the stand-in that a test controls, so that no test depends on the machine's speed."""

from collections.abc import Callable
from threading import Condition

from demo.clock import CHECK_S, Clock

PATIENCE_S = 600.0


class ManualClock(Clock):
    """A clock that stands still until `advance`."""

    def __init__(self) -> None:
        self._now_s = 0.0
        self._pauses: list[float] = []
        self._changed = Condition()

    def now(self) -> float:
        return self._now_s

    def pause(self, seconds: float, check: Callable[[], None]) -> None:
        end = self._now_s + seconds
        with self._changed:
            self._pauses.append(seconds)
            self._changed.notify_all()
            try:
                while self._now_s < end:
                    check()
                    self._changed.wait(CHECK_S)
            finally:
                self._pauses.remove(seconds)
                self._changed.notify_all()

    def wait_for_pause(self, seconds: float) -> None:
        """Return when the stand-in is in a pause of this length. Raises TimeoutError if never."""
        with self._changed:
            if not self._changed.wait_for(lambda: seconds in self._pauses, PATIENCE_S):
                raise TimeoutError(f"no pause of {seconds} s; there are {self._pauses}")

    def advance(self, seconds: float) -> None:
        """Let time pass: pauses that are over by then end."""
        with self._changed:
            self._now_s += seconds
            self._changed.notify_all()


class JumpingClock(Clock):
    """A clock that jumps ahead at each pause, so that no pause takes any time."""

    def __init__(self) -> None:
        self._now_s = 0.0

    def now(self) -> float:
        return self._now_s

    def pause(self, seconds: float, check: Callable[[], None]) -> None:
        check()
        self._now_s += max(0.0, seconds)
