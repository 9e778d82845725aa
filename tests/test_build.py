"""A run builds a corpus, and rebuilds only what is missing."""

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import jiwer
import pytest

from demo.site import Site
from demo.tiktoks import INFO, TIKTOKS
from tests.support.tiktoks import cover_host, tiktok, video_host
from tests.support.workflow import Workflow

MERGED = ("master.json", "ocr.json", "speech_to_text.json", "tiktoks.db")
FAILING = {t.id: t.link for t in TIKTOKS if t.link in ("expired", "gone", "blob")}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workflow, str]]:
    """The demo corpus, built once, and the output of the run."""
    with Site() as site:
        workflow = Workflow(tmp_path_factory.mktemp("demo") / "corpus", site)
        workflow.config["speech"] = {"engine": "pocketsphinx"}
        for file in INFO.glob("*.json"):
            (workflow.data / "info" / file.name).write_bytes(file.read_bytes())
        yield workflow, workflow.run()


def test_media_are_those_of_the_site(demo: tuple[Workflow, str]) -> None:
    workflow, _ = demo
    for truth in TIKTOKS:
        cover = workflow.data / "coverphotos" / f"{truth.id}.jpg"
        assert cover.read_bytes() == truth.cover_file.read_bytes()
        video = workflow.data / "videos" / f"{truth.id}.mp4"
        assert video.exists() == (truth.id not in FAILING)
        if video.exists():
            assert video.read_bytes() == truth.video_file.read_bytes()


def test_cover_texts_are_read(demo: tuple[Workflow, str]) -> None:
    texts = demo[0].merged("ocr.json")
    assert list(texts) == sorted(t.id for t in TIKTOKS)
    for truth in TIKTOKS:
        assert texts[truth.id].split() == truth.cover_text.split()


def test_transcripts_contain_the_spoken_words(demo: tuple[Workflow, str]) -> None:
    workflow, _ = demo
    heard = workflow.merged("speech_to_text.json")
    assert [id for id, text in heard.items() if text is None] == sorted(FAILING)
    there = [t for t in TIKTOKS if t.id not in FAILING]
    error_rate = jiwer.wer([words(t.speech) for t in there], [words(heard[t.id]) for t in there])
    print(f"Word error rate over the demo: {error_rate:.1%}")
    assert error_rate <= 0.15
    with closing(sqlite3.connect(workflow.data / "tiktoks.db")) as db:
        rows = db.execute(
            "SELECT id, speech_to_text, source, texts.language, engine, texts.duration_s "
            "FROM tiktoks JOIN texts USING (id) WHERE kind = 'speech' ORDER BY number"
        ).fetchall()
    assert [(id, text) for id, text, *_ in rows] == [(t.id, heard[t.id]) for t in there]
    assert {row[2:5] for row in rows} == {("recognition", "en", "pocketsphinx")}
    assert all(5 < duration_s < 10 for *_, duration_s in rows)
    for truth in there:
        subtitles = (workflow.data / "speech" / f"{truth.id}.vtt").read_text()
        assert subtitles.startswith("WEBVTT\n\n00:00:0")


def words(text: str) -> str:
    return " ".join(re.findall("[a-z']+", text.lower()))


def test_raw_info_is_kept_as_scraped(demo: tuple[Workflow, str]) -> None:
    workflow, _ = demo
    scrapes = [info for file in INFO.glob("*.json") for info in json.loads(file.read_text("utf-8"))]
    for id, info in workflow.merged("master.json").items():
        newest = max(
            (scrape for scrape in scrapes if scrape["id"] == id),
            key=lambda scrape: scrape["scrape-timestamp"],
        )
        timestamp = info.pop("download-timestamp")
        assert info == newest
        assert isinstance(timestamp, int) == (id not in FAILING)


def test_database_records_the_outcome_of_each_download(demo: tuple[Workflow, str]) -> None:
    with closing(sqlite3.connect(demo[0].data / "tiktoks.db")) as db:
        failed = dict(db.execute("SELECT id, outcome FROM downloads WHERE outcome <> 'ok'"))
        (complete,) = db.execute("SELECT count(*) FROM complete_tiktoks").fetchone()
        (found,) = db.execute(
            "SELECT tiktoks.id FROM search JOIN tiktoks ON number = search.rowid "
            "WHERE search MATCH 'sourdough'"
        ).fetchone()
    kinds = {id: FAILING[id] for id in failed}
    assert {kinds[id]: outcome for id, outcome in failed.items()} == {
        "expired": "untried",
        "gone": "gone",
        "blob": "rejected",
    }
    assert complete == len(TIKTOKS) - len(FAILING)
    assert found == next(t.id for t in TIKTOKS if "SOURDOUGH" in t.cover_text.upper())


