"""Each job of a cluster makes many texts, and they equal the texts of one machine."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.site import Site
from tests.support.slurm import PARTITION, running_slurm
from tests.support.tiktoks import tiktok, video_host
from tests.support.workflow import PROJECT, Workflow

COUNT = 7
CHUNK = 3
LARGE_CHUNK = 4  # a job of a cluster costs two starts of Snakemake
PLUGIN = Path(sys.prefix) / "slurm"  # where `make test` puts it
MERGED = ("master.json", "ocr.json", "speech_to_text.json")
TEXTS = ("ocr", "speech", "receipts/ocr", "receipts/speech")
SPEECH = {"engine": "pocketsphinx"}


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    try:
        with running_slurm(tmp_path_factory.mktemp("slurm")):
            yield
    except RuntimeError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


def make_corpus(folder: Path, site: Site) -> Workflow:
    """Six TikToks, of which three have no video: their links are dead."""
    workflow = Workflow(folder / "corpus", site)
    workflow.config["speech"] = SPEECH
    records = [tiktok(number) for number in range(6)]
    records[1]["video-src"] = tiktok(1, expires_at=1669985936)["video-src"]
    records[3]["video-src"] = "blob:https://www.tiktok.com/1"
    site.faults[video_host(4)] = "status-404"
    workflow.add(records)
    return workflow


def run_from_nothing(workflow: Workflow, *arguments: str) -> str:
    """Like `Workflow.run`, but in a new Python that reads `PYTHONPATH`."""
    with workflow.start_anew(*arguments) as run:
        output, _ = run.communicate()
    assert run.returncode == 0, output
    return output


def chunk_logs(workflow: Workflow, kind: str) -> list[str]:
    return sorted(file.name for file in (workflow.folder / "logs" / kind).glob("chunk_*.log"))


@pytest.mark.usefixtures("slurm")
def test_a_cluster_makes_the_same_files_as_one_machine(site: Site, tmp_path: Path) -> None:
    alone = make_corpus(tmp_path / "alone", site)
    alone.run()
    workflow = make_corpus(tmp_path / "cluster", site)
    workflow.environment["PYTHONPATH"] = str(PLUGIN)
    profile = [
        *("--profile", str(PROJECT / "profiles/slurm"), "--config", f"texts_per_job={LARGE_CHUNK}"),
        *("--default-resources", f"slurm_partition={PARTITION}", "mem_mb=1000", "runtime=10"),
        *("--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "2"),
    ]
    run_from_nothing(workflow, *profile)
    assert workflow.hashes(*TEXTS) == alone.hashes(*TEXTS)
    assert chunk_logs(workflow, "ocr") == ["chunk_0.log", "chunk_1.log"]
    assert chunk_logs(workflow, "speech") == ["chunk_0.log"]
    texts = {name: workflow.merged(name) for name in MERGED[1:]}
    assert texts == {name: alone.merged(name) for name in MERGED[1:]}
    assert "Nothing to be done" in run_from_nothing(workflow, *profile)
    jobs = subprocess.run(
        ["squeue", "--noheader", "--states=all", "--format=%T"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert jobs.stdout.split() == ["COMPLETED"] * 3


def test_chunks_without_a_cluster(workflow: Workflow) -> None:
    """The rules are the same wherever they run. A chunk contains only missing texts."""
    workflow.config |= {"texts_per_job": CHUNK, "speech": SPEECH}
    workflow.add([tiktok(number) for number in range(COUNT)])
    workflow.run()
    assert "Nothing to be done" in workflow.run()
    before = workflow.hashes(*TEXTS)
    lost = [Path("ocr", f"{tiktok(number)['id']}.txt") for number in (1, 4)]
    for path in lost:
        (workflow.data / path).unlink()
    kept = {
        path: (workflow.data / path).stat().st_mtime_ns
        for path in workflow.hashes("ocr", "speech")
        if Path(path).with_suffix(".txt") not in lost
    }
    dry_run = workflow.run("--dry-run")
    assert "rule ocr_0:" in dry_run
    assert "rule ocr_1:" not in dry_run
    workflow.run()
    assert workflow.hashes(*TEXTS) == before
    assert {path: (workflow.data / path).stat().st_mtime_ns for path in kept} == kept
