"""What `media.verify_video` does: containers from the outside in, then packets, then frames.

Decoding every frame of a 15 s clip costs 400-700 ms, and still lets some zeroed blocks and
splices pass as smears. This takes 20-30 ms and catches more (`benchmarks/verify.py`):

1. the boxes of an MP4 chain exactly to the end of the file, with one `ftyp` and one `moov`
   (cut, spliced, moov without data);
2. as many packets as the container's index says, each with all its bytes;
3. H.264 and HEVC packets are chains of NAL units whose lengths add up exactly, and which can't
   hold three zero bytes in a row: so a zeroed block is always visible, and bytes of another
   file are not a chain. Other codecs have no such rule, but no long runs of zeros either;
4. all audio and the key frames decode, so the headers are true.
"""

import os
from collections.abc import Iterator
from typing import IO, Any

import av
from av.packet import Packet
from av.stream import Disposition, Stream

from scripts.errors import DamagedMediaError

MAX_FRAME_PIXELS = 7680 * 4320
MAX_SAMPLES = 1_000_000  # 9 hours at 30 frames a second
MAX_KEY_FRAMES = 100
MAX_INDEX_BYTES = 64 * 2**20
MAX_DURATION_S = 24 * 3600
HOLE = bytes(512)
ALL_ZEROS_FROM = 16  # bytes; a shorter packet may be nothing but zeros
PADDING_BELOW = 64  # bytes of zeros that some writers leave at the end of a NAL unit

DEMUXERS = {"mp4": "mov", "webm": "matroska"}
EBML_HEADER, SEGMENT, CLUSTER = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75"
MAX_ID_BYTES, MAX_SIZE_BYTES = 4, 8  # of EBML
BOX_HEADER_BYTES = 8
CONTAINER_BOXES = (b"trak", b"mdia", b"minf", b"stbl", b"traf")


def verify_mp4_boxes(file: IO[bytes]) -> None:
    """Walk the top-level boxes of an MP4: complete, one of each, and a bearable index."""
    seen: list[bytes] = []
    samples = 0
    for kind, start, end in _boxes(file):
        if kind in (b"ftyp", b"moov") and kind in seen:
            raise DamagedMediaError("The video is two files spliced together.")
        seen.append(kind)
        if kind in (b"moov", b"moof"):
            if end - start > MAX_INDEX_BYTES:
                raise DamagedMediaError("The video's index is larger than is accepted.")
            file.seek(start)
            samples += _count_samples(file.read(end - start))
            if samples > MAX_SAMPLES:
                raise DamagedMediaError("The video claims more frames than are accepted.")
    if b"moov" not in seen:
        raise DamagedMediaError("The video is cut: it has no index (moov).")
    if b"mdat" not in seen:
        raise DamagedMediaError("The video has an index (moov) but no data (mdat).")