def test_summary_explains_what_failed(demo: tuple[Workflow, str]) -> None:
    _, output = demo
    end = output[output.rindex("12 TikToks in 13 scrapes") :]
    for id, link in FAILING.items():
        (line,) = [line for line in end.splitlines() if id in line]
        assert {"expired": "expired on 2022-", "gone": "HTTP 404", "blob": "blob:"}[link] in line
        assert "What to do:" in line


def test_second_run_has_nothing_to_do(demo: tuple[Workflow, str]) -> None:
    workflow, _ = demo
    workflow.site.requests.clear()
    assert "Nothing to be done" in workflow.run()
    assert "Nothing to be done" in workflow.run(f"data/videos/{TIKTOKS[3].id}.mp4")
    assert workflow.site.requests == []


def test_a_deleted_cover_comes_back_with_its_text_and_nothing_else(
    demo: tuple[Workflow, str],
) -> None:
    workflow, _ = demo
    id = TIKTOKS[3].id
    before = workflow.hashes(".")
    times = {path: (workflow.data / path).stat().st_mtime_ns for path in before}
    (workflow.data / "coverphotos" / f"{id}.jpg").unlink()
    workflow.site.requests.clear()

    assert workflow.pending() == {f"data/coverphotos/{id}.jpg", f"data/ocr/{id}.txt"}
    workflow.run()

    assert len(workflow.site.requests) == 1
    rebuilt = {
        path
        for path, time in times.items()
        if (workflow.data / path).stat().st_mtime_ns != time and not path.startswith(".lock")
    }
    assert {path for path in rebuilt if not path.startswith("report/")} == {
        f"coverphotos/{id}.jpg",
        f"receipts/coverphotos/{id}.json",
        f"ocr/{id}.txt",
        f"ocr/{id}.json",
        f"receipts/ocr/{id}.json",
        *(name for name in MERGED if name != "speech_to_text.json"),
        ".merged/master.json",
        ".merged/ocr.json",
        "manifest.tsv",
    }
    after = workflow.hashes(".")
    # The datasheet names the manifest's checksum, and the manifest has the time of the download.
    new = {f"receipts/coverphotos/{id}.json", "manifest.tsv", "report/datasheet.md", ".lock.owner"}
    same = before.keys() - new
    assert {path: after[path] for path in same} == {path: before[path] for path in same}


@pytest.mark.parametrize("torn", ["ocr/{id}.txt", "receipts/ocr/{id}.json"])
def test_a_text_that_a_power_cut_left_empty_is_made_again(
    demo: tuple[Workflow, str], torn: str
) -> None:
    workflow, _ = demo
    id = TIKTOKS[4].id
    before = workflow.hashes("ocr", "receipts/ocr")
    os.truncate(workflow.data / torn.format(id=id), 0)

    assert workflow.pending() == {f"data/ocr/{id}.txt"}
    workflow.run()

    assert workflow.hashes("ocr", "receipts/ocr") == before


def test_report_is_a_page_with_the_figures(demo: tuple[Workflow, str]) -> None:
    workflow, _ = demo
    workflow.run("--report", "report.html")
    page = (workflow.folder / "report.html").read_text()
    assert page.lstrip().lower().startswith("<!doctype html>")
    for figure in ("downloads.svg", "posts_over_time.svg", "likes.svg", "texts.svg"):
        assert figure in page


def test_same_inputs_give_the_same_bytes_in_another_folder(
    demo: tuple[Workflow, str], tmp_path: Path
) -> None:
    first, _ = demo
    second = Workflow(tmp_path / "elsewhere" / "corpus", first.site)
    second.config["speech"] = first.config["speech"]
    recognised = TIKTOKS[3].id  # of the transcripts, only this one is made again
    transcripts = [
        file
        for folder in ("videos", "speech", "receipts/speech")
        for file in first.data.glob(f"{folder}/*")
        if file.stem != recognised
    ]
    for file in (*first.data.glob("info/*"), *first.data.glob("receipts/[cv]*/*"), *transcripts):
        copy = second.data / file.relative_to(first.data)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    second.environment = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    second.run("--cores", "1")
    made = (second.folder / "logs" / "speech").glob("*.log")
    assert [log.stem for log in made] == [recognised]
    for name in MERGED:
        assert (second.data / name).read_bytes() == (first.data / name).read_bytes(), name
    reports = [corpus.hashes("report") for corpus in (first, second)]
    for report in reports:
        del report["report/datasheet.md"]  # it names the manifest, which has times of downloads
    assert reports[0] == reports[1]


def test_one_bad_record_and_one_bad_file_stop_nothing(workflow: Workflow) -> None:
    bad = tiktok(1) | {"id": "../../etc/passwd", "permalink": None}
    workflow.add([tiktok(0), bad, tiktok(2)])
    (workflow.data / "info" / "cut.json").write_text('[{"id": "71')
    output = workflow.run()
    assert list(workflow.merged("master.json")) == [tiktok(0)["id"], tiktok(2)["id"]]
    assert "data/info/batch_1.json, record 2" in output
    assert "data/info/cut.json" in output
    assert not list(workflow.folder.rglob("*passwd*"))


