"""Snakemake in a fork of a process that has imported what it needs.

It does what `python -m snakemake` does. A run of a few TikToks spends most of its time on imports,
and the tests make hundreds of runs. So the imports happen once.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import subprocess
import sys
import tempfile
import threading
import traceback
from functools import cache
from pathlib import Path
from typing import NoReturn

PROJECT = Path(__file__).parents[2]
# The modules that take longest to import.
IMPORTS = (
    *("snakemake.cli", "snakemake.report.html_reporter", "smart_open", "pandas", "numpy", "av"),
    *("requests", "pydantic", "jsonschema", "langcodes", "babel.dates", "fsspec", "paramiko"),
    *("filelock", "rich.live", "rich.progress", "rich.table", "PIL.Image", "pytesseract"),
    *("rapidocr.main", "matplotlib.figure", "matplotlib.backends.backend_svg"),
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
    preload()
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            end(run_here(**json.loads(line)))
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def preload() -> None:
    """Do what every run begins with: import modules, and find Snakemake's plugins."""
    sys.path.insert(0, str(PROJECT))
    own = pkgutil.walk_packages([str(PROJECT / "scripts")], "scripts.")
    for name in (
        *IMPORTS,
        *(module.name for module in own if not module.name.endswith("__main__")),
    ):
        importlib.import_module(name)
    sys.path.remove(str(PROJECT))
    importlib.import_module("snakemake.cli").get_argument_parser()
    gc.collect()
    gc.freeze()  # a fork would copy all of it, only to look for garbage


def run_here(arguments: list[str], environment: dict[str, str], output: str) -> int:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream in (1, 2):
        os.dup2(os.open(output, os.O_WRONLY | os.O_APPEND), stream)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["snakemake", *arguments]
    sys.path[0] = str(Path.cwd())
    try:
        runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
    except SystemExit as reason:
        if isinstance(reason.code, str):
            print(reason.code, file=sys.stderr)
        return reason.code if isinstance(reason.code, int) else int(reason.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def end(exit_code: int) -> NoReturn:
    """End this process, but do not take three thousand modules apart: that takes half a second."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)


if __name__ == "__main__":
    serve()
