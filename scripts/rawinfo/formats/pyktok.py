"""pyktok's tables of posts."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from scripts.rawinfo.formats.found import Found, FoundPost
from scripts.rawinfo.formats.values import number, post_address, shown_count

NAME = "pyktok"

_COLUMNS = {"video_id", "video_description", "author_username"}

Row = dict[str, Any]


def recognises(row: Row) -> bool:
    """True if the row comes from such a table."""
    return row.keys() >= _COLUMNS


def read(row: Row) -> Iterator[Found]:
    """The post in one row."""
    yield FoundPost(_post(row))


def _post(row: Row) -> dict[str, Any]:
    handle = row["author_username"]
    likes, comments = number(row.get("video_diggcount")), number(row.get("video_commentcount"))
    record = {
        "permalink": post_address(row["video_id"], handle),
        "id": row["video_id"],
        "like-count": shown_count(likes),
        "comment-count": shown_count(comments),
        "creator-username": handle and f"@{handle}",
        "creator-nickname": row.get("author_name") or None,
        "time-posted": _date(row.get("video_timestamp")),
        "description": row["video_description"],
        "like-count-exact": likes,
        "comment-count-exact": comments,
        "share-count": number(row.get("video_sharecount")),
        "play-count": number(row.get("video_playcount")),
        "creator-verified": _true(row.get("author_verified")),
        "creator-follower-count": number(row.get("author_followercount")),
        "creator-following-count": number(row.get("author_followingcount")),
        "creator-heart-count": number(row.get("author_heartcount")),
        "creator-video-count": number(row.get("author_videocount")),
        "duration": number(row.get("video_duration")),
        "is-ad": _true(row.get("video_is_ad")),
        "sticker-texts": [line for line in (row.get("video_stickers") or "").split(";") if line],
        "location-created": row.get("video_locationcreated") or None,
        "place": {"name": row["poi_name"]} if row.get("poi_name") else None,
    }
    return {key: value for key, value in record.items() if value not in (None, "", [])}


def _date(timestamp: Any) -> str | None:
    """Only the day, because pyktok writes times in the unnamed time zone of its machine."""
    try:
        date = datetime.fromisoformat(timestamp)
    except (TypeError, ValueError):
        return None
    return f"{date.year}-{date.month}-{date.day}"


def _true(cell: Any) -> bool | None:
    return {"true": True, "false": False}.get(str(cell).lower())
