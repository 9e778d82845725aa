"""Small films with text on their screen."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw

from benchmarks.covers import load_font

SIZE = (288, 512)
FRAMES_PER_S = 10


@cache
def background() -> Image.Image:
    """Return light and shade without any text."""
    spots = np.random.default_rng(1).integers(60, 180, (6, 4, 3), np.uint8)
    return Image.fromarray(spots).resize(SIZE, Image.Resampling.BICUBIC)


def write(image: Image.Image, text: str, at: tuple[float, float], pixels: int = 30) -> None:
    """Write white letters with black outlines; `at` is the middle."""
    font = load_font("DejaVuSans-Bold.ttf", pixels)
    outline = {"stroke_width": 3, "stroke_fill": "black"}
    ImageDraw.Draw(image).text(at, text, fill="white", font=font, anchor="mm", **outline)


def save(
    path: Path,
    frames: Iterable[Image.Image],
    *,
    frames_per_s: int = FRAMES_PER_S,
    pixels: str = "yuv420p",
    **options: str,
) -> None:
    """Write an MP4 of frames. options: of x264."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", frames_per_s)
        stream.width, stream.height = SIZE
        stream.pix_fmt = pixels
        stream.options = {"preset": "ultrafast"} | options
        for image in frames:
            container.mux(stream.encode(av.VideoFrame.from_image(image)))
        container.mux(stream.encode(None))


def still(text: str, duration_s: float = 1.5) -> list[Image.Image]:
    """Return the frames of a film with one line that stays."""
    return [slide(text)] * round(duration_s * FRAMES_PER_S)


def slide(text: str) -> Image.Image:
    """Return a frame with one line."""
    image = background().copy()
    write(image, text, (SIZE[0] / 2, 200), 22)
    return image
