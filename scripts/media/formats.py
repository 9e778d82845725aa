"""Recognise the format of a file by its first bytes, never by its name."""

import re

from scripts.errors import DamagedMediaError

HEAD_BYTES = 1024
MAGIC = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"\x1a\x45\xdf\xa3": "webm",
    b"\x1f\x8b": "gzip data",
    b"#EXTM3U": "a playlist",
}
IMAGE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")
VIDEO_FORMATS = ("mp4", "webm")

HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}
# QuickTime files of the time before MP4 have no `ftyp` box, or put it behind another one.
QUICKTIME_STARTS = (b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")
PAGE = re.compile(rb"\s*<(!doctype\s+html|html|head|body|script|meta|title|!--)", re.IGNORECASE)


def sniff(head: bytes) -> str:
    """The format that the first bytes of a file show: "JPEG", "mp4", "an HTML page", ..., or ""."""
    if head[4:8] == b"ftyp":
        return _sniff_brands(head)
    if head[4:8] in QUICKTIME_STARTS and head[:1] < b"\t":  # a size below 150 MB, not text
        return "mp4"
    if head[:4] == b"RIFF":
        return "WEBP" if head[8:12] == b"WEBP" else ""
    for magic, name in MAGIC.items():
        if head.startswith(magic):
            return name
    text = head.removeprefix(b"\xef\xbb\xbf")
    if PAGE.match(text):
        return "an HTML page"
    return "JSON" if text.lstrip()[:1] in (b"{", b"[") else ""


def _sniff_brands(head: bytes) -> str:
    """The format of an ISO file. A video may be compatible with brands of images."""
    size = int.from_bytes(head[:4])
    major, end = head[8:12], min(size, len(head))
    brands = {major} | {head[i : i + 4] for i in range(16, end - 3, 4)}
    is_image = major in HEIF_BRANDS | AVIF_BRANDS or head[size + 4 : size + 8] == b"meta"
    if is_image and brands & AVIF_BRANDS:
        return "AVIF"
    return "HEIF" if is_image and brands & HEIF_BRANDS else "mp4"


def require_format(head: bytes, wanted: tuple[str, ...], medium: str) -> str:
    """The sniffed format. Raises DamagedMediaError unless it is one of `wanted`.

    medium: what the file should be, for the message: "image", "video", "caption track".
    """
    if not head:
        raise DamagedMediaError("The file is empty.")
    found = sniff(head)
    if found in wanted:
        return found
    if found:
        article = "an" if medium[0] in "aeiou" else "a"
        raise DamagedMediaError(f"The file is {found}, not {article} {medium}.")
    if not head.strip(b"\0"):
        raise DamagedMediaError("The file starts with nothing but zeros.")
    start = head[:8].hex(" ")
    raise DamagedMediaError(f"The file is in no known {medium} format (first bytes: {start}).")
