"""Find where in the sound someone speaks, before any recogniser hears it.

Recognisers hear words in music and noise. Silero's voice activity detector (an ONNX model inside
the package faster-whisper) gives the probability of speech for each 32 ms. From these, this module
cuts pieces of sound that contain speech and are short enough for every engine.

The sound comes in blocks, and the detector carries its state from one to the next. For an hour of
sound, it keeps one probability for each frame (0.5 MB), and decodes the sound a second time to cut
the windows; that costs less than a hundredth of recognising it. `faster_whisper.vad` runs the same
model and finds the same speech, but takes the whole sound at once: for an hour, it needs 868 MB on
top of the program (here: 32 MB) and 12.7 s of processor time (here: 11.1 s).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from scripts.errors import ConfigError
from scripts.speech.audio import SAMPLES_PER_S, Block, decode

FRAME = 512  # samples; the model was trained on this length at 16 kHz
CONTEXT = 64  # samples of the previous frame; the model expects them in front of each frame
STATE = (1, 1, 128)
MODEL = "silero_vad_v6.onnx"

# As Silero recommends: speech begins at the first probability, and ends below the second.
SPEECH = 0.5
SILENCE = 0.35
FRAMES_PER_S = SAMPLES_PER_S / FRAME


def frames(seconds: float) -> int:
    """How many of the detector's frames last that long."""
    return round(seconds * FRAMES_PER_S)


SHORTEST_SPEECH = frames(0.25)
PAUSE = frames(0.3)  # a shorter pause is a breath, or within a word
LONGEST_PAUSE = frames(1.5)  # a longer pause ends a window
PADDING = frames(0.4)  # around speech, because a word's first and last sounds are faint
LONGEST_WINDOW = frames(28)  # Whisper sees 30 seconds at a time
BLOCKS_KEPT = 10  # 5 minutes, 19 MB: nearly all TikToks fit in, and are decoded only once


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of sound with speech in it, at most 30 s long."""

    start: int  # number of the first sample within the whole sound
    samples: np.ndarray  # float32, shape (n,)

    @property
    def start_s(self) -> float:
        return self.start / SAMPLES_PER_S

    @property
    def end_s(self) -> float:
        return (self.start + len(self.samples)) / SAMPLES_PER_S


def model_path() -> Path:
    """The file of the detector's model. Raises ConfigError if its package is missing."""
    spec = find_spec("faster_whisper")
    path = Path(spec.origin).parent / "assets" / MODEL if spec and spec.origin else None
    if path is None or not path.is_file():
        raise ConfigError(
            f"The voice activity detector ({MODEL}) is missing, and every speech.engine needs it. "
            "It comes with faster-whisper: pip install faster-whisper."
        )
    return path


@cache
def _session() -> Any:
    """The model. All threads share it, because it keeps no state between calls."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        model_path(), sess_options=options, providers=["CPUExecutionProvider"]
    )


@dataclass(frozen=True, slots=True)
class Speech:
    """The duration of a video's sound and of the speech in it (seconds), and its windows."""

    duration_s: float
    speech_s: float
    windows: Iterable[Window]


def listen(video: Path) -> Speech:
    """Decode a video's sound and find the speech in it. `windows` cuts each window when needed.

    Raises the same errors as `decode`; iterating over the windows can raise them, too.
    """
    detector = Detector()
    blocks: list[Block] = []
    is_short = True
    for block in decode(video):
        detector.feed(block.samples)
        is_short = is_short and len(blocks) < BLOCKS_KEPT
        blocks = [*blocks, block] if is_short else blocks[:1]
        end = block.end
    spans = find_speech(detector.finish())
    first = blocks[0].start
    bounds = [
        (first + start * FRAME, min(first + stop * FRAME, end)) for start, stop in join(spans)
    ]
    return Speech(
        duration_s=end / SAMPLES_PER_S,
        speech_s=sum(stop - start for start, stop in spans) / FRAMES_PER_S,
        windows=cut(blocks if is_short else decode(video), bounds) if bounds else (),
    )


