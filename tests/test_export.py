"""Packages: what they contain, what they must not contain, and that they build the same corpus."""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import bagit
import pytest
import yaml

from demo.site import Site
from scripts.errors import StorageError
from scripts.export.bag import check_place
from scripts.export.importing import import_package
from scripts.report.datasheet import cite
from tests.support.tiktoks import tiktok, video_host
from tests.support.workflow import QUICK, Workflow

COUNT = 4
GONE = 3
MERGED = ("master.json", "ocr.json", "speech_to_text.json", "tiktoks.db", "manifest.tsv")
WEB_ID = "7279568107143392123"
TOKEN = "Xz9-token_of_the_session"  # noqa: S105
PATH_SIGNATURE = "c0776fe310914733500a912468195355"
SECRETS = (WEB_ID, TOKEN, PATH_SIGNATURE, "secret", "signature", "x-expires=", "web_id=")


def records() -> list[dict]:
    """Records with links and the collector's ids in all kinds of places."""
    made = [tiktok(number) for number in range(COUNT)]
    made[0] |= {
        "raw": {
            "source_url": f"https://www.tiktok.com/api/?device_id={WEB_ID}&msToken={TOKEN}",
            "deviceId": int(WEB_ID),
            "cookies": [TOKEN],
            "note": f"scraped by {WEB_ID}",
            "playAddr": [{"src": "https://v16.example.com/a/b.mp4?signature=secret"}],
        },
        "description": f"why?really https://www.tiktok.com/@x/video/1?web_id={WEB_ID}&a=1",
    }
    path = made[2]["video-src"].replace("/video/", f"/{PATH_SIGNATURE}/6389fd3a/video/")
    made[2]["video-links"] = [{"url": path, "codec": "h264"}]
    return made


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """A corpus with a package; one of its videos is gone, one link was never tried."""
    folder = tmp_path_factory.mktemp("first")
    with Site() as site:
        workflow = Workflow(folder / "corpus", site)
        workflow.add(records())
        # A hidden file is raw info like any other.
        workflow.add([tiktok(1, **{"scrape-timestamp": 1669965001.5})], ".again.json")
        site.faults[video_host(GONE)] = "status-404"
        workflow.run("export")
    workflow.config["download"] = dict(QUICK)  # the site is gone
    return workflow


def package(workflow: Workflow, name: str = "corpus") -> Path:
    return workflow.data / "export" / name


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def imported(source: Path, workflow: Workflow) -> Workflow:
    output = workflow.run("import", "--config", f"package={source}")
    assert f"--configfile {source}/data/settings.yaml" in output
    return workflow


def test_it_is_a_valid_bag_with_a_crate_a_readme_and_a_dictionary(first: Workflow) -> None:
    folder = package(first)
    bag = bagit.Bag(str(folder))
    assert bag.validate()
    assert bag.info["Bagging-Date"] == "2022-12-02"
    crate = json.loads((folder / "data/ro-crate-metadata.json").read_bytes())
    parts = {entity["@id"]: entity for entity in crate["@graph"]}
    assert parts["./"]["datePublished"] == "2022-12-02"
    for part in parts["./"]["hasPart"]:
        assert (folder / "data" / part["@id"]).exists(), part
    readme = (folder / "data/README.md").read_text()
    assert f"A corpus of {COUNT} TikToks" in readme
    citation = cite(folder / "data/tiktoks.db", folder / "data/manifest.tsv")
    assert f"> {citation}" in readme and parts["./"]["creditText"] == citation
    assert f"> {citation}" in (folder / "data/DATASHEET.md").read_text()
    with closing(sqlite3.connect(folder / "data/tiktoks.db")) as db:
        tables = db.execute("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE TABLE%'")
        dictionary = (folder / "data/DATABASE.md").read_text()
        own = [name for (name,) in tables.fetchall() if not name.startswith("search")]
        assert own
        assert all(f"## `{name}`" in dictionary for name in own)


