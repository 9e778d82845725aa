"""Raw info, as this project's scraper and its predecessors write it."""

from collections.abc import Iterator
from typing import Any

from scripts.rawinfo.dialects import FIELDS_OF_RAW_INFO
from scripts.rawinfo.formats.found import Found, FoundPost

NAME = "raw info"


def recognises(value: dict[str, Any]) -> bool:
    """True if the value is a record of raw info."""
    return not FIELDS_OF_RAW_INFO.isdisjoint(value)


def read(record: dict[str, Any]) -> Iterator[Found]:
    """The record, unchanged."""
    yield FoundPost(record)