def test_the_newest_scrape_wins_and_removed_raw_info_is_forgotten(workflow: Workflow) -> None:
    old = tiktok(0, description="old")
    new = tiktok(0, description="new") | {"scrape-timestamp": old["scrape-timestamp"] + 60}
    workflow.add([new, tiktok(1)], "a.json")
    workflow.add([old, tiktok(2)], "b.json")
    workflow.run()
    master = workflow.merged("master.json")
    assert master[old["id"]]["description"] == "new"
    assert len(master) == 3

    (workflow.data / "info" / "b.json").unlink()
    workflow.run()
    assert list(workflow.merged("master.json")) == [old["id"], tiktok(1)["id"]]
    assert len(list((workflow.data / "videos").iterdir())) == 3


def test_another_ocr_engine_reads_the_covers_again_and_downloads_nothing(
    workflow: Workflow,
) -> None:
    workflow.add([tiktok(0), tiktok(1)])
    workflow.run()
    workflow.site.requests.clear()
    workflow.config["ocr"] = {"engine": "tesserocr"}
    assert workflow.pending() == {f"data/ocr/{tiktok(n)['id']}.txt" for n in (0, 1)}
    workflow.run()
    assert workflow.site.requests == []
    assert workflow.receipt("ocr", tiktok(0)["id"])["engine"] == "tesserocr"


def test_soonest_expiry_is_fetched_first(workflow: Workflow) -> None:
    late, soon, between = (tiktok(n, expires_at=2_000_000_000 + d) for n, d in enumerate((9, 1, 5)))
    workflow.add([late, soon, between])
    workflow.run("--cores", "1")
    hosts = [host for _, host, _, _ in workflow.site.requests if host.startswith("p")]
    assert hosts == [cover_host(1), cover_host(2), cover_host(0)]


def test_without_raw_info_it_says_what_to_do(workflow: Workflow) -> None:
    for arguments in ([], ["--dry-run"], ["verify"], ["fetch"], ["data/master.json"], ["--dag"]):
        last_line = workflow.run(*arguments, succeeds=False).splitlines()[-1]
        assert f"{workflow.folder} contains no raw info" in last_line
        assert f"{workflow.data / 'info'}" in last_line
        assert "make demo" in last_line
    assert [path.name for path in workflow.data.rglob("*")] == ["info"]


def test_a_wrong_configuration_is_named(workflow: Workflow) -> None:
    workflow.config["ocr"] = {"engine": "eyes"}
    output = workflow.run("--dry-run", succeeds=False)
    assert "eyes" in output
    assert "tesserocr" in output


def test_a_raw_info_file_with_a_name_that_snakemake_cannot_take(workflow: Workflow) -> None:
    workflow.add([tiktok(0)])
    workflow.add([tiktok(1)], "b{1}.json")
    output = workflow.run("--dry-run")
    assert "b{1}.json" in output
    assert "Rename it" in output


def test_an_unavailable_file_is_an_error_if_requested_by_name(workflow: Workflow) -> None:
    workflow.add([tiktok(0, expires_at=1669985936)])
    id = tiktok(0)["id"]
    output = workflow.run(f"data/videos/{id}.mp4", succeeds=False)
    assert f"data/videos/{id}.mp4 can't be downloaded: the link has expired" in output
    workflow.add([tiktok(1)], "another.json")
    workflow.site.faults[video_host(1)] = "status-503"
    name = f"data/videos/{tiktok(1)['id']}.mp4"
    assert f"{name} could not be downloaded: HTTP 503" in workflow.run(name, succeeds=False)
    assert "contains the id 123" in workflow.run("data/videos/123.mp4", succeeds=False)


def test_files_that_come_from_elsewhere_are_merged(workflow: Workflow) -> None:
    """The files have old times, as from a backup, and there are receipts of failures."""
    workflow.add([tiktok(0), tiktok(1, expires_at=1669985936)])
    ids = [tiktok(n)["id"] for n in (0, 1)]
    workflow.site.faults["https://"] = "status-404"
    workflow.run()
    assert workflow.merged("master.json")[ids[0]]["download-timestamp"] is None
    for id in ids:
        for kind, file in (
            ("videos", TIKTOKS[0].video_file),
            ("coverphotos", TIKTOKS[0].cover_file),
        ):
            place = workflow.data / kind / f"{id}{file.suffix}"
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(file.read_bytes())
            os.utime(place, (1_600_000_000, 1_600_000_000))
    workflow.run()
    master = workflow.merged("master.json")
    assert [master[id]["download-timestamp"] for id in ids] == [1_600_000_000] * 2
    assert len(workflow.merged("ocr.json")) == 2
    assert "Nothing to be done" in workflow.run()
    assert not list(workflow.data.rglob("*.mark"))
