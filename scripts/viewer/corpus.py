"""Answer the page's questions from the database, with plain dicts that become JSON.

Each answer comes from an index and has the length of one page. No answer contains the ids of the
browser that scraped, or a link to media (the table `links`), because such links are signed.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from scripts.speech.captions import CaptionsError, read_webvtt
from scripts.store.media_kinds import COVERPHOTOS, PHOTOS, VIDEOS, MediaKind
from scripts.store.texts import text_path
from scripts.viewer import boxes, screen

FEED_PAGE = 12
THREADS_PAGE = 30
POSTS_AT_ONCE = 60
FAILURES_SHOWN = 100
OLDER, NEWER = "older", "newer"

# The feed is sorted by the time of posting; posts without a time count as the oldest. Each half has
# its own query, so that both use the index. For each direction: True for the half with times, and
# its SQL.
_HALVES = {
    OLDER: (
        (True, "(posted_at, number) < (:time, :number) ORDER BY posted_at DESC, number DESC"),
        (False, "posted_at IS NULL AND number < :number ORDER BY number DESC"),
    ),
    NEWER: (
        (False, "posted_at IS NULL AND number > :number ORDER BY number"),
        (True, "(posted_at, number) > (:time, :number) ORDER BY posted_at, number"),
    ),
}
_END = 2**63 - 1

_POSTS = """
    SELECT id, creator_username, creator_nickname, description, music_title, posted_date,
        language, duration_s, slide_count, like_count, like_count_shown, comment_count,
        comment_count_shown, share_count, play_count, collect_count, coverphoto_ocr,
        speech_to_text, screen_text,
        (SELECT source FROM texts WHERE texts.id = tiktoks.id AND kind = 'speech') AS source,
        (SELECT count(*) FROM comments WHERE video_id = tiktoks.id) AS comments_loaded
    FROM tiktoks WHERE id = ?
"""
_DOWNLOADS = """
    SELECT kind, number, outcome, link_expires_at, duration_s, has_audio
    FROM downloads WHERE id = ? ORDER BY kind, number
"""
# A page of threads: comments that are not replies, each followed by its replies.
_THREAD_STARTS = """
    SELECT position FROM comments
    WHERE video_id = :id AND position > :after AND parent_position IS NULL
    ORDER BY position LIMIT :limit
"""
_THREADS = """
    SELECT position, parent_position, commenter_name, commenter_username, comment_text, language,
        like_count, like_count_shown, replies_count, time_posted, posted_date, is_creator
    FROM comments WHERE video_id = :id AND position >= :first AND position < :end
    ORDER BY position
"""
_FAILURES = """
    SELECT kind, outcome, reason, count(*) AS files FROM downloads
    WHERE outcome <> 'ok' GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT ?
