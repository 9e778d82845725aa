"""Caption tracks: read the site's, write ours.

The site has two formats, and serves both as `.vtt`: WebVTT, and its own `creator_caption`, JSON
with times in milliseconds. Tracks come from outside: they are bounded in size, and whatever the
bytes are, `read_captions` raises nothing but CaptionsError.
"""

import html
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import webvtt

from scripts.media.images import MAX_CAPTIONS_BYTES
from scripts.speech.engine import Cue, tidy

MAX_CUES = 100_000
MAX_TIME_S = 24 * 3600
MAX_REPEATED_WORDS = 40  # what a rolling cue repeats of the one before: a line or two
SHORTEST_CUE_S = 0.1
BOM = "\ufeff"


class CaptionsError(Exception):
    """The track can't be read; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Track:
    """A caption track, its cues in order of their start."""

    cues: tuple[Cue, ...]
    language: str | None  # as the track names it, which few do


def read_captions(path: Path) -> Track:
    """The track in a file, without what rolling captions repeat. Raises CaptionsError."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_CAPTIONS_BYTES + 1)
    except OSError as error:
        raise CaptionsError(f"The caption track can't be read ({error.strerror}).") from None
    return parse_captions(data)


def parse_captions(data: bytes) -> Track:
    """As `read_captions`, from the file's bytes."""
    if not data:
        raise CaptionsError("The caption track is empty.")
    if len(data) > MAX_CAPTIONS_BYTES:
        raise CaptionsError(f"The caption track has more than {MAX_CAPTIONS_BYTES:,} bytes.")
    try:
        content = data.decode().removeprefix(BOM)
    except UnicodeDecodeError:
        raise CaptionsError("The caption track is no UTF-8 text.") from None
    track = _parse_webvtt(content) if content.startswith("WEBVTT") else _parse_json(content)
    if len(track.cues) > MAX_CUES:
        raise CaptionsError(f"The caption track has more than {MAX_CUES:,} cues.")
    in_order = sorted(
        (cue for cue in track.cues if cue.text),
        key=lambda cue: -1 if cue.start_s is None else cue.start_s,
    )
    return Track(tuple(_without_repeats(in_order)), track.language)


def _parse_webvtt(content: str) -> Track:
    try:
        track = webvtt.from_string(content)
        cues = tuple(
            Cue(tidy(html.unescape(cue.text)), *_times(_seconds(cue.start), _seconds(cue.end)))
            for cue in track.captions
        )
    except Exception as error:  # the library has errors of its own, and not only these
        raise CaptionsError(f"The caption track is damaged ({type(error).__name__}).") from None
    named = [line.partition(":")[2].strip() for line in track.metadata if line[:9] == "Language:"]
    return Track(cues, tidy(named[0])[:20] or None if named else None)


def _seconds(timestamp: str) -> float:
    """ "01:02:03.500" as seconds."""
    hours, minutes, seconds = timestamp.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _parse_json(content: str) -> Track:
    """The track in `creator_caption`: {"utterances": [{"text", "start_time", "end_time"}]}."""
    try:
        loaded = json.loads(content)
    except (ValueError, RecursionError):
        raise CaptionsError("The caption track is neither WebVTT nor JSON.") from None
    utterances = loaded.get("utterances") if isinstance(loaded, dict) else loaded
    if not isinstance(utterances, list):
        raise CaptionsError("The caption track is JSON without utterances.")
    cues = (
        Cue(tidy(item["text"]), *_times(_from_ms(item, "start_time"), _from_ms(item, "end_time")))
        for item in utterances
        if isinstance(item, dict) and isinstance(item.get("text"), str)
    )
    return Track(tuple(cues), None)


def _from_ms(item: dict[str, Any], key: str) -> float | None:
    value = item.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value / 1000 if 0 <= value <= MAX_TIME_S * 1000 else None  # neither is NaN


def _times(start_s: float | None, end_s: float | None) -> tuple[float | None, float | None]:
    """Start and end of a cue, or None for both where they are not usable."""
    if start_s is None or end_s is None or not math.isfinite(start_s + end_s):
        return None, None
    return (start_s, max(start_s, end_s)) if end_s <= MAX_TIME_S else (None, None)


def _without_repeats(cues: Sequence[Cue]) -> Sequence[Cue]:
    """The cues without the words that each one repeats of the one before.

    Captions made by machines roll up the screen: each cue starts with the last line of the one
    before it, or with all of it. In other tracks, words that are there twice were said twice.
    """
    repeats = [_repeated_words(*pair) for pair in pairwise(cues)]
    is_rolling = repeats and sum(count > 0 for count in repeats) * 2 >= len(repeats)
    new = [
        Cue(" ".join(cue.text.split()[count:]), cue.start_s, cue.end_s)
        # A cue that is there twice at the same time (in two places on the screen) was said once.
        if is_rolling or (count and cue.text == before.text)
        else cue
        for (before, cue), count in zip(pairwise(cues), repeats, strict=True)
    ]
    return [cue for cue in (*cues[:1], *new) if cue.text]


def _repeated_words(before: Cue, cue: Cue) -> int:
    """How many words at the end of `before` are those at the start of `cue`."""
    if before.text == cue.text and _can_be_said_again(before, cue):
        return 0
    last = before.text.split()[-MAX_REPEATED_WORDS:]
    first = cue.text.split(maxsplit=MAX_REPEATED_WORDS)[:MAX_REPEATED_WORDS]
    longest = min(len(last), len(first))
    return next((n for n in range(longest, 0, -1) if last[-n:] == first[:n]), 0)


def _can_be_said_again(before: Cue, cue: Cue) -> bool:
    """Not at the same time, and not within the 10 ms of the cues between two rolling ones."""
    if cue.start_s is None or cue.end_s is None or before.end_s is None:
        return True
    return cue.start_s >= before.end_s and cue.end_s - cue.start_s >= SHORTEST_CUE_S


def as_webvtt(cues: Iterable[Cue]) -> str:
    """The cues whose times are known as WebVTT; without any, it is valid and empty."""
    blocks = []
    for cue in cues:
        if cue.text and cue.start_s is not None and cue.end_s is not None:
            start_ms = round(cue.start_s * 1000)
            end_ms = max(round(cue.end_s * 1000), start_ms + 1)  # a cue has to last
            text = html.escape(cue.text, quote=False)
            blocks.append(f"{_timestamp(start_ms)} --> {_timestamp(end_ms)}\n{text}\n")
    return "\n".join(["WEBVTT\n", *blocks])


def read_webvtt(path: Path) -> tuple[Cue, ...]:
    """The cues of a file that `as_webvtt` wrote, as they stand. Raises CaptionsError, OSError."""
    content = Path(path).read_text("utf-8", errors="replace")
    return _parse_webvtt(content).cues if content else ()


def _timestamp(milliseconds: int) -> str:
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"
