"""Decide whether a video is complete: first its container, then its packets, then its frames.

Decoding every frame of a 15 s clip costs 400-700 ms, and still lets some zeroed blocks and splices
pass as smears. These checks take 20-30 ms and catch more (`benchmarks/verify.py`):

1. the boxes of an MP4 form a chain, with one `ftyp` and one `moov` (else the file is cut, spliced,
   or has no data);
2. there are as many packets as the container's index says, each with all its bytes;
3. H.264 and HEVC packets are chains of NAL units whose lengths add up exactly. Within a unit, three
   zero bytes in a row only announce the next unit, so a zeroed block always shows, and bytes of
   another file form no chain. Other compressed streams have no such rule, and no long runs of
   zeros either;
4. all audio and the key frames decode, so the headers are true.

Every video verified here may be impossible to download again. So no check may reject a file that
plays from start to end: each one follows from a rule of the format.
"""

import re
from pathlib import Path
from typing import IO, Any

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from scripts.errors import DamagedMediaError
from scripts.media.containers import DEMUXERS, verify_container
from scripts.media.formats import HEAD_BYTES, VIDEO_FORMATS, require_format

MAX_FRAME_PIXELS = 7680 * 4320
MAX_KEY_FRAMES = 100
MAX_DURATION_S = 24 * 3600
ROUNDING_S = 0.001  # shorter than any packet
HOLE = bytes(512)
ALL_ZEROS_FROM = 16  # bytes; a shorter packet may consist of zeros
THREE_ZEROS = bytes(3)
START_CODE_END = re.compile(rb"\x01([\x01-\x7f]|\Z)")  # and the first byte of a unit's header
NO_CHAIN = "The video is damaged, or two files spliced together."
PADDING_BELOW = 64  # bytes of zeros that some writers leave at the end of a NAL unit
# Compressed streams without runs of zeros. Raw and lossless streams, and those with a constant bit
# rate (MP3, AC-3, MPEG-2), may be full of zeros, and only decoding shows damage.
NO_ZEROS_IN = ("aac", "opus", "vorbis", "h264", "hevc", "vp8", "vp9", "av1", "mpeg4")


def verify_video(path: Path | str) -> dict[str, Any]:
    """Check that a video is complete and that it decodes.

    Facts: format ("mp4" or "webm"), width, height (pixels) and video_codec (None for audio
    without pictures), duration_s (seconds or None), audio_codec (None without audio), has_audio,
    and bytes_after_end if something follows the video in its file.

    Raises DamagedMediaError, and OSError for a failing disk.
    """
    with Path(path).open("rb") as file:
        name = require_format(file.read(HEAD_BYTES), VIDEO_FORMATS, "video")
        rest = verify_container(file, name)
        facts = {"format": name, **_verify_streams(file, name)}
        return facts | {"bytes_after_end": rest} if rest else facts


def _verify_streams(file: IO[bytes], name: str) -> dict[str, Any]:
    """Demux the whole file, check each packet, decode all audio and the key frames.

    FFmpeg reports EIO and ENOMEM for damaged bytes, too. Because it reads through `file`, real
    errors of the disk reach us as Python's OSError, and pass through.
    """
    file.seek(0)
    try:
        with av.open(
            file,
            "r",
            format=DEMUXERS[name],
            metadata_errors="replace",
            # Edit lists hide samples, which makes the count of packets useless.
            options={"ignore_editlist": "1", "max_pixels": str(MAX_FRAME_PIXELS)},
        ) as container:
            checks = [_StreamCheck(stream) for stream in container.streams]
            for packet in container.demux():
                if packet.size or packet.dts is not None:  # empty packets only flush decoders
                    checks[packet.stream_index].take(packet)
            for check in checks:
                check.finish()
            return _facts(container, [check.stream for check in checks if check.frames])
    except av.FFmpegError as error:
        raise DamagedMediaError(f"The video does not decode: {error.strerror}.") from None


def _facts(container: InputContainer, decoded: list[Stream]) -> dict[str, Any]:
    pictures = [stream for stream in decoded if isinstance(stream, VideoStream)]
    sound = [stream for stream in decoded if isinstance(stream, AudioStream)]
    if not decoded:
        raise DamagedMediaError("The video has neither pictures nor sound.")
    # The container's own duration counts the reordering delay when edit lists are ignored.
    of_streams = [float(s.duration * s.time_base) for s in decoded if s.duration and s.time_base]
    of_container = container.duration / av.time_base if container.duration else None
    duration_s = max(of_streams, default=of_container)
    if duration_s is not None and not 0 <= duration_s <= MAX_DURATION_S:
        raise DamagedMediaError(f"The video claims to last {duration_s:.0f} seconds.")
    return {
        "width": pictures[0].width if pictures else None,
        "height": pictures[0].height if pictures else None,
        "duration_s": duration_s and round(duration_s, 3),
        "video_codec": pictures[0].codec.canonical_name if pictures else None,
        "audio_codec": sound[0].codec.canonical_name if sound else None,
        "has_audio": bool(sound),
    }


