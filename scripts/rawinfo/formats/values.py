"""Read values of untrusted JSON or of tables: a text, a number, a flag, a link, or nothing.

A value with another shape counts as missing, so it costs only its own field.
"""

import math
import re
from datetime import UTC, datetime
from typing import Any

from scripts.rawinfo import ids

HOME = "https://www.tiktok.com"

_SCHEMES = ("https://", "http://")
_FRACTION = re.compile("[.eE]")


def part(value: Any, *path: str) -> Any:
    """Return the value at a path of keys; None if there is none."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def part_of(value: Any, key: str) -> dict[str, Any]:
    """Return the object at a key; {} if there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def parts(value: Any, *path: str) -> list[Any]:
    """Return the items of the list at a path of keys; [] if there is no list."""
    found = part(value, *path)
    return found if isinstance(found, list) else []


def is_id(value: Any) -> bool:
    """True if a value is the id of a post, as a number or as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return isinstance(value, str) and ids.is_id(value)


def post_address(id: Any, handle: Any, kind: str = "video", link: str = "") -> str | None:
    """The address of a post. link: leads to it, and gives its id if `id` may be rounded.

    None if neither is exact: an address with a rounded id would seem to confirm it.
    """
    exact = id
    if not is_id(id) or ids.looks_rounded(str(id)):
        exact = ids.find_id_in_address(link)
    return exact and f"{HOME}/@{handle or ''}/{kind}/{exact}"


def text(value: Any) -> str | None:
    """Return a text, or a number as text; None for anything else."""
    if type(value) is str:  # nearly always; these functions run a hundred times for each item
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value)


def number(value: Any) -> int | float | None:
    """Return a number, even if it is written as text; None for anything else."""
    if value is None or type(value) is int:  # nearly always
        return value
    if isinstance(value, str):
        if value == "":  # in most cells of tables
            return None
        try:
            if value.isdecimal():  # nearly always
                return int(value)
            value = float(value) if _FRACTION.search(value) else int(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if value == int(value) else value


def flag(value: Any) -> bool | None:
    """A truth value, which the site also writes as 1 and 0; None for anything else."""
    return bool(value) if isinstance(value, bool) or value in (0, 1) else None


def other_id(value: Any) -> str | None:
    """The id of another post or comment, or None: the site writes "0" or "" for no id."""
    if not value or value == "0":  # nearly always
        return None
    return str(value) if is_id(value) and int(value) else None


def first_link(*links: Any) -> str | None:
    """The first of these values that is a link."""
    for link in links:
        if isinstance(link, str) and link.startswith(_SCHEMES):
            return link
    return None


def shown_count(count: float | None) -> str | None:
    """A count as the site shows it: 8917, 22.6K, 3.1M."""
    if count is None:
        return None
    if count < 1e4:
        return str(count)
    unit, letter = (1e6, "M") if count >= 1e6 else (1e3, "K")
    return f"{number(math.floor(count * 10 / unit) / 10)}{letter}"


def shown_date(value: Any) -> str | None:
    """A day as the site shows it: 2021-3-9. value: unix seconds."""
    seconds = number(value)
    if not seconds:
        return None
    try:
        date = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
    return f"{date.year}-{date.month}-{date.day}"


def known(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values that are not None."""
    if None not in values.values():
        return values
    return {key: value for key, value in values.items() if value is not None}
