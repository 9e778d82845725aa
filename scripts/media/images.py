"""Is a downloaded file the whole image, video or caption track it should be? By its content.

`verify_image`, `verify_video` and `verify_captions` take a file, return facts about it and raise
DamagedMediaError, in one sentence, where it is something else or not all there. All are
thread-safe, release the GIL in their heavy part, and are bounded in time and memory whatever the
bytes are. Errors of the disk (OSError) pass through: they say nothing about the media.

Every file verified here may be impossible to download again, so a check must not only catch
damage but never object to a sound file: each one below follows from the format's own rules.
"""

import json
import re
import warnings
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import av
from PIL import Image

from scripts.errors import DamagedMediaError
from scripts.media.video import verify_mp4_boxes, verify_streams, verify_webm_elements

try:
    import pillow_heif
except ImportError:
    pillow_heif = None
else:
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener()

MAX_IMAGE_BYTES = 32 * 2**20
MAX_IMAGE_PIXELS = 50_000_000
MAX_ANIMATION_PIXELS = 10 * MAX_IMAGE_PIXELS
MAX_FRAMES = 1000
MAX_CAPTIONS_BYTES = 10 * 2**20  # hours of speech are one
# Once and for all threads: `warnings.catch_warnings` works for one thread only.
Image.MAX_IMAGE_PIXELS = MAX_IMAGE_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
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
IMAGES = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")
VIDEOS = ("mp4", "webm")
# SubRip has no header: it starts with its first cue, before which stands a number.
SUBRIP = re.compile(
    rb"\s{0,100}(?:[0-9]{1,9}[ \t]*\r?\n)?[ \t]*[0-9:.,]{1,40}[ \t]*-->[ \t]*[0-9:.,]"
)

HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}
PAGE = re.compile(rb"\s*<(!doctype\s+html|html|head|body|script|meta|title|!--)", re.IGNORECASE)


def sniff(head: bytes) -> str:
    """What the first bytes of a file say it is: "JPEG", "mp4", "an HTML page", ..., or ""."""
    if head[4:8] == b"ftyp":
        brands = _brands(head)
        if brands & AVIF_BRANDS:
            return "AVIF"
        return "HEIF" if brands & HEIF_BRANDS else "mp4"
    if head[:4] == b"RIFF":
        return "WEBP" if head[8:12] == b"WEBP" else ""
    for magic, name in MAGIC.items():
        if head.startswith(magic):
            return name
    text = head.removeprefix(b"\xef\xbb\xbf")
    if PAGE.match(text):
        return "an HTML page"
    return "JSON" if text.lstrip()[:1] in (b"{", b"[") else ""


def _brands(head: bytes) -> set[bytes]:
    """Major and compatible brands of an ISO file's `ftyp` box."""
    end = min(int.from_bytes(head[:4]), len(head))
    return {head[8:12]} | {head[i : i + 4] for i in range(16, end - 3, 4)}


def _expect(head: bytes, wanted: tuple[str, ...], place: str) -> str:
    """The sniffed format, which has to be one of `wanted`."""
    if not head:
        raise DamagedMediaError("The file is empty.")
    found = sniff(head)
    if found in wanted:
        return found
    if found:
        raise DamagedMediaError(f"{found[0].upper()}{found[1:]} came in place of the {place}.")
    if not head.strip(b"\0"):
        raise DamagedMediaError("The file starts with nothing but zeros.")
    start = head[:8].hex(" ")
    raise DamagedMediaError(f"The file is in no known {place} format (its first bytes: {start}).")


def verify_captions(path: Path | str) -> dict[str, Any]:
    """Check that a caption track is one. Facts: format (WebVTT, SubRip or creator_caption)."""
    with Path(path).open("rb") as file:
        data = file.read(MAX_CAPTIONS_BYTES + 1)
    if len(data) > MAX_CAPTIONS_BYTES:
        raise DamagedMediaError(f"The caption track has more than {MAX_CAPTIONS_BYTES:,} bytes.")
    text = data.removeprefix(b"\xef\xbb\xbf")
    if text.startswith(b"WEBVTT") or SUBRIP.match(text):
        try:
            data.decode()
        except UnicodeDecodeError:
            raise DamagedMediaError("The caption track is no UTF-8 text.") from None
        return {"format": "WebVTT" if text.startswith(b"WEBVTT") else "SubRip"}
    _expect(data[:HEAD_BYTES], ("JSON",), "caption track")
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        raise DamagedMediaError("The caption track is cut or damaged JSON.") from None
    return {"format": "creator_caption"}


def verify_image(path: Path | str) -> dict[str, Any]:
    """Decode all of an image. Facts: format ("JPEG", "WEBP", ...), width and height in pixels."""
    image, name = load_image(path)
    return {"format": name, "width": image.width, "height": image.height}


