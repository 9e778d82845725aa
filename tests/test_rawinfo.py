"""Raw info in every dialect and every state of damage."""

import codecs
import json
import os
import re
import tempfile
import tracemalloc
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.errors import RawInfoError
from scripts.rawinfo.catalogue import build_catalogue, json_schema, load_posts, read_posts
from scripts.rawinfo.json_stream import CHUNK_BYTES
from scripts.rawinfo.problems import Problem

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
REAL = [*sorted(SHARED.glob("raw-info/*.json")), *SHARED.glob("retrieval/info.json")]
DEMO = sorted((ROOT / "demo").glob("**/info/*.json"))

SECOND_DIALECT = {
    "video-src": "https://v16.example.com/a.mp4?expire=1669985936",
    "coverphoto-src": "https://p16.example.com/a.jpeg?x-expires=1669982400",
    "permalink": "https://www.tiktok.com/@maker/video/7171915622962351935",
    "web-id": "7279568107143392123",
    "id": "7171915622962351935",
    "like-count": "22.6K",
    "comment-count": "113",
    "creator-username": "@maker",
    "creator-nickname": "Maker 🎈",
    "timeposted": "1d ago",
    "music-title": "original sound",
    "music-src": "https://www.tiktok.com/music/original-sound-1",
    "description": "Größe #fyp",
    "comments": [
        {
            "commenter-username": "@viewer",
            "comment-text": "so true 👏",
            "time-posted": "5h ago ",
            "like-count": "2888",
            "replies-count": "6",
        }
    ],
    "scrape-timestamp": 1669964598.434,
}
THIRD_DIALECT = {
    "time-posted" if key == "timeposted" else key: value for key, value in SECOND_DIALECT.items()
}
FIRST_NAMES = {
    "creator-username": "username",
    "creator-nickname": "nickname",
    "timeposted": "posted",
    "commenter-username": "username",
    "comment-text": "text",
    "time-posted": "time",
}


def in_first_dialect(record):
    named = {FIRST_NAMES.get(key, key): value for key, value in record.items()}
    if "comments" in named:
        named["comments"] = [in_first_dialect(comment) for comment in named["comments"]]
    return named


FIRST_DIALECT = in_first_dialect(SECOND_DIALECT)


def write(folder, content, name="info.json"):
    path = Path(folder) / name
    if not isinstance(content, bytes):
        content = content if isinstance(content, str) else json.dumps(content)
        content = content.encode()
    path.write_bytes(content)
    return path


def read(path):
    problems = []
    posts = list(read_posts(path, problems.append))
    return posts, problems


def read_content(folder, content):
    return read(write(folder, content))


@pytest.mark.parametrize("record", [FIRST_DIALECT, SECOND_DIALECT, THIRD_DIALECT])
def test_dialects_give_the_same_post(tmp_path, record):
    (post,), problems = read_content(tmp_path, [record])
    assert not problems
    assert post.info == record
    assert post.id == "7171915622962351935"
    assert (post.creator_username, post.creator_nickname) == ("@maker", "Maker 🎈")
    assert (post.time_posted, post.like_count, post.comment_count) == ("1d ago", "22.6K", "113")
    assert post.description == "Größe #fyp"
    assert post.video_src == SECOND_DIALECT["video-src"]
    assert post.coverphoto_src == SECOND_DIALECT["coverphoto-src"]
    assert (post.music_title, post.music_src) == (record["music-title"], record["music-src"])
    assert (post.web_id, post.permalink) == (record["web-id"], record["permalink"])
    assert post.scrape_timestamp == 1669964598.434
    (comment,) = post.comments
    assert (comment.commenter_name, comment.comment_text) == ("@viewer", "so true 👏")
    assert (comment.time_posted, comment.like_count) == ("5h ago ", "2888")
    assert comment.replies_count == "6"


def test_a_merged_corpus_is_read_like_a_list(tmp_path):
    merged = {id: {"id": id, "video-src": "x"} for id in ("3", "1")}
    posts, problems = read_content(tmp_path, merged)
    assert [post.id for post in posts] == ["3", "1"]
    assert [post.info for post in posts] == list(merged.values())
    assert not problems


def test_a_merged_corpus_that_files_a_record_under_another_id_is_reported(tmp_path):
    posts, (problem,) = read_content(tmp_path, {"5": {"id": "6", "comments": []}})
    assert [post.id for post in posts] == ["6"]
    assert "'5'" in problem.message and problem.id == "6"


