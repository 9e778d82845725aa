"""Mirrors of every kind: written, read, damaged, cut off, silent, or unreachable."""

import copy
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from demo.site import Site
from tests.support import mirrors
from tests.support.mirrors import MirrorKind, SftpMirror, WebMirror
from tests.support.small_media import small_media
from tests.support.tiktoks import tiktok
from tests.support.workflow import Workflow

MERGED = ("master.json", "ocr.json", "speech_to_text.json", "tiktoks.db", "manifest.tsv")
FOLDERS = ("videos", "coverphotos", "ocr", "speech", "receipts")
COUNT = 3
WRITTEN = [mirrors.folder, mirrors.s3, mirrors.sftp]
ONLY_READ = [mirrors.https, mirrors.zip_file]
MakeMirror = Callable[[Path], AbstractContextManager[MirrorKind]]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workflow]:
    """A corpus that is built but not on any mirror yet."""
    with Site(media=small_media()) as site:
        workflow = Workflow(tmp_path_factory.mktemp("first") / "corpus", site)
        workflow.config["speech"] = {"engine": "pocketsphinx"}
        workflow.add([tiktok(number) for number in range(COUNT)])
        workflow.run()
        yield workflow


@pytest.fixture
def second(first: Workflow, workflow: Workflow) -> Workflow:
    """Another checkout with the files that version control brings: raw info and the manifest."""
    shutil.copytree(first.data / "info", workflow.data / "info", dirs_exist_ok=True)
    shutil.copyfile(first.data / "manifest.tsv", workflow.data / "manifest.tsv")
    workflow.config["speech"] = first.config["speech"]
    workflow.config["download"] |= {"connect_timeout_s": 10, "read_timeout_s": 10}
    return workflow


@pytest.fixture
def mirror(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MirrorKind]:
    make: MakeMirror = request.param
    with make(tmp_path / "place") as mirror:
        yield mirror


def each(kinds: list[MakeMirror]) -> Any:
    ids = [make.__name__ for make in kinds]
    return pytest.mark.parametrize("mirror", kinds, indirect=True, ids=ids)


def with_mirror(workflow: Workflow, mirror: MirrorKind, **settings: Any) -> Workflow:
    """The same corpus, with this mirror."""
    workflow = copy.copy(workflow)
    download = workflow.config["download"] | mirror.settings | settings
    if "ca_bundle" in mirror.settings:  # one file has to do for the mirror and the site
        bundle = Path(mirror.settings["ca_bundle"])
        bundle.write_text(bundle.read_text() + Path(workflow.site.ca_file).read_text())
    workflow.config = workflow.config | {"mirror": mirror.address, "download": download}
    workflow.environment = workflow.environment | mirror.environment
    return workflow


def kept(first: Workflow) -> dict[str, bytes]:
    """The files on a mirror of the corpus."""
    paths = first.hashes("videos", "coverphotos", "speech")
    return {path: (first.data / path).read_bytes() for path in paths}


def fill(mirror: MirrorKind, first: Workflow) -> None:
    for path, content in kept(first).items():
        mirror.write(path, content)


def video(number: int) -> str:
    return f"videos/{tiktok(number)['id']}.mp4"


def log_of(workflow: Workflow, path: str) -> str:
    return (workflow.folder / "logs" / path).with_suffix(".log").read_text()


def asked_site(workflow: Workflow) -> int:
    return len(workflow.site.requests)


def last_line(output: str) -> str:
    return output.rstrip().splitlines()[-1]


@each(WRITTEN + ONLY_READ)
def test_a_second_machine_builds_the_same_bytes_without_the_site(
    first: Workflow, second: Workflow, mirror: MirrorKind
) -> None:
    if isinstance(mirror, WebMirror | mirrors.ZipMirror):
        fill(mirror, first)
    else:
        assert f"Copied {len(kept(first))} files to" in with_mirror(first, mirror).run("mirror")
    assert mirror.files() == kept(first)

    second = with_mirror(second, mirror)
    second.run()
    assert asked_site(second) == 0
    assert second.hashes(*FOLDERS) == first.hashes(*FOLDERS)
    for name in MERGED:
        assert (second.data / name).read_bytes() == (first.data / name).read_bytes(), name

    (second.data / video(0)).unlink()
    second.run("verify")  # files that are missing here are checked on the mirror
    assert mirror.files() == kept(first)


