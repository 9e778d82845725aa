"""Links to posts that somebody noted, in lists or tables, and the posts that they lead to.

In: a line of a text file, or a row of a table in no other known format. Out: wanted posts.
"""

import re
from collections.abc import Iterator
from typing import Any

from scripts.rawinfo.formats.found import Found, Refused, WantedPost
from scripts.rawinfo.line_stream import Row

NAME = "links"
LINE = "a line"  # the key under which the reader of text files passes on a line

_MOST_CHARS = 2048
_ID = re.compile(r"[0-9]{15,20}", re.ASCII)  # of a post; a shorter number alone may be anything
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
_BREAK = re.compile(r"[\s,;\"<>()\[\]\u201c-\u201e\u00ab\u00bb]+")  # also of Markdown and HTML


def recognises(row: dict[str, Any]) -> bool:
    """True for a line, and for a row with a cell that contains only a link to a post.

    The `id` of an object says nothing: accounts, sounds and posts of other sites have one, too.
    """
    return LINE in row or any(wanted_post(cell) for cell in _cells(row))


def read(row: dict[str, Any]) -> Iterator[Found]:
    """The posts that a line or a row links to, each once."""
    cells = _words(row[LINE]) if LINE in row else _cells(row)
    wanted = {post.id or post.link: post for cell in cells if (post := wanted_post(cell))}
    if not wanted:
        yield Refused("there is no link to a post")
    yield from wanted.values()


def _cells(row: dict[str, Any]) -> list[str]:
    """The texts in which a link or an id leads to a post."""
    return [
        cell
        for name, cell in row.items()
        if isinstance(cell, str) and (name != "id" or isinstance(row, Row) or not _ID.search(cell))
    ]


def has_link(line: str) -> bool:
    """True if a line contains a link to a post."""
    return any(map(wanted_post, _words(line)))


def _words(line: str) -> list[str]:
    """The words of a line. A number alone is the id of a post only at the start of a line."""
    words = [word for word in _BREAK.split(line) if word]
    return [word for n, word in enumerate(words) if n == 0 or not word.isdecimal()]


def wanted_post(cell: str) -> WantedPost | None:
    """The post that a link, or an id alone, leads to. Nothing else of the link is kept."""
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
