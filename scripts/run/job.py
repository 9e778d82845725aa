"""Around every job: its log, and what happens when the disk fails."""

import os
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

from scripts.errors import CorpusError, StorageError
from scripts.logs import append_to_log

_stopping = Event()
# What went wrong and can be told in a sentence, for the end of the run: where Snakemake tells it,
# it is lost among the lines of code that it came through. (Not of a failing disk: Snakemake, which
# writes to it as well, may never come to the end.)
told: list[str] = []


def run_job(log: Path | str, function: Callable[..., None], *arguments: Any) -> None:
    """Call `function`; write to `log` how long it took, or why it failed.

    A failing disk ends the run: every other job would fail as well. Snakemake takes the signal as
    the wish to finish what is running and to start nothing else.
    """
    start = time.monotonic()
    try:
        function(*arguments)
    except StorageError as error:
        # Those that run beside the first one fail as well: all has been said.
        message = "The disk failed: see the first error." if _stopping.is_set() else str(error)
        _stopping.set()
        os.kill(os.getpid(), signal.SIGTERM)
        raise StorageError(message) from None
    except CorpusError as error:
        told.append(str(error))
        append_to_log(log, str(error))
        raise
    except Exception:
        append_to_log(log, traceback.format_exc())
        raise
    append_to_log(log, f"finished in {time.monotonic() - start:.3f} s")


def handle_stop_in_thread() -> None:
    """Have the present handler of SIGTERM, which is Snakemake's, called in a thread of its own.

    It waits for a lock that the main thread often holds; a signal is handled in the main thread,
    which then waits for itself, for ever.
    """
    handler = signal.getsignal(signal.SIGTERM)

    def handle(*arguments: Any) -> None:
        Thread(target=handler, args=arguments).start()

    signal.signal(signal.SIGTERM, handle)
