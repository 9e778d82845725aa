"""If the disk is full, read-only or failing, the run stops, says what to do, and loses nothing."""

import re
import shutil
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from demo.site import Site
from scripts.download.mirror import Mirror
from scripts.errors import MirrorError
from tests.support.small_media import small_covers
from tests.support.tiktoks import served, tiktok
from tests.support.workflow import PROJECT, Workflow

MEDIA = ("videos", "coverphotos")
CORES = 4


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A separate, small file system."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if mount("-t", "tmpfs", "-o", "size=10M", "tmpfs", folder):
        pytest.skip("only root may mount a file system")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def site() -> Iterator[Site]:
    """The stand-in with videos of the usual size, to fill a disk."""
    with Site(media=small_covers()) as site:
        yield site


def mount(*arguments: str | Path) -> int:
    return subprocess.run(["mount", *arguments], capture_output=True).returncode


def check_good_so_far(workflow: Workflow, media: dict[str, str]) -> None:
    """Check that all existing files and receipts are right."""
    hashes = workflow.hashes(*MEDIA)
    assert hashes.items() <= media.items()
    for kind in MEDIA:
        for file in (workflow.data / "receipts" / kind).glob("*.json"):
            receipt = workflow.receipt(kind, file.stem)
            (there,) = [
                hash for path, hash in media.items() if path.startswith(f"{kind}/{file.stem}")
            ]
            assert receipt["outcome"] != "ok" or receipt["sha256"] == there


@pytest.mark.build
def test_full_and_read_only_disk(disk: Path, site: Site) -> None:
    workflow = Workflow(disk / "corpus", site)
    records = [tiktok(number) for number in range(40)]
    workflow.add(records)
    media = served(site, records)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(9_000_000))

    output = workflow.run("--cores", str(CORES), succeeds=False)
    assert re.search(
        r"/\d+(\.\w+)+ (needs [\d.]+ MB|can't be written: No space left).*MB free in", output
    )
    assert output.count("Nothing was damaged: make room") == 1
    assert "Traceback" not in output
    check_good_so_far(workflow, media)
    before = workflow.hashes(*MEDIA)
    assert 0 < len(before) < len(media)

    ballast.unlink()
    mount("--bind", workflow.data, workflow.data)
    mount("-o", "remount,bind,ro", workflow.data)
    output = workflow.run(succeeds=False)
    assert re.search(r"Nothing was started. \S+ can't be written: Read-only file system", output)
    workflow.run("--dry-run")
    subprocess.run(["umount", workflow.data], check=True)
    assert workflow.hashes(*MEDIA) == before

    workflow.config["download"]["keep_free_mb"] = 8
    output = workflow.run("--cores", str(CORES), succeeds=False)
    assert "8 MB must stay free (download.keep_free_mb)" in output
    assert shutil.disk_usage(disk).free > 7_500_000
    check_good_so_far(workflow, media)
    assert before.items() <= workflow.hashes(*MEDIA).items()

    mount("-o", "remount,size=50M", disk)
    site.requests.clear()
    workflow.run("--cores", str(CORES))
    assert workflow.hashes(*MEDIA) == media
    assert len(site.requests) <= len(media) - len(before)
    assert not list(workflow.data.rglob("*.part"))
    assert None not in workflow.merged("ocr.json").values()


def test_a_full_mirror_is_named_and_left_tidy(disk: Path, tmp_path: Path) -> None:
    media = tmp_path / "1.mp4"
    media.write_bytes(bytes(4_000_000))
    settings = yaml.safe_load((PROJECT / "config.yaml").read_text())["download"]
    mirror = Mirror(str(disk / "mirror"), settings)
    mirror.push(media, "videos/1.mp4")
    mirror.push(media, "videos/2.mp4")
    with pytest.raises(MirrorError, match=f"the disk of the mirror, {disk / 'mirror'}, is full"):
        mirror.push(media, "videos/3.mp4")
    assert mirror.sizes() == {f"videos/{number}.mp4": 4_000_000 for number in (1, 2)}


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_snakemake_deletes_no_download_when_writing_fails(workflow: Workflow) -> None:
    """By default, it deletes the outputs of failed jobs, and a job may fail after its download."""
    records = [tiktok(number) for number in range(3)]
    workflow.add(records)
    workflow.site.latency_s = 0.5  # all downloads are on their way when the first one fails
    first, second, _ = (record["id"] for record in records)
    metadata = urlsafe_b64encode(f"data/videos/{first}.mp4".encode()).decode()
    strikes = {
        "openat": [
            workflow.folder / ".snakemake" / "metadata" / metadata,
            f"logs/videos/{second}.log",
        ],
        "fsync": [workflow.data / "coverphotos"],  # the rename is done, the receipt isn't written
    }
    command = ["strace", "-f", "-o", str(workflow.folder / "trace.txt")]
    command += ["-e", f"trace={','.join(strikes)}"]
    for call, places in strikes.items():
        command += ["-e", f"inject={call}:error=ENOSPC:when=1"]
        command += [word for place in places for word in ("-P", str(place))]

    result = subprocess.run([*command, *workflow.command()], capture_output=True, text=True)
    if "ptrace" in result.stderr and "not permitted" in result.stderr:
        pytest.skip("strace may not trace here")

    assert result.returncode != 0
    struck = (workflow.folder / "trace.txt").read_text().count("(INJECTED)")
    assert struck == 5, result.stdout + result.stderr
    media = served(workflow.site, records)
    print(result.stderr)
    assert workflow.hashes("videos", "coverphotos") == media
    workflow.site.requests.clear()
    workflow.run()
    assert workflow.site.requests == []
    assert workflow.hashes("videos", "coverphotos") == media
    assert None not in [
        info["download-timestamp"] for info in workflow.merged("master.json").values()
    ]
