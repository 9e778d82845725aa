"""One bad item never costs its neighbours, and other things are not mistaken for posts."""

import json
from dataclasses import replace

import pytest

from scripts.curation.removal import report_rest
from scripts.rawinfo.catalogue import build_catalogue, load_posts, read_posts
from scripts.rawinfo.media_links import choose_links
from scripts.rawinfo.validation import validate
from scripts.store.media_kinds import PHOTOS, VIDEOS
from tests.support.small_corpus import POSTED_AT, SCRAPED_AT, comment, info, post_id

ID = post_id(7)
A, B, C = (f"https://p16.example.com/{letter}" for letter in "abc")
BAD_ITEMS = [None, {}, {"url": None}, {"url": 5}, "text", 5, True, [], {"link": B}, {"URL": B}]


def read(tmp_path, records):
    file = tmp_path / "info.json"
    file.write_text(json.dumps(records))
    problems = []
    return list(read_posts(file, problems.append)), problems


@pytest.mark.parametrize("bad", BAD_ITEMS, ids=json.dumps)
def test_a_bad_slide_costs_no_other_and_they_keep_their_numbers(bad):
    slides = [{"url": A}, bad, {"url": C}]
    record, ((message, _),) = validate(info(ID, photos=slides, **{"video-src": None}))
    links = choose_links(record)
    assert PHOTOS.files(ID, links) == {f"{ID}/1": A, f"{ID}/2": "", f"{ID}/3": C}
    assert VIDEOS.files(ID, links) == {}
    assert "1 of the photos (2) without a link" in message


@pytest.mark.parametrize("bad", BAD_ITEMS, ids=json.dumps)
def test_a_bad_video_link_costs_no_other(bad):
    changes = {"video-src": "blob:https://www.tiktok.com/x", "video-links": [bad, {"url": B}]}
    record, ((message, _),) = validate(info(ID, **changes))
    assert choose_links(record).video == B
    assert "1 of the video-links (1) without a link" in message


@pytest.mark.parametrize("bad", BAD_ITEMS, ids=json.dumps)
def test_a_bad_caption_track_costs_no_other(bad):
    tracks = [{"url": A, "source": "MT"}, bad, {"url": B, "source": "ASR"}]
    record, ((message, _),) = validate(info(ID, captions=tracks))
    assert choose_links(record).captions == B
    assert "1 of the captions (2) without a link" in message


def test_a_caption_track_without_a_link_is_not_preferred():
    tracks = [{"url": "", "source": "LC"}, {"url": B, "source": "ASR"}]
    record, _ = validate(info(ID, captions=tracks))
    assert choose_links(record).captions == B


def test_a_bad_detail_of_an_item_costs_only_itself():
    links = [{"url": B, "codec": 5}]
    record, ((message, _),) = validate(info(ID, **{"video-src": None, "video-links": links}))
    assert [(link.url, link.codec) for link in record.video_links] == [(B, None)]
    assert "1 of the video-links (1) with a field of the wrong type" in message


@pytest.mark.parametrize("bad", [None, True, [], {}, ["c", "d"]], ids=json.dumps)
def test_a_bad_hashtag_costs_no_other(bad):
    record, ((message, _),) = validate(info(ID, hashtags=["a", bad, "b"]))
    assert record.hashtags == ("a", "b")
    assert "1 of the hashtags (2)" in message


def test_hashtags_and_texts_of_other_shapes_are_read():
    record, _ = validate(info(ID, hashtags=["a", 2024, {"name": "b"}], **{"sticker-texts": [7]}))
    assert record.hashtags == ("a", "2024", "b")
    assert record.sticker_texts == ("7",)


@pytest.mark.parametrize("first", [0, 1])
def test_slides_in_an_object_keep_their_numbers(first):
    slides = {str(first): {"url": A}, str(first + 2): {"url": B}}
    record, _ = validate(info(ID, photos=slides))
    assert [slide.url for slide in record.photos] == [A, "", B]
    record, _ = validate(info(ID, photos={"0": {"url": A}, "9" * 19: {"url": B}}))
    assert [slide.url for slide in record.photos] == [A, B]


