"""The rows of `tiktoks.db` that one post becomes, as dictionaries by column.

In: a post as it was scraped, and the receipts of its downloads and texts. These may contain
anything, so each value is converted, or is null.
"""

import json
import math
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripts.merge.screen_lines import read_cues
from scripts.rawinfo.catalogue import Comment, Post
from scripts.rawinfo.formats.comments import CREATOR_ENDING
from scripts.rawinfo.links import DOWNLOADABLE, inspect_link, without_signature
from scripts.rawinfo.media_links import base_language
from scripts.rawinfo.shown_values import estimate_time, parse_count, parse_reply_count
from scripts.rawinfo.times import id_time
from scripts.store import texts
from scripts.store.receipts import REJECTED, Receipt
from scripts.store.states import DownloadState
from scripts.store.text_kinds import SPEECH, TEXT_KINDS

UNTRIED = "untried"
_AUDIENCE = ("follower", "following", "heart", "video")
_PLACE = ("id", "name", "address", "city", "country")

# SQLite's functions stop at NUL, and UTF-8 can't store lone surrogates.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_MENTION = re.compile(r"(?<![\w.])@([\w.]*\w)")


def tiktok_row(number: int, post: Post) -> dict[str, Any]:
    """Return the row of `tiktoks`, without the texts that the workflow made. number: from 1."""
    as_scraped = "music_title creator_username creator_nickname description time_posted"
    return {
        "number": number,
        "id": post.id,
        **{column: storable(getattr(post, column)) for column in as_scraped.split()},
        "music_src": storable(without_signature(post.music_src)) if post.music_src else None,
        "like_count": _first(post.like_count_exact, parse_count(post.like_count)),
        "like_count_shown": storable(post.like_count),
        "comment_count": _first(post.comment_count_exact, parse_count(post.comment_count)),
        "comment_count_shown": storable(post.comment_count),
        "share_count": post.share_count,
        "play_count": post.play_count,
        "collect_count": post.collect_count,
        "creator_id": storable(post.creator_id),
        "duration_s": post.duration,
        "language": base_language(post.language),
        "slide_count": len(post.photos),
        "posted_at": _posted_at(post),
        "scrape_timestamp": real_number(post.scrape_timestamp),
        "source_record": post.origin.record,
        **{f"creator_{name}_count": getattr(post, f"creator_{name}_count") for name in _AUDIENCE},
        "is_ad": post.is_ad,
        "ai_label": post.ai_label,
        "ai_description": storable(post.ai_description),
        "is_pinned": post.is_pinned,
        "sticker_text": storable("\n".join(post.sticker_texts)) if post.sticker_texts else None,
        "location_created": storable(post.location_created),
        **{f"place_{name}": storable(getattr(post.place, name, None)) for name in _PLACE},
        "duet_of": storable(post.duet_of),
        "stitch_of": storable(post.stitch_of),
    }


def link_row(post: Post) -> dict[str, Any]:
    """Return the links as scraped. They expire, and tables for others leave them out."""
    columns = ("web_id", "permalink", "video_src", "coverphoto_src")
    return {"id": post.id, **{column: storable(getattr(post, column)) for column in columns}}


def mention_rows(post: Post, description: str) -> list[dict[str, Any]]:
    """Return the accounts that the description names, with their ids if the site gives them."""
    ids: dict[str, str | None] = {name.lower(): None for name in _MENTION.findall(description)}
    ids |= {(storable(m.handle) or "").lower(): storable(m.id) for m in post.mentions}
    return [
        {"id": post.id, "username": name, "account_id": ids[name]} for name in sorted(ids) if name
    ]


def effect_rows(post: Post) -> list[dict[str, Any]]:
    """Return the effects of the post, numbered from 1."""
    return [
        {
            "id": post.id,
            "number": n,
            "effect_id": storable(effect.id),
            "name": storable(effect.name),
        }
        for n, effect in enumerate(post.effects, 1)
    ]


def _flat(comments: Iterable[Comment]) -> Iterator[Comment]:
    """Yield each comment, followed by its replies, in the order of their numbers."""
    for comment in comments:
        yield comment
        yield from _flat(comment.replies)


def picture_rows(post: Post) -> list[dict[str, Any]]:
    """Return the pictures of all comments, with the positions of their comments."""
    return [
        {"video_id": post.id, "position": position, "number": number, "url": storable(picture.url)}
        for position, comment in enumerate(_flat(post.comments), 1)
        for number, picture in enumerate(comment.pictures, 1)
    ]


def comment_rows(post: Post) -> list[dict[str, Any]]:
    """Return each comment, followed by its replies, numbered from 1."""
    rows: list[dict[str, Any]] = []

    def add(comments: Iterable[Comment], parent: int | None) -> None:
        for comment in comments:
            position = len(rows) + 1
            rows.append(_comment_row(post, comment, position, parent))
            add(comment.replies, position)

    add(post.comments, None)
    return rows