def test_the_package_contains_no_trace_of_the_collector_and_no_signature(first: Workflow) -> None:
    for path, content in contents(package(first)).items():
        if path not in ("data/README.md", "data/DATABASE.md"):
            for secret in SECRETS:
                assert secret.encode() not in content, (path, secret)
    master = json.loads((package(first) / "data/master.json").read_bytes())
    post = master[tiktok(0)["id"]]
    assert post["description"] == "why?really https://www.tiktok.com/@x/video/1"
    assert post["raw"]["playAddr"] == [{"src": "https://v16.example.com/a/b.mp4"}]
    assert post["permalink"] == f"https://www.tiktok.com/@maker/video/{tiktok(0)['id']}"
    for name in ("logs", ".snakemake", ".lock", "pseudonyms.key", "removed.txt"):
        assert not list(package(first).rglob(name))


def test_the_package_reveals_nothing_about_the_machine(first: Workflow) -> None:
    for path, content in contents(package(first)).items():
        assert str(first.folder).encode() not in content, path
        assert str(Path.home()).encode() + b"/" not in content, path


def test_an_import_builds_the_same_corpus_without_the_site(
    first: Workflow, workflow: Workflow
) -> None:
    second = imported(package(first), workflow)
    plan = second.run("--dry-run")
    assert "pending" in plan
    assert not re.search(r"output: data/(videos|coverphotos|ocr)/", plan)
    second.run()
    assert second.site.requests == []
    for name in MERGED:
        there = (package(first) / "data" / name).read_bytes()
        assert (second.data / name).read_bytes() == there, name
    assert "files match the manifest" in second.run("verify")
    assert "Nothing to be done" in second.run()
    assert second.receipt("videos", tiktok(GONE)["id"])["outcome"] == "gone"
    # And hands on the same.
    second.run("export")
    assert contents(package(second)) == contents(package(first))


def test_without_media_each_missing_file_has_a_reason(first: Workflow, workflow: Workflow) -> None:
    folder = workflow.folder / "package"
    first.run("export", "--config", f"export={{media: false, folder: '{folder}'}}")
    assert not list(folder.rglob("*.mp4"))
    assert "not in this package" in (folder / "data/README.md").read_text()
    second = imported(folder, workflow)
    plan = second.run("--dry-run")
    assert "expired: the file is not in the package that this corpus came in" in plan
    assert "downloaded once" not in plan
    second.run()
    assert second.site.requests == []
    for name in MERGED:
        assert (second.data / name).read_bytes() == (folder / "data" / name).read_bytes(), name
    texts = {id: text for id, text in second.merged("ocr.json").items() if text is not None}
    assert texts == first.merged("ocr.json") != {}
    second.run("verify")
    # A new scrape brings the media.
    second.add([tiktok(0, **{"scrape-timestamp": 1669965009.5})], "new.json")
    second.run()
    assert (second.data / "videos" / f"{tiktok(0)['id']}.mp4").exists()


