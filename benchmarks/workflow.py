"""The cost of the workflow itself: `python -m benchmarks.workflow [--jobs N…] [--plans N…]`.

The real Snakefile runs on made-up corpora with the work taken out (`benchmarks.without_work`):

- jobs: the video, the cover and their texts, for N TikToks (4 jobs each);
- plans: how long it takes to plan N TikToks: nothing done, a slice of that, all done, half done.

Seconds are wall-clock and processor seconds, because others may use the machine.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.rawinfo import made_up_record
from benchmarks.without_work import receipt_of, write
from scripts import ocr
from scripts.store import texts
from scripts.store.media_kinds import COVERPHOTOS, VIDEOS
from scripts.store.text_kinds import TEXT_KINDS

PROJECT = Path(__file__).parents[1]
WORK = Path(__file__).parent / "work" / "engine"
FIRST_ID = 7_000_000_000_000_000_000
# Ids are not close to each other: the upper half is the time of the post, to the second.
ID_STEP = 2**32 * 97 + 12_345_679
RECORDS_PER_FILE = 1000
YEAR_2100 = 4102444800
MEDIA = (VIDEOS, COVERPHOTOS)
JOBS_PER_TIKTOK = 4
CORES = 8


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one process: wall-clock and processor seconds, and peak memory in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def ids(count: int) -> Iterator[str]:
    return (str(FIRST_ID + number * ID_STEP) for number in range(count))


def make_corpus(count: int) -> Path:
    """A folder with the raw info of `count` TikToks, but without downloads."""
    folder = WORK / str(count)
    shutil.rmtree(folder, ignore_errors=True)
    info = folder / "data" / "info"
    info.mkdir(parents=True)
    records = [_record(id) for id in ids(count)]
    for start in range(0, max(count, 1), RECORDS_PER_FILE):
        part = records[start : start + RECORDS_PER_FILE]
        (info / f"batch_{start // RECORDS_PER_FILE:03}.json").write_text(json.dumps(part))
    return folder


def _record(id: str) -> dict[str, object]:
    link = f"https://v16.example.com/{id}?{'a1988=tiktok_m&' * 20}expire={YEAR_2100}"
    return {**made_up_record(), "id": id, "video-src": link, "coverphoto-src": link}


def finish_downloads(folder: Path, count: int) -> None:
    """All videos and covers and their receipts, as an earlier run would have left them."""
    data = folder / "data"
    for kind in MEDIA:
        kind.receipt(data, "").parent.mkdir(parents=True, exist_ok=True)
        for id in ids(count):
            write(kind.media(data, id))
            kind.receipt(data, id).write_text(json.dumps(vars(receipt_of(kind.name, id))))


def finish_texts(folder: Path, count: int) -> None:
    """All texts of covers and videos and their receipts."""
    data = folder / "data"
    config = yaml.safe_load((PROJECT / "config.yaml").read_text("utf-8"))
    asked = {
        "ocr": ocr.hash_settings(config["ocr"]),
        "speech": texts.settings_hash(config["speech"]),
        "screen": texts.settings_hash(config["screen"]),
    }
    made_of = texts.media_hashes([VIDEOS.media(data, next(ids(count)))])
    for kind in TEXT_KINDS:
        facts = json.dumps({"outcome": texts.OK, "asked": asked[kind], "made_of": made_of})
        for id in ids(count):
            *files, receipt = texts.files(data, kind, id)
            for file in files:
                write(file)
            write(receipt)
            receipt.write_text(facts)


def lose_half(folder: Path, count: int) -> None:
    """Make every second TikTok one that nothing was done for."""
    data = folder / "data"
    for id in list(ids(count))[::2]:
        for kind in MEDIA:
            kind.media(data, id).unlink()
            kind.receipt(data, id).unlink()
        for kind in TEXT_KINDS:
            texts.remove_text(data, kind, id)


def snakemake(folder: Path, *arguments: str) -> Cost:
    """Run it there. Raises RuntimeError, with its last words, if it fails."""
    command = [sys.executable, "-m", "benchmarks.without_work", "--cores", str(CORES)]
    command += ["--snakefile", str(PROJECT / "Snakefile"), "--directory", str(folder), *arguments]
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    with (folder / "output.txt").open("w+") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise RuntimeError(output.read()[-2000:])
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)


def measure_jobs(counts: list[int]) -> None:
    """Print what a job costs, without the start of the program (a corpus without TikToks)."""
    start = snakemake(make_corpus(0), "--dry-run", "--quiet")
    print(f"\nStart-up: {start.wall_s:.1f} s ({start.cpu_s:.1f} s of the processor).\n")
    print("| TikToks | jobs | run, s | of the processor, s | ms a job | peak, MB |")
    print("|---:|---:|---:|---:|---:|---:|")
    for count in counts:
        cost, jobs = snakemake(make_corpus(count)), JOBS_PER_TIKTOK * count
        ms = (cost.wall_s - start.wall_s) / jobs * 1000
        print(
            f"| {count:,} | {jobs:,} | {cost.wall_s:.1f} | {cost.cpu_s:.1f} | {ms:.1f} "
            f"| {cost.peak_mb:.0f} |",
            flush=True,
        )


def measure_plans(counts: list[int]) -> None:
    """Print what planning costs in each state of a corpus."""
    print("\n| TikToks | state | command | s | of the processor, s | peak, MB |")
    print("|---:|---|---|---:|---:|---:|")
    for count in counts:
        folder = make_corpus(count)
        _print_plan(count, "nothing done", "dry-run", snakemake(folder, "--dry-run", "--quiet"))
        tenth = ("--config", "slice=1/10")
        cost = snakemake(folder, "--dry-run", "--quiet", *tenth)
        _print_plan(count, "nothing done", "dry-run of a slice of ten", cost)
        _print_plan(count, "nothing done", "run of a slice of ten", snakemake(folder, *tenth))
        finish_downloads(folder, count)
        finish_texts(folder, count)
        _print_plan(count, "nothing merged", "run (merges only)", snakemake(folder))
        _print_plan(count, "all done", "dry-run", snakemake(folder, "--dry-run", "--quiet"))
        _print_plan(count, "all done", "run", snakemake(folder))
        lose_half(folder, count)
        _print_plan(count, "half done", "dry-run", snakemake(folder, "--dry-run", "--quiet"))


def _print_plan(count: int, state: str, command: str, cost: Cost) -> None:
    print(
        f"| {count:,} | {state} | {command} | {cost.wall_s:.1f} | {cost.cpu_s:.1f} "
        f"| {cost.peak_mb:.0f} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, nargs="*", default=[500, 1500, 5000])
    parser.add_argument("--plans", type=int, nargs="*", default=[1500, 10_000, 30_000])
    arguments = parser.parse_args()
    if arguments.jobs:
        measure_jobs(arguments.jobs)
    if arguments.plans:
        measure_plans(arguments.plans)
    shutil.rmtree(WORK)


if __name__ == "__main__":
    main()
