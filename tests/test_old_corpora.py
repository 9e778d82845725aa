"""Corpora of the first study: one command builds them from their files in `data/`."""

import json
import shutil
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from demo.resources import Library
from demo.site import Site
from demo.web import data as posts
from tests.support.workflow import PROJECT, Workflow

RAW_INFO = PROJECT.parent / "shared" / "raw-info"
ONLINE, GONE = posts.post_id(0), posts.post_id(1)
COVER = Library().covers[0].read_bytes()


def old_record(id: str) -> dict[str, Any]:
    """A record as the first study merged it. Its links died in 2022."""
    return {
        "video-src": f"https://v16-webapp.tiktok.com/{'a' * 32}/63896fb6/video/tos/{id}/",
        "coverphoto-src": f"https://p16-sign.tiktokcdn-us.com/{id}.jpeg?x-expires=1670000000",
        "permalink": f"https://www.tiktok.com/@maker/video/{id}?web_id=7171915647184603950",
        "id": id,
        "like-count": "22.6K",
        "comment-count": "113",
        "username": "maker",
        "nickname": "Maker of Things",
        "timeposted": "1d ago",
        "music-title": "original sound",
        "description": "paper aeroplanes #paper",
        "comments": [{"username": "viewer", "text": "so true", "time": "5h ago"}],
        "scrape-timestamp": 1669950000.5,
        "download-timestamp": 1669950600.25,
    }


def put_in_place(workflow: Workflow, records: dict[str, Any]) -> None:
    """Write `master.json`, `ocr.json`, `speech_to_text.json` and a cover, as the study did."""
    (workflow.data / "info").rmdir()
    (workflow.data / "master.json").write_text(json.dumps(records, indent=4))
    ids = list(records)
    (workflow.data / "ocr.json").write_text(json.dumps(dict.fromkeys(ids, "words on the cover")))
    speech: dict[str, str | None] = dict.fromkeys(ids, "spoken words")
    speech[ids[-1]] = None
    (workflow.data / "speech_to_text.json").write_text(json.dumps(speech))
    (workflow.data / "coverphotos").mkdir()
    (workflow.data / "coverphotos" / f"{ids[0]}.jpg").write_bytes(COVER)


def query(workflow: Workflow, statement: str) -> list[Any]:
    with closing(sqlite3.connect(workflow.data / "tiktoks.db")) as db:
        return db.execute(statement).fetchall()


def test_an_old_corpus_is_read_in_place_and_its_posts_are_found_again(
    workflow: Workflow, site: Site
) -> None:
    workflow.config["scrape"] = {"pause_s": 0}
    put_in_place(workflow, {id: old_record(id) for id in (ONLINE, GONE)})
    before = (workflow.data / "master.json").read_bytes()
    output = workflow.run("--dry-run")
    assert "data/master.json: raw info: 2 posts (2 new)" in output
    assert (workflow.data / "master.json").read_bytes() == before

    output = workflow.run()
    assert "this run reads it like the files in data/info" in output
    assert (workflow.data / "master.set_aside.json").read_bytes() == before
    assert query(
        workflow,
        "SELECT id, description, creator_username, source_file, speech_to_text FROM tiktoks",
    ) == [
        (ONLINE, "paper aeroplanes #paper", "maker", "data/master.set_aside.json", "spoken words"),
        (GONE, "paper aeroplanes #paper", "maker", "data/master.set_aside.json", None),
    ]
    texts = dict(query(workflow, "SELECT id, engine FROM texts WHERE kind = 'ocr'"))
    assert texts[GONE] == "unknown" and texts[ONLINE] != "unknown", "its cover is there to read"
    assert query(workflow, "SELECT comment_text FROM comments") == [("so true",)] * 2
    assert workflow.receipt("coverphotos", ONLINE)["reason"] == "the file was already there"
    assert "Nothing to be done" in workflow.run()

    site.pages.states[GONE] = "removed"
    output = workflow.run("scrape")
    assert "1 gone, 1 ok" in output
    end = output[output.rindex("2 TikToks in 3 scrapes") :]
    assert (
        "The site did not show 1 post (gone): the site says that the post is not available" in end
    )
    assert "1 video expired" in end, "the new links of the other one are known"
    workflow.run()
    assert workflow.receipt("videos", ONLINE)["outcome"] == "ok"
    assert query(workflow, "SELECT id, outcome FROM scrapes ORDER BY id") == [
        (ONLINE, "ok"),
        (GONE, "gone"),
    ]
    assert query(workflow, "SELECT count(*) FROM observations") == [(2,)]
    old_comment = "SELECT video_id FROM comments WHERE comment_text = 'so true' ORDER BY 1"
    assert query(workflow, old_comment) == [(ONLINE,), (GONE,)]


def test_a_removed_post_is_deleted_from_an_old_corpus(workflow: Workflow) -> None:
    put_in_place(workflow, {id: old_record(id) for id in (ONLINE, GONE)})
    (workflow.data / "removed.txt").write_text(f"{GONE}\n")
    workflow.run()
    assert list(workflow.merged("master.json")) == [ONLINE]
    for name in ("master", "ocr", "speech_to_text"):
        assert GONE not in (workflow.data / f"{name}.set_aside.json").read_text()


@pytest.mark.skipif(not RAW_INFO.is_dir(), reason="the real raw info isn't here")
def test_the_real_corpus_of_2022_is_read_in_place(workflow: Workflow) -> None:
    files = sorted(RAW_INFO.glob("*.json"))
    records = {record["id"]: record for file in files for record in json.loads(file.read_bytes())}
    put_in_place(workflow, records)
    shutil.rmtree(workflow.data / "coverphotos")
    workflow.run()
    assert workflow.merged("master.json").keys() == records.keys()
    [[count, with_texts]] = query(workflow, "SELECT count(*), count(coverphoto_ocr) FROM tiktoks")
    assert count == with_texts == len(records) == 125
