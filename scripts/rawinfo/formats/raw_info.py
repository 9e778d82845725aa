"""Raw info, as the scraper of this project and those before it write it."""

from collections.abc import Iterator
from typing import Any

from scripts.rawinfo.formats.found import Found, FoundPost

NAME = "raw info"

# Each dialect has some of these. No other format has any, nor has a comment.
_OWN_FIELDS = frozenset(
    [
        *("video-src", "coverphoto-src", "permalink", "web-id", "scrape-timestamp"),
        *("comment-count", "creator-username", "creator-nickname", "timeposted"),
        *("music-title", "music-src", "download-timestamp"),
    ]
)


def recognises(value: dict[str, Any]) -> bool:
    """Whether it is a record of raw info."""
    return not _OWN_FIELDS.isdisjoint(value)


def read(record: dict[str, Any]) -> Iterator[Found]:
    """The record as it is."""
    yield FoundPost(record)
