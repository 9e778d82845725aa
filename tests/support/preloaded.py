"""Snakemake in a fork of a process that has imported what it needs.

It does what `python -m snakemake` does. The imports are two thirds of what a run of a few TikToks
costs, and the tests make hundreds of runs: so they are paid once.
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

# What takes longest to import, but for the project's own modules: each run has its Snakefile's.
IMPORTS = (
    *("snakemake.cli", "snakemake.report", "pandas", "numpy", "av", "requests", "pydantic"),
    *("jsonschema", "langcodes", "fsspec", "filelock", "rich.progress", "rich.table"),
    *("PIL.Image", "pytesseract", "matplotlib.figure", "matplotlib.backends.backend_svg"),
)


class PreloadedSnakemake:
    """The process that is forked. It runs one after the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(
        self, arguments: list[str], environment: dict[str, str], timeout_s: float
    ) -> tuple[int, str]:
        """The exit code, and everything that is printed. A run that takes too long is killed."""
        with self._lock, tempfile.NamedTemporaryFile() as output:
            request = {"arguments": arguments, "environment": environment, "output": output.name}
            print(json.dumps(request), file=self._process.stdin, flush=True)
            pid = int(self._process.stdout.readline())
            timer = threading.Timer(timeout_s, os.kill, (pid, 9))
            timer.start()
            exit_code = int(self._process.stdout.readline())
            timer.cancel()
            return exit_code, Path(output.name).read_text()


@cache
def preloaded_snakemake() -> PreloadedSnakemake:
    return PreloadedSnakemake()


def serve() -> None:
    """Answer each request with the number of a process, and with its exit code when it has one."""
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
