"""The posts and comments of the stand-in's page, in the shapes of the site's own JSON.

All is made from the number of the post, so that it is the same each time; every text ends in the
number of its post, so that whoever mixes two posts up is found out.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from demo.tiktoks import TIKTOKS, WEB_ID, YEAR_2100

FIRST_POST = 1_675_000_000  # unix seconds, January 2023
BETWEEN_POSTS_S = 86_399
COMMENTS = (23, 5, 45, 0, 20, 31, 1)  # how many, by post
REPLIES = (2, 0, 0, 1, 0, 12, 0, 4, 0)  # how many, by comment
LIKES = (8917, 22_640, 3_120_000, 0, 172_999, 264_000, 12, 1_400_001)

# Language and text. What looks like HTML would show if it were taken for it.
TEXTS = (
    ("en", "flat bread is still bread 😂😂"),
    ("ja", "焼きたてのパンが食べたい🥖"),
    ("es", "¡Qué buena pinta tiene la corteza!"),
    ("en", "<img src=x onerror=\"document.title='injected'\"> 404 mouse not found"),
    ("ru", "Сколько стоит проезд до кухни?"),
    ("ar", "قطتي تهرب من المكنسة 😹"),
    ("ko", "고양이 택시 ㅋㅋㅋㅋ 너무 귀여워 😻"),
    ("en", "<b>GIVE HER A TIP</b> &amp; five stars"),
    ("he", "ראיתי את הטבעות! מדהים 🪐"),
    ("hi", "बहुत बढ़िया तरीका भाई 👍"),
    ("en", "first line\nsecond line"),
    ("th", "ขอบคุณค่ะ จะลองทำดู"),
    ("un", "👩‍👩‍👧‍👦🏳️‍🌈"),
)
NAMES = (
    "Leo 🍞",
    "Mireille",
    "ゆき",
    "jo<3cats",
    "Дмитрий",
    "ليلى",
    "한나",
    "xX_<i>_Xx",
    "ann · b",
)


def post_id(number: int) -> str:
    """19 digits, of which the upper 32 bits are the post time, as on the real site."""
    return str(_posted_at(number) << 32 | int(_digest(number, "id")[:8], 16))


def number_of(id: str) -> int:
    """The number of the post with this id."""
    return ((int(id) >> 32) - FIRST_POST) // BETWEEN_POSTS_S


def handle(number: int) -> str:
    """The creator's: two neighbours never have the same."""
    return TIKTOKS[number % len(TIKTOKS)].handle


def path(number: int, photo: bool = False) -> str:
    return f"/@{handle(number)}/{'photo' if photo else 'video'}/{post_id(number)}"


def itemstruct(number: int, photo: bool = False) -> dict[str, Any]:
    """A post as the site's lists give it."""
    tiktok = TIKTOKS[number % len(TIKTOKS)]
    description, tags = _description(number)
    likes = LIKES[number % len(LIKES)] + number
    stats = {
        "diggCount": likes,
        "shareCount": 3 + number,
        "commentCount": comment_count(number),
        "playCount": 31 * likes + 7,
        "collectCount": 10 + number,
    }
    original = number % 2 == 0
    return {
        "id": post_id(number),
        "desc": description,
        "createTime": _posted_at(number),
        "textLanguage": "en",
        "author": {
            "id": str(6_800_000_000_000_000_000 + number % len(TIKTOKS)),
            "uniqueId": tiktok.handle,
            "nickname": tiktok.nickname,
            "secUid": f"MS4wLjABAAAA{tiktok.digest('secUid')}",
            "verified": number % 4 == 0,
        },
        "stats": stats,
        "statsV2": {key: str(value) for key, value in stats.items()},
        "music": {
            "id": str(7_100_000_000_000_000_000 + number),
            "title": "original sound" if original else "Slow Tuesday",
            "authorName": tiktok.nickname if original else "The Window Seats",
            "playUrl": f"https://sf16-ies-music.tiktokcdn.com/obj/{_digest(number, 'music')}.mp3",
            "duration": 60,
            "original": original,
        },
        "video": _no_video(number) if photo else _video(number),
        "textExtra": [{"hashtagName": tag, "awemeId": "", "type": 1} for tag in tags],
        "challenges": [{"id": str(1000 + i), "title": tag} for i, tag in enumerate(tags)],
        **({"imagePost": _image_post(number)} if photo else {}),
    }


