"""Tables of posts and of comments that 4CAT and Zeeschuimer export."""

from collections.abc import Iterator
from typing import Any

from scripts.rawinfo.formats.found import Found, FoundComment, FoundPost, Refused
from scripts.rawinfo.formats.values import (
    HOME,
    first_link,
    is_id,
    known,
    number,
    other_id,
    shown_count,
    shown_date,
)

NAME = "a table of 4CAT or Zeeschuimer"

_POSTS = {"id", "author", "body", "unix_timestamp", "tiktok_url"}
_COMMENTS = {"id", "author", "body", "unix_timestamp", "post_id", "is_comment_on_comment"}

Row = dict[str, Any]


def recognises(row: Row) -> bool:
    """True if the row comes from such a table."""
    return row.keys() >= _POSTS or row.keys() >= _COMMENTS


def read(row: Row) -> Iterator[Found]:
    """The post or the comment in one row."""
    if row.keys() >= _COMMENTS:
        yield from _comment(row)
    elif not is_id(row["id"]):
        yield Refused("its id is not 1-20 digits")
    else:
        yield FoundPost(_post(row))


def _post(row: Row) -> dict[str, Any]:
    handle, likes, comments = _cell(row, "author"), _count(row, "likes"), _count(row, "comments")
    kind = "photo" if "/photo/" in row["tiktok_url"] else "video"
    record = {
        "video-src": first_link(row.get("video_url")),
        "coverphoto-src": first_link(row.get("thumbnail_url")),
        "permalink": f"{HOME}/@{handle or ''}/{kind}/{row['id']}",
        "id": row["id"],
        "like-count": shown_count(likes),
        "comment-count": shown_count(comments),
        "creator-username": handle and f"@{handle}",
        "creator-nickname": _cell(row, "author_full"),
        "time-posted": shown_date(row["unix_timestamp"]),
        "music-title": _music_title(row),
        "description": row["body"],
        "like-count-exact": likes,
        "comment-count-exact": comments,
        "share-count": _count(row, "shares"),
        "play-count": _count(row, "plays"),
        "collect-count": _count(row, "collects"),
        "create-time": number(row["unix_timestamp"]),
        "creator-follower-count": _count(row, "author_followers"),
        "creator-heart-count": _count(row, "author_likes"),
        "creator-video-count": _count(row, "author_videos"),
        "hashtags": _names(row, "hashtags"),
        "music-id": _cell(row, "music_id"),
        "music-author": _cell(row, "music_author"),
        "is-ad": _yes(row, "is_ad"),
        "sticker-texts": [line for line in (row.get("stickers") or "").split("\n") if line],
        "effects": [{"name": name} for name in _names(row, "effects")],
        "location-created": _cell(row, "location_created"),
    }
    return {key: value for key, value in record.items() if value is not None and value != []}


def _comment(row: Row) -> Iterator[Found]:
    if not is_id(row["post_id"]) or not is_id(row["id"]):
        yield Refused("it is a comment without the id of its post")
        return
    nickname, replies = _cell(row, "author_full"), number(row.get("replies"))
    thread = other_id(row.get("thread_id"))
    parent = None
    if _yes(row, "is_comment_on_comment") and thread not in (row["id"], row["post_id"]):
        parent = thread
    info = {
        "comment-text": row["body"],
        **known(
            {
                "commenter-username": nickname and f"@{nickname}",
                "time-posted": shown_date(row["unix_timestamp"]),
                "like-count": shown_count(_count(row, "likes")),
                "replies-count": str(replies) if replies else "",
                "comment-id": row["id"],
                "commenter-handle": _cell(row, "author"),
                "create-time": number(row["unix_timestamp"]),
                "language": _cell(row, "language_guess"),
                "is-pinned": _yes(row, "is_sticky"),
                "liked-by-creator": _yes(row, "is_liked_by_post_author"),
                "reply-to": parent,
            }
        ),
    }
    yield FoundComment(row["post_id"], info, parent)


def _cell(row: Row, column: str) -> str | None:
    return row.get(column) or None


def _count(row: Row, column: str) -> int | float | None:
    return number(row.get(column))


def _names(row: Row, column: str) -> list[str]:
    return [name for part in (row.get(column) or "").split(",") if (name := part.strip())]


def _yes(row: Row, column: str) -> bool | None:
    return {"yes": True, "no": False}.get((row.get(column) or "").lower())


def _music_title(row: Row) -> str | None:
    title, author = _cell(row, "music_name"), _cell(row, "music_author")
    return f"{title} - {author}" if title and author else title
