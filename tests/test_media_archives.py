"""Media in the scraper's zip files in `data/info` are taken over by id."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from demo.resources import Library
from scripts.download.own_files import take_over
from scripts.plan.downloads import PENDING, Download
from scripts.plan.own_files import OwnFiles, find_own_files
from scripts.rawinfo import archives
from scripts.rawinfo.catalogue import Catalogue, catalogue_folder
from scripts.rawinfo.problems import Problem
from tests.support.small_corpus import post_id
from tests.support.workflow import Workflow

LIBRARY = Library()
VIDEO = LIBRARY.videos[0].read_bytes()
COVER = LIBRARY.covers[0].read_bytes()
WEBVTT = b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nhello\n"


def record(id: str) -> dict[str, object]:
    """A record as the scraper writes it. Its links are long dead."""
    dead = f"https://v16-webapp-prime.us.tiktok.com/video/tos/x/{id}/?expire=1669985936"
    return {"id": id, "video-src": dead, "coverphoto-src": dead, "description": "bread"}


def pack(
    info: Path, files: Mapping[str, bytes], name: str = "media_20260101T000000Z_1.zip"
) -> Path:
    info.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(info / name, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return info / name


def describe(info: Path, *ids: str) -> None:
    info.mkdir(parents=True, exist_ok=True)
    (info / "batch.json").write_text(json.dumps([record(id) for id in ids]))


def find(data: Path) -> tuple[Catalogue, OwnFiles]:
    catalogue = catalogue_folder(data / "info")
    return catalogue, find_own_files(catalogue, [], data)


def problems_of(archive: Path, catalogue: Catalogue) -> list[Problem]:
    return [problem for problem in catalogue.problems if problem.file == str(archive)]


def test_media_of_a_zip_file_are_found_by_post(tmp_path: Path) -> None:
    id, photo = post_id(0), post_id(1)
    files = {
        f"videos/{id}.mp4": VIDEO,
        f"coverphotos/{id}.jpg": COVER,
        f"captions/{id}.vtt": WEBVTT,
        f"photos/{photo}/2.jpg": COVER,
    }
    archive = pack(tmp_path / "info", files)
    describe(tmp_path / "info", id, photo)
    _, own = find(tmp_path)
    for kind in ("videos", "coverphotos", "captions"):
        [path] = own.candidates(kind, id)
        assert path.parent == archive.absolute() / kind
    assert own.candidates("photos", f"{photo}/1") == ()
    [slide] = own.candidates("photos", f"{photo}/2")
    with archives.open_member(slide) as (file, status):
        assert file.read() == COVER
        assert status.size_bytes == len(COVER)
    assert own.problems == []


def test_a_run_takes_over_the_media_of_a_zip_file(workflow: Workflow) -> None:
    id = post_id(0)
    describe(workflow.data / "info", id)
    files = {f"videos/{id}.mp4": VIDEO, f"coverphotos/{id}.jpg": COVER}
    archive = pack(workflow.data / "info", files)
    before = archive.read_bytes()
    workflow.run()
    assert (workflow.data / "videos" / f"{id}.mp4").read_bytes() == VIDEO
    assert (workflow.data / "coverphotos" / f"{id}.jpg").read_bytes() == COVER
    assert archive.read_bytes() == before
    assert not (workflow.data / "videos" / f"{id}.mp4").is_symlink()


def test_a_thousand_posts(tmp_path: Path) -> None:
    ids = [post_id(number) for number in range(1000)]
    pack(tmp_path / "info", {f"coverphotos/{id}.jpg": COVER for id in ids})
    describe(tmp_path / "info", *ids)
    _, own = find(tmp_path)
    assert all(len(own.candidates("coverphotos", id)) == 1 for id in ids)


@pytest.mark.parametrize(
    "name", ["../../videos/{}.mp4", "/etc/{}.mp4", "videos/../../{}.mp4", "videos/{}.sh"]
)
def test_names_that_lead_elsewhere_are_named_and_not_used(tmp_path: Path, name: str) -> None:
    id = post_id(0)
    archive = pack(tmp_path / "info", {name.format(id): VIDEO, f"coverphotos/{id}.jpg": COVER})
    describe(tmp_path / "info", id)
    catalogue, own = find(tmp_path)
    assert own.candidates("videos", id) == ()
    assert len(own.candidates("coverphotos", id)) == 1
    [problem] = problems_of(archive, catalogue)
    assert "only media are read from zip files" in problem.message
    assert id in problem.message


def test_raw_info_in_a_zip_file_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    archive = pack(tmp_path / "info", {"batch.json": b"[]"})
    [problem] = problems_of(archive, catalogue_folder(tmp_path / "info"))
    assert "this one contains batch.json" in problem.message
    assert problem.remedy == "Unpack it here"


def test_a_cut_zip_file_is_named(tmp_path: Path) -> None:
    archive = pack(tmp_path / "info", {f"videos/{post_id(0)}.mp4": VIDEO})
    archive.write_bytes(archive.read_bytes()[:-30])
    describe(tmp_path / "info", post_id(0))
    catalogue, own = find(tmp_path)
    [problem] = problems_of(archive, catalogue)
    assert "damaged or was cut" in problem.message
    assert own.candidates("videos", post_id(0)) == ()


def outcome(data: Path) -> str:
    """The outcome of taking over the video of the first post."""
    _, own = find(data)
    files = own.candidates("videos", post_id(0))
    download = Download("videos", post_id(0), None, None, None, PENDING, own_files=files)
    media, receipt = download.media(data), download.receipt(data)
    return take_over(download, media, receipt, None, 0, data / "log").outcome


@pytest.mark.parametrize("damage", ["content", "checksum"])
def test_a_damaged_member_does_not_count_as_a_download(tmp_path: Path, damage: str) -> None:
    content = VIDEO[: len(VIDEO) // 2] if damage == "content" else VIDEO
    archive = pack(tmp_path / "info", {f"videos/{post_id(0)}.mp4": content})
    if damage == "checksum":
        packed = bytearray(archive.read_bytes())
        packed[len(VIDEO) // 2] ^= 1
        archive.write_bytes(packed)
    describe(tmp_path / "info", post_id(0))
    assert outcome(tmp_path) == "corrupt"
    assert not (tmp_path / "videos" / f"{post_id(0)}.mp4").exists()
    assert list(tmp_path.glob("videos/.*")) == []


def test_a_member_beyond_all_reason_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack(tmp_path / "info", {f"videos/{post_id(0)}.mp4": VIDEO})
    describe(tmp_path / "info", post_id(0))
    _, own = find(tmp_path)
    assert len(own.candidates("videos", post_id(0))) == 1
    monkeypatch.setattr(archives, "MOST_BYTES", len(VIDEO) - 1)
    assert own.candidates("videos", post_id(0)) == ()
