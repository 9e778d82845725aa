"""After every fault of a server, the run goes on and explains it; the next run repairs it."""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest

from demo.damage import DAMAGES, damage
from demo.site import Site
from tests.support.small_media import small_covers
from tests.support.tiktoks import cover_host, tiktok, video_host
from tests.support.workflow import QUICK, Workflow

VIDEOS, COVERS = "videos", "coverphotos"


class Case(NamedTuple):
    """A fault of one kind of download, its outcome, and words of the reason."""

    fault: str
    outcome: str
    reason: str = ""
    kind: str = VIDEOS


CASES = [
    # The connection.
    Case("connect-refused", "transient"),
    Case("connect-closed", "transient"),
    Case("connect-hang", "transient"),
    Case("tls-hang", "transient"),
    Case("tls-closed", "transient"),
    Case("wrong-host-certificate", "transient", "hypstarcdn.com"),
    Case("expired-certificate", "transient", "check this machine's clock"),
    Case("future-certificate", "transient", "check this machine's clock"),
    Case("self-signed-certificate", "transient", "self-signed"),
    # The status.
    Case("status-400", "rejected", "HTTP 400"),
    Case("status-401", "expired", "HTTP 401"),
    Case("status-403", "expired", "HTTP 403"),
    Case("status-404", "gone", "HTTP 404"),
    Case("status-410", "gone", "HTTP 410"),
    *(Case(f"status-{s}", "transient", f"HTTP {s}") for s in (408, 425, 429, 500, 502, 503, 504)),
    Case("status-429-seconds", "transient"),
    Case("status-503-date", "transient"),
    Case("status-429-day", "later", "the server asked for a pause"),
    Case("status-503-day", "later"),
    # The headers.
    Case("no-answer", "transient"),
    Case("garbage", "transient"),
    Case("two-lengths", "transient"),
    Case("header-hang", "transient"),
    Case("header-drip", "transient", "headers took longer than 30 s"),
    # Where it leads.
    Case("redirect-good", "ok"),
    Case("redirect-loop", "rejected", "redirected too often"),
    Case("redirect-file", "rejected"),
    Case("redirect-loopback", "rejected", "local address"),
    Case("redirect-loopback-name", "rejected", "local network"),
    Case("redirect-loopback-https", "rejected", "local network"),
    Case("redirect-loopback-mapped", "rejected", "local address"),
    Case("redirect-loopback-decimal", "rejected", "local address"),
    Case("redirect-private", "rejected", "local address"),
    Case("redirect-link-local", "rejected", "local address"),
    # The body.
    Case("html", "corrupt", "HTML"),
    Case("html-as-media", "corrupt", "HTML"),
    Case("html-as-media", "corrupt", "HTML", COVERS),
    Case("empty", "transient", "empty"),
    Case("cut", "transient"),
    Case("reset", "transient"),
    Case("chunked-cut", "transient"),
    Case("body-hang", "transient"),
    Case("body-drip", "transient", "slower than 2,000 bytes a second"),
    Case("length-too-small", "corrupt"),
    Case("no-length-cut", "corrupt"),
    Case("no-length-cut", "corrupt", "", COVERS),
    Case("huge-length", "rejected", "larger than"),
    Case("endless", "rejected", "larger than"),
    Case("gzip", "ok"),
    Case("gzip-bomb", "rejected", "larger than"),
    # The media.
    *(Case(f, "corrupt") for f in ("truncated", "zeroed-tail", "text", "spliced", "moov-only")),
    *(Case(f, "corrupt", "", COVERS) for f in ("truncated", "zeroed-tail", "text", "pixel-bomb")),
    *(Case(f, "ok", "", COVERS) for f in ("webp", "png", "avif", "heic")),
    Case("no-audio", "ok"),
    Case("audio-only", "ok"),
]
RECORDS = [tiktok(number) for number in range(len(CASES))]
IDS = [record["id"] for record in RECORDS]


def is_tried_again(case: Case) -> bool:
    return case.outcome in ("transient", "corrupt")


def file_of(case: Case, id: str) -> str:
    return f"data/{case.kind}/{id}{'.mp4' if case.kind == VIDEOS else '.jpg'}"


class FaultyBuild(NamedTuple):
    site: Site
    workflow: Workflow
    output: str


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyBuild]:
    """A corpus after its first run. Every TikTok has a different fault."""
    with Site(media=small_covers()) as site:
        for number, case in enumerate(CASES):
            site.faults[(video_host if case.kind == VIDEOS else cover_host)(number)] = case.fault
        workflow = Workflow(tmp_path_factory.mktemp("faulty") / "corpus", site)
        workflow.config["download"] |= QUICK
        workflow.add(RECORDS)
        make_damaged_media(site)
        yield FaultyBuild(site, workflow, workflow.run("--cores", "16"))


def make_damaged_media(site: Site) -> None:
    """Make the damaged media before a client waits for them: some take long on a busy machine.

    Each is made in its own thread, because encoders change the priority of their thread.
    """
    for case, record in zip(CASES, RECORDS, strict=True):
        if case.fault in DAMAGES:
            link = record["video-src" if case.kind == VIDEOS else "coverphoto-src"]
            thread = Thread(target=damage, args=(case.fault, site.library.find(link).read()))
            thread.start()
            thread.join()


