"""A disk that is full, read-only or failing: the run stops with what to do, and nothing is lost."""

import shutil
import subprocess
from base64 import urlsafe_b64encode

import pytest
from conftest import Workflow
from tiktoks import served, tiktok


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_snakemake_deletes_no_download_when_writing_fails(workflow: Workflow) -> None:
    """It deletes the outputs of failed jobs by default, and a job may fail after its download."""
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
