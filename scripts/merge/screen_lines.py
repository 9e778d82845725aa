"""Combine the text on a post's screen: lines read in the video, and texts typed by its creator.

The site's own data contain the typed texts ("stickers"), without times.
"""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.store import texts
from scripts.store.text_kinds import SCREEN

# Earlier stages are imported in functions, because their libraries take a while to load.
if TYPE_CHECKING:
    from scripts.speech.engine import Cue

VIDEO, STICKER = "video", "sticker"


def unite(read: str | None, stickers: Iterable[str]) -> str | None:
    """Return the lines that were read, then the stickers that are not among them; or None."""
    lines = _lines_of(read)
    more = _unread(lines, stickers)
    return read if not more else "\n".join([*lines, *more])


def screen_rows(
    id: str, read: str | None, stickers: Collection[str], cover: str | None, data: Path
) -> list[dict[str, Any]]:
    """Return rows of `screen_lines`. read: the text of the video. cover: the text of the cover."""
    if read is None and not stickers:
        return []
    from scripts.screen.tracking import is_same_text
    from scripts.speech.engine import Cue

    cues = list(read_cues(data, SCREEN.name, id)) or [Cue(line) for line in _lines_of(read)]
    found = [(cue, VIDEO) for cue in cues]
    found += [(Cue(text), STICKER) for text in _unread([cue.text for cue in cues], stickers)]
    on_cover = _lines_of(cover)
    return [
        {
            "id": id,
            "number": number,
            "text": cue.text,
            "start_s": cue.start_s,
            "end_s": cue.end_s,
            "source": source,
            "is_on_cover": any(is_same_text(cue.text, line) for line in on_cover),
        }
        for number, (cue, source) in enumerate(found, start=1)
    ]


def _lines_of(text: str | None) -> list[str]:
    return list(filter(None, (text or "").split("\n")))


def _unread(lines: list[str], stickers: Iterable[str]) -> list[str]:
    """Return the lines of stickers that are not among `lines`, each once."""
    typed = [" ".join(line.split()) for text in stickers for line in text.splitlines()]
    more: list[str] = []
    if not typed:
        return more
    from scripts.screen.tracking import is_same_text

    for line in filter(None, typed):
        if not any(is_same_text(line, other) for other in (*lines, *more)):
            more.append(line)
    return more


def read_cues(data: Path, kind: str, id: str) -> "tuple[Cue, ...]":
    """Return the lines of a text with their times; () if the times are not known."""
    from scripts.speech.captions import CaptionsError, read_webvtt

    try:
        return read_webvtt(texts.text_path(data, kind, id).with_suffix(".vtt"))
    except (CaptionsError, OSError):
        return ()
