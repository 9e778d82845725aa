"""Decide whether the container of a video is complete: the boxes of MP4, the elements of WebM.

Both formats are chains: each part says how long it is. Bytes after the end of the chain (padding, a
line of text) are not damage: players ignore them.
"""

import os
from collections.abc import Iterator
from typing import IO, NamedTuple

from scripts.errors import DamagedMediaError

DEMUXERS = {"mp4": "mov", "webm": "matroska"}
MAX_SAMPLES = 1_000_000  # 9 hours at 30 frames a second
MAX_INDEX_BYTES = 64 * 2**20

BOX_HEADER_BYTES = 8
CONTAINER_BOXES = (b"mdia", b"minf", b"stbl")
ONE_ENTRY, EACH_LASTS_1 = (1).to_bytes(4), (1).to_bytes(4)
# Boxes that a player needs or that a writer adds last. If one is incomplete, the file is cut.
MEDIA_BOXES = (b"ftyp", b"styp", b"moov", b"sidx", b"moof", b"mdat", b"mfra")

EBML_HEADER, SEGMENT, CLUSTER = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75"
MAX_ID_BYTES, MAX_SIZE_BYTES = 4, 8  # in EBML


def verify_container(file: IO[bytes], name: str) -> int:
    """Check the chain of an "mp4" or "webm". Returns how many bytes follow its end.

    Raises DamagedMediaError for a file that is cut, spliced from two, or has no media data.
    """
    return _verify_mp4_boxes(file) if name == "mp4" else _verify_webm_elements(file)


class _Box(NamedTuple):
    """A top-level box: its type, and the start and end of its content in bytes."""

    kind: bytes
    start: int
    end: int


def _verify_mp4_boxes(file: IO[bytes]) -> int:
    seen: list[bytes] = []
    samples = end = 0
    is_fragmented = False
    for kind, start, end in _boxes(file):
        if kind in (b"ftyp", b"moov") and kind in seen:
            raise DamagedMediaError("The video is two files spliced together.")
        seen.append(kind)
        if kind in (b"moov", b"moof"):
            if end - start > MAX_INDEX_BYTES:
                raise DamagedMediaError("The video's index is larger than is accepted.")
            file.seek(start)
            index = file.read(end - start)
            is_fragmented = is_fragmented or kind == b"moof" or b"mvex" in index
            samples += _count_samples(index)
            if samples > MAX_SAMPLES:
                raise DamagedMediaError("The video claims more frames than are accepted.")
    if b"moov" not in seen:
        raise DamagedMediaError("The video is cut: it has no index (moov).")
    if b"mdat" not in seen:
        raise DamagedMediaError("The video has an index (moov) but no data (mdat).")
    rest = os.fstat(file.fileno()).st_size - end
    if rest and is_fragmented and b"mfra" not in seen:
        file.seek(end)
        # A fragment may be missing here. It would begin with its size, whose first byte is zero.
        header = file.read(BOX_HEADER_BYTES)
        is_fragment = len(header) == BOX_HEADER_BYTES and header[4:] not in (b"free", b"skip")
        if is_fragment and header[0] == 0:
            raise DamagedMediaError(f"The video is damaged: no box starts at byte {end}.")
    return rest


def _boxes(file: IO[bytes]) -> Iterator[_Box]:
    """All top-level boxes, up to the first bytes that do not form one."""
    at, size_of_file = 0, os.fstat(file.fileno()).st_size
    while at < size_of_file:
        file.seek(at)
        header = file.read(16)
        size, kind, start = int.from_bytes(header[:4]), header[4:8], at + 8
        if size == 1:
            size, start = int.from_bytes(header[8:16]), at + 16
        elif size == 0 and kind:
            size = size_of_file - at
        if size < start - at or not (kind.isascii() and kind.decode().isprintable() and kind):
            return
        if at + size > size_of_file:
            if kind not in MEDIA_BOXES:
                return
            missing = at + size - size_of_file
            raise DamagedMediaError(f"The video is cut: {missing} bytes are missing at its end.")
        yield _Box(kind, start, at + size)
        at += size


