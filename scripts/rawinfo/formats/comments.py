"""Comments as the site's endpoint delivers them, separate from their posts.

In: one comment; pages of them (`{"comments": […], "has_more": …}`) are taken apart before. Out: the
comment with the fields that `scraper/src/record.js` writes, the id of its post, and the replies
that came with it.
"""

from collections.abc import Iterator
from typing import Any

from scripts.rawinfo.formats.found import Found, FoundComment, Refused
from scripts.rawinfo.formats.values import (
    first_link,
    flag,
    is_id,
    known,
    number,
    other_id,
    part,
    part_of,
    parts,
    shown_count,
    shown_date,
    text,
)

NAME = "comments of the site's JSON"
CREATOR_ENDING = " · Creator"
PICTURE = "(picture)"  # the text of a comment that is a picture and nothing else: two of 19 are


def recognises(value: dict[str, Any]) -> bool:
    """True if it is a comment of the site. Its fields have other names than those of a post."""
    if "cid" not in value or "authorMeta" in value:
        return False
    return "aweme_id" in value or "text" in value or "user" in value


def read(comment: dict[str, Any]) -> Iterator[Found]:
    """Yield the comment, and the replies that came with it."""
    post_id = comment.get("aweme_id")
    if not is_id(comment.get("cid")) or not is_id(post_id):
        yield Refused("it is a comment without the id of its post")
        return
    yield _found(comment, str(post_id))
    for reply in parts(comment, "reply_comment"):
        if is_id(part(reply, "cid")):
            yield _found({"reply_id": comment["cid"]} | reply, str(post_id))


def _found(comment: dict[str, Any], post_id: str) -> FoundComment:
    return FoundComment(post_id, comment_record(comment), other_id(comment.get("reply_id")))


def comment_record(comment: dict[str, Any], creator: str | None = None) -> dict[str, Any]:
    """One comment without its replies. creator: the handle of its post's creator, if known."""
    user = part_of(comment, "user")
    nickname, handle = text(user.get("nickname")), text(user.get("unique_id"))
    mark = CREATOR_ENDING if creator is not None and handle == creator else ""
    replies = number(comment.get("reply_comment_total"))
    pictures = _pictures(comment)
    said = text(comment.get("text"))
    record = {
        "commenter-username": None if nickname is None else f"@{nickname}{mark}",
        "time-posted": shown_date(comment.get("create_time")),
        "like-count": shown_count(number(comment.get("digg_count"))),
        "replies-count": str(replies) if replies else "",
        "comment-id": str(comment["cid"]),
        "commenter-handle": handle,
        "commenter-id": text(user.get("uid")),
        "create-time": number(comment.get("create_time")) or None,
        "language": text(comment.get("comment_language")),
        "pictures": pictures or None,
        "is-pinned": flag(comment.get("author_pin")),
        "liked-by-creator": flag(comment.get("is_author_digged")),
        "reply-to": other_id(comment.get("reply_to_reply_id")) or other_id(comment.get("reply_id")),
    }
    return {"comment-text": PICTURE if pictures and not said else said, **known(record)}


def _pictures(comment: dict[str, Any]) -> list[dict[str, str]]:
    """The pictures of a comment."""
    urls = (
        first_link(*parts(image, "origin_url", "url_list"), *parts(image, "crop_url", "url_list"))
        for image in parts(comment, "image_list")
    )
    return [{"url": url} for url in urls if url]
