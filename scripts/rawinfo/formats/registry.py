"""List all formats, and recognise the format of an element by its content.

A format is a module with a name, a function that recognises elements, and a function that reads
them. An element is an object in JSON, a row of a table by the names of its columns, or a line.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from scripts.rawinfo.formats import (
    comments,
    donated,
    drawrowfly,
    fourcat,
    item_struct,
    links,
    pyktok,
    raw_info,
    ytdlp,
    zeeschuimer,
)
from scripts.rawinfo.formats.found import Found


class Format(Protocol):
    """One format. NAME: its name in messages."""

    NAME: str

    def recognises(self, value: dict[str, Any], /) -> bool:
        """True if an element has this format, by its content."""

    def read(self, value: dict[str, Any], /) -> Iterable[Found]:
        """Yield what an element of this format contains."""


# In the order in which they are tried. No element matches two of them, except for links: tables in
# other formats also contain links, so this format comes last.
FORMATS: tuple[Format, ...] = (
    raw_info,
    zeeschuimer,
    comments,
    item_struct,
    ytdlp,
    fourcat,
    pyktok,
    drawrowfly,
    donated,
    links,
)

# The places of elements in the site's answers and pages; `*` means each item of a list or object.
_WRAPPERS = (
    ("itemList", "*"),
    ("item_list", "*"),
    ("items", "*"),
    ("collector", "*"),
    ("comments", "*"),
    ("data", "itemList", "*"),
    ("data", "item_list", "*"),
    ("data", "items", "*"),
    ("data", "videos", "*"),
    ("body", "itemList", "*"),
    ("data", "*", "item"),
    ("data", "*"),
    ("item",),
    ("itemStruct",),
    ("itemInfo", "itemStruct"),
    ("__DEFAULT_SCOPE__", "webapp.video-detail", "itemInfo", "itemStruct"),
    ("__DEFAULT_SCOPE__", "webapp.updated-items", "*"),
    ("ItemModule", "*"),
    ("props", "pageProps", "itemInfo", "itemStruct"),
)
_LISTS = frozenset(path[0] for path in _WRAPPERS if path[1:2] == ("*",))


def recognise(value: dict[str, Any]) -> Format | None:
    """The format of an element; None if it is unknown."""
    for format in FORMATS:
        if format.recognises(value):
            return format
    return None


def elements_in(value: Any) -> Iterator[tuple[Format, dict[str, Any]]]:
    """The elements in a JSON value, with their formats: the value itself, or those in a wrapper."""
    if isinstance(value, list):
        for item in value:
            yield from elements_in(item)
    elif isinstance(value, dict):
        format = recognise(value)
        if format is not None:
            yield format, value
            return
        if "id" in value:  # its contents belong to it
            return
        found = [pair for path in _WRAPPERS for pair in _recognised_at(value, path)]
        yield from found or _posts_in_lists(value)
    elif isinstance(value, str) and links.wanted_posts(value):
        yield links, {links.LINE: value}


def _recognised_at(value: Any, path: tuple[str, ...]) -> Iterator[tuple[Format, dict[str, Any]]]:
    for item in _values_at(value, path):
        format = recognise(item) if isinstance(item, dict) else None
        if format is not None:
            yield format, item


def _posts_in_lists(value: dict[str, Any]) -> Iterator[tuple[Format, dict[str, Any]]]:
    """The posts in lists of any name. In other data with links, such as a person's own data, only
    known lists are read.
    """
    for name, items in value.items():
        if isinstance(items, list):
            for format, item in _recognised_at(value, (name, "*")):
                if format not in (comments, donated, links):
                    yield format, item


def holds_elements(path: tuple[str, ...], is_list: bool, before: Iterable[str]) -> bool:
    """True if the list or object at a path of keys in a file contains elements.

    before: the earlier keys. If an id is among them, they belong to a single record, and so does a
    list of comments.
    """
    if path[0] in donated.SECTIONS:
        return donated.leads_to_list(path)
    return is_list and len(path) == 1 and path[0] in _LISTS and "id" not in before


def _values_at(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if not path:
        yield value
    elif path[0] == "*":
        items = value.values() if isinstance(value, dict) else value
        for item in items if isinstance(value, list | dict) else ():
            yield from _values_at(item, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from _values_at(value[path[0]], path[1:])