def test_a_problem_names_file_record_id_and_remedy():
    problem = Problem("data/info/b.json", 17, "7155", "no text", "Scrape again")
    assert str(problem) == "data/info/b.json, record 17 (id 7155): no text. Scrape again."


@pytest.mark.parametrize("content", ["[]", "{}", " [ \r\n\t] \n", b"\xef\xbb\xbf[]"])
def test_a_file_without_records_is_fine(tmp_path, content):
    assert read_content(tmp_path, content) == ([], [])


GOOD = '{"id": "1", "description": "ü"}'
GOOD3 = '{"id": "3", "description": "ü"}'
GOOD_RECORD = {"id": "1", "description": "ü"}


@pytest.mark.parametrize(
    ("content", "ids", "place", "words"),
    [
        ("", [], "byte 0, line 1, before any record", "empty"),
        (" \n ", [], "byte 3, line 2, before any record", "empty"),
        (f"[{GOOD}", ["1"], "byte 33, line 1, after record 1, the last good id is 1", "cut"),
        (f"[{GOOD},\n", ["1"], "byte 35, line 2, after record 1", "cut"),
        (f'[{GOOD},\n{{"id": "2", "desc', ["1"], "byte 52, line 2, after record 1", "cut"),
        (f'[{GOOD},\n{{"id": "2", "a": tr', ["1"], "line 2, after record 1", ""),
        (f"[{GOOD},\n]", ["1"], "byte 35, line 2, after record 1", "comma after the last"),
        (f"[{GOOD},\n,{GOOD}]", ["1"], "byte 35, line 2, after record 1", "Expecting value"),
        (f"[{GOOD}\n{GOOD}]", ["1"], "byte 34, line 2, after record 1", "comma or ] is missing"),
        (f"[{GOOD}] x", ["1"], "byte 35, line 1, after record 1", "more after the end"),
        (f"[{GOOD}]\n[{GOOD}] x", ["1", "1"], "after record 2", "more after the end"),
        (f"[{GOOD}][{GOOD}", ["1", "1"], "after record 2", "cut"),
        (f"{GOOD}\n{GOOD}\n{GOOD[:-1]}", ["1", "1"], "byte 66, line 3, after record 2", "cut"),
        (f'{{"1": {GOOD}, 2: {GOOD}}}', ["1"], "after record 1", "name in double quotes"),
        (f'{{"1": {GOOD}, "2" {GOOD}}}', ["1"], "after record 1", "colon"),
        ('"text"', [], "byte 0, line 1, before any record", "neither"),
        ("<html>", [], "byte 0, line 1, before any record", "neither"),
        (f"[{GOOD},{{'id': 2}}]", ["1"], "byte 35, line 1, after record 1", "double quotes"),
        (f"[{GOOD},{{}}\0\0\0\0", ["1"], "byte 36, line 1, after record 2", "comma or ]"),
        (f"[{GOOD}".encode("utf-16"), ["1"], "byte 33, line 1, after record 1", "cut"),
        (f"[{GOOD}]".encode("utf-16-le"), [], "byte 0, line 1, before any record", "UTF-16"),
        (f"[{GOOD}]".encode("utf-32"), [], "byte 0, line 1, before any record", "UTF-16 or UTF-32"),
        (codecs.BOM_UTF8, [], "byte 3, line 1, before any record", "empty"),
        (codecs.BOM_UTF8 + f"[{GOOD}".encode(), ["1"], "byte 36, line 1, after record 1", "cut"),
        (b"[" + GOOD.encode() + b",\n\xff]", ["1"], "byte 35, line 2, after record 1", "not JSON"),
    ],
)
def test_damage_keeps_the_records_before_it(tmp_path, content, ids, place, words):
    path = write(tmp_path, content)
    posts, problems = read(path)
    assert [post.id for post in posts] == ids
    problem = problems[-1]
    assert problem.file == str(path)
    assert place in problem.message
    assert words in problem.message
    assert problem.remedy


@pytest.mark.parametrize(
    "id",
    [
        "",
        "x",
        "../../etc/passwd",
        "1" * 21,
        "9" * 300,
        "٣",
        " 1",
        "1 ",
        "1\n",
        "1\x00",
        "-1",
        "CON",
        -1,
        1.0,
        1e19,
        10**20,
        True,
        None,
        [],
        {},
    ],
)
def test_a_bad_id_costs_its_record_only(tmp_path, id):
    posts, (problem, *_) = read_content(
        tmp_path, [GOOD_RECORD, {"id": id}, {**GOOD_RECORD, "id": "3"}]
    )
    assert [(post.id, post.origin.record) for post in posts] == [("1", 1), ("3", 3)]
    assert (problem.record, problem.id) == (2, None)
    assert "is not 1-20 digits" in problem.message
    assert len(problem.message) < 500 and "\n" not in problem.message