def _comment_row(post: Post, comment: Comment, position: int, parent: int | None) -> dict[str, Any]:
    return {
        "video_id": post.id,
        "position": position,
        "parent_position": parent,
        "comment_id": storable(comment.comment_id),
        "commenter_name": storable(comment.commenter_name),
        "commenter_username": storable(comment.commenter_handle),
        "commenter_id": storable(comment.commenter_id),
        "comment_text": storable(comment.comment_text),
        "language": base_language(comment.language),
        "like_count": parse_count(comment.like_count),
        "like_count_shown": storable(comment.like_count),
        "replies_count": parse_reply_count(comment.replies_count),
        "replies_count_shown": storable(comment.replies_count),
        "time_posted": storable(comment.time_posted),
        "posted_at": _first(
            _count(comment.create_time),
            estimate_time(
                comment.time_posted,
                comment.scrape_timestamp or post.scrape_timestamp,
                _posted_at(post),
            ),
        ),
        "is_creator": (comment.commenter_name or "").endswith(CREATOR_ENDING),
        "is_pinned": comment.is_pinned,
        "liked_by_creator": comment.liked_by_creator,
        "reply_to": storable(comment.reply_to),
    }


def _posted_at(post: Post) -> int | None:
    return _first(_count(post.create_time), id_time(post.id, post.scrape_timestamp))


def hashtag_rows(id: str, tags: Iterable[str]) -> list[dict[str, Any]]:
    """Return each hashtag once, in lower case."""
    return [{"id": id, "tag": tag} for tag in sorted({tag.lower() for tag in tags})]


def _first(*values: int | None) -> int | None:
    """Return the first known value. Pass the exact value before the estimate."""
    return next((value for value in values if value is not None), None)


def _life(expires_at: int | None) -> str:
    """Say until when a link works. Nothing here reads the clock, so it may have expired since."""
    if expires_at is None:
        return "no run has requested it yet"
    end = datetime.fromtimestamp(expires_at, UTC).strftime("%Y-%m-%d at %H:%M UTC")
    return f"no run has requested it; the link works until {end}"


def download_row(id: str, state: DownloadState) -> dict[str, Any]:
    """Return what the receipt says, or else what the link says about itself."""
    link, receipt = inspect_link(state.url), state.receipt
    if receipt is None:
        outcome = UNTRIED if link.kind == DOWNLOADABLE else REJECTED
        reason = link.reason or _life(link.expires_at)
        receipt = Receipt(state.name, state.kind.name, outcome, reason, host=link.host)
    facts = receipt.facts
    return {
        "id": id,
        "kind": state.kind.name,
        "number": int(state.name.partition("/")[2] or 0),
        "outcome": receipt.outcome,
        "reason": storable(receipt.reason),
        "present": state.present,
        "attempts": receipt.attempts,
        "http_status": receipt.http_status,
        "host": storable(receipt.host),
        "size_bytes": receipt.size_bytes,
        "sha256": storable(receipt.sha256),
        "downloaded_at": receipt.downloaded_at,
        "link_expires_at": link.expires_at,
        **{name: storable(facts.get(name)) for name in ("format", "video_codec", "audio_codec")},
        **{name: _count(facts.get(name)) for name in ("width", "height")},
        "duration_s": real_number(facts.get("duration_s")),
        "has_audio": _flag(facts.get("has_audio")),
    }


def text_rows(id: str, kind: str, text: str | None, data: Path) -> list[dict[str, Any]]:
    """Return how a text was made, from its receipt; [] without a receipt."""
    receipt = texts.read_facts(texts.receipt_path(data, kind, id))
    if not receipt:
        return []
    return [
        {
            "id": id,
            "kind": kind,
            **{name: storable(receipt.get(name)) for name in ("source", "language")},
            **{name: storable(receipt.get(name)) for name in ("engine", "version")},
            "settings": json.dumps(receipt.get("settings"), sort_keys=True),
            "outcome": receipt["outcome"],
            "reason": storable(receipt.get("reason")) or "",
            "characters": None if text is None else len(text),
            **{name: real_number(receipt.get(name)) for name in ("duration_s", "speech_s")},
        }
    ]


def speech_rows(id: str, data: Path) -> list[dict[str, Any]]:
    """Return the lines of the transcript with their times, numbered from 1."""
    return [
        {
            "id": id,
            "number": n,
            "start_s": cue.start_s,
            "end_s": cue.end_s,
            "text": storable(cue.text),
        }
        for n, cue in enumerate(read_cues(data, SPEECH.name, id), 1)
    ]


def foreign_text_row(id: str, kind: str, text: str) -> dict[str, Any]:
    """Return the row of a text that another program made."""
    nothing = dict.fromkeys(("language", "version", "settings", "duration_s", "speech_s"))
    return {
        "id": id,
        "kind": kind,
        "source": "another program",
        "engine": "unknown",
        "outcome": texts.OK,
        "reason": f"The text is from another program's file ({TEXT_KINDS[kind].merged}).",
        "characters": len(text),
        **nothing,
    }


def storable(value: Any) -> str | None:
    """Return a text with U+FFFD for characters that SQLite can't store; None if it is no text."""
    return _UNSTORABLE.sub("\ufffd", value) if isinstance(value, str) else None


def source_path(file: str, data: Path) -> str:
    """Return the path of a raw-info file relative to the folder that contains `data`.

    The name need not be UTF-8; different names stay different.
    """
    name = os.path.relpath(file, data.parent)
    return name.encode("utf-8", "backslashreplace").decode()


def _count(value: Any) -> int | None:
    """Return a number from a receipt, which somebody may have edited; None if it is not one."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and 0 <= value < 2**63 else None


def real_number(value: Any) -> float | None:
    """Return a finite number; None for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
