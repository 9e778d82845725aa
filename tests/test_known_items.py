"""Generated queries come from texts that are later withheld; corpus and seed determine them."""

import pytest

from scripts.queries.known_items import write_known_items
from scripts.queries.query_file import COVER, HASHTAGS, Query, read_queries
from tests.support.small_corpus import Corpus, comment, info, post_id
from tests.support.workflow import Workflow

WORDS = "mario kart race tower bridge river garden paper plane"
COVERED = {1: "TOWER bridge\nqwx river mario", 2: "mario kart", 3: "zzq the\nriver race  garden"}


@pytest.fixture
def corpus(tmp_path):
    """Posts whose comments contain each known word twice, so that it does not count as noise."""
    corpus = Corpus(tmp_path / "data")
    descriptions = {
        1: "so #MarioKart #fyp",
        2: "again #fyp #river",
        3: "#papergarden #TowerBridge",
        4: "#qzxkart #mariokartrace #pa_per",
    }
    records = [
        info(post_id(n), description=text, comments=[comment(f"{WORDS} {WORDS} {'race ' * n}")])
        for n, text in descriptions.items()
    ]
    corpus.add_info("a.json", records)
    for number, text in COVERED.items():
        corpus.add_download("coverphotos", post_id(number))
        corpus.add_text("ocr", post_id(number), text + "\n")
    return corpus


def generated(corpus, size=200, seed=1, name="known_items.json"):
    output = corpus.folder / name
    write_known_items(corpus.database(), output, {"size": size, "seed": seed})
    return read_queries(output)


def by_origin(queries, origin):
    return {query.target: query for query in queries if query.origin == origin}


def test_a_hashtag_of_one_tiktok_is_split_into_the_words_of_the_corpus(corpus):
    """But not a hashtag that others have, that is one word, or that has an unknown part."""
    found = by_origin(generated(corpus), "hashtag")
    assert found.keys() == {post_id(1), post_id(3), post_id(4)}
    assert found[post_id(1)] == Query("mario kart", post_id(1), origin="hashtag", withheld=HASHTAGS)
    assert found[post_id(3)].text in ("paper garden", "tower bridge")
    assert found[post_id(4)].text == "mario kart race"


def test_the_rarest_words_of_a_cover_that_other_texts_have(corpus):
    """They keep their order. Words that no other text has don't count, and three are needed."""
    found = by_origin(generated(corpus), "cover text")
    assert found.keys() == {post_id(1), post_id(3)}
    query = found[post_id(1)]
    assert (query.origin, query.withheld) == ("cover text", COVER)
    assert query.text in ("tower bridge river", "tower bridge river mario")
    assert found[post_id(3)].text == "river race garden"


def test_the_same_seed_draws_the_same_and_another_one_others(corpus):
    more = [
        info(post_id(100 + n), description=f"#{a}{b}")
        for n, (a, b) in enumerate((a, b) for a in WORDS.split() for b in WORDS.split() if a != b)
    ]
    corpus.add_info("b.json", more)
    first = generated(corpus, size=20)
    assert len(by_origin(first, "hashtag")) == 20
    assert generated(corpus, size=20, name="again.json") == first
    assert generated(corpus, size=20, seed=2, name="others.json") != first
    names = ("known_items.json", "again.json", "others.json")
    one, again, others = ((corpus.folder / name).read_bytes() for name in names)
    assert one == again != others
    assert set(first) < set(generated(corpus))


def test_most_queries_stay_when_the_corpus_grows(corpus):
    pairs = [(a, b) for a in WORDS.split() for b in WORDS.split() if a != b]
    records = [info(post_id(100 + n), description=f"#{a}{b}") for n, (a, b) in enumerate(pairs)]
    corpus.add_info("b.json", records[:-5])
    before = {query.key for query in generated(corpus, size=30)}
    corpus.add_info("c.json", records[-5:])
    after = {query.key for query in generated(corpus, size=30)}
    assert len(before & after) >= len(before) - 5


def test_letters_with_accents_are_matched_as_the_search_does(corpus):
    corpus.add_info("b.json", [info(post_id(9), description="#gârdénpaper")])
    assert by_origin(generated(corpus), "hashtag")[post_id(9)].text == "garden paper"


def test_a_corpus_without_posts_has_no_queries(tmp_path):
    corpus = Corpus(tmp_path / "data")
    corpus.add_info("a.json", [])
    assert generated(corpus) == []


def test_the_rule_follows_the_configuration(workflow: Workflow) -> None:
    corpus = Corpus(workflow.data)
    texts = {1: "#MarioKart", 2: "#towerbridge", 3: "#papergarden"}
    comments = [comment(f"{WORDS} {WORDS}")]
    links = {"video-src": "blob:https://www.tiktok.com/1", "coverphoto-src": "blob:x"}
    records = [
        info(post_id(n), description=text, comments=comments, **links) for n, text in texts.items()
    ]
    corpus.add_info("a.json", records)
    workflow.config["known_items"] = {"size": 2}
    workflow.run("data/known_items.json")
    queries = read_queries(workflow.data / "known_items.json")
    assert len(queries) == 2
    assert {query.withheld for query in queries} == {HASHTAGS}
    assert "Nothing to be done" in workflow.run("data/known_items.json")
    (workflow.data / "removed.txt").write_text(queries[0].target)
    workflow.run("data/known_items.json")
    left = read_queries(workflow.data / "known_items.json")
    assert queries[0].target not in {query.target for query in left}
