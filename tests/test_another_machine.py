"""The corpus on another machine: restored from a mirror, and the same byte for byte."""

import json
import re
import shutil
from pathlib import Path

import pytest

from demo.site import Site
from tests.support.small_media import small_media
from tests.support.tiktoks import tiktok, video_host
from tests.support.workflow import Workflow

MERGED = ("master.json", "ocr.json", "speech_to_text.json", "tiktoks.db", "manifest.tsv")
SPEECH = {"engine": "pocketsphinx"}
COUNT = 4
GONE = 3
MEDIA = 2 * COUNT - 1
TRANSCRIPTS = 2 * (COUNT - 1)  # each with its times


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """A corpus with a mirror in a folder; one of its videos is gone."""
    folder = tmp_path_factory.mktemp("first")
    with Site(media=small_media()) as site:
        workflow = Workflow(folder / "corpus", site)
        workflow.config |= {"mirror": str(folder / "mirror"), "speech": SPEECH}
        workflow.add([tiktok(number) for number in range(COUNT)])
        site.faults[video_host(GONE)] = "status-404"
        workflow.run()
        workflow.run("mirror")
    return workflow


@pytest.fixture
def second(first: Workflow, workflow: Workflow) -> Workflow:
    """Another checkout with the files that version control brings: raw info and the manifest."""
    shutil.copytree(first.data / "info", workflow.data / "info", dirs_exist_ok=True)
    shutil.copyfile(first.data / "manifest.tsv", workflow.data / "manifest.tsv")
    workflow.config |= {"mirror": first.config["mirror"], "speech": SPEECH}
    return workflow


def test_the_mirror_has_every_file_at_its_path(first: Workflow) -> None:
    mirror = Path(first.config["mirror"])
    there = {str(file.relative_to(mirror)) for file in mirror.rglob("*") if file.is_file()}
    assert there == set(first.hashes("videos", "coverphotos", "speech"))
    assert len(there) == MEDIA + TRANSCRIPTS


def test_a_second_machine_builds_the_same_bytes_without_the_site(
    first: Workflow, second: Workflow
) -> None:
    assert len(second.pending()) == MEDIA + COUNT
    second.run()
    assert second.site.requests == []
    folders = ("videos", "coverphotos", "ocr", "speech", "receipts")
    assert second.hashes(*folders) == first.hashes(*folders)
    for name in MERGED:
        assert (second.data / name).read_bytes() == (first.data / name).read_bytes(), name
    assert "Nothing to be done" in second.run()
    second.run("verify")


def test_a_transcript_is_restored_and_not_recognised_again(second: Workflow) -> None:
    manifest = second.data / "manifest.tsv"
    another = "pocketsphinx of another machine"
    manifest.write_text(re.sub(r"pocketsphinx \d[\d.]*", another, manifest.read_text()))
    second.run("data/speech_to_text.json")
    receipts = [json.loads(f.read_text()) for f in (second.data / "receipts/speech").iterdir()]
    assert len(receipts) == COUNT - 1
    assert all(receipt["version"].startswith(another) for receipt in receipts)

    second.config["speech"] = SPEECH | {"prefer": "recognition"}  # needs another transcript
    second.run("data/speech_to_text.json")
    receipts = [json.loads(f.read_text()) for f in (second.data / "receipts/speech").iterdir()]
    assert not any(receipt["version"].startswith(another) for receipt in receipts)


def test_fetch_only_restores(first: Workflow, second: Workflow) -> None:
    second.add([tiktok(COUNT)], "new.json")
    second.run("fetch")
    assert second.site.requests == []
    assert second.hashes("videos", "coverphotos") == first.hashes("videos", "coverphotos")


def test_wrong_files_on_the_mirror_are_refused_and_the_link_is_tried(second: Workflow) -> None:
    mirror = second.folder / "mirror"
    shutil.copytree(second.config["mirror"], mirror)
    second.config["mirror"] = str(mirror)
    id = tiktok(0)["id"]
    video = mirror / "videos" / f"{id}.mp4"
    content = bytearray(video.read_bytes())
    content[len(content) // 2] ^= 1
    video.write_bytes(content)
    second.run()
    assert [path for _, _, path, _ in second.site.requests if "/video/" in path]
    assert len(second.site.requests) == 1
    log = (second.folder / "logs" / "videos" / f"{id}.log").read_text()
    assert "the file on the mirror differs" in log


@pytest.mark.parametrize("place", ["here", "in the mirror"])
def test_verify_names_changed_missing_and_extra_files(
    first: Workflow, second: Workflow, place: str
) -> None:
    second.run()
    ids = [tiktok(number)["id"] for number in range(COUNT)]
    changed, missing = (second.data / "videos" / f"{id}.mp4" for id in ids[:2])
    extra = second.data / "videos" / "123.mp4"
    changed.write_bytes(changed.read_bytes() + b"x")
    missing.unlink()
    extra.write_bytes(b"what is this")
    if place == "here":
        second.config["mirror"] = ""
    output = second.run("verify", succeeds=False)
    assert f"1 changed: videos/{ids[0]}.mp4" in output
    assert "1 not in the manifest: videos/123.mp4" in output
    assert "Move changed media away, then run `snakemake --cores 8`" in output
    assert ("1 missing" in output) == (place == "here")


def test_a_push_never_overwrites_another_file(first: Workflow, second: Workflow) -> None:
    second.run()
    second.config["mirror"] = str(second.folder / "mirror")
    id = tiktok(0)["id"]
    other = second.folder / "mirror" / "videos" / f"{id}.mp4"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"another file")
    output = second.run("mirror", succeeds=False)
    assert f"videos/{id}.mp4 on the mirror is a different file, with 12 bytes" in output
    assert other.read_bytes() == b"another file"
    assert len(list((second.folder / "mirror").rglob("*.*"))) == MEDIA + TRANSCRIPTS


def test_a_missing_mirror_is_reported_before_anything_starts(second: Workflow) -> None:
    second.config["mirror"] = "nonsense://somewhere"
    output = second.run(succeeds=False)
    assert "`mirror` is nonsense://somewhere" in output
    assert second.site.requests == []


def test_a_damaged_manifest_is_reported_with_its_line(second: Workflow) -> None:
    manifest = second.data / "manifest.tsv"
    lines = manifest.read_text().splitlines()
    manifest.write_text("\n".join([*lines, "<<<<<<< HEAD", ""]))
    output = second.run(succeeds=False)
    assert f"data/manifest.tsv, line {len(lines) + 1}" in output