@pytest.fixture(scope="module")
def captioned(tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """A corpus of two posts, one of them with captions."""
    track = {"url": "https://v16.tiktokcdn.com/a.webvtt", "language": "eng-US", "source": "LC"}
    with Site() as site:
        corpus = Workflow(tmp_path_factory.mktemp("captioned") / "corpus", site)
        corpus.add([tiktok(0, captions=[track], language="en"), tiktok(1)])
        corpus.run()
    corpus.config["download"] = dict(QUICK)  # the site is gone
    return corpus


@pytest.mark.parametrize("media", [True, False])
@pytest.mark.parametrize("pseudonymise", [True, False])
def test_texts_are_not_made_again_from_imported_media(
    captioned: Workflow, workflow: Workflow, media: bool, pseudonymise: bool
) -> None:
    """Captions get pseudonyms, too, so the file differs from the one that the text comes from."""
    captioned.config["export"] = {"media": media, "pseudonymise": pseudonymise}
    captioned.run("export")
    second = imported(package(captioned, "pseudonymised" if pseudonymise else "corpus"), workflow)
    id = tiktok(0)["id"]
    text = json.loads((second.data / "receipts" / "speech" / f"{id}.json").read_text())
    assert text["made_of"] == [second.receipt("captions", id)["sha256"]]
    cover = json.loads((second.data / "receipts" / "ocr" / f"{id}.json").read_text())
    assert len(cover["made_of"]) == media
    for file in (*second.data.glob("captions/*"), *second.data.glob("coverphotos/*")):
        file.touch()  # times of files don't count
    assert not re.search("rule (ocr|speech):", second.run("--dry-run"))


def test_the_same_corpus_gives_the_same_bytes_and_replaces_the_older_package(
    first: Workflow,
) -> None:
    before = contents(package(first))
    first.run("export")
    assert contents(package(first)) == before
    assert [path.name for path in package(first).parent.iterdir()] == ["corpus"]


def test_only_packages_are_ever_replaced(first: Workflow, tmp_path: Path) -> None:
    thesis = tmp_path / "folder" / "thesis.tex"
    thesis.parent.mkdir()
    thesis.write_text("years of work")
    output = first.run(
        "export", "--config", f"export={{folder: '{thesis.parent}'}}", succeeds=False
    )
    assert "is not an unchanged package" in output
    assert thesis.read_text() == "years of work"
    copy = tmp_path / "copy"
    shutil.copytree(package(first), copy)
    (copy / "data" / "notes.txt").write_text("mine")
    first.run("export", "--config", f"export={{folder: '{copy}'}}", succeeds=False)
    assert (copy / "data" / "notes.txt").exists()


def test_an_export_that_is_cut_short_does_not_look_finished(
    first: Workflow, tmp_path: Path
) -> None:
    """One of the files differs from its receipt."""
    copy = Workflow(tmp_path / "corpus")
    shutil.copytree(first.data, copy.data, dirs_exist_ok=True)
    shutil.rmtree(copy.data / "export")
    video = copy.data / "videos" / f"{tiktok(0)['id']}.mp4"
    content = bytearray(video.read_bytes())
    content[-1] ^= 1
    video.write_bytes(content)
    output = copy.run("export", succeeds=False)
    assert f"{video.relative_to(copy.folder)} has changed since it was downloaded" in output
    assert list((copy.data / "export").iterdir()) == []


def test_leftovers_of_a_crash_are_cleaned_up(first: Workflow) -> None:
    folder = package(first)
    before = contents(folder)
    (folder.parent / ".corpus.building" / "data").mkdir(parents=True)
    folder.rename(folder.parent / ".corpus.older")
    check_place(folder)
    assert contents(folder) == before
    shutil.copytree(folder, folder.parent / ".corpus.older")
    first.run("export")
    assert contents(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["corpus"]


def test_removed_posts_are_in_no_package(first: Workflow, tmp_path: Path) -> None:
    copy = Workflow(tmp_path / "corpus")
    shutil.copytree(first.data, copy.data, dirs_exist_ok=True)
    id = tiktok(1)["id"]
    (copy.data / "removed.txt").write_text(f"{id}\n")
    output = copy.run("verify", succeeds=False)
    assert f"data/export/corpus/data/videos/{id}.mp4" in output
    copy.run("export")
    left = [path for path, c in contents(package(copy)).items() if id in path or id.encode() in c]
    assert left == []
    copy.run("verify")


# ---- Packages that are not to be trusted ----


@pytest.fixture
def other(first: Workflow, tmp_path: Path) -> Path:
    copy = tmp_path / "package"
    shutil.copytree(package(first), copy)
    return copy


def refused(workflow: Workflow, folder: Path) -> str:
    output = workflow.run("import", "--config", f"package={folder}", succeeds=False)
    left = {p.name for p in workflow.data.rglob("*") if p.is_file()} - {".lock", ".lock.owner"}
    assert left == set(), left
    return output


@pytest.mark.parametrize("damage", ["cut", "changed", "missing", "added"])
def test_a_damaged_package_is_refused_and_the_file_is_named(
    other: Path, workflow: Workflow, damage: str
) -> None:
    file = other / "data" / "coverphotos" / f"{tiktok(0)['id']}.jpg"
    content = file.read_bytes()
    match damage:
        case "cut":
            file.write_bytes(content[:-1])
        case "changed":
            file.write_bytes(content[:-1] + b"x")
        case "missing":
            file.unlink()
        case "added":
            file = file.with_name("123.jpg")
            file.write_bytes(content)
    assert f"data/coverphotos/{file.name}" in refused(workflow, other)


def rebagged(folder: Path) -> None:
    """Correct the checksums of a package, as a forger would."""
    bag = bagit.Bag(str(folder))
    bag.save(manifests=True)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (f"videos/{tiktok(0)['id']}.mp4", b"<!DOCTYPE html><html><body>Log in</body></html>"),
        (f"coverphotos/{tiktok(0)['id']}.jpg", b"\xff\xd8\xff" + bytes(5000)),
        ("captions/7198824289422580615.vtt", b"%PDF-1.7"),
    ],
)
def test_media_that_are_something_else_are_refused_in_spite_of_their_checksum(
    other: Path, workflow: Workflow, path: str, content: bytes
) -> None:
    (other / "data" / path).parent.mkdir(exist_ok=True)
    (other / "data" / path).write_bytes(content)
    rebagged(other)
    assert path in refused(workflow, other)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ("import={max_files: 10, max_gb: 1}", "more than 10 files"),
        ("import={max_files: 1000, max_gb: 0.00001}", "raise import.max_gb"),
    ],
)
def test_a_package_over_the_limits_is_refused(
    other: Path, workflow: Workflow, limits: str, message: str
) -> None:
    options = ("--config", f"package={other}", limits)
    assert message in workflow.run("import", *options, succeeds=False)
    assert not list(workflow.data.glob("info/*"))


