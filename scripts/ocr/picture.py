"""Decode an image as a person sees it.

The picture is upright, however the camera was held, with 8 bits a sample. Transparent parts get a
background that the text stands out from. Of an animation, only frames that differ are decoded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from scripts.media.images import load_image, orientation

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # by orientation. (Pillow's own exif_transpose fails where it can't write the rest of the EXIF.)
MOST_FRAMES = 6  # of an animation
THUMBNAIL = (32, 32)
LEAST_CHANGE = 30  # of 255: a frame is worth reading if a pixel of its thumbnail differs so much
SOLID = 32  # an alpha below which nobody sees the pixel
LIGHT, DARK = 170, 85  # of 255
FEW, MANY = 0.05, 0.8  # shares of the pixels


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture: the image itself, or one frame of an animation.

    pixels: "L" or "RGB". path: a file that shows the same pixels to a program that decodes it
    itself; None if there is no such file.
    """

    pixels: Image.Image
    frame: int = 0
    path: Path | None = None


def load_pictures(path: Path) -> Iterator[Picture]:
    """The picture in a file, or up to MOST_FRAMES differing frames of an animation.

    Raises DamagedMediaError, or OSError if the file can't be read at all.
    """
    image, name = load_image(path)
    is_file = (
        name in ("JPEG", "PNG")
        and image.mode in ("L", "RGB")
        and not image.has_transparency_data
        and orientation(image) == 1
    )
    thumbnails: list[np.ndarray] = []
    for frame in _frames(image):
        pixels = see(image)
        thumbnail = np.asarray(pixels.convert("L").resize(THUMBNAIL), np.float32)
        if any(np.abs(thumbnail - other).max() < LEAST_CHANGE for other in thumbnails):
            continue
        thumbnails.append(thumbnail)
        yield Picture(pixels, frame, path if is_file and frame == 0 else None)


def see(image: Image.Image) -> Image.Image:
    """The image as 8-bit "L" or "RGB", upright, on a background its text stands out from."""
    turn = TURNS.get(orientation(image))
    image = image if turn is None else image.transpose(turn)
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):  # PNG's 16 bits of grey
        image = _reduce_to_8_bits(image)
    if image.has_transparency_data:
        return _on_background(image.convert("RGBA"))
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _frames(image: Image.Image) -> Iterator[int]:
    """Seek frames that are spread over the animation. Most images have only one."""
    count = getattr(image, "n_frames", 1) if image.format != "MPO" else 1
    for frame in sorted({round(n * (count - 1) / (MOST_FRAMES - 1)) for n in range(MOST_FRAMES)}):
        if frame:
            try:
                image.seek(frame)
            except EOFError:  # damage beyond the frames that were verified
                return
        yield frame


def _reduce_to_8_bits(image: Image.Image) -> Image.Image:
    """16-bit grey as "L", or "LA" if one value is transparent. Pillow would clip it to white."""
    samples = np.asarray(image)
    grey = Image.fromarray((samples // 257).astype(np.uint8))
    hidden = image.info.get("transparency")
    if not isinstance(hidden, int):
        return grey
    alpha = Image.fromarray(np.where(samples == hidden, 0, 255).astype(np.uint8))
    return Image.merge("LA", (grey, alpha))


def _on_background(image: Image.Image) -> Image.Image:
    """The "RGBA" image on the shade that its text stands out from."""
    shade = _background(np.asarray(image))
    background = Image.new("RGBA", image.size, (shade, shade, shade, 255))
    return Image.alpha_composite(background, image).convert("RGB")


def _background(samples: np.ndarray) -> int:
    """White; black behind a light picture; grey behind one with both light and dark places.

    Light letters with dark outlines get black: the outlines melt into it, and the letters stay.
    """
    is_seen = samples[..., 3] >= SOLID
    brightness = samples[..., :3].mean(axis=-1)
    light, dark = _shares(brightness[is_seen])
    if min(light, dark) > FEW:
        light, dark = _shares(brightness[is_seen & _beside(~is_seen)])
        return 255 if light > MANY else 0 if dark > MANY else 128
    return 0 if light > dark else 255


def _shares(brightness: np.ndarray) -> tuple[float, float]:
    """The share of light pixels, and the share of dark ones."""
    count = max(brightness.size, 1)
    return (brightness > LIGHT).sum() / count, (brightness < DARK).sum() / count


def _beside(mask: np.ndarray) -> np.ndarray:
    """The pixels with a neighbour in `mask`."""
    padded = np.pad(mask, 1)
    beside: np.ndarray = padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
    return beside
