"""From one JSON object to a `Record`: one bad item never costs its neighbours.

What can't be used is null, or left out of its list, and reported. Only an object without a usable
id, or without any field of a post, gives no record.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from scripts.rawinfo.dialects import (
    FIELDS_OF_POSTS,
    Captions,
    Comment,
    Effect,
    Mention,
    Record,
    Slide,
    VideoLink,
    aliases,
)
from scripts.rawinfo.ids import find_id_in_address, is_id, looks_rounded
from scripts.rawinfo.json_decoder import quoted
from scripts.rawinfo.times import id_time, is_create_time

REMOVE = "Remove the record or scrape it again"
RESCRAPE = "The rest of the record is used; scrape the post again to get the missing part"
CHECK_ID = "Check the id on the site, and write ids as text, in quotes: numbers get rounded"
MOVE = "Move it elsewhere"

Trouble = tuple[str, str]  # message and remedy


@dataclass(frozen=True, slots=True)
class _Items:
    """The items of a list. `lacking`: what makes an item useless, where it lacks a `required` key.

    placeholder: takes the place of a useless item, so that the others keep their numbers.
    """

    validate: Callable[[Any], Any]
    required: frozenset[str]
    lacking: str
    placeholder: Mapping[str, Any] | None = None


def _validator(kind: Any) -> Callable[[Any], Any]:
    return TypeAdapter(kind).validator.validate_python


_validate_record = _validator(Record)

_URL = frozenset({"url"})
_TEXT = frozenset(aliases(get_type_hints(Comment, include_extras=True)["comment_text"]))
_COMMENTS = _Items(_validator(Comment), _TEXT, "without a readable text")
_LISTS = {
    "comments": _COMMENTS,
    "replies": _COMMENTS,
    "photos": _Items(_validator(Slide), _URL, "without a link", {"url": ""}),
    "video-links": _Items(_validator(VideoLink), _URL, "without a link"),
    "captions": _Items(_validator(Captions), _URL, "without a link"),
    "pictures": _Items(_validator(Slide), _URL, "without a link"),
    "mentions": _Items(_validator(Mention), frozenset({"handle"}), "without a handle"),
    "effects": _Items(_validator(Effect), frozenset(), "that are no effects"),
    "sticker-texts": _Items(_validator(str), frozenset(), "that are no text"),
    "hashtags": _Items(_validator(str), frozenset(), "that are no text"),
}

# What else has an id, by keys that tell it.
_LOOKS = {
    "an account": {"uniqueId", "secUid", "unique_id", "avatarThumb"},
    "a sound": {"playUrl", "authorName"},
    "a comment": {"cid", "aweme_id", "comment-text", "text"},
    "a video file": {"playAddr", "downloadAddr", "bitrate"},
    "a hashtag": {"title", "desc"},
}


def validate(info: dict[str, Any]) -> tuple[Record | None, list[Trouble]]:
    """The record, or None if the object is not a usable one, and what is wrong with it."""
    id, problems = find_id(info)
    if id is None:
        return None, problems
    if not has_fields_of_post(info):
        return None, [(f"it is not raw info: {describe(info)}", MOVE)]
    if info.get("id") != id:
        info = info | {"id": id}
    try:
        record = _validate_record(info)
    except ValidationError as error:
        wrong = list(dict.fromkeys(str(problem["loc"][0]) for problem in error.errors()))
        repaired, found = _repair(info, wrong)
        record = _validate_record(repaired)
        problems += found
    record, found = _without_impossible_times(record)
    return record, problems + found


def find_id(info: Mapping[str, Any]) -> tuple[str | None, list[Trouble]]:
    """The id by which a record goes, and what is wrong with the one it gives.

    The permalink is right where the two differ: programs round numbers, but not addresses.
    """
    own, permalink = info.get("id"), info.get("permalink")
    linked = find_id_in_address(permalink) if isinstance(permalink, str) else None
    exact = isinstance(own, str | int) and not isinstance(own, bool)
    id = str(own) if exact and is_id(str(own)) else None
    if id is None:
        if linked is None:
            return None, [(_wrong_id(info), REMOVE)]
        return linked, [(f"{_wrong_id(info)}; the one in its permalink is used", CHECK_ID)]
    rounded = ": it was rounded" if looks_rounded(id) else ""
    if linked is None:
        message = f"id {id} looks rounded, and there is no permalink with the true one"
        return id, [(message, CHECK_ID)] if rounded else []
    if linked != id:
        message = f"id {id} differs from the one in its permalink, {linked}, which is used"
        return linked, [(message + rounded, CHECK_ID)]
    return id, []


def has_fields_of_post(info: Mapping[str, Any]) -> bool:
    """Whether an object has a field, be it null, that only posts have."""
    return not FIELDS_OF_POSTS.isdisjoint(info)


def describe(info: Mapping[str, Any]) -> str:
    """What an object that is not a post looks like, for people."""
    look = max(_LOOKS, key=lambda look: len(_LOOKS[look] & info.keys()))
    keys = ", ".join(quoted(str(key)) for key in list(info)[:5]) + (", …" if len(info) > 5 else "")
    likely = f"it looks like {look}" if _LOOKS[look] & info.keys() else "it is not a post"
    return f"{likely} (its keys: {keys})"


def json_type(value: Any) -> str:
    """What a JSON value is, for people."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float):
        return "this number"
    if isinstance(value, str):
        return "this text"
    return "a list" if isinstance(value, list) else "an object"