class Detector:
    """The probability of speech in each frame of a sound that comes in blocks."""

    def __init__(self) -> None:
        self._state = np.zeros(STATE, np.float32), np.zeros(STATE, np.float32)
        self._before = np.zeros(CONTEXT, np.float32)  # the end of the previous frame
        self._rest = np.empty(0, np.float32)  # less than a frame
        self._found: list[np.ndarray] = []

    def feed(self, samples: np.ndarray) -> None:
        """Take the next samples: float32, shape (n,)."""
        sound = np.concatenate((self._rest, samples))
        count = len(sound) // FRAME
        self._rest = sound[count * FRAME :]
        if not count:
            return
        whole = np.concatenate((self._before, sound[: count * FRAME]))
        self._before = whole[-CONTEXT:]
        # Row i: frame i, with its context in front.
        rows = np.lib.stride_tricks.sliding_window_view(whole, CONTEXT + FRAME)[::FRAME]
        inputs = {"input": np.ascontiguousarray(rows), "h": self._state[0], "c": self._state[1]}
        probabilities, *state = _session().run(None, inputs)
        self._state = tuple(state)
        self._found.append(probabilities.ravel())

    def finish(self) -> np.ndarray:
        """The probabilities of all frames. Silence fills up the last frame."""
        if len(self._rest):
            self.feed(np.zeros(FRAME - len(self._rest), np.float32))
        return np.concatenate(self._found) if self._found else np.empty(0, np.float32)


Span = tuple[int, int]  # first frame, and the one after the last


def find_speech(probabilities: np.ndarray) -> list[Span]:
    """The spans of speech between pauses, in order, each no longer than a window."""
    spans: list[Span] = []
    start = quiet_from = None
    for number, probability in enumerate(probabilities.tolist()):
        if probability >= SPEECH:
            start = number if start is None else start
            quiet_from = None
        elif start is not None and probability < SILENCE:
            quiet_from = number if quiet_from is None else quiet_from
            if number - quiet_from >= PAUSE:
                spans.append((start, quiet_from))
                start = quiet_from = None
    if start is not None:
        spans.append((start, len(probabilities) if quiet_from is None else quiet_from))
    long_enough = [(start, end) for start, end in spans if end - start >= SHORTEST_SPEECH]
    return [part for span in long_enough for part in _split(span, probabilities)]


def _split(span: Span, probabilities: np.ndarray) -> Iterator[Span]:
    """Cut a span that is too long for a window at the frames where speech is least likely."""
    start, end = span
    while end - start > LONGEST_WINDOW:
        middle = start + LONGEST_WINDOW // 2
        at = middle + int(np.argmin(probabilities[middle : start + LONGEST_WINDOW]))
        yield start, at
        start = at
    yield start, end


def join(spans: Iterable[Span]) -> list[Span]:
    """Join spans with short pauses between them, up to the length of a window, and pad them."""
    joined: list[Span] = []
    for start, end in spans:
        if joined:
            first, last = joined[-1]
            if start - last <= LONGEST_PAUSE and end - first <= LONGEST_WINDOW:
                joined[-1] = first, end
                continue
        joined.append((start, end))
    return [
        (start - before, end + after)
        for (start, end), (before, after) in zip(joined, _paddings(joined), strict=True)
    ]


def _paddings(spans: Sequence[Span]) -> list[Span]:
    """Frames before and after each span: PADDING, or half of a gap shorter than two of them."""
    gaps = [start - end for (_, end), (start, _) in pairwise(spans)]
    first = min(PADDING, spans[0][0]) if spans else 0
    halves = [min(PADDING, gap // 2) for gap in gaps]
    return list(zip([first, *halves], [*halves, PADDING], strict=True)) if spans else []


def cut(blocks: Iterable[Block], bounds: Iterable[tuple[int, int]]) -> Iterator[Window]:
    """The samples within each pair of bounds (sample numbers, in order, not overlapping)."""
    pending = iter(bounds)
    bound = next(pending, None)
    held = np.empty(0, np.float32)
    for block in blocks:
        held = np.concatenate((held, block.samples))
        at = block.end - len(held)
        while bound is not None and bound[1] <= block.end:
            start, end = bound
            yield Window(start, held[start - at : end - at].copy())
            bound = next(pending, None)
        if bound is None:
            return
        held = held[max(0, bound[0] - at) :].copy()
