"""Read the text on a cover, and on the slides of a photo post.

In: images (`data/coverphotos/<id>.jpg`, in whatever format its bytes are). Out: their text, and
a receipt that names what made the text (engine, version, hash of each model, settings): the same
image gives the same text only where all of these are the same.

The text of a readable image always ends in one newline, so that an image without words ("\\n") and
one that can't be read (no bytes: null in the merged file) never mix.
"""

import os
import re
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

# Jobs run in parallel already: more threads in an engine make both slower. Read by the engines'
# libraries when they load.
os.environ["OMP_THREAD_LIMIT"] = "1"

from scripts.errors import ConfigError, DamagedMediaError
from scripts.ocr.engine import Engine, EngineError, OcrSettings
from scripts.ocr.picture import Picture, load_pictures
from scripts.ocr.pytesseract_engine import PytesseractEngine
from scripts.ocr.rapidocr_engine import RapidocrEngine
from scripts.ocr.tesserocr_engine import TesserocrEngine
from scripts.store.texts import OK, UNREADABLE, media_hashes, settings_hash, write_text

ENGINES: dict[str, type[Engine]] = {
    "pytesseract": PytesseractEngine,
    "tesserocr": TesserocrEngine,
    "rapidocr": RapidocrEngine,
}

# Control characters (but newline and tab) and lone surrogates: no text file should hold them.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

LONGEST_SIDE = 32_767  # of an image in pixels, as Tesseract takes it
SHORTEST_SIDE = 8

_of_thread = threading.local()


def recognise(
    images: Sequence[Path], text: Path, receipt: Path, settings: Mapping[str, Any]
) -> None:
    """Write how the text of a cover and its slides was made to `receipt`, then it to `text`.

    settings: the `ocr` section of a configuration that was checked.

    Texts stand in the order of the images, each once. Without any readable image (missing, empty,
    damaged) the text file is empty. Raises ConfigError where the engine can't run (see
    `check_engine`), never for what is in an image.
    """
    chosen = OcrSettings.parse(settings)
    identity = _identity(chosen)
    engine = _engine(chosen)
    texts, reasons = [], []
    for image in map(Path, images):
        try:
            texts.append(_read_image(image, engine))
        except FileNotFoundError:
            reasons.append(f"{image.name} is missing.")
        except (DamagedMediaError, EngineError) as error:
            reasons.append(str(error))
    # A photo post's cover is one of its slides.
    content = "\n".join(filter(None, dict.fromkeys(texts))) + "\n" if texts else ""
    facts = {
        "engine": chosen.engine,
        "version": identity,
        "settings": engine.flags(),
        "outcome": OK if content else UNREADABLE,
        "reason": " ".join(reasons),
        "asked": asked_for(settings),
        "made_of": media_hashes(images),
    }
    write_text(text, receipt, content, facts)


def asked_for(settings: Mapping[str, Any]) -> str:
    """Tells two configurations apart."""
    return settings_hash(settings)


def check_engine(settings: Mapping[str, Any]) -> str:
    """The engine's identity; ConfigError with the remedy where it or its data is missing."""
    return _identity(OcrSettings.parse(settings))


def tidy(text: str) -> str:
    """Text without unprintable characters and without white space at its end."""
    return UNPRINTABLE.sub("", text).rstrip()


def _read_image(image: Path, engine: Engine) -> str:
    """The text of an image; of an animation, each line once.

    Raises EngineError where the engine gives up on it.
    """
    texts = [tidy(_read_picture(picture, engine)) for picture in load_pictures(image)]
    if len(texts) == 1:
        return texts[0]
    return "\n".join(dict.fromkeys(line for text in texts for line in text.splitlines() if line))


def _read_picture(picture: Picture, engine: Engine) -> str:
    width, height = picture.pixels.size
    if max(width, height) > LONGEST_SIDE:
        raise EngineError(f"The image is {width:,} x {height:,} pixels, which no engine reads.")
    # No letter is that small. Engines enlarge such images, without any limit.
    return "" if min(width, height) < SHORTEST_SIDE else engine.read(picture)


def _engine(settings: OcrSettings) -> Engine:
    """This thread's engine: recognisers are not thread-safe, and slow to load."""
    engines = _of_thread.__dict__.setdefault("engines", {})
    if settings not in engines:
        engines[settings] = ENGINES[settings.engine](settings)
    return engines[settings]


def _identity(settings: OcrSettings) -> str:
    found = _find_identity(settings)
    if isinstance(found, ConfigError):
        raise ConfigError(str(found))
    return found


@cache
def _find_identity(settings: OcrSettings) -> str | ConfigError:
    """The error is kept, too: not every cover has to look for an engine that isn't there."""
    try:
        return ENGINES[settings.engine](settings).identity()
    except ConfigError as error:
        return error
