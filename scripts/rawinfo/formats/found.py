"""The things that a format can find in one element of a file."""

from typing import Any, NamedTuple

from scripts.rawinfo.validation import REMOVE


class FoundPost(NamedTuple):
    """An observation of a post, with the scraper's field names."""

    info: dict[str, Any]


class FoundComment(NamedTuple):
    """A comment that is separate from its post.

    parent: the id of the comment that it replies to. seen_at: when it was collected (unix seconds).
    """

    post_id: str
    info: dict[str, Any]
    parent: str | None = None
    seen_at: float | None = None


class WantedPost(NamedTuple):
    """A post that is known only by its link.

    id: None for a short link, which only the site can resolve. source: the list in a person's own
    data. seen_at: the time that this list gives (unix seconds).
    """

    link: str
    id: str | None
    source: str | None = None
    seen_at: int | None = None


class Refused(NamedTuple):
    """An element that looks like its format but can't be used, why, and what to do about it."""

    message: str
    remedy: str = REMOVE


Found = FoundPost | FoundComment | WantedPost | Refused
