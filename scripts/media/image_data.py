"""Decide whether all bytes of the pixels are there: find damage that image decoders ignore.

Where bytes were never written (zeros), decoders draw a smear, or grey. These checks look only at
the coded pixels: colour profiles, EXIF and other metadata may contain any number of zeros.
"""

import re
import zlib
from collections.abc import Iterator

import av

from scripts.errors import DamagedMediaError

JPEG_END, JPEG_SCAN, JPEG_FILL = b"\xff\xd9", b"\xff\xda", b"\xff\xff"
JPEG_HOLE = bytes(512)
MAX_JPEG_SCANS = 100  # of 75 bytes and, on 50 million pixels, 0.06 s each; encoders make about 10
# Everything that can stand between scans. Restart markers and FF 00, which libjpeg would skip
# there, can not.
JPEG_SEGMENT = re.compile(rb"\xff[\xc0-\xcf\xda-\xfe]")
# In the entropy-coded data of a scan, FF is followed by 00 or a restart marker (D0-D7).
JPEG_SCAN_END = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_ANCILLARY = 0x20  # the bit of a chunk's first letter that marks what decoders may ignore
PNG_DRAWN = (b"tRNS", b"eXIf", b"acTL", b"fcTL", b"fdAT")  # ancillary, but part of the picture

WEBP_PIXELS = (b"VP8 ", b"VP8L")
WEBP_FRAME = b"ANMF"
WEBP_FRAME_HEADER_BYTES = 16

# Types of items in AVIF and HEIC files that are coded pixels.
CODED_ITEMS = {b"av01", b"hvc1", b"hev1", b"avc1", b"vvc1", b"jpeg", b"j2k1"}
FILE_OFFSETS = 0  # the construction method whose extents count from the start of the file


def verify_jpeg_scans(data: bytes) -> None:
    """Walk the markers to EOI, which a zeroed tail lacks. If there is a hole, decode strictly.

    Call this before libjpeg, which decodes any number of scans.
    """
    at, scans, has_hole = 2, 0, False
    while True:
        marker = data[at : at + 2]
        if marker == JPEG_FILL:
            at += 1
            continue
        if marker == JPEG_END:
            if has_hole:
                _decode_jpeg_strictly(data)
            return
        if not JPEG_SEGMENT.fullmatch(marker):
            break
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
        if marker == JPEG_SCAN:
            scans += 1
            if scans > MAX_JPEG_SCANS:
                raise DamagedMediaError(f"The JPEG image has more than {MAX_JPEG_SCANS} scans.")
            end = JPEG_SCAN_END.search(data, at)
            if end is None:
                break
            has_hole = has_hole or JPEG_HOLE in data[at : end.start()]
            at = end.end() - 2
    raise DamagedMediaError("The JPEG image is cut or damaged: its markers lead to no end.")


def _decode_jpeg_strictly(data: bytes) -> None:
    """A run of zeros is legal in a picture of one colour; FFmpeg, unlike libjpeg, can tell."""
    decoder = av.VideoCodecContext.create("mjpeg", "r")
    decoder.thread_count = 1
    decoder.options = {"err_detect": "explode"}
    try:
        decoder.decode(av.Packet(data))
    except av.error.InvalidDataError:
        raise DamagedMediaError("The JPEG image has a hole of zeros.") from None
    except av.FFmpegError:
        return  # FFmpeg can't read this kind of JPEG (arithmetic coding, CMYK): no evidence