@pytest.mark.parametrize("record", ["{}", "null", "5", "1.5", '"x"', "[]", "true", '{"ID": "1"}'])
def test_other_values_than_records_are_reported(tmp_path, record):
    posts, (problem,) = read_content(tmp_path, f'[{record}, {{"id": "2", "comments": []}}]')
    assert [post.id for post in posts] == ["2"]
    assert problem.record == 1


def test_integer_ids_of_any_length_stay_exact(tmp_path):
    posts, problems = read_content(
        tmp_path,
        '[{"id": 7171915622962351935, "comments": []},'
        ' {"id": 99999999999999999999, "comments": []}]',
    )
    assert [post.id for post in posts] == ["7171915622962351935", "99999999999999999999"]
    assert not problems


def test_a_field_of_the_wrong_type_is_null_and_the_rest_is_kept(tmp_path):
    record = {**SECOND_DIALECT, "description": ["a"], "timeposted": 3, "like-count": True}
    (post,), problems = read_content(tmp_path, [record])
    assert (post.description, post.time_posted, post.like_count) == (None, None, None)
    assert post.creator_username == "@maker"
    assert len(post.comments) == 1
    assert post.info == record
    assert {problem.message.split()[0] for problem in problems} == {
        "description",
        "timeposted",
        "like-count",
    }
    assert all(problem.id == post.id for problem in problems)


def test_counts_may_be_numbers(tmp_path):
    comment = {"comment-text": "a", "like-count": 2, "replies-count": 0}
    record = {"id": "1", "like-count": 22600, "comment-count": 1.5, "comments": [comment]}
    (post,), problems = read_content(tmp_path, [record])
    assert (post.like_count, post.comment_count) == ("22600", "1.5")
    assert (post.comments[0].like_count, post.comments[0].replies_count) == ("2", "0")
    assert not problems


def test_null_is_fine_everywhere_but_in_the_id(tmp_path):
    nothing = {**dict.fromkeys(SECOND_DIALECT), "id": "1"}
    (post,), problems = read_content(tmp_path, [nothing])
    assert post.comments == () and post.description is None
    assert not problems


def test_a_bad_comment_is_left_out_and_the_others_are_kept(tmp_path):
    good = {"comment-text": "a"}
    comments = [good, "x", None, {}, {"comment-text": []}, {"text": "b", "like-count": [1]}]
    (post,), problems = read_content(tmp_path, [{"id": "1", "comments": comments}])
    assert [(c.comment_text, c.like_count) for c in post.comments] == [("a", None), ("b", None)]
    left_out, nulled = problems
    assert "4 of the comments (2, 3, 4, 5)" in left_out.message
    assert "1 of the comments (6)" in nulled.message
    assert post.info["comments"] == comments


@pytest.mark.parametrize("comments", ["x", {"a": "b"}, 5, True])
def test_comments_that_are_not_a_list_are_reported(tmp_path, comments):
    (post,), (problem,) = read_content(tmp_path, [{"id": "1", "comments": comments}])
    assert post.comments == ()
    assert "comments" in problem.message


def test_a_bad_reply_is_left_out_and_the_others_are_kept(tmp_path):
    replies = [{"comment-text": "yes"}, "no comment", {"comment-text": "no", "like-count": []}]
    comments = [{"comment-text": "really?", "replies": replies}, {"comment-text": "who knows"}]
    (post,), (problem,) = read(write(tmp_path, [{"id": "1", "comments": comments}]))
    assert [comment.comment_text for comment in post.comments] == ["really?", "who knows"]
    assert [(r.comment_text, r.like_count) for r in post.comments[0].replies] == [
        ("yes", None),
        ("no", None),
    ]
    assert "(1)" in problem.message


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("captions", "a.example/1.vtt"),
        ("video-links", {"link": "https://a.example/1.mp4"}),
        ("hashtags", 5),
        ("play-count", -1),
        ("like-count-exact", True),
        ("create-time", "yesterday"),
        ("duration", []),
    ],
)
def test_an_extra_of_the_wrong_type_is_reported_and_the_rest_is_kept(tmp_path, field, bad):
    info = {"id": "1", "description": "d", field: bad}
    (post,), (problem,) = read(write(tmp_path, [info]))
    assert post.description == "d"
    assert not getattr(post, field.replace("-", "_"))
    assert problem.message.startswith(field)


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [("1669964598", 1669964598), ("1669964598.5", 1669964598.5), ("0", 0), ("null", None)],
)
def test_scrape_times_may_be_text(tmp_path, stamp, seconds):
    for written in (stamp, f'"{stamp}"') if stamp != "null" else (stamp,):
        (post,), problems = read_content(
            tmp_path, f'[{{"id": "1", "scrape-timestamp": {written}}}]'
        )
        assert post.scrape_timestamp == seconds
        assert not problems


