"""Media that the user already has are found by metadata or name, verified, and never changed."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.resources import Library
from demo.site import Site
from scripts.curation.removal import delete, find_remains, report_rest
from scripts.download import own_files as taking_over
from scripts.download.downloader import Downloader
from scripts.plan.downloads import FINISHED, PENDING, Download, Plan, make_plan
from scripts.plan.own_files import OwnFiles, find_own_files
from scripts.rawinfo.catalogue import catalogue_folder
from scripts.store.manifest import Manifest
from tests.support.small_corpus import post_id
from tests.support.workflow import PROJECT, Workflow

ID, OTHER = post_id(0), post_id(1)
LIBRARY = Library()
VIDEO = LIBRARY.videos[0].read_bytes()
COVER = LIBRARY.covers[0].read_bytes()
WEBVTT = b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nhello\n"
DEFAULTS = yaml.safe_load((PROJECT / "config.yaml").read_text("utf-8"))["download"]


def metadata(id: str, **changes: Any) -> dict[str, Any]:
    """Metadata as yt-dlp writes it. Its links are long dead."""
    return {
        "id": id,
        "extractor_key": "TikTok",
        "uploader": "maker",
        "description": "paper aeroplanes",
        "timestamp": 1669800000,
        "subtitles": {"eng-US": [{"url": f"https://v16.example.com/{id}?expire=1669985936"}]},
        **changes,
    }


class Folder:
    """A corpus with the user's own files, and the result of taking them over."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.info = self.data / "info"
        self.elsewhere = folder / "elsewhere"
        self.info.mkdir(parents=True)
        self.elsewhere.mkdir()

    def describe(self, name: str, id: str = ID, **changes: Any) -> None:
        content = json.dumps(metadata(id, **changes)).encode()
        content = gzip.compress(content) if name.endswith(".gz") else content
        (self.info / name).write_bytes(content)

    def find(self) -> OwnFiles:
        self.catalogue = catalogue_folder(self.info)
        return find_own_files(self.catalogue, [str(self.elsewhere)], self.data)

    def plan(self, *, retry_all: bool = False) -> Plan:
        own = self.find()
        options = {"max_attempts": 3, "retry_all": retry_all, "has_mirror": False}
        return make_plan(self.catalogue, self.data, Manifest(), own=own, **options)

    def take_over(self) -> None:
        downloader = Downloader(DEFAULTS)
        for download in self.plan().all():
            if download.state == PENDING:
                paths = download.media(self.data), download.receipt(self.data)
                downloader.fetch(download, *paths, self.data.parent / "log")

    def receipt(self, kind: str, name: str = ID) -> dict[str, Any]:
        return json.loads((self.data / "receipts" / kind / f"{name}.json").read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize("ending", [".info.json", ".json", ".info.json.gz"])
@pytest.mark.parametrize("name", ["a title. with dots", "no id in it", "7"])
def test_media_next_to_their_metadata_are_taken_over(
    folder: Folder, name: str, ending: str
) -> None:
    folder.describe(name + ending)
    own = {".mp4": VIDEO, ".image": COVER, ".en.vtt": WEBVTT}
    for suffix, content in own.items():
        (folder.info / (name + suffix)).write_bytes(content)
        (folder.info / (name + suffix)).chmod(0o600)
    folder.take_over()
    assert not folder.catalogue.problems
    for path, content in zip(("videos", "coverphotos", "captions"), own.values(), strict=True):
        [made] = (folder.data / path).iterdir()
        assert made.read_bytes() == content
        assert folder.receipt(path)["outcome"] == "ok"
        assert folder.receipt(path)["host"] is None
    for suffix, content in own.items():
        file = folder.info / (name + suffix)
        assert file.read_bytes() == content
        assert file.stat().st_mode & 0o777 == 0o600
    assert {download.state for download in folder.plan().all()} == {FINISHED}


@pytest.mark.parametrize("ending", [".part", ".ytdl", ".tmp", ".crdownload"])
def test_unfinished_files_next_to_their_metadata_are_left_alone(
    folder: Folder, ending: str
) -> None:
    folder.describe("a [b] 😀.info.json")
    (folder.info / f"a [b] 😀.mp4{ending}").write_bytes(b"\0\0\0\x18ftypmp42")
    own = folder.find()
    assert (own.candidates("videos", ID), own.problems) == ((), [])


def test_gallery_dl_appends_to_the_whole_name(folder: Folder) -> None:
    folder.describe("clip.mp4.json")
    (folder.info / "clip.mp4").write_bytes(VIDEO)
    folder.take_over()
    assert folder.receipt("videos")["outcome"] == "ok"


@pytest.mark.parametrize(
    "name",
    [
        f"{ID}.mp4",
        f"a title [{ID}].mp4",
        f"@maker_video_{ID}.mp4",
        f"{ID}.with.endings.webm",
        f"{OTHER} answered [{ID}].mp4",
        f"sub/folders/{ID}.unknown",
    ],
)
def test_media_elsewhere_are_found_by_the_id_in_their_names(folder: Folder, name: str) -> None:
    folder.describe("a.info.json")
    folder.describe("b.info.json", OTHER)
    file = folder.elsewhere / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(VIDEO)
    folder.take_over()
    assert folder.receipt("videos")["outcome"] == "ok"
    assert not (folder.data / "videos" / f"{OTHER}.mp4").exists()


@pytest.mark.parametrize(
    "name",
    [
        f"{ID}9.mp4",  # a longer number
        f"{ID} {OTHER}.mp4",  # of two posts
        f"{ID}.mp4.part",
        f".{ID}.mp4",
        f"{post_id(5)}.mp4",
        "7.mp4",
    ],
)
def test_other_names_belong_to_no_post(folder: Folder, name: str) -> None:
    folder.describe("a.info.json")
    folder.describe("b.info.json", OTHER)
    (folder.elsewhere / name).write_bytes(VIDEO)
    assert not any(download.own_files for download in folder.plan().all())


def test_slides_are_found_by_their_numbers(folder: Folder) -> None:
    item = {
        "id": ID,
        "desc": "slides",
        "author": {"uniqueId": "maker"},
        "imagePost": {
            "images": [{"imageURL": {"urlList": [f"https://p16.example.com/{n}"]}} for n in "abc"]
        },
    }
    (folder.info / "a.json").write_text(json.dumps([item]))
    (folder.elsewhere / ID).mkdir()
    (folder.elsewhere / f"title [{ID}_01_abc].jpg").write_bytes(COVER)
    (folder.elsewhere / ID / "3.jpg").write_bytes(COVER)
    (folder.elsewhere / f"{ID}_20.jpg").write_bytes(COVER)
    (folder.elsewhere / f"{ID}.jpg").write_bytes(COVER)
    found = {d.name: [f.name for f in d.own_files] for d in folder.plan().all() if d.own_files}
    assert found == {
        ID: [f"{ID}.jpg"],
        f"{ID}/1": [f"title [{ID}_01_abc].jpg"],
        f"{ID}/3": ["3.jpg"],
    }


def test_the_first_bytes_decide_the_kind_of_a_file(folder: Folder) -> None:
    folder.describe("a.info.json")
    (folder.info / "a.jpg").write_bytes(VIDEO)
    (folder.info / "a.mp4").write_bytes(COVER)
    (folder.info / "a.m4a").write_bytes(b"\0\0\0\x1cftypM4A \0\0\0\0M4A mp42isom")
    found = {d.kind: [f.name for f in d.own_files] for d in folder.plan().all() if d.own_files}
    assert found == {"videos": ["a.jpg"], "coverphotos": ["a.mp4"]}


def test_the_first_complete_file_is_used(folder: Folder) -> None:
    folder.describe("a.info.json")
    (folder.info / "a.mp4").write_bytes(VIDEO[: len(VIDEO) // 2])
    (folder.info / "a.orig.mp4").write_bytes(VIDEO)
    folder.take_over()
    assert (folder.data / "videos" / f"{ID}.mp4").read_bytes() == VIDEO
    assert folder.receipt("videos")["outcome"] == "ok"


def test_a_damaged_file_is_looked_at_once_until_it_is_replaced(folder: Folder) -> None:
    folder.describe("a.info.json")
    file = folder.info / "a.mp4"
    file.write_bytes(VIDEO[: len(VIDEO) // 2])
    folder.take_over()
    assert folder.receipt("videos")["outcome"] == "corrupt"
    assert str(folder.info) not in json.dumps(folder.receipt("videos"))

    video = folder.plan().find("videos", ID)
    assert video.state == "rejected"
    assert "there is no link; the user's own file is damaged" in video.reason
    assert folder.plan(retry_all=True).find("videos", ID).state == PENDING
    assert file.read_bytes() == VIDEO[: len(VIDEO) // 2]

    file.write_bytes(VIDEO)
    folder.take_over()
    assert folder.receipt("videos")["outcome"] == "ok"


def test_a_damaged_file_leaves_the_link_to_be_tried(folder: Folder, site: Site) -> None:
    host = "v16-webapp.tiktok.com"
    folder.describe("a.info.json", url=f"https://{host}/video/tos/{ID}/", subtitles={})
    (folder.info / "a.mp4").write_bytes(b"\0\0\0\x18ftypisom and no more")
    settings = DEFAULTS | {"proxy": site.proxy_url, "ca_bundle": site.ca_file, "tries": 1}

    def fetch() -> Download:
        video = folder.plan().find("videos", ID)
        paths = video.media(folder.data), video.receipt(folder.data)
        Downloader(settings).fetch(video, *paths, folder.data.parent / "log")
        return folder.plan().find("videos", ID)

    site.faults[host] = "status-404"
    assert fetch().state == "gone"
    site.faults.clear()
    folder.describe("a.info.json", url=f"https://{host}/video/tos/{ID}/?new", subtitles={})
    assert folder.plan().find("videos", ID).own_files == (), "it was looked at"
    assert fetch().state == FINISHED
    assert folder.receipt("videos")["host"] == host


def test_links_out_of_the_folder_are_not_followed(folder: Folder, tmp_path: Path) -> None:
    folder.describe("a.info.json")
    outside = tmp_path / "outside.mp4"
    outside.write_bytes(VIDEO)
    (folder.info / "a.mp4").symlink_to(outside)
    (folder.elsewhere / f"{ID}.mp4").symlink_to(outside)
    (folder.elsewhere / f"{ID}.webm").symlink_to("nowhere")
    own = folder.find()
    assert own.candidates("videos", ID) == ()
    problems = [str(problem) for problem in own.problems]
    assert sum("leads out of its folder" in problem for problem in problems) == 2
    assert sum("the target of this link is missing" in problem for problem in problems) == 1


def test_a_link_within_the_folder_is_followed(folder: Folder) -> None:
    (folder.elsewhere / "clip").write_bytes(VIDEO)
    (folder.elsewhere / f"{ID}.mp4").symlink_to("clip")
    folder.describe("a.info.json")
    folder.take_over()
    made = folder.data / "videos" / f"{ID}.mp4"
    assert not made.is_symlink()
    assert made.read_bytes() == VIDEO


def test_pipes_are_not_opened(folder: Folder) -> None:
    folder.describe("a.info.json")
    os.mkfifo(folder.elsewhere / f"{ID}.mp4")
    assert not any(download.own_files for download in folder.plan().all())


def test_the_corpus_itself_and_missing_folders_are_not_searched(folder: Folder) -> None:
    folder.describe("a.info.json")
    (folder.data / "videos").mkdir()
    (folder.data / "videos" / f"{ID}.mp4").write_bytes(VIDEO)
    catalogue = catalogue_folder(folder.info)
    places = [str(folder.data), str(folder.data.parent), str(folder.data / "videos"), "/no/where"]
    own = find_own_files(catalogue, places, folder.data)
    assert own.candidates("videos", ID) == ()
    [problem] = own.problems
    assert "the folder can't be read" in str(problem)


def test_a_medium_of_no_post_is_named(folder: Folder) -> None:
    folder.describe("a.info.json")
    (folder.info / "holiday.mp4").write_bytes(VIDEO)
    [problem] = folder.find().problems
    assert "holiday.mp4: this media file belongs to no post in data/info" in str(problem)


def test_of_several_caption_tracks_none_is_used(folder: Folder) -> None:
    folder.describe("a.info.json")
    for language in ("en", "de"):
        (folder.info / f"a.{language}.vtt").write_bytes(WEBVTT)
    assert not folder.find().candidates("captions", ID)


def test_a_file_on_another_disk_is_copied(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(18, "Invalid cross-device link")

    folder.describe("a.info.json")
    (folder.info / "a.mp4").write_bytes(VIDEO)
    os.utime(folder.info / "a.mp4", (1_600_000_000, 1_600_000_000))
    monkeypatch.setattr(taking_over.os, "link", refuse)
    folder.take_over()
    made = folder.data / "videos" / f"{ID}.mp4"
    assert made.read_bytes() == VIDEO
    assert made.stat().st_nlink == 1
    assert folder.receipt("videos")["downloaded_at"] == 1_600_000_000


def test_a_run_takes_over_what_yt_dlp_left(workflow: Workflow, tmp_path: Path) -> None:
    """One video is next to its metadata; the other is in another folder, and has only an id."""
    info, elsewhere = workflow.data / "info", tmp_path / "mine"
    elsewhere.mkdir()
    for id, title in ((ID, "first"), (OTHER, "second")):
        (info / f"{title}.info.json").write_text(json.dumps(metadata(id, subtitles={})))
    (info / "first.mp4").write_bytes(VIDEO)
    (info / "first.webp").write_bytes(COVER)
    (elsewhere / f"{OTHER}.mp4").write_bytes(VIDEO)
    workflow.config["media_folders"] = [str(elsewhere)]
    output = workflow.run()
    assert "A run will use 2 videos, 1 coverphoto that you already have." in output
    assert workflow.merged("master.json")[ID]["download-timestamp"]
    assert workflow.receipt("videos", OTHER)["outcome"] == "ok"
    assert (info / "first.mp4").read_bytes() == VIDEO
    assert "Nothing to be done" in workflow.run()


def test_names_that_are_not_text_are_used_unchanged(folder: Folder) -> None:
    folder.describe("a.info.json")
    name = os.fsdecode(b"\xff\n\x1b[31m ") + f"[{ID}].mp4"
    (folder.elsewhere / name).write_bytes(VIDEO)
    folder.take_over()
    assert folder.receipt("videos")["outcome"] == "ok"
    log = (folder.data.parent / "log").read_text()
    assert "taken over" in log and "\x1b" not in log


def test_media_of_a_removed_post_are_named_and_left_to_the_user(folder: Folder) -> None:
    folder.describe("a.info.json")
    (folder.info / f"clip [{ID}].mp4").write_bytes(VIDEO)
    removed = frozenset({ID})
    delete(
        folder.data, removed, find_remains(folder.data, removed, [str(folder.info / "a.info.json")])
    )
    assert not (folder.info / "a.info.json").exists()
    [left] = report_rest(folder.data, removed, None)
    assert f"clip [{ID}].mp4 (your own file: delete it yourself)" in left


@pytest.mark.parametrize("name", [f"clip [{ID}].mp4", f"{ID}.mp4", f"{ID}/1.jpg"])
def test_media_of_a_removed_post_in_other_folders_are_named(folder: Folder, name: str) -> None:
    file = folder.elsewhere / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(VIDEO)
    (folder.elsewhere / f"{OTHER}.mp4").write_bytes(VIDEO)
    folders = [str(folder.elsewhere), str(folder.data.parent / "missing")]
    left = report_rest(folder.data, frozenset({ID}), None, folders)
    assert left == [f"{file} (your own file: delete it yourself)"]
