"""Tables of posts and of comments that 4CAT and Zeeschuimer export."""

from collections.abc import Iterator
from typing import Any

from scripts.rawinfo.formats.found import Found, FoundComment, FoundPost, Refused
from scripts.rawinfo.formats.values import (
    first_link,
    is_id,
    known,
    number,
    other_id,
    post_address,
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
    cells = {column: cell for column, cell in row.items() if cell}
    if row.keys() >= _COMMENTS:
        yield from _comment(cells)
    else:
        yield FoundPost(_post(cells))


def _post(row: Row) -> dict[str, Any]:
    """The record of a row without its empty cells."""
    cell = row.get
    handle, likes, comments = cell("author"), number(cell("likes")), number(cell("comments"))
    title, artist = cell("music_name"), cell("music_author")
    link = cell("tiktok_url", "")
    kind = "photo" if "/photo/" in link else "video"
    record = {
        "video-src": first_link(cell("video_url")),
        "coverphoto-src": first_link(cell("thumbnail_url")),
        "permalink": post_address(cell("id"), handle, kind, link),
        "id": cell("id"),
        "like-count": shown_count(likes),
        "comment-count": shown_count(comments),
        "creator-username": handle and f"@{handle}",
        "creator-nickname": cell("author_full"),
        "time-posted": shown_date(cell("unix_timestamp")),
        "music-title": f"{title} - {artist}" if title and artist else title,
        "description": cell("body", ""),
        "like-count-exact": likes,
        "comment-count-exact": comments,
        "share-count": number(cell("shares")),
        "play-count": number(cell("plays")),
        "collect-count": number(cell("collects")),
        "create-time": number(cell("unix_timestamp")),
        "creator-follower-count": number(cell("author_followers")),
        "creator-heart-count": number(cell("author_likes")),
        "creator-video-count": number(cell("author_videos")),
        "hashtags": _names(cell("hashtags")),
        "music-id": cell("music_id"),
        "music-author": artist,
        "is-ad": _yes(cell("is_ad")),
        "sticker-texts": [line for line in cell("stickers", "").split("\n") if line],
        "effects": [{"name": name} for name in _names(cell("effects"))],
        "location-created": cell("location_created"),
    }
    return {name: value for name, value in record.items() if value is not None and value != []}


def _comment(row: Row) -> Iterator[Found]:
    """The comment in a row without its empty cells."""
    cell = row.get
    if not is_id(cell("post_id")) or not is_id(cell("id")):
        yield Refused("it is a comment without the id of its post")
        return
    nickname, replies = cell("author_full"), number(cell("replies"))
    thread = other_id(cell("thread_id"))
    parent = None
    if _yes(cell("is_comment_on_comment")) and thread not in (row["id"], row["post_id"]):
        parent = thread
    info = {
        "comment-text": cell("body", ""),
        **known(
            {
                "commenter-username": nickname and f"@{nickname}",
                "time-posted": shown_date(cell("unix_timestamp")),
                "like-count": shown_count(number(cell("likes"))),
                "replies-count": str(replies) if replies else "",
                "comment-id": row["id"],
                "commenter-handle": cell("author"),
                "create-time": number(cell("unix_timestamp")),
                "language": cell("language_guess"),
                "is-pinned": _yes(cell("is_sticky")),
                "liked-by-creator": _yes(cell("is_liked_by_post_author")),
                "reply-to": parent,
            }
        ),
    }
    yield FoundComment(row["post_id"], info, parent)


def _names(cell: str | None) -> list[str]:
    return [name for part in cell.split(",") if (name := part.strip())] if cell else []


def _yes(cell: str | None) -> bool | None:
    return {"yes": True, "no": False}.get(cell.lower()) if cell else None
