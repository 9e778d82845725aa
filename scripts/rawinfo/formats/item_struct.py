"""The site's own JSON of a post ("itemStruct"), as a raw-info record.

In: an item, as the site's pages and endpoints deliver it and most collectors store it. Out: a
record with the fields that `scraper/src/record.js` writes; `tests/items.json` contains examples
that both mappings must agree on. A part with an unknown shape costs only its own field.
"""

import re
from collections.abc import Callable, Iterator
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
    record: dict[str, Any] = {}
    for field, value_of in _FIELDS.items():
        value = value_of(item)
        if value is not None and value != []:
            record[field] = value
    return record


# --- parts of an item


def _handle(item: Item) -> str | None:
    """The creator's handle. In old data, the author is a plain string."""
    author = item.get("author")
    return author if isinstance(author, str) else text(part(author, "uniqueId"))


def _creator(item: Item) -> str | None:
    handle = _handle(item)
    return handle and f"@{handle}"


def _nickname(item: Item) -> str | None:
    nickname = text(part(item, "author", "nickname"))
    return text(item.get("nickname")) if nickname is None else nickname


def _stat(item: Item, name: str) -> int | float | None:
    exact = number(part(item, "statsV2", name))
    return number(part(item, "stats", name)) if exact is None else exact


def _creator_stat(name: str) -> Callable[[Item], int | float | None]:
    def stat(item: Item) -> int | float | None:
        exact = number(part(item, "authorStatsV2", name))
        return number(part(item, "authorStats", name)) if exact is None else exact

    return stat


def _is_photo_post(item: Item) -> bool:
    return bool(item.get("imagePost"))


def _of_video(name: str) -> Callable[[Item], int | float | None]:
    def value(item: Item) -> int | float | None:
        return None if _is_photo_post(item) else number(part(item, "video", name))

    return value


def _permalink(item: Item) -> str:
    kind = "photo" if _is_photo_post(item) else "video"
    return f"{HOME}/@{_handle(item) or ''}/{kind}/{item['id']}"


def _play_link(video: Any) -> str | None:
    """The link to play: a plain link, or, in old data, the first of a list."""
    address = part(video, "playAddr")
    if isinstance(address, list):
        address = part(address[0], "src") if address else None
    return first_link(address)


def _video_link(item: Item) -> str | None:
    if _is_photo_post(item):
        return None
    if link := _play_link(item.get("video")):
        return link
    links = _links_of(item.get("video"))
    return links[0]["url"] if links else None


def _video_links(item: Item) -> list[dict[str, Any]] | None:
    return None if _is_photo_post(item) else _links_of(item.get("video"))


def _links_of(video: Any) -> list[dict[str, Any]]:
    """All links to a video, H.264 first, because everything plays it."""
    formats: list[tuple[dict[str, Any], list[Any]]] = []
    for coded in parts(video, "bitrateInfo"):
        address = part(coded, "PlayAddr")
        facts = {
            "codec": text(part(coded, "CodecType")),
            "bitrate": number(part(coded, "Bitrate")),
            "size": number(part(address, "DataSize")),
        }
        formats.append((known(facts), parts(address, "UrlList")))
    formats.sort(key=lambda one: one[0].get("codec") != "h264")
    formats.append((known({"codec": text(part(video, "codecType"))}), [_play_link(video)]))
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


def _cover(item: Item) -> str | None:
    video = item.get("video")
    photos = _photos(item)
    return first_link(
        part(video, "cover"), part(video, "originCover"), photos[0]["url"] if photos else None
    )


def _captions(item: Item) -> list[dict[str, Any]]:
    """The caption tracks, one entry for each address.

    Machine translations are 98 % of the tracks, and nobody's words.
    """
    tracks = [_old_track(track) for track in parts(item, "video", "subtitleInfos")]
    if not tracks:
        infos = parts(item, "video", "claInfo", "captionInfos")
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


def _hashtags(item: Item) -> list[str] | None:
    if isinstance(item.get("textExtra"), list):
        names = [text(part(extra, "hashtagName")) for extra in item["textExtra"]]
    else:
        names = [text(part(tag, "title")) for tag in parts(item, "challenges")]
    return list(dict.fromkeys(name for name in names if name))


