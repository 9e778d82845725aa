"""Every known format, gzipped or not, is read in place into the same records."""

import csv
import gzip
import io
import json
import random
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.rawinfo import json_stream
from scripts.rawinfo.catalogue import Catalogue, Post, build_catalogue, load_posts
from scripts.rawinfo.erasing import erase, places_in
from scripts.rawinfo.formats.found import FoundPost
from scripts.rawinfo.formats.registry import FORMATS, elements_in, holds_elements, recognise
from scripts.rawinfo.json_stream import JsonDamageError, read_elements
from scripts.rawinfo.validation import validate
from tests.support.workflow import PROJECT

SHARED = PROJECT.parent / "shared" / "formats"
EXAMPLES = json.loads((PROJECT / "tests" / "items.json").read_text("utf-8"))
ITEM, RECORD = (EXAMPLES["posts"][0][key] for key in ("item", "record"))
COMMENTS = [example["item"] for example in EXAMPLES["comments"][:3]]
ID = RECORD["id"]
OTHER = ITEM | {"id": "7398824289422580616"}
SECRETS = ("secretdevice", "secrettoken", "secretfp", "secretagent", "secretcookie")

ENVELOPE = {
    "nav_index": "1:4:0",
    "item_id": ID,
    "timestamp_collected": 1722700000421,
    "source_platform": "tiktok.com",
    "source_platform_url": "https://www.tiktok.com/search?q=bread",
    "source_url": "https://www.tiktok.com/api/?device_id=secretdevice&msToken=secrettoken"
    "&verifyFp=secretfp",
    "user_agent": "secretagent",
    "data": ITEM,
    "id": 229,
}
INSIDE = {key: value for key, value in ENVELOPE.items() if key != "data"}
YT_DLP = {
    "id": ID,
    "extractor_key": "TikTok",
    "_type": "video",
    "webpage_url": f"https://www.tiktok.com/@crumb.lab/video/{ID}",
    "description": "Größe 😀",
    "timestamp": 1722600000,
    "uploader": "crumb.lab",
    "uploader_id": "6801",
    "channel": "Crumb Lab 🍞",
    "channel_id": "MS4wLjABAAAA1",
    "track": "original sound",
    "artists": ["Crumb Lab", "Rye"],
    "album": "Bread",
    "duration": 62,
    "view_count": 365000,
    "like_count": 22600,
    "repost_count": 48,
    "comment_count": 113,
    "save_count": 1128,
    "epoch": 1722700001,
    "formats": [
        {"url": "https://v16.example/low", "vcodec": "h264", "acodec": "aac"},
        {"url": "https://v16.example/hevc", "vcodec": "h265", "acodec": "aac"},
        {
            "url": "https://v16.example/best",
            "vcodec": "h264",
            "acodec": "aac",
            "http_headers": {"User-Agent": "secretagent"},
            "cookies": "tt_chain_token=secretcookie",
        },
        {"url": "https://v16.example/silent", "vcodec": "h264", "acodec": "none"},
    ],
    "thumbnails": [
        {"id": "dynamicCover", "url": "https://p16.example/moving"},
        {"id": "cover", "url": "https://p16.example/cover"},
    ],
    "subtitles": {"eng-US": [{"url": "https://v16.example/en.vtt", "ext": "vtt"}]},
}
DRAWROWFLY = {
    "id": ID,
    "text": "Größe 😀",
    "createTime": 1722600000,
    "authorMeta": {
        "id": "6801",
        "secUid": "MS4w",
        "name": "crumb.lab",
        "nickName": "Crumb Lab",
        "verified": True,
        "fans": 5,
        "following": 6,
        "heart": 7,
        "video": 8,
    },
    "musicMeta": {
        "musicId": "9",
        "musicName": "song",
        "musicAuthor": "Rye",
        "musicOriginal": False,
    },
    "covers": {"default": "https://p16.example/cover"},
    "videoUrl": "https://v16.example/play",
    "videoMeta": {"height": 1024, "width": 576, "duration": 62},
    "diggCount": 22687,
    "shareCount": 48,
    "playCount": 365012,
    "commentCount": 113,
    "mentions": ["@baker"],
    "hashtags": [{"id": "1", "name": "bread"}],
    "effectStickers": [{"id": "2", "name": "Blur"}],
}
FOURCAT = {
    "collected_from_url": "https://www.tiktok.com/search?q=bread&msToken=secrettoken",
    "id": ID,
    "thread_id": ID,
    "author": "crumb.lab",
    "author_full": "Crumb Lab 🍞",
    "author_followers": "794612",
    "author_likes": "20712345",
    "author_videos": "423",
    "body": 'Größe 😀, "quoted"\nsecond line',
    "stickers": "El Tu\nwait for it",
    "timestamp": "2024-08-02 12:00:00",
    "unix_timestamp": "1722600000",
    "is_duet": "no",
    "is_ad": "yes",
    "music_name": "original sound",
    "music_id": "68851",
    "music_url": "https://sf16.example/music.mp3",
    "music_author": "Crumb Lab",
    "video_url": "https://v16.example/play",
    "tiktok_url": f"https://tiktok.com/@crumb.lab/video/{ID}",
    "thumbnail_url": "https://p16.example/cover",
    "likes": "22687",
    "comments": "113",
    "shares": "48",
    "plays": "365012",
    "hashtags": "Fyp,bread",
    "location_created": "US",
    "effects": "Color Selector",
}
FOURCAT_COMMENT = {
    "id": "7400000000000000001",
    "thread_id": "7400000000000000001",
    "author": "viewer",
    "author_full": "Viewer",
    "body": "so true 👏",
    "unix_timestamp": "1722603600",
    "likes": "28880",
    "replies": "1",
    "post_id": ID,
    "is_liked_by_post_author": "yes",
    "is_sticky": "no",
    "is_comment_on_comment": "no",
    "language_guess": "en",
}
FOURCAT_REPLY = FOURCAT_COMMENT | {
    "id": "7400000000000000002",
    "is_comment_on_comment": "yes",
    "body": "not at all",
}
PYKTOK = {
    "video_id": ID,
    "video_timestamp": "2024-08-02T14:00:00",
    "video_duration": "62",
    "video_locationcreated": "US",
    "suggested_words": "bread, rye",
    "video_diggcount": "22687",
    "video_sharecount": "48",
    "video_commentcount": "113",
    "video_playcount": "365012",
    "video_description": "Größe 😀",
    "video_is_ad": "False",
    "video_stickers": "El;Tu",
    "author_username": "crumb.lab",
    "author_name": "Crumb Lab",
    "author_followercount": "5",
    "author_followingcount": "6",
    "author_heartcount": "7",
    "author_videocount": "8",
    "author_diggcount": "9",
    "author_verified": "True",
}
RAW = {"id": ID, "video-src": "https://v16.example/raw", "creator-username": "@crumb.lab"}
DONATED = {"Date": "2024-08-02 12:00:00", "Link": f"https://www.tiktokv.com/share/video/{ID}/"}


