"""Find TikToks by what people remember of them, on the command line and through `Search`."""

import io
import json
import math
import sqlite3
import subprocess
import sys
from contextlib import closing, redirect_stderr, redirect_stdout

import pytest

from scripts.search import Filters, Search, SearchError, index, open_for_search, words
from scripts.search.__main__ import main
from scripts.search.fields import FIELDS
from scripts.search.snippets import Matcher
from tests.support.small_corpus import POSTED_AT, Corpus, comment, info, post_id
from tests.support.workflow import PROJECT

DAY_S = 86_400
BREAD, COSPLAY, KNIGHT, TOKYO, MOSCOW, PLAIN = (
    post_id(number, POSTED_AT + number * DAY_S) for number in range(6)
)
POSTS = [
    info(
        BREAD,
        description="Day 14: the starter is alive 🍞 & kicking",
        comments=[comment("flat bread is bread"), comment("Où est la crème brûlée ?\nhere")],
        **{"creator-username": "@bakes.with.nora", "creator-nickname": "Nora"},
    ),
    info(
        COSPLAY,
        description="my favourite #onepiececosplay ever",
        comments=[comment("one more piece of it 😂😂")],
        **{"creator-username": "@zoro_fan", "music-title": "Bink's Sake - Brook"},
    ),
    info(KNIGHT, description="A knight's sword fight", comments=[comment("chewbacca wins")]),
    info(TOKYO, description="猫がいる東京 #シ", comments=[comment("かわいいですね")]),
    info(MOSCOW, description="Привет из Москвы", comments=[comment("ἀγορά")]),
    info(PLAIN, description="nothing to see", comments=[comment("the end of the story")]),
]
for post in POSTS:
    post["scrape-timestamp"] = POSTED_AT + 9 * DAY_S


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    corpus = Corpus(tmp_path_factory.mktemp("corpus") / "data")
    corpus.add_info("a.json", POSTS)
    for id in (BREAD, COSPLAY):
        corpus.add_download("coverphotos", id)
        corpus.add_download("videos", id)
    corpus.add_text("ocr", BREAD, "HOW TO FEED\nA SOURDOUGH\n")
    corpus.add_text("speech", COSPLAY, "and that is why pirates never use calendars\n")
    corpus.database()
    return corpus


@pytest.fixture
def search(corpus):
    with closing(open_for_search(corpus.folder / "tiktoks.db")) as db:
        yield Search(db)


def best(search, query, **filters):
    return search.find(query, filters=Filters(**filters)).hits[0]


def marked(hit, field):
    (snippet,) = (snippet for snippet in hit.snippets if snippet.field == field)
    return [text for text, matched in snippet.parts if matched]


@pytest.mark.parametrize(
    ("query", "id", "field", "shown"),
    [
        ("starter alive", BREAD, "description", ["starter", "alive"]),
        ("sourdough", BREAD, "cover", ["SOURDOUGH"]),
        ("pirates calendars", COSPLAY, "speech", ["pirates", "calendars"]),
        ("flat bread", BREAD, "comments", ["flat", "bread", "bread"]),
        ("bakes nora", BREAD, "creator", ["@bakes.with.nora", "Nora"]),
        ("binks sake", COSPLAY, "music", ["Bink's", "Sake"]),
        # misspelt, in parts, with other endings
        ("chewbaca", KNIGHT, "comments", ["chewbacca"]),
        ("knigt", KNIGHT, "description", ["knight's"]),
        ("sourdo", BREAD, "cover", ["SOURDOUGH"]),
        ("swords fighting", KNIGHT, "description", ["sword", "fight"]),
        # hashtags, run together or not
        ("cosplay", COSPLAY, "description", ["#onepiececosplay"]),
        ("#onepiececosplay", COSPLAY, "description", ["#onepiececosplay"]),
        ("onepiececosplay", COSPLAY, "description", ["#onepiececosplay"]),
        # accents, emoji, other scripts
        ("creme brulee", BREAD, "comments", ["crème", "brûlée"]),
        ("CRÈME BRÛLÉE", BREAD, "comments", ["crème", "brûlée"]),
        ("😂", COSPLAY, "comments", ["😂", "😂"]),
        ("🍞", BREAD, "description", ["🍞"]),
        ("東京", TOKYO, "description", ["東京"]),
        ("猫", TOKYO, "description", ["猫"]),
        ("シ", TOKYO, "description", ["シ"]),
        ("かわいい", TOKYO, "comments", ["かわいい"]),
        ("Москвы", MOSCOW, "description", ["Москвы"]),
        ("москва", MOSCOW, "description", ["Москвы"]),
        ("privet", MOSCOW, "description", ["Привет"]),
        ("αγορα", MOSCOW, "comments", ["ἀγορά"]),  # noqa: RUF001
    ],
)
def test_a_tiktok_is_found_and_the_place_is_shown(search, query, id, field, shown):
    hit = best(search, query)
    assert (hit.id, hit.fields[0]) == (id, field)
    assert marked(hit, field) == shown