LINKS = [
    [{"url": A}, {"url": B}],
    {"0": {"url": A}, "1": {"url": B}},
    {"10": {"url": B}, "9": {"url": A}},
    {"en": {"url": A}, "de": {"url": B}},
    [A, B],
    [[{"url": A}], [B]],
]


@pytest.mark.parametrize("links", LINKS, ids=json.dumps)
@pytest.mark.parametrize("key", ["photos", "video-links", "captions"])
def test_a_list_in_another_shape_is_read(key, links):
    record, _ = validate(info(ID, **{key: links}))
    assert [item.url for item in getattr(record, key.replace("-", "_"))] == [A, B]


@pytest.mark.parametrize("value", [A, [A], {"url": A}, [[A]]], ids=json.dumps)
def test_an_item_in_place_of_its_list_is_read(value):
    record, _ = validate(info(ID, photos=value, **{"video-src": [B]}))
    assert ([slide.url for slide in record.photos], record.video_src) == ([A], B)


@pytest.mark.parametrize(
    ("key", "value", "items"),
    [
        ("comments", {"0": {"comment-text": "a"}, "1": {"text": "b"}}, ["a", "b"]),
        ("comments", [{"text": "a"}, None, [{"comment-text": "b"}], [], 5], ["a", "b"]),
        ("comments", {"comment-text": "a"}, ["a"]),
        ("hashtags", {"0": "a", "1": "b"}, ["a", "b"]),
        ("hashtags", "a", ["a"]),
        ("sticker-texts", "a", ["a"]),
        ("mentions", ["@a", {"handle": "b"}], ["a", "b"]),
        ("effects", ["a", {"name": "b"}], ["a", "b"]),
    ],
)
def test_lists_of_texts_and_comments_are_read_in_any_shape(tmp_path, key, value, items):
    (post,), _ = read(tmp_path, [info(ID, **{key: value})])
    (entry,) = build_catalogue([tmp_path / "info.json"]).newest.values()
    for found in (post, *load_posts([replace(entry, older=(entry,))])):
        got = getattr(found, key.replace("-", "_"))
        names = ("comment_text", "handle", "name")
        assert items == [
            item
            if isinstance(item, str)
            else next(filter(None, (getattr(item, n, None) for n in names)))
            for item in got
        ]


def test_a_bad_part_of_a_place_costs_only_itself():
    record, ((message, _),) = validate(info(ID, place={"id": 5, "name": ["x"], "city": "Kiel"}))
    assert (record.place.id, record.place.name, record.place.city) == ("5", None, "Kiel")
    assert "name of the place" in message


def test_bad_items_of_many_lists_are_all_reported():
    changes = {"photos": [None], "captions": [5], "hashtags": [None], "comments": [comment(), 5]}
    record, problems = validate(info(ID, **changes))
    assert len(problems) == 4
    assert len(record.comments) == 1


@pytest.mark.parametrize(
    ("record", "look"),
    [
        ({"id": "1"}, "not a post"),
        ({"id": "1", "foo": 1, "bar": 2}, "its keys: 'id', 'foo', 'bar'"),
        ({"id": "1", "uniqueId": "x", "nickname": "y", "secUid": "z"}, "an account"),
        ({"id": "1", "title": "t", "playUrl": "u", "authorName": "n", "duration": 9}, "a sound"),
        ({"id": "1", "duration": 9, "playAddr": "u", "height": 1}, "a video file"),
        ({"id": "1", "text": "so true", "username": "@x", "language": "en"}, "a comment"),
    ],
)
@pytest.mark.parametrize("id", ["1", "6745191554350760966"])  # accounts have ids like posts
def test_an_object_with_only_an_id_is_not_raw_info(tmp_path, record, look, id):
    posts, (problem,) = read(tmp_path, [record | {"id": id}, info(ID)])
    assert [post.id for post in posts] == [ID]
    assert "not raw info" in problem.message and look in problem.message
    assert problem.record == 1


