"""Decide whether an image is complete, by decoding all of it.

Every image verified here may be impossible to download again. So no check may reject an image that
a person can see: each one follows from a rule of the format.
"""

import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import ExifTags, Image

from scripts.errors import DamagedMediaError
from scripts.media.formats import HEAD_BYTES, IMAGE_FORMATS, require_format
from scripts.media.image_data import verify_jpeg_scans, verify_pixel_data, without_png_metadata

pillow_heif.options.DECODE_THREADS = 1
pillow_heif.register_heif_opener()

MAX_IMAGE_BYTES = 32 * 2**20
MAX_IMAGE_PIXELS = 50_000_000
MAX_ANIMATION_PIXELS = 10 * MAX_IMAGE_PIXELS
MAX_FRAMES = 1000
QUARTER_TURNS = range(5, 9)  # the orientations of EXIF that swap width and height
# Set here for all threads, because `warnings.catch_warnings` works for one thread only.
Image.MAX_IMAGE_PIXELS = MAX_IMAGE_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def verify_image(path: Path | str) -> dict[str, Any]:
    """Decode a whole image. Facts: format ("JPEG", "WEBP", ...), width and height in pixels.

    Width and height are as a person sees the image, turned as its EXIF says. Raises
    DamagedMediaError, and OSError for a failing disk.
    """
    image, name = load_image(path)
    width, height = image.size
    if orientation(image) in QUARTER_TURNS:
        width, height = height, width
    return {"format": name, "width": width, "height": height}


def orientation(image: Image.Image) -> int:
    """How a viewer has to turn the image, as EXIF numbers it: 1 for upright, up to 8.

    Damaged EXIF says nothing, so the image is upright.
    """
    try:
        value = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # Pillow raises anything here, even SyntaxError.
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def load_image(path: Path | str) -> tuple[Image.Image, str]:
    """The decoded image (the first frame of an animation) and its format.

    Raises DamagedMediaError if any frame of the image is incomplete.
    """
    with Path(path).open("rb") as file:
        data = file.read(MAX_IMAGE_BYTES + 1)
    name = require_format(data[:HEAD_BYTES], IMAGE_FORMATS, "image")
    if len(data) > MAX_IMAGE_BYTES:
        raise DamagedMediaError(f"The image is larger than {MAX_IMAGE_BYTES} bytes.")
    if name == "PNG":
        data = without_png_metadata(data)
    try:
        # Name one format, so that hostile bytes reach no other decoder.
        image = Image.open(BytesIO(data), formats=[name])
        pixels = image.width * image.height
        if pixels > MAX_IMAGE_PIXELS:
            raise DamagedMediaError(
                f"The image claims {image.width} x {image.height} pixels, more than is accepted."
            )
        if name == "JPEG":
            verify_jpeg_scans(data)
        image.load()
        if image.mode == "P" and not image.getpalette():
            raise DamagedMediaError("The image has no colours: its palette is missing.")
        _load_other_frames(image, pixels)
    except DamagedMediaError:
        raise
    except Exception as error:  # Decoders raise anything on damaged bytes, even IndexError.
        raise DamagedMediaError(f"The {name} image does not decode: {_brief(error)}.") from None
    verify_pixel_data(data, name, pixels)
    return image, name


def _load_other_frames(image: Image.Image, pixels: int) -> None:
    """Decode the frames after the first, up to a limit, and go back to the first."""
    if not getattr(image, "is_animated", False) or image.format == "MPO":
        return  # an MPO is a JPEG with a preview after its end
    for index in range(1, min(MAX_FRAMES, MAX_ANIMATION_PIXELS // max(pixels, 1))):
        try:
            image.seek(index)
        except EOFError:
            break
        image.load()
    image.seek(0)
    image.load()


def _brief(error: Exception) -> str:
    """A decoder's message, shortened, on one line and without memory addresses."""
    text = " ".join(str(error).split()).rstrip(".")[:120]
    return "unknown format" if "BytesIO" in text else text or type(error).__name__