def comment_total(number: int) -> int:
    """How many comments the post has at the top level."""
    return COMMENTS[number % len(COMMENTS)]


def comment_count(number: int) -> int:
    """How many it has with all replies: the number that the site shows."""
    top = range(comment_total(number))
    return len(top) + sum(reply_total(number, index) for index in top)


def reply_total(number: int, index: int) -> int:
    return REPLIES[(number + index) % len(REPLIES)]


def comments(number: int) -> list[dict[str, Any]]:
    """All comments of a post at the top level, as the site gives them."""
    found = []
    for index in range(comment_total(number)):
        answers = replies(number, index)
        found.append(
            _comment(number, index, 0)
            | {
                "reply_id": "0",
                "reply_comment_total": len(answers),
                # The site shows the first answer along with some comments, and gives it again.
                "reply_comment": answers[:1] if index % 4 == 0 and answers else None,
            }
        )
    return found


def replies(number: int, index: int) -> list[dict[str, Any]]:
    """All replies to one comment."""
    parent = _comment_id(number, index, 0)
    return [
        _comment(number, index, place) | {"reply_id": parent, "reply_comment_total": 0}
        for place in range(1, reply_total(number, index) + 1)
    ]


def expected_post(number: int, photo: bool = False) -> dict[str, Any]:
    """What a perfect scrape of a post holds, but for its comments and the time of the scrape."""
    item = itemstruct(number, photo)
    author, stats, music, video = (item[key] for key in ("author", "stats", "music", "video"))
    slug = "-".join(music["title"].split())
    expected = {
        "video-src": video["playAddr"] or None,
        "coverphoto-src": video["cover"],
        "permalink": f"https://www.tiktok.com{path(number, photo)}",
        "web-id": WEB_ID,
        "id": item["id"],
        "like-count": shown_count(stats["diggCount"]),
        "comment-count": shown_count(stats["commentCount"]),
        "creator-username": f"@{author['uniqueId']}",
        "creator-nickname": author["nickname"],
        "time-posted": shown_date(item["createTime"]),
        "music-title": f"{music['title']} - {music['authorName']}",
        "music-src": f"https://www.tiktok.com/music/{slug}-{music['id']}",
        "description": item["desc"],
        "like-count-exact": stats["diggCount"],
        "comment-count-exact": stats["commentCount"],
        "share-count": stats["shareCount"],
        "play-count": stats["playCount"],
        "collect-count": stats["collectCount"],
        "create-time": item["createTime"],
        "creator-id": author["id"],
        "creator-sec-uid": author["secUid"],
        "creator-verified": author["verified"],
        "language": item["textLanguage"],
        "hashtags": [extra["hashtagName"] for extra in item["textExtra"]],
        "music-id": music["id"],
        "music-author": music["authorName"],
        "music-original": music["original"],
    }
    expected |= _expected_photos(item) if photo else _expected_video(video)
    return {key: value for key, value in expected.items() if value != []}


def expected_comments(number: int) -> list[dict[str, Any]]:
    """What a perfect scrape of its comments holds, with all replies."""
    return [
        _expected_comment(number, comment)
        | {
            "replies-count": str(comment["reply_comment_total"] or ""),
            "replies": [_expected_comment(number, reply) for reply in replies(number, index)],
        }
        for index, comment in enumerate(comments(number))
    ]


def shown_count(count: int) -> str:
    """A count as the site shows it: 8917, 22.6K, 264K, 3.1M."""
    for letter, unit in (("M", 1_000_000), ("K", 1_000)):
        if count >= 10_000 and count >= unit:
            return f"{count * 10 // unit / 10:g}{letter}"
    return str(count)


def shown_date(seconds: int) -> str:
    """A date as the site shows it when it isn't of this year: 2023-3-9."""
    date = datetime.fromtimestamp(seconds, UTC)
    return f"{date.year}-{date.month}-{date.day}"


def _posted_at(number: int) -> int:
    return FIRST_POST + number * BETWEEN_POSTS_S


def _digest(number: int, of: str) -> str:
    return hashlib.sha256(f"post {number} {of}".encode()).hexdigest()[:32]


