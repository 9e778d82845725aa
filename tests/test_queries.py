"""Files of known-item queries: reading, refusals with a reason, and several writers at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from scripts.queries.query_file import (
    Query,
    QueryError,
    add_queries,
    add_query,
    choose_queries,
    make_query,
    read_queries,
    remove_query,
    withhold,
    write_queries,
)

QUERIES = [
    Query("football dad musical", "7052789831151193391"),
    Query("çay ☕ “quoted”", "7", author="N", tags=("visual", "lyrics"), origin="hashtag"),
    Query("mario kart", "7", origin="hashtag", withheld="hashtags"),
]


def test_queries_survive_a_round_trip(tmp_path):
    file = tmp_path / "queries.json"
    write_queries(file, QUERIES)
    assert read_queries(file) == QUERIES
    assert json.loads(file.read_text("utf-8"))[0] == {
        "text": "football dad musical",
        "target": "7052789831151193391",
    }
    write_queries(file, [])
    assert read_queries(file) == []


def test_the_key_depends_on_text_target_and_origin():
    first = Query("a", "1")
    assert first.key == Query("a", "1", author="B", tags=("c",)).key
    others = [Query("b", "1"), Query("a", "2"), Query("a", "1", origin="hashtag")]
    assert len({first.key, *(other.key for other in others)}) == 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "has to be a JSON list"),
        ("{}", "has to be a JSON list"),
        ("[7]", "query 1: it is not an object"),
        ('[{"target": "1"}]', "query 1: `text` is missing"),
        ('[{"text": " ", "target": "1"}]', "query 1: `text` is missing"),
        ('[{"text": "a", "target": "1"}, {"text": "a", "target": 7}]', "query 2: `target` 7"),
        ('[{"text": "a", "target": "../x"}]', "query 1: `target` '../x' is not an id"),
        ('[{"text": "a", "target": "1", "tags": "x"}]', "`tags` is not a list"),
        ('[{"text": "a", "target": "1", "author": 1}]', "`author` is not text"),
        ('[{"text": "a", "target": "1", "origin": 1}]', "`origin` is not text"),
        ('[{"text": "a", "target": "1", "withheld": "x"}]', "`withheld` is neither `cover` nor"),
        ('[{"text": "a", "target": "1", "withheld": 1}]', "`withheld` is neither `cover` nor"),
        ('[{"text": "a", "target": "1", "grades": ["1"]}]', "`grades` is not an object of ids"),
        ('[{"text": "a", "target": "1", "grades": {"x": 1}}]', "`grades` is not an object of ids"),
        ('[{"text": "a", "target": "1", "grades": {"1": 0}}]', "with grades from 1 to 1,000"),
        ('[{"text": "a", "target": "1", "grades": {"1": 1.5}}]', "with grades from 1 to 1,000"),
        ('[{"text": "a", "target": "1", "grades": {"1": true}}]', "with grades from 1 to 1,000"),
        ('[{"text": "a", "target": "1", "grades": {"2": 1}}]', "does not contain the target"),
    ],
)
def test_an_invalid_query_is_refused_with_its_place(tmp_path, content, message):
    file = tmp_path / "queries.json"
    file.write_text(content)
    with pytest.raises(QueryError, match=f"queries.json.*{message}"):
        read_queries(file)


def test_several_relevant_tiktoks_are_kept_with_their_grades(tmp_path):
    file = tmp_path / "queries.json"
    graded = make_query("a cat", [("7", 1), ("8", 3), ("9", 3)])
    assert (graded.target, graded.judged) == ("8", {"7": 1, "8": 3, "9": 3})
    single = make_query("a cat", [("8", 2)])
    assert single == Query("a cat", "8"), "a grade alone says nothing"
    assert single.judged == {"8": 1}
    assert graded.key != single.key
    write_queries(file, [graded, single])
    assert json.loads(file.read_bytes()) == [
        {"text": "a cat", "target": "8", "grades": {"7": 1, "8": 3, "9": 3}},
        {"text": "a cat", "target": "8"},
    ]
    assert read_queries(file) == [graded, single]
    chosen, lost = choose_queries([graded, graded], {"8", "9"})
    assert ([query.judged for query in chosen], lost) == ([{"8": 3, "9": 3}], ["7"])
    chosen, lost = choose_queries([graded, single], {"8"})
    assert ([query.judged for query in chosen], lost) == ([{"8": 1}, {"8": 1}], ["7", "9"])
    assert choose_queries([graded], {"7", "9"}) == ([], ["8"])


def test_queries_added_at_once_are_all_kept_and_none_twice(tmp_path):
    file = tmp_path / "data" / "queries.json"
    queries = [Query(f"query {number % 20}", "1") for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda query: add_query(file, query), queries))
    assert sum(added) == 20
    assert sorted(query.text for query in read_queries(file)) == sorted({q.text for q in queries})


def test_only_the_same_record_is_removed_while_others_are_added(tmp_path):
    file = tmp_path / "queries.json"
    write_queries(file, QUERIES)
    assert not remove_query(file, replace(QUERIES[1], tags=()))
    new = [Query(f"query {number}", "1") for number in range(10)]
    with ThreadPoolExecutor(8) as pool:
        removed = [pool.submit(remove_query, file, query) for query in QUERIES[:2]]
        for query in new:
            pool.submit(add_query, file, query)
    assert all(done.result() for done in removed)
    assert sorted(map(str, read_queries(file))) == sorted(map(str, [QUERIES[2], *new]))


def test_other_fields_of_a_query_stay(tmp_path):
    file = tmp_path / "queries.json"
    noted = {"text": "cat", "target": "1", "note": "seen in May", "origin": "human"}
    file.write_text(json.dumps([noted]))
    dog = Query("dog", "2")
    add_query(file, dog)
    assert json.loads(file.read_bytes()) == [noted, {"text": "dog", "target": "2"}]
    remove_query(file, dog)
    assert json.loads(file.read_bytes()) == [noted]


def test_many_queries_are_added_in_their_order_and_counted(tmp_path):
    file = tmp_path / "queries.json"
    assert add_queries(file, QUERIES[:1]) == QUERIES[:1]
    assert add_queries(file, [*QUERIES, *QUERIES]) == QUERIES[1:]
    assert read_queries(file) == QUERIES


@pytest.mark.parametrize(
    ("source", "withheld", "left"),
    [
        ("cover", ["cover"], ""),
        ("description", ["cover"], "my #Çay2 and #çay2go, a cay2 # #चाय."),
        ("description", ["hashtags"], "my  and , a cay2 # ."),
        ("comments", ["cover", "hashtags"], "my  and , a cay2 # ."),
        ("comments", [], "my #Çay2 and #çay2go, a cay2 # #चाय."),
    ],
)
def test_only_withheld_text_is_left_out(source, withheld, left):
    assert withhold(source, "my #Çay2 and #çay2go, a cay2 # #चाय.", withheld) == left


def test_a_deeply_nested_file_is_refused(tmp_path):
    file = tmp_path / "queries.json"
    file.write_text("[" * 100_000)
    with pytest.raises(QueryError, match="nested too deeply"):
        read_queries(file)
