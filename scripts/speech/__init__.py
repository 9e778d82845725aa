"""Transcribe the speech in a video.

In: a video (`data/videos/<id>.mp4`), and the site's caption track if it has one
(`data/captions/<id>.vtt`). Out: the text on one line, the same with times as WebVTT, and a receipt
that names what made them (source, engine, version, hash of the model, settings, device). The same
video gives the same text only if all of these are the same.

The text of a readable video always ends in a newline. So a video in which nobody speaks ("\\n")
differs from a video that can't be read (an empty file, and null in the merged file).

A voice activity detector decides where there is speech before a recogniser hears any of it, so
that music and noise don't become words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from scripts.engines import OnePerThread, asked_once
from scripts.errors import DamagedMediaError
from scripts.files import write_atomic
from scripts.model_files import hash_models
from scripts.speech.audio import NoAudioError
from scripts.speech.captions import CaptionsError, Track, as_webvtt, read_captions
from scripts.speech.engine import Cue, Engine, EngineError, SpeechSettings, as_text
from scripts.speech.pocketsphinx_engine import PocketsphinxEngine
from scripts.speech.vad import listen, model_path
from scripts.speech.whisper_engine import WhisperEngine
from scripts.store.text_kinds import NO_ENGINE
from scripts.store.texts import OK, UNREADABLE, media_hashes, settings_hash, write_text

ENGINES: dict[str, type[Engine]] = {
    "faster-whisper": WhisperEngine,
    "pocketsphinx": PocketsphinxEngine,
}

NO_VIDEO = "The video is missing."


@dataclass(frozen=True, slots=True)
class Heard:
    """The result of recognising a video."""

    readable: bool
    reason: str = ""  # why there are no words, or why no engine listened
    cues: tuple[Cue, ...] = ()
    language: str | None = None
    duration_s: float | None = None
    speech_s: float | None = None


def transcribe(
    video: Path | None,
    captions: Path | None,
    text: Path,
    vtt: Path,
    receipt: Path,
    settings: Mapping[str, Any],
) -> None:
    """Write the transcript of `video` to `text` and `vtt`, and how it was made to `receipt`.

    captions: the site's caption track. Either may be None.
    settings: the `speech` section of a configuration that was checked.

    `prefer` says which source is used first; if it has no words, the other one is used. With
    `both`, the text contains the words of both, so that a search finds either, and the times are
    those of the captions. If neither source can be read, both files are empty.

    Raises ConfigError if the engine can't run (see `check_engine`), never because of the files.
    """
    chosen = SpeechSettings.parse(settings)
    track, track_reason = _read_track(captions)
    facts: dict[str, Any] = {"engine": None, "version": None, "settings": {}}
    heard = Heard(readable=False)
    if chosen.engine == NO_ENGINE:
        heard = Heard(False, "" if track.cues else "No engine is configured (speech.engine: none).")
    elif chosen.prefer != "captions" or not track.cues:
        identity = _identity(chosen)
        engine = _engine(chosen)
        facts = {"engine": chosen.engine, "version": identity, "settings": engine.flags()}
        heard = _hear(video, engine)
    source = _choose(chosen.prefer, track, heard)
    said = {"captions": [track.cues], "recognition": [heard.cues], "both": [track.cues, heard.cues]}
    texts = said.get(source, [()])
    is_ok = heard.readable or source != "none"
    facts |= {
        "outcome": OK if is_ok else UNREADABLE,
        "reason": " ".join(filter(None, (heard.reason, track_reason))),
        "source": source,
        "language": track.language if source == "captions" else heard.language,
        "duration_s": heard.duration_s,
        "speech_s": heard.speech_s,
    }
    facts["settings"] = {"prefer": chosen.prefer, **facts["settings"]}
    facts["asked"] = settings_hash(settings)
    facts["made_of"] = media_hashes(filter(None, (video, captions)))
    write_atomic(vtt, as_webvtt(texts[0]) if is_ok else "", durable=False)
    write_text(text, receipt, "\n".join(map(as_text, texts)) + "\n" if is_ok else "", facts)


def check_engine(settings: Mapping[str, Any]) -> str:
    """Return the engine's identity; "" for the engine `none`. Downloads a missing model.

    Raises ConfigError, with the remedy, if the engine or its model is missing.
    """
    chosen = SpeechSettings.parse(settings)
    return "" if chosen.engine == NO_ENGINE else _identity(chosen)


def _read_track(captions: Path | None) -> tuple[Track, str]:
    """The caption track, and, if the file exists but has no words, the reason."""
    nothing = Track((), None)
    # An empty file is the placeholder of a track that could not be downloaded.
    if captions is None or not Path(captions).is_file() or not Path(captions).stat().st_size:
        return nothing, ""
    try:
        track = read_captions(captions)
    except CaptionsError as error:
        return nothing, str(error)
    return track, "" if track.cues else "The caption track has no words."


def _hear(video: Path | None, engine: Engine) -> Heard:
    """Find the speech in a video and recognise it, a few windows at a time."""
    if video is None:
        return Heard(False, NO_VIDEO)
    cues: list[Cue] = []
    language = None
    try:
        speech = listen(video)
        windows = iter(speech.windows)
        while batch := list(islice(windows, engine.windows_at_once)):
            more, language = engine.recognise(batch, language)
            cues += more
    except NoAudioError as error:
        return Heard(True, str(error))
    except FileNotFoundError:
        return Heard(False, NO_VIDEO)
    except (DamagedMediaError, EngineError) as error:
        return Heard(False, str(error))
    said = tuple(cue for cue in cues if cue.text)
    reason = "" if said else "No words were recognised." if language else "Nobody speaks."
    duration_s, speech_s = round(speech.duration_s, 3), round(speech.speech_s, 3)
    return Heard(True, reason, said, language, duration_s, speech_s)


def _choose(prefer: str, track: Track, heard: Heard) -> str:
    """Where the text comes from: captions, recognition, both or none."""
    if prefer == "both" and track.cues and heard.cues:
        return "both"
    if track.cues and (prefer != "recognition" or not heard.cues):
        return "captions"
    return "recognition" if heard.cues else "none"


@OnePerThread
def _engine(settings: SpeechSettings) -> Engine:
    return ENGINES[settings.engine](settings)


@asked_once
def _identity(settings: SpeechSettings) -> str:
    detector = f"{model_path().stem} {hash_models([model_path()])}"
    return f"{ENGINES[settings.engine](settings).identity()}, {detector}"
