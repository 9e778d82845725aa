"""Caption tracks: read the site's, write ours.

The site serves two formats as `.vtt`: WebVTT, and its own `creator_caption`, JSON with times in
milliseconds. Files from other sources may contain SubRip. Tracks come from strangers, so their
size is limited, and `read_captions` raises nothing but CaptionsError, whatever the bytes are.

A bad time drops no word: a cue whose time can't be read stays behind the previous cue of the file.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.media.captions import MAX_CAPTIONS_BYTES, SUBRIP, as_utf8
from scripts.speech.engine import Cue, tidy
from scripts.speech.roll_up import remove_repeats

# No video is this long, so a later time says nothing about the order of the cues.
LATEST_IN_ORDER_S = 24 * 3600
MAX_TIME_S = 10_000 * 3600
SPACE = "\ufeff \t\r\n"  # before the first line

ARROW = "-->"
OTHER_ARROW = re.compile(
    "^([ \t]*[0-9:.,]{4,40}[ \t]*)(?:[-\u2013\u2014]{1,3}>|[\u2013\u2014\u2192])"
    "(?=[ \t]*[0-9]{1,6}:[0-9])",
    re.MULTILINE,
)  # as word processors change it
TIMING = re.compile(r"[ \t]*([0-9:.,]{1,40})[ \t]*-->[ \t]*([0-9:.,]{1,40})")
# WebVTT writes decimal points, SubRip commas; tracks converted by hand mix them.
TIMESTAMP = re.compile("(?:([0-9]{1,6}):)?([0-9]{1,6}):([0-9]{1,6})(?:[.,:]([0-9]{1,9}))?")
# The tags of WebVTT and SubRip. Other angle brackets belong to the text: "I <3 you".
TAG = re.compile(r"</?(?:[bciuv]|font|lang|rt|ruby)(?:[.\s][^<>]*)?>|<[0-9:.,]+>", re.IGNORECASE)
PLACE = re.compile(r"\{\\[^{}]*\}")  # SubRip's {\an8}
COMMENT = re.compile(r"NOTE(?:[ \t\n]|$)")
COUNTER = re.compile("[0-9]{1,9}")
NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")


class CaptionsError(Exception):
    """The track can't be read; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Track:
    """A caption track. Its cues are sorted by their start."""

    cues: tuple[Cue, ...]
    language: str | None  # as the track names it; few tracks do


def read_captions(path: Path) -> Track:
    """The track in a file, without the repetitions of roll-up captions. Raises CaptionsError."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_CAPTIONS_BYTES + 1)
    except OSError as error:
        raise CaptionsError(f"The caption track can't be read ({error.strerror}).") from None
    return parse_captions(data)


def parse_captions(data: bytes) -> Track:
    """Like `read_captions`, but takes the file's bytes."""
    if not data:
        raise CaptionsError("The caption track is empty.")
    if len(data) > MAX_CAPTIONS_BYTES:
        raise CaptionsError(f"The caption track has more than {MAX_CAPTIONS_BYTES:,} bytes.")
    try:
        content = as_utf8(data).decode().lstrip(SPACE)
    except UnicodeDecodeError:
        raise CaptionsError("The caption track is not UTF-8 text.") from None
    has_cues = content.startswith("WEBVTT") or SUBRIP.match(content.encode())
    track = _parse_cues(content) if has_cues else _parse_json(content)
    return Track(tuple(remove_repeats(_in_order(track.cues))), track.language)


def _in_order(cues: Iterable[Cue]) -> list[Cue]:
    """The cues with words, sorted by start. A cue without a usable start keeps its place."""
    placed, last = [], 0.0
    for cue in cues:
        if cue.text:
            if cue.start_s is not None and cue.start_s <= LATEST_IN_ORDER_S:
                last = cue.start_s
            placed.append((last, cue))
    return [cue for _, cue in sorted(placed, key=lambda pair: pair[0])]


