"""Merged files: `master.json` and texts."""

import json

import pytest

from scripts.merge.json_files import merge_master, merge_texts, write_object
from tests.support.small_corpus import FETCHED_AT, Corpus, info, post_id

ID = post_id(1)


@pytest.fixture
def corpus(tmp_path):
    return Corpus(tmp_path / "data")


def merged(corpus):
    output = corpus.folder / "master.json"
    merge_master(corpus.catalogue(), corpus.folder, output)
    return output


def test_info_is_kept_as_scraped_with_the_time_of_the_later_download(corpus):
    record = info(ID, unknown={"nested": [1, 2.5, None, True]})
    corpus.add_info("a.json", [record])
    corpus.add_download("videos", ID, downloaded_at=FETCHED_AT)
    corpus.add_download("coverphotos", ID, downloaded_at=FETCHED_AT + 7)
    result = json.loads(merged(corpus).read_bytes())
    assert result == {ID: {**record, "download-timestamp": FETCHED_AT + 7}}
    assert list(result[ID]) == [*record, "download-timestamp"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda corpus: (corpus.folder / f"videos/{ID}.mp4").unlink(),
        lambda corpus: (corpus.folder / f"coverphotos/{ID}.jpg").write_bytes(b""),
        lambda corpus: (corpus.folder / f"receipts/videos/{ID}.json").unlink(),
        lambda corpus: (corpus.folder / f"receipts/videos/{ID}.json").write_text("{"),
        lambda corpus: corpus.add_download("videos", ID, b"", outcome="gone", downloaded_at=None),
        lambda corpus: corpus.add_download("videos", ID, outcome="corrupt"),
        lambda corpus: corpus.add_download("videos", ID, downloaded_at="yesterday"),
    ],
    ids=["no video", "empty cover", "no receipt", "cut receipt", "gone", "corrupt", "odd time"],
)
def test_no_download_time_unless_video_and_cover_are_there(corpus, damage):
    corpus.add_info("a.json", [info(ID)])
    corpus.add_download("videos", ID)
    corpus.add_download("coverphotos", ID)
    damage(corpus)
    assert json.loads(merged(corpus).read_bytes())[ID]["download-timestamp"] is None


def test_records_are_sorted_by_number_one_a_line_and_the_newest_wins(corpus):
    ids = ["99", "100", "9", post_id(2), post_id(1), "10000000000000000000"]
    corpus.add_info("a.json", [info(id) for id in ids])
    corpus.add_info("b.json", [info("100", description="newer", **{"scrape-timestamp": 1.7e9})])
    lines = merged(corpus).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "{" and lines[-1] == "}"
    assert [line.split('"')[1] for line in lines[1:-1]] == sorted(ids, key=int)
    assert '"newer"' in lines[3]


def test_hostile_text_survives_a_round_trip(corpus):
    text = "\u202e right to left, 😀, \u2028 and \x85, \\ud800 spelled out, " + "long " * 200_000
    corpus.add_info("a.json", [info(ID, description=text)])
    content = merged(corpus).read_bytes()
    assert json.loads(content)[ID]["description"] == text
    assert "😀".encode() in content


def test_text_that_utf8_cannot_encode_is_written_as_json_escapes(tmp_path):
    texts = ["NUL \0", "lone \ud83d and \udc00", "\\\ud800", "\\ud800 spelled out"]
    write_object(tmp_path / "a.json", ((text, text) for text in texts))
    content = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(content) == {text: text for text in texts}


def test_without_posts_the_merged_file_is_an_empty_object(corpus):
    corpus.add_info("a.json", [])
    assert merged(corpus).read_bytes() == b"{}\n"


def test_merging_twice_gives_the_same_bytes_and_leaves_nothing_else(corpus):
    corpus.add_info("a.json", [info(post_id(n)) for n in range(5)])
    first = merged(corpus).read_bytes()
    before = sorted(corpus.folder.iterdir())
    assert merged(corpus).read_bytes() == first
    assert sorted(corpus.folder.iterdir()) == before


def test_a_failing_merge_keeps_the_old_file(corpus):
    corpus.add_info("a.json", [info(ID)])
    output = merged(corpus)
    old = output.read_bytes()
    catalogue = corpus.catalogue()
    (corpus.folder / "info/a.json").unlink()
    with pytest.raises(Exception, match=r"a\.json"):
        merge_master(catalogue, corpus.folder, output)
    assert output.read_bytes() == old
    assert not list(corpus.folder.glob(".*"))


def test_texts_tell_unreadable_from_wordless(tmp_path):
    corpus = Corpus(tmp_path)
    corpus.add_info("batch.json", [info(id) for id in ("20", "3", "4", "5", "6")])
    folder = tmp_path / "ocr"
    folder.mkdir()
    for id, content in {
        "20": "two words\n\n \f\n",
        "3": "",
        "4": "\n",
        "5": "  indented\nlines\n",
        "999": "not asked for\n",
    }.items():
        (folder / f"{id}.txt").write_text(content, encoding="utf-8")
    output = tmp_path / "ocr.json"
    merge_texts("ocr", corpus.catalogue(), tmp_path, output)
    content = output.read_text(encoding="utf-8")
    assert json.loads(content) == {
        "3": None,
        "4": "",
        "5": "  indented\nlines",
        "6": None,
        "20": "two words",
    }
    assert list(json.loads(content)) == ["3", "4", "5", "6", "20"]