def load_image(path: Path | str) -> tuple[Image.Image, str]:
    """The decoded image (the first frame of an animation) and its format.

    Raises DamagedMediaError if the image is not all there, in any frame.
    """
    with Path(path).open("rb") as file:
        data = file.read(MAX_IMAGE_BYTES + 1)
    name = _expect(data[:HEAD_BYTES], IMAGES, "image")
    if len(data) > MAX_IMAGE_BYTES:
        raise DamagedMediaError(f"The image is larger than {MAX_IMAGE_BYTES} bytes.")
    if name == "HEIF" and pillow_heif is None:
        raise DamagedMediaError("The image is HEIC: install the package pillow-heif to read it.")
    try:
        # A name that isn't given here is a decoder that hostile bytes can't reach.
        image = Image.open(BytesIO(data), formats=[name])
        pixels = image.width * image.height
        if pixels > MAX_IMAGE_PIXELS:
            raise DamagedMediaError(
                f"The image claims {image.width} x {image.height} pixels, more than is accepted."
            )
        if name == "JPEG":
            _verify_jpeg_scans(data)
        image.load()
        _load_other_frames(image, pixels)
    except DamagedMediaError:
        raise
    except Exception as error:  # Decoders raise anything on damaged bytes, even IndexError.
        raise DamagedMediaError(f"The {name} image does not decode: {_brief(error)}.") from None
    _verify_tail(data, name, pixels)
    return image, name


def _load_other_frames(image: Image.Image, pixels: int) -> None:
    """Decode the frames after the first, up to a limit, and go back to the first."""
    if not getattr(image, "is_animated", False) or image.format == "MPO":
        return  # MPO: a JPEG with a preview behind its end
    for index in range(1, min(MAX_FRAMES, MAX_ANIMATION_PIXELS // max(pixels, 1))):
        try:
            image.seek(index)
        except EOFError:
            break
        image.load()
    image.seek(0)
    image.load()


def _brief(error: Exception) -> str:
    """A decoder's message without line breaks, memory addresses and length."""
    text = " ".join(str(error).split()).rstrip(".")[:120]
    return "unknown format" if "BytesIO" in text else text or type(error).__name__


def _verify_tail(data: bytes, name: str, pixels: int) -> None:
    """Catch what decoders forgive: an image whose later bytes were never written (zeros)."""
    if name == "PNG":
        _verify_png_chunks(data)
    elif name not in ("JPEG", "GIF"):
        # VP8, AV1 and HEVC decode zeros without complaint, as a smear. Entropy coding leaves no
        # such runs; a WebP of one colour is the worst case, with 1 zero byte for 9,600 pixels.
        if name == "WEBP" and int.from_bytes(data[4:8], "little") + 8 > len(data):
            raise DamagedMediaError("The WEBP image is cut: its header claims more bytes.")
        if bytes(max(64, pixels // 4096)) in data:
            raise DamagedMediaError(f"The {name} image has a hole of zeros.")


def _verify_png_chunks(data: bytes) -> None:
    """Each chunk's checksum, up to IEND: Pillow stops reading with the last row of pixels."""
    at = 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        kind, end = data[at + 4 : at + 8], at + 8 + size
        if zlib.crc32(data[at + 4 : end]) != int.from_bytes(data[end : end + 4]):
            break
        if kind == b"IEND":
            return
        at = end + 4
    raise DamagedMediaError("The PNG image is damaged: a chunk is cut or its checksum is wrong.")


JPEG_END, JPEG_SCAN, JPEG_FILL = b"\xff\xd9", b"\xff\xda", b"\xff\xff"
JPEG_HOLE = bytes(512)
MAX_JPEG_SCANS = 100  # of 75 bytes and, on 50 million pixels, 0.06 s each; encoders make about 10
# All that can stand between scans: no restart markers or FF 00, which libjpeg skips there.
JPEG_SEGMENT = re.compile(rb"\xff[\xc0-\xcf\xda-\xfe]")
# In the entropy-coded data of a scan, FF is followed by 00 or a restart marker (D0-D7).
JPEG_SCAN_END = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")


def _verify_jpeg_scans(data: bytes) -> None:
    """Walk the markers to EOI: a zeroed tail has none. Decode strictly where there is a hole.

    Comes before libjpeg, which decodes any number of scans.
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
    decoder = av.CodecContext.create("mjpeg", "r")
    decoder.thread_count = 1
    decoder.options = {"err_detect": "explode"}
    try:
        decoder.decode(av.Packet(data))
    except av.error.InvalidDataError:
        raise DamagedMediaError("The JPEG image has a hole of zeros.") from None
    except av.FFmpegError:
        return  # a kind of JPEG that FFmpeg can't read (arithmetic coding, CMYK): not evidence


def verify_video(path: Path | str) -> dict[str, Any]:
    """Check that all of a video is there and that it decodes.

    Facts: format ("mp4" or "webm"), width, height (pixels) and video_codec (None for audio
    without pictures), duration_s (seconds or None), audio_codec (None without audio), has_audio.
    """
    with Path(path).open("rb") as file:
        name = _expect(file.read(HEAD_BYTES), VIDEOS, "video")
        if name == "mp4":
            verify_mp4_boxes(file)
        else:
            verify_webm_elements(file)
        return {"format": name, **verify_streams(file, name)}
