"""Operators of a query: how they are read, and which TikToks pass."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.search import Filters, Search, open_for_search
from scripts.search.__main__ import main
from scripts.search.operators import MOST_OPERATORS, describe, parse_query, without
from scripts.search.words import flat
from tests.support.small_corpus import POSTED_AT, Corpus, comment, info, post_id
from tests.support.workflow import PROJECT

TABLE = json.loads((PROJECT / "tests" / "query_operators.json").read_text("utf-8"))
TODAY = date.fromisoformat(TABLE["today"])
DAY_S = 86_400

BUILD, BREAD, DANCE, CATS = POSTS = [
    post_id(number, POSTED_AT + number * 30 * DAY_S) for number in range(4)
]
INFOS = [
    info(
        BUILD,
        description="my redstone castle #minecraft #cubes",
        comments=[comment("the big door"), comment("big castle")],
        **{"creator-username": "@builder", "music-title": "original sound - builder"},
    ),
    info(
        BREAD,
        description="a redstone oven bakes bread",
        comments=[comment("bread bread bread"), comment("bakes well")],
        **{"creator-username": "@baker", "music-title": "Bink's Sake"},
    ),
    info(DANCE, description="Où est la crème brûlée? 東京の猫", comments=[comment("original")]),
    info(CATS, description="big cats and bread 😺 #cats", comments=[comment("door to the castle")]),
]
DURATIONS = {BUILD: 8, BREAD: 61.5, DANCE: 240}
for post in INFOS:
    post["scrape-timestamp"] = POSTED_AT + 900 * DAY_S
    if post["id"] in DURATIONS:
        post["duration"] = DURATIONS[post["id"]]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    corpus = Corpus(tmp_path_factory.mktemp("corpus") / "data")
    corpus.add_info("a.json", INFOS)
    corpus.database()
    return corpus


@pytest.fixture(scope="module")
def search(corpus: Corpus) -> Iterator[Search]:
    with closing(open_for_search(corpus.folder / "tiktoks.db")) as db:
        yield Search(db)


def found(search: Search, query: str, **filters: object) -> set[str]:
    return {hit.id for hit in search.find(query, filters=Filters(**filters)).hits}


@pytest.mark.parametrize(("query", "words", "operators"), TABLE["examples"])
def test_a_query_is_read_as_the_table_says(
    query: str, words: str, operators: list[list[object]]
) -> None:
    parsed = parse_query(query, TODAY)
    assert " ".join(parsed.words.split()) == words
    assert [
        [one.kind, one.value, one.is_excluded, query[one.start : one.end]]
        for one in parsed.operators
    ] == operators
    if not operators:
        assert parsed.words == query  # as it was typed


PIECES = st.sampled_from(
    [
        *("-", '"', "\u201c", "creator:", "sound:", "before:", "not ", "#", "cat", " ", "2022"),
        *("last ", "may ", "under ", "10 s", "tiktok.com/video/", BREAD, "like:", "\n", "東"),
        *(
            "\ud800",
            "in ",
            "between ",
            " and ",
            "more than ",
            "3 days ago",
            "..",
            "\u2026",
            "\U0001f62d",
            "1:30",
            "\u017f",
            "id:",
        ),
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join))
def test_any_text_is_a_query(query: str) -> None:
    parsed = parse_query(query, TODAY)
    ends = [0]
    for operator in parsed.operators:
        assert ends[-1] <= operator.start < operator.end <= len(query)
        ends.append(operator.end)
        shorter = parse_query(without(query, operator), TODAY)
        assert len(shorter.operators) <= len(parsed.operators)
    if not parsed.operators:
        assert parsed.words == query


@given(st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join))
def test_any_text_can_be_searched(search: Search, query: str) -> None:
    results = search.find(query)
    assert len(results.hits) <= results.total
    assert search.rank(query)[: len(results.hits)] == [
        (hit.id, hit.score) for hit in results.hits if hit.score
    ]


@pytest.mark.parametrize("name", ["#", "-#", "creator:", "sound:", "like:", "id:", '"', "-"])
def test_half_a_surrogate_pair_in_an_operator_is_searched(search: Search, name: str) -> None:
    """A command line can pass such halves, and a database takes none."""
    query = f"bread {name}\ud800"
    assert search.find(query).operators == search.find(f"bread {name}?").operators
    search.rank(query)


def test_a_query_has_so_many_operators_at_most() -> None:
    parsed = parse_query("-cat " * (MOST_OPERATORS + 5))
    assert len(parsed.operators) == MOST_OPERATORS
    assert parsed.words.split() == ["-cat"] * 5


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("redstone", {BUILD, BREAD}),
        ("redstone -minecraft", {BREAD}),
        ("redstone not minecraft", {BREAD}),
        ("redstone -nothing", {BUILD, BREAD}),
        ('"big castle"', {BUILD}),
        ('"BIG, castle"', {BUILD}),
        ('"door big"', set()),  # in two comments
        ('"est la creme brulee"', {DANCE}),
        ('"京の"', {DANCE}),
        ('"京猫"', set()),
        ('bread -"and bread"', {BREAD}),
        ('"redstone" "castle"', {BUILD}),
        ("creator:baker", {BREAD}),
        ("creator:@Baker redstone", {BREAD}),
        ("creator:nobody", set()),
        ("creator:baker creator:builder", {BUILD, BREAD}),
        ("redstone -creator:baker", {BUILD}),
        ("#cats", {CATS}),
        ("#cats #minecraft", set()),
        ("#redstone", {BUILD, BREAD}),  # no hashtag of the corpus: a word
        ("redstone -#cubes", {BREAD}),
        ("sound:original", {BUILD, DANCE, CATS}),
        ('sound:"Binks sake"', {BREAD}),
        ("sound:sake sound:builder", {BUILD, BREAD}),
        ("under 10 s", {BUILD}),
        ("longer than 1 min", {BREAD, DANCE}),
        ("longer than 1 min under 2 minutes", {BREAD}),
        ("not longer than 1:01", {BUILD}),
        ("between 1 and 2 minutes", {BREAD}),
        ('castle not "big castle"', {CATS}),
        (BREAD, {BREAD}),
        (f"https://www.tiktok.com/@x/video/{CATS}?a=b", {CATS}),
        (f"{BREAD} {CATS}", {BREAD, CATS}),
        (f"redstone -{BREAD}", {BUILD}),
        ("7155123456789012345", set()),
        ("after:1990 -before:1990", set(POSTS)),
        ("bread -😺", {BREAD}),
        ('bread not "😺"', {BREAD}),
        ('bread "😺"', {CATS}),
        ("bread -😭 -😺😭", {BREAD, CATS}),
        ("before:1990", set()),
    ],
)
def test_operators_leave_the_right_tiktoks(search: Search, query: str, left: set[str]) -> None:
    assert found(search, query) == left
    ranked = {id for id, _ in search.rank(query)}
    assert ranked == left or not any(hit.score for hit in search.find(query).hits)


def test_days_are_inclusive(search: Search, corpus: Corpus) -> None:
    with closing(open_for_search(corpus.folder / "tiktoks.db")) as db:
        query = "SELECT posted_date FROM tiktoks WHERE id = ?"
        (day,) = db.execute(query, (BREAD,)).fetchone()
    assert BREAD in found(search, f"after:{day}")
    assert BREAD not in found(search, f"before:{day}")
    assert found(search, f"in {day}") == found(search, day) == {BREAD}


def test_without_words_the_newest_come_first(search: Search) -> None:
    hits = search.find("-nothing").hits
    assert [hit.id for hit in hits] == POSTS[::-1]


def test_operators_and_filters_apply_together(search: Search) -> None:
    assert found(search, "-minecraft", creator="builder") == set()
    assert found(search, "redstone", seen=(BREAD,)) == {BUILD}
    assert found(search, "baker", fields=("creator", "creator")) == {BREAD}
    assert found(search, "redstone -castle", seen=(BREAD,)) == set()


def test_similar_tiktoks_share_distinctive_words(search: Search) -> None:
    results = search.find(f"like:{BREAD}")
    ids = [hit.id for hit in results.hits]
    assert BREAD not in ids
    assert set(ids) >= {BUILD, CATS}
    assert found(search, "like:123") == set()  # it is like no other
    assert found(search, "bread like:123") == {BREAD, CATS}


def test_conditions_contain_their_places(search: Search) -> None:
    results = search.find("redstone -minecraft #redstone creator:baker")
    assert [(one.kind, one.value) for one in results.operators] == [
        ("word", "minecraft"),
        ("creator", "baker"),
    ]
    assert without("redstone -minecraft creator:baker", results.operators[0]) == (
        "redstone creator:baker"
    )


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("bred", "bread"),
        ("Redstoen -bred", "redstone -bred"),
        ("braed big", "bread big"),
        ('"big caslte"', '"big castle"'),
        ('big -"big caslte"', None),
        ("bread", None),
        ("breads", None),  # the search finds other endings
        ("zzyzx", None),
        ("bre", None),
        ("東京", None),
        ("#redstoen braed", "#redstoen bread"),
        ("(@redstoen braed@bakes.org https://braed.org/bakse", None),
    ],
)
def test_a_likelier_spelling_is_suggested(
    search: Search, query: str, suggestion: str | None
) -> None:
    assert search.find(query).suggestion == suggestion


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("-😭", "not 😭"),
        ("2022-05-01", "2022-05-01"),
        ("2022-05", "2022-05-01 to 2022-05-31"),
        ("2022-05..", "since 2022-05-01"),
        ("-..2022", "not until 2022-12-31"),
    ],
)
def test_conditions_are_described(query: str, said: str) -> None:
    assert [*map(describe, parse_query(query, TODAY).operators)] == [said]


def test_the_words_of_a_text_are_flat() -> None:
    assert flat("Où est\nl'été &amp; 東京!") == "ou est lete 東 京"
    assert flat("!?") == ""


def test_the_command_line_has_them_and_says_so(corpus: Corpus) -> None:
    def asked(*query: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "scripts.search", "--data", str(corpus.folder)]
        return subprocess.run([*command, *query], cwd=PROJECT, capture_output=True, text=True)

    answer = asked("redstone -minecraft")
    assert BREAD in answer.stdout
    assert BUILD not in answer.stdout
    assert "Only: not minecraft" in answer.stdout
    answer = asked("redstone", "--not-these", BREAD, CATS)
    assert BUILD in answer.stdout
    assert BREAD not in answer.stdout
    answer = asked("redstoen")
    assert "Did you mean: redstone" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["redstone", "-minecraft"], "unknown option -minecraft. If it belongs to the query"),
        (["--not-these", BREAD, "redstone"], "'redstone' is not the id of a TikTok"),
    ],
)
def test_the_command_line_says_where_a_query_begins(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert message in capsys.readouterr().err
