"""The contents of `tiktoks.db`. The same inputs give the same bytes."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from scripts.errors import StorageError
from scripts.merge.database import content_hash
from scripts.scrape.receipts import ScrapeReceipt, write_scrape
from scripts.store.database import APPLICATION_ID, SCHEMA_VERSION, open_database
from scripts.store.placeholders import remove_placeholders
from scripts.store.receipts import read_receipt
from scripts.version import SOFTWARE
from tests.support.small_corpus import (
    FETCHED_AT,
    POSTED_AT,
    SCRAPED_AT,
    Corpus,
    comment,
    info,
    post_id,
)

ROOT = Path(__file__).parents[1]
ID = post_id(1)


@pytest.fixture
def corpus(tmp_path):
    return Corpus(tmp_path / "data")


def rows(database, query, *values):
    with closing(open_database(database)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(query, values)]


def row(database, query, *values):
    (only,) = rows(database, query, *values)
    return only


OF_THE_SITE = (
    *("creator_follower_count", "creator_following_count", "creator_heart_count"),
    *("creator_video_count", "is_ad", "ai_label", "ai_description", "is_pinned", "sticker_text"),
    *("location_created", "place_id", "place_name", "place_address", "place_city"),
    *("place_country", "duet_of", "stitch_of"),
)


def fill(corpus, posts=6):
    """A corpus with something in every table."""
    ids = [post_id(number) for number in range(posts)]
    corpus.add_info("a.json", [info(id, comments=[comment(), comment("no")]) for id in ids])
    corpus.add_info("b.json", [info(ids[0], **{"scrape-timestamp": SCRAPED_AT - 60})])
    pictures = {"pictures": [{"url": "https://p16.example.com/c.jpeg"}]}
    extras = {"effects": [{"id": "1", "name": "Blur"}], "comments": [comment(**pictures)]}
    corpus.add_info("c.json", [info(ids[1], **extras, **{"scrape-timestamp": SCRAPED_AT - 60})])
    (corpus.folder / "links.txt").write_text("https://vm.tiktok.com/ZM1/\n7171915622962351000\n")
    facts = {"format": "mp4", "width": 576, "height": 1024, "duration_s": 15.25}
    for id in ids[:-1]:
        corpus.add_download("videos", id, facts=facts)
        corpus.add_download("coverphotos", id, facts={"format": "JPEG"})
        corpus.add_text("ocr", id, "FOLD HERE\n")
    corpus.add_speech(ids[0])
    corpus.add_text("screen", ids[0], "STEP ONE\n")
    corpus.add_download("videos", ids[-1], b"", outcome="gone", downloaded_at=None)
    write_scrape(corpus.folder, ScrapeReceipt(ids[-1], "gone", "", 1, FETCHED_AT, "1"))
    return ids


def test_a_tiktok_has_the_text_as_shown_and_typed_values(corpus):
    corpus.add_info("a.json", [info(ID)])
    corpus.add_download("videos", ID)
    corpus.add_download("coverphotos", ID, downloaded_at=FETCHED_AT + 9)
    corpus.add_text("ocr", ID, "FOLD\nHERE\n\n")
    corpus.add_text("speech", ID, "so first you fold it")
    database = corpus.database()
    assert row(database, "SELECT * FROM tiktoks") == {
        "number": 1,
        "id": ID,
        "music_src": "https://www.tiktok.com/music/original-sound-7171915647184603950",
        "speech_to_text": "so first you fold it",
        "coverphoto_ocr": "FOLD\nHERE",
        "screen_text": None,
        "music_title": "original sound",
        "like_count": 22600,
        "like_count_shown": "22.6K",
        "comment_count": 113,
        "comment_count_shown": "113",
        "share_count": None,
        "play_count": None,
        "collect_count": None,
        "creator_id": None,
        "duration_s": None,
        "language": None,
        "slide_count": 0,
        "creator_username": "@maker",
        "creator_nickname": "Maker of Things",
        "description": "Paper aeroplanes #Paper #fyp with @folder.one",
        "time_posted": "1d ago",
        "posted_at": POSTED_AT,
        "posted_date": "2022-11-30",
        "scrape_timestamp": SCRAPED_AT,
        "download_timestamp": FETCHED_AT + 9,
        "source_file": f"{corpus.folder.name}/info/a.json",
        "source_record": 1,
        **dict.fromkeys(OF_THE_SITE),
    }


def test_links_and_the_browsers_id_stand_apart(corpus):
    sound = "https://www.tiktok.com/music/sound-7171915647184603950"
    corpus.add_info("a.json", [info(ID, **{"music-src": f"{sound}?web_id=7279568107143392123"})])
    database = corpus.database()
    links = {
        "web_id": "7279568107143392123",
        "permalink": f"https://www.tiktok.com/@maker/video/{ID}?web_id=7279568107143392123",
        "video_src": f"https://v16.example.com/{ID}.mp4?expire=1669985936&signature=abc",
        "coverphoto_src": f"https://p16.example.com/{ID}.jpeg?x-expires=1669982400",
    }
    assert row(database, "SELECT * FROM links") == {"id": ID, **links}
    shared = row(database, "SELECT * FROM tiktoks")
    assert shared["music_src"] == sound
    assert not re.search("7279568107143392123|signature|expire", str(shared))
    assert row(database, "SELECT * FROM tiktoks_with_links") == {**shared, **links}


def test_the_sites_facts_about_a_post_are_stored(corpus):
    said = {
        "creator-follower-count": 1,
        "creator-following-count": 2,
        "creator-heart-count": 3,
        "creator-video-count": 4,
        "is-ad": True,
        "ai-label": 1,
        "ai-description": "made with AI",
        "is-pinned": False,
        "sticker-texts": ["wait", "for it"],
        "location-created": "US",
        "place": {"id": "5", "name": "Bakery", "city": "Springfield"},
        "duet-of": "7171915622962351000",
        "stitch-of": "7171915622962351001",
        "effects": [{"name": "Blur"}, {"id": "7", "name": "Glow"}],
        "mentions": [{"handle": "Folder.One", "id": "8"}, {"handle": "other"}],
    }
    corpus.add_info("a.json", [info(ID, **said)])
    database = corpus.database()
    assert row(database, f"SELECT {', '.join(OF_THE_SITE)} FROM tiktoks") == {  # noqa: S608
        "creator_follower_count": 1,
        "creator_following_count": 2,
        "creator_heart_count": 3,
        "creator_video_count": 4,
        "is_ad": 1,
        "ai_label": 1,
        "ai_description": "made with AI",
        "is_pinned": 0,
        "sticker_text": "wait\nfor it",
        "location_created": "US",
        "place_id": "5",
        "place_name": "Bakery",
        "place_address": None,
        "place_city": "Springfield",
        "place_country": None,
        "duet_of": "7171915622962351000",
        "stitch_of": "7171915622962351001",
    }
    assert rows(database, "SELECT number, effect_id, name FROM effects") == [
        {"number": 1, "effect_id": None, "name": "Blur"},
        {"number": 2, "effect_id": "7", "name": "Glow"},
    ]
    assert rows(database, "SELECT username, account_id FROM mentions ORDER BY username") == [
        {"username": "folder.one", "account_id": "8"},
        {"username": "other", "account_id": None},
    ]


def test_the_sites_facts_about_a_comment_are_stored(corpus):
    said = {
        "comment-id": "1",
        "is-pinned": True,
        "liked-by-creator": False,
        "reply-to": "9",
        "pictures": [{"url": "https://p16.example.com/1"}, {"url": "https://p16.example.com/2"}],
    }
    corpus.add_info("a.json", [info(ID, comments=[comment("first"), comment("", **said)])])
    database = corpus.database()
    columns = "is_pinned, liked_by_creator, reply_to"
    assert rows(database, f"SELECT {columns} FROM comments ORDER BY position") == [  # noqa: S608
        {"is_pinned": None, "liked_by_creator": None, "reply_to": None},
        {"is_pinned": 1, "liked_by_creator": 0, "reply_to": "9"},
    ]
    assert rows(database, "SELECT position, number, url FROM comment_pictures") == [
        {"position": 2, "number": 1, "url": "https://p16.example.com/1"},
        {"position": 2, "number": 2, "url": "https://p16.example.com/2"},
    ]


def test_a_comment_of_an_older_observation_is_dated_by_that_one(corpus):
    before = info(ID, comments=[comment("old", **{"time-posted": "25m ago"})])
    corpus.add_info("a.json", [before, info(ID, comments=[], **{"scrape-timestamp": 1.7e9})])
    found = row(corpus.database(), "SELECT comment_text, posted_at FROM comments")
    assert found == {"comment_text": "old", "posted_at": int(SCRAPED_AT) - 25 * 60}


def test_posts_that_are_known_by_their_link_only_are_in_the_database(corpus):
    corpus.add_info("a.json", [info(ID)])
    donated = {
        "Your Activity": {
            "Watch History": {
                "VideoList": [
                    {
                        "Date": "2023-05-01 12:30:00",
                        "Link": f"https://www.tiktokv.com/share/video/{ID}/",
                    },
                    {
                        "Date": "2023-05-02 12:30:00",
                        "Link": "https://www.tiktokv.com/share/video/77/",
                    },
                ]
            }
        }
    }
    (corpus.folder / "info" / "mine.json").write_text(json.dumps(donated))
    (corpus.folder / "links.txt").write_text("# mine\nhttps://vm.tiktok.com/ZM1/?x=secret\n")
    database = corpus.database()
    found = rows(
        database, "SELECT id, short_link, source_record, list, linked_at FROM listed_links"
    )
    watched = {"short_link": None, "list": "Watch History"}
    assert sorted(found, key=str) == sorted(
        [
            {"id": ID, **watched, "source_record": 1, "linked_at": 1682944200},
            {"id": "77", **watched, "source_record": 2, "linked_at": 1683030600},
            {
                "id": None,
                "short_link": "https://vm.tiktok.com/ZM1/",
                "source_record": 1,
                "list": None,
                "linked_at": None,
            },
        ],
        key=str,
    )
    wanted = rows(database, "SELECT id FROM wanted_tiktoks ORDER BY id")
    assert wanted == [{"id": None}, {"id": "77"}]


def test_comments_keep_their_order_and_their_time_is_estimated(corpus):
    comments = [
        comment("first", **{"time-posted": "25m ago "}),
        comment("second", **{"replies-count": "", "commenter-username": "@Maker · Creator"}),
        comment("third", **{"like-count": "1.2K", "time-posted": "gestern"}),
    ]
    corpus.add_info("a.json", [info(ID, comments=comments)])
    first, second, third = rows(corpus.database(), "SELECT * FROM comments")
    assert [c["position"] for c in (first, second, third)] == [1, 2, 3]
    assert first == {
        "video_id": ID,
        "position": 1,
        "parent_position": None,
        "comment_id": None,
        "commenter_name": "@viewer 1",
        "commenter_username": None,
        "commenter_id": None,
        "comment_text": "first",
        "language": None,
        "like_count": 2888,
        "like_count_shown": "2888",
        "replies_count": 6,
        "replies_count_shown": "6",
        "time_posted": "25m ago ",
        "posted_at": int(SCRAPED_AT) - 25 * 60,
        "posted_date": "2022-12-02",
        "is_creator": 0,
        "is_pinned": None,
        "liked_by_creator": None,
        "reply_to": None,
    }
    assert (second["is_creator"], second["replies_count"]) == (1, 0)
    assert (third["like_count"], third["posted_at"], third["time_posted"]) == (
        1200,
        int(SCRAPED_AT) - 24 * 60 * 60,
        "gestern",
    )


def test_exact_values_stand_in_place_of_estimates(corpus):
    exact = {
        "like-count-exact": 22617,
        "comment-count-exact": 114,
        "share-count": 3,
        "play-count": 2**40,
        "collect-count": 0,
        "create-time": POSTED_AT + 5,
        "creator-id": "6800000000000000001",
        "duration": 15.5,
        "language": "en",
        "hashtags": ["Paper", "origami"],
    }
    corpus.add_info("a.json", [info(ID, **exact)])
    database = corpus.database()
    assert row(
        database,
        "SELECT like_count, like_count_shown, comment_count, share_count, play_count, "
        "collect_count, posted_at, creator_id, duration_s, language FROM tiktoks",
    ) == {
        "like_count": 22617,
        "like_count_shown": "22.6K",
        "comment_count": 114,
        "share_count": 3,
        "play_count": 2**40,
        "collect_count": 0,
        "posted_at": POSTED_AT + 5,
        "creator_id": "6800000000000000001",
        "duration_s": 15.5,
        "language": "en",
    }
    tags = [found["tag"] for found in rows(database, "SELECT tag FROM hashtags ORDER BY tag")]
    assert tags == ["fyp", "origami", "paper"]


def test_replies_follow_their_comment(corpus):
    replies = [comment("a reply", **{"create-time": POSTED_AT + 60}), comment("another")]
    extras = {"comment-id": "72", "commenter-handle": "viewer.1", "replies": replies}
    corpus.add_info("a.json", [info(ID, comments=[comment("first", **extras), comment("last")])])
    found = rows(
        corpus.database(),
        "SELECT position, parent_position, comment_text, comment_id, commenter_username "
        "FROM comments ORDER BY position",
    )
    assert [tuple(found_row.values()) for found_row in found] == [
        (1, None, "first", "72", "viewer.1"),
        (2, 1, "a reply", None, None),
        (3, 1, "another", None, None),
        (4, None, "last", None, None),
    ]


def test_a_photo_post_has_slides_instead_of_a_video(corpus):
    slides = [{"url": f"https://p16.example.com/{number}.jpeg"} for number in (1, 2)]
    photos = {"video-src": None, "photos": slides}
    corpus.add_info("a.json", [info(ID, **photos)])
    corpus.add_download("coverphotos", ID)
    corpus.add_download("photos", f"{ID}/1")
    database = corpus.database()
    downloads = rows(database, "SELECT kind, number, outcome, present FROM downloads")
    assert [tuple(download.values()) for download in downloads] == [
        ("coverphotos", 0, "ok", 1),
        ("photos", 1, "ok", 1),
        ("photos", 2, "untried", 0),
    ]
    assert row(database, "SELECT slide_count, download_timestamp AS time FROM tiktoks") == {
        "slide_count": 2,
        "time": None,
    }

    corpus.add_download("photos", f"{ID}/2", downloaded_at=FETCHED_AT + 3)
    assert row(corpus.database(), "SELECT download_timestamp AS time FROM tiktoks") == {
        "time": FETCHED_AT + 3
    }


def test_ids_of_20_digits_are_kept_and_sorted_as_numbers(corpus):
    ids = ["9", "100", post_id(1), "18446744073709551616", "99999999999999999999"]
    corpus.add_info("a.json", [info(id) for id in reversed(ids)])
    found = rows(corpus.database(), "SELECT id, typeof(id) AS type FROM tiktoks ORDER BY number")
    assert found == [{"id": id, "type": "text"} for id in ids]


@pytest.mark.parametrize(
    ("description", "tags"),
    [
        ("#fyp#hun #FYP, (#a_1) ##b", ["a_1", "b", "fyp", "hun"]),
        ("#हिन्दी #日本語 #fypシ #été", ["fypシ", "été", "हिन्दी", "日本語"]),
        ("# #️⃣ 50# #😀", ["😀"]),
        (None, []),
    ],
)
def test_hashtags(corpus, description, tags):
    corpus.add_info("a.json", [info(ID, description=description)])
    assert [found["tag"] for found in rows(corpus.database(), "SELECT tag FROM hashtags")] == tags


def test_mentions(corpus):
    description = "@A.b_c. me@example.com #duet @a.b_c's cat (@Zoë) @ @..."
    corpus.add_info("a.json", [info(ID, description=description)])
    found = rows(corpus.database(), "SELECT username FROM mentions")
    assert [mention["username"] for mention in found] == ["a.b_c", "zoë"]


def test_a_download_row_repeats_its_receipt(corpus):
    corpus.add_info("a.json", [info(ID)])
    facts = {
        "format": "mp4",
        "width": 576,
        "height": 1024,
        "duration_s": 15,
        "video_codec": "h264",
        "audio_codec": None,
        "has_audio": False,
    }
    corpus.add_download(
        "videos",
        ID,
        host="v16.example.com",
        http_status=200,
        size_bytes=5,
        sha256="ab",
        facts=facts,
    )
    video = row(corpus.database(), "SELECT * FROM downloads WHERE kind = 'videos'")
    assert video == facts | {
        "id": ID,
        "kind": "videos",
        "number": 0,
        "outcome": "ok",
        "reason": "",
        "present": 1,
        "attempts": 1,
        "http_status": 200,
        "host": "v16.example.com",
        "size_bytes": 5,
        "sha256": "ab",
        "downloaded_at": FETCHED_AT,
        "link_expires_at": 1669985936,
    }


@pytest.mark.parametrize(
    "link",
    [
        "blob:https://www.tiktok.com/0",
        "https://www.tiktok.com/@maker/video/1?is_copy_url=1",
        None,
        "",
    ],
)
def test_a_link_that_can_never_be_fetched_is_rejected_without_a_receipt(corpus, link):
    corpus.add_info("a.json", [info(ID, **{"video-src": link})])
    query = "SELECT outcome, reason, attempts, present FROM downloads WHERE kind = 'videos'"
    found = row(corpus.database(), query)
    assert found.pop("reason")
    assert found == {"outcome": "rejected", "attempts": 0, "present": 0}


def test_every_download_has_a_row_also_without_a_request(corpus):
    corpus.add_info("a.json", [info(ID, **{"coverphoto-src": "https://p16.example.com/1.jpeg"})])
    cover, video = rows(corpus.database(), "SELECT * FROM downloads ORDER BY kind")
    assert (cover["kind"], cover["outcome"]) == ("coverphotos", "untried")
    assert cover["reason"] == "no run has requested it yet"
    assert (video["kind"], video["outcome"]) == ("videos", "untried")
    assert (
        video["reason"] == "no run has requested it; the link works until 2022-12-02 at 12:58 UTC"
    )
    assert (video["host"], video["link_expires_at"]) == ("v16.example.com", 1669985936)
    assert [video[name] for name in ("present", "attempts", "http_status")] == [0, 0, None]


def test_only_tiktoks_with_video_and_cover_are_complete(corpus):
    ids = fill(corpus)
    (corpus.folder / f"coverphotos/{ids[0]}.jpg").write_bytes(b"")
    (corpus.folder / f"videos/{ids[1]}.mp4").unlink()
    database = corpus.database()
    assert [c["id"] for c in rows(database, "SELECT id FROM complete_tiktoks")] == ids[2:-1]
    query = "SELECT id FROM downloads WHERE outcome = 'ok' AND NOT present ORDER BY id"
    assert [lost["id"] for lost in rows(database, query)] == ids[:2]


def test_cover_texts_tell_unreadable_from_wordless_from_missing(corpus):
    ids = [post_id(number) for number in range(3)]
    corpus.add_info("a.json", [info(id) for id in ids])
    for id in ids[:2]:
        corpus.add_download("coverphotos", id)
    corpus.add_text("ocr", ids[0], "\n", settings={"psm": 11, "lang": "eng"})
    corpus.add_text("ocr", ids[1], "", reason="cut")
    database = corpus.database()
    found = rows(database, "SELECT coverphoto_ocr FROM tiktoks ORDER BY id")
    assert [text["coverphoto_ocr"] for text in found] == ["", None, None]
    good, bad = rows(database, "SELECT * FROM texts")
    assert good == {
        "id": ids[0],
        "kind": "ocr",
        "source": None,
        "language": None,
        "engine": "tesseract",
        "version": "5.3.0",
        "settings": '{"lang": "eng", "psm": 11}',
        "outcome": "ok",
        "reason": "",
        "characters": 0,
        "duration_s": None,
        "speech_s": None,
    }
    assert (bad["outcome"], bad["reason"], bad["characters"]) == ("unreadable", "cut", None)


def test_placeholders_leave_no_trace(corpus):
    """A placeholder that was there during the build of the database makes no difference."""
    corpus.add_info("a.json", [info(ID)])
    corpus.add_download("coverphotos", ID, b"", outcome="gone", downloaded_at=None)
    corpus.add_text("ocr", ID, "", reason="The file is empty.")
    during_the_run = corpus.database().read_bytes()
    remove_placeholders(corpus.folder)
    assert corpus.database().read_bytes() == during_the_run
    left = {str(file.relative_to(corpus.folder)) for file in corpus.folder.rglob("*.*")}
    assert left == {"info/a.json", f"receipts/coverphotos/{ID}.json", "tiktoks.db"}


def test_the_text_of_a_cover_that_was_lost_says_how_it_came_about(corpus):
    corpus.add_info("a.json", [info(ID)])
    corpus.add_download("coverphotos", ID)
    corpus.add_text("ocr", ID, "FOLD\n")
    (corpus.folder / f"coverphotos/{ID}.jpg").unlink()
    assert row(corpus.database(), "SELECT engine FROM texts") == {"engine": "tesseract"}


def test_older_scrapes_are_kept_as_observations(corpus):
    old = info(ID, description="old", **{"scrape-timestamp": SCRAPED_AT - 60, "like-count": "7"})
    corpus.add_info("a.json", [info(ID, description="new")])
    corpus.add_info("b.json", [info(post_id(2)), old])
    database = corpus.database()
    assert row(database, "SELECT description FROM tiktoks WHERE id = ?", ID)["description"] == "new"
    observation = row(database, "SELECT * FROM observations WHERE NOT is_newest")
    assert json.loads(observation.pop("info")) == old
    assert observation == {
        "id": ID,
        "source_file": f"{corpus.folder.name}/info/b.json",
        "source_record": 2,
        "scrape_timestamp": SCRAPED_AT - 60,
        "is_newest": 0,
    }
    newest = row(database, "SELECT info FROM observations WHERE is_newest")
    assert json.loads(newest["info"]) == info(ID, description="new")


def test_search_finds_each_kind_of_text_and_shows_where(corpus):
    record = info(
        ID,
        description="aeroplane",
        comments=[comment("wonderful kites"), comment("and birds")],
        **{"music-title": "gliding"},
    )
    corpus.add_info("a.json", [record, info(post_id(2), comments=[], description="nothing")])
    corpus.add_text("ocr", ID, "FOLDED paper\n")
    corpus.add_text("speech", ID, "first you crease it")
    database = corpus.database()
    query = (
        "SELECT id, snippet(search, -1, '[', ']', '…', 4) AS text FROM search WHERE search MATCH ?"
    )
    for word, snippet in {
        "aeroplanes": "[aeroplane]",
        "bird": "wonderful kites\nand [birds]",
        "glide": "[gliding]",
        "fold": "[FOLDED] paper",
        "creased": "first you [crease] it",
        "comments:kite": "wonderful [kites]\nand birds",
    }.items():
        assert row(database, query, word) == {"id": ID, "text": snippet}
    assert len(rows(database, query, "maker")) == 2
    assert rows(database, query, "kitchen") == []


HOSTILE = {
    "right to left": "\u202eabc\u2066 שלום",
    "a megabyte": "fold " * 200_000,
    "quotes": "'); DROP TABLE tiktoks; --\"",
    "line ends": "a\r\nb\u2028c\x85d\t",
    "emoji": "👨‍👩‍👧‍👦🏳️‍🌈",
    "spaces": "  as scraped \n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_stored_as_scraped(corpus, text):
    fields = dict.fromkeys(("description", "creator-nickname", "music-title"), text)
    corpus.add_info("a.json", [info(ID, comments=[comment(text)], **fields)])
    database = corpus.database()
    found = row(database, "SELECT description, creator_nickname, music_title FROM tiktoks")
    assert set(found.values()) == {text}
    assert row(database, "SELECT comment_text FROM comments") == {"comment_text": text}


def test_text_that_sqlite_cannot_store_is_replaced(corpus):
    text = "a\0b\ud83dc"
    corpus.add_info("a.json", [info(ID, description=text, comments=[comment(text)])])
    corpus.add_text("ocr", ID, "a\0b\n")
    corpus.add_text("speech", ID, "a\0b\n")
    database = corpus.database()
    found = row(
        database,
        "SELECT description, speech_to_text, coverphoto_ocr, comment_text "
        "FROM tiktoks JOIN comments ON video_id = id",
    )
    assert list(found.values()) == [
        "a\ufffdb\ufffdc",
        "a\ufffdb",
        "a\ufffdb",
        "a\ufffdb\ufffdc",
    ]


def test_an_odd_receipt_does_not_stop_the_build(corpus):
    ids = [post_id(number) for number in range(4)]
    corpus.add_info("a.json", [info(id) for id in ids])
    corpus.add_download(
        "videos",
        ids[0],
        facts={"duration_s": float("nan"), "width": 2**70, "has_audio": "yes", "format": ["mp4"]},
    )
    corpus.add_download("videos", ids[1], outcome="splendid")
    receipts = corpus.folder / "receipts/ocr"
    receipts.mkdir(parents=True)
    for id, content in zip(ids, ("[]", "{", '{"outcome": "fine"}', "\xff"), strict=True):
        (receipts / f"{id}.json").write_text(content, encoding="latin-1")
    database = corpus.database()
    assert len(rows(database, "SELECT id FROM tiktoks")) == 4
    videos = rows(database, "SELECT * FROM downloads WHERE kind = 'videos' ORDER BY id")
    odd = ("duration_s", "width", "has_audio", "format")
    assert [videos[0][name] for name in odd] == [None] * len(odd)
    assert [video["outcome"] for video in videos] == ["ok", *["untried"] * 3]
    assert rows(database, "SELECT * FROM texts") == []


@pytest.mark.parametrize(
    "change",
    [
        {"attempts": None},
        {"attempts": "1"},
        {"attempts": True},
        {"attempts": -1},
        {"size_bytes": 2**63},
        {"downloaded_at": 1.5},
        {"not_before": "2022-12-02"},
        {"reason": None},
        {"sha256": 7},
        {"facts": ["none"]},
        {"outcome": "splendid"},
        {"outcome": "ok\n"},
        {"unheard": "of"},
    ],
    ids=str,
)
def test_a_receipt_with_wrong_values_is_ignored(corpus, change):
    corpus.add_download("videos", ID)
    path = corpus.folder / f"receipts/videos/{ID}.json"
    assert read_receipt(path).downloaded_at == FETCHED_AT
    path.write_text(json.dumps(json.loads(path.read_bytes()) | change), encoding="utf-8")
    assert read_receipt(path) is None


def test_a_receipt_of_the_first_version_names_no_software(corpus):
    corpus.add_download("videos", ID)
    path = corpus.folder / f"receipts/videos/{ID}.json"
    receipt = json.loads(path.read_bytes())
    del receipt["software"]
    path.write_text(json.dumps(receipt), encoding="utf-8")
    assert read_receipt(path).software is None


BUILD = """
import sys
from pathlib import Path
from tests.support.small_corpus import Corpus
Corpus(Path(sys.argv[1])).database(Path(sys.argv[2]))
"""


def test_the_same_inputs_give_the_same_bytes(corpus, tmp_path):
    fill(corpus, posts=40)
    first = corpus.database(tmp_path / "first.db").read_bytes()
    again = tmp_path / "elsewhere" / "again.db"
    surroundings = {
        **os.environ,
        "TZ": "Asia/Tokyo",
        "PYTHONHASHSEED": "7",
        "LC_ALL": "C",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
    }
    build = [sys.executable, "-c", BUILD, corpus.folder, again]
    subprocess.run(build, env=surroundings, check=True)
    assert again.read_bytes() == first
    assert [file.name for file in again.parent.iterdir()] == ["again.db"]


def test_rebuilding_replaces_the_old_database_in_one_step(corpus):
    fill(corpus, posts=3)
    database = corpus.database()
    with closing(open_database(database)) as reader:
        corpus.add_info("c.json", [info(post_id(50))])
        corpus.database()
        assert reader.execute("SELECT count(*) FROM tiktoks").fetchone() == (3,)
    assert row(database, "SELECT count(*) AS n FROM tiktoks") == {"n": 4}


def test_content_hash_is_of_the_contents_and_not_of_the_layout(corpus, tmp_path):
    fill(corpus)
    database = corpus.database()
    original = content_hash(database)
    other = tmp_path / "other.db"
    shutil.copy(database, other)
    with closing(sqlite3.connect(other)) as db:
        db.execute("PRAGMA page_size = 8192")
        db.execute("VACUUM")
        db.execute("INSERT INTO search (search) VALUES ('rebuild')")
        db.commit()
    assert other.read_bytes() != database.read_bytes()
    assert content_hash(other) == original


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tiktoks SET description = description || ' ' WHERE number = 2",
        "UPDATE tiktoks SET coverphoto_ocr = '' WHERE coverphoto_ocr IS NULL",
        "UPDATE comments SET like_count = like_count + 1 WHERE position = 2",
        "DELETE FROM observations",
        "UPDATE texts SET version = '5.3.1'",
        "UPDATE downloads SET duration_s = 15.250000000000002",
        "INSERT INTO mentions SELECT id, 'x', null FROM tiktoks LIMIT 1",
        "PRAGMA user_version = 99",
    ],
)
def test_content_hash_sees_every_change(corpus, change):
    fill(corpus)
    database = corpus.database()
    original = content_hash(database)
    with closing(sqlite3.connect(database)) as db:
        db.execute(change)
        db.commit()
    assert content_hash(database) != original


def test_the_database_file_is_intact_and_identifies_itself(corpus):
    fill(corpus)
    database = corpus.database()
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        db.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
        assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        tables = db.execute(
            "SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
        assert len(tables) == 17
        for (table,) in tables:
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() > (0,), table  # noqa: S608


def test_the_database_says_which_version_built_it(corpus):
    fill(corpus, posts=2)
    assert row(corpus.database(), "SELECT * FROM build") == {"software": SOFTWARE}


def test_readers_cannot_write(corpus):
    fill(corpus, posts=2)
    with (
        closing(open_database(corpus.database())) as db,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        db.execute("DELETE FROM tiktoks")


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT * FROM comments WHERE video_id = '1' ORDER BY position", "PRIMARY KEY"),
        ("SELECT id FROM hashtags WHERE tag = 'fyp'", "hashtags_by_tag"),
        ("SELECT id FROM mentions WHERE username = 'x'", "mentions_by_username"),
        ("SELECT * FROM tiktoks WHERE creator_username = '@x'", "tiktoks_by_creator"),
        ("SELECT * FROM tiktoks WHERE posted_at BETWEEN 1 AND 2", "tiktoks_by_time"),
        ("SELECT * FROM downloads WHERE outcome = 'gone'", "downloads_by_outcome"),
        ("SELECT * FROM tiktoks WHERE id = '1'", "sqlite_autoindex_tiktoks_1"),
    ],
)
def test_obvious_queries_use_an_index(corpus, query, index):
    corpus.add_info("a.json", [])
    plan = rows(corpus.database(), f"EXPLAIN QUERY PLAN {query}")
    assert len(plan) == 1 and "SEARCH" in plan[0]["detail"] and index in plan[0]["detail"]


def test_the_documentation_names_every_column(corpus):
    corpus.add_info("a.json", [])
    documented = (ROOT / "docs/database.md").read_text(encoding="utf-8")
    columns = rows(
        corpus.database(),
        "SELECT t.name AS table_name, c.name AS column_name "
        "FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c "
        "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'",
    )
    assert columns
    for column in columns:
        section = documented.split(f"## `{column['table_name']}`")[1].split("\n## ")[0]
        assert f"`{column['column_name']}`" in section, column


def test_the_queries_of_the_documentation_run(corpus):
    fill(corpus)
    documented = (ROOT / "docs/database.md").read_text(encoding="utf-8")
    queries = documented.split("```sql\n")[1].split("```")[0].split(";\n")
    results = [rows(corpus.database(), query) for query in queries if query.strip()]
    assert len(results) == 5
    assert len(results[0]) == 5 and not results[1] and all(results[2:])


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="needs the sqlite3 shell")
def test_the_sqlite3_shell_shows_a_documented_schema_and_searches(corpus):
    fill(corpus)
    query = "SELECT id FROM search WHERE search MATCH 'fold' ORDER BY rank LIMIT 1"
    shell = ["sqlite3", "-readonly", corpus.database(), ".schema comments", query]
    shown = subprocess.run(shell, capture_output=True, text=True, check=True).stdout
    assert "-- as on the page, from the top" in shown
    assert shown.splitlines()[-1] == post_id(0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount one")
def test_a_full_disk_stops_the_build_and_keeps_the_old_database(corpus, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=320k", "tmpfs", small]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        corpus.add_info("a.json", [info(ID)])
        database = corpus.database(small / "tiktoks.db")
        old = database.read_bytes()
        corpus.add_info("b.json", [info(post_id(n), description="x" * 5000) for n in range(2, 90)])
        with pytest.raises(StorageError, match="Make room"):
            corpus.database(database)
        assert database.read_bytes() == old
        assert [file.name for file in small.iterdir()] == ["tiktoks.db"]
    finally:
        subprocess.run(["umount", small], check=True)


def test_a_comment_is_not_older_than_its_post(corpus):
    """The site shows only the day of a comment, and midnight is before most posts of that day."""
    comments = [comment(**{"time-posted": shown}) for shown in ("11-30", "12-1", "11-29")]
    corpus.add_info("a.json", [info(ID, comments=comments)])
    found = rows(corpus.database(), "SELECT posted_at FROM comments")
    next_day = POSTED_AT - POSTED_AT % 86_400 + 86_400
    assert [comment["posted_at"] for comment in found] == [POSTED_AT, next_day, POSTED_AT]


def test_the_time_of_a_post_is_in_its_id_if_its_create_time_can_not_be(corpus):
    corpus.add_info("a.json", [info(ID, **{"create-time": 0})])
    assert row(corpus.database(), "SELECT posted_at FROM tiktoks") == {"posted_at": POSTED_AT}


def test_lines_of_a_transcript_have_their_times(corpus):
    corpus.add_info("a.json", [info(ID), info(post_id(2))])
    corpus.add_speech(ID)
    corpus.add_text("speech", post_id(2), "no times are known")
    assert rows(corpus.database(), "SELECT * FROM speech_lines") == [
        {"id": ID, "number": 1, "start_s": 0.0, "end_s": 1.5, "text": "so first"},
        {"id": ID, "number": 2, "start_s": 1.5, "end_s": 3.25, "text": "you fold <it>"},
    ]


def test_posts_with_the_same_sound_are_counted(corpus):
    other = {"music-src": None, "music-title": "other"}
    posts = [info(post_id(1)), info(post_id(2)), info(post_id(3), **other)]
    corpus.add_info("a.json", posts)
    found = rows(corpus.database(), "SELECT * FROM sounds ORDER BY tiktoks DESC")
    dates = {"first_posted_date": "2022-11-30", "last_posted_date": "2022-11-30"}
    sound = {"music_src": info(ID)["music-src"], "music_title": "original sound", "tiktoks": 2}
    assert found[0] == sound | dates
    assert (found[1]["music_src"], found[1]["music_title"], found[1]["tiktoks"]) == (
        None,
        "other",
        1,
    )


def test_values_that_are_not_understood_are_counted_and_shown(corpus, capsys):
    comments = [comment(**{"like-count": "viele", "time-posted": "neulich"}) for _ in range(3)]
    german = {"like-count": "1,2 Mio.", "comment-count": "1,234K"}
    corpus.add_info("a.json", [info(ID, comments=[*comments, comment()], **german)])
    database = corpus.database()
    counts = row(database, "SELECT like_count, comment_count FROM tiktoks")
    assert counts == {"like_count": 1_200_000, "comment_count": None}
    printed = capsys.readouterr().err
    assert "4 counts could not be understood" in printed and "'viele', '1,234K'" in printed
    assert "3 times of comments could not be understood" in printed and "'neulich'" in printed