def table(*rows: dict[str, str], delimiter: str = ",", bom: bool = False) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return b"\xef\xbb\xbf" * bom + text.getvalue().encode()


def dumped(value: Any, indent: int | None = None) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=indent).encode()


def lines(*values: Any) -> bytes:
    return b"".join(dumped(value) + b"\n" for value in values)


def read(folder: Path, *contents: bytes, names: str = "abcdefgh") -> tuple[Catalogue, list[Post]]:
    """The catalogue of files with these contents, and its posts."""
    files = [folder / name for name in names[: len(contents)]]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    catalogue = build_catalogue(files)
    return catalogue, list(load_posts(catalogue.newest.values()))


WRAPPED: dict[str, Callable[[list[Any]], bytes]] = {
    "array": lambda items: dumped(items),
    "indented array": lambda items: dumped(items, 2),
    "itemList": lambda items: dumped({"statusCode": 0, "itemList": items, "hasMore": True}),
    "indented itemList": lambda items: dumped({"itemList": items}, 1),
    "item_list": lambda items: dumped({"item_list": items}),
    "search answer": lambda items: dumped(
        {"data": [{"type": 1, "item": item} for item in items], "cursor": 12}
    ),
    "one a line": lambda items: lines(*items),
    "answers, one a line": lambda items: lines(*({"itemList": [item]} for item in items)),
    "array of answers": lambda items: dumped([{"itemList": items[:1]}, {"itemList": items[1:]}]),
    "by id": lambda items: dumped({item["id"]: item for item in items}),
    "SIGI_STATE": lambda items: dumped({"ItemModule": {item["id"]: item for item in items}}),
    "Zeeschuimer": lambda items: lines(
        *(ENVELOPE | {"data": item, "item_id": item["id"]} for item in items)
    ),
    "4CAT": lambda items: lines(*(item | {"__import_meta": INSIDE} for item in items)),
    "array of envelopes": lambda items: dumped([ENVELOPE | {"data": item} for item in items], 1),
}
LONE: dict[str, Callable[[Any], bytes]] = {
    "one alone": lambda item: dumped(item, 1),
    "itemInfo": lambda item: dumped({"itemInfo": {"itemStruct": item}, "statusCode": 0}),
    "page": lambda item: dumped(
        {"__DEFAULT_SCOPE__": {"webapp.video-detail": {"itemInfo": {"itemStruct": item}}}}
    ),
    "gallery-dl": lambda item: dumped(
        item | {"category": "tiktok", "user": "crumb.lab", "extension": "mp4", "num": 0}
    ),
}


