"""One run of the whole workflow with a file of each format, gzipped and not."""

import gzip
import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from demo.site import Site
from tests import test_formats as formats
from tests.support.small_corpus import post_id
from tests.support.workflow import Workflow

IDS = {
    name: post_id(number)
    for number, name in enumerate(
        ("raw info", "Zeeschuimer", "items", "yt-dlp", "4CAT", "pyktok", "drawrowfly", "master")
    )
}


def of(name: str, content: bytes) -> bytes:
    """The example of a format, turned into a different post."""
    return content.replace(formats.ID.encode(), IDS[name].encode())


@pytest.fixture
def built(workflow: Workflow, site: Site) -> tuple[Workflow, str]:
    """The names of the files say nothing, and every second file is gzipped."""
    site.faults["https://"] = "status-404"
    contents = [of(name, content) for name, content in formats.CONTENTS.items()]
    contents += [
        of("items", formats.COMMENT_FILES["Zeeschuimer"]),
        of("4CAT", formats.table(formats.FOURCAT_COMMENT, formats.FOURCAT_REPLY)),
        json.dumps({"Activity": {"Like List": {"ItemFavoriteList": [formats.DONATED]}}}).encode(),
        b"# mine\nhttps://vm.tiktok.com/ZM1/\n",
        json.dumps(
            {IDS["master"]: formats.RAW | {"id": IDS["master"], "timeposted": "1d ago"}}
        ).encode(),
    ]
    for number, content in enumerate(contents):
        packed = gzip.compress(content) if number % 2 else content
        (workflow.data / "info" / f"file_{number:02d}").write_bytes(packed)
    return workflow, workflow.run()


def test_a_run_reads_every_format(built: tuple[Workflow, str]) -> None:
    workflow, output = built
    with closing(sqlite3.connect(workflow.data / "tiktoks.db")) as db:
        db.row_factory = sqlite3.Row

        def rows(query: str) -> list[dict[str, Any]]:
            return [dict(row) for row in db.execute(query)]

        posts = {row["id"]: row for row in rows("SELECT * FROM tiktoks")}
        assert posts.keys() == set(IDS.values())
        assert list(workflow.merged("master.json")) == sorted(IDS.values(), key=int)
        for name, id in IDS.items():
            assert posts[id]["creator_username"] == "@crumb.lab", name
        for name in ("Zeeschuimer", "items", "4CAT", "pyktok", "drawrowfly"):
            assert posts[IDS[name]]["like_count"] == 22687, name
            # pyktok does not say in which time zone its times are.
            assert name == "pyktok" or posts[IDS[name]]["posted_at"] == 1722600000, name
        comments = rows("SELECT video_id, comment_text FROM comments ORDER BY video_id")
        assert {row["video_id"] for row in comments} == {IDS["items"], IDS["4CAT"]}
        assert len(comments) == 5
        wanted = rows("SELECT id, short_link, list FROM wanted_tiktoks ORDER BY id")
        assert wanted == [
            {"id": None, "short_link": "https://vm.tiktok.com/ZM1/", "list": None},
            {"id": formats.ID, "short_link": None, "list": "Like List"},
        ]
    assert "2 posts are known only by their link" in output
    for words in (
        "raw info: 1 post (1 new)",
        "Zeeschuimer: 1 post (1 new)",
        "items of the site's JSON: 1 post (1 new)",
        "yt-dlp: 1 post (1 new)",
        "a table of 4CAT or Zeeschuimer: 1 post (1 new)",
        "pyktok: 1 post (1 new)",
        "drawrowfly's tiktok-scraper: 1 post (1 new)",
        "Zeeschuimer: 3 comments (3 attached to their posts)",
        "a table of 4CAT or Zeeschuimer: 2 comments (2 attached to their posts)",
        "a person's own data: 1 link",
    ):
        assert words in output, words
    for place in workflow.data.rglob("*"):
        if place.is_file() and place.parent.name != "info":
            content = place.read_bytes()
            assert not [secret for secret in formats.SECRETS if secret.encode() in content], place
    assert "Nothing to be done" in workflow.run()
