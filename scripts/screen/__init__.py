"""Read the text on the screen of a video.

In: a video (`data/videos/<id>.mp4`). Out: its lines, each once, in the order in which they appear;
the same with times as WebVTT; where each line is, as JSON; and a receipt that names what made them
(engine, versions, hash of each model, settings, and up to which second the video was read).

The text of a readable video always ends in one newline. So a video without words ("\\n") differs
from a video that can't be read (an empty file, and null in the merged file).
"""

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scripts.engines import OnePerThread, asked_once
from scripts.errors import DamagedMediaError
from scripts.files import write_atomic
from scripts.ocr import tidy
from scripts.ocr.engine import EngineError, OcrSettings
from scripts.screen.frames import NoPicturesError, read_frames
from scripts.screen.readers import READERS, Reader
from scripts.screen.reading import ScreenLine, ScreenReader
from scripts.screen.watermark import is_watermark
from scripts.speech.captions import as_webvtt
from scripts.speech.engine import Cue
from scripts.store.texts import OK, UNREADABLE, media_hashes, settings_hash, write_text

SPARSE_TEXT = 11  # Tesseract's page segmentation for pictures that are not pages


def read_screen(
    videos: Sequence[Path | str],
    text: Path | str,
    vtt: Path | str,
    boxes: Path | str,
    receipt: Path | str,
    settings: Mapping[str, Any],
    handle: str | None = None,
) -> None:
    """Write the text on a video's screen to `text` and `vtt`, and each line's place to `boxes`.

    `receipt` says how they were made. videos: the video, or nothing if there is none.
    settings: the `screen` section of a checked configuration. handle: the creator's, which the site
    writes into the picture.

    If the video can't be read, all files are empty. Raises ConfigError if the engine can't run (see
    `check_engine`), but never because of the video.
    """
    chosen = _engine_settings(settings)
    identity, reader = _identity(chosen), _reader(chosen)
    lines: list[ScreenLine] = []
    seconds, reason, is_ok = 0.0, "", True
    screen = ScreenReader(reader, settings["longest_gap_s"])
    try:
        for video in map(Path, videos):
            found = screen.read(read_frames(video, settings["max_seconds"]))
            lines = [line for line in found if not is_watermark(line.text, handle)]
            seconds = min(screen.read_s, settings["max_seconds"])
    except NoPicturesError as error:
        reason = str(error)
    except FileNotFoundError:
        reason, is_ok = "The video is missing.", False
    except (DamagedMediaError, EngineError) as error:
        reason, is_ok = str(error), False
    is_ok = is_ok and bool(videos)
    facts = {
        "engine": settings["engine"],
        "version": identity,
        "settings": {**reader.flags(), **_choices(settings)},
        "outcome": OK if is_ok else UNREADABLE,
        "reason": reason,
        "asked": settings_hash(settings),
        "made_of": media_hashes(videos),
        "duration_s": round(seconds, 3),
    }
    cues = [Cue(_tidy(line), line.start_s, line.end_s) for line in lines]
    write_atomic(boxes, _as_json(screen.size, lines) if is_ok else "", durable=False)
    write_atomic(vtt, as_webvtt(cues) if is_ok else "", durable=False)
    write_text(Path(text), Path(receipt), _as_text(cues) if is_ok else "", facts)


def check_engine(settings: Mapping[str, Any]) -> str:
    """The engine's identity. Raises ConfigError, with the remedy, if it can't run."""
    return _identity(_engine_settings(settings))


def _engine_settings(settings: Mapping[str, Any]) -> OcrSettings:
    languages = tuple(settings["languages"])
    return OcrSettings(settings["engine"], languages, SPARSE_TEXT, prepare=True, section="screen")


@OnePerThread
def _reader(settings: OcrSettings) -> Reader:
    """All threads share one set of models."""
    return READERS[settings.engine](settings)


@asked_once
def _identity(settings: OcrSettings) -> str:
    identity = READERS[settings.engine](settings).engine.identity()
    return f"{identity}, PyAV {version('av')}, OpenCV {version('opencv-python-headless')}"


def _choices(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: settings[name] for name in ("longest_gap_s", "max_seconds")}


def _tidy(line: ScreenLine) -> str:
    return " ".join(tidy(line.text).split())


def _as_text(cues: Sequence[Cue]) -> str:
    """Each line once."""
    return "\n".join(dict.fromkeys(cue.text for cue in cues)) + "\n"


def _as_json(size: tuple[int, int], lines: Sequence[ScreenLine]) -> str:
    places = {"size": size, "lines": [_describe(line) for line in lines]}
    return json.dumps(places, ensure_ascii=False) + "\n"


def _describe(line: ScreenLine) -> dict[str, Any]:
    """A line with its times in seconds, and with the corners of its box whenever it moved."""
    places = [{"at_s": place.at_s, "corners": place.corners} for place in line.places]
    return {
        "text": _tidy(line),
        "start_s": line.start_s,
        "end_s": line.end_s,
        "confidence": round(line.confidence, 3),
        "places": places,
    }
