"""JSON of drawrowfly's tiktok-scraper (2018-2021), the source of many older corpora."""

from collections.abc import Iterator
from typing import Any

from scripts.rawinfo.formats.found import Found, FoundPost
from scripts.rawinfo.formats.values import (
    first_link,
    flag,
    known,
    number,
    part,
    parts,
    post_address,
    shown_count,
    shown_date,
    text,
)

NAME = "drawrowfly's tiktok-scraper"


def recognises(value: dict[str, Any]) -> bool:
    """True if the value is a post from this scraper."""
    return "id" in value and isinstance(value.get("authorMeta"), dict) and "text" in value


def read(post: dict[str, Any]) -> Iterator[Found]:
    """The record of one post."""
    yield FoundPost(_record(post))


def _record(post: dict[str, Any]) -> dict[str, Any]:
    handle = text(part(post, "authorMeta", "name"))
    likes, comments = number(post.get("diggCount")), number(post.get("commentCount"))
    record = {
        "video-src": first_link(post.get("videoUrlNoWaterMark"), post.get("videoUrl")),
        "coverphoto-src": first_link(
            part(post, "covers", "default"), part(post, "covers", "origin")
        ),
        "permalink": post_address(post["id"], handle),
        "id": text(post["id"]),
        "like-count": shown_count(likes),
        "comment-count": shown_count(comments),
        "creator-username": handle and f"@{handle}",
        "creator-nickname": text(part(post, "authorMeta", "nickName")),
        "time-posted": shown_date(post.get("createTime")),
        "music-title": _music_title(post),
        "description": text(post["text"]),
        "like-count-exact": likes,
        "comment-count-exact": comments,
        "share-count": number(post.get("shareCount")),
        "play-count": number(post.get("playCount")),
        "create-time": number(post.get("createTime")),
        "creator-id": text(part(post, "authorMeta", "id")),
        "creator-sec-uid": text(part(post, "authorMeta", "secUid")),
        "creator-verified": flag(part(post, "authorMeta", "verified")),
        "creator-follower-count": number(part(post, "authorMeta", "fans")),
        "creator-following-count": number(part(post, "authorMeta", "following")),
        "creator-heart-count": number(part(post, "authorMeta", "heart")),
        "creator-video-count": number(part(post, "authorMeta", "video")),
        "duration": number(part(post, "videoMeta", "duration")),
        "width": number(part(post, "videoMeta", "width")),
        "height": number(part(post, "videoMeta", "height")),
        "hashtags": [name for tag in parts(post, "hashtags") if (name := text(part(tag, "name")))],
        "mentions": [
            {"handle": mention.removeprefix("@")}
            for mention in parts(post, "mentions")
            if isinstance(mention, str) and mention
        ],
        "music-id": text(part(post, "musicMeta", "musicId")),
        "music-author": text(part(post, "musicMeta", "musicAuthor")),
        "music-original": flag(part(post, "musicMeta", "musicOriginal")),
        "effects": [
            known({"id": text(part(effect, "id")), "name": text(part(effect, "name"))})
            for effect in parts(post, "effectStickers")
        ],
    }
    return {key: value for key, value in record.items() if value is not None and value != []}


def _music_title(post: dict[str, Any]) -> str | None:
    title = text(part(post, "musicMeta", "musicName"))
    author = text(part(post, "musicMeta", "musicAuthor"))
    return f"{title} - {author}" if title and author else title or None
