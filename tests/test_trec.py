"""TREC topics and qrels: an export can be imported again, in both forms; bad files are refused."""

import json
import re
from contextlib import closing
from dataclasses import replace
from importlib.util import find_spec
from itertools import pairwise

import ir_measures
import numpy as np
import pytest
from ir_measures import AP, RR, Success, nDCG

from scripts.experiments.results import write_results
from scripts.experiments.trec_collection import run_lines, run_names, write_trec_collection
from scripts.queries.query_file import Query, QueryError, make_query, read_queries, write_queries
from scripts.queries.topics import TrecError, read_topics
from scripts.queries.trec import import_queries, main
from scripts.store.database import open_database
from tests.support.small_corpus import Corpus, info, post_id
from tests.support.workflow import PROJECT

CLASSIC = """\
<top>
<num> Number: 301
<title> International Organized Crime

<desc> Description:
Which organizations
<narr> Narrative: any
</top>

<TOP><NUM>302</NUM><TITLE>R&D at AT&T: what
  for?</TITLE></TOP>
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "qrels").write_text("301 0 11 1\n302 0 12 2\n302 0 13 0\n301 0 14 -1\n")
    (tmp_path / "topics").write_text(CLASSIC)
    return tmp_path


def take_in(folder, **files):
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return import_queries(folder / "topics", folder / "qrels", folder / "queries.json")


def test_an_export_can_be_imported_again(tmp_path, capsys):
    queries = [
        Query("football dad musical", "7052789831151193391"),
        Query("<top> 🥐 çay “x” a<b", "7"),
        Query("football dad musical", "8"),
    ]
    write_queries(tmp_path / "a.json", [*queries, Query("generated", "9", origin="hashtag")])
    main(["export", str(tmp_path / "a.json"), str(tmp_path / "trec")])
    assert "3 topics" in capsys.readouterr().out
    topics, qrels = tmp_path / "trec" / "topics.tsv", tmp_path / "trec" / "qrels.txt"
    assert qrels.read_text() == "1 0 7052789831151193391 1\n2 0 7 1\n3 0 8 1\n"
    assert topics.read_text().startswith("1\tfootball dad musical\n2\t")
    back = tmp_path / "b.json"
    main(["import", str(topics), str(qrels), str(back)])
    assert read_queries(back) == queries
    assert import_queries(topics, qrels, back) == []


@pytest.mark.parametrize("name", ["topics.tsv", "qrels.txt"])
def test_an_export_overwrites_nothing(tmp_path, name):
    write_queries(tmp_path / "a.json", [Query("cat", "7")])
    export = ["export", str(tmp_path / "a.json"), str(tmp_path / "trec")]
    main(export)
    main(export)  # the same again
    other = "topics.tsv" if name == "qrels.txt" else "qrels.txt"
    (tmp_path / "trec" / name).write_text("mine")
    (tmp_path / "trec" / other).unlink()
    with pytest.raises(SystemExit, match=rf"{name} exists.*another folder, or delete"):
        main(export)
    assert [(file.name, file.read_text()) for file in (tmp_path / "trec").iterdir()] == [
        (name, "mine")
    ]


def test_white_space_in_a_query_becomes_one_space(tmp_path):
    write_queries(tmp_path / "a.json", [Query(" two\nlines\tand \x85 more", "7")])
    main(["export", str(tmp_path / "a.json"), str(tmp_path)])
    assert read_topics(tmp_path / "topics.tsv") == {"1": "two lines and more"}


def test_topics_in_trecs_own_form_are_read(folder):
    assert len(take_in(folder)) == 2
    assert read_queries(folder / "queries.json") == [
        Query("International Organized Crime", "11"),
        Query("R&D at AT&T: what for?", "12"),
    ]


def test_queries_that_are_there_are_kept(folder):
    there = [
        Query("mine", "1", author="N", tags=("visual",)),
        Query("R&D at AT&T: what for?", "12"),
    ]
    write_queries(folder / "queries.json", there)
    assert len(take_in(folder)) == 1
    assert read_queries(folder / "queries.json")[:2] == there


def test_graded_judgements_are_imported_and_exported(folder):
    qrels = "301 0 11 1\n301 0 12 3\n301 0 13 0\n301 0 14 2\n302 0 12 2\n"
    first, second = take_in(folder, qrels=qrels)
    assert (first.target, first.judged) == ("12", {"11": 1, "12": 3, "14": 2})
    assert (second.target, second.judged) == ("12", {"12": 1})
    assert read_queries(folder / "queries.json") == [first, second]
    assert take_in(folder, qrels=qrels) == []
    main(["export", str(folder / "queries.json"), str(folder / "out")])
    assert (folder / "out" / "qrels.txt").read_text() == "1 0 11 1\n1 0 12 3\n1 0 14 2\n2 0 12 1\n"


def test_a_bom_and_windows_line_ends_are_no_part_of_a_query(folder):
    topics = "\ufeff301\tone\r\n\r\n302\ttwo\r\n"
    assert len(take_in(folder, topics=topics, qrels="301 0 11 1\r\n302 Q0 12 1\r\n")) == 2
    assert read_topics(folder / "topics") == {"301": "one", "302": "two"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("topics", "", "no topic"),
        ("topics", "301 one\n", "topics, line 1: there is no tab"),
        ("topics", "301\tone\n302\t \n", "topics, line 2: it has no text. Write each topic"),
        ("topics", "\tone\n", "topics, line 1: it has no number"),
        ("topics", "3 1\tone\n", "topics, line 1: it has no number of one word \\('3 1'\\)"),
        ("topics", "301\tone\n301\ttwo\n", "line 2: topic 301 occurs a second time"),
        ("topics", "301\tone\n", "qrels: topic 302 is not in .*topics"),
        ("topics", "301\ta\n302\tb\n303\tc\n", "qrels: topic 303 has no relevant document"),
        ("topics", "<top><num>301<title>one", "topic 1: it has no `</top>`"),
        (
            "topics",
            "<top><num>1<title>a<top><num>2</top>",
            "topic 1: each `<top>` needs",
        ),
        ("topics", "<top><num>301</top>", "topics, topic 1: it has no text"),
        ("topics", "<topic><query>a</query></topic>", "topics, topic 1: it has no number"),
        ("topics", "<topics></topics>", "it has no topic. Write each topic"),
        ("topics", b"301\t\xff\n", "UTF-8"),
        ("qrels", "301 0 11\n", "qrels, line 1: it has to be"),
        ("qrels", "301 0 11 yes\n", "qrels, line 1: it has to be"),
        ("qrels", "301 0 FT911-3 1\n", "qrels, line 1: 'FT911-3' is not the id of a TikTok"),
        ("qrels", "301 0 11 1\n301 0 12 1001\n", "line 2: the relevance 1001 is above 1,000"),
        ("qrels", "301 0 11 1\n301 0 11 0\n", "line 2: it contradicts line 1, where the relevance"),
        ("qrels", "301 0 11 0\n302 0 12 1\n", "topic 301 has no relevant document"),
    ],
)
def test_bad_input_is_refused_with_its_place_and_nothing_is_written(folder, name, content, message):
    with pytest.raises(TrecError, match=message):
        take_in(folder, **{name: content})
    assert not (folder / "queries.json").exists()


def test_a_missing_file_is_reported_in_a_sentence(tmp_path):
    with pytest.raises(SystemExit, match="No such file"):
        main(["import", str(tmp_path / "none"), str(tmp_path / "none"), str(tmp_path / "q.json")])
    with pytest.raises(SystemExit, match="There are no queries to export"):
        main(["export", str(tmp_path / "none.json"), str(tmp_path)])


def test_collections_are_not_mixed_or_stripped_silently(tmp_path):
    file = tmp_path / "queries.json"
    write_queries(file, [Query("mario kart", "7", origin="hashtag", withheld="hashtags")])
    with pytest.raises(SystemExit, match=r"no query has the origin `human`.*: hashtag\."):
        main(["export", str(file), str(tmp_path)])
    with pytest.raises(SystemExit, match="withhold texts, which TREC"):
        main(["export", str(file), str(tmp_path), "--origin", "hashtag"])
    assert [path.name for path in tmp_path.iterdir()] == ["queries.json"]


def test_queries_that_cant_be_read_stop_an_import(folder):
    (folder / "queries.json").write_text("{}")
    with pytest.raises(QueryError, match="JSON list"):
        take_in(folder)
    assert (folder / "queries.json").read_text() == "{}"


@pytest.mark.parametrize(
    ("topics", "text"),
    [
        ("<top>\n<num> Number: 1\n<title> i <3 pizza cats\n</top>", "i <3 pizza cats"),
        ("<top>\n<num> Number: 1\n<title> a <b and c> d\n<desc> x\n</top>", "a <b and c> d"),
        ("<top><num>1<title>tom &amp; jerry &lt;3</title></top>", "tom & jerry <3"),
        ("<top><num>1<title>R&D at AT&T &copy that</title></top>", "R&D at AT&T &copy that"),
        ("<top><num>1<title>&lt;top&gt; hat &#9829; &#x2665;</title></top>", "<top> hat ♥ ♥"),
        ("<top>\n<num> Number: 1 </num>\n<query> paper kite </query>\n</top>", "paper kite"),
        (
            "<top>\n<num>1\n<query>paper kite\n<querytime> Tue Feb 8\n<querytweettime> 3\n</top>",
            "paper kite",
        ),
        (
            '<?xml version="1.0"?><topics><topic number="1"><query>kite</query></topic></topics>',
            "kite",
        ),
        ("<topics task='x'><topic number=1 type=faceted>\n<query>kite</query>\n</topic>", "kite"),
        ("<topics><topic><number>1</number><query>kite</query></topic></topics>", "kite"),
        ("<topics><topic><number>1</number><title>kite</title></topic></topics>", "kite"),
        (
            "<topics>\n<topic number='1'>\n  a kite\n  of paper\n</topic>\n</topics>",
            "a kite of paper",
        ),
        ("<topic number='1'><query>kite</query><subtopic number='2'>x</subtopic></topic>", "kite"),
        ("<top>\n<num> Number: 1\n<title> Topic:  paper kite\n</top>", "paper kite"),
        ("<top>\n<num> 1\n<title> Topic: paper kite\n</top>", "Topic: paper kite"),
        ("<topic qid='1'><query><![CDATA[R&D &lt; <3]]> kite</query></topic>", "R&D &lt; <3 kite"),
        ("<top><num>1<title>a&nbsp;kite&#32;</title></top>", "a kite"),
        ("<!-- <topic> --><topic id='1'><query>kite<!-- or not --></query></topic>", "kite"),
    ],
)
def test_topics_are_read_in_all_forms_that_trec_has_used(tmp_path, topics, text):
    (tmp_path / "topics").write_text(topics)
    assert read_topics(tmp_path / "topics") == {"1": text}


def test_a_topic_whose_text_is_in_an_unknown_tag_is_refused(tmp_path):
    topics = "<topic number='1'><raw_utterance>kites</raw_utterance></topic>"
    (tmp_path / "topics").write_text(topics)
    with pytest.raises(TrecError, match="it has no text"):
        read_topics(tmp_path / "topics")


@pytest.mark.parametrize(
    "hostile",
    [
        "<top>" * 200_000,
        "<topic" * 160_000,
        "<!--" * 250_000,
        "<![CDATA[" * 100_000,
        "<top>\n<" + "a" * 1_000_000,
    ],
)
def test_a_megabyte_of_unfinished_tags_is_refused_and_not_chewed_on(tmp_path, hostile):
    (tmp_path / "topics").write_text(hostile)
    with pytest.raises(TrecError):
        read_topics(tmp_path / "topics")


@pytest.fixture
def corpus(tmp_path):
    """A corpus of two TikToks, with queries for these and for a missing one."""
    corpus = Corpus(tmp_path / "data")
    corpus.add_info("a.json", [info(post_id(1)), info(post_id(2))])
    corpus.database()
    queries = [Query("one", post_id(1)), Query("gone", post_id(3)), Query("two", post_id(2))]
    write_queries(corpus.folder / "queries.json", [*queries, queries[0]])
    return corpus


def test_queries_that_experiments_leave_out_are_named_and_not_exported(corpus, tmp_path, capsys):
    export = ["export", str(corpus.folder / "queries.json"), str(tmp_path / "trec")]
    main(export)
    output = capsys.readouterr()
    assert output.out.startswith("2 topics in ")
    assert output.err == f"Left out, because these TikToks are not in the corpus: {post_id(3)}\n"
    assert read_topics(tmp_path / "trec" / "topics.tsv") == {"1": "one", "2": "two"}
    (corpus.folder / "tiktoks.db").rename(tmp_path / "elsewhere.db")
    main([*export[:2], str(tmp_path / "unchecked")])
    assert "so nothing checks that the targets are" in capsys.readouterr().err
    assert len(read_topics(tmp_path / "unchecked" / "topics.tsv")) == 3
    main([*export, "--database", str(tmp_path / "elsewhere.db")])
    write_queries(corpus.folder / "queries.json", [Query("gone", post_id(3))])
    with pytest.raises(SystemExit, match="the corpus contains none of the targets"):
        main([*export, "--database", str(tmp_path / "elsewhere.db")])


SEARCH = {"model": "none"}
# `binary` gives many TikToks the same score.
GRID = {
    "sources": ["basic"],
    "tokenisation": ["words", "4grams"],
    "attribution": [False],
    "term_weighting": ["binary"],
    "collection_weighting": ["none", "probabilistic"],
    "normalisation": ["none"],
    "expansion": ["none"],
    "dense": ["none"],
    "fusion": [{"name": "../both", "method": "score-sum", "parts": ["* binary.none.*"]}],
    "systems": ["search"],
}


def test_the_corpus_is_written_as_a_test_collection_that_ir_measures_reads(tmp_path):
    """The measures of each run are those that `results.db` has for the same system."""
    corpus = Corpus(tmp_path / "data")
    texts = {n: "a red paper kite" + " and bread" * (n % 3) for n in range(1, 30)}
    corpus.add_info("a.json", [info(post_id(n), description=text) for n, text in texts.items()])
    queries = [
        make_query("paper kite", [(post_id(20), 2), (post_id(3), 1), (post_id(99), 3)]),
        make_query("kites", [(post_id(7), 1), (post_id(3), 1)]),
        Query("bread", post_id(2)),
        Query("nobody says this", post_id(4)),
        Query("x", "404"),
    ]
    queries[0] = replace(queries[0], target=post_id(20))
    generated = Query("kite", post_id(1), origin="hashtag")
    write_queries(corpus.folder / "queries.json", [*queries, generated])
    folder, results = tmp_path / "trec", tmp_path / "results.db"
    database = corpus.database()
    write_trec_collection(database, corpus.folder / "queries.json", folder, GRID, SEARCH)
    documents = [json.loads(line) for line in (folder / "documents.jsonl").open()]
    assert [document["docno"] for document in documents] == [post_id(n) for n in texts]
    assert "a red paper kite and bread" in documents[0]["text"].split("\n")

    settings = GRID | {"queries": [str(corpus.folder / "queries.json")]}
    write_results(settings, database, tmp_path / "cells", results, SEARCH)
    with closing(open_database(results)) as db:
        measured = db.execute(
            "SELECT name, metric, value FROM metrics JOIN experiments "
            "USING (experiment_id) WHERE collection = 'human'"
        ).fetchall()
    names = {name: "both" if name == "../both" else name.replace(" ", "_") for name, *_ in measured}
    assert {file.stem for file in (folder / "runs").iterdir()} == set(names.values())
    assert len(names) == 6
    qrels = list(ir_measures.read_trec_qrels(str(folder / "qrels.txt")))
    measures = {"MRR": RR, "MAP": AP, "nDCG@10": nDCG @ 10, "success@5": Success @ 5}
    for system, name in names.items():
        run = list(ir_measures.read_trec_run(str(folder / "runs" / f"{name}.run")))
        theirs = ir_measures.calc_aggregate(measures.values(), qrels, run)
        ours = {metric: value for of, metric, value in measured if of == system}
        assert {name: theirs[measure] for name, measure in measures.items()} == pytest.approx(
            {name: ours[name] for name in measures}
        )
        assert (theirs[RR] == theirs[AP]) is False, "a query has several relevant TikToks"


def test_a_run_has_the_best_thousand_in_our_order():
    ids = [str(number) for number in range(2_000)]
    scores = np.zeros((2, 2_000), np.float32)
    scores[0, 500:] = 1
    scores[1, :3] = [-1, 2, -1]
    lines = [line.split() for line in run_lines("tied", ids, scores)]
    first, second = ([line for line in lines if line[0] == topic] for topic in "12")
    assert [line[2] for line in first] == ids[500:1500]
    assert [int(line[3]) for line in first] == list(range(1, 1001))
    written = [np.float32(line[4]) for line in first]
    assert all(one > other for one, other in pairwise(written))
    assert written[-1] == pytest.approx(1, abs=1e-4)
    assert [line[2] for line in second] == ["1", "0", "2"]
    assert float(second[1][4]) == -1 and float(second[2][4]) < -1
    assert {(line[1], line[5]) for line in lines} == {("Q0", "tied")}


def test_each_run_has_a_file_name_and_a_tag_of_its_own():
    systems = ["a b", "a/b", "A B", "../../x", "ü", "", "y" * 300, "4grams basic+comments b.n.n"]
    assert list(run_names(systems).values()) == [
        *("a_b", "a_b-2", "A_B-3", "x", "run", "run-2", "y" * 150, "4grams_basic+comments_b.n.n")
    ]


def test_other_programs_read_the_collection_as_the_docs_say(tmp_path, monkeypatch, capsys):
    corpus = Corpus(tmp_path / "data")
    corpus.add_info("a.json", [info(post_id(1), description="a red paper kite")])
    write_queries(corpus.folder / "queries.json", [Query("paper kite", post_id(1))])
    files = corpus.database(), corpus.folder / "queries.json", tmp_path / "data/trec"
    bm25 = {"term_weighting": ["bm25"], "collection_weighting": ["lucene"], "fusion": []}
    write_trec_collection(*files, GRID | bm25, SEARCH)
    monkeypatch.chdir(tmp_path)
    page = (PROJECT / "docs" / "test-collections.md").read_text("utf-8")
    snippets = {
        re.findall(r"^(?:import|from) (\w+)", snippet, re.M)[-1]: snippet
        for snippet in re.findall(r"```python\n(.*?)```", page, re.S)
    }
    assert list(snippets) == ["ir_measures", "ranx", "ir_datasets", "pyterrier"]
    for program, snippet in snippets.items():
        if find_spec(program):  # at least the first one
            exec(snippet, {})  # noqa: S102
    measured = capsys.readouterr().out.splitlines()[0]
    assert "RR: 1.0" in measured
    assert "nDCG@10: 1.0" in measured


def test_judged_ids_that_are_rounded_or_not_in_the_corpus_are_named(corpus, tmp_path, capsys):
    rounded = post_id(1)[:-4] + "0000"
    (tmp_path / "topics").write_text("1\tred paper kite\n2\ttwo\n")
    (tmp_path / "qrels").write_text(f"1 0 {rounded} 1\n2 0 {post_id(2)} 1\n")
    main(["import", *(str(tmp_path / name) for name in ("topics", "qrels", "data/queries.json"))])
    looks, lost = capsys.readouterr().err.splitlines()
    assert "may have rounded these ids" in looks and f"no TikTok: {rounded}." in looks
    assert lost == f"These TikToks are not in the corpus: {rounded}"
