"""The engine `pocketsphinx`: English only, with a model that is inside the package.

Works without any download and with little memory. Good for clearly read sentences, poor for the
rest. Each thread that recognises has a process of its own: see `pocketsphinx_worker`.
"""

import json
import re
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from scripts.errors import ConfigError
from scripts.model_files import hash_models
from scripts.speech.engine import Cue, Engine, EngineError
from scripts.speech.vad import Window

WORKER = Path(__file__).with_name("pocketsphinx_worker.py")
# The language model's weight: 6.5, the default, has 1.5 % more words wrong on the demo's voices.
PARAMETERS = {"lw": 5.0}
DEADLINE_S = 30  # and as long again for each second of sound; 0.2 s is usual
FULL_SCALE = 32767
CUE_PAUSE_S = 0.3
SILENCES = frozenset(("<s>", "</s>", "<sil>"))
NO_WORD = re.compile(r"<.*>|\[.*\]|\+\+.*\+\+")  # silence and noises
VARIANT = re.compile(r"\(\d+\)$")  # of pronunciation


class PocketsphinxEngine(Engine):
    def identity(self) -> str:
        if find_spec("pocketsphinx") is None:
            raise ConfigError(
                "speech.engine is pocketsphinx, which is not installed. "
                "Install it: pip install pocketsphinx."
            )
        if self.settings.language not in ("auto", "en"):
            raise ConfigError(
                f"pocketsphinx reads English only, and speech.language is "
                f"{self.settings.language}. Choose speech.engine: faster-whisper for it."
            )
        files = [path for path in _model_folder().rglob("*") if path.is_file()]
        return f"pocketsphinx {version('pocketsphinx')}, en-us {hash_models(files)}"

    def flags(self) -> dict[str, Any]:
        return {"language": "en", **PARAMETERS}

    def recognise(self, windows: Sequence[Window], language: str | None) -> tuple[list[Cue], str]:
        return [cue for window in windows for cue in self._recognise(window)], "en"

    def _recognise(self, window: Window) -> list[Cue]:
        sound = (np.clip(window.samples, -1, 1) * FULL_SCALE).astype("<i2").tobytes()
        try:
            words = self._worker.recognise(sound, window.end_s - window.start_s)
        except EngineError:
            # Once more in a new process: it may have been ended from outside.
            del self._worker
            words = self._worker.recognise(sound, window.end_s - window.start_s)
        return _cues(words, window.start_s)

    @cached_property
    def _worker(self) -> "Worker":
        return Worker()


class Worker:
    """A process with a decoder in it, which ends with this object."""

    def __init__(self) -> None:
        # By path: the environment could name another model than the one in the receipt.
        folder = _model_folder()
        model = {
            "hmm": str(folder / "en-us"),
            "lm": str(folder / "en-us.lm.bin"),
            "dict": str(folder / "cmudict-en-us.dict"),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-P", WORKER, json.dumps(model | PARAMETERS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        weakref.finalize(self, _end, self._process)

    @property
    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        return cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)

    def recognise(self, sound: bytes, duration_s: float) -> list[tuple[str, float, float]]:
        """Words with start and end (s) in 16-bit sound. EngineError if there is no answer."""
        watchdog = threading.Timer(DEADLINE_S * (1 + duration_s), self._process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            to_worker, from_worker = self._pipes
            to_worker.write(len(sound).to_bytes(4, "little") + sound)
            to_worker.flush()
            line = from_worker.readline()
        except OSError:
            line = b""
        finally:
            watchdog.cancel()
        if not line.endswith(b"\n"):
            status = _end(self._process)
            raise EngineError(f"Pocketsphinx gave no answer (status {status}).")
        return cast(list[tuple[str, float, float]], json.loads(line))


def _end(process: subprocess.Popen[bytes]) -> int:
    """End the process, if it hasn't ended yet. Its status."""
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is None:
            continue
        try:
            pipe.close()
        except OSError:  # what was written last did not get through
            continue
    return process.wait()


def _cues(words: Sequence[tuple[str, float, float]], offset_s: float) -> list[Cue]:
    """Words between two pauses as one cue."""
    groups: list[list[tuple[str, float, float]]] = [[]]
    for word, start_s, end_s in words:
        if not NO_WORD.fullmatch(word):
            groups[-1].append((VARIANT.sub("", word), offset_s + start_s, offset_s + end_s))
        elif word in SILENCES and end_s - start_s >= CUE_PAUSE_S:
            groups.append([])
    return [
        Cue(" ".join(word for word, _, _ in group), round(group[0][1], 3), round(group[-1][2], 3))
        for group in groups
        if group
    ]


def _model_folder() -> Path:
    spec = find_spec("pocketsphinx")
    if spec is None or spec.origin is None:
        raise ConfigError("The package pocketsphinx is not installed. Type `make setup`.")
    return Path(spec.origin).parent / "model" / "en-us"
