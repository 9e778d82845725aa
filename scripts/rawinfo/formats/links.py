"""Links to posts that somebody noted, in lists or tables, and the posts that they lead to.

In: a line of a text file, or a row of a table in no other known format. Out: wanted posts, by any
of their addresses, also within redirects and archives.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from scripts.rawinfo.formats.found import Found, Refused, WantedPost
from scripts.rawinfo.ids import (
    AROUND_ID,
    BREAK,
    EXPORT_AS_TEXT,
    FULL_ID_PATTERN,
    ROUNDED_ID,
    addresses_in,
    linked_id,
)
from scripts.rawinfo.languages import plain
from scripts.rawinfo.line_stream import Row

NAME = "links"
LINE = "a line"  # the key under which the reader of text files passes on a line

_ID = re.compile(FULL_ID_PATTERN)
_SHORT_LINK = re.compile(
    r"(?:(v[mt]\.tiktok\.com)|((?:www\.|m\.)?tiktok\.com)/t)/([A-Za-z0-9_-]{1,40})", re.IGNORECASE
)
_BREAKS = re.compile(f"({BREAK.pattern})")  # to keep them
_MOST_CHARS = 64  # of an id with what may be around it


def recognises(row: dict[str, Any]) -> bool:
    """True for a line, for a row of a table, and for an object with a link to a post.

    The `id` of an object says nothing: accounts, sounds and posts of other sites have one, too.
    """
    return LINE in row or isinstance(row, Row) or bool(_wanted_in(row))


def read(row: dict[str, Any]) -> Iterator[Found]:
    """The posts that a line or a row links to, each once."""
    wanted = {post.id or post.link: post for post in _wanted_in(row)}
    if not wanted:
        texts = (cell for cell in row.values() if isinstance(cell, str))
        rounded = next((match[0] for cell in texts if (match := ROUNDED_ID.search(cell))), None)
        if rounded is None:
            yield Refused(
                "there is no link to a post", "Write the link of a post into it, or remove it"
            )
        else:
            yield Refused(f"its id was rounded to {rounded}", EXPORT_AS_TEXT)
    yield from wanted.values()


def _wanted_in(row: dict[str, Any]) -> list[WantedPost]:
    """The posts that a line, a row or an object leads to.

    In an object, a text that is more than a link is something else, such as a message.
    """
    if LINE in row:
        return wanted_posts(row[LINE])
    is_row = isinstance(row, Row)
    return [
        post
        for name, cell in row.items()
        if isinstance(cell, str) and (is_row or len(cell.split()) == 1)
        for post in (_posts_at(cell) or ([] if name == "id" and not is_row else _post_of_id(cell)))
    ]


def wanted_posts(line: str) -> list[WantedPost]:
    """The posts that a line leads to, by its links, or by the id that it begins with."""
    first = next((word for word in BREAK.split(line) if word), "")
    return [*_post_of_id(first), *_posts_at(line)]


def without_posts(text: str, ids: Collection[str]) -> str:
    """Return a text without the links to these posts, and without their ids."""
    return "".join(
        word
        for word in _BREAKS.split(text)
        if all(post.id not in ids for post in wanted_posts(word))
    )


def _posts_at(text: str) -> list[WantedPost]:
    """The posts that the links in a text lead to. Nothing else of the links is kept."""
    found = []
    for address in addresses_in(text):
        if id := linked_id(address):
            found.append(_post(id))
        elif short := _SHORT_LINK.match(address):
            host = f"{short[2]}/t" if short[2] else short[1]
            found.append(WantedPost(f"https://{host.lower()}/{short[3]}/", None))
    return found


def _post_of_id(text: str) -> list[WantedPost]:
    """The post whose id is the whole text."""
    id = plain(text).strip(AROUND_ID) if len(text) < _MOST_CHARS else ""
    return [_post(id)] if _ID.fullmatch(id) else []


def _post(id: str) -> WantedPost:
    return WantedPost(f"https://www.tiktok.com/@/video/{id}", id)