@each(WRITTEN)
def test_files_on_the_mirror_are_not_copied_again(first: Workflow, mirror: MirrorKind) -> None:
    fill(mirror, first)
    another = b"another file of that name"
    mirror.write(video(0), another)
    mirror.remove(video(1))
    output = with_mirror(first, mirror).run("mirror", succeeds=False)
    assert "Copied 1 file to" in output
    assert (
        last_line(output)
        == f"{video(0)} on the mirror is a different file, with {len(another)} bytes"
    )
    assert mirror.files() == kept(first) | {video(0): another}


@each([mirrors.s3, mirrors.sftp, mirrors.zip_file])
def test_damaged_and_missing_files_come_from_their_links(
    first: Workflow, second: Workflow, mirror: MirrorKind
) -> None:
    damaged = bytearray(kept(first)[video(0)])
    damaged[len(damaged) // 2] ^= 1
    for path, content in kept(first).items():
        if path != video(1):
            mirror.write(path, bytes(damaged) if path == video(0) else content)
    second = with_mirror(second, mirror)
    second.run("data/master.json")
    assert "the file on the mirror differs" in log_of(second, video(0))
    assert "the mirror has no" in log_of(second, video(1))
    assert asked_site(second) == 2
    assert second.hashes("videos", "coverphotos") == first.hashes("videos", "coverphotos")


@each([mirrors.https])
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("cut", "the mirror failed"),
        ("hang", "no answer within 10 s"),
        (404, "the mirror has no"),
        (403, "Forbidden"),
        (500, "Internal Server Error"),
    ],
)
def test_files_that_the_mirror_lacks_come_from_their_links(
    first: Workflow, second: Workflow, mirror: WebMirror, fault: str | int, reason: str
) -> None:
    fill(mirror, first)
    mirror.faults[video(1)] = fault
    second = with_mirror(second, mirror)
    second.run("data/master.json")
    assert reason in log_of(second, video(1))
    assert asked_site(second) == 1
    assert second.hashes("videos", "coverphotos") == first.hashes("videos", "coverphotos")


@each([mirrors.https])
def test_an_incomplete_file_without_a_link_waits_for_later(
    first: Workflow, second: Workflow, mirror: WebMirror
) -> None:
    fill(mirror, first)
    mirror.faults[video(1)] = "cut"
    second = with_mirror(second, mirror)
    output = second.run("fetch")
    assert asked_site(second) == 0
    assert second.receipt("videos", tiktok(1)["id"])["outcome"] == "later"
    assert not (second.data / video(1)).exists()
    assert "Finished files are kept." in output

    mirror.faults.clear()
    mirror.requests.clear()
    second.run("fetch")
    assert set(mirror.requests) == {video(1)}
    assert second.hashes("videos", "coverphotos") == first.hashes("videos", "coverphotos")


@each([mirrors.https])
def test_a_silent_mirror_is_not_asked_again(
    first: Workflow, second: Workflow, mirror: WebMirror
) -> None:
    fill(mirror, first)
    mirror.faults = dict.fromkeys((path for path in kept(first) if path != video(0)), "hang")
    second = with_mirror(second, mirror, host_patience=1)
    second.run("fetch", "--cores", "1")
    assert len(set(mirror.requests)) == 2  # the first of all, and one that was not answered
    missing = set(kept(first)) - set(mirror.requests)
    assert any(
        "this run stopped asking it" in log_of(second, path) for path in missing if "mp4" in path
    )


@each([mirrors.https])
@pytest.mark.parametrize(
    ("fault", "reason"), [("hang", "no answer within 10 s"), (403, "Forbidden")]
)
def test_an_unreadable_mirror_is_reported_before_anything_starts(
    first: Workflow, second: Workflow, mirror: WebMirror, fault: str | int, reason: str
) -> None:
    fill(mirror, first)
    mirror.faults["*"] = fault
    output = with_mirror(second, mirror).run(succeeds=False)
    assert last_line(output).startswith(f"Nothing was started. `mirror` is {mirror.address}")
    assert reason in last_line(output)
    assert asked_site(second) == 0