def test_null_in_the_fields_of_a_post_does_not_make_it_another_thing(tmp_path):
    posts, problems = read(tmp_path, [{"id": "1", "video-src": None}])
    assert ([post.id for post in posts], problems) == (["1"], [])


ACCOUNT = {"id": "11", "nickname": "n", "uniqueId": "u"}
SOUND = {"id": "12", "title": "t", "authorName": "n"}


def test_members_of_a_single_object_do_not_count_as_posts(tmp_path):
    posts, (problem,) = read(tmp_path, {"author": ACCOUNT, "music": SOUND})
    assert posts == []
    assert "no id" in problem.message


def test_a_lone_post_of_the_site_is_one_post(tmp_path):
    lone = {"author": ACCOUNT, "music": SOUND, "id": ID, "desc": "d"}
    posts, problems = read(tmp_path, lone)
    assert ([post.id for post in posts], problems) == ([ID], [])


def test_a_bad_member_of_a_merged_corpus_costs_no_neighbours(tmp_path):
    merged = {"5": None, "6": SOUND, ID: info(ID), "music": SOUND, "version": 2}
    posts, problems = read(tmp_path, merged)
    assert [post.id for post in posts] == [ID]
    null, sound, others = (problem.message for problem in problems)
    assert "it is null" in null and "a sound" in sound
    assert "'music', 'version' next to the records" in others


TRUE_ID = "7171736390860812345"
PERMALINK = f"https://www.tiktok.com/@maker/video/{TRUE_ID}?is_copy_url=1"


@pytest.mark.parametrize(
    ("id", "words"),
    [
        (7171736390860812000, "differs from the one in its permalink, 7171736390860812345"),
        ("7171736390860812000", "it was rounded"),
        ("7171736390860810000", "it was rounded"),
        (
            7171736390860812345.0,
            "not 1-20 digits: it was rounded; the one in its permalink is used",
        ),
        ("7.17174E+18", ": it was rounded"),
        ("7,17174e18", ": it was rounded"),
        (True, "the one in its permalink is used"),
        ([TRUE_ID], "the one in its permalink is used"),
        (None, "the one in its permalink is used"),
        ("", "the one in its permalink is used"),
        ("7171736390860899999", "differs"),
    ],
)
def test_the_permalink_replaces_a_wrong_id(tmp_path, id, words):
    (post,), (problem,) = read(tmp_path, [info(id, permalink=PERMALINK)])
    assert post.id == problem.id == TRUE_ID
    assert words in problem.message
    (entry,) = build_catalogue([tmp_path / "info.json"]).newest.values()
    assert [loaded.id for loaded in load_posts([entry])] == [TRUE_ID]


@pytest.mark.parametrize(
    "address",
    [
        f"https://www.tiktok.com/@maker/photo/{TRUE_ID}",
        f"https://m.tiktok.com/v/{TRUE_ID}.html",
        f"https://www.tiktokv.com/share/video/{TRUE_ID}/",
        f"https://www.tiktok.com/embed/v2/{TRUE_ID}",
        f"https://www.tiktok.com/player/v1/{TRUE_ID}?autoplay=1",
        f"https://www.tiktok.com/@maker?share_item_id={TRUE_ID}",
        f"https:\\/\\/www.tiktok.com\\/@maker\\/video\\/{TRUE_ID}",
        f"https%3A%2F%2Fwww.tiktok.com%2F%40maker%2Fvideo%2F{TRUE_ID}",
        f"/@maker/video/{TRUE_ID}",
    ],
)
def test_an_id_that_is_only_in_the_permalink_is_found(tmp_path, address):
    record = info(ID, permalink=address)
    del record["id"]
    (post,), (problem,) = read(tmp_path, [record])
    assert post.id == TRUE_ID
    assert "it has no id; the one in its permalink is used" in problem.message


