"""A post in data/removed.txt is removed on request, and nothing is left of it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scripts.curation import removal
from scripts.curation.removal import delete, find_remains, read_removed, report_rest
from scripts.errors import ConfigError
from scripts.rawinfo.erasing import erase
from tests.support.small_corpus import Corpus, info, post_id
from tests.support.tiktoks import tiktok
from tests.support.workflow import Workflow

COUNT = 3
ONE = tiktok(1)["id"]


@pytest.fixture
def built(workflow: Workflow) -> Workflow:
    """A corpus with a mirror. The post to remove was scraped twice."""
    workflow.config["mirror"] = str(workflow.folder / "mirror")
    workflow.add([tiktok(number) for number in range(COUNT)])
    workflow.add([tiktok(1, **{"scrape-timestamp": 1669965001.5})], "again.json")
    workflow.run("mirror")
    return workflow


def take_out(workflow: Workflow, *ids: str) -> None:
    (workflow.data / "removed.txt").write_text("# on request\n" + "".join(f"{id}\n" for id in ids))


def mentions(folder: Path, id: str) -> set[str]:
    """The files in `folder` whose name or content contains the id."""
    return {
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and (id in str(file) or id.encode() in file.read_bytes())
    } - {"removed.txt"}


def test_nothing_is_left_of_a_removed_post(built: Workflow) -> None:
    assert len(mentions(built.data, ONE)) > 8
    others = built.hashes("videos", "coverphotos", "ocr", "receipts")
    for built_on_request in ("viewer/posts/1.js", "experiments/cells.json", "results.db"):
        (built.data / built_on_request).parent.mkdir(parents=True, exist_ok=True)
        (built.data / built_on_request).write_text(f"of {ONE}")
    take_out(built, ONE)
    output = built.run("--dry-run")
    assert "removed.txt: 7 files and records in data/info/again.json, data/info/batch_1" in (output)
    assert len(mentions(built.data, ONE)) > 8, "a dry-run deletes nothing"

    output = built.run()
    assert "Deleted 7 files" in output
    assert mentions(built.data, ONE) == set()
    assert not (built.data / "viewer").exists() and not (built.data / "results.db").exists()
    kept = built.hashes("videos", "coverphotos", "ocr", "receipts")
    assert kept == {path: digest for path, digest in others.items() if ONE not in path}
    assert built.merged("master.json").keys() == {tiktok(0)["id"], tiktok(2)["id"]}
    with closing(sqlite3.connect(built.data / "tiktoks.db")) as db:
        assert db.execute("SELECT source_record FROM tiktoks").fetchall() == [(1,), (2,)]
        assert db.execute("SELECT count(*) FROM observations").fetchone() == (0,)
    assert json.loads((built.data / "info/again.json").read_bytes()) == []
    assert "Nothing to be done" in built.run()


def test_verify_names_leftovers_here_and_on_the_mirror(built: Workflow) -> None:
    take_out(built, ONE)
    output = built.run("verify", succeeds=False)
    assert "of removed TikToks" in output
    for place in (f"data/videos/{ONE}.mp4", "data/info/batch_1.json, record 2", "data/tiktoks.db"):
        assert place in output
    assert (built.data / "videos" / f"{ONE}.mp4").exists(), "verify only reports"
    built.run()
    output = built.run("verify", succeeds=False)
    mirror = Path(built.config["mirror"])
    left = sorted(mirror.rglob(f"{ONE}.*"))
    assert len(left) == 2
    assert all(f"{file} (delete it there)" in output for file in left)
    for file in left:
        file.unlink()
    built.run("verify")
    built.run("mirror")
    assert not list(mirror.rglob(f"{ONE}.*"))


def test_a_removed_post_is_not_collected_again(built: Workflow) -> None:
    take_out(built, ONE)
    built.run()
    built.add([tiktok(1), tiktok(5)], "new.json")
    asked = len(built.site.requests)
    built.run()
    assert len(built.site.requests) == asked + 2
    assert ONE not in built.merged("master.json")
    assert mentions(built.data, ONE) == set()


def test_the_manifest_of_another_machine_forgets_it(built: Workflow) -> None:
    """The manifest came there through version control, without the files."""
    before = (built.data / "manifest.tsv").read_text()
    take_out(built, ONE)
    built.run()
    (built.data / "manifest.tsv").write_text(before)
    built.run()
    assert mentions(built.data, ONE) == set()


@pytest.mark.parametrize(
    "line", ["@maker", "71719156229623519350123", "7171, 7172", "\uff17\uff11"]
)
def test_an_invalid_id_is_reported_with_its_line(workflow: Workflow, line: str) -> None:
    workflow.add([])
    (workflow.data / "removed.txt").write_text(f"# who asked\n\n123 # in May\n{line}\n")
    output = workflow.run("--dry-run", succeeds=False)
    assert "data/removed.txt, line 4" in output
    assert "is not the id of a TikTok" in output


def test_comments_and_spaces_do_not_count_as_ids(tmp_path: Path) -> None:
    file = tmp_path / "removed.txt"
    file.write_text("  12 # asked in May\n\n#34\n56\r\n")
    assert read_removed(file) == {"12", "56"}
    with pytest.raises(ConfigError):
        file.write_text("x")
        read_removed(file)


A, B, C = ('{"id": "11", "x": "},{"}', '{"id": 22}', '{"comments": [{"id": "11"}], "id": "33"}')


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"[{A},{B},{C}]", f"[{A},{C}]"),
        (f"[\n {A} ,\n\t{B},\n {C}\n]\n", f"[\n {A} ,\n {C}\n]\n"),
        (f"\ufeff [ {B}, {A}]", f"\ufeff [ {A}]"),
        (f"[{A}, {B}\n]", f"[{A}\n]"),
        (f"[{B}, {B}]", "[]"),
        (f'{{"11": {A}, "22" : {B}, "3,3": {C}}}', f'{{"11": {A}, "3,3": {C}}}'),
        (f"[{A}, {B}, {C}, {{broken", f"[{A}, {C}, {{broken"),
        (f"[{B}, 7, null, {A}]", f"[ 7, null, {A}]"),
    ],
)
def test_all_other_bytes_of_raw_info_stay(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / "info" / "batch.json"
    file.parent.mkdir()
    file.write_text(before)
    removed = frozenset({"22"})
    delete(tmp_path, removed, find_remains(tmp_path, removed, [str(file)]))
    assert file.read_text() == after
    assert report_rest(tmp_path, removed, None) == []


def test_a_record_after_damage_is_reported(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    corpus.add_info("batch.json", [info(post_id(1)), info(post_id(2))])
    file = tmp_path / "info" / "batch.json"
    file.write_text(file.read_text().replace("}, {", "}; {", 2)[:-1])
    (line,) = report_rest(tmp_path, frozenset({post_id(2)}), None)
    assert f"id {post_id(2)} (edit it by hand)" in line


@pytest.mark.parametrize("beside", [{"id": post_id(2)}, f"like {post_id(2)}", [post_id(2)]])
def test_an_id_next_to_the_records_of_an_object_is_reported(tmp_path: Path, beside: Any) -> None:
    file = tmp_path / "info" / "batch.json"
    file.parent.mkdir()
    file.write_text(json.dumps({post_id(1): info(post_id(1)), "note": beside}))
    removed = frozenset({post_id(2)})
    before = file.read_bytes()
    erase(file, removed)
    assert file.read_bytes() == before
    (line,) = report_rest(tmp_path, removed, None)
    assert f"next to the records: id {post_id(2)} (edit it by hand)" in line


def test_files_of_other_posts_and_raw_info_are_never_deleted(tmp_path: Path) -> None:
    paths = ["photos/123/1.jpg", "info/1.json", "videos/12.mp4", "export/p/data/videos/1.mp4"]
    for path in (*paths, "photos/1/2.jpg", "damaged/videos/1.mp4", "speech/1.vtt"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("[]")
    removed = frozenset({"1"})
    delete(tmp_path, removed, find_remains(tmp_path, removed, []))
    left = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert left == set(paths)
    assert report_rest(tmp_path, removed, None) == [str(tmp_path / paths[-1])]


@pytest.mark.parametrize("left", [None, "[]\n"])
def test_results_of_experiments_go_with_their_queries(tmp_path: Path, left: str | None) -> None:
    data, queries = tmp_path / "data", [tmp_path / "a.json", tmp_path / "b.json"]
    files = [data / "results.db", data / "report/experiments.html"]
    files += [data / "report/experiments/sources.svg", data / "report/likes.svg"]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    queries[1].write_text('[{"text": "a cat", "target": "1"}]')
    removal.delete_results_without_queries(data, map(str, queries))
    assert all(file.exists() for file in files)
    if left is None:
        queries[1].unlink()
    else:
        queries[1].write_text(left)
    for _ in range(2):
        removal.delete_results_without_queries(data, map(str, queries))
        assert [file.name for file in files if file.exists()] == ["likes.svg"]