def _boxes(file: IO[bytes]) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end (of the content, in bytes) of each top-level box."""
    at, size_of_file = 0, os.fstat(file.fileno()).st_size
    while at < size_of_file:
        file.seek(at)
        header = file.read(16)
        size, kind, start = int.from_bytes(header[:4]), header[4:8], at + 8
        if size == 1:
            size, start = int.from_bytes(header[8:16]), at + 16
        elif size == 0 and kind == b"mdat":
            size = size_of_file - at
        if size < start - at or not kind.isascii() or not kind.strip(b"\0"):
            raise DamagedMediaError(f"The video is damaged: no box starts at byte {at}.")
        if at + size > size_of_file:
            missing = at + size - size_of_file
            raise DamagedMediaError(f"The video is cut: {missing} bytes are missing at its end.")
        yield kind, start, at + size
        at += size


def _count_samples(index: bytes) -> int:
    """Samples that the tables in a `moov` or `moof` claim, which FFmpeg allocates memory for."""
    view, count = [(0, len(index))], 0
    while view:
        at, end = view.pop()
        while at + BOX_HEADER_BYTES <= end:
            size, kind = int.from_bytes(index[at : at + 4]), index[at + 4 : at + 8]
            if size < BOX_HEADER_BYTES:
                break
            if kind in CONTAINER_BOXES:
                view.append((at + BOX_HEADER_BYTES, min(at + size, end)))
            elif kind in (b"stsz", b"stz2"):
                count += int.from_bytes(index[at + 16 : at + 20])
            elif kind == b"trun":
                count += int.from_bytes(index[at + 12 : at + 16])
            at += size
    return count


def verify_webm_elements(file: IO[bytes]) -> None:
    """The elements of a WebM chain from its start exactly to the end of the file.

    FFmpeg skips what it can't read here and goes on with the next cluster, without a word.
    """
    at, size_of_file = 0, os.fstat(file.fileno()).st_size
    open_ends = [size_of_file]
    while at < size_of_file:
        file.seek(at)
        header = file.read(12)
        id_length = 9 - header[0].bit_length()
        length = 9 - header[id_length].bit_length() if id_length < len(header) else 9
        start = at + id_length + length
        if id_length > MAX_ID_BYTES or length > MAX_SIZE_BYTES or start > size_of_file:
            raise DamagedMediaError(f"The video is damaged: no element starts at byte {at}.")
        identity = header[:id_length]
        size = int.from_bytes(header[id_length : id_length + length]) & ((1 << 7 * length) - 1)
        if size == (1 << 7 * length) - 1:
            return  # of unknown size, as a live recorder writes it
        if start + size > size_of_file:
            missing = start + size - size_of_file
            raise DamagedMediaError(f"The video is cut: {missing} bytes are missing at its end.")
        while at >= open_ends[-1]:
            open_ends.pop()
        if start + size > open_ends[-1] or (at and identity == EBML_HEADER):
            raise DamagedMediaError("The video is damaged, or two files spliced together.")
        if identity in (SEGMENT, CLUSTER):
            open_ends.append(start + size)
            at = start
        else:
            at = start + size


def verify_streams(file: IO[bytes], name: str) -> dict[str, Any]:
    """Demux the whole file, check each packet, decode all audio and the key frames.

    FFmpeg says EIO and ENOMEM about damaged bytes as well. As it reads through `file`, errors of
    the disk are Python's own, and pass.
    """
    file.seek(0)
    try:
        with av.open(
            file,
            format=DEMUXERS[name],
            metadata_errors="replace",
            # Edit lists hide samples, and then the count of packets says nothing.
            options={"ignore_editlist": "1", "max_pixels": str(MAX_FRAME_PIXELS)},
        ) as container:
            checks = [StreamCheck(stream) for stream in container.streams]
            for packet in container.demux():
                if packet.size:
                    checks[packet.stream_index].take(packet)
            for check in checks:
                check.finish()
            return _facts(container, [check.stream for check in checks if check.frames])
    except av.FFmpegError as error:
        raise DamagedMediaError(f"The video does not decode: {error.strerror}.") from None


def _facts(container: av.container.InputContainer, decoded: list[Stream]) -> dict[str, Any]:
    pictures = [stream for stream in decoded if stream.type == "video"]
    sound = [stream for stream in decoded if stream.type == "audio"]
    if not decoded:
        raise DamagedMediaError("The video has neither pictures nor sound.")
    # The container's own duration counts the reordering delay when edit lists are ignored.
    of_streams = [float(s.duration * s.time_base) for s in decoded if s.duration]
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


class StreamCheck:
    """The checks of one stream, packet by packet."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.packets = 0
        self.frames = 0
        self.key_frames = 0
        self.is_media = stream.type in ("video", "audio") and not _is_cover(stream)
        if not self.is_media:
            return
        self.codec = stream.codec_context
        if self.codec is None:
            raise DamagedMediaError(f"The video's {stream.type} is in an unknown codec.")
        self.codec.thread_count = 1
        self.codec.options = {"max_pixels": str(MAX_FRAME_PIXELS)}
        self.nal_length_bytes = _nal_length_bytes(stream)

    def take(self, packet: Packet) -> None:
        """Check one packet, and decode it if it is audio or a key frame."""
        self.packets += 1
        if packet.is_corrupt:
            raise DamagedMediaError("The video is cut within a frame.")
        if not self.is_media:
            return
        data = bytes(packet)
        if self.nal_length_bytes:
            _verify_nal_units(data, self.nal_length_bytes, self.codec.name)
        elif HOLE in data or (len(data) >= ALL_ZEROS_FROM and not data.strip(b"\0")):
            raise DamagedMediaError("The video has a hole of zeros.")
        if self.stream.type == "video":
            self.key_frames += packet.is_keyframe
            if not packet.is_keyframe or self.key_frames > MAX_KEY_FRAMES:
                return
        self.frames += len(packet.decode())

    def finish(self) -> None:
        """After the last packet: were all there, and did any decode?"""
        expected = self.stream.frames
        if expected and expected != self.packets:
            raise DamagedMediaError(
                f"The video has {self.packets} of {expected} {self.stream.type} packets."
            )
        is_empty = not self.packets and not self.stream.duration
        if self.is_media and not is_empty:
            self.frames += len(self.codec.decode(None))
            if not self.frames:
                raise DamagedMediaError(f"No {self.stream.type} frame of the video decodes.")


# Of each codec with NAL units: where its configuration record (avcC, hvcC) says how long the
# length before a unit is, and which types of units are slices.
NAL_CODECS = {"h264": 4, "hevc": 21}
SLICES = {"h264": range(1, 6), "hevc": range(32)}


def _nal_length_bytes(stream: Stream) -> int:
    """How long the length in front of each NAL unit is; 0 if the stream has none."""
    record = stream.codec_context.extradata or b""
    at = NAL_CODECS.get(stream.codec_context.name, len(record))
    return (record[at] & 3) + 1 if record.startswith(b"\x01") and at < len(record) else 0


def _verify_nal_units(data: bytes, length_bytes: int, codec: str) -> None:
    """The units fill the packet exactly, and their slices hold no three zeros in a row."""
    at, end = 0, len(data)
    while at + length_bytes < end:
        start = at + length_bytes
        at = start + int.from_bytes(data[at:start])
        if at == start or at > end:
            break
        kind = data[start] & 31 if codec == "h264" else data[start] >> 1 & 63
        if kind in SLICES[codec] and data.find(b"\0\0\0", start, at) >= 0:
            unit = data[start:at].rstrip(b"\0")
            if at - start - len(unit) >= PADDING_BELOW or b"\0\0\0" in unit:
                raise DamagedMediaError("The video has a hole of zeros.")
    if at != end:
        raise DamagedMediaError("The video is damaged, or two files spliced together.")