def _description(number: int) -> tuple[str, list[str]]:
    """The description and its hashtags. Every tenth is empty, as some are."""
    if number % 10 == 7:
        return "", []
    tags = [f"post{number}", ("sourdough", "パン", "गाना")[number % 3], "a_b"]
    text = TEXTS[number % len(TEXTS)][1].replace("\n", " ")
    return f"{text} {' '.join(f'#{tag}' for tag in tags)}", tags


def _video(number: int) -> dict[str, Any]:
    h265 = _format(number, "h265_hvc1", 410_000)
    h264 = _format(number, "h264", 620_000)
    return {
        **_picture(number),
        "duration": 5 + number % 50,
        "playAddr": h264["PlayAddr"]["UrlList"][0],
        "downloadAddr": _media_link(16, number, "download"),
        "bitrateInfo": [h265, h264],
        **_captions(number),
    }


def _no_video(number: int) -> dict[str, Any]:
    """What photo mode has in place of a video."""
    return {**_picture(number), "duration": 0, "playAddr": "", "downloadAddr": ""}


def _picture(number: int) -> dict[str, Any]:
    covers = {
        key: _image_link(number, key, "r00ih4996s-1:720:720")
        for key in ("cover", "originCover", "dynamicCover")
    }
    return {"id": post_id(number), "height": 1024, "width": 576, **covers}


def _format(number: int, codec: str, bitrate: int) -> dict[str, Any]:
    links = [_media_link(host, number, codec) for host in (16, 19)]
    address = {"UrlList": links, "DataSize": bitrate, "FileHash": _digest(number, codec)}
    return {"CodecType": codec, "Bitrate": bitrate, "PlayAddr": address}


def _media_link(host: int, number: int, of: str) -> str:
    return (
        f"https://v{host}-webapp-prime.us.tiktok.com/video/tos/useast5/tos-useast5-ve-0068c001-tx"
        f"/{_digest(number, of)}/?a=1988&mime_type=video_mp4&expire={YEAR_2100}&signature=demo"
    )


def _image_link(number: int, of: str, template: str) -> str:
    return (
        f"https://p16-sign.tiktokcdn-us.com/tos-useast5-p-0068-tx/{_digest(number, of)}"
        f"~tplv-{template}.jpeg?x-expires={YEAR_2100}&x-signature=demo%3D"
    )


def _captions(number: int) -> dict[str, Any]:
    """A third has caption tracks, most of them machine translations; half of these the new way."""
    if number % 3:
        return {"subtitleInfos": []}
    if number % 6:
        return {"claInfo": {"captionInfos": _tracks_with_several_addresses(number)}}
    tracks = [("deu-DE", "MT"), ("eng-US", "ASR"), ("jpn-JP", "MT"), ("eng-US", "LC")]
    subtitles = [
        {
            "LanguageID": str(place),
            "LanguageCodeName": language,
            "Url": _captions_link(16, number, language, source),
            "UrlExpire": YEAR_2100,
            "Format": "creator_caption" if source == "LC" else "webvtt",
            "Source": source,
        }
        for place, (language, source) in enumerate(tracks)
    ]
    return {"subtitleInfos": subtitles}


def _tracks_with_several_addresses(number: int) -> list[dict[str, Any]]:
    tracks = []
    for language, source in (("deu-DE", "MT"), ("eng-US", "ASR")):
        links = [_captions_link(host, number, language, source) for host in (16, 19)]
        tracks.append(
            {
                "language": language,
                "url": links[0],
                "urlList": links,
                "captionFormat": "webvtt",
                "isAutoGen": True,
                "isOriginalCaption": source == "ASR",
                "expire": str(YEAR_2100),
            }
        )
    return tracks


def _captions_link(host: int, number: int, language: str, source: str) -> str:
    return (
        f"https://v{host}-webapp.tiktok.com/{_digest(number, language + source)}"
        f"/{YEAR_2100:08x}/{source}/captions.webvtt?a=1988"
    )


def _image_post(number: int) -> dict[str, Any]:
    hosts = ("p16-sign.tiktokcdn-us.com", "p19-sign.tiktokcdn-us.com")
    images = []
    for slide in range(2 + number % 4):
        link = _image_link(number, f"slide {slide}", "photomode-image")
        links = [link, link.replace(*hosts)]
        images.append(
            {"imageURL": {"urlList": links}, "imageWidth": 1080, "imageHeight": 1440 + slide}
        )
    return {"images": images}


