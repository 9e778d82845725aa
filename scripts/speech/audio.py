"""Decode the sound of a video straight into memory, a bounded piece at a time.

All recognisers and the voice activity detector expect the same samples: 16 kHz, mono, float32 in
-1..1. An hour of them would take 230 MB; a block of 30 seconds takes 1.9 MB.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import av
import av.filter
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer

from scripts.errors import DamagedMediaError
from scripts.media.containers import DEMUXERS, verify_container
from scripts.media.formats import HEAD_BYTES, VIDEO_FORMATS, require_format

SAMPLES_PER_S = 16_000
BLOCK_SAMPLES = 30 * SAMPLES_PER_S
MAX_DURATION_S = 24 * 3600


class NoAudioError(Exception):
    """The video is intact, but has no sound; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive samples. Sample 0 is at the start of the video, even if sound starts later."""

    start: int  # number of the first sample
    samples: np.ndarray  # float32, shape (n,)

    @property
    def end(self) -> int:
        return self.start + len(self.samples)


def decode(path: Path) -> Iterator[Block]:
    """The video's sound in blocks of BLOCK_SAMPLES (the last is shorter), without gaps.

    Raises DamagedMediaError if the file isn't a whole video or its sound doesn't decode,
    NoAudioError if it has none, or OSError if it can't be read.
    """
    with Path(path).open("rb") as file:
        name = _require_whole_video(file)
        try:
            # FFmpeg reads through `file`, so errors of the disk reach us as Python's OSError.
            with av.open(file, format=DEMUXERS[name], metadata_errors="replace") as container:
                if not container.streams.audio:
                    raise NoAudioError("The video has no audio stream.")
                yield from _blocks(_resampled(cast(InputContainer, container)))
        except av.FFmpegError as error:
            raise DamagedMediaError(f"The sound does not decode: {error.strerror}.") from None


def _require_whole_video(file: IO[bytes]) -> str:
    """The container's format by content ("mp4" or "webm"). Checks that the container is complete.

    Without this check, a file that was cut would be transcribed up to the cut without a warning.
    """
    name = require_format(file.read(HEAD_BYTES), VIDEO_FORMATS, "video")
    verify_container(file, name)
    file.seek(0)
    return name


def _resampled(container: av.container.InputContainer) -> Iterator[AudioFrame]:
    """The sound as 16 kHz mono float frames. The first frame has the time at which it starts."""
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise DamagedMediaError("The sound is in an unknown codec.")
    stream.codec_context.thread_count = 1  # jobs already run in parallel
    resampler = None
    for packet in container.demux(stream):
        for frame in packet.decode():
            if resampler is None or not resampler.takes(frame):
                if resampler is not None:  # the rate or the channels change within the stream
                    yield from resampler.finish()
                resampler = _Resampler(frame)
            yield from resampler.push(frame)
    if resampler is not None:
        yield from resampler.finish()


class _Resampler:
    """PyAV's resampler, asked for its output once in a while instead of after each frame.

    With AAC's frames of 1024 samples, asking each time would take as long as the decoding.
    """

    FRAMES_AT_ONCE = 40

    def __init__(self, first: AudioFrame) -> None:
        self._form = self._form_of(first)
        layout, rate, name = self._form
        graph = av.filter.Graph()
        self._source = graph.add_abuffer(
            sample_rate=rate, format=name, layout=layout, time_base=first.time_base
        )
        form = graph.add(
            "aformat", f"sample_fmts=fltp:sample_rates={SAMPLES_PER_S}:channel_layouts=mono"
        )
        self._sink = graph.add("abuffersink")
        self._source.link_to(form)
        form.link_to(self._sink)
        graph.configure()
        graph.set_audio_frame_size(SAMPLES_PER_S)
        self._graph = graph
        self._waiting = 0

    def takes(self, frame: AudioFrame) -> bool:
        return self._form_of(frame) == self._form

    def push(self, frame: AudioFrame) -> Iterator[AudioFrame]:
        self._source.push(frame)
        self._waiting += 1
        if self._waiting == self.FRAMES_AT_ONCE:
            self._waiting = 0
            yield from self._pull()

    def finish(self) -> Iterator[AudioFrame]:
        self._source.push(None)
        yield from self._pull()

    def _pull(self) -> Iterator[AudioFrame]:
        while True:
            try:
                yield cast(AudioFrame, self._sink.pull())
            except (av.BlockingIOError, av.EOFError):
                return

    @staticmethod
    def _form_of(frame: AudioFrame) -> tuple[str, int, str]:
        return frame.layout.name, frame.sample_rate, frame.format.name


def _blocks(frames: Iterator[AudioFrame]) -> Iterator[Block]:
    at, size, parts = None, 0, []
    for frame in frames:
        if at is None:
            at = max(0, round((frame.time or 0.0) * SAMPLES_PER_S))
        parts.append(frame.to_ndarray()[0])
        size += frame.samples
        if size >= BLOCK_SAMPLES:
            joined = np.concatenate(parts)
            yield Block(at, joined[:BLOCK_SAMPLES])
            at += BLOCK_SAMPLES
            parts = [joined[BLOCK_SAMPLES:]]
            size -= BLOCK_SAMPLES
            if at > MAX_DURATION_S * SAMPLES_PER_S:
                raise DamagedMediaError("The sound lasts longer than a day.")
    if at is None:
        raise NoAudioError("The audio stream is empty.")
    if size:
        yield Block(at, np.concatenate(parts))
