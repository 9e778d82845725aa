"""Links to posts that somebody noted: which post each leads to, and lists of them.

In: a line of a text file, or a row of a table that is no export known here. Out: wanted posts.
"""

import re
from collections.abc import Iterator
from typing import Any

from scripts.rawinfo.formats.found import Found, Refused, WantedPost

NAME = "links"
LINE = "a line"  # the name under which the reader of text files hands on a line

_MOST_CHARS = 2048
_ID = re.compile(r"[0-9]{15,20}", re.ASCII)  # of a post; a bare shorter number may be anything
_POST_LINK = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]{1,20}\.)?tiktokv?\.com/"
    r"(?:@[^/?#\s]{0,100}/(?:video|photo)|share/(?:video|photo)|v|embed(?:/v2)?|player/v1)"
    r"/([0-9]{1,20})(?![0-9])",
    re.IGNORECASE | re.ASCII,
)
_SHORT_LINK = re.compile(
    r"(?:https?://)?((?:v[mt]\.tiktok\.com|(?:www\.|m\.)?tiktok\.com/t)/[A-Za-z0-9_-]{1,40})",
    re.IGNORECASE | re.ASCII,
)
_BREAK = re.compile(r"[\s,;\"]+")


def recognises(row: dict[str, Any]) -> bool:
    """True if it is a line, or a row with a cell that is nothing but a link to a post."""
    return LINE in row or any(wanted_post(cell) for cell in row.values() if isinstance(cell, str))


def read(row: dict[str, Any]) -> Iterator[Found]:
    """The posts that are linked in a line or a row, each once."""
    cells = _words(row[LINE]) if LINE in row else row.values()
    wanted = {
        post.id or post.link: post
        for cell in cells
        if isinstance(cell, str) and (post := wanted_post(cell))
    }
    if not wanted:
        yield Refused("there is no link to a post")
    yield from wanted.values()


def has_link(line: str) -> bool:
    """True if there is a link to a post in a line."""
    return any(map(wanted_post, _words(line)))


def _words(line: str) -> list[str]:
    """What stands in a line. A bare number is the id of a post only where it stands first."""
    words = _BREAK.split(line.strip())
    return [word for n, word in enumerate(words) if n == 0 or not word.isdecimal()]


def wanted_post(cell: str) -> WantedPost | None:
    """The post that a link, or a bare id, leads to. Nothing of a link is kept but that."""
    cell = cell.strip()
    if not cell or len(cell) > _MOST_CHARS:
        return None
    if match := _POST_LINK.match(cell):
        return WantedPost(f"https://www.tiktok.com/@/video/{match[1]}", match[1])
    if match := _SHORT_LINK.match(cell):
        return WantedPost(f"https://{match[1]}/", None)
    if _ID.fullmatch(cell):
        return WantedPost(f"https://www.tiktok.com/@/video/{cell}", cell)
    return None
