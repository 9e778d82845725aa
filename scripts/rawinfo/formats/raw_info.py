"""Raw info, as this project's scraper and its predecessors write it."""

from collections.abc import Iterator
from typing import Any

from scripts.rawinfo.dialects import FIELDS_OF_RAW_INFO
from scripts.rawinfo.formats.found import Found, FoundPost
from scripts.rawinfo.ids import find_id_in_address

NAME = "raw info"
_LEAST_FIELDS = {"id", "permalink", "description"}


def recognises(value: dict[str, Any]) -> bool:
    """True if the value is a record of raw info.

    A row of a table may have only columns that other collections also have. Then it needs a link.
    """
    if not FIELDS_OF_RAW_INFO.isdisjoint(value):
        return True
    if not value.keys() >= _LEAST_FIELDS or not isinstance(value["permalink"], str):
        return False
    return find_id_in_address(value["permalink"]) is not None


def read(record: dict[str, Any]) -> Iterator[Found]:
    """The record, unchanged."""
    yield FoundPost(record)