@pytest.mark.parametrize("compress", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("wrapper", WRAPPED)
def test_items_are_read_in_every_wrapper(tmp_path: Path, wrapper: str, compress: bool) -> None:
    content = WRAPPED[wrapper]([ITEM, OTHER])
    catalogue, posts = read(tmp_path, gzip.compress(content) if compress else content)
    assert catalogue.problems == []
    assert [post.id for post in posts] == [ID, OTHER["id"]]
    expected = RECORD | (
        {"scrape-timestamp": 1722700000.421} if "source_platform" in content.decode() else {}
    )
    assert posts[0].info == expected


@pytest.mark.parametrize("wrapper", LONE)
def test_a_lone_item_is_read(tmp_path: Path, wrapper: str) -> None:
    catalogue, (post,) = read(tmp_path, LONE[wrapper](ITEM))
    assert catalogue.problems == []
    assert post.info == RECORD


@pytest.mark.parametrize("indent", [None, 2])
def test_a_lone_record_of_raw_info_is_read_with_its_comments(
    tmp_path: Path, indent: int | None
) -> None:
    record = RAW | {"comments": [{"comment-text": "a"}]}
    catalogue, (post,) = read(tmp_path, dumped(record, indent))
    assert (post.info, catalogue.problems) == (record, [])


def test_yt_dlp_tells_all_but_the_visit(tmp_path: Path) -> None:
    catalogue, (post,) = read(tmp_path, dumped(YT_DLP))
    assert catalogue.problems == []
    assert post.info == {
        "video-src": "https://v16.example/best",
        "coverphoto-src": "https://p16.example/cover",
        "permalink": f"https://www.tiktok.com/@crumb.lab/video/{ID}",
        "id": ID,
        "like-count": "22.6K",
        "comment-count": "113",
        "creator-username": "@crumb.lab",
        "creator-nickname": "Crumb Lab 🍞",
        "time-posted": "2024-8-2",
        "music-title": "original sound - Crumb Lab, Rye",
        "description": "Größe 😀",
        "like-count-exact": 22600,
        "comment-count-exact": 113,
        "share-count": 48,
        "play-count": 365000,
        "collect-count": 1128,
        "create-time": 1722600000,
        "creator-id": "6801",
        "creator-sec-uid": "MS4wLjABAAAA1",
        "duration": 62,
        "music-author": "Crumb Lab, Rye",
        "video-links": [
            {"url": "https://v16.example/best", "codec": "h264"},
            {"url": "https://v16.example/low", "codec": "h264"},
            {"url": "https://v16.example/hevc", "codec": "h265"},
        ],
        "captions": [
            {"url": "https://v16.example/en.vtt", "language": "eng-US", "format": "webvtt"}
        ],
        "scrape-timestamp": 1722700001,
    }


@pytest.mark.parametrize("bom", [False, True])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_of_4cat_or_zeeschuimer_is_read(tmp_path: Path, delimiter: str, bom: bool) -> None:
    other = FOURCAT | {"id": OTHER["id"], "body": "plain"}
    content = table(FOURCAT, other, delimiter=delimiter, bom=bom)
    catalogue, (post, second) = read(tmp_path, content)
    assert catalogue.problems == []
    assert second.description == "plain"
    assert post.info == {
        "video-src": "https://v16.example/play",
        "coverphoto-src": "https://p16.example/cover",
        "permalink": f"https://www.tiktok.com/@crumb.lab/video/{ID}",
        "id": ID,
        "like-count": "22.6K",
        "comment-count": "113",
        "creator-username": "@crumb.lab",
        "creator-nickname": "Crumb Lab 🍞",
        "time-posted": "2024-8-2",
        "music-title": "original sound - Crumb Lab",
        "description": 'Größe 😀, "quoted"\nsecond line',
        "like-count-exact": 22687,
        "comment-count-exact": 113,
        "share-count": 48,
        "play-count": 365012,
        "create-time": 1722600000,
        "creator-follower-count": 794612,
        "creator-heart-count": 20712345,
        "creator-video-count": 423,
        "hashtags": ["Fyp", "bread"],
        "music-id": "68851",
        "music-author": "Crumb Lab",
        "is-ad": True,
        "sticker-texts": ["El Tu", "wait for it"],
        "effects": [{"name": "Color Selector"}],
        "location-created": "US",
    }


def test_pyktok_is_read(tmp_path: Path) -> None:
    catalogue, (post,) = read(tmp_path, table(PYKTOK))
    assert catalogue.problems == []
    assert post.info == {
        "permalink": f"https://www.tiktok.com/@crumb.lab/video/{ID}",
        "id": ID,
        "like-count": "22.6K",
        "comment-count": "113",
        "creator-username": "@crumb.lab",
        "creator-nickname": "Crumb Lab",
        "time-posted": "2024-8-2",
        "description": "Größe 😀",
        "like-count-exact": 22687,
        "comment-count-exact": 113,
        "share-count": 48,
        "play-count": 365012,
        "creator-verified": True,
        "creator-follower-count": 5,
        "creator-following-count": 6,
        "creator-heart-count": 7,
        "creator-video-count": 8,
        "duration": 62,
        "is-ad": False,
        "sticker-texts": ["El", "Tu"],
        "location-created": "US",
    }


@pytest.mark.parametrize("content", [dumped([DRAWROWFLY]), dumped({"collector": [DRAWROWFLY]})])
def test_drawrowfly_is_read(tmp_path: Path, content: bytes) -> None:
    catalogue, (post,) = read(tmp_path, content)
    assert catalogue.problems == []
    assert post.info == {
        "video-src": "https://v16.example/play",
        "coverphoto-src": "https://p16.example/cover",
        "permalink": f"https://www.tiktok.com/@crumb.lab/video/{ID}",
        "id": ID,
        "like-count": "22.6K",
        "comment-count": "113",
        "creator-username": "@crumb.lab",
        "creator-nickname": "Crumb Lab",
        "time-posted": "2024-8-2",
        "music-title": "song - Rye",
        "description": "Größe 😀",
        "like-count-exact": 22687,
        "comment-count-exact": 113,
        "share-count": 48,
        "play-count": 365012,
        "create-time": 1722600000,
        "creator-id": "6801",
        "creator-sec-uid": "MS4w",
        "creator-verified": True,
        "creator-follower-count": 5,
        "creator-following-count": 6,
        "creator-heart-count": 7,
        "creator-video-count": 8,
        "duration": 62,
        "width": 576,
        "height": 1024,
        "hashtags": ["bread"],
        "mentions": [{"handle": "baker"}],
        "music-id": "9",
        "music-author": "Rye",
        "music-original": False,
        "effects": [{"id": "2", "name": "Blur"}],
    }


# Comments apart from their posts.


COMMENT_FILES: dict[str, bytes] = {
    "answer": dumped({"comments": COMMENTS, "has_more": 1, "cursor": 20}),
    "array": dumped(COMMENTS),
    "answers, one a line": lines({"comments": COMMENTS[:1]}, {"comments": COMMENTS[1:]}),
    "Zeeschuimer": lines(
        *(ENVELOPE | {"source_platform": "tiktok-comments", "data": c} for c in COMMENTS)
    ),
    "4CAT": lines(*(c | {"__import_meta": INSIDE} for c in COMMENTS)),
    "replies first": dumped(COMMENTS[::-1]),
    "replies inside": dumped([COMMENTS[0] | {"reply_comment": COMMENTS[1:]}]),
}


@pytest.mark.parametrize("names", ["ab", "ba"])
@pytest.mark.parametrize("kind", COMMENT_FILES)
def test_comments_are_attached_to_their_posts(tmp_path: Path, kind: str, names: str) -> None:
    catalogue, (post,) = read(tmp_path, dumped([ITEM]), COMMENT_FILES[kind], names=names)
    assert catalogue.problems == []
    (comment,) = post.info["comments"]
    records = [example["record"] for example in EXAMPLES["comments"][:3]]
    replies = comment.pop("replies")
    assert comment == records[0]
    by_id = {reply["comment-id"]: reply for reply in replies}
    assert by_id == {record["comment-id"]: record for record in records[1:]}
    assert catalogue.inventory.orphans == {}


def test_comments_of_a_table_are_attached(tmp_path: Path) -> None:
    rows = table(FOURCAT_COMMENT, FOURCAT_REPLY)
    _, (post,) = read(tmp_path, rows, table(FOURCAT))
    (comment,) = post.comments
    assert (comment.comment_text, comment.commenter_handle) == ("so true 👏", "viewer")
    assert (comment.like_count, comment.liked_by_creator) == ("28.8K", True)
    assert [reply.comment_text for reply in comment.replies] == ["not at all"]


def test_comments_of_unknown_posts_are_counted_and_named(tmp_path: Path) -> None:
    stray = [comment | {"aweme_id": "123456789"} for comment in COMMENTS]
    catalogue, (post,) = read(tmp_path, dumped([ITEM]), dumped([*COMMENTS, *stray]))
    assert len(post.comments) == 1
    assert catalogue.inventory.orphans == {"123456789": 3}
    found = "\n".join(catalogue.inventory.lines([]))
    assert "6 comments (3 attached to their posts)" in found
    assert "3 comments left out" in found and "123456789" in found


# Several observations of one post.


def test_newer_values_win_and_empty_ones_never_replace_known_ones(tmp_path: Path) -> None:
    older = RAW | {
        "scrape-timestamp": 1,
        "description": "old",
        "music-title": "song",
        "like-count": "1",
        "timeposted": "3d ago",
        "custom": [1],
    }
    newer = RAW | {
        "scrape-timestamp": 2,
        "description": "new",
        "music-title": "",
        "like-count": ["broken"],
        "time-posted": None,
        "custom": [],
    }
    _, (post,) = read(tmp_path, dumped([newer, older]))
    assert (post.description, post.music_title, post.like_count) == ("new", "song", "1")
    assert (post.time_posted, post.scrape_timestamp) == ("3d ago", 2)
    assert post.info["custom"] == [1]


def test_comments_are_united_by_their_ids(tmp_path: Path) -> None:
    def comment(id: str | None, text: str, **more: Any) -> dict[str, Any]:
        named = {} if id is None else {"comment-id": id}
        return named | {"comment-text": text, "commenter-username": "@a"} | more

    older = RAW | {
        "scrape-timestamp": 1_700_000_000,
        "comments": [
            comment("1", "one", **{"like-count": "5", "language": "en"}),
            comment("2", "only before"),
            comment(None, "no id", **{"time-posted": "5h ago"}),
            comment(None, "twice"),
            comment(None, "twice"),
        ],
    }
    newer = RAW | {
        "scrape-timestamp": 1_700_100_000,
        "comments": [
            comment("3", "only after"),
            comment("1", "one", **{"like-count": "7"}),
            comment(None, "no id", **{"time-posted": "1d ago"}),
            comment(None, "twice"),
        ],
    }
    _, (post,) = read(tmp_path, dumped([older]), dumped([newer]))
    found = [(c.comment_id, c.comment_text) for c in post.comments]
    assert found == [
        ("3", "only after"),
        ("1", "one"),
        (None, "no id"),
        (None, "twice"),
        ("2", "only before"),
        (None, "twice"),
    ]
    one, dated = post.comments[1], post.comments[2]
    assert (one.like_count, one.language) == ("7", "en")
    assert (dated.time_posted, dated.scrape_timestamp) == ("1d ago", None)
    assert post.comments[4].scrape_timestamp == 1_700_000_000


def test_all_observations_are_kept(tmp_path: Path) -> None:
    catalogue, _ = read(tmp_path, dumped([RAW]), dumped([ITEM]), table(FOURCAT))
    (entry,) = catalogue.newest.values()
    observed = list(load_posts(catalogue.observations(entry)))
    assert [Path(post.origin.file).name for post in observed] == ["a", "b", "c"]
    assert observed[0].info == RAW
    assert len(catalogue.superseded) == 2


CONTENTS = {
    "raw info": dumped([RAW]),
    "Zeeschuimer": lines(ENVELOPE),
    "items": dumped([ITEM]),
    "yt-dlp": dumped(YT_DLP),
    "4CAT": table(FOURCAT),
    "pyktok": table(PYKTOK),
    "drawrowfly": dumped([DRAWROWFLY]),
}


@pytest.mark.parametrize("first", CONTENTS)
@pytest.mark.parametrize("second", CONTENTS)
def test_one_post_in_two_formats_is_the_same_in_either_order(
    tmp_path: Path, first: str, second: str
) -> None:
    contents = CONTENTS[first], CONTENTS[second]
    catalogue, (one,) = read(tmp_path, *contents, names="ab")
    _, (other,) = read(tmp_path, *contents, names="ba")
    assert one.info == other.info
    assert len(catalogue.superseded) == 1


# Formats that must not be mistaken for others, and data that must not leave the machine.


ELEMENTS = {
    "raw info": [RAW],
    "Zeeschuimer": [ENVELOPE, ITEM | {"__import_meta": INSIDE}],
    "comments of the site's JSON": COMMENTS,
    "items of the site's JSON": [example["item"] for example in EXAMPLES["posts"]],
    "yt-dlp": [YT_DLP, YT_DLP | {"_type": "playlist", "id": "user"}],
    "a table of 4CAT or Zeeschuimer": [FOURCAT, FOURCAT_COMMENT],
    "pyktok": [PYKTOK],
    "drawrowfly's tiktok-scraper": [DRAWROWFLY, DRAWROWFLY | {"cid": ""}],
    "a person's own data": [DONATED, {"date": "2024-08-02 12:00:00", "link": DONATED["Link"]}],
}


@settings(max_examples=300)
@given(st.data())
def test_no_format_is_mistaken_for_another(data: st.DataObject) -> None:
    """Whatever else a file contains, and whatever its fields contain."""
    name = data.draw(st.sampled_from(sorted(ELEMENTS)))
    element = dict(data.draw(st.sampled_from(ELEMENTS[name])))
    for key in data.draw(st.sets(st.sampled_from(sorted(element)), max_size=3)):
        if isinstance(element[key], str) and key not in ("id", "cid", "aweme_id", "Link"):
            element[key] = data.draw(st.text())
    element = data.draw(st.dictionaries(st.text(max_size=3), st.text(), max_size=2)) | element
    recognised = [one.NAME for one in FORMATS if one.NAME != "links" and one.recognises(element)]
    if name == "Zeeschuimer":
        assert recognised[0] == name
    else:
        assert recognised == [name]
    found = recognise(element)
    assert found is not None and name == found.NAME


@pytest.mark.parametrize(
    "content",
    [
        *CONTENTS.values(),
        *COMMENT_FILES.values(),
        WRAPPED["4CAT"]([ITEM]),
        dumped({"not known": ENVELOPE}),
        lines(ENVELOPE | {"source_platform": "instagram.com", "data": {"id": "1"}}),
    ],
)
def test_identifiers_of_the_collector_are_in_no_record_and_no_message(
    tmp_path: Path, content: bytes
) -> None:
    catalogue, posts = read(tmp_path, content, dumped([ITEM]))
    told = [post.info for post in posts] + [str(problem) for problem in catalogue.problems]
    told += [post.info for post in load_posts(catalogue.superseded)]
    told += catalogue.inventory.lines([])
    assert not [secret for secret in SECRETS if secret in json.dumps(told)]


# Damage costs only what is damaged.


@pytest.mark.parametrize("bad", [b'{"id": "1", "desc', b"not JSON", b"[]", b'{"a": 1} {}'])
def test_a_damaged_line_costs_itself_only(tmp_path: Path, bad: bytes) -> None:
    content = lines(ENVELOPE) + bad + b"\n" + lines(ENVELOPE | {"data": OTHER})
    catalogue, posts = read(tmp_path, content)
    assert [post.id for post in posts] == [ID, OTHER["id"]]
    (problem,) = catalogue.problems
    assert problem.record == 2 and "line 2" in problem.message


def test_an_endless_line_costs_itself_only(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.write(lines(ITEM) + b'{"id": "')
        for _ in range(66):
            file.write(b"1" * 1_000_000)
        file.write(b'"}\n' + lines(OTHER))
    catalogue = build_catalogue([tmp_path / "a"])
    assert list(catalogue.newest) == [ID, OTHER["id"]]
    (problem,) = catalogue.problems
    assert "longer than" in problem.message


class Stream(io.RawIOBase):
    """A file that is generated while it is read: `start`, and then `piece` repeatedly."""

    def __init__(self, start: bytes, piece: bytes, pieces: int) -> None:
        self._start, self._piece, self._left = start, piece, pieces
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """Return at most one piece more than `size` bytes."""
        found, self._start = [self._start], b""
        length = len(found[0])
        while length < size and self._left:
            found.append(self._piece)
            length += len(self._piece)
            self._left -= 1
        self.size += length
        return b"".join(found)


def test_one_line_of_any_length_takes_little_memory() -> None:
    item = dumped(RAW | {"description": "x" * 900}) + b","
    stream = Stream(b"[", item, 5000)
    tracemalloc.start()
    with pytest.raises(JsonDamageError, match="too early"):
        for element in read_elements(cast(IO[bytes], stream)):
            assert element.line == 1
            end = element.end
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert end == stream.size - 1 > 5_000_000
    assert peak < 1_000_000


@pytest.mark.parametrize("start", [b'[{"id": "', b'{"itemList": [{"id": [', b'{"a": "'])
def test_an_endless_element_is_given_up(monkeypatch: pytest.MonkeyPatch, start: bytes) -> None:
    monkeypatch.setattr(json_stream, "MAX_ELEMENT_CHARS", 1_000_000)
    stream = Stream(start, b"1" * 10_000, 100_000)
    with pytest.raises(JsonDamageError, match="longer than"):
        list(read_elements(cast(IO[bytes], stream), holds_elements))
    assert stream.size < 5_000_000


def test_an_endless_row_costs_itself_only(tmp_path: Path) -> None:
    header, row, _ = table(PYKTOK).split(b"\r\n")
    endless = b"1" * 3_000_000
    other = row.replace(ID.encode(), b"77")
    catalogue, posts = read(tmp_path, b"\r\n".join([header, row, endless, other, b""]))
    assert [post.id for post in posts] == ["77", ID]
    [problem] = catalogue.problems
    assert "longer than" in problem.message


def changed(value: Any, wrong: Any) -> Iterator[Any]:
    """Copies of a JSON value: in each, another part of it is `wrong`."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            for part in (wrong, *changed(value[key], wrong)):
                copy = value.copy()
                copy[key] = part
                yield copy


@pytest.mark.parametrize("wrong", [None, True, -1, 10**30, 1.5, "x", [], [None], [[]], {"a": [1]}])
@pytest.mark.parametrize(
    "element",
    [ITEM, ENVELOPE, *COMMENTS, YT_DLP, DRAWROWFLY, DONATED, RECORD, RAW],
    ids=lambda element: " ".join(list(element)[:3]),
)
def test_a_wrong_part_anywhere_never_ends_the_reading(element: dict[str, Any], wrong: Any) -> None:
    for damaged in changed(element, wrong):
        for format, part in elements_in(damaged):
            for found in format.read(part):
                if isinstance(found, FoundPost):
                    validate(found.info)


def test_a_lone_record_with_an_unreadable_member_is_loaded_again(tmp_path: Path) -> None:
    deep = b"[" * 150 + b"]" * 150
    content = dumped(RAW)[:-1] + b', "more": ' + deep + b"}"
    catalogue, (post,) = read(tmp_path, content)
    assert post.info["video-src"] == RAW["video-src"]
    assert "nested more than" in str(catalogue.problems)


@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("share", [0.2, 0.6, 0.97])
def test_a_file_that_was_cut_is_reported(tmp_path: Path, name: str, share: float) -> None:
    """Nothing raises, nothing is made up, and a good file next to it is read."""
    content = CONTENTS[name]
    cut = content[: int(len(content) * share)]
    catalogue, posts = read(tmp_path, cut, dumped([OTHER]))
    assert OTHER["id"] in [post.id for post in posts]
    assert catalogue.problems or not [post for post in posts if post.id == ID]


@pytest.mark.parametrize("quote", ['x,"open', 'x,"open",more,and,more'])
def test_a_damaged_row_costs_itself_only(tmp_path: Path, quote: str) -> None:
    rows = table(PYKTOK).split(b"\r\n")
    content = b"\r\n".join([*rows[:2], quote.encode(), rows[1].replace(ID.encode(), b"77"), b""])
    catalogue, posts = read(tmp_path, content)
    assert [post.id for post in posts] == ["77", ID]
    assert [problem.record for problem in catalogue.problems] == [2]


def test_formats_may_be_mixed_in_one_file(tmp_path: Path) -> None:
    content = lines(ENVELOPE, RAW | {"id": "5"}, *COMMENTS, YT_DLP | {"id": "6"})
    catalogue, posts = read(tmp_path, content)
    assert [post.id for post in posts] == ["5", "6", ID]
    assert catalogue.problems == []
    assert len(posts[-1].comments) == 1


@pytest.mark.parametrize("write", [dumped, lambda records: lines(*records)])
def test_a_cut_compressed_file_is_reported(
    tmp_path: Path, write: Callable[[list[Any]], bytes]
) -> None:
    noise = random.Random(1)  # noqa: S311 — what repeats itself is compressed into one block
    records = [RAW | {"id": str(n), "description": noise.randbytes(999).hex()} for n in range(99)]
    packed = gzip.compress(write(records))
    (tmp_path / "a").write_bytes(packed[: len(packed) // 2])
    catalogue = build_catalogue([tmp_path / "a"])
    assert 30 < len(catalogue.newest) < 60
    assert any("compressed" in problem.message for problem in catalogue.problems)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"just some notes\n", "neither JSON"),
        (b"a,b\n1,2\n", "neither JSON"),
        (b"<html>", "neither JSON"),
        (b"\xff\xd8\xff\xe0", "neither JSON"),
        (b"%PDF-1.7\n", "a PDF"),
    ],
)
def test_an_unknown_format_is_one_problem(tmp_path: Path, content: bytes, said: str) -> None:
    catalogue, posts = read(tmp_path, content)
    assert posts == []
    (problem,) = catalogue.problems
    assert said in problem.message


# Removal, in every format.


STRAY = [comment | {"aweme_id": OTHER["id"]} for comment in COMMENTS]
TWO_POSTS: dict[str, bytes] = {
    **{name: wrap([ITEM, OTHER]) for name, wrap in WRAPPED.items()},
    "4CAT table": table(FOURCAT, FOURCAT | {"id": OTHER["id"], "tiktok_url": ""}),
    "pyktok": table(PYKTOK, PYKTOK | {"video_id": OTHER["id"]}, delimiter=";"),
    "comments": dumped({"comments": [*COMMENTS, *STRAY], "has_more": 1}),
    "comments, one a line": lines(*COMMENTS, *STRAY),
    "links": f"# mine\n{ID}\nhttps://www.tiktok.com/@a/video/{OTHER['id']}\n".encode(),
    "person": dumped(
        {
            "Your Activity": {
                "Like List": {
                    "ItemFavoriteList": [
                        DONATED,
                        {"Date": "", "Link": f"https://www.tiktokv.com/share/video/{OTHER['id']}/"},
                    ]
                }
            }
        },
        1,
    ),
}


@pytest.mark.parametrize("compress", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("gone", [ID, OTHER["id"]])
@pytest.mark.parametrize("name", TWO_POSTS)
def test_a_removed_post_leaves_nothing_behind(
    tmp_path: Path, name: str, gone: str, compress: bool
) -> None:
    file = tmp_path / "a"
    content = TWO_POSTS[name]
    file.write_bytes(gzip.compress(content) if compress else content)
    removed = frozenset({gone})
    catalogue = build_catalogue([file], removed)
    assert catalogue.left_out == {str(file)}
    assert list(places_in(file, removed)) != []
    erase(file, removed)
    assert list(places_in(file, removed)) == []
    left = file.read_bytes()
    left = gzip.decompress(left) if compress else left
    assert gone.encode() not in left.replace(INSIDE["item_id"].encode(), b"")
    after = build_catalogue([file])
    assert after.problems == []
    (other,) = {ID, OTHER["id"]} - {gone}
    known = {*after.newest, *after.inventory.orphans, *after.inventory.mentions}
    assert known == {other}


def test_a_lone_removed_record_takes_its_file_along(tmp_path: Path) -> None:
    file = tmp_path / "a.info.json"
    file.write_bytes(dumped(YT_DLP))
    erase(file, frozenset({ID}))
    assert not file.exists()


# Links to posts.


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("https://www.tiktok.com/@user/video/7171915622962351935", "7171915622962351935"),
        ("https://www.tiktok.com/@user/video/7171915622962351935?is_copy_url=1#x", None),
        ("http://tiktok.com/@user.name_1/photo/7171915622962351935", None),
        ("https://www.tiktokv.com/share/video/7171915622962351935/", None),
        ("https://m.tiktok.com/v/7171915622962351935.html", None),
        ("www.tiktok.com/embed/v2/7171915622962351935 # a note, with commas", None),
        ("7171915622962351935", None),
        ("  7171915622962351935\r", None),
        ("https://vm.tiktok.com/ZMabc123/", "https://vm.tiktok.com/ZMabc123/"),
        ("vt.tiktok.com/ZSabc?x=1", "https://vt.tiktok.com/ZSabc/"),
        ("https://www.tiktok.com/t/ZTabc/", "https://www.tiktok.com/t/ZTabc/"),
    ],
)
def test_each_form_of_link_is_a_wanted_post(tmp_path: Path, line: str, target: str | None) -> None:
    catalogue, _ = read(tmp_path, f"# list\n\n{line}\n".encode())
    assert catalogue.problems == []
    wanted = catalogue.inventory.wanted({})
    assert wanted == [target or "7171915622962351935"]
    assert "1 post is known only by its link" in catalogue.inventory.lines(wanted)[-1]


def test_a_table_with_a_column_of_links_is_read(tmp_path: Path) -> None:
    rows = table(
        {"n": "1", "url": f"https://www.tiktok.com/@a/video/{ID}", "note": "x, y"},
        {"n": "2", "url": "", "note": "none"},
    )
    catalogue, _ = read(tmp_path, rows)
    assert list(catalogue.inventory.mentions) == [ID]
    assert [problem.record for problem in catalogue.problems] == [2]


def test_a_table_of_links_with_descriptions_is_a_table_of_posts(tmp_path: Path) -> None:
    link = f"https://www.tiktok.com/@a/video/{ID}"
    rows = table(
        {"id": ID, "permalink": link, "description": "Größe 😀"},
        {"id": "", "permalink": "https://vm.tiktok.com/ZMabc/", "description": "a short link"},
    )
    catalogue, (post,) = read(tmp_path, rows)
    assert (post.id, post.description) == (ID, "Größe 😀")
    assert list(catalogue.inventory.mentions) == ["https://vm.tiktok.com/ZMabc/"]
    assert catalogue.problems == []


def test_a_table_with_the_fields_of_raw_info_is_read(tmp_path: Path) -> None:
    catalogue, (post,) = read(tmp_path, table(RAW))
    assert (post.info, catalogue.problems) == (RAW, [])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read_like_utf_8(tmp_path: Path, encoding: str) -> None:
    record = RAW | {"description": "Größe 😀"}
    contents = [table(FOURCAT, delimiter="\t"), dumped([record]), f"{OTHER['id']}\r\n".encode()]
    catalogue, posts = read(
        tmp_path, *(f"\ufeff{content.decode()}".encode(encoding) for content in contents)
    )
    _, expected = read(tmp_path, *contents)
    assert [post.info for post in posts] == [post.info for post in expected]
    assert posts[0].description == "Größe 😀"
    assert (catalogue.problems, list(catalogue.inventory.mentions)) == ([], [OTHER["id"]])
    encoded = f"\ufeff{contents[1].decode()}".encode(encoding)
    _, zipped = read(tmp_path, gzip.compress(encoded))
    assert [post.info for post in zipped] == [record]
    cut, (rest,) = read(tmp_path, gzip.compress(encoded, mtime=0)[:-4])
    assert ([rest.info], len(cut.problems)) == ([record], 1)
    read(tmp_path, *(f"\ufeff{content.decode()}".encode(encoding) for content in contents))
    erase(tmp_path / "c", frozenset([OTHER["id"]]))
    assert list(build_catalogue([tmp_path / "c"]).inventory.mentions) == []


@pytest.mark.parametrize(
    "around", ["<{}>", "({})", "- [it]({})", "\u201c{}\u201d", "\u00ab{}\u00bb"]
)
def test_links_in_brackets_and_quotes_are_wanted(tmp_path: Path, around: str) -> None:
    line = around.format("https://www.tiktok.com/@a/video/7200000000000000206")
    catalogue, _ = read(tmp_path, line.encode())
    assert list(catalogue.inventory.mentions) == ["7200000000000000206"]
    assert catalogue.problems == []


@pytest.mark.parametrize(
    "wrapped",
    [
        {"props": {"pageProps": {"itemInfo": {"itemStruct": ITEM}}}},
        {"data": {"itemList": [ITEM], "hasMore": True}},
        {"body": {"itemList": [ITEM]}, "statusCode": 0},
        {"data": {"videos": [ITEM], "cursor": 1}},
        {"data": {"item_list": [ITEM]}},
        {"data": {"items": [ITEM]}},
    ],
)
def test_older_pages_and_answers_are_unwrapped(tmp_path: Path, wrapped: dict[str, Any]) -> None:
    catalogue, (post,) = read(tmp_path, dumped(wrapped))
    assert (post.id, catalogue.problems) == (ITEM["id"], [])


@pytest.mark.parametrize(
    ("member", "said"),
    [('"desc": "last"', "'desc' occurs twice"), (f'"x": {"9" * 5000}', "thousands of digits")],
)
def test_a_bad_member_of_a_single_object_is_named(tmp_path: Path, member: str, said: str) -> None:
    catalogue, (post,) = read(tmp_path, f"{json.dumps(ITEM)[:-1]}, {member}}}".encode())
    assert post.id == ITEM["id"]
    assert [said in problem.message for problem in catalogue.problems] == [True]


def test_known_posts_are_not_wanted(tmp_path: Path) -> None:
    catalogue, _ = read(tmp_path, dumped([ITEM]), f"{ID}\n123456789012345678\n".encode())
    assert catalogue.inventory.wanted(catalogue.newest) == ["123456789012345678"]


PRIVATE = {
    "Profile": {"Profile Information": {"ProfileMap": {"emailAddress": "me@private.example"}}},
    "Direct Messages": {
        "Chat History": {
            "ChatHistory": {
                "Chat with a:": [
                    {
                        "Date": "2023-01-01 00:00:00",
                        "Content": "https://www.tiktok.com/@a/video/99/",
                    }
                ]
            }
        }
    },
}
WATCHED = [{"Date": "2023-05-01 12:30:00", "Link": "https://www.tiktokv.com/share/video/11/"}]
LIKED = [{"date": "2023-05-02 12:30:00", "link": "https://www.tiktokv.com/share/video/22/"}]


@pytest.mark.parametrize(
    ("activity", "lists"),
    [
        (
            {
                "Activity": {
                    "Video Browsing History": {"VideoList": WATCHED},
                    "Like List": {"ItemFavoriteList": LIKED},
                }
            },
            ["Video Browsing History", "Like List"],
        ),
        (
            {
                "Your Activity": {
                    "Watch History": {"VideoList": WATCHED},
                    "Login History": {"LoginHistoryList": [{"IP": "1.2.3.4"}]},
                },
                "Likes and Favorites": {"Favorite Videos": {"FavoriteVideoList": LIKED}},
            },
            ["Watch History", "Favorite Videos"],
        ),
        (
            {
                "Your Activity": {"Share History": {"ShareHistoryList": WATCHED}},
                "Likes and Favorites": {"Like List": {"ItemFavoriteList": LIKED}},
            },
            ["Share History", "Like List"],
        ),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_of_a_persons_own_data_only_the_lists_of_links_are_read(
    tmp_path: Path, activity: dict[str, Any], lists: list[str], first: bool
) -> None:
    content = dumped(PRIVATE | activity if first else activity | PRIVATE, 1)
    catalogue, posts = read(tmp_path, content)
    assert (catalogue.problems, posts) == ([], [])
    found = {
        id: [(mention.list, mention.seen_at) for mention in mentions]
        for id, mentions in catalogue.inventory.mentions.items()
    }
    assert found == {"11": [(lists[0], 1682944200)], "22": [(lists[1], 1683030600)]}
    assert "private" not in str(catalogue)


def test_a_persons_own_data_as_text_is_read(tmp_path: Path) -> None:
    file = tmp_path / "Like List.txt"
    file.write_text(
        "Date: 2023-05-01 12:30:00 UTC\nLink: https://www.tiktokv.com/share/video/11/\n\n"
    )
    catalogue = build_catalogue([file])
    ((mention,),) = catalogue.inventory.mentions.values()
    assert (mention.list, mention.seen_at) == ("Like List", 1682944200)
    assert catalogue.problems == []


# The real samples, against an independent reading.


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real samples aren't here")
@pytest.mark.parametrize("name", ["zeeschuimer_posts.ndjson", "item_structs.json"])
def test_real_samples_are_read_completely(name: str) -> None:
    file = SHARED / name
    if name.endswith("ndjson"):
        envelopes = [json.loads(line) for line in file.read_text().splitlines()]
        items = {one["data"]["id"]: one["data"] for one in envelopes}
        times = {one["data"]["id"]: one["timestamp_collected"] / 1000 for one in envelopes}
    else:
        items = {item["id"]: item for item in json.loads(file.read_text())}
        times = {}
    catalogue = build_catalogue([file])
    assert catalogue.problems == []
    posts = list(load_posts(catalogue.newest.values()))
    assert {post.id for post in posts} == items.keys()
    for post in posts:
        item, video = items[post.id], items[post.id]["video"]
        assert post.scrape_timestamp == times.get(post.id)
        assert post.description == item["desc"]
        assert post.create_time == int(item["createTime"])
        assert post.creator_username == "@" + item["author"]["uniqueId"]
        assert post.creator_nickname == item["author"]["nickname"]
        assert post.creator_id == item["author"]["id"]
        assert post.like_count_exact == item["stats"]["diggCount"]
        assert post.share_count == item["stats"]["shareCount"]
        assert post.comment_count_exact == item["stats"]["commentCount"]
        assert post.play_count == item["stats"]["playCount"]
        assert post.collect_count == int(item["stats"]["collectCount"])
        assert post.creator_follower_count == item["authorStats"]["followerCount"]
        assert post.creator_heart_count == item["authorStats"]["heartCount"]
        assert post.video_src == (video.get("playAddr") or post.video_links[0].url)
        assert post.coverphoto_src == (video.get("cover") or video["originCover"])
        assert post.duration == video["duration"]
        assert post.is_ad == item.get("isAd")
        linked = {url for b in video.get("bitrateInfo", []) for url in b["PlayAddr"]["UrlList"]}
        assert linked <= {link.url for link in post.video_links}
        extras = item.get("textExtra") or []
        tags = {extra["hashtagName"] for extra in extras} - {""}
        assert set(post.hashtags) == tags
        assert {m.handle for m in post.mentions} == {e["userUniqueId"] for e in extras} - {""}
        stickers = [t for s in item.get("stickersOnItem") or [] for t in s["stickerText"]]
        assert list(post.sticker_texts) == stickers
        names = [effect["name"] for effect in item.get("effectStickers") or []]
        assert [effect.name for effect in post.effects] == names
        if "music" in item:
            assert post.music_title is not None
            assert post.music_title.startswith(item["music"]["title"])
