"""Repair the unreadable parts of a record: each field, and each item of a list, separately.

In: a record, and its unreadable fields. Out: a copy in which they are readable. A list in another
shape (an object with numbers as keys, texts in place of objects) is read as the list that it
represents. Unusable parts become null or are left out, and a message says so.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from scripts.rawinfo.dialects import (
    Captions,
    Comment,
    Effect,
    Mention,
    Place,
    Slide,
    VideoLink,
    aliases,
)
from scripts.rawinfo.ids import is_id

RESCRAPE = "The rest of the record is used; scrape the post again to get the missing part"

Trouble = tuple[str, str]  # message and remedy


@dataclass(frozen=True, slots=True)
class _Items:
    """The kind of items in a list. lacking: the fault of an item without a `required` key.

    from_text: the item that a plain text represents; None for no item. placeholder: replaces a
    useless item, so that the others keep their numbers.
    """

    validate: Callable[[Any], Any]
    required: frozenset[str]
    lacking: str
    from_text: Callable[[str], Any]
    placeholder: Mapping[str, Any] | None = None


def _validator(kind: Any) -> Callable[[Any], Any]:
    return TypeAdapter(kind).validator.validate_python


def _nothing(text: str) -> Any:
    return None


def _link(text: str) -> Any:
    return {"url": text} if text.startswith(("https://", "http://")) else None


def _mention(text: str) -> Any:
    return {"handle": text.removeprefix("@")}


_NAMES = ("name", "title", "text", "hashtagName")
MOST_SLIDES = 1000  # a number above it is no number of a slide
_URL = frozenset({"url"})
_TEXT = frozenset(aliases(get_type_hints(Comment, include_extras=True)["comment_text"]))
_COMMENTS = _Items(_validator(Comment), _TEXT, "without a readable text", _nothing)
_PICTURES = _Items(_validator(Slide), _URL, "without a link", _link)
_TEXTS = _Items(_validator(str), frozenset(), "that are no text", str)
_LISTS = {
    "comments": _COMMENTS,
    "replies": _COMMENTS,
    "photos": replace(_PICTURES, placeholder={"url": ""}),
    "pictures": _PICTURES,
    "video-links": _Items(_validator(VideoLink), _URL, "without a link", _link),
    "captions": _Items(_validator(Captions), _URL, "without a link", _link),
    "mentions": _Items(_validator(Mention), frozenset({"handle"}), "without a handle", _mention),
    "effects": _Items(
        _validator(Effect), frozenset(), "that are no effects", lambda text: {"name": text}
    ),
    "sticker-texts": _TEXTS,
    "hashtags": _TEXTS,
}
_validate_place = _validator(Place)
# Links that some programs write as lists.
_SINGLE = frozenset({"video-src", "coverphoto-src", "music-src", "permalink"})


def repair(info: dict[str, Any], wrong: list[str]) -> tuple[dict[str, Any], list[Trouble]]:
    """A copy of the record in which these fields are usable, and what was changed."""
    repaired = dict(info)
    problems: list[str] = []
    for key in wrong:
        value = info[key]
        if (items := items_of(key, value)) is not None:
            repaired[key], messages = _repair_list(key, items)
            if not isinstance(value, list):
                problems.append(
                    f"{key} can't be {json_type(value)}; read as the list that it holds"
                )
            problems += messages
        elif key == "place" and (fields := _wrong_fields(_validate_place, value)):
            repaired[key] = value | dict.fromkeys(fields)
            problems.append(f"{', '.join(sorted(fields))} of the place can't be read; read as null")
        elif key in _SINGLE and (text := _first_text(value)) is not None:
            repaired[key] = text
            problems.append(f"{key} is a list, not a text; the first one in it is used")
        else:
            repaired[key] = None
            problems.append(f"{key} can't be {json_type(value)}; read as null")
    return repaired, [(problem, RESCRAPE) for problem in problems]


def items_of(key: str, value: Any) -> list[Any] | None:
    """The items of a list, even if the value has another type; None if it contains no item.

    An object contains its items under numbers or names ({"0": …, "1": …}), or is the only item.
    """
    kind = _LISTS.get(key)
    if kind is None:
        return None
    if isinstance(value, str):
        value = [value] if value and kind.from_text(value) is not None else None
    elif isinstance(value, dict):
        if all(map(is_id, value)):
            value = _in_order({int(number): item for number, item in value.items()}, kind)
        elif kind.required.isdisjoint(value) and _hold_objects(value):
            value = list(value.values())
        else:
            value = [value] if kind.required & value.keys() else None
    return [_item(item, kind) for item in value] if isinstance(value, list) else None


def _in_order(items: dict[int, Any], kind: _Items) -> list[Any]:
    """The items in the order of their numbers. Slides keep theirs, so gaps between them stay."""
    numbers: Iterable[int] = sorted(items)
    if kind.placeholder is not None and max(items, default=0) <= MOST_SLIDES:
        numbers = range(min(items, default=0), max(items, default=-1) + 1)
    return [items.get(number) for number in numbers]


def _hold_objects(value: dict[str, Any]) -> bool:
    return all(isinstance(item, dict) for item in value.values())


def _item(value: Any, kind: _Items) -> Any:
    """The item in a value, which may be a list with only this item, or a plain text."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if kind is _TEXTS:
        value = _text_in(value)
    return kind.from_text(value) if isinstance(value, str) else value


def _text_in(value: Any) -> Any:
    """The text that a number (`#2024`), or an object with a name or a text represents."""
    if isinstance(value, dict):
        value = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else value


def _first_text(value: Any) -> str | None:
    return value[0] if isinstance(value, list) and value and isinstance(value[0], str) else None


def _wrong_fields(validate: Callable[[Any], Any], item: Any) -> set[str] | None:
    """The unreadable fields of an item; None if the value is not an item at all."""
    try:
        validate(item)
    except ValidationError as error:
        return {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]} or None
    return set()


def json_type(value: Any) -> str:
    """The type of a JSON value, in words."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float):
        return "this number"
    if isinstance(value, str):
        return "this text"
    return "a list" if isinstance(value, list) else "an object"


def _repair_list(key: str, items: list[Any]) -> tuple[list[Any], list[str]]:
    """The usable items, with null in their unreadable fields."""
    kind = _LISTS[key]
    kept: list[Any] = []
    useless: list[int] = []
    nulled: list[int] = []
    for number, item in enumerate(items, 1):
        wrong = _wrong_fields(kind.validate, item)
        if wrong is None or not wrong.isdisjoint(kind.required):
            kept += [] if kind.placeholder is None else [kind.placeholder]
            useless.append(number)
        elif wrong:
            kept.append(item | {field: _repaired(field, item[field]) for field in wrong})
            nulled.append(number)
        else:
            kept.append(item)
    messages = []
    if useless:
        fate = "left out" if kind.placeholder is None else "the others keep their numbers"
        messages.append(f"{numbered(useless, key)} {kind.lacking}: {fate}")
    if nulled:
        messages.append(f"{numbered(nulled, key)} with a field of the wrong type: read as null")
    return kept, messages


def _repaired(field: str, value: Any) -> Any:
    """The usable items of a list; null for any other unreadable field."""
    items = items_of(field, value)
    return None if items is None else _repair_list(field, items)[0]


def numbered(numbers: list[int], key: str) -> str:
    """Say how many items of a list are affected, and which: "2 of the photos (1, 4)"."""
    listed = ", ".join(map(str, numbers[:5])) + (", …" if len(numbers) > 5 else "")
    return f"{len(numbers)} of the {key} ({listed})"
