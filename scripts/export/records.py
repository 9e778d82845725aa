"""Pseudonymise a record of raw info: only known fields remain, each treated in its own way.

All other fields are left out, because nobody knows what they contain.
"""

import re
from collections.abc import Iterable
from typing import Any

from scripts.export.cleaning import clean_text
from scripts.export.pseudonyms import Pseudonyms
from scripts.rawinfo.catalogue import Comment, Post
from scripts.rawinfo.ids import ID_PATTERN, is_id
from scripts.rawinfo.links import BLOB, DOWNLOADABLE, inspect_link, without_signature
from scripts.rawinfo.shown_values import parse_reply_count

_PERMALINK = re.compile(r"https?://[^/?#]+/@([^/?#]*)/(video|photo)/" + f"({ID_PATTERN})(?![0-9])")
_MUSIC = re.compile(r"https?://[^/?#]+/music/[^/?#]*?([0-9]{5,20})(?:[?#]|$)")
_LANGUAGE = re.compile("[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
# The number in a link to a sound. The title before it names the author.
_LAST_NUMBER = re.compile("(?<![0-9])[0-9]{5,20}$")
_WRITTEN_MUSIC = re.compile(r"(tiktok\.com/music/)[^\s/?#]*")
_BY = " - "  # between the title of a sound and its author
# The site's names for a sound that a user made. Other sounds are by musicians, shows and companies,
# whose names are also words that everybody writes.
_OF_USER = re.compile(
    "origin|orijinal|oryginal|orihinal|оригин|оригін|原|オリジナル|오리지널|원본|asli|gốc|nhạc nền"
    "|asal|ต้นฉบับ|الأصلي|αυθεντικ|מקור|मूल|eredeti|původn|pôvodn|alkuper",
    re.IGNORECASE,
)


def learn_names(post: Post, names: Pseudonyms) -> None:
    """Teach `names` the name of everybody in a record."""
    names.learn_person(post.creator_username, post.creator_nickname)
    if match := _PERMALINK.match(post.permalink or ""):
        names.learn_handle(match[1])
    texts = [post.description, post.music_title, *post.hashtags, *post.sticker_texts]
    for mention in post.mentions:
        names.learn_handle(mention.handle)
    comments = list(_all(post.comments))
    for comment in comments:
        names.learn_person(comment.commenter_handle, comment.commenter_name)
        texts.append(comment.comment_text)
    for text in texts:
        names.learn_mentions(text)
    sound, _, author = (post.music_title or "").partition(_BY)
    if _OF_USER.search(sound):
        names.learn_person(None, author)


def pseudonymised(post: Post, names: Pseudonyms) -> dict[str, Any]:
    """Return the pseudonymised record."""
    record = {
        "video-src": _link(post.video_src, names),
        "coverphoto-src": _link(post.coverphoto_src, names),
        "permalink": _permalink(post.permalink, names),
        "id": post.id,
        "like-count": _count(post.like_count),
        "comment-count": _count(post.comment_count),
        "creator-username": names.handle(post.creator_username),
        "creator-nickname": names.shown(post.creator_nickname, post.creator_username),
        "time-posted": _text(post.time_posted, names),
        "music-title": _music_title(post.music_title, names),
        "music-src": _music_page(post.music_src, names),
        "description": _text(post.description, names),
        "comments": [_comment(comment, names) for comment in post.comments],
        "scrape-timestamp": post.scrape_timestamp,
        "like-count-exact": post.like_count_exact,
        "comment-count-exact": post.comment_count_exact,
        "share-count": post.share_count,
        "play-count": post.play_count,
        "collect-count": post.collect_count,
        "create-time": post.create_time,
        "creator-id": names.account(post.creator_id),
        "duration": post.duration,
        "language": _language(post.language, names),
        "hashtags": [_text(tag, names) for tag in post.hashtags],
        "mentions": [
            {"handle": names.handle(mention.handle) or "", "id": names.account(mention.id)}
            for mention in post.mentions
        ],
        "is-ad": post.is_ad,
        "ai-label": post.ai_label,
        "is-pinned": post.is_pinned,
        "sticker-texts": [_text(line, names) for line in post.sticker_texts],
        "effects": [{"name": _text(effect.name, names)} for effect in post.effects],
        "location-created": _text(post.location_created, names),
        "duet-of": _id(post.duet_of),
        "stitch-of": _id(post.stitch_of),
        **_media_links(post, names),
    }
    return _without_nothing(record)


def _media_links(post: Post, names: Pseudonyms) -> dict[str, Any]:
    return {
        "video-links": [
            {"url": _link(link.url, names), "codec": _text(link.codec, names)}
            for link in post.video_links
        ],
        "photos": [{"url": _link(slide.url, names)} for slide in post.photos],
        "captions": [
            {
                "url": _link(track.url, names),
                "language": _language(track.language, names),
                "source": _text(track.source, names),
                "format": _text(track.format, names),
            }
            for track in post.captions
        ],
    }


def _comment(comment: Comment, names: Pseudonyms) -> dict[str, Any]:
    record = {
        "commenter-username": names.shown(comment.commenter_name, comment.commenter_handle),
        "comment-text": _text(comment.comment_text, names),
        "time-posted": _text(comment.time_posted, names),
        "like-count": _count(comment.like_count),
        "replies-count": _count(comment.replies_count),
        "comment-id": names.comment(comment.comment_id),
        "commenter-handle": names.handle(comment.commenter_handle),
        "commenter-id": names.account(comment.commenter_id),
        "create-time": comment.create_time,
        "language": _language(comment.language, names),
        "is-pinned": comment.is_pinned,
        "liked-by-creator": comment.liked_by_creator,
        "reply-to": names.comment(comment.reply_to),
        "scrape-timestamp": comment.scrape_timestamp,
        "replies": [_comment(reply, names) for reply in comment.replies],
    }
    # A record needs this field to count as a comment, even if the text is null.
    return {"comment-text": None} | _without_nothing(record)


def _all(comments: Iterable[Comment]) -> Iterable[Comment]:
    for comment in comments:
        yield comment
        yield from _all(comment.replies)


def _without_nothing(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if value is not None and value != []}


def _text(text: str | None, names: Pseudonyms) -> str | None:
    if text is None:
        return None
    text = _WRITTEN_MUSIC.sub(lambda match: _without_title(match, names), clean_text(text))
    return names.text(text)


def _without_title(link: re.Match[str], names: Pseudonyms) -> str:
    number = _LAST_NUMBER.search(link[0])
    return link[1] + (names.sound(number[0]) if number else "")


def _language(tag: str | None, names: Pseudonyms) -> str | None:
    """A language's code stays, even if it is also somebody's name ("it")."""
    return tag if tag is None or _LANGUAGE.fullmatch(tag) else _text(tag, names)


def _id(id: str | None) -> str | None:
    """The id of another post, or None: the field may contain anything."""
    return id if id is not None and is_id(id) else None


def _count(shown: str | None) -> str | None:
    """A count as shown, or None: the field may contain anything."""
    return shown if shown is not None and parse_reply_count(shown) is not None else None


def _link(url: str | None, names: Pseudonyms) -> str:
    """The link of a file. Other texts become "", so that slides keep their numbers."""
    if url is None or inspect_link(url).kind not in (DOWNLOADABLE, BLOB):
        return ""
    return names.without_names(without_signature(url))


def _permalink(url: str | None, names: Pseudonyms) -> str | None:
    match = _PERMALINK.match(url or "")
    if match is None:
        return None
    return f"https://www.tiktok.com/@{names.handle(match[1]) or ''}/{match[2]}/{match[3]}"


def _music_page(url: str | None, names: Pseudonyms) -> str | None:
    """A sound's page, with a pseudonym for its number, because the page names the author."""
    match = _MUSIC.match(url or "")
    return None if match is None else f"https://www.tiktok.com/music/{names.sound(match[1])}"


def _music_title(title: str | None, names: Pseudonyms) -> str | None:
    """A sound's title. It often names a user ("original sound - Name"), in any language."""
    if title is None:
        return None
    sound, by, author = title.partition(_BY)
    return names.text(sound) + (by and by + (names.shown(author) or ""))
