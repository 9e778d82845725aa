"""Show a live bar for each stage of a run, instead of eight lines for each of thousands of jobs.

This is a handler of the standard `logging`. It reads the events that Snakemake logs for its logger
plugins (`snakemake_interface_logger_plugins`). It is not such a plugin itself: Snakemake looks for
plugins among the installed packages before it reads the Snakefile, and this project runs from its
folder without being installed. Snakemake's log file still gets every message.
"""

import logging
import re
import sys
import time
from typing import TYPE_CHECKING, Any

from rich.console import Console

from scripts.run.job import error_messages

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# Without a terminal (in a log file or a batch job), a line now and then replaces the bars.
LINE_INTERVAL_S = 10


class RunProgress(logging.Handler):
    """Counts the jobs of a run, stage by stage; shows bars between `start` and `stop`."""

    def __init__(self, logger: logging.Logger) -> None:
        super().__init__(logging.INFO)
        self._logger = logger
        self._totals: dict[str, int] = {}
        self._stages_of_jobs: dict[int, str] = {}
        self._tasks: dict[str, TaskID] = {}
        self._next_line = 0.0
        self._console = Console(file=sys.stderr)
        self._bars: Progress | None = None
        logger.addHandler(self)

    def start(self) -> None:
        """Show bars in place of the lines on the screen, unless another display was chosen."""
        # On a full disk, Snakemake's log file can't be written: no traceback for each line.
        logging.raiseExceptions = False
        streams = [h for h in self._logger.handlers if h.name == "DefaultStreamHandler"]
        if not streams:
            return
        for stream in streams:
            self.setFormatter(stream.formatter)
            self._logger.removeHandler(stream)
        self._bars = _make_bars(self._console)
        for stage, jobs in self._totals.items():
            if stage not in ("all", "total"):
                self._tasks[stage] = self._bars.add_task(stage, total=jobs)
        self._bars.start()

    def stop(self) -> None:
        """Remove the bars."""
        if self._bars is not None:
            self._bars.stop()

    def emit(self, record: Any) -> None:
        event = str(getattr(record, "event", ""))
        if event == "run_info":
            self._totals.clear()
            for rule, jobs in record.stats.items():
                self._totals[_stage(rule)] = self._totals.get(_stage(rule), 0) + jobs
        elif event == "job_info":
            self._stages_of_jobs[record.jobid] = _stage(record.rule_name)
        elif event == "job_finished":
            task = self._tasks.get(self._stages_of_jobs.pop(record.job_id, ""))
            if self._bars is not None and task is not None:
                self._bars.advance(task)
                self._print_line(self._bars)
        elif event == "job_error" and self._tasks:
            # Snakemake's own message lists every input: for a merge, tens of thousands.
            logs = ", ".join(record.log or ())
            self._say(f"Rule {record.rule_name} failed: see {logs}")
        elif record.levelno >= logging.ERROR and self._tasks:
            text = self.format(record)
            if not any(message in text for message in error_messages):
                self._say(text)

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _print_line(self, bars: "Progress") -> None:
        now = time.monotonic()
        if self._console.is_terminal or now < self._next_line:
            return
        self._next_line = now + LINE_INTERVAL_S
        counts = (f"{t.description} {t.completed:.0f}/{t.total:.0f}" for t in bars.tasks)
        self._console.print(", ".join(counts), highlight=False)


def _make_bars(console: Console) -> "Progress":
    # Imported here: it takes a while to load, and often there is nothing to run.
    from rich import progress

    return progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
        progress.TimeRemainingColumn(),
        console=console,
    )


def _stage(rule: str) -> str:
    """The stage of a rule: its name without the number of a chunk (`scripts.plan.chunks`)."""
    return re.sub(r"_[0-9]+$", "", rule)