def _repair(info: dict[str, Any], wrong: list[str]) -> tuple[dict[str, Any], list[Trouble]]:
    """A copy of the object in which these fields are usable, and what was changed."""
    repaired = dict(info)
    problems: list[Trouble] = []
    for key in wrong:
        if key in _LISTS and isinstance(info[key], list):
            repaired[key], messages = _repair_list(key, info[key])
            problems += [(message, RESCRAPE) for message in messages]
        else:
            repaired[key] = None
            problems.append((f"{key} can't be {json_type(info[key])}; read as null", RESCRAPE))
    return repaired, problems


def _repair_list(key: str, items: list[Any]) -> tuple[list[Any], list[str]]:
    """The items that can be used, with null for their other unreadable fields."""
    kind = _LISTS[key]
    kept: list[Any] = []
    useless: list[int] = []
    nulled: list[int] = []
    for number, item in enumerate(items, 1):
        try:
            kind.validate(item)
            kept.append(item)
        except ValidationError as error:
            wrong = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
            if wrong and wrong.isdisjoint(kind.required):
                kept.append(item | {field: _repaired(field, item[field]) for field in wrong})
                nulled.append(number)
            else:
                kept += [] if kind.placeholder is None else [kind.placeholder]
                useless.append(number)
    messages = []
    if useless:
        fate = "left out" if kind.placeholder is None else "the others keep their numbers"
        messages.append(f"{_numbers(useless, key)} {kind.lacking}: {fate}")
    if nulled:
        messages.append(f"{_numbers(nulled, key)} with a field of the wrong type: read as null")
    return kept, messages


def _repaired(field: str, value: Any) -> Any:
    """Null for an unreadable field of an item; of a list, the items that can be used."""
    return _repair_list(field, value)[0] if field in _LISTS and isinstance(value, list) else None


def _numbers(numbers: list[int], key: str) -> str:
    listed = ", ".join(map(str, numbers[:5])) + (", …" if len(numbers) > 5 else "")
    return f"{len(numbers)} of the {key} ({listed})"


def _wrong_id(info: Mapping[str, Any]) -> str:
    if "id" not in info:
        return "it has no id"
    value = info["id"]
    shown = quoted(value) if isinstance(value, str) else json_type(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        shown = quoted(str(value)).strip("'")
    return f"id {shown} is not 1-20 digits"


def _without_impossible_times(record: Record) -> tuple[Record, list[Trouble]]:
    """The record with null for each time of creation that can't be."""
    problems: list[Trouble] = []
    scraped_at = record.scrape_timestamp
    if record.create_time is not None and not is_create_time(record.create_time, scraped_at):
        message = f"create-time {record.create_time:.15g} can't be when it was posted; read as null"
        problems.append((message, RESCRAPE))
        record = replace(record, create_time=None)
    posted_at = record.create_time or id_time(record.id, scraped_at) or 0
    wrong: list[int] = []

    def checked(comment: Comment, number: int) -> Comment:
        replies = tuple(checked(reply, number) for reply in comment.replies)
        time = comment.create_time
        if time is not None and not (posted_at <= time and is_create_time(time, scraped_at)):
            wrong.append(number)
            time = None
        if time == comment.create_time and replies == comment.replies:
            return comment
        return replace(comment, create_time=time, replies=replies)

    # Few scrapers give the times of comments.
    timed = any(c.create_time is not None or c.replies for c in record.comments)
    if timed:
        comments = tuple(checked(comment, n) for n, comment in enumerate(record.comments, 1))
    if wrong:
        place = _numbers(sorted(set(wrong)), "comments")
        message = f"{place} with a create-time before the post or after the scrape: read as null"
        problems.append((message, RESCRAPE))
        record = replace(record, comments=comments)
    return record, problems
