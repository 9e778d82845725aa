"""Read the text on a cover, and on the slides of a photo post.

In: images (`data/coverphotos/<id>.jpg`, whatever their format). Out: their text; the place of each
line, as JSON; and a receipt that names what made both (engine, version, hash of each model,
settings). The same image gives the same text only if all of these are the same.

The text of a readable image always ends in one newline. So an image without words ("\\n") differs
from an image that can't be read (an empty file, and null in the merged file).
"""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

# Jobs already run in parallel, and more threads within an engine would slow all of them down. The
# engines' libraries read this variable when they load.
os.environ["OMP_THREAD_LIMIT"] = "1"

from scripts.engines import OnePerThread, asked_once
from scripts.errors import DamagedMediaError
from scripts.files import write_atomic
from scripts.ocr.engine import Engine, EngineError, OcrSettings
from scripts.ocr.lines import TextLine
from scripts.ocr.picture import Picture, load_pictures
from scripts.ocr.pytesseract_engine import PytesseractEngine
from scripts.ocr.rapidocr_engine import RapidocrEngine, can_read
from scripts.ocr.tesserocr_engine import TesserocrEngine
from scripts.store.texts import AUTO, OK, UNREADABLE, media_hashes, settings_hash, write_text

ENGINES: dict[str, type[Engine]] = {
    "pytesseract": PytesseractEngine,
    "tesserocr": TesserocrEngine,
    "rapidocr": RapidocrEngine,
}

# Control characters (except newline and tab) and lone surrogates do not belong in a text file.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

LONGEST_SIDE = 32_767  # of an image, in pixels: Tesseract's limit
SHORTEST_SIDE = 8


def recognise(
    images: Sequence[Path | str],
    text: Path | str,
    boxes: Path | str,
    receipt: Path | str,
    settings: Mapping[str, Any],
) -> None:
    """Write the text of a cover and its slides to `text`, and the place of each line to `boxes`.

    `receipt` says how they were made. settings: the `ocr` section of a checked configuration.

    The texts have the order of the images, and each appears once. If no image can be read (all are
    missing, empty or damaged), both files are empty. Raises ConfigError if the engine can't run
    (see `check_engine`), but never because of an image.
    """
    chosen = choose_engine(settings)
    identity = _identity(chosen)
    engine = _engine(chosen)
    read: list[dict[str, Any]] = []
    reasons = []
    for image in map(Path, images):
        try:
            lines = _read_image(image, engine)
        except FileNotFoundError:
            reasons.append(f"{image.name} is missing.")
        except (DamagedMediaError, EngineError) as error:
            reasons.append(str(error))
        else:
            read.append({"file": os.path.relpath(image, Path(text).parents[1]), **lines})
    # A photo post's cover is one of its slides.
    texts = dict.fromkeys("\n".join(_texts(image["lines"])) for image in read)
    content = "\n".join(filter(None, texts)) + "\n" if read else ""
    facts = {
        "engine": chosen.engine,
        "version": identity,
        "settings": engine.flags(),
        "outcome": OK if content else UNREADABLE,
        "reason": " ".join(reasons),
        "asked": hash_settings(settings),
        "made_of": media_hashes(images),
    }
    places = json.dumps({"images": read}, ensure_ascii=False) + "\n" if read else ""
    write_atomic(boxes, places, durable=False)
    write_text(Path(text), Path(receipt), content, facts)


def choose_engine(settings: Mapping[str, Any]) -> OcrSettings:
    """The settings, with `auto` replaced by the engine that it stands for on this machine."""
    chosen = OcrSettings.parse(settings)
    if chosen.engine != AUTO:
        return chosen
    engine = "rapidocr" if can_read(chosen.languages) else "pytesseract"
    return replace(chosen, engine=engine)


def hash_settings(settings: Mapping[str, Any]) -> str:
    """The digest that receipts store as `asked`; `auto` counts as the engine it stands for."""
    return settings_hash({**settings, "engine": choose_engine(settings).engine})


def check_engine(settings: Mapping[str, Any]) -> str:
    """Return the engine's identity. Raises ConfigError, with the remedy, if it can't run."""
    return _identity(choose_engine(settings))


def tidy(text: str) -> str:
    """The text without unprintable characters and trailing white space."""
    return UNPRINTABLE.sub("", text).rstrip()


def _read_image(image: Path, engine: Engine) -> dict[str, Any]:
    """An image's size in pixels, and its lines. Lines of an animation name their frame.

    Raises EngineError if the engine gives up on the image.
    """
    lines: list[dict[str, Any]] = []
    for picture in load_pictures(image):
        width, height = picture.pixels.size
        for line in _read_picture(picture, engine):
            if text := tidy(line.text):
                corners = [[round(x), round(y)] for x, y in line.corners]
                place = {"corners": corners, "confidence": round(line.confidence, 3)}
                frame = {"frame": picture.frame} if picture.frame else {}
                lines.append({"text": text, **place, **frame})
    return {"width": width, "height": height, "lines": lines}


def _read_picture(picture: Picture, engine: Engine) -> list[TextLine]:
    width, height = picture.pixels.size
    if max(width, height) > LONGEST_SIDE:
        raise EngineError(f"The image is {width:,} x {height:,} pixels, which no engine reads.")
    # No letter is that small, and engines would enlarge such an image without limit.
    return [] if min(width, height) < SHORTEST_SIDE else engine.read(picture)


def _texts(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """The text of each line. A text that stays from frame to frame of an animation counts once."""
    texts = [line["text"] for line in lines]
    is_animation = any("frame" in line for line in lines)
    return list(dict.fromkeys(texts)) if is_animation else texts


@OnePerThread
def _engine(settings: OcrSettings) -> Engine:
    return ENGINES[settings.engine](settings)


@asked_once
def _identity(settings: OcrSettings) -> str:
    return ENGINES[settings.engine](settings).identity()
