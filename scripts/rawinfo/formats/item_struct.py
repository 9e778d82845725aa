"""The site's own JSON of a post ("itemStruct"), as a raw-info record.

In: an item, as the site's pages and endpoints deliver it and most collectors store it. Out: a
record with the fields that `scraper/src/record.js` writes; `tests/items.json` contains examples
that both mappings must agree on. A part with an unknown shape costs only its own field.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from scripts.rawinfo.formats.found import Found, FoundPost
from scripts.rawinfo.formats.values import (
    HOME,
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

Item = dict[str, Any]

NAME = "items of the site's JSON"

# White space in JavaScript, and characters that would end the title in an address.
_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_NOT_IN_TITLE = re.compile(f"[{_SPACE}/?#]+")
_OUTER_SPACE = re.compile(f"^[{_SPACE}]+|(?<![{_SPACE}])[{_SPACE}]+$")
_KEPT_BY_ENCODE_URI = ";,/?:@&=+$-_.!~*'()#"
_PLACE_PARTS = ("id", "name", "address", "city", "country")
_COUNTS = ("diggCount", "commentCount", "shareCount", "playCount", "collectCount")
_COUNT_FIELDS = (
    *("like-count-exact", "comment-count-exact"),
    *("share-count", "play-count", "collect-count"),
)
_CREATOR_COUNTS = ("followerCount", "followingCount", "heartCount", "videoCount")
_CREATOR_COUNT_FIELDS = (
    *("creator-follower-count", "creator-following-count"),
    *("creator-heart-count", "creator-video-count"),
)


def recognises(item: Item) -> bool:
    """True if the value is an item of the site. Drawrowfly's items lack both of these parts."""
    if "extractor_key" in item or not is_id(item.get("id")):
        return False
    has_media = isinstance(item.get("video"), dict) or isinstance(item.get("imagePost"), dict)
    described = "desc" in item and ("author" in item or "createTime" in item)
    return has_media or described


def read(item: Item) -> Iterator[Found]:
    """The record of one item."""
    yield FoundPost(item_record(item))


def item_record(item: Item) -> dict[str, Any]:
    """The record of one item, without fields that the item lacks."""
    video = part_of(item, "video")
    # A photo post may have a video that plays its music.
    is_photo_post = bool(item.get("imagePost"))
    shown_video = {} if is_photo_post else video
    photos = _photos(item)
    extras = [extra for extra in parts(item, "textExtra") if isinstance(extra, dict)]
    links = _video_links(shown_video)
    likes, comments, *others = _counts(part_of(item, "statsV2"), part_of(item, "stats"), _COUNTS)
    author, music = part_of(item, "author"), part_of(item, "music")
    handle = _handle(item)
    title, artist = text(music.get("title")), text(music.get("authorName"))
    duet_source = other_id(part(item, "duetInfo", "duetFromId"))
    kind = "photo" if is_photo_post else "video"
    record = {
        "video-src": _play_link(shown_video) or (links[0]["url"] if links else None),
        "coverphoto-src": first_link(
            video.get("cover"), video.get("originCover"), photos[0]["url"] if photos else None
        ),
        "permalink": f"{HOME}/@{handle or ''}/{kind}/{item['id']}",
        "id": str(item["id"]),
        "like-count": shown_count(likes),
        "comment-count": shown_count(comments),
        "creator-username": handle and f"@{handle}",
        "creator-nickname": _either(author.get("nickname"), item.get("nickname")),
        "time-posted": shown_date(item.get("createTime")),
        "music-title": f"{title} - {artist}" if title and artist else title or None,
        "music-src": _music_page(text(music.get("id")), title),
        "description": text(item.get("desc")),
        **dict(zip(_COUNT_FIELDS, (likes, comments, *others), strict=True)),
        "create-time": number(item.get("createTime")) or None,
        **_creator(item, author),
        "duration": number(shown_video.get("duration")),
        "width": number(shown_video.get("width")),
        "height": number(shown_video.get("height")),
        "language": text(item.get("textLanguage")),
        "hashtags": _hashtags(item, extras),
        "mentions": _mentions(extras),
        "music-id": text(music.get("id")),
        "music-author": artist,
        "music-original": flag(music.get("original")),
        **_labels(item),
        "duet-of": duet_source,
        "stitch-of": None if duet_source else _stitch_source(extras),
        "video-links": links,
        "captions": _captions(video),
        "photos": photos,
    }
    return {name: value for name, value in record.items() if value is not None and value != []}


# --- parts of an item


def _handle(item: Item) -> str | None:
    """The creator's handle. In old data, the author is a plain string."""
    author = item.get("author")
    return author if isinstance(author, str) else text(part(author, "uniqueId"))


def _counts(
    exact: dict[str, Any], rounded: dict[str, Any], names: tuple[str, ...]
) -> list[int | float | None]:
    """Counts by their names. The site writes exact ones as text, and also as numbers."""
    counts = [number(exact.get(name)) for name in names]
    if None in counts:
        pairs = zip(names, counts, strict=True)
        return [number(rounded.get(name)) if count is None else count for name, count in pairs]
    return counts


def _creator(item: Item, author: dict[str, Any]) -> dict[str, Any]:
    exact, rounded = part_of(item, "authorStatsV2"), part_of(item, "authorStats")
    counts = _counts(exact, rounded, _CREATOR_COUNTS)
    return {
        "creator-id": _either(author.get("id"), item.get("authorId")),
        "creator-sec-uid": _either(author.get("secUid"), item.get("authorSecId")),
        "creator-verified": flag(author.get("verified")),
        **dict(zip(_CREATOR_COUNT_FIELDS, counts, strict=True)),
    }


