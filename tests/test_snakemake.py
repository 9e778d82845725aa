"""The effects of Snakemake's own options, and the parts of Snakemake that the workflow needs."""

import inspect
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from snakemake.api import Workflow as SnakemakeWorkflow
from snakemake.cli import get_argument_parser
from snakemake.jobs import Job
from snakemake.settings.types import DAGSettings, ExecutionSettings, SchedulingSettings

from demo.site import Site
from scripts.run.snakemake_patches import DEFAULT_LIMIT, NO_DELETION
from tests.support.small_media import small_media
from tests.support.tiktoks import tiktok
from tests.support.workflow import Workflow

RECORDS = [tiktok(0), tiktok(1), tiktok(2, expires_at=1669985936)]
IDS = [record["id"] for record in RECORDS]
EXPIRED = f"data/videos/{IDS[2]}.mp4"
TEXT = f"data/ocr/{IDS[0]}.txt"
NOTHING = "Nothing to be done"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workflow]:
    """A finished corpus, to be copied; the links of one TikTok are dead."""
    with Site(media=small_media()) as site:
        workflow = Workflow(tmp_path_factory.mktemp("built") / "corpus", site)
        workflow.add(RECORDS)
        workflow.run()
        yield workflow


@pytest.fixture
def corpus(built: Workflow, tmp_path: Path) -> Workflow:
    workflow = Workflow(tmp_path / "corpus", built.site)
    shutil.copytree(built.folder, workflow.folder, dirs_exist_ok=True)
    return workflow


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {str(f): (f.stat().st_size, f.stat().st_mtime_ns) for f in files}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--list-rules"],
        ["--lint"],
        ["--dry-run"],
        ["--summary"],
        ["--dag"],
        ["--rulegraph"],
        ["--report", "report.html"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_only_a_real_run_writes(corpus: Workflow, arguments: list[str]) -> None:
    """Nothing else even tidies up after a killed run."""
    (corpus.data / "videos" / f"{IDS[1]}.mp4").write_bytes(b"")
    (corpus.data / "videos" / f".{IDS[1]}.mp4.x.part").write_bytes(b"half")
    (corpus.data / "receipts" / "removed.mark").touch()
    for file in (".lock", ".lock.owner"):
        (corpus.data / file).unlink()
    (corpus.data / "removed.txt").write_text(f"{IDS[0]}\n")
    before = listing(corpus.data)
    corpus.run(*arguments)
    assert listing(corpus.data) == before


def test_leftovers_of_a_killed_run_are_made_again(corpus: Workflow) -> None:
    """Empty files count as missing in a dry-run, and are replaced by a run."""
    before = corpus.hashes("videos", "coverphotos", "ocr")
    (corpus.data / "videos" / f"{IDS[1]}.mp4").write_bytes(b"")
    (corpus.data / "coverphotos" / f"{IDS[0]}.jpg").write_bytes(b"")
    (corpus.folder / TEXT).write_bytes(b"")
    expected = {f"data/videos/{IDS[1]}.mp4", f"data/coverphotos/{IDS[0]}.jpg", TEXT}
    assert corpus.pending() == expected
    assert corpus.pending() == expected
    corpus.run()
    assert corpus.hashes("videos", "coverphotos", "ocr") == before
    assert NOTHING in corpus.run()


def test_the_spelling_of_an_argument_changes_nothing(corpus: Workflow) -> None:
    """Only `verify` as a target keeps a run from deleting what belongs to removed posts."""
    (corpus.data / "removed.txt").write_text(f"{IDS[1]}\n")
    corpus.run("--conda-prefix", "verify", "--apptainer-prefix", "fetch")
    assert not list(corpus.data.rglob(f"*{IDS[1]}*"))


def test_all_is_checked_before_anything_is_deleted(corpus: Workflow) -> None:
    (corpus.data / "removed.txt").write_text(f"{IDS[1]}\n")
    before = listing(corpus.data)
    output = corpus.run("mirror", succeeds=False)  # and no mirror is configured
    assert output.splitlines()[-1].startswith("Nothing was started. `mirror` is empty")
    assert listing(corpus.data) == before


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (EXPIRED, f"{EXPIRED} can't be downloaded: the link has expired."),
        ("data/videos/123.mp4", "contains the id 123"),
        (f"data/speech/{IDS[2]}.txt", f"{EXPIRED} can't be downloaded: the link has"),
        ("data/ocr/123.txt", "contains the id 123"),
    ],
)
def test_a_target_that_is_unavailable_is_explained(
    corpus: Workflow, target: str, reason: str
) -> None:
    corpus.config["speech"] = {"engine": "pocketsphinx"}
    for options in (["--dry-run"], []):
        output = corpus.run(*options, target, succeeds=False)
        last_line = output.splitlines()[-1]
        assert last_line.startswith("Nothing was started. ")
        assert reason in last_line
        assert "Job stats" not in output


