"""Read the text on a cover.

In: one image (`data/coverphotos/<id>.jpg`, in whatever format its bytes are). Out: its text, and
a receipt that names what made the text (engine, version, hash of each model, settings): the same
image gives the same text only where all of these are the same.

The text of a readable image always ends in one newline, so that an image without words ("\\n") and
one that can't be read (no bytes: null in the merged file) never mix.
"""

import json
import os
import re
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

# Jobs run in parallel already: more threads in an engine make both slower. Read by the engines'
# libraries when they load.
os.environ["OMP_THREAD_LIMIT"] = "1"

from scripts.errors import DamagedMediaError
from scripts.files import write_atomic
from scripts.ocr.engine import Cover, Engine, EngineError, OcrSettings
from scripts.ocr.pytesseract_engine import PytesseractEngine
from scripts.ocr.rapidocr_engine import RapidocrEngine
from scripts.ocr.tesserocr_engine import TesserocrEngine

ENGINES: dict[str, type[Engine]] = {
    "pytesseract": PytesseractEngine,
    "tesserocr": TesserocrEngine,
    "rapidocr": RapidocrEngine,
}

# Control characters (but newline and tab) and lone surrogates: no text file should hold them.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

_of_thread = threading.local()


def recognise(image: Path, text: Path, receipt: Path, settings: Mapping[str, Any]) -> None:
    """Write how the text of `image` was made to `receipt`, then the text to `text`.

    settings: the `ocr` section of a configuration that was checked.

    A missing, empty or damaged image gives an empty text file. Raises ConfigError where the
    engine can't run (see `check_engine`), never for what is in the image.
    """
    chosen = OcrSettings.parse(settings)
    identity = _identity(chosen)
    engine = _engine(chosen)
    content, reason = "", ""
    try:
        content = tidy(engine.read(Cover.load(Path(image)))) + "\n"
    except FileNotFoundError:
        reason = "The image is missing."
    except (DamagedMediaError, EngineError) as error:
        reason = str(error)
    facts = {
        "engine": chosen.engine,
        "version": identity,
        "settings": engine.flags(),
        "outcome": "ok" if content else "unreadable",
        "reason": reason,
    }
    # The text comes last: where it is, all is there.
    write_atomic(receipt, json.dumps(facts, sort_keys=True, ensure_ascii=False) + "\n")
    write_atomic(text, content)


def check_engine(settings: Mapping[str, Any]) -> str:
    """The engine's identity; ConfigError with the remedy where it or its data is missing."""
    return _identity(OcrSettings.parse(settings))


def tidy(text: str) -> str:
    """Text without unprintable characters and without white space at its end."""
    return UNPRINTABLE.sub("", text).rstrip()


def _engine(settings: OcrSettings) -> Engine:
    """This thread's engine: recognisers are not thread-safe, and slow to load."""
    engines = _of_thread.__dict__.setdefault("engines", {})
    if settings not in engines:
        engines[settings] = ENGINES[settings.engine](settings)
    return engines[settings]


@cache
def _identity(settings: OcrSettings) -> str:
    return ENGINES[settings.engine](settings).identity()
