"""The interface of all speech engines. A new engine is one class and one line in `ENGINES`."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from scripts.speech.vad import Window

# Control characters (but what is white space) and lone surrogates: no text file should hold them.
UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")


class EngineError(Exception):
    """The engine gave up on this sound; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    """The `speech:` section of the configuration, where each key is explained."""

    prefer: str
    engine: str
    model: str
    revision: str
    model_folder: str
    language: str
    device: str
    compute_type: str
    beam_size: int
    batch_size: int

    @classmethod
    def parse(cls, settings: Mapping[str, Any]) -> "SpeechSettings":
        """From settings that hold to the schema."""
        return cls(**{field.name: settings[field.name] for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class Cue:
    """A few words and when they are said, in seconds from the start of the video, if known."""

    text: str
    start_s: float | None = None
    end_s: float | None = None


class Engine(ABC):
    """One recogniser. Made and used in one thread; loads what is heavy at its first use."""

    windows_at_once = 1  # given to one call of `recognise`

    def __init__(self, settings: SpeechSettings) -> None:
        self.settings = settings

    @abstractmethod
    def identity(self) -> str:
        """Version of the engine, and name and hash of each model.

        Raises ConfigError, with the remedy, where the engine or its model is missing.
        """

    @abstractmethod
    def flags(self) -> dict[str, Any]:
        """The settings that have an influence on the text, as they turned out (device: cpu)."""

    @abstractmethod
    def recognise(self, windows: Sequence[Window], language: str | None) -> tuple[list[Cue], str]:
        """What is said in consecutive windows of one video, and its language ("en").

        language: what an earlier call found in the same video, so that it doesn't change within.
        Raises EngineError where it gives up.
        """


def tidy(text: str) -> str:
    """Text without unprintable characters, on one line, with single spaces."""
    return " ".join(UNPRINTABLE.sub("", text).split())


def as_text(cues: Iterable[Cue]) -> str:
    """All words on one line."""
    return " ".join(cue.text for cue in cues if cue.text)
