"""yt-dlp's `.info.json`, which describes one post.

Its `formats` contain the cookies and the browser of the visit, so only links and codecs are read.
"""

from collections.abc import Iterator
from typing import Any

from scripts.rawinfo.formats.found import Found, FoundPost, Refused
from scripts.rawinfo.formats.values import (
    HOME,
    first_link,
    is_id,
    known,
    number,
    part,
    parts,
    shown_count,
    shown_date,
    text,
)

NAME = "yt-dlp"


def recognises(value: dict[str, Any]) -> bool:
    """True if the value is yt-dlp's description of a post or of a list."""
    return isinstance(value.get("extractor_key"), str) and "id" in value


def read(info: dict[str, Any]) -> Iterator[Found]:
    """The record of the post. The description of a list gives no record."""
    if not info["extractor_key"].startswith("TikTok"):
        yield Refused("yt-dlp took it from another site than TikTok")
    elif info.get("_type", "video") != "video" or not is_id(info["id"]):
        yield Refused("it describes a list of posts, not a post")
    else:
        yield FoundPost(_record(info))


def _record(info: dict[str, Any]) -> dict[str, Any]:
    id, handle = str(info["id"]), text(info.get("uploader"))
    likes, comments = number(info.get("like_count")), number(info.get("comment_count"))
    links = _video_links(info)
    record = {
        "video-src": links[0]["url"] if links else None,
        "coverphoto-src": _cover(info),
        "permalink": f"{HOME}/@{handle or ''}/video/{id}",
        "id": id,
        "like-count": shown_count(likes),
        "comment-count": shown_count(comments),
        "creator-username": handle and f"@{handle}",
        "creator-nickname": text(info.get("channel")),
        "time-posted": shown_date(info.get("timestamp")),
        "music-title": _music_title(info),
        "description": text(info.get("description")),
        # yt-dlp reads the site's rounded counts, so they are no better than the shown ones.
        "like-count-exact": likes,
        "comment-count-exact": comments,
        "share-count": number(info.get("repost_count")),
        "play-count": number(info.get("view_count")),
        "collect-count": number(info.get("save_count")),
        "create-time": number(info.get("timestamp")),
        "creator-id": text(info.get("uploader_id")),
        "creator-sec-uid": text(info.get("channel_id")),
        "duration": number(info.get("duration")),
        "music-author": _artists(info),
        "video-links": links,
        "captions": _captions(info),
        "scrape-timestamp": number(info.get("epoch")),
    }
    return {key: value for key, value in record.items() if value is not None and value != []}


def _video_links(info: dict[str, Any]) -> list[dict[str, Any]]:
    """Links to files with picture and sound, H.264 first. Of equal ones, the last is the best."""
    formats = [
        (text(part(coded, "vcodec")), url)
        for coded in reversed(parts(info, "formats"))
        if (url := first_link(part(coded, "url")))
        and part(coded, "vcodec") != "none"
        and part(coded, "acodec") != "none"
    ]
    if not formats and (url := first_link(info.get("url"))):
        formats = [(text(info.get("vcodec")), url)]
    formats.sort(key=lambda one: not (one[0] or "").startswith(("h264", "avc")))
    links = {url: known({"url": url, "codec": codec}) for codec, url in formats}
    return list(links.values())


def _cover(info: dict[str, Any]) -> str | None:
    """The still cover, as the site shows it; "dynamicCover" is animated."""
    thumbnails = parts(info, "thumbnails")
    by_id = {text(part(one, "id")): part(one, "url") for one in thumbnails}
    rest = (part(one, "url") for one in thumbnails if part(one, "id") != "dynamicCover")
    return first_link(by_id.get("cover"), by_id.get("originCover"), *rest, info.get("thumbnail"))


def _artists(info: dict[str, Any]) -> str | None:
    names = [name for name in parts(info, "artists") if isinstance(name, str) and name]
    return ", ".join(names) or text(info.get("artist"))


def _music_title(info: dict[str, Any]) -> str | None:
    title, artists = text(info.get("track")), _artists(info)
    return f"{title} - {artists}" if title and artists else title


def _captions(info: dict[str, Any]) -> list[dict[str, Any]]:
    """The caption tracks. yt-dlp does not say who wrote one, and some are translations."""
    subtitles = info.get("subtitles")
    return [
        known({"url": url, "language": language, "format": _caption_format(track)})
        for language, tracks in (subtitles.items() if isinstance(subtitles, dict) else ())
        for track in (tracks if isinstance(tracks, list) else ())
        if (url := first_link(part(track, "url")))
    ]


def _caption_format(track: Any) -> str | None:
    extension = text(part(track, "ext"))
    return "webvtt" if extension == "vtt" else extension
