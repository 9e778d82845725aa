"""The engine `pocketsphinx`: English only, with a model that is inside the package.

It needs no download and little memory. It is good at clearly read sentences and poor at everything
else. Each thread that recognises has its own process: see `pocketsphinx_worker`.
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
# The language model's weight. The default, 6.5, gets 1.5 % more words wrong on the demo's voices.
PARAMETERS = {"lw": 5.0}
DEADLINE_S = 30  # for a call, plus as much for each second of sound, which usually takes 0.2 s
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
                "Install it: make pocketsphinx."
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
            # Something else may have ended the process: try once more in a new one.
            del self._worker
            words = self._worker.recognise(sound, window.end_s - window.start_s)
        return _cues(words, window.start_s)

    @cached_property
    def _worker(self) -> "Worker":
        return Worker()


class Worker:
    """A process that runs a decoder. It ends when this object does."""

    def __init__(self) -> None:
        # Pass the path: the environment could name another model than the receipt does.
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
        """Words in 16-bit sound, with start and end in seconds. EngineError without an answer."""
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
    """End the process if it still runs. Return its status."""
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is None:
            continue
        try:
            pipe.close()
        except OSError:  # the last bytes could not be written
            continue
    return process.wait()


def _cues(words: Sequence[tuple[str, float, float]], offset_s: float) -> list[Cue]:
    """One cue for the words between two pauses."""
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
        raise ConfigError("The package pocketsphinx is not installed. Type `make pocketsphinx`.")
    return Path(spec.origin).parent / "model" / "en-us"
