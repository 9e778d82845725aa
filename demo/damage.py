"""Make media that are damaged, or not what their name says, from good media.

Each function takes the bytes of a good file, and returns the bytes to serve instead.
"""

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO

import av
import pillow_heif
from PIL import Image

from demo.resources import IMAGE, VIDEO
from demo.tiktoks import TIKTOKS

BOMB_SIDE = 12_000  # pixels: 144 million in a file of a few kB


def truncated(media: bytes) -> bytes:
    """The first half of the file, complete for HTTP."""
    return media[: len(media) // 2]


def zeroed_tail(media: bytes) -> bytes:
    """The right size, but the second half is zeros: a download that was preallocated."""
    return truncated(media).ljust(len(media), b"\0")


def spliced(media: bytes) -> bytes:
    """The right size, but the second half is from another file: a resume that went wrong."""
    others = (tiktok.video_file.read_bytes() for tiktok in TIKTOKS)
    other = next(other for other in others if other != media)
    half = truncated(media)
    return (half + other[len(half) :] * 2)[: len(media)]


def text(media: bytes) -> bytes:
    """Plain text under the name of a media file."""
    return b"upstream connect error or reset before headers. reset reason: overflow\n" * 20


def moov_only(media: bytes) -> bytes:
    """The MP4's index without the data it points to."""
    return media[: media.index(b"mdat") - 4]


def no_audio(media: bytes) -> bytes:
    """The MP4 with only its video stream."""
    return _remux(media, "video")


def audio_only(media: bytes) -> bytes:
    """The MP4 with only its audio stream."""
    return _remux(media, "audio")


def _remux(media: bytes, kind: str) -> bytes:
    with av.open(BytesIO(media)) as source:
        result = BytesIO()
        with av.open(result, "w", format="mp4") as target:
            (stream,) = (stream for stream in source.streams if stream.type == kind)
            copy = target.add_stream_from_template(stream)
            for packet in source.demux(stream):
                if packet.size:
                    packet.stream = copy
                    target.mux(packet)
        return result.getvalue()


def as_webp(media: bytes) -> bytes:
    """A WebP under the name of a JPEG."""
    return _convert(media, "WEBP")


def as_png(media: bytes) -> bytes:
    """A PNG under the name of a JPEG."""
    return _convert(media, "PNG")


def as_avif(media: bytes) -> bytes:
    """An AVIF under the name of a JPEG."""
    return _convert(media, "AVIF")


def as_heic(media: bytes) -> bytes:
    """A HEIC under the name of a JPEG."""
    image = pillow_heif.from_pillow(Image.open(BytesIO(media)))
    result = BytesIO()
    image.save(result)
    return result.getvalue()


def _convert(media: bytes, to: str) -> bytes:
    result = BytesIO()
    Image.open(BytesIO(media)).save(result, to)
    return result.getvalue()


def pixel_bomb(media: bytes) -> bytes:
    """A small PNG of 12,000 x 12,000 pixels, which decodes to half a gigabyte of RGBA."""
    result = BytesIO()
    Image.new("1", (BOMB_SIDE, BOMB_SIDE)).save(result, "PNG")
    return result.getvalue()


# By name: the function that makes the damage, and the kinds of media that it works on.
DAMAGES: dict[str, tuple[Callable[[bytes], bytes], tuple[str, ...]]] = {
    "truncated": (truncated, (VIDEO, IMAGE)),
    "zeroed-tail": (zeroed_tail, (VIDEO, IMAGE)),
    "text": (text, (VIDEO, IMAGE)),
    "spliced": (spliced, (VIDEO,)),
    "moov-only": (moov_only, (VIDEO,)),
    "no-audio": (no_audio, (VIDEO,)),
    "audio-only": (audio_only, (VIDEO,)),
    "webp": (as_webp, (IMAGE,)),
    "png": (as_png, (IMAGE,)),
    "avif": (as_avif, (IMAGE,)),
    "heic": (as_heic, (IMAGE,)),
    "pixel-bomb": (pixel_bomb, (IMAGE,)),
}


@lru_cache(maxsize=64)
def damage(name: str, media: bytes) -> bytes:
    """The damaged form of `media`. It is made only once."""
    return DAMAGES[name][0](media)
