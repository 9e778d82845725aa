"""The time that passes while the stand-in waits. Tests replace it by one that they move."""

import time
from collections.abc import Callable

CHECK_S = 0.1  # between two looks whether the pause still has a reason


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
