"""Zeeschuimer's captures: an envelope around each item or comment, one on each line.

4CAT stores the same with the envelope inside, as `__import_meta`. The envelope identifies the
collector's browser (`source_url`, `user_agent`), so only the time is read from it.
"""

from collections.abc import Iterator
from typing import Any

from scripts.rawinfo.formats import comments, item_struct
from scripts.rawinfo.formats.found import Found, FoundComment, FoundPost, Refused
from scripts.rawinfo.formats.values import number

NAME = "Zeeschuimer"
_INSIDE = "__import_meta"
_YEAR_2200_MS = 7258118400000


def recognises(value: dict[str, Any]) -> bool:
    """True for a captured item or comment, as Zeeschuimer exports it or 4CAT stores it."""
    if isinstance(value.get(_INSIDE), dict):
        return comments.recognises(value) or item_struct.recognises(value)
    return isinstance(value.get("data"), dict) and "source_platform" in value


def read(value: dict[str, Any]) -> Iterator[Found]:
    """The record of the captured item, or the captured comment."""
    envelope = value.get(_INSIDE)
    if isinstance(envelope, dict):
        data = {key: item for key, item in value.items() if key != _INSIDE}
    else:
        envelope, data = value, value["data"]
    collected_at = _seconds(envelope.get("timestamp_collected"))
    if comments.recognises(data):
        for found in comments.read(data):
            if isinstance(found, FoundComment):
                found = FoundComment(found.post_id, found.info, found.parent, collected_at)
            yield found
    elif item_struct.recognises(data):
        record = item_struct.item_record(data)
        if collected_at is not None:
            record["scrape-timestamp"] = collected_at
        yield FoundPost(record)
    else:
        yield Refused(f"it was captured on {_platform(envelope)}, and is not a post of TikTok")


def _seconds(milliseconds: Any) -> float | None:
    collected_at = number(milliseconds)
    if collected_at is None or not 0 <= collected_at < _YEAR_2200_MS:
        return None
    return collected_at / 1000


def _platform(envelope: dict[str, Any]) -> str:
    return str(envelope.get("source_platform", "another site"))[:40]
