"""Read the text on a cover, and on the slides of a photo post.

In: images (`data/coverphotos/<id>.jpg`, in whatever format its bytes are). Out: their text; where
each line is, as JSON; and a receipt that names what made them (engine, version, hash of each model,
settings): the same image gives the same text only where all of these are the same.

The text of a readable image always ends in one newline, so that an image without words ("\\n") and
one that can't be read (no bytes: null in the merged file) never mix.
"""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

# Jobs run in parallel already: more threads in an engine make both slower. Read by the engines'
# libraries when they load.
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

# Control characters (but newline and tab) and lone surrogates: no text file should hold them.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

LONGEST_SIDE = 32_767  # of an image in pixels, as Tesseract takes it
SHORTEST_SIDE = 8


def recognise(
    images: Sequence[Path | str],
    text: Path | str,
    boxes: Path | str,
    receipt: Path | str,
    settings: Mapping[str, Any],
) -> None:
    """Write the text of a cover and its slides to `text`, and where each line is to `boxes`.

    How they were made goes to `receipt`. settings: the `ocr` section of a checked configuration.

    Texts are in the order of the images, each once. If no image can be read (missing, empty,
    damaged), both files are empty. Raises ConfigError if the engine can't run (see `check_engine`),
    never because of an image.
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
    """The settings with the engine that `auto` stands for here."""
    chosen = OcrSettings.parse(settings)
    if chosen.engine != AUTO:
        return chosen
    engine = "rapidocr" if can_read(chosen.languages) else "pytesseract"
    return replace(chosen, engine=engine)


def hash_settings(settings: Mapping[str, Any]) -> str:
    """The digest that receipts have as `asked`; `auto` counts as the engine that it stands for."""
    return settings_hash({**settings, "engine": choose_engine(settings).engine})


def check_engine(settings: Mapping[str, Any]) -> str:
    """Return the engine's identity. Raises ConfigError, with the remedy, if it can't run."""
    return _identity(choose_engine(settings))


def tidy(text: str) -> str:
    """Text without unprintable characters and without white space at its end."""
    return UNPRINTABLE.sub("", text).rstrip()


def _read_image(image: Path, engine: Engine) -> dict[str, Any]:
    """Size of an image in pixels, and its lines; an animation's have the number of the frame.

    Raises EngineError where the engine gives up on it.
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
    # No letter is that small. Engines enlarge such images, without any limit.
    return [] if min(width, height) < SHORTEST_SIDE else engine.read(picture)


def _texts(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """The text of each line; what stays from frame to frame of an animation once."""
    texts = [line["text"] for line in lines]
    is_animation = any("frame" in line for line in lines)
    return list(dict.fromkeys(texts)) if is_animation else texts


@OnePerThread
def _engine(settings: OcrSettings) -> Engine:
    return ENGINES[settings.engine](settings)


@asked_once
def _identity(settings: OcrSettings) -> str:
    return ENGINES[settings.engine](settings).identity()