@pytest.mark.parametrize(
    ("number", "case"),
    list(enumerate(CASES)),
    ids=[f"{case.fault} of {case.kind}" for case in CASES],
)
def test_outcome_of_a_fault(build: FaultyBuild, number: int, case: Case) -> None:
    receipt = build.workflow.receipt(case.kind, IDS[number])
    assert receipt["outcome"] == case.outcome, receipt
    assert case.reason in receipt["reason"]
    file = build.workflow.folder / file_of(case, IDS[number])
    assert file.exists() == (case.outcome == "ok")


def test_the_other_file_of_a_faulty_tiktok_is_there(build: FaultyBuild) -> None:
    for case, id in zip(CASES, IDS, strict=True):
        other = COVERS if case.kind == VIDEOS else VIDEOS
        assert build.workflow.receipt(other, id)["outcome"] == "ok"


def test_facts_of_sound(build: FaultyBuild) -> None:
    facts = {
        case.fault: build.workflow.receipt(VIDEOS, id)["facts"]
        for case, id in zip(CASES, IDS, strict=True)
        if case.kind == VIDEOS
    }
    assert facts["no-audio"]["has_audio"] is False
    assert facts["audio-only"]["has_audio"] is True
    assert facts["gzip"]["has_audio"] is True


def test_merged_files_have_null_for_missing_texts(build: FaultyBuild) -> None:
    master, texts = build.workflow.merged("master.json"), build.workflow.merged("ocr.json")
    assert list(master) == IDS
    for case, id in zip(CASES, IDS, strict=True):
        assert (master[id]["download-timestamp"] is None) == (case.outcome != "ok")
        assert (texts.get(id) is None) == (case.kind == COVERS and case.outcome != "ok"), case
    with closing(sqlite3.connect(build.workflow.data / "tiktoks.db")) as db:
        assert db.execute("SELECT count(*) FROM tiktoks").fetchone() == (len(CASES),)
        outcomes = dict(db.execute("SELECT id || kind, outcome FROM downloads"))
    for case, id in zip(CASES, IDS, strict=True):
        assert outcomes[id + case.kind] == case.outcome


def test_reasons_contain_nothing_specific_to_this_run(build: FaultyBuild) -> None:
    """Equal failures have equal reasons: no addresses in memory, no folders, no error numbers."""
    receipts = [build.workflow.receipt(case.kind, id) for case, id in zip(CASES, IDS, strict=True)]
    reasons = {receipt["reason"] for receipt in receipts}
    assert len(reasons) > 20
    for reason in reasons:
        assert not re.search(r" at 0x|<|object|\[Errno|_ssl\.c|Connection\(", reason), reason
        assert str(build.workflow.folder.parent) not in reason
        assert "/tmp" not in reason  # noqa: S108


def test_a_later_download_has_its_time(build: FaultyBuild) -> None:
    later = [
        build.workflow.receipt(case.kind, id)["not_before"]
        for case, id in zip(CASES, IDS, strict=True)
        if case.outcome == "later"
    ]
    assert all(time.time() + 80_000 < moment < time.time() + 90_000 for moment in later)


def test_no_link_into_the_local_network_was_followed(build: FaultyBuild) -> None:
    assert build.site.secret_hits == 0


def test_no_signature_is_written_anywhere_but_in_the_corpus(build: FaultyBuild) -> None:
    assert "secret" not in build.output
    texts = [
        *build.workflow.folder.glob("logs/**/*.log"),
        *build.workflow.data.glob("receipts/**/*"),
    ]
    assert len(texts) > len(CASES)
    for file in texts:
        if file.is_file():
            assert "signature" not in file.read_text(), file


def test_the_summary_names_every_class(build: FaultyBuild) -> None:
    advice = "run `snakemake --cores 8` again"
    for word in ("expired", "gone", "rejected", "later", "corrupt", advice):
        assert word in build.output


def test_the_next_run_lists_and_repairs_only_failures(build: FaultyBuild) -> None:
    workflow = build.workflow
    failed = {
        file_of(case, id) for case, id in zip(CASES, IDS, strict=True) if is_tried_again(case)
    }
    texts = {f"data/ocr/{Path(file).stem}.txt" for file in failed if file.endswith(".jpg")}
    assert workflow.pending() == failed | texts

    before = workflow.hashes(VIDEOS, COVERS)
    build.site.faults.clear()
    build.site.requests.clear()
    workflow.run()

    after = workflow.hashes(VIDEOS, COVERS)
    assert {f"data/{file}" for file in after.keys() - before.keys()} == failed
    assert {file: after[file] for file in before} == before
    assert len(build.site.requests) == len(failed)
    master = workflow.merged("master.json")
    for case, id in zip(CASES, IDS, strict=True):
        complete = case.outcome == "ok" or is_tried_again(case)
        assert (master[id]["download-timestamp"] is not None) == complete
    assert "Nothing to be done" in workflow.run()