def test_words_of_a_joined_hashtag_find_it_if_the_corpus_knows_them(tmp_path):
    other = Corpus(tmp_path / "data")
    known = [comment("one piece"), comment("a piece for one"), comment("cosplay! cosplay?")]
    other.add_info("a.json", [*POSTS[:1], info(KNIGHT, description="x", comments=known)])
    other.add_info("b.json", [info(COSPLAY, description="#onepiececosplay", comments=[])])
    with closing(open_for_search(other.database())) as db:
        hits = Search(db).find("piece cosplay").hits
        held = db.execute("SELECT count(*) FROM search_terms WHERE term = '_piece_'").fetchone()
        (postings,) = db.execute(
            "SELECT postings FROM search_terms WHERE term = '_piece_'"
        ).fetchone()
    assert held == (1,)
    assert {hit.id for hit in hits[:2]} == {COSPLAY, KNIGHT}
    assert len(index.read_postings(postings)[0]) == 2  # the post with the hashtag is one of them


@pytest.mark.parametrize(
    ("query", "found"),
    [("thoughtfulness", []), ("knihgt", [KNIGHT]), ("pyrates", [COSPLAY])],
)
def test_some_letters_in_common_are_no_result(search, query, found):
    assert [hit.id for hit in search.find(query).hits] == found


ODD_QUERIES = [
    '"',
    "'",
    '"unclosed phrase',
    "a AND (b OR",
    "NOT",
    "NEAR(a b, 3)",
    "c++ -x ^y *",
    "cover:bread",
    "col : {a b}",
    "'; DROP TABLE tiktoks; --",
    "%_[]?",
    "\0",
    "\ud800",
    "\u202eevil\u202c",
    "a" * 5_000,
    "word " * 5_000,
    "&lt;b&gt; &#x110000; &nbsp;",
    "<script>alert(1)</script>",
    "\N{ZERO WIDTH JOINER}",
    "🏳️‍🌈",
    "ก็",
    "ﷺ ﬁ Ⅷ ½",
    "-1 1e999 0x",
]


@pytest.mark.parametrize("query", ODD_QUERIES, ids=range(len(ODD_QUERIES)))
def test_any_text_is_a_query(search, query):
    results = search.find(query)
    assert results.total >= len(results.hits)
    assert all(hit.score > 0 and hit.snippets for hit in results.hits)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"creator": "zoro_fan"}, {COSPLAY}),
        ({"creator": "@ZORO_fan"}, {COSPLAY}),
        ({"hashtag": "onepiececosplay"}, {COSPLAY}),
        ({"hashtag": "#OnePieceCosplay"}, {COSPLAY}),
        ({"posted_from": "2022-12-01", "posted_to": "2022-12-02"}, {COSPLAY, KNIGHT}),
        ({"posted_from": "2022-12-05"}, {PLAIN}),
        ({"posted_to": "2022-11-30"}, {BREAD}),
        ({"posted_to": "2022-11-30", "creator": "zoro_fan"}, set()),
    ],
)
def test_filters_say_which_tiktoks_count(search, filters, found):
    assert {hit.id for hit in search.find("", filters=Filters(**filters)).hits} == found
    hits = search.find("piece bread sword story", filters=Filters(**filters)).hits
    assert {hit.id for hit in hits} == found


