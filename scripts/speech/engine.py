"""The interface of all speech engines. A new engine is one class and one line in `ENGINES`."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from scripts.speech.vad import Window

# Control characters (except white space) and lone surrogates do not belong in a text file.
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
        """Parse settings that the schema has already accepted."""
        return cls(**{field.name: settings[field.name] for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class Cue:
    """A few words and their time, if known, in seconds from the start of the video."""

    text: str
    start_s: float | None = None
    end_s: float | None = None


class Engine(ABC):
    """One recogniser. One thread makes and uses it; the first use loads anything heavy."""

    windows_at_once = 1  # for one call of `recognise`

    def __init__(self, settings: SpeechSettings) -> None:
        self.settings = settings

    @abstractmethod
    def identity(self) -> str:
        """The version of the engine, and the name and hash of each model.

        Raises ConfigError, with the remedy, if the engine or its model is missing.
        """

    @abstractmethod
    def flags(self) -> dict[str, Any]:
        """The settings that influence the text, with `auto` resolved (device: cpu)."""

    @abstractmethod
    def recognise(self, windows: Sequence[Window], language: str | None) -> tuple[list[Cue], str]:
        """The words in consecutive windows of one video, and their language ("en").

        language: the result of an earlier call for the same video; it stays the same within a
        video. Raises EngineError if the engine gives up.
        """


def tidy(text: str) -> str:
    """The text on one line, without unprintable characters, with single spaces."""
    return " ".join(UNPRINTABLE.sub("", text).split())


def as_text(cues: Iterable[Cue]) -> str:
    """All words on one line."""
    return " ".join(cue.text for cue in cues if cue.text)
