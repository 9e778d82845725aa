"""Turn one JSON object into a `Record`. One bad item never affects the others.

A field that can't be used becomes null, an item is left out of its list, and both are reported.
Only an object without a usable id, or without any field of a post, gives no record.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from scripts.rawinfo.dialects import FIELDS_OF_POSTS, Comment, Record
from scripts.rawinfo.ids import (
    EXPORT_AS_TEXT,
    ROUNDED_ID,
    find_id_in_address,
    looks_rounded,
    read_id,
)
from scripts.rawinfo.json_decoder import quoted
from scripts.rawinfo.repair import RESCRAPE, Trouble, json_type, numbered, repair
from scripts.rawinfo.times import id_time, is_create_time

REMOVE = "Remove the record or scrape it again"
CHECK_ID = "Check the id on the site, and write ids as text, in quotes: numbers get rounded"
MOVE = "Move it elsewhere"

# Where the address of a post may stand, the surest one first.
_LINKS = ("permalink", "video-src", "url", "link", "share-url")

_validate_record = TypeAdapter(Record).validator.validate_python

# Other objects with an id, and the keys that reveal them.
_LOOKS = {
    "an account": {"uniqueId", "secUid", "unique_id", "avatarThumb"},
    "a sound": {"playUrl", "authorName"},
    "a comment": {"cid", "aweme_id", "comment-text", "text"},
    "a video file": {"playAddr", "downloadAddr", "bitrate"},
    "a hashtag": {"title", "desc"},
}


def validate(info: dict[str, Any]) -> tuple[Record | None, list[Trouble]]:
    """Return the record, or None if the object is not a usable one, and what is wrong with it."""
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
        repaired, found = repair(info, wrong)
        record = _validate_record(repaired)
        problems += found
    record, found = _without_impossible_times(record)
    return record, problems + found


def find_id(info: Mapping[str, Any]) -> tuple[str | None, list[Trouble]]:
    """Return the id to use for a record, and what is wrong with its own id.

    If the id and the permalink differ, the permalink is right: programs round numbers, but not
    addresses.
    """
    id, linked = read_id(info.get("id")), _linked_id(info, "permalink")
    if id is None:
        found = ((linked_id, key) for key in _LINKS if (linked_id := _linked_id(info, key)))
        linked, key = next(found, (None, ""))
        if linked is None:
            remedy = EXPORT_AS_TEXT if ROUNDED_ID.fullmatch(str(info.get("id"))) else REMOVE
            return None, [(_wrong_id(info), remedy)]
        return linked, [(f"{_wrong_id(info)}; the one in its {key} is used", CHECK_ID)]
    rounded = ": it was rounded" if looks_rounded(id) else ""
    if linked is None:
        message = f"id {id} looks rounded, and there is no permalink with the true one"
        return id, [(message, CHECK_ID)] if rounded else []
    if linked != id:
        message = f"id {id} differs from the one in its permalink, {linked}, which is used"
        return linked, [(message + rounded, CHECK_ID)]
    return id, []


def _linked_id(info: Mapping[str, Any], key: str) -> str | None:
    address = info.get(key)
    return find_id_in_address(address) if isinstance(address, str) else None


def has_fields_of_post(info: Mapping[str, Any]) -> bool:
    """True if an object has a field, even if it is null, that only posts have."""
    return not FIELDS_OF_POSTS.isdisjoint(info)


def describe(info: Mapping[str, Any]) -> str:
    """Describe an object that is not a post, for people."""
    look = max(_LOOKS, key=lambda look: len(_LOOKS[look] & info.keys()))
    keys = ", ".join(quoted(str(key)) for key in list(info)[:5]) + (", …" if len(info) > 5 else "")
    likely = f"it looks like {look}" if _LOOKS[look] & info.keys() else "it is not a post"
    return f"{likely} (its keys: {keys})"


def _wrong_id(info: Mapping[str, Any]) -> str:
    if "id" not in info:
        return "it has no id"
    value = info["id"]
    shown = quoted(value) if isinstance(value, str) else json_type(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        shown = quoted(str(value)).strip("'")
    rounded = ": it was rounded" if ROUNDED_ID.fullmatch(str(value)) else ""
    return f"id {shown} is not 1-20 digits{rounded}"


def _without_impossible_times(record: Record) -> tuple[Record, list[Trouble]]:
    """Replace impossible times of creation with null."""
    problems: list[Trouble] = []
    scraped_at = record.scrape_timestamp
    if record.create_time is not None and not is_create_time(record.create_time, scraped_at):
        message = f"create-time {record.create_time:.15g} is impossible for a post; read as null"
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
        place = numbered(sorted(set(wrong)), "comments")
        message = f"{place} with a create-time before the post or after the scrape: read as null"
        problems.append((message, RESCRAPE))
        record = replace(record, comments=comments)
    return record, problems