def test_texts_are_made_again_on_demand(corpus: Workflow) -> None:
    before = (corpus.folder / TEXT).read_text()
    (corpus.folder / TEXT).write_text("something else\n")
    corpus.run("--forcerun", "ocr")
    assert (corpus.folder / TEXT).read_text() == before
    assert NOTHING in corpus.run()


def test_texts_of_a_cluster_are_made_again_on_demand(corpus: Workflow) -> None:
    corpus.config["texts_per_job"] = 2
    before = (corpus.folder / TEXT).read_text()
    (corpus.folder / TEXT).write_text("something else\n")
    corpus.run("--forcerun", "ocr")
    assert (corpus.folder / TEXT).read_text() == before


@pytest.mark.parametrize("texts_per_job", [1, 2])
def test_a_run_can_stop_after_the_texts(corpus: Workflow, texts_per_job: int) -> None:
    corpus.config["texts_per_job"] = texts_per_job
    (corpus.data / "coverphotos" / f"{IDS[0]}.jpg").unlink()
    (corpus.folder / TEXT).unlink()
    (corpus.data / "master.json").unlink()
    corpus.run("--until", "ocr")
    assert (corpus.folder / TEXT).exists()
    assert not (corpus.data / "master.json").exists()


def test_graphs_of_a_finished_corpus_show_all_stages(corpus: Workflow) -> None:
    corpus.config["speech"] = {"engine": "pocketsphinx"}
    corpus.run()
    stages = ("retrieve_video", "retrieve_coverphoto", "ocr", "speech", "merge_raw_info")
    for option in ("--rulegraph", "--dag"):
        graph = corpus.run(option)
        for stage in (*stages, "merge_ocr", "merge_speech", "build_database", "draw_figures"):
            assert stage in graph
        assert graph.count("retrieve_video") <= 2, "the newest one, and that of the newest text"
    corpus.run("--report", "report.html")
    page = (corpus.folder / "report.html").read_text()
    assert all(stage in page for stage in stages)
    assert NOTHING in corpus.run()


@pytest.mark.parametrize("option", ["--delete-all-output", "--delete-temp-output"])
def test_snakemake_deletes_no_download(corpus: Workflow, option: str) -> None:
    before = corpus.hashes(".")
    output = corpus.run(option, succeeds=False)
    assert output.splitlines()[-1] == NO_DELETION
    assert corpus.hashes(".") == before


def test_without_the_profile(workflow: Workflow) -> None:
    workflow.add(RECORDS[:2])
    workflow.run("--workflow-profile", "none", "--no-hooks")
    assert len(workflow.hashes("videos", "coverphotos")) == 4
    assert (workflow.data / ".lock.owner").exists()
    assert NOTHING in workflow.run("--workflow-profile", "none")
    assert NOTHING in workflow.run()


def test_advice_can_be_typed_as_it_stands(corpus: Workflow) -> None:
    corpus.site.faults["https://"] = "status-503"
    (corpus.data / "videos" / f"{IDS[0]}.mp4").unlink()
    try:
        output = corpus.run()
    finally:
        corpus.site.faults.clear()
    assert "run `snakemake --cores 8` again" in " ".join(output.split())


# ---- The parts of Snakemake that scripts.run.snakemake_patches needs ----


def test_settings_that_are_set_exist() -> None:
    execution, dag = ExecutionSettings(), DAGSettings()
    for name in ("use_threads", "keep_incomplete", "no_hooks", "lock"):
        assert isinstance(getattr(execution, name), bool)
    assert isinstance(dag.force_incomplete, bool)
    assert {str(trigger).lower() for trigger in dag.rerun_triggers} >= {"input"}


def test_the_limit_on_jobs_is_the_default_of_snakemake() -> None:
    arguments = get_argument_parser().parse_args(["--cores", "1"])
    limit = arguments.max_jobs_per_timespan
    assert (limit.max_jobs, limit.timespan) == DEFAULT_LIMIT
    assert SchedulingSettings().max_jobs_per_timespan is None


def test_replaced_functions_of_snakemake_exist() -> None:
    assert list(inspect.signature(Job.is_pipe_or_service_input).parameters) == ["self", "path"]
    assert "self.is_pipe_or_service_input(" in inspect.getsource(Job), "it is used"
    for method in ("delete_output", "onstart", "onsuccess", "onerror"):
        assert callable(getattr(SnakemakeWorkflow, method))