def _comment_id(number: int, index: int, place: int) -> str:
    return str((_posted_at(number) + 60 * index + place) << 32 | number << 16 | index << 8 | place)


def _comment(number: int, index: int, place: int) -> dict[str, Any]:
    """Comment `index`, or its reply at `place`, counted from 1."""
    mix = number + 3 * index + 5 * place
    language, text = TEXTS[mix % len(TEXTS)]
    return {
        "cid": _comment_id(number, index, place),
        "aweme_id": post_id(number),
        "text": f"{text} ({number}.{index}.{place})",
        "create_time": _posted_at(number) + 3600 * (1 + index) + 60 * place,
        "digg_count": (0, 3, 2888, 14_200, 57)[mix % 5],
        "author_pin": index == 0 and not place and number % 2 == 0,
        "is_author_digged": mix % 7 == 0,
        "comment_language": language,
        "user": _commenter(number, index, place),
    }


def _commenter(number: int, index: int, place: int) -> dict[str, Any]:
    """Now and then it is the creator."""
    if (index, place) in ((1, 0), (0, 1)):
        author = TIKTOKS[number % len(TIKTOKS)]
        uid = str(6_800_000_000_000_000_000 + number % len(TIKTOKS))
        return {"uid": uid, "unique_id": author.handle, "nickname": author.nickname}
    uid = 6_900_000_000_000_000_000 + number * 65_536 + index * 256 + place
    name = NAMES[(number + index + place) % len(NAMES)]
    return {"uid": str(uid), "unique_id": f"user_{number}.{index}.{place}", "nickname": name}


def _expected_video(video: dict[str, Any]) -> dict[str, Any]:
    formats = sorted(video["bitrateInfo"], key=lambda format: format["CodecType"] != "h264")
    return {
        "duration": video["duration"],
        "width": video["width"],
        "height": video["height"],
        "video-links": [
            {
                "url": link,
                "codec": format["CodecType"],
                "bitrate": format["Bitrate"],
                "size": format["PlayAddr"]["DataSize"],
            }
            for format in formats
            for link in format["PlayAddr"]["UrlList"]
        ],
        "captions": [
            *_expected_captions(video.get("subtitleInfos", ())),
            *_expected_addresses(video.get("claInfo", {}).get("captionInfos", ())),
        ],
    }


def _expected_captions(tracks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "url": track["Url"],
            "language": track["LanguageCodeName"],
            "source": track["Source"],
            "format": track["Format"],
            "expires": track["UrlExpire"],
        }
        for track in tracks
        if track["Source"] != "MT"
    ]


def _expected_addresses(tracks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each address of a track that is no translation. The first address comes last."""
    return [
        {
            "url": url,
            "language": track["language"],
            "source": "ASR",
            "format": track["captionFormat"],
            "expires": int(track["expire"]),
        }
        for track in tracks
        if track["isOriginalCaption"]
        for url in reversed(track["urlList"])
    ]


def _expected_photos(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "photos": [
            {
                "url": image["imageURL"]["urlList"][0],
                "width": image["imageWidth"],
                "height": image["imageHeight"],
            }
            for image in item["imagePost"]["images"]
        ]
    }


def _expected_comment(number: int, comment: dict[str, Any]) -> dict[str, Any]:
    user = comment["user"]
    creator = " · Creator" if user["unique_id"] == handle(number) else ""
    return {
        "commenter-username": f"@{user['nickname']}{creator}",
        "comment-text": comment["text"],
        "time-posted": shown_date(comment["create_time"]),
        "like-count": shown_count(comment["digg_count"]),
        "replies-count": "",
        "comment-id": comment["cid"],
        "commenter-handle": user["unique_id"],
        "commenter-id": user["uid"],
        "create-time": comment["create_time"],
        "language": comment["comment_language"],
        "is-pinned": comment["author_pin"],
        "liked-by-creator": comment["is_author_digged"],
        **({"reply-to": comment["reply_id"]} if comment.get("reply_id", "0") != "0" else {}),
    }
