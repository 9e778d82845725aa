"""Merge several observations of one post into one record, field by field.

In: records, the newest first, and comments that were collected separately. Out: one record. Newer
values win, an empty value never replaces a known one, comments are combined by their ids, and
replies are placed under the comments that they reply to.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

from scripts.rawinfo.dialects import Comment, Record, other_names
from scripts.rawinfo.formats.comments import CREATOR_ENDING
from scripts.rawinfo.repair import items_of
from scripts.rawinfo.validation import validate

Info = dict[str, Any]


class LooseComment(NamedTuple):
    """A comment that was collected separately. parent: the id of the comment it replies to."""

    info: Info
    parent: str | None


_POST_NAMES = other_names(Record)
_COMMENT_NAMES = other_names(Comment)
_TEXT, _NAME, _ID = "comment-text", "commenter-username", "comment-id"
_TIME, _SCRAPED, _CREATED = "time-posted", "scrape-timestamp", "create-time"


def merge(observations: Sequence[Info], loose: Iterable[LooseComment] = ()) -> Info:
    """Merge the observations of one post, and its loose comments; both have the newest first."""
    merged: Info = {}
    known: dict[str, str] = {}  # the usual name of each field: its name in `merged`
    for info in observations:
        for key, value in _readable(info).items():
            usual = _POST_NAMES.get(key, key)
            name = known.setdefault(usual, key)
            if name not in merged or (_is_empty(merged[name]) and not _is_empty(value)):
                merged[name] = value
    lists = [
        [_dated(comment, info) if number else comment for comment in _comments(info)]
        for number, info in enumerate(observations)
    ]
    united = _unite(lists)
    _attach(united, loose, _creator(merged))
    if united or "comments" in merged:
        merged["comments"] = united
    return merged


def _readable(info: Info) -> Info:
    """Replace unreadable fields of a record with null, so that they count as empty."""
    record, problems = validate(info)
    if record is None or not problems:
        return info
    unread = {
        field.name.replace("_", "-")
        for field in fields(Record)
        if getattr(record, field.name) in (None, ())
    }
    return {
        key: None if _POST_NAMES.get(key, key) in unread else value for key, value in info.items()
    }


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _comments(info: Info) -> list[Info]:
    comments = items_of("comments", info.get("comments")) or []
    return [comment for comment in comments if isinstance(comment, dict)]


def _dated(comment: Info, info: Info) -> Info:
    """Add the time of its observation to a comment, because "5h ago" is relative to it."""
    if comment.get(_CREATED) or not info.get(_SCRAPED):
        return comment
    return {_SCRAPED: info[_SCRAPED], **comment}


def _unite(lists: Iterable[list[Info]]) -> list[Info]:
    """Combine the comments of all lists: each once, with the known values from all lists."""
    united: list[Info] = []
    places: dict[tuple[Any, ...], int] = {}
    for comments in lists:
        copies: Counter[tuple[Any, ...]] = Counter()
        for comment in comments:
            id, words = _id(comment), _words(comment, copies)
            place = places.get(("id", id)) if id else None
            if place is None:
                place = places.get(words)
                if place is not None and id and _id(united[place]):
                    place = None  # the same words of the same person, in another comment
            if place is None:
                place = len(united)
                united.append(dict(comment))
            else:
                united[place] = _with_known(united[place], comment)
            places.setdefault(words, place)
            if id:
                places.setdefault(("id", id), place)
    return united


def _id(comment: Info) -> str | None:
    id = comment.get(_ID)
    return str(id) if id else None


def _words(comment: Info, copies: Counter[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Return what identifies a comment without an id.

    These are its author, its text, and its number among equal comments.
    """
    usual = {_COMMENT_NAMES.get(key, key): value for key, value in comment.items()}
    name = str(usual.get(_NAME) or "").removesuffix(CREATOR_ENDING)
    words = (name, str(usual.get(_TEXT)))
    copies[words] += 1
    return (*words, copies[words])


def _with_known(newer: Info, older: Info) -> Info:
    names = {_COMMENT_NAMES.get(key, key): key for key in newer}
    merged = dict(newer)
    for key, value in older.items():
        name = names.get(_COMMENT_NAMES.get(key, key), key)
        if name == "replies" and isinstance(value, list):
            replies = [r for r in [*(merged.get(name) or []), *value] if isinstance(r, dict)]
            merged[name] = _unite([[reply] for reply in replies])
        elif name != _SCRAPED and _is_empty(merged.get(name)):
            merged[name] = value
            if _COMMENT_NAMES.get(key, key) == _TIME and _SCRAPED in older:
                merged[_SCRAPED] = older[_SCRAPED]
    return merged


def _attach(united: list[Info], loose: Iterable[LooseComment], creator: str | None) -> None:
    """Add loose comments. Replies are placed under the comments that they reply to."""
    known = {id: comment for comment in _all(united) if (id := _id(comment))}
    for info, parent in sorted(loose, key=lambda comment: comment.parent is not None):
        id, comment = _id(info), _marked(info, creator)
        if id and id in known:
            known[id].update(_with_known(known[id], comment))
            continue
        if parent is not None and parent in known:
            known[parent]["replies"] = [*(known[parent].get("replies") or []), comment]
        else:
            united.append(comment)
        if id:
            known[id] = comment


def _all(comments: Iterable[Info]) -> Iterator[Info]:
    for comment in comments:
        yield comment
        replies = comment.get("replies")
        yield from (
            _all(r for r in replies if isinstance(r, dict)) if isinstance(replies, list) else ()
        )


def _creator(info: Info) -> str | None:
    handle = info.get("creator-username", info.get("username"))
    return handle.removeprefix("@") if isinstance(handle, str) else None


def _marked(comment: Info, creator: str | None) -> Info:
    """Mark the author of a comment, as the site does, if it is the creator of the post."""
    name = comment.get(_NAME)
    is_creator = creator is not None and comment.get("commenter-handle") == creator
    if not is_creator or not isinstance(name, str) or name.endswith(CREATOR_ENDING):
        return dict(comment)
    return {**comment, _NAME: name + CREATOR_ENDING}