def test_without_words_the_newest_that_pass_come_first(search):
    found = search.find("", limit=2, offset=1, filters=Filters(posted_from="2022-11-30"))
    assert [hit.id for hit in found.hits] == [MOSCOW, TOKYO]
    assert found.total == len(POSTS)
    assert search.find("!?").hits == ()


@pytest.mark.parametrize(
    ("word", "field", "id"),
    [
        ("alive", "description", BREAD),
        ("sourdough", "cover", BREAD),
        ("pirates", "speech", COSPLAY),
        ("flat", "comments", BREAD),
        ("nora", "creator", BREAD),
        ("brook", "music", COSPLAY),
    ],
)
def test_a_field_is_searched_alone(search, word, field, id):
    alone = best(search, word, fields=(field,))
    assert (alone.id, alone.fields) == (id, (field,))
    others = tuple(other for other in FIELDS if other != field)
    elsewhere = search.find(word, filters=Filters(fields=others)).hits
    assert all(hit.score < alone.score and field not in hit.fields for hit in elsewhere)
    everywhere = best(search, word, fields=FIELDS)
    assert everywhere == best(search, word) and everywhere.score == alone.score


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"posted_from": "2022-13-01"}, "'2022-13-01' is not a date"),
        ({"posted_to": "yesterday"}, "'yesterday' is not a date"),
        (
            {"posted_from": "2022-12-02", "posted_to": "2022-12-01"},
            "on or after 2022-12-02 and on or before 2022-12-01. Swap",
        ),
        ({"creator": "@\ud800"}, "No TikTok in the corpus is by @?"),
        ({"hashtag": "\udcff"}, "No TikTok in the corpus has the hashtag #?"),
        ({"creator": "@Nobody"}, "No TikTok in the corpus is by @nobody"),
        ({"hashtag": "#NoSuchTag"}, "No TikTok in the corpus has the hashtag #nosuchtag"),
        ({"fields": ("covers",)}, "There is no field 'covers'. Choose from: description, cover"),
    ],
)
def test_a_filter_that_no_tiktok_can_pass_is_named(search, filters, message):
    with pytest.raises(SearchError, match=message):
        search.find("x", filters=Filters(**filters))


def test_pages_follow_each_other(search):
    everything = search.find("the piece of bread story sword", limit=6)
    pages = [search.find("the piece of bread story sword", 2, start).hits for start in (0, 2, 4)]
    assert [hit.id for page in pages for hit in page] == [hit.id for hit in everything.hits]
    assert search.find("bread", limit=2, offset=1_000).hits == ()


def test_scores_are_those_of_bm25(tmp_path):
    """Worked out by hand, for two TikToks of 2 and 4 words."""
    silent = {"creator-username": "", "creator-nickname": "", "music-title": "", "comments": []}
    corpus = Corpus(tmp_path / "data")
    two, four = (post_id(1), "alpha bread"), (post_id(2), "cloud cloud delta fire")
    corpus.add_info("a.json", [info(id, description=text, **silent) for id, text in (two, four)])
    idf = math.log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    k_two, k_four = (1.2 * (0.25 + 0.75 * length / 3) for length in (2, 4))
    with closing(open_for_search(corpus.database())) as db:
        search = Search(db)
        # _alpha_ _alp alph lpha pha_, once each
        expected = 5 * idf * 1 / (1 + k_two)
        assert best(search, "alpha").score == pytest.approx(expected, rel=0.005)
        # _cloud_ _clo clou loud oud_, twice each; _delta_ _del delt elta lta_
        expected = 5 * idf * 2 / (2 + k_four) + 5 * idf * 1 / (1 + k_four)
        assert best(search, "delta cloud").score == pytest.approx(expected, rel=0.005)


