"""Snakemake in a fork of a process that has imported what it needs.

It does what `python -m snakemake` does. A run of a few TikToks spends most of its time on imports
and models, and the tests make hundreds of runs. So these are loaded once.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import site
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, Self

PROJECT = Path(__file__).parents[2]
# The modules that take longest to import.
IMPORTS = (
    *("snakemake.cli", "snakemake.report.html_reporter", "smart_open", "pandas", "numpy", "av"),
    *("requests", "pydantic", "jsonschema", "langcodes", "babel.dates", "fsspec", "paramiko"),
    *("filelock", "rich.live", "rich.progress", "rich.table", "PIL.Image", "pytesseract"),
    *("rapidocr.main", "matplotlib.figure", "matplotlib.backends.backend_svg"),
)
# Few runs need these, and scipy takes two seconds.
OTHER_PACKAGES = ("scripts.experiments", "scripts.viewer", "scripts.tables.writing")


class Run:
    """A run of Snakemake, in a process group of its own. Has some methods of `Popen`."""

    def __init__(self, runs: "PreloadedSnakemake", pid: int, output: Path) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._runs = runs
        self._output = output
        self._ended = os.pidfd_open(pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Kill whatever is left."""
        if self.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.wait()
        self._output.unlink()

    def poll(self) -> int | None:
        """Return the exit code, or None if the run goes on."""
        try:
            return self.wait(timeout=0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code. Raises TimeoutExpired after `timeout` seconds."""
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("snakemake", timeout or 0)
            os.close(self._ended)
            self.returncode = self._runs.ask({"exit_code_of": self.pid})
        return self.returncode

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Return when a condition holds. Fails if the run ends first."""
        while not condition():
            assert self.poll() is None, self._output.read_text()
            time.sleep(0.02)

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """Wait for the end, and return all output."""
        self.wait(timeout)
        return self._output.read_text(), None

    def send_signal(self, number: signal.Signals) -> None:
        signal.pidfd_send_signal(self._ended, number)


class PreloadedSnakemake:
    """The process that is forked for each run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = start()

    def start(
        self, arguments: list[str], environment: dict[str, str], folder: Path = PROJECT
    ) -> Run:
        """Start a run in `folder`. Use it as a context, which ends it."""
        descriptor, output = tempfile.mkstemp(prefix="run-")
        os.close(descriptor)
        request = {"arguments": arguments, "environment": environment, "output": output}
        request["folder"] = str(folder)
        return Run(self, self.ask(request), Path(output))

    def run(
        self,
        arguments: list[str],
        environment: dict[str, str],
        timeout_s: float,
        folder: Path = PROJECT,
    ) -> tuple[int, str]:
        """Return the exit code and all output. Raises TimeoutExpired."""
        with self.start(arguments, environment, folder) as run:
            output, _ = run.communicate(timeout_s)
            return run.wait(), output

    def ask(self, request: dict[str, Any]) -> int:
        """Return the answer to a request: see `serve`."""
        with self._lock:
            if self._process.poll() is not None:  # killed: one test fails for it, not all
                self._process = start()
            print(json.dumps(request), file=self._process.stdin, flush=True)
            return int(self._process.stdout.readline())


def start() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@cache
def preloaded_snakemake() -> PreloadedSnakemake:
    return PreloadedSnakemake()


def serve() -> None:
    """Answer each request: with the process id of a new run, or the exit code of one that ended."""
    preload()
    for line in sys.stdin:
        request = json.loads(line)
        if "exit_code_of" in request:
            _, status = os.waitpid(request["exit_code_of"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
        elif pid := os.fork():
            print(pid, flush=True)
        else:
            end(run_here(**request))


def preload() -> None:
    """Do what every run does: import modules, find Snakemake's plugins, load fonts and models."""
    sys.path.insert(0, str(PROJECT))
    own = pkgutil.walk_packages([str(PROJECT / "scripts")], "scripts.")
    for name in (
        *IMPORTS,
        *(
            module.name
            for module in own
            if not module.name.startswith(OTHER_PACKAGES) and not module.name.endswith("__main__")
        ),
    ):
        importlib.import_module(name)
    sys.path.remove(str(PROJECT))
    importlib.import_module("snakemake.cli").get_argument_parser()
    draw_and_read()
    gc.collect()
    gc.freeze()  # a fork would copy all of it, only to look for garbage


def draw_and_read() -> None:
    import numpy as np

    from scripts.ocr import rapidocr_engine
    from scripts.report import drawing

    figure = drawing.Figure()
    figure.suptitle("bold", fontweight="bold")
    figure.subplots().set_title("and plain")
    drawing.svg(figure)
    rapidocr_engine.find_boxes(np.zeros((32, 32, 3), "uint8"))


def run_here(arguments: list[str], environment: dict[str, str], output: str, folder: str) -> int:
    os.setsid()
    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background program ignores it
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream in (1, 2):
        os.dup2(os.open(output, os.O_WRONLY | os.O_APPEND), stream)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["snakemake", *arguments]
    sys.path[:1] = [folder, *filter(None, environment.get("PYTHONPATH", "").split(":"))]
    try:
        site.execsitecustomize()
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
