"""The clock that the stand-in waits by. Tests replace it by one that they control."""

import time
from collections.abc import Callable

CHECK_S = 0.1  # how often to check that the pause still has a reason


class Clock:
    """The machine's own clock, in seconds."""

    def now(self) -> float:
        return time.monotonic()

    def pause(self, seconds: float, check: Callable[[], None]) -> None:
        """Wait. `check` is called now and then, and may raise to end the pause early."""
        end = self.now() + seconds
        while (left := end - self.now()) > 0:
            check()
            time.sleep(min(left, CHECK_S))