def test_a_long_text_is_shown_by_its_best_passage(tmp_path):
    corpus = Corpus(tmp_path / "data")
    speech = "umbrella " + "and so on and on " * 40 + "the red umbrella flew away over the lake "
    corpus.add_info("a.json", [info(BREAD)])
    corpus.add_text("speech", BREAD, speech + "and so on " * 40)
    with closing(open_for_search(corpus.database())) as db:
        (hit,) = Search(db).find("red umbrella lake").hits
    (snippet,) = hit.snippets
    text = "".join(text for text, _ in snippet.parts)
    assert [text for text, matched in snippet.parts if matched] == ["red", "umbrella", "lake"]
    assert text.startswith("…") and text.endswith("…") and len(text) < 170


@pytest.mark.parametrize("before", ["", "so, ", "🍞 ", "'twas the ", "İİİ ", "шар "])
def test_words_are_marked_at_their_place_whatever_comes_before(before):
    """The lower case of a letter with a dot (İ) has two characters."""
    holders = dict.fromkeys([*words.terms("red", list), *words.terms("umbrella", list)], 1)
    in_speech = dict.fromkeys(holders, 1 << FIELDS.index("speech"))
    matcher = Matcher(
        {"red": 1.0, "umbrella": 1.0},
        holders,
        lambda piece: tuple(words.words_of(words.tokens(piece), lambda word: [word])),
    )
    (snippet,) = matcher.snippets({"speech": f"{before}red #umbrella!"}, in_speech)
    assert [text for text, matched in snippet.parts if matched] == ["red", "#umbrella"]
    assert "".join(text for text, _ in snippet.parts) == f"{before}red #umbrella!"


def test_blocks_make_no_difference(corpus, monkeypatch, tmp_path):
    monkeypatch.setattr(index, "BLOCK", 2)
    monkeypatch.setattr("scripts.search.BLOCK", 2)
    queries = ["bread", "piece", "the sword of tokyo", "привет", "story"]
    with closing(open_for_search(corpus.database(tmp_path / "blocks.db"))) as db:
        assert db.execute("SELECT max(block) FROM search_terms").fetchone() == (2,)
        in_blocks = [Search(db).find(query) for query in queries]
    monkeypatch.undo()
    with closing(open_for_search(corpus.folder / "tiktoks.db")) as db:
        assert [Search(db).find(query) for query in queries] == in_blocks


def test_an_empty_corpus_has_no_hits(tmp_path):
    corpus = Corpus(tmp_path / "data")
    corpus.add_info("a.json", [])
    with closing(open_for_search(corpus.database())) as db:
        assert Search(db).find("anything").hits == ()


def run(*arguments):
    """What the command does, in this process: its exit status, output and errors."""
    output, errors = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with redirect_stdout(output), redirect_stderr(errors):
        try:
            status = main(list(arguments))
        except SystemExit as reason:
            status = reason.code
    texts = []
    for stream in (output, errors):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return status, *texts