def _is_cover(stream: Stream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)


class _StreamCheck:
    """The checks of one stream, packet by packet."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.packets = 0
        self.frames = 0
        self.key_frames = 0
        self.decoded_s = 0.0  # of audio
        # A video plays without its subtitles, chapters, time codes and covers.
        self.is_media = not _is_cover(stream)
        if not isinstance(stream, VideoStream | AudioStream):
            self.is_media = False
            return
        self.codec = stream.codec_context
        if self.codec is None:
            raise DamagedMediaError(f"The video's {stream.type} is in an unknown codec.")
        self.codec.thread_count = 1
        self.codec.options = {"max_pixels": str(MAX_FRAME_PIXELS)}
        self.name = self.codec.codec.canonical_name
        self.nal_length_bytes = _nal_length_bytes(self.name, self.codec.extradata or b"")
        self.has_no_zeros = self.name in NO_ZEROS_IN

    def take(self, packet: "Packet[Any]") -> None:
        """Check one packet, and decode it if it is audio or a key frame."""
        if not self.is_media:
            return
        self.packets += 1
        if packet.is_corrupt:
            raise DamagedMediaError("The video is cut within a frame.")
        data = bytes(packet)
        if not data:
            return  # it means: show the previous frame again
        if self.name == "opus":
            # At a constant bit rate, zeros fill each packet up, and silence is nothing else.
            data = data.rstrip(b"\0") or data
        if self.nal_length_bytes:
            _verify_nal_units(data, self.nal_length_bytes, self.name)
        elif self.has_no_zeros and (
            HOLE in data or (len(data) >= ALL_ZEROS_FROM and not data.strip(b"\0"))
        ):
            raise DamagedMediaError("The video has a hole of zeros.")
        if self.stream.type == "video":
            self.key_frames += packet.is_keyframe
            if not packet.is_keyframe or self.key_frames > MAX_KEY_FRAMES:
                return
        self._decode(packet)

    def _decode(self, packet: "Packet[Any] | None") -> None:
        for frame in self.codec.decode(packet):
            self.frames += 1
            if isinstance(frame, AudioFrame) and frame.sample_rate:
                self.decoded_s += frame.samples / frame.sample_rate

    def finish(self) -> None:
        """After the last packet, check that no packet was missing and that some decoded."""
        is_empty = not self.packets and not self.stream.duration
        if not self.is_media or is_empty:
            return
        self._decode(None)
        expected = self.stream.frames
        if expected and expected != self.packets and not self._is_all_heard():
            raise DamagedMediaError(
                f"The video has {self.packets} of {expected} {self.stream.type} packets."
            )
        if not self.frames:
            raise DamagedMediaError(f"No {self.stream.type} frame of the video decodes.")

    def _is_all_heard(self) -> bool:
        """True if the audio is as long as the container says.

        FFmpeg reads many samples of AMR or PCM as one packet, so their count says nothing.
        """
        if self.stream.duration is None or self.stream.time_base is None:
            return False
        claimed_s = float(self.stream.duration * self.stream.time_base)
        return self.decoded_s > claimed_s - ROUNDING_S


# For each codec with NAL units: the byte of its configuration record (avcC, hvcC) that contains the
# size of a unit's length field, and the types of units that are slices.
NAL_CODECS = {"h264": 4, "hevc": 21}
SLICES = {"h264": range(1, 6), "hevc": range(32)}


def _nal_length_bytes(codec: str, record: bytes) -> int:
    """Size in bytes of the length field before each NAL unit; 0 if the stream has none."""
    at = NAL_CODECS.get(codec, len(record))
    return (record[at] & 3) + 1 if record.startswith(b"\x01") and at < len(record) else 0


def _verify_nal_units(data: bytes, length_bytes: int, codec: str) -> None:
    """Check that the units fill the packet, and that their slices have no holes.

    Decoders ignore zeros at the end that are too few for another length.
    """
    at, end = 0, len(data)
    while at + length_bytes <= end:
        start = at + length_bytes
        at = start + int.from_bytes(data[at:start])
        if at == start or at > end:
            raise DamagedMediaError(NO_CHAIN)
        kind = data[start] & 31 if codec == "h264" else data[start] >> 1 & 63
        if kind in SLICES[codec] and _has_hole(data[start:at]):
            raise DamagedMediaError("The video has a hole of zeros.")
    if data[at:].strip(b"\0"):
        raise DamagedMediaError(NO_CHAIN)


def _has_hole(unit: bytes) -> bool:
    """True if the unit has zeros that are neither padding nor the start code of another unit.

    Some encoders write a start code and a short unit, such as the end of the sequence, after the
    last slice, and count both as part of that slice.
    """
    at = unit.find(THREE_ZEROS)
    while at >= 0:
        following = unit[at:].lstrip(b"\0")
        zeros = len(unit) - at - len(following)
        if zeros >= PADDING_BELOW:
            return True
        if following and not START_CODE_END.match(following):
            return True
        at = unit.find(THREE_ZEROS, at + zeros)
    return False