"""


def feed(db: sqlite3.Connection, start: str | None, direction: str, limit: int) -> list[str]:
    """Ids next to `start`, nearest first. Without `start`, the feed begins at the newest post.

    Raises KeyError if there is no such post.
    """
    edge = _END if direction == OLDER else -_END
    halves: Sequence[tuple[bool, str]] = _HALVES[direction]
    time = number = edge
    if start is not None:
        row = db.execute("SELECT posted_at, number FROM tiktoks WHERE id = ?", (start,)).fetchone()
        if row is None:
            raise KeyError(start)
        time, number = row
        if halves[0][0] == (time is None):  # the post is in the other half
            halves = halves[1:]
    ids: list[str] = []
    for _, half in halves:
        position = {"time": time, "number": number, "limit": limit - len(ids)}
        rows = db.execute(f"SELECT id FROM tiktoks WHERE {half} LIMIT :limit", position)  # noqa: S608
        ids += (id for (id,) in rows)
        time = number = edge
    return ids


def posts(db: sqlite3.Connection, data: Path, ids: Iterable[str]) -> list[dict[str, Any]]:
    """Everything about these posts except comments, in this order. Unknown ids are left out."""
    rows = ((id, db.execute(_POSTS, (id,)).fetchone()) for id in ids)
    return [
        _post(row, db.execute(_DOWNLOADS, (id,)).fetchall(), screen.read_lines(db, id), data)
        for id, row in rows
        if row
    ]


def _post(
    row: sqlite3.Row,
    downloads: Sequence[sqlite3.Row],
    screen_lines: list[dict[str, Any]],
    data: Path,
) -> dict[str, Any]:
    id = row["id"]
    kinds = {kind.name: kind for kind in (VIDEOS, COVERPHOTOS, PHOTOS)}
    files = [file for file in downloads if file["kind"] in kinds]
    # Look at the files: they may have come or gone since the database was built.
    there = {
        (file["kind"], file["number"])
        for file in files
        if is_there(kinds[file["kind"]], data, id, file["number"])
    }
    video = next((file for file in files if file["kind"] == VIDEOS.name), None)
    return {
        "id": id,
        "creator": row["creator_username"],
        "nickname": row["creator_nickname"],
        "description": row["description"],
        "music": row["music_title"],
        "posted_date": row["posted_date"],
        "language": row["language"],
        "counts": _counts(row),
        "comments_loaded": row["comments_loaded"],
        "has_cover": (COVERPHOTOS.name, 0) in there,
        "has_video": (VIDEOS.name, 0) in there,
        "has_sound": video is None or video["has_audio"] != 0,
        "duration_s": (video and video["duration_s"]) or row["duration_s"],
        "slide_count": row["slide_count"],
        "slides": sorted(number for kind, number in there if kind == PHOTOS.name),
        "missing": [
            {name: file[name] for name in ("kind", "outcome", "link_expires_at")}
            for file in files
            if (file["kind"], file["number"]) not in there
        ],
        "cover_text": row["coverphoto_ocr"],
        "speech": row["speech_to_text"],
        "speech_source": row["source"],
        "cues": _cues(data, id),
        "screen_text": row["screen_text"],
        "screen": screen_lines,
        "boxes": boxes.read_video_boxes(inside(data, boxes.video_boxes_file(data, id))),
        "picture_boxes": boxes.read_picture_boxes(inside(data, boxes.picture_boxes_file(data, id))),
    }


def _counts(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "likes": _count(row["like_count"], row["like_count_shown"]),
        "comments": _count(row["comment_count"], row["comment_count_shown"]),
        "shares": _count(row["share_count"]),
        "plays": _count(row["play_count"]),
        "saves": _count(row["collect_count"]),
    }


def is_there(kind: MediaKind, data: Path, id: str, number: int = 0) -> bool:
    """True if the file is in the corpus, and not an empty placeholder. number: of a slide, or 0."""
    name = f"{id}/{number}" if number else id
    file = inside(data, kind.media(data, name))
    return file is not None and file.stat().st_size > 0


def inside(data: Path, file: Path) -> Path | None:
    """The real path of a file; None if it is missing, or if a link leads out of the corpus."""
    try:
        place = file.resolve(strict=True)
        return place if place.is_relative_to(data.resolve()) else None
    except (OSError, RuntimeError):  # the latter for links in a circle
        return None


def _count(number: int | None, shown: str | None = None) -> dict[str, Any] | None:
    return None if number is None and shown is None else {"number": number, "shown": shown}


def _cues(data: Path, id: str) -> list[dict[str, Any]]:
    """The lines of the transcript with their times in seconds; [] if the times are unknown."""
    file = inside(data, text_path(data, "speech", id).with_suffix(".vtt"))
    if file is None:
        return []
    try:
        cues = read_webvtt(file)
    except (CaptionsError, OSError):
        return []
    return [{"start": cue.start_s, "end": cue.end_s, "text": cue.text} for cue in cues]


def comments(db: sqlite3.Connection, id: str, after: int, limit: int) -> dict[str, Any]:
    """Threads that begin after a position: each a comment with its `replies`.

    `next` is the position to go on from, None at the end.
    """
    starts = db.execute(_THREAD_STARTS, {"id": id, "after": after, "limit": limit + 1}).fetchall()
    positions = [position for (position,) in starts]
    if not positions:
        return {"comments": [], "next": None}
    end = positions[limit] if len(positions) > limit else _END
    rows = db.execute(_THREADS, {"id": id, "first": positions[0], "end": end})
    threads: list[dict[str, Any]] = []
    for row in rows:
        comment = dict(row) | {"replies": []}
        # A reply to a reply, which the site doesn't have, would go into the same thread.
        (threads if comment["parent_position"] is None else threads[-1]["replies"]).append(comment)
    return {"comments": threads, "next": positions[limit - 1] if end != _END else None}


def failures(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Missing files by kind, class and reason, the most frequent first."""
    return [dict(row) for row in db.execute(_FAILURES, (FAILURES_SHOWN,))]


def exists(db: sqlite3.Connection, id: str) -> bool:
    """True if there is a post with this id."""
    return db.execute("SELECT 1 FROM tiktoks WHERE id = ?", (id,)).fetchone() is not None