def verify_pixel_data(data: bytes, name: str, pixels: int) -> None:
    """Check the bytes of a decoded image of the format `name`, if it is WEBP, AVIF or HEIF.

    VP8, AV1 and HEVC decode zeros without complaint. Entropy coding leaves no long runs of zeros:
    in the worst case, a WebP of one colour, there is 1 zero byte for 9,600 pixels.
    """
    if name in ("WEBP", "AVIF", "HEIF"):
        hole = bytes(max(64, pixels // 4096))
        parts = _webp_pixels(data) if name == "WEBP" else _heif_pixels(data)
        if any(hole in part for part in parts):
            raise DamagedMediaError(f"The {name} image has a hole of zeros.")


def without_png_metadata(data: bytes) -> bytes:
    """Check each chunk's checksum up to IEND, and return the chunks that make up the picture.

    Pillow stops reading at the last row of pixels, so it misses damage. And it rejects an image
    for the size or the form of its texts and its colour profile.
    """
    at = len(PNG_SIGNATURE)
    kept = [PNG_SIGNATURE]
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        kind, end = data[at + 4 : at + 8], at + 8 + size
        if zlib.crc32(data[at + 4 : end]) != int.from_bytes(data[end : end + 4]):
            break
        if not kind[0] & PNG_ANCILLARY or kind in PNG_DRAWN:
            kept.append(data[at : end + 4])
        if kind == b"IEND":
            return b"".join(kept)
        at = end + 4
    raise DamagedMediaError("The PNG image is damaged: a chunk is cut or its checksum is wrong.")


def _webp_pixels(data: bytes) -> Iterator[bytes]:
    end = int.from_bytes(data[4:8], "little") + 8
    if end > len(data):
        raise DamagedMediaError("The WEBP image is cut: its header claims more bytes.")
    yield from _webp_chunks(data, 12, end)


def _webp_chunks(data: bytes, at: int, end: int) -> Iterator[bytes]:
    """The chunks of coded pixels in this part of a WebP."""
    while at + 8 <= end:
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if not kind.strip(b"\0"):
            raise DamagedMediaError("The WEBP image has a hole of zeros.")
        start, at = at + 8, at + 8 + size + size % 2
        if kind in WEBP_PIXELS:
            yield data[start : start + size]
        elif kind == WEBP_FRAME:
            yield from _webp_chunks(data, start + WEBP_FRAME_HEADER_BYTES, start + size)


def _heif_pixels(data: bytes) -> Iterator[bytes]:
    """The media data of an AVIF or HEIC file, with the metadata blotted out."""
    boxes = list(_boxes(data, 0, len(data)))
    visible = bytearray(data)
    for kind, start, end in boxes:
        if kind == b"meta":
            for first, last in _other_extents(data, start + 4, end):
                visible[first:last] = b"\xff" * (min(last, len(data)) - min(first, len(data)))
    for kind, start, end in boxes:
        if kind == b"mdat":
            yield bytes(visible[start:end])


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end (of the content, in bytes) of each box."""
    while at + 8 <= end:
        size, kind, start = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], at + 8
        if size == 1:
            size, start = int.from_bytes(data[start : start + 8]), at + 16
        elif size == 0:
            size = end - at
        if size < start - at:
            return
        yield kind, start, min(at + size, end)
        at += size


def _other_extents(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Start and end of each item of the `meta` box that is not coded pixels, in bytes."""
    children = {kind: data[first:last] for kind, first, last in _boxes(data, start, end)}
    others = set(_other_items(children.get(b"iinf", b"")))
    for item, first, last in _item_extents(children.get(b"iloc", b"")):
        if item in others:
            yield first, last


def _other_items(iinf: bytes) -> Iterator[int]:
    """The numbers of the items that are not coded pixels."""
    for kind, start, _ in _boxes(iinf, 6 if iinf[:1] == b"\0" else 8, len(iinf)):
        long = iinf[start] >= 3  # the version
        id_end = start + (8 if long else 6)
        if kind == b"infe" and iinf[id_end + 2 : id_end + 6] not in CODED_ITEMS:
            yield int.from_bytes(iinf[start + 4 : id_end])


def _item_extents(iloc: bytes) -> Iterator[tuple[int, int, int]]:
    """For each piece of each item: the item's number, and the first and last byte in the file."""
    reader = _Reader(iloc)
    version = reader.number(4) >> 24
    sizes = reader.number(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    id_size = 4 if version >= 2 else 2
    for _ in range(reader.number(id_size)):
        item = reader.number(id_size)
        method = reader.number(2) if version else FILE_OFFSETS
        reader.number(2)  # the file: always this one
        base = reader.number(base_size)
        for _ in range(reader.number(2)):
            reader.number(index_size)
            first = base + reader.number(offset_size)
            length = reader.number(length_size)
            if method == FILE_OFFSETS:
                yield item, first, first + length
        if reader.is_at_end:
            return


class _Reader:
    """Reads big-endian numbers one after the other. After the end, it returns 0."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, size_bytes: int) -> int:
        self._at += size_bytes
        return int.from_bytes(self._data[self._at - size_bytes : self._at])

    @property
    def is_at_end(self) -> bool:
        return self._at >= len(self._data)
