"""Around every job: its log, and what happens when the disk fails."""

import os
import signal
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripts.errors import StorageError


def append_to_log(log: Path | str, line: str) -> None:
    """One line more in a job's log, with the time (UTC)."""
    log = Path(log)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {line}\n")


def run_job(log: Path | str, function: Callable[..., None], *arguments: Any) -> None:
    """Call `function`; write to `log` how long it took, or why it failed.

    A failing disk ends the run: every other job would fail as well. Snakemake takes the signal as
    the wish to finish what is running and to start nothing else.
    """
    start = time.monotonic()
    try:
        function(*arguments)
    except StorageError:
        os.kill(os.getpid(), signal.SIGTERM)
        raise
    except Exception:
        append_to_log(log, traceback.format_exc())
        raise
    append_to_log(log, f"finished in {time.monotonic() - start:.3f} s")
