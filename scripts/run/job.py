"""Run each job with a log, and end the run if the disk fails."""

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
# Errors that a sentence explains, to be printed at the end of the run: Snakemake prints them, too,
# but within a traceback. (Errors of a failing disk aren't here: Snakemake writes to that disk, too,
# and may never reach the end.)
error_messages: list[str] = []


def run_job(log: Path | str, function: Callable[..., None], *arguments: Any) -> None:
    """Call `function`; write to `log` how long it took, or why it failed.

    A failing disk ends the run, because every other job would fail as well. On SIGTERM, Snakemake
    lets running jobs finish and starts no others.
    """
    start = time.monotonic()
    try:
        function(*arguments)
    except StorageError as error:
        # Jobs that run at the same time fail for the same reason.
        message = "The disk failed: see the first error." if _stopping.is_set() else str(error)
        _stopping.set()
        os.kill(os.getpid(), signal.SIGTERM)
        raise StorageError(message) from None
    except CorpusError as error:
        error_messages.append(str(error))
        append_to_log(log, str(error))
        raise
    except Exception:
        append_to_log(log, traceback.format_exc())
        raise
    append_to_log(log, f"finished in {time.monotonic() - start:.3f} s")


def handle_stop_in_thread() -> None:
    """Have Snakemake finish the running jobs on SIGTERM, and on the first Ctrl-C (SIGINT).

    Python calls handlers in the main thread. Snakemake's handler of SIGTERM waits for a lock, and
    if the main thread already holds it, waits forever. So the handler runs in its own thread.
    Snakemake has no handler of SIGINT, and its logger drops a KeyboardInterrupt that comes while
    it writes a line. A second Ctrl-C raises KeyboardInterrupt, which cancels jobs on a cluster.
    """
    handler = signal.getsignal(signal.SIGTERM)
    if not callable(handler):
        return  # Snakemake has set no handler

    def handle(number: int, *arguments: Any) -> None:
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        Thread(target=handler, args=(number, *arguments)).start()

    signal.signal(signal.SIGTERM, handle)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not in the background
        signal.signal(signal.SIGINT, handle)
