"""Hashtags: which texts are hashtags, and their normal form in table, filter and search."""

from contextlib import closing

import pytest

from scripts.characters import HASHTAG, find_hashtags, split_hashtags
from scripts.queries.query_file import HASHTAGS, withhold
from scripts.search import Search
from scripts.search.filters import Filters, passing
from scripts.store.database import open_database
from tests.support.small_corpus import Corpus, info, post_id


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#Paper and #fyp", ["paper", "fyp"]),
        ("#a#b", ["a", "b"]),
        ("# #", []),
        ("##a", ["a"]),
        ("Tom &amp; Jerry &#39;s day", []),
        ("it&#039;s &#8217; &#x27; &#X2F; &quot;", []),
        ("&amp;#39;", []),
        ("salt&#pepper", ["pepper"]),
        ("&#39;#a", ["a"]),
        ("#fyp\u30b7", ["fyp\u30b7"]),
        ("#berunai\U0001f1e7\U0001f1f3 x", ["berunai\U0001f1e7\U0001f1f3"]),
        ("#\U0001f525 #cat\U0001f408\u200d\u2b1b", ["\U0001f525", "cat\U0001f408\u200d\u2b1b"]),
        ("#love\u2764\ufe0f #love\u2764", ["love\u2764", "love\u2764"]),
        ("#\ufe0f\u20e3", []),
        ("\uff03food", ["food"]),
        ("#\u0939\u093f\u0928\u094d\u0926\u0940", ["\u0939\u093f\u0928\u094d\u0926\u0940"]),
        ("#\u0130STANBUL #istanbul", ["istanbul", "istanbul"]),
        ("#caf\u00e9 #cafe\u0301", ["caf\u00e9", "caf\u00e9"]),
        ("#it's #a-b #c.", ["it", "a", "c"]),
    ],
)
def test_hashtags_of_a_text(text, tags):
    assert list(find_hashtags(text)) == tags


@pytest.mark.parametrize(
    ("item", "tags"),
    [
        ("a", ["a"]),
        ("#B", ["b"]),
        ("", []),
        (" ", []),
        ("#", []),
        ("&#39;", []),
        ("&amp;#39;", []),
        ("a#b", ["a", "b"]),
        (" #a  #b ", ["a", "b"]),
        ("t-shirt", ["t-shirt"]),
        ("a, b;c\u3001d", ["a", "b", "c", "d"]),
        ("\u0130zmir", ["izmir"]),
    ],
)
def test_hashtags_of_an_item_of_a_list(item, tags):
    assert list(split_hashtags(item)) == tags


def test_withheld_hashtags_leave_entities_alone():
    assert withhold("description", "Tom &#39;s #cat", {HASHTAGS}) == "Tom &#39;s "


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    corpus = Corpus(tmp_path_factory.mktemp("tags") / "data")
    corpus.add_info(
        "a.json",
        [
            info(post_id(1), description="x", hashtags=["a", "#B", "", " ", None]),
            info(post_id(2), description="Tom &amp; Jerry &#39;s day"),
            info(post_id(3), description="#\u0130STANBUL #cafe\u0301"),
            info(post_id(4), description="x", hashtags=["\u0130stanbul", "CAF\u00c9\ufe0f"]),
        ],
    )
    return corpus.database()


def test_the_table_has_one_normal_form(database):
    with closing(open_database(database)) as db:
        rows = db.execute("SELECT id, tag FROM hashtags ORDER BY id, tag").fetchall()
    expected = {1: ["a", "b"], 3: ["caf\u00e9", "istanbul"], 4: ["caf\u00e9", "istanbul"]}
    assert rows == [(post_id(number), tag) for number, tags in expected.items() for tag in tags]


@pytest.mark.parametrize(
    "tag",
    ["istanbul", "#\u0130stanbul", "I\u0307STANBUL", "cafe\u0301", "#Caf\u00e9", "\uff03CAF\u00c9"],
)
def test_the_filter_takes_every_way_to_write_a_hashtag(database, tag):
    with closing(open_database(database)) as db:
        assert passing(db, Filters(hashtag=tag)) == [4, 3]


@pytest.mark.parametrize("query", ["#istanbul", "#\u0130stanbul", "#I\u0307STANBUL"])
def test_the_search_finds_every_way_to_write_a_hashtag(database, query):
    with closing(open_database(database)) as db:
        assert post_id(3) in {hit.id for hit in Search(db).find(query).hits}


@pytest.mark.parametrize("text", ["#" * 500_000, "&#" * 500_000, "&#1" * 300_000, "#a" * 500_000])
def test_hashtags_are_found_in_linear_time(text):
    """Quadratic time would take hours."""
    assert len(HASHTAG.findall(text)) <= len(text)