def _count_samples(index: bytes) -> int:
    """How many samples the tables of a `moov` or `moof` claim. FFmpeg allocates memory for them."""
    count = 0
    for kind, start, end in _children(index, 0, len(index)):
        if kind in (b"trak", b"traf"):
            count += _count_track_samples(index, start, end)
    return count


def _count_track_samples(index: bytes, start: int, end: int) -> int:
    tables: dict[bytes, bytes] = {}
    count = 0
    for kind, *place in _leaves(index, start, end):
        content = index[slice(*place)]
        if kind == b"trun":
            count += int.from_bytes(content[4:8])
        elif kind in (b"hdlr", b"stts", b"stsz", b"stz2"):
            tables.setdefault(kind, content)  # the second hdlr in QuickTime describes the file
    sizes = tables.get(b"stsz", tables.get(b"stz2", b""))
    # FFmpeg reads raw sound (each sample lasts 1 unit of time) in chunks, not sample by sample.
    is_raw_sound = tables.get(b"hdlr", b"")[8:12] == b"soun" and (
        tables.get(b"stts", b"")[4:] == ONE_ENTRY + sizes[8:12] + EACH_LASTS_1
    )
    return count if is_raw_sound else count + int.from_bytes(sizes[8:12])


def _leaves(index: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes inside a track that contain no others."""
    for kind, inner_start, inner_end in _children(index, start, end):
        if kind in CONTAINER_BOXES:
            yield from _leaves(index, inner_start, inner_end)
        else:
            yield kind, inner_start, inner_end


def _children(index: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end (of the content, in bytes) of each box in this part of the index."""
    while at + BOX_HEADER_BYTES <= end:
        size = int.from_bytes(index[at : at + 4])
        if size < BOX_HEADER_BYTES:
            break
        yield index[at + 4 : at + 8], at + BOX_HEADER_BYTES, min(at + size, end)
        at += size


def _verify_webm_elements(file: IO[bytes]) -> int:
    """Check the elements: FFmpeg silently skips unreadable ones and resumes at a later cluster."""
    at, size_of_file = 0, os.fstat(file.fileno()).st_size
    open_ends: list[int] = []
    has_clusters = False
    while at < size_of_file:
        while open_ends and at >= open_ends[-1]:
            open_ends.pop()
        end_of_parent = open_ends[-1] if open_ends else size_of_file
        element = _read_element(file, at)
        is_behind_the_end = has_clusters and not open_ends
        if is_behind_the_end and (
            element is None or element.has_no_size or element.end > size_of_file
        ):
            return size_of_file - at
        if element is None or element.start > size_of_file:
            raise DamagedMediaError(f"The video is damaged: no element starts at byte {at}.")
        if element.has_no_size:
            return 0  # of unknown size: a live recorder writes such elements
        if at and element.identity == EBML_HEADER:
            raise DamagedMediaError("The video is two files spliced together.")
        if element.end > size_of_file:
            missing = element.end - size_of_file
            raise DamagedMediaError(f"The video is cut: {missing} bytes are missing at its end.")
        if element.end > end_of_parent:
            raise DamagedMediaError("The video is damaged, or two files spliced together.")
        has_clusters = has_clusters or element.identity == CLUSTER
        if element.identity in (SEGMENT, CLUSTER):
            open_ends.append(element.end)
            at = element.start
        else:
            at = element.end
    return 0


class _Element(NamedTuple):
    """An EBML element: its id, and the start and end of its content in bytes."""

    identity: bytes
    start: int
    end: int
    has_no_size: bool


def _read_element(file: IO[bytes], at: int) -> _Element | None:
    """The element whose header is at this byte; None if no header is there."""
    file.seek(at)
    header = file.read(MAX_ID_BYTES + MAX_SIZE_BYTES)
    id_length = 9 - header[0].bit_length()
    length = 9 - header[id_length].bit_length() if id_length < len(header) else 9
    if id_length > MAX_ID_BYTES or length > MAX_SIZE_BYTES:
        return None
    all_ones = (1 << 7 * length) - 1
    size = int.from_bytes(header[id_length : id_length + length]) & all_ones
    start = at + id_length + length
    return _Element(header[:id_length], start, start + size, size == all_ones)