def test_the_command_line_prints_results_and_passages(corpus):
    arguments = ("flat bread", "--data", str(corpus.folder), "--limit", "1")
    command = [sys.executable, "-m", "scripts.search", *arguments]
    done = subprocess.run(command, cwd=PROJECT, check=False, capture_output=True, text=True)
    status, output, errors = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (status, output, errors)
    assert status == 0
    assert output.splitlines()[0].split(None, 3) == [
        BREAD,
        "2022-11-30",
        "@bakes.with.nora",
        "Nora",
    ]
    assert "comments     [flat] [bread] is [bread]" in output
    status, output, _ = run("zzzz qqqq", "--data", str(corpus.folder))
    assert (status, output) == (
        1,
        "Nothing found: try other words, or parts of them.\n",
    )
    status, output, _ = run("--hashtag", "onepiececosplay", "--data", str(corpus.folder))
    assert (status, output.split()[0]) == (0, COSPLAY)
    status, output, _ = run("?! …", "--data", str(corpus.folder))
    assert (status, output) == (
        1,
        "Nothing found: the query has no word or sign that can be searched.\n",
    )


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (["--hashtag", "nosuchtag"], 2, "No TikTok in the corpus has the hashtag #nosuchtag."),
        (["--creator", "nosuchname"], 2, "No TikTok in the corpus is by @nosuchname."),
        (["--from", "2023-01-02", "--to", "2023-01-01"], 2, "Swap the two dates."),
        (["--creator", "maker", "--hashtag", "onepiececosplay"], 1, "passes all of these filters."),
        (["id:123"], 1, "Nothing found: no TikTok passes all of these conditions."),
        (["bread", "--to", "2021-01-01"], 1, "other words, parts of them, or other filters."),
    ],
)
def test_each_filter_without_results_has_its_own_message(corpus, options, status, said):
    found = run("--data", str(corpus.folder), *options)
    assert found[0] == status
    assert said in found[1] + found[2]


def test_the_command_line_speaks_json(corpus):
    options = ("--json", "--field", "speech", "--creator", "zoro_fan", "--from", "2022-12-01")
    status, output, _ = run("pirates", "--data", str(corpus.folder), *options)
    (hit,) = json.loads(output)["hits"]
    assert status == 0
    assert hit["id"] == COSPLAY and hit["fields"] == ["speech"]
    assert ["pirates", True] in hit["snippets"][0]["parts"]


@pytest.mark.parametrize("query", ODD_QUERIES[:11])
def test_the_command_line_takes_any_text(corpus, query):
    status, _, errors = run("--data", str(corpus.folder), "--", query)
    assert status in (0, 1) and not errors


def test_the_command_line_says_what_is_wrong(corpus, tmp_path):
    assert run("x", "--data", str(tmp_path))[0] == 2
    assert "Check the path, or build it there" in run("x", "--data", str(tmp_path))[2]
    (tmp_path / "tiktoks.db").write_text("not a database at all, but long enough to be read\n" * 9)
    assert "file is not a database" in run("x", "--data", str(tmp_path))[2]
    (tmp_path / "old").mkdir()
    with closing(sqlite3.connect(tmp_path / "old" / "tiktoks.db")) as db:
        db.execute("PRAGMA user_version = 1")
    assert "another version" in run("x", "--data", str(tmp_path / "old"))[2]
    assert "not a date" in run("x", "--data", str(corpus.folder), "--from", "soon")[2]


def test_control_characters_are_not_printed(tmp_path):
    corpus = Corpus(tmp_path / "data")
    hostile = "bread \x1b[31m\x07 [bold]red[/bold] \u202edaerb\r\nnext"
    names = {"creator-nickname": "[red]\x1b"}
    corpus.add_info("a.json", [info(BREAD, description=hostile, **names)])
    corpus.database()
    _, output, _ = run("bread", "--data", str(corpus.folder))
    assert not set(output) & set("\x1b\x07\r\u202e")
    assert "[bold]red[/bold]" in output and "[red]" in output


def test_rank_and_find_give_the_same_order(search):
    query = "the piece of bread story sword"
    found = [(hit.id, hit.score) for hit in search.find(query, limit=len(POSTS)).hits]
    assert len(found) > 3
    assert search.rank(query) == found


def test_without_spaces_sql_finds_by_like_and_the_ranked_search_by_itself(tmp_path):
    """As docs/database.md says about the table `search`."""
    texts = [
        "今天我要去北京看长城",
        "夜の東京タワー",
        "วันนี้ไปกินก๋วยเตี๋ยวเรือ",
        "오늘 김치를 만들었어요",
    ]
    corpus = Corpus(tmp_path / "data")
    corpus.add_info("a.json", [info(post_id(n), description=text) for n, text in enumerate(texts)])
    with closing(open_for_search(corpus.database())) as db:
        for number, word in enumerate(["长城", "東京", "ก๋วยเตี๋ยว", "김치"]):
            query = "SELECT id FROM search_texts WHERE description LIKE '%' || ? || '%'"
            assert db.execute(query, (word,)).fetchall() == [(post_id(number),)]
            assert Search(db).find(word).hits[0].id == post_id(number)
            whole = "SELECT count(*) FROM search WHERE search MATCH ?"
            assert db.execute(whole, (word,)).fetchone() == (0,)