def _mentions(item: Item) -> list[dict[str, Any]]:
    mentions = {
        handle: known({"handle": handle, "id": other_id(part(extra, "userId"))})
        for extra in parts(item, "textExtra")
        if (handle := text(part(extra, "userUniqueId")))
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
    place = {name: text(part(item, "poi", name)) or None for name in _PLACE_PARTS}
    return known(place) or None


def _duet_source(item: Item) -> str | None:
    return other_id(part(item, "duetInfo", "duetFromId"))


def _stitch_source(item: Item) -> str | None:
    """The source of a stitch: the site links it as a mention that leads to a post."""
    if _duet_source(item):
        return None
    found = (other_id(part(extra, "awemeId")) for extra in parts(item, "textExtra"))
    return next((id for id in found if id), None)


def _music_title(item: Item) -> str | None:
    title, author = (text(part(item, "music", name)) for name in ("title", "authorName"))
    return f"{title} - {author}" if title and author else title or None


def _music_page(item: Item) -> str | None:
    id, title = (text(part(item, "music", name)) for name in ("id", "title"))
    if not id or not title:
        return None
    slug = _NOT_IN_TITLE.sub("-", _OUTER_SPACE.sub("", title))
    return f"{HOME}/music/{quote(slug, safe=_KEPT_BY_ENCODE_URI)}-{id}"


def _either(*paths: tuple[str, ...]) -> Callable[[Item], str | None]:
    def value(item: Item) -> str | None:
        found = (text(part(item, *path)) for path in paths)
        return next((one for one in found if one is not None), None)

    return value


_FIELDS: dict[str, Callable[[Item], Any]] = {
    "video-src": _video_link,
    "coverphoto-src": _cover,
    "permalink": _permalink,
    "id": lambda item: str(item["id"]),
    "like-count": lambda item: shown_count(_stat(item, "diggCount")),
    "comment-count": lambda item: shown_count(_stat(item, "commentCount")),
    "creator-username": _creator,
    "creator-nickname": _nickname,
    "time-posted": lambda item: shown_date(item.get("createTime")),
    "music-title": _music_title,
    "music-src": _music_page,
    "description": _either(("desc",)),
    "like-count-exact": lambda item: _stat(item, "diggCount"),
    "comment-count-exact": lambda item: _stat(item, "commentCount"),
    "share-count": lambda item: _stat(item, "shareCount"),
    "play-count": lambda item: _stat(item, "playCount"),
    "collect-count": lambda item: _stat(item, "collectCount"),
    "create-time": lambda item: number(item.get("createTime")) or None,
    "creator-id": _either(("author", "id"), ("authorId",)),
    "creator-sec-uid": _either(("author", "secUid"), ("authorSecId",)),
    "creator-verified": lambda item: flag(part(item, "author", "verified")),
    "creator-follower-count": _creator_stat("followerCount"),
    "creator-following-count": _creator_stat("followingCount"),
    "creator-heart-count": _creator_stat("heartCount"),
    "creator-video-count": _creator_stat("videoCount"),
    "duration": _of_video("duration"),
    "width": _of_video("width"),
    "height": _of_video("height"),
    "language": _either(("textLanguage",)),
    "hashtags": _hashtags,
    "mentions": _mentions,
    "music-id": _either(("music", "id")),
    "music-author": _either(("music", "authorName")),
    "music-original": lambda item: flag(part(item, "music", "original")),
    "is-ad": lambda item: flag(item.get("isAd")),
    "ai-label": lambda item: number(item.get("aigcLabelType")),
    "ai-description": lambda item: text(item.get("AIGCDescription")) or None,
    "is-pinned": lambda item: flag(item.get("isPinnedItem")),
    "sticker-texts": _sticker_texts,
    "effects": _effects,
    "location-created": lambda item: text(item.get("locationCreated")) or None,
    "place": _place,
    "duet-of": _duet_source,
    "stitch-of": _stitch_source,
    "video-links": _video_links,
    "captions": _captions,
    "photos": _photos,
}
