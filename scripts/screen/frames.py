"""Decode the pictures of a video: a few a second, upright, one at a time.

Frames that no other frame depends on would take half of the time, so they are decoded only if no
other frame is near. Packets that do not decode are skipped, as players do. All arithmetic on pixels
uses integers, so every processor sees the same.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from scripts.errors import DamagedMediaError
from scripts.media.containers import DEMUXERS, verify_container
from scripts.media.formats import HEAD_BYTES, VIDEO_FORMATS, require_format
from scripts.media.video import MAX_FRAME_PIXELS

FRAMES_PER_S = 12  # of video
LONGEST_STEP_S = 0.25  # after a longer step, frames that no other frame depends on are decoded, too
SMALL_SIDE = 288  # pixels: the shorter side of the small picture
SHORTEST_S = 1 / FRAMES_PER_S  # the time that the last frame is seen, if the video doesn't say
YUV_420 = ("yuv420p", "yuvj420p")


class NoPicturesError(Exception):
    """The video is intact, but shows nothing; the message is one sentence."""


@dataclass(frozen=True)
class Frame:
    """One picture of a video, and the time when it appears, in seconds from the start."""

    at_s: float
    decoded: VideoFrame

    @property
    def end_s(self) -> float:
        """When it disappears if no other frame follows, in seconds from the start."""
        base = self.decoded.time_base
        seconds = float(self.decoded.duration * base) if self.decoded.duration and base else 0.0
        return self.at_s + max(seconds, SHORTEST_S)

    @cached_property
    def small(self) -> np.ndarray:
        """The brightness of a reduced picture: height x width, 8 bits."""
        import cv2

        height, width = self._yuv.shape[0] * 2 // 3, self._yuv.shape[1]
        scale = min(1.0, SMALL_SIDE / min(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = cv2.resize(self._yuv[:height], size, interpolation=cv2.INTER_LINEAR_EXACT)
        return np.ascontiguousarray(np.rot90(small, self._quarter_turns))

    @cached_property
    def pixels(self) -> np.ndarray:
        """The whole picture: height x width x (blue, green, red), 8 bits."""
        import cv2

        bgr = cv2.cvtColor(self._yuv, cv2.COLOR_YUV2BGR_I420)
        return np.ascontiguousarray(np.rot90(bgr, self._quarter_turns))

    @property
    def _quarter_turns(self) -> int:
        """How many quarter turns, counter-clockwise, make the picture upright."""
        return round(self.decoded.rotation / 90) % 4

    @cached_property
    def _yuv(self) -> np.ndarray:
        """The planes of brightness and colour, one below the other, with even sides."""
        frame = self.decoded
        width, height = frame.width // 2 * 2, frame.height // 2 * 2
        is_even = (width, height) == (frame.width, frame.height)
        if frame.format.name not in YUV_420 or not is_even:
            frame = frame.reformat(width=max(2, width), height=max(2, height), format="yuv420p")
        return frame.to_ndarray()


def read_frames(path: Path, until_s: float) -> Iterator[Frame]:
    """The frames of a video in its first `until_s` seconds, about FRAMES_PER_S for each second.

    Raises DamagedMediaError if the file isn't a whole video or its pictures don't decode,
    NoPicturesError if it has none, or OSError if it can't be read.
    """
    with Path(path).open("rb") as file:
        name = require_format(file.read(HEAD_BYTES), VIDEO_FORMATS, "video")
        verify_container(file, name)
        file.seek(0)
        try:
            options = {"max_pixels": str(MAX_FRAME_PIXELS)}
            with av.open(
                file, "r", format=DEMUXERS[name], metadata_errors="replace", options=options
            ) as container:
                yield from _decode(container, until_s)
        except av.FFmpegError as error:
            raise DamagedMediaError(f"The pictures do not decode: {error.strerror}.") from None


def _decode(container: InputContainer, until_s: float) -> Iterator[Frame]:
    stream = next((s for s in container.streams.video if not _is_cover(s)), None)
    if stream is None or stream.codec_context is None:
        raise NoPicturesError("The video has no pictures.")
    first_s, next_s = None, 0.0
    for decoded in _decode_needed(container, stream):
        time = decoded.time or 0.0
        first_s = time if first_s is None else first_s
        at_s = max(0.0, time - min(first_s, 0.0))
        if at_s > until_s:
            return
        if at_s >= next_s:
            next_s = at_s + 0.9 / FRAMES_PER_S  # a little less, because times are never exact
            yield Frame(at_s, decoded)
    if first_s is None:
        raise NoPicturesError("The video has no pictures.")


def _decode_needed(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """The frames that others depend on, and all frames if those are too far apart.

    Raises DamagedMediaError if there are packets but none decodes.
    """
    context = stream.codec_context
    context.thread_count = 1  # jobs already run in parallel
    last_s, error = -math.inf, ""
    for packet in container.demux(stream):
        if packet.pts is None or stream.time_base is None:
            at_s = math.inf
        else:
            at_s = float(packet.pts * stream.time_base)
        context.skip_frame = "NONREF" if at_s - last_s < LONGEST_STEP_S else "DEFAULT"
        try:
            frames = packet.decode()
        except av.FFmpegError as failure:
            error = failure.strerror or str(failure)
            continue
        for frame in frames:
            last_s = frame.time or 0.0
            yield frame
    if last_s == -math.inf and error:
        raise DamagedMediaError(f"The pictures do not decode: {error}.")


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)