def test_a_package_that_does_not_fit_on_the_disk_is_refused(other: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    limits = {"import": {"max_files": 1000, "max_gb": 1}, "download": {"keep_free_mb": 1e12}}
    with pytest.raises(StorageError, match="must stay free"):
        import_package(str(other), data, limits)
    assert list(data.iterdir()) == []


@pytest.mark.parametrize("place", ["../../outside.json", "/etc/outside.json", "~/outside.json"])
def test_a_path_that_leads_outside_is_refused(other: Path, workflow: Workflow, place: str) -> None:
    manifest = other / "manifest-sha256.txt"
    manifest.write_text(f"{manifest.read_text()}{'0' * 64}  {place}\n")
    refused(workflow, other)


def test_a_neighbour_with_the_same_beginning_is_outside(other: Path, workflow: Workflow) -> None:
    (other.parent / "package-2").mkdir()
    (other.parent / "package-2" / "x.json").write_text("[]")
    manifest = other / "manifest-sha256.txt"
    manifest.write_text(f"{manifest.read_text()}{'0' * 64}  ../package-2/x.json\n")
    assert "leads out of it" in refused(workflow, other)


@pytest.mark.parametrize("name", ["data/info/link.json", "data/videos/1.mp4", "extra"])
def test_links_are_refused(other: Path, workflow: Workflow, name: str) -> None:
    (other / name).symlink_to("/etc/passwd")
    assert "is a link or a device" in refused(workflow, other)


def test_a_manifest_that_names_other_files_is_refused(other: Path, workflow: Workflow) -> None:
    manifest = other / "data" / "manifest.tsv"
    manifest.write_text(manifest.read_text() + "../../secret\t00\t1\t1\t{}\n")
    rebagged(other)
    assert "a corpus can't contain the file '../../secret'" in refused(workflow, other)


def test_only_parts_of_a_corpus_are_imported(other: Path, workflow: Workflow) -> None:
    for name in ("removed.txt", "pseudonyms.key", "info/notes.txt", "scripts/evil.py"):
        (other / "data" / name).parent.mkdir(exist_ok=True)
        (other / "data" / name).write_text("x")
    rebagged(other)
    imported(other, workflow)
    assert not list(workflow.data.rglob("removed.txt"))
    assert not list(workflow.data.rglob("*.key"))
    assert not list(workflow.data.rglob("*.py"))
    assert not list(workflow.data.rglob("notes.txt"))


def test_a_file_that_is_there_is_kept(first: Workflow, workflow: Workflow) -> None:
    mine = workflow.add([tiktok(9)], "batch_1.json")
    before = mine.read_bytes()
    output = workflow.run("import", "--config", f"package={package(first)}", succeeds=False)
    assert "data/info/batch_1.json" in output
    assert mine.read_bytes() == before
    assert not (workflow.data / "videos").exists()
    mine.unlink()
    imported(package(first), workflow)
    assert "Imported 0 files" in workflow.run("import", "--config", f"package={package(first)}")


def test_a_missing_package_is_reported(workflow: Workflow) -> None:
    assert "Name the package" in workflow.run("import", succeeds=False)
    output = workflow.run("import", "--config", "package=/nowhere/at/all", succeeds=False)
    assert "The folder /nowhere/at/all does not exist" in output


def test_settings_go_along(first: Workflow) -> None:
    settings = yaml.safe_load((package(first) / "data/settings.yaml").read_text())
    assert settings["speech"]["engine"] == "none"
    assert "model_folder" not in settings["speech"]
