"""TREC topics and qrels: what goes out comes back, in both forms; what is odd is refused."""

import pytest

from scripts.queries.query_file import Query, QueryError, read_queries, write_queries
from scripts.queries.trec import TrecError, import_queries, main, read_topics

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


def test_what_is_exported_comes_back(tmp_path, capsys):
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
    assert import_queries(topics, qrels, back) == 0


@pytest.mark.parametrize("name", ["topics.tsv", "qrels.txt"])
def test_an_export_overwrites_nothing(tmp_path, name):
    write_queries(tmp_path / "a.json", [Query("cat", "7")])
    export = ["export", str(tmp_path / "a.json"), str(tmp_path / "trec")]
    main(export)
    main(export)  # the same again
    other = "topics.tsv" if name == "qrels.txt" else "qrels.txt"
    (tmp_path / "trec" / name).write_text("mine")
    (tmp_path / "trec" / other).unlink()
    with pytest.raises(SystemExit, match=rf"{name}: it is there.*another folder, or delete"):
        main(export)
    assert [(file.name, file.read_text()) for file in (tmp_path / "trec").iterdir()] == [
        (name, "mine")
    ]


def test_white_space_in_a_query_becomes_one_space(tmp_path):
    write_queries(tmp_path / "a.json", [Query(" two\nlines\tand \x85 more", "7")])
    main(["export", str(tmp_path / "a.json"), str(tmp_path)])
    assert read_topics(tmp_path / "topics.tsv") == {"1": "two lines and more"}


def test_topics_in_trecs_own_form_are_read(folder):
    assert take_in(folder) == 2
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
    assert take_in(folder) == 1
    assert read_queries(folder / "queries.json")[:2] == there


def test_a_bom_and_windows_line_ends_are_no_part_of_a_query(folder):
    topics = "\ufeff301\tone\r\n\r\n302\ttwo\r\n"
    assert take_in(folder, topics=topics, qrels="301 0 11 1\r\n302 Q0 12 1\r\n") == 2
    assert read_topics(folder / "topics") == {"301": "one", "302": "two"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("topics", "", "no topic"),
        ("topics", "301 one\n", "topics, line 1: there is no tab"),
        ("topics", "301\tone\n302\t \n", "topics, line 2: it needs a number and a text"),
        ("topics", "\tone\n", "topics, line 1: it needs a number"),
        ("topics", "3 1\tone\n", "topics, line 1: it needs a number"),
        ("topics", "301\tone\n301\ttwo\n", "line 2: topic 301 was there before"),
        ("topics", "301\tone\n", "qrels: topic 302 is not in .*topics"),
        ("topics", "301\ta\n302\tb\n303\tc\n", "qrels: topic 303 has no relevant document"),
        ("topics", "<top><num>301<title>one", "`<top>` has no `</top>`"),
        ("topics", "<top><num>301</top>", "topics, topic 1: it needs a number and a text"),
        ("topics", b"301\t\xff\n", "UTF-8"),
        ("qrels", "301 0 11\n", "qrels, line 1: it has to be"),
        ("qrels", "301 0 11 yes\n", "qrels, line 1: it has to be"),
        ("qrels", "301 0 FT911-3 1\n", "qrels, line 1: 'FT911-3' is not the id of a TikTok"),
        ("qrels", "301 0 11 1\n301 0 12 1\n", "line 2: topic 301 has several relevant documents"),
        ("qrels", "301 0 11 0\n302 0 12 1\n", "topic 301 has no relevant document"),
    ],
)
def test_odd_input_is_refused_by_its_place_and_nothing_is_written(folder, name, content, message):
    with pytest.raises(TrecError, match=message):
        take_in(folder, **{name: content})
    assert not (folder / "queries.json").exists()


def test_a_file_that_is_missing_is_told_in_a_sentence(tmp_path):
    with pytest.raises(SystemExit, match="No such file"):
        main(["import", str(tmp_path / "none"), str(tmp_path / "none"), str(tmp_path / "q.json")])
    with pytest.raises(SystemExit, match="has to be a JSON list"):
        main(["export", str(tmp_path / "none.json"), str(tmp_path)])


def test_collections_are_not_mixed_or_stripped_silently(tmp_path):
    file = tmp_path / "queries.json"
    write_queries(file, [Query("mario kart", "7", origin="hashtag", withheld="hashtags")])
    with pytest.raises(SystemExit, match=r"no queries of origin `human` \(but of: hashtag\)"):
        main(["export", str(file), str(tmp_path)])
    with pytest.raises(SystemExit, match="withhold texts of the corpus"):
        main(["export", str(file), str(tmp_path), "--origin", "hashtag"])
    assert [path.name for path in tmp_path.iterdir()] == ["queries.json"]


def test_queries_that_cant_be_read_stop_an_import(folder):
    (folder / "queries.json").write_text("{}")
    with pytest.raises(QueryError, match="JSON list"):
        take_in(folder)
    assert (folder / "queries.json").read_text() == "{}"