def _labels(item: Item) -> dict[str, Any]:
    """What the creator or the site added to a post."""
    return {
        "is-ad": flag(item.get("isAd")),
        "ai-label": number(item.get("aigcLabelType")),
        "ai-description": text(item.get("AIGCDescription")) or None,
        "is-pinned": flag(item.get("isPinnedItem")),
        "sticker-texts": _sticker_texts(item),
        "effects": _effects(item),
        "location-created": text(item.get("locationCreated")) or None,
        "place": _place(item),
    }


def _play_link(video: dict[str, Any]) -> str | None:
    """The link to play: a plain link, or, in old data, the first of a list."""
    address = video.get("playAddr")
    if isinstance(address, list):
        address = part(address[0], "src") if address else None
    return first_link(address)


def _video_links(video: dict[str, Any]) -> list[dict[str, Any]]:
    """All links to a video, H.264 first, because everything plays it."""
    formats: list[tuple[dict[str, Any], list[Any]]] = []
    for coded in parts(video, "bitrateInfo"):
        address = part_of(coded, "PlayAddr")
        facts = {
            "codec": text(part(coded, "CodecType")),
            "bitrate": number(part(coded, "Bitrate")),
            "size": number(address.get("DataSize")),
        }
        formats.append((known(facts), parts(address, "UrlList")))
    formats.sort(key=lambda one: one[0].get("codec") != "h264")
    formats.append((known({"codec": text(video.get("codecType"))}), [_play_link(video)]))
    links: dict[str, dict[str, Any]] = {}
    for facts, urls in formats:
        for url in urls:
            if first_link(url) and url not in links:
                links[url] = {"url": url, **facts}
    return list(links.values())


def _photos(item: Item) -> list[dict[str, Any]]:
    photos = (
        {
            "url": first_link(*parts(image, "imageURL", "urlList")),
            "width": number(part(image, "imageWidth")),
            "height": number(part(image, "imageHeight")),
        }
        for image in parts(item, "imagePost", "images")
    )
    return [known(photo) for photo in photos if photo["url"]]


def _captions(video: dict[str, Any]) -> list[dict[str, Any]]:
    """The caption tracks, one entry for each address.

    Machine translations are 98 % of the tracks, and nobody's words.
    """
    tracks = [_old_track(track) for track in parts(video, "subtitleInfos")]
    if not tracks:
        infos = parts(video, "claInfo", "captionInfos")
        tracks = [track for info in infos for track in _new_tracks(info)]
    return [known(track) for track in tracks if track["url"] and track["source"] != "MT"]


def _old_track(track: Any) -> dict[str, Any]:
    return {
        "url": first_link(part(track, "Url")),
        "language": text(part(track, "LanguageCodeName")),
        "source": text(part(track, "Source")),
        "format": text(part(track, "Format")),
        "expires": number(part(track, "UrlExpire")),
    }


def _new_tracks(track: Any) -> Iterator[dict[str, Any]]:
    """A track, once for each address. Its first address often fails, so that one comes last."""
    first = part(track, "url")
    others = (url for url in parts(track, "urlList") if url != first)
    is_original = flag(part(track, "isOriginalCaption")) is not False
    made_by_site = "ASR" if is_original else "MT"
    for url in dict.fromkeys(map(first_link, (*others, first))):
        yield {
            "url": url,
            "language": text(part(track, "language")),
            "source": made_by_site if flag(part(track, "isAutoGen")) else "LC",
            "format": text(part(track, "captionFormat")),
            "expires": number(part(track, "expire")),
        }


def _hashtags(item: Item, extras: list[dict[str, Any]]) -> list[str]:
    if isinstance(item.get("textExtra"), list):
        names = [text(extra.get("hashtagName")) for extra in extras]
    else:
        names = [text(part(tag, "title")) for tag in parts(item, "challenges")]
    return list(dict.fromkeys(name for name in names if name))


def _mentions(extras: list[dict[str, Any]]) -> list[dict[str, Any]]:
    mentions = {
        handle: known({"handle": handle, "id": other_id(extra.get("userId"))})
        for extra in extras
        if (handle := text(extra.get("userUniqueId")))
    }
    return list(mentions.values())


def _sticker_texts(item: Item) -> list[str]:
    return [
        line
        for sticker in parts(item, "stickersOnItem")
        for line in parts(sticker, "stickerText")
        if isinstance(line, str) and line
    ]


def _effects(item: Item) -> list[dict[str, Any]]:
    effects = (
        known({"id": text(part(effect, "ID")), "name": text(part(effect, "name"))})
        for effect in parts(item, "effectStickers")
    )
    return [effect for effect in effects if effect]


def _place(item: Item) -> dict[str, Any] | None:
    poi = part_of(item, "poi")
    place = {name: found for name in _PLACE_PARTS if (found := text(poi.get(name)))}
    return place or None


def _stitch_source(extras: list[dict[str, Any]]) -> str | None:
    """The source of a stitch: the site links it as a mention that leads to a post."""
    found = (other_id(extra.get("awemeId")) for extra in extras)
    return next((id for id in found if id), None)


def _music_page(id: str | None, title: str | None) -> str | None:
    if not id or not title:
        return None
    slug = _NOT_IN_TITLE.sub("-", _OUTER_SPACE.sub("", title))
    return f"{HOME}/music/{quote(slug, safe=_KEPT_BY_ENCODE_URI)}-{id}"


def _either(value: Any, other: Any) -> str | None:
    found = text(value)
    return text(other) if found is None else found
