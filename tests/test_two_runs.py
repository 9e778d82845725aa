"""Two runs in one corpus: the second is refused, but not a dry-run, and the first goes on."""

from scripts.store.receipts import PREPARED_SUFFIX
from tests.support.tiktoks import cover_host, served, tiktok, video_host
from tests.support.workflow import Workflow


def published(workflow: Workflow) -> dict[str, str]:
    """The files of the corpus that a run does not rename or remove while it downloads."""
    return {
        path: hash
        for path, hash in workflow.hashes("").items()
        if ".part" not in path and not path.endswith(PREPARED_SUFFIX)
    }


def test_second_run_is_refused(workflow: Workflow) -> None:
    records = [tiktok(number) for number in range(4)]
    workflow.add(records)
    site = workflow.site
    site.faults[cover_host(0)] = "status-404"  # gone at once: a placeholder for the whole run
    site.faults[video_host(1)] = "status-503"  # it tries until this is over
    workflow.config["download"] |= {"tries": 1000, "backoff_max_s": 0.5}
    placeholder = workflow.data / "coverphotos" / f"{records[0]['id']}.jpg"

    with workflow.start() as first:
        first.wait_until(placeholder.exists)
        before = published(workflow)
        refusal = workflow.run(succeeds=False)
        pending = workflow.run("--dry-run")
        assert first.poll() is None
        assert (
            f"Nothing was started. Another run works on this corpus: process {first.pid} on"
            in refusal
        )
        assert "Nothing was changed." in refusal
        assert len(refusal.splitlines()) < 60
        assert "Traceback" not in refusal
        assert f"data/videos/{records[1]['id']}.mp4" in pending
        assert placeholder.exists()
        assert before.items() <= published(workflow).items()

        del site.faults[video_host(1)]
        output, _ = first.communicate()
    assert first.returncode == 0, output
    assert not placeholder.exists()
    site.faults.clear()
    workflow.run("--config", "retry=all")
    assert workflow.hashes("videos", "coverphotos") == served(site, records)