def _parse_cues(content: str) -> Track:
    """The track in WebVTT or SubRip text."""
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    content = OTHER_ARROW.sub(rf"\1{ARROW}", content)
    is_webvtt = content.startswith("WEBVTT")
    blocks = re.split("\n{2,}", content)
    timed: list[tuple[str, list[str]]] = []  # the line with the times, and those of the text
    for block in blocks:
        lines = block.split("\n")
        if is_webvtt and COMMENT.match(block):
            continue
        if ARROW in block:
            timed += _cues_in_block(lines)
        elif timed and not is_webvtt and not COUNTER.fullmatch(block.strip()):
            # In SubRip, a text may contain empty lines; in WebVTT, this is a comment or a style.
            timed[-1][1].extend(lines)
    cues = tuple(Cue(_join_lines(text), *_read_times(times)) for times, text in timed)
    header = blocks[0].split("\n") if is_webvtt else []
    named = [line.partition(":")[2].strip() for line in header if line.startswith("Language:")]
    return Track(cues, tidy(named[0])[:20] or None if named else None)


def _cues_in_block(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Usually one cue; several if the empty line between two cues is missing."""
    arrows = [number for number, line in enumerate(lines) if ARROW in line]
    # After the first arrow, an arrow without times belongs to the text.
    starts = [number for number in arrows if number == arrows[0] or TIMING.match(lines[number])]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        text = lines[start + 1 : end]
        if end < len(lines) and text and COUNTER.fullmatch(text[-1].strip()):
            text.pop()  # the number of the next cue
        yield lines[start], text


def _read_times(line: str) -> tuple[float | None, float | None]:
    timing = TIMING.match(line)
    return _times(*map(_seconds, timing.groups())) if timing else (None, None)


def _join_lines(lines: Iterable[str]) -> str:
    """The words of a cue: its lines, tidy and without tags."""
    text = "\n".join(lines)
    if "<" in text:
        text = TAG.sub("", text)
    if "{" in text:
        text = PLACE.sub("", text)
    if "&" in text:
        text = html.unescape(text)
    return "\n".join(filter(None, map(tidy, text.split("\n"))))


def _seconds(timestamp: str) -> float | None:
    """ "01:02:03.500" as seconds."""
    match = TIMESTAMP.fullmatch(timestamp)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups(default="0")
    return int(hours) * 3600 + int(minutes) * 60 + float(f"{seconds}.{fraction}")


def _parse_json(content: str) -> Track:
    """The track in `creator_caption`: {"utterances": [{"text", "start_time", "end_time"}]}."""
    try:
        loaded = json.loads(content)
    except (ValueError, RecursionError):
        raise CaptionsError("The caption track is neither WebVTT, SubRip nor JSON.") from None
    utterances = loaded.get("utterances") if isinstance(loaded, dict) else loaded
    if not isinstance(utterances, list):
        raise CaptionsError("The caption track is JSON without utterances.")
    cues = (
        Cue(
            "\n".join(filter(None, map(tidy, item["text"].splitlines()))),
            *_times(_from_ms(item.get("start_time")), _from_ms(item.get("end_time"))),
        )
        for item in utterances
        if isinstance(item, dict) and isinstance(item.get("text"), str)
    )
    return Track(tuple(cues), None)


def _from_ms(value: Any) -> float | None:
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value / 1000 if 0 <= value <= MAX_TIME_S * 1000 else None  # neither is NaN


def _times(start_s: float | None, end_s: float | None) -> tuple[float | None, float | None]:
    """Start and end of a cue; None for both if the start is unknown."""
    if start_s is None or start_s > MAX_TIME_S:
        return None, None
    if end_s is None or end_s > MAX_TIME_S:
        return start_s, start_s
    return start_s, max(start_s, end_s)


def as_webvtt(cues: Iterable[Cue]) -> str:
    """The cues with known times as WebVTT, in order. Without any, a valid file without cues."""
    timed = [
        (round(cue.start_s * 1000), round(cue.end_s * 1000), html.escape(cue.text, quote=False))
        for cue in cues
        if cue.text and cue.start_s is not None and cue.end_s is not None
    ]
    blocks = [
        # WebVTT allows no cue without a duration.
        f"{_timestamp(start)} {ARROW} {_timestamp(max(end, start + 1))}\n{text}\n"
        for start, end, text in sorted(timed, key=lambda cue: cue[0])
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def read_webvtt(path: Path) -> tuple[Cue, ...]:
    """The cues of a file that `as_webvtt` wrote, unchanged. Raises CaptionsError, OSError."""
    content = Path(path).read_text("utf-8", errors="replace")
    return _parse_cues(content).cues if content else ()


def _timestamp(milliseconds: int) -> str:
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"