@pytest.mark.parametrize(
    "stamp",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-1",
        "1669964598434",
        "true",
        '"nan"',
        '"x"',
        '""',
        "[]",
        "1" + "0" * 400,
        '"1e999"',
    ],
)
def test_an_impossible_scrape_time_is_null_and_reported(tmp_path, stamp):
    (post,), problems = read_content(tmp_path, f'[{{"id": "1", "scrape-timestamp": {stamp}}}]')
    assert post.scrape_timestamp is None
    assert len(problems) == 1
    json.dumps(post.info, allow_nan=False)


def test_duplicated_keys_are_reported_and_the_last_one_counts(tmp_path):
    content = '[{"id": "1", "description": "a", "description": "b"}]'
    (post,), (problem,) = read_content(tmp_path, content)
    assert post.description == "b"
    assert "'description' occurs twice" in problem.message and "byte 1, line 1" in problem.message


@pytest.mark.parametrize(
    "escape",
    [
        rb"\ud83d",
        rb"\ude00",
        rb"\uDE00\uD83D",
        rb"\ud83d\ud83d\ude00",
        rb"\u0000",
        b"\x00",
        b"\xff",
        b"\xed\xa0\xbd",
        b"\xc3",
    ],
)
def test_characters_that_are_not_text_are_replaced_and_the_record_is_used(tmp_path, escape):
    content = b'[\n{"id": "1", "description": "a%sb", "x%s": 1}, {"id": "2", "comments": []}]' % (
        escape,
        escape,
    )
    path = write(tmp_path, content)
    (post, other), problems = read(path)
    assert re.fullmatch("a\ufffd+😀?b", post.description)
    assert "\0" not in json.dumps(post.info, ensure_ascii=False).encode().decode()
    messages = [problem.message for problem in problems]
    assert "'description' contained NUL or invalid Unicode" in messages[0] + messages[1]
    assert all("byte 2, line 2" in message for message in messages)
    assert content[other.origin.start : other.origin.end] == b'{"id": "2", "comments": []}'
    assert list(load_posts(build_catalogue([path]).newest.values())) == [post, other]


@pytest.mark.parametrize("text", [r"\ud83d\ude00", r"\\ud83d", r"\\u0000", "😀", "a\tb\nc"])
def test_real_text_is_not_changed(tmp_path, text):
    (post,), problems = read_content(tmp_path, f'[{{"id": "1", "description": "{text}"}}]')
    assert post.description == text.replace(r"\ud83d\ude00", "😀").replace("\\\\", "\\")
    assert not problems


