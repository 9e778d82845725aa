"""No byte of a downloaded file ever changes, and the site is not asked again, whatever is edited,
touched, forced or deleted around it. Links die within hours, so a download can't be repeated."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.site import Site
from tests.support.small_media import small_media
from tests.support.tiktoks import cover_host, served, tiktok, video_host
from tests.support.workflow import PROJECT, Workflow

COUNT = 6
RECORDS = [tiktok(number) for number in range(COUNT)]
IDS = [record["id"] for record in RECORDS]
MEDIA = ("videos", "coverphotos")
KEPT = (*MEDIA, *(f"receipts/{kind}" for kind in MEDIA))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workflow]:
    """A finished corpus, to be copied."""
    with Site(media=small_media()) as site:
        workflow = Workflow(tmp_path_factory.mktemp("built") / "corpus", site)
        workflow.add(RECORDS)
        workflow.run()
        assert workflow.hashes(*MEDIA) == served(site, RECORDS)
        yield workflow


@pytest.fixture
def corpus(built: Workflow, tmp_path: Path) -> Workflow:
    """A finished corpus whose links are now dead."""
    workflow = Workflow(tmp_path / "corpus", built.site)
    shutil.copytree(built.folder, workflow.folder, dirs_exist_ok=True)
    for number in range(2 * COUNT):
        built.site.faults[video_host(number)] = "status-403"
        built.site.faults[cover_host(number)] = "status-403"
    built.site.requests.clear()
    return workflow


def mtimes(workflow: Workflow) -> dict[str, int]:
    return {path: (workflow.data / path).stat().st_mtime_ns for path in workflow.hashes(*MEDIA)}


def touch_raw_info(corpus: Workflow) -> list[str]:
    (corpus.data / "info" / "batch_1.json").touch()
    return []


def new_links(corpus: Workflow) -> list[str]:
    """A newer scrape of the same TikToks."""
    newer = [tiktok(n, expires_at=4_000_000_000) for n in range(COUNT)]
    corpus.add([record | {"scrape-timestamp": time.time()} for record in newer], "batch_2.json")
    return ["--config", "retry=all"]


def force_rules(corpus: Workflow) -> list[str]:
    return ["--forcerun", "retrieve_video", "retrieve_coverphoto", "adopt_file"]


def force_all(corpus: Workflow) -> list[str]:
    return ["--forceall"]


def touch_outputs(corpus: Workflow) -> list[str]:
    return ["--touch"]


def edit_rules(corpus: Workflow) -> list[str]:
    """Change the rules of downloads and their code, so that they would write something else."""
    copy = corpus.folder.parent / "edited"
    folders = ("rules", "scripts", "schemas", "profiles", "report")
    for name in folders:
        shutil.copytree(PROJECT / name, copy / name)
    for name in ("Snakefile", "config.yaml"):
        shutil.copy(PROJECT / name, copy / name)
    rules = copy / "rules" / "download.smk"
    text = rules.read_text()
    assert "run_job(" in text
    damage = "[Path(file).write_text('edited') for file in output]; print("
    rules.write_text(text.replace("run_job(", damage))
    code = copy / "scripts" / "download" / "downloader.py"
    code.write_text(code.read_text().replace("def fetch(", "def fetch_once("))
    return ["--snakefile", str(copy / "Snakefile")]


def change_config(corpus: Workflow) -> list[str]:
    corpus.config["download"] |= {"user_agent": "another", "tries": 3, "per_host": 1, "referer": ""}
    corpus.config["ocr"] = {"page_segmentation": 11}
    return []


def delete_snakemake_folder(corpus: Workflow) -> list[str]:
    shutil.rmtree(corpus.folder / ".snakemake")
    return []


@pytest.mark.parametrize(
    "change",
    [
        touch_raw_info,
        new_links,
        force_rules,
        force_all,
        touch_outputs,
        edit_rules,
        change_config,
        delete_snakemake_folder,
    ],
    ids=lambda change: change.__name__,
)
def test_change(corpus: Workflow, change: Callable[[Workflow], list[str]]) -> None:
    hashes, times = corpus.hashes(*KEPT), mtimes(corpus)
    corpus.run(*change(corpus))
    assert corpus.hashes(*KEPT) == hashes
    assert mtimes(corpus) == times
    assert corpus.site.requests == []


def test_raw_info_without_a_tiktok_leaves_its_files(corpus: Workflow) -> None:
    hashes = corpus.hashes(*KEPT)
    corpus.add(RECORDS[1:])
    corpus.run()
    assert corpus.hashes(*KEPT) == hashes
    assert list(corpus.merged("master.json")) == IDS[1:]
    assert corpus.site.requests == []


def test_files_without_receipts_are_adopted(corpus: Workflow) -> None:
    """A damaged file moves to data/damaged, byte for byte."""
    damaged = corpus.data / "videos" / f"{IDS[2]}.mp4"
    content = damaged.read_bytes()[:-1000]
    damaged.write_bytes(content)
    # Two days old, and older than the receipt of a failure: restored from a backup.
    restored = corpus.data / "coverphotos" / f"{IDS[3]}.jpg"
    two_days_ago = int(time.time()) - 172_800
    os.utime(restored, (two_days_ago, two_days_ago))
    before, hashes, times = corpus.receipt("videos", IDS[0]), corpus.hashes(*MEDIA), mtimes(corpus)
    failure = corpus.receipt("coverphotos", IDS[3]) | {"outcome": "expired", "downloaded_at": None}
    shutil.rmtree(corpus.data / "receipts")
    (corpus.data / "manifest.tsv").unlink()  # it would know the receipts
    file = corpus.data / "receipts" / "coverphotos" / f"{IDS[3]}.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(failure))

    output = corpus.run()
    assert corpus.site.requests == []
    del hashes[f"videos/{IDS[2]}.mp4"], times[f"videos/{IDS[2]}.mp4"]
    assert corpus.hashes(*MEDIA) == hashes
    assert mtimes(corpus) == times
    (moved,) = corpus.data.glob(f"damaged/videos/{IDS[2]}.*.mp4")
    assert moved.read_bytes() == content
    assert "the file is kept in data/damaged" in " ".join(output.split())
    receipt = corpus.receipt("videos", IDS[0])
    assert {key: receipt[key] for key in ("outcome", "sha256", "size_bytes", "facts")} == {
        key: before[key] for key in ("outcome", "sha256", "size_bytes", "facts")
    }
    assert abs(receipt["downloaded_at"] - before["downloaded_at"]) <= 2
    assert corpus.receipt("coverphotos", IDS[3])["downloaded_at"] == two_days_ago
    master = corpus.merged("master.json")
    assert [id for id in IDS if master[id]["download-timestamp"] is None] == [IDS[2]]

    corpus.site.faults.clear()
    corpus.run()
    assert corpus.hashes(*MEDIA) == served(corpus.site, RECORDS)
    assert [path.split("/")[3] for _, _, path, _ in corpus.site.requests] == [IDS[2]]
    assert moved.read_bytes() == content


def test_the_same_bytes_again_keep_the_time_of_the_first_download(corpus: Workflow) -> None:
    """A lost file is downloaded again. While that fails, its receipt remembers the first time."""
    file = corpus.data / "receipts" / "videos" / f"{IDS[0]}.json"
    first = corpus.receipt("videos", IDS[0]) | {"downloaded_at": 1_700_000_000}
    file.write_text(json.dumps(first))
    (corpus.data / "videos" / f"{IDS[0]}.mp4").unlink()
    others = corpus.hashes(*MEDIA)

    output = corpus.run()
    assert corpus.receipt("videos", IDS[0])["outcome"] == "expired"
    assert corpus.receipt("videos", IDS[0])["sha256"] == first["sha256"]
    assert "from a backup" in " ".join(output.split())
    assert corpus.hashes(*MEDIA) == others

    corpus.site.faults.clear()
    corpus.run("--config", "retry=all")
    again = corpus.receipt("videos", IDS[0])
    assert (again["outcome"], again["downloaded_at"]) == ("ok", 1_700_000_000)
    assert corpus.hashes(*MEDIA) == served(corpus.site, RECORDS)
    assert len(corpus.site.requests) == 2


def test_incomplete_markers_of_a_crash_change_nothing(corpus: Workflow) -> None:
    """A run is killed while it downloads more. `--rerun-incomplete` affects only those files."""
    more = [tiktok(number) for number in range(COUNT, 2 * COUNT)]
    corpus.add(more, "batch_2.json")
    corpus.site.faults.clear()
    corpus.site.latency_s = 0.5
    hashes = corpus.hashes(*KEPT)
    with corpus.start("--cores", "2") as run:
        run.wait_until(lambda: len(corpus.site.requests) >= 4)
    assert any((corpus.folder / ".snakemake" / "incomplete").iterdir())
    there = corpus.hashes(*MEDIA)
    corpus.site.latency_s = 0
    corpus.site.requests.clear()

    corpus.run("--rerun-incomplete")
    assert hashes.items() <= corpus.hashes(*KEPT).items()
    assert corpus.hashes(*MEDIA) == served(corpus.site, RECORDS + more)
    asked = {path for _, _, path, _ in corpus.site.requests}
    assert len(asked) <= 4 * COUNT - len([path for path in there if "/." not in path])