@pytest.fixture
def small_search(tmp_path):
    """Return a function that makes a search of some TikToks, given their descriptions and more."""
    opened = []

    def make(*posts):
        corpus = Corpus(tmp_path / "data")
        empty = {"creator-nickname": "", "music-title": "", "comments": []}
        corpus.add_info(
            "a.json", [info(post_id(n), **empty | post) for n, post in enumerate(posts)]
        )
        opened.append(open_for_search(corpus.database()))
        return Search(opened[-1])

    yield make
    for db in opened:
        db.close()


def found(search, query):
    return [int(hit.id) - int(post_id(0)) for hit in search.find(query).hits]


def test_each_result_shows_why_it_was_found(search, small_search):
    other = small_search(
        {"description": "SOURDOUGH bread"},
        {"description": "a bred dog"},
        {"description": "she breathes"},
        {"description": "夜の京都"},
    )
    asked = ["sourdo bred", "brethren", "東京", "the sourdoh"]
    asked += [query for query in ODD_QUERIES if query.isascii()]
    for one, query in ((one, query) for one in (search, other) for query in asked):
        for hit in one.find(query).hits:
            assert hit.fields, (query, hit)
            assert any(is_match for snippet in hit.snippets for _, is_match in snippet.parts)
    (faint,) = other.find("東京").hits
    assert marked(faint, "description") == ["京"]


def test_a_written_word_outweighs_the_name_of_an_emoji(small_search):
    search = small_search(
        {"comments": [comment("😺😺😺")], "description": "so funny"},
        {"description": "a longer text of many words in which there is one cat to be seen"},
        {"comments": [comment("aww 😺")]},
        {"description": "nothing of the kind"},
    )
    assert found(search, "cat")[0] == 1
    assert set(found(search, "cat")) == {0, 1, 2}
    assert marked(search.find("cat").hits[1], "comments")
    # Somebody who types an emoji means the emoji itself.
    assert set(found(search, "😺")[:2]) == {0, 2}


def test_a_word_that_occurs_once_is_not_split(small_search):
    search = small_search(
        {"description": "carpentry for beginners"},
        {"description": "the pen is in the car, the car pen: try it, try the pen"},
        {"description": "#carpentry"},
    )
    assert set(search.analyse("carpentry").words) == {"carpentry"}
    assert 1 not in found(search, "carpentry")
    assert set(search.analyse("penpen").words) == {"penpen", "pen"}


@pytest.mark.parametrize(
    "tag", ["#carpentry", "#Carpentry2", "#learncarpentry", "@the.carpentryshop", "#carpentrytok"]
)
def test_a_word_that_only_a_hashtag_contains_is_not_split(small_search, tag):
    search = small_search(
        {"description": f"look {tag}"},
        {"description": "the pen is in the car, the car pen: try it, try the pen"},
        {"description": "xcarpenx", "comments": [comment("xpenarpentx")]},
    )
    assert set(search.analyse("carpentry").words) == {"carpentry"}
    assert 0 in found(search, "carpentry")
    # All of these pieces occur, but not in one field.
    assert {"car", "pen"} < set(search.analyse("carpenarpent").words)


def test_a_word_that_only_a_hashtag_contains_is_no_typing_error(small_search):
    search = small_search(
        {"description": "#crochet"},
        *({"description": "a crotchet, crotchets and a crotchety man"} for _ in range(3)),
    )
    assert search.find("crochet").suggestion is None
    assert search.find("crochetx crotche").suggestion == "crochetx crotchet"