@pytest.mark.parametrize("depth", [99, 500, 200_000])
@pytest.mark.parametrize("brackets", [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_costs_its_record_only(tmp_path, depth, brackets):
    opening, closing = brackets
    deep = opening * depth + "1" * (opening != "[") + closing * depth
    posts, problems = read_content(
        tmp_path, f'[{GOOD}, {{"id": "2", "duration": 1, "comments": [], "x": {deep}}}, {GOOD3}]'
    )
    if depth == 99:
        assert [post.id for post in posts] == ["1", "2", "3"]
    else:
        assert [post.id for post in posts] == ["1", "3"]
        assert "nested" in problems[0].message and problems[0].record == 2


def test_a_number_of_thousands_of_digits_costs_its_record_only(tmp_path):
    posts, (problem,) = read_content(tmp_path, f'[{GOOD}, {{"a": [{"1" * 5000}]}}, {GOOD3}]')
    assert [post.id for post in posts] == ["1", "3"]
    assert "digits" in problem.message


@pytest.mark.parametrize("endless", ['{"a": "', "[" * 1000 + '"', "1"])
def test_a_record_without_end_is_given_up(tmp_path, endless):
    path = tmp_path / "info.json"
    with path.open("w") as file:
        file.write('[{"id": "1", "comments": []}, ' + endless)
        for _ in range(65):
            file.write("1" * 1_000_000)
    posts, (problem,) = read(path)
    assert [post.id for post in posts] == ["1"]
    assert "after record 1" in problem.message and "byte 30" in problem.message


def test_a_file_that_cannot_be_opened_is_reported(tmp_path):
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
    os.mkfifo(tmp_path / "pipe.json")
    good = write(tmp_path, [{"id": "1", "comments": []}], "z.json")
    bad = [tmp_path / name for name in ("folder.json", "loop.json", "none.json", "pipe.json", "\0")]
    catalogue = build_catalogue([*bad, good])
    assert list(catalogue.newest) == ["1"]
    assert {problem.file for problem in catalogue.problems} == set(map(str, bad))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_reported(tmp_path):
    path = write(tmp_path, [{"id": "1", "comments": []}])
    path.chmod(0)
    posts, (problem,) = read(path)
    assert not posts and "permission" in str(problem).lower()


def test_a_flood_of_problems_is_cut_short_and_counted(tmp_path):
    posts, problems = read_content(tmp_path, [1] * 1500 + [{"id": "1", "comments": []}])
    assert len(posts) == 1
    assert len(problems) == 1001
    assert "500 more problems" in problems[-1].message


def test_the_newest_scrape_wins_and_the_others_are_kept(tmp_path):
    def record(id, stamp, text):
        return {"id": id, "scrape-timestamp": stamp, "video-src": text}

    a = write(
        tmp_path,
        [record("10", 5, "old"), record("9", 7, "first"), record("10", 6, "new")],
        "a.json",
    )
    b = write(
        tmp_path, [record("9", 7, "same time, later file"), record("10", None, "no time")], "b.json"
    )
    catalogue = build_catalogue([b, a])
    assert [(id, entry.links.video) for id, entry in catalogue.newest.items()] == [
        ("9", "same time, later file"),
        ("10", "new"),
    ]
    assert [entry.links.video for entry in catalogue.superseded] == ["first", "no time", "old"]
    assert build_catalogue([a, b, a]) == catalogue


def test_posts_are_loaded_in_the_order_asked_from_many_files(tmp_path):
    files = [
        write(tmp_path, [{"id": str(n * 100 + k), "x": "é" * k} for k in range(3)], f"{n}.json")
        for n in range(40)
    ]
    entries = list(build_catalogue(files).newest.values())[::-1]
    posts = list(load_posts(entries))
    assert [post.id for post in posts] == [entry.id for entry in entries]
    assert [post.origin for post in posts] == [entry.origin for entry in entries]
    assert posts == sorted(
        (post for file in files for post in read(file)[0]), key=lambda p: int(p.id), reverse=True
    )


@pytest.mark.parametrize(
    "content", [None, b"", b"[%s]" % GOOD3.encode(), b"  [%s]" % GOOD.encode(), b"x" * 20]
)
def test_a_file_changed_meanwhile_is_an_error_with_a_remedy(tmp_path, content):
    path = write(tmp_path, f"[{GOOD}]")
    entries = build_catalogue([path]).newest.values()
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RawInfoError, match=r"record 1 \(id 1\): .* Run again"):
        list(load_posts(entries))


def test_a_big_file_streams_in_little_memory_with_exact_offsets(tmp_path):
    record = {**SECOND_DIALECT, "permalink": None, "comments": SECOND_DIALECT["comments"] * 20}
    records = [{**record, "id": str(n), "description": "é€😀" * (n % 300)} for n in range(1000)]
    path = write(tmp_path, json.dumps(records, ensure_ascii=False, indent=1))
    content = path.read_bytes()
    assert len(content) > 3_000_000
    tracemalloc.start()
    for expected, post in zip(records, read_posts(path, pytest.fail), strict=True):
        assert post.info == expected
        assert json.loads(content[post.origin.start : post.origin.end]) == expected
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_500_000


@pytest.mark.parametrize("size", range(-40, 60, 3))
def test_records_across_the_border_of_a_chunk(tmp_path, size):
    content = '[{"id": "1", "description": "%s"},\n'
    content += '{"id": 22, "like-count": 12345, "d": "😀\\ud83d\\ude00é"}, x'
    path = write(tmp_path, content % ("a" * (CHUNK_BYTES + size - 70)))
    (_, post), (problem,) = read(path)
    assert post.info == {"id": 22, "like-count": 12345, "d": "😀😀é"}
    raw = path.read_bytes()
    assert raw[post.origin.start : post.origin.end].endswith('é"}'.encode())
    assert f"byte {len(raw) - 1}, line 2, after record 2" in problem.message


def test_links_are_in_no_repr(tmp_path):
    path = write(tmp_path, [SECOND_DIALECT])
    (post,), _ = read(path)
    assert "expire" not in repr(post) + repr(build_catalogue([path]))


def test_the_schema_is_up_to_date():
    written = json.loads((ROOT / "schemas/rawinfo.schema.json").read_text())
    assert written == json_schema(), (
        "python -m scripts.rawinfo.catalogue > schemas/rawinfo.schema.json"
    )


@pytest.mark.parametrize("record", [FIRST_DIALECT, SECOND_DIALECT, THIRD_DIALECT, {"id": 5}])
def test_the_schema_takes_every_dialect(record):
    for content in ([record], {"7": record}, []):
        jsonschema.validate(content, json_schema())


@pytest.mark.parametrize(
    "change",
    [
        {"id": "x"},
        {"id": 1.5},
        {"id": 10**20},
        {"description": 5},
        {"username": []},
        {"comments": [{}]},
        {"comments": ["x"]},
        {"scrape-timestamp": -1},
        {"like-count": True},
    ],
)
def test_the_schema_refuses_what_the_reader_reports(tmp_path, change):
    record = {"id": "1", **change}
    assert read_content(tmp_path, [record])[1]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([record], json_schema())


@pytest.mark.skipif(not REAL + DEMO, reason="no samples here")
@pytest.mark.parametrize("path", REAL + DEMO, ids=lambda path: path.name)
def test_samples_are_read_completely_and_agree_with_the_schema(path):
    records = json.loads(path.read_bytes())
    posts, problems = read(path)
    assert not problems
    assert [post.info for post in posts] == list(records)
    assert sum(len(post.comments) for post in posts) == sum(len(r["comments"]) for r in records)
    assert all(post.creator_username and post.time_posted for post in posts)
    jsonschema.validate(records[:100], json_schema())


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from([*SECOND_DIALECT, *FIRST_DIALECT]) | st.text()
records_of_any_shape = st.lists(
    st.dictionaries(names, json_values, max_size=6).map(lambda r: {"video-src": "", **r, "id": "1"})
)


@settings(max_examples=60)
@given(records_of_any_shape, st.booleans(), st.booleans(), st.sampled_from([None, 0, 2]))
def test_offsets_and_records_survive_any_formatting(records, ascii_only, bom, indent):
    text = json.dumps(records, ensure_ascii=ascii_only, indent=indent)
    content = codecs.BOM_UTF8 * bom + text.encode("utf-8", "replace")
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, content)
        posts, _ = read(path)
        assert len(posts) == len(records)
        catalogue = build_catalogue([path])
        observed = (
            one for entry in catalogue.newest.values() for one in catalogue.observations(entry)
        )
        entries = sorted(observed, key=lambda entry: entry.origin.record)
        assert list(load_posts(entries)) == posts
    for number, post in enumerate(posts, 1):
        assert post.origin.record == number
        piece = content[post.origin.start : post.origin.end]
        assert piece[:1] + piece[-1:] == b"{}"
        assert json.loads(piece).keys() >= {"id"}


json_pieces = st.sampled_from(
    [
        b"[",
        b"]",
        b"{",
        b"}",
        b",",
        b":",
        b'"',
        b"\\",
        b'"id"',
        b'"1"',
        b"1",
        b"NaN",
        b"\\ud83d",
        b"\xef\xbb\xbf",
        b"\x00",
        b"\xff\xfe",
        b"-",
        b"1e999",
        b"tru",
        b"true",
        b"null",
        b'"comments"',
    ]
)


@settings(max_examples=300)
@given(st.binary() | st.lists(json_pieces | st.binary(max_size=2), max_size=40).map(b"".join))
def test_no_bytes_crash_the_reader(content):
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, content)
        posts, problems = read(path)
        for problem in problems:
            assert str(problem).startswith(str(path))
            str(problem).encode()
        for post in posts:
            json.dumps(post.info, ensure_ascii=False, allow_nan=False).encode()
        try:
            valid = isinstance(json.loads(content), (list, dict))
        except (ValueError, RecursionError):
            valid = False
        assert valid or problems