@pytest.mark.parametrize("key", ["video-src", "url", "share-url"])
def test_an_id_that_is_only_in_another_link_is_found(tmp_path, key):
    address = f"https://www.tiktok.com/@maker/video/{TRUE_ID}?is_copy_url=1"
    record = info(None, permalink=None, **{key: address})
    (post,), (problem,) = read(tmp_path, [record])
    assert post.id == TRUE_ID
    assert f"the one in its {key} is used" in problem.message


@pytest.mark.parametrize(
    "id",
    [
        f" {TRUE_ID}\n",
        f"'{TRUE_ID}",
        f"\u200b{TRUE_ID}\u00a0",
        f"{TRUE_ID}.0",
        "".join(chr(0x660 + int(digit)) for digit in TRUE_ID),
        f"https://www.tiktok.com/@maker/photo/{TRUE_ID}",
    ],
)
def test_an_id_is_read_whatever_a_program_put_around_it(tmp_path, id):
    (post,), problems = read(tmp_path, [info(id, permalink=None)])
    assert (post.id, problems) == (TRUE_ID, [])
    (entry,) = build_catalogue([tmp_path / "info.json"]).newest.values()
    assert [loaded.id for loaded in load_posts([entry])] == [TRUE_ID]


def test_the_address_of_another_site_names_no_tiktok(tmp_path):
    address = "https://example.org/tiktok.com/video/123456789012345"
    (post,), problems = read(tmp_path, [info(TRUE_ID, permalink=address)])
    assert (post.id, problems) == (TRUE_ID, [])


@pytest.mark.parametrize("id", [7171736390860812000, "7171736390860000000", "717173639086081000"])
def test_a_rounded_id_without_a_permalink_is_reported(tmp_path, id):
    (post,), (problem,) = read(tmp_path, [info(id, permalink=None)])
    assert post.id == str(id)
    assert "looks rounded" in problem.message


@pytest.mark.parametrize("id", ["1000", TRUE_ID, "7171736390860812340", "7171736390860812300"])
def test_other_ids_are_not_reported(tmp_path, id):
    _, problems = read(tmp_path, [info(id, permalink=None)])
    assert problems == []


def test_an_id_that_is_confirmed_by_the_permalink_may_end_in_zeros(tmp_path):
    id = "7171736390860812000"
    (post,), problems = read(tmp_path, [info(id)])
    assert (post.id, problems) == (id, [])


def test_removal_finds_a_record_by_the_id_that_it_goes_by(tmp_path):
    (tmp_path / "info").mkdir()
    read(tmp_path / "info", [info(7171736390860812000, permalink=PERMALINK)])
    assert len(report_rest(tmp_path, frozenset({TRUE_ID}), None)) == 1


@pytest.mark.parametrize(
    "time",
    [0, "0", 0.0, 1, 1451606399, SCRAPED_AT + 3 * 86_400, 4102444800],
)
def test_an_impossible_create_time_is_ignored(tmp_path, time):
    (post,), (problem,) = read(tmp_path, [info(ID, **{"create-time": time})])
    assert post.create_time is None
    assert "create-time" in problem.message


@pytest.mark.parametrize("time", [1451606400, POSTED_AT, str(POSTED_AT), SCRAPED_AT + 3600])
def test_a_time_that_can_be_is_one(tmp_path, time):
    (post,), problems = read(tmp_path, [info(ID, **{"create-time": time})])
    assert (post.create_time, problems) == (float(time), [])


def test_a_comment_was_not_made_before_its_post_nor_after_the_scrape(tmp_path):
    times = [0, POSTED_AT - 1, POSTED_AT, POSTED_AT + 60, SCRAPED_AT + 3 * 86_400, None]
    comments = [comment(**{"create-time": time}) for time in times]
    comments.append(comment(replies=[comment(**{"create-time": 0})]))
    (post,), (problem,) = read(tmp_path, [info(ID, comments=comments)])
    kept = [comment.create_time for comment in post.comments]
    assert kept == [None, None, POSTED_AT, POSTED_AT + 60, None, None, None]
    assert post.comments[-1].replies[0].create_time is None
    assert "4 of the comments (1, 2, 5, 7) with a create-time" in problem.message
