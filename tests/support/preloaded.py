"""Snakemake in a fork of a process that has imported what it needs.

It does what `python -m snakemake` does. A run of a few TikToks spends two thirds of its time on
imports, and the tests make hundreds of runs. So the imports happen once.
"""

import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path

# The modules that take longest to import. Each run imports the project's own modules itself.
IMPORTS = (
    *("snakemake.cli", "snakemake.report", "pandas", "numpy", "av", "requests", "pydantic"),
    *("jsonschema", "langcodes", "fsspec", "filelock", "rich.progress", "rich.table"),
    *("PIL.Image", "pytesseract", "matplotlib.figure", "matplotlib.backends.backend_svg"),
)


class PreloadedSnakemake:
    """The process that is forked for each run. It does one run at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = start()

    def run(
        self, arguments: list[str], environment: dict[str, str], timeout_s: float
    ) -> tuple[int, str]:
        """Return the exit code and all output. Kill a run that takes longer than `timeout_s`."""
        with self._lock, tempfile.NamedTemporaryFile() as output:
            if self._process.poll() is not None:  # killed: one test fails for it, not all
                self._process = start()
            request = {"arguments": arguments, "environment": environment, "output": output.name}
            print(json.dumps(request), file=self._process.stdin, flush=True)
            pid = int(self._process.stdout.readline())
            timer = threading.Timer(timeout_s, os.kill, (pid, 9))
            timer.start()
            exit_code = int(self._process.stdout.readline())
            timer.cancel()
            return exit_code, Path(output.name).read_text()


def start() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@cache
def preloaded_snakemake() -> PreloadedSnakemake:
    return PreloadedSnakemake()


def serve() -> None:
    """Answer each request with a process id, and with the exit code once that process ends."""
    for name in IMPORTS:
        importlib.import_module(name)
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            run_here(**json.loads(line))
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def run_here(arguments: list[str], environment: dict[str, str], output: str) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream in (1, 2):
        os.dup2(os.open(output, os.O_WRONLY | os.O_APPEND), stream)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["snakemake", *arguments]
    sys.path[0] = str(Path.cwd())
    runpy.run_module("snakemake", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    serve()