@pytest.mark.parametrize("protocol", ["s3", "sftp", "https"])
def test_a_silent_server_is_reported_before_anything_starts(
    second: Workflow, protocol: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        second.config["mirror"] = f"{protocol}://{'bucket' if protocol == 's3' else place}/corpus"
        keys = {"AWS_ACCESS_KEY_ID": "a key", "AWS_SECRET_ACCESS_KEY": "a secret"}
        second.environment = {"AWS_ENDPOINT_URL": f"http://{place}"} | keys
        output = second.run(succeeds=False)
    assert last_line(output).startswith("Nothing was started. `mirror` is")
    assert "which can't be read" in last_line(output)


@each([mirrors.https])
def test_an_untrusted_certificate_is_refused(
    first: Workflow, second: Workflow, mirror: WebMirror
) -> None:
    fill(mirror, first)
    mirror.settings.clear()
    output = with_mirror(second, mirror).run(succeeds=False)
    assert "CERTIFICATE_VERIFY_FAILED" in last_line(output)
    assert mirror.requests == []


@each([mirrors.sftp])
def test_an_unknown_server_is_refused(second: Workflow, mirror: SftpMirror) -> None:
    (Path(mirror.environment["HOME"]) / ".ssh" / "known_hosts").unlink()
    output = with_mirror(second, mirror).run(succeeds=False)
    assert "not found in known_hosts" in last_line(output)


@each(WRITTEN)
def test_a_missing_place_is_reported_if_files_are_needed_from_it(
    first: Workflow, second: Workflow, mirror: MirrorKind
) -> None:
    output = with_mirror(second, mirror).run(succeeds=False)
    assert "it does not exist" in last_line(output)
    assert asked_site(second) == 0
    with_mirror(first, mirror).run("--dry-run", "mirror")


@each(ONLY_READ)
def test_a_push_to_a_read_only_mirror_is_refused_before_anything_starts(
    first: Workflow, mirror: MirrorKind
) -> None:
    fill(mirror, first)
    output = with_mirror(first, mirror).run("mirror", succeeds=False)
    assert last_line(output).startswith(
        f"Nothing was started. `mirror` is {mirror.address}, which can't be written: "
    )


@pytest.mark.parametrize("rule", ["mirror", "fetch"])
def test_a_missing_mirror_setting_is_reported_before_anything_starts(
    second: Workflow, rule: str
) -> None:
    output = second.run(rule, succeeds=False)
    assert last_line(output).startswith("Nothing was started. `mirror` is empty in config.yaml")
    assert asked_site(second) == 0


@each([mirrors.sftp])
def test_a_killed_push_continues_where_it_stopped(first: Workflow, mirror: SftpMirror) -> None:
    mirror.most_files = len(kept(first)) // 2
    first = with_mirror(first, mirror)
    with first.start("mirror"):
        assert mirror.stuck.wait(600)  # and then the run is killed

    there = {path: content for path, content in mirror.files().items() if ".part" not in path}
    assert there.items() <= kept(first).items()
    assert len(there) == mirror.most_files

    mirror.most_files = None
    mirror.written.clear()
    first.run("mirror")
    assert mirror.files() == kept(first)
    pushed = {path.removesuffix(".part") for path in mirror.written}
    assert pushed == set(kept(first)) - set(there)


@each([mirrors.sftp])
def test_a_folder_that_someone_else_makes_at_the_same_moment(
    first: Workflow, mirror: SftpMirror
) -> None:
    mirror.is_shared = True
    with_mirror(first, mirror).run("mirror")
    assert mirror.files() == kept(first)


@each([mirrors.sftp])
def test_a_push_to_a_server_that_falls_silent_ends(first: Workflow, mirror: SftpMirror) -> None:
    mirror.most_files = 1
    output = with_mirror(first, mirror, read_timeout_s=10).run("mirror", succeeds=False)
    assert "no answer within 10 s" in last_line(output)


@each([mirrors.folder])
def test_verify_tells_which_tools_are_others(
    first: Workflow, second: Workflow, mirror: MirrorKind
) -> None:
    """A note if the bytes are the same, and part of the reason if they are not."""
    fill(mirror, first)
    second = with_mirror(second, mirror)
    second.run()
    manifest = second.data / "manifest.tsv"
    text = manifest.read_text()
    version = text.partition('"SQLite":"')[2].partition('"')[0]
    manifest.write_text(text.replace(f'"SQLite":"{version}"', '"SQLite":"3.1"'))
    note = f"Other tools: SQLite was 3.1, and here it is {version} (tiktoks.db)"
    output = second.run("verify")
    assert note in output
    assert "files match the manifest" in output

    with (second.data / "tiktoks.db").open("ab") as database:
        database.write(b"x")
    output = second.run("verify", succeeds=False)
    assert last_line(output) == f"1 changed: tiktoks.db. {note}"
