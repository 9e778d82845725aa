"""Run downloads in their own processes, and make `strace` interfere with their system calls.

For example, the n-th rename fails, or kills the process.
"""

import ctypes
import multiprocessing
import os
import subprocess
import sys
import time
from functools import cache
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest

from scripts.download.downloader import Downloader
from scripts.errors import StorageError
from scripts.plan.downloads import Download

FORKSERVER = multiprocessing.get_context("forkserver")

PR_SET_PTRACER = 0x59616D61
ATTACH_S = 120

# Names of the same call on different architectures.
CALLS = {
    "openat": "openat",
    "mkdir": "?mkdir,?mkdirat",
    "write": "write",
    "fchmod": "fchmod",
    "fsync": "fsync",
    "rename": "?rename,?renameat,?renameat2",
    "unlink": "?unlink,?unlinkat",
}


class Traced(NamedTuple):
    """The end of a download: the signal or 0, a StorageError's message or "", strace's output."""

    killed_by: int
    problem: str
    trace: list[str]


def fetch_traced(
    folder: Path, settings: dict[str, Any], download: Download, call: str = "", strike: str = ""
) -> Traced:
    """Run `Downloader.fetch` in `folder`, and interfere with its system calls `call`.

    strike: as in `strace -e inject=CALL:STRIKE`, e.g. "signal=KILL:when=2", "error=EIO:when=1+".
    Only calls of the downloading thread count.
    """
    _load_modules_once()
    ready, told = FORKSERVER.Pipe()
    problem = FORKSERVER.Array("c", 2000)
    process = FORKSERVER.Process(target=_fetch, args=(told, problem, folder, settings, download))
    process.start()
    told.close()  # so that the end of the process is the end of the pipe
    ready.recv()
    output = folder / "trace.txt"
    strace = _attach(process.pid, output, call, strike)
    ready.send("go")
    process.join()
    strace.wait()
    killed_by = -process.exitcode if process.exitcode < 0 else 0
    lines = output.read_text(errors="replace").splitlines()
    output.unlink()
    return Traced(killed_by, problem.value.decode(), lines)


@cache
def _load_modules_once() -> None:
    """Import the modules before forking, so that each process starts in 0.1 s, not in 1 s."""
    FORKSERVER.set_forkserver_preload([__name__])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()


def _attach(pid: int, output: Path, call: str, strike: str) -> subprocess.Popen[str]:
    """Attach `strace` to a process, and return once it is watching."""
    command = ["strace", "-f", "-y", "-o", output, "-p", str(pid)]
    command += ["-e", f"trace={','.join(CALLS.values())}", "-e", "signal=none"]
    if strike:
        command += ["-e", f"inject={CALLS[call]}:{strike}"]
    strace = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + ATTACH_S
    while "TracerPid:\t0\n" in Path(f"/proc/{pid}/status").read_text():
        if strace.poll() is not None or time.monotonic() > end:
            os.kill(pid, 9)
            pytest.skip(f"strace may not trace here: {strace.stderr.read()}")
        time.sleep(0.002)
    return strace


def _fetch(
    told: Connection, problem: Any, folder: Path, settings: dict[str, Any], download: Download
) -> None:
    """In the new process: wait for strace, then download. Nothing else may make traced calls."""
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)
    os.chdir(folder)
    downloader = Downloader(settings)
    id, kind = download.name, download.kind
    media = f"data/{kind}/{id}.mp4"

    def fetch() -> None:
        try:
            downloader.fetch(
                download, media, f"data/receipts/{kind}/{id}.json", f"logs/{kind}/{id}.log"
            )
        except StorageError as error:
            problem.value = str(error).encode()

    told.send("ready")
    told.recv()
    thread = Thread(target=fetch)
    thread.start()
    thread.join()
    os._exit(0)
