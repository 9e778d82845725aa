"""How close the workflow's downloads come to aria2c: `python -m benchmarks.download [rounds]`.

300 videos of 0.2-3 MB (H.264 and AAC, like the site's) come from the demo's stand-in, which runs in
its own process: HTTPS, 40 ms before each answer, 16 Mbit/s for each connection, 8 at a time.
`aria2c -j8 -x1` only fetches; the workflow also decodes, hashes, syncs and writes receipts. Both
run in turns, because other load changes the figures.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.programs import require
from benchmarks.rawinfo import made_up_record

PROJECT = Path(__file__).parents[1]
WORK = Path(__file__).parent / "work" / "download"
MEDIA = WORK / "media"
DOWNLOADS = 300
AT_ONCE = 8  # `download.per_host`
CORES = AT_ONCE + 2  # while one file is checked, the host can send the next
LATENCY_S = 0.04
BYTES_PER_S = 2_000_000
SECONDS_OF_CLIPS = range(2, 31, 2)  # at about 100 kB a second
FIRST_ID = 7_000_000_000_000_000_000
YEAR_2100 = 4102444800
HOST = "v16-webapp.tiktok.com"


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the clock and of the processor."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Video:
    """One link, and the shortest time that it can take."""

    id: str
    link: str
    size_bytes: int

    @property
    def target(self) -> str:
        return f"data/videos/{self.id}.mp4"


def make_clips() -> list[Path]:
    """Distinct videos of growing length; kept for the next run."""
    longest = MEDIA / f"{SECONDS_OF_CLIPS[-1]:02}.mp4"
    if not longest.exists():
        MEDIA.mkdir(parents=True, exist_ok=True)
        source = "ffmpeg -v error -y -f lavfi -i mandelbrot=s=576x1024:r=30,noise=alls=12:allf=t "
        source += "-f lavfi -i anoisesrc=a=0.1:c=pink -t 30 -c:v libx264 -preset veryfast "
        source += "-pix_fmt yuv420p -b:v 700k -c:a aac -b:a 96k -ar 48000"
        _run([*source.split(), longest])
    clips = [MEDIA / f"{seconds:02}.mp4" for seconds in SECONDS_OF_CLIPS]
    for seconds, clip in zip(SECONDS_OF_CLIPS, clips, strict=True):
        if not clip.exists():
            cut = f"ffmpeg -v error -y -i {longest} -t {seconds} -c copy -movflags +faststart"
            _run([*cut.split(), clip])
    return clips


def make_videos(clips: list[Path]) -> list[Video]:
    """The same links every time; each leads to one of `clips`."""
    chance = random.Random(1)
    videos = []
    for number in range(DOWNLOADS):
        id, clip = str(FIRST_ID + number), chance.choice(clips)
        link = f"https://{HOST}/{clip.name}?id={id}&expire={YEAR_2100}"
        videos.append(Video(id, link, clip.stat().st_size))
    return videos


@contextmanager
def serving() -> Iterator[dict[str, str]]:
    """Run the stand-in in its own process. Yields its `proxy` and its `ca` file."""
    ready = WORK / "site.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "demo.site", "--latency", str(LATENCY_S)]
    command += ["--rate", str(BYTES_PER_S), "--media", MEDIA, "--ready-file", ready]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            while not ready.exists():
                time.sleep(0.05)
            yield json.loads(ready.read_text())
        finally:
            process.terminate()


def run_workflow(videos: list[Video], site: dict[str, str], *arguments: str) -> Cost:
    """Run the real workflow for only the videos, and check that it has made all of them."""
    folder = WORK / "workflow"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data" / "info").mkdir(parents=True)
    record = made_up_record() | {"coverphoto-src": ""}
    records = [record | {"id": video.id, "video-src": video.link} for video in videos]
    (folder / "data" / "info" / "batch.json").write_text(json.dumps(records))
    settings = {"download": {"proxy": site["proxy"], "ca_bundle": site["ca"]}}
    (folder / "config.yaml").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "snakemake", "--cores", str(CORES), *arguments]
    command += ["--snakefile", PROJECT / "Snakefile", "--directory", folder]
    command += ["--configfile", folder / "config.yaml", "--"]
    return _run([*command, *(video.target for video in videos)])


def run_aria2(videos: list[Video], site: dict[str, str]) -> Cost:
    folder = WORK / "aria2"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    lines = (f"{video.link}\n  out={video.id}.mp4\n" for video in videos)
    (folder / "links.txt").write_text("".join(lines))
    command = ["aria2c", f"-j{AT_ONCE}", "-x1", "--quiet", "--file-allocation=none"]
    command += [f"--ca-certificate={site['ca']}", f"--https-proxy={site['proxy']}"]
    return _run([*command, f"--dir={folder}", f"--input-file={folder / 'links.txt'}"])


def check(videos: list[Video], folder: Path) -> None:
    """Check that a folder contains all videos unchanged."""
    for video in videos:
        if (folder / f"{video.id}.mp4").stat().st_size != video.size_bytes:
            raise RuntimeError(f"{folder / video.id}.mp4 isn't what the server has")


def _run(command: list[str | Path]) -> Cost:
    output = WORK / "output.txt"
    with output.open("w") as file:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=PROJECT, stdout=file, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} failed: {output.read_text()[-2000:]}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime)


def main(rounds: int = 3) -> None:
    require("aria2c")
    videos = make_videos(make_clips())
    size_mb = sum(video.size_bytes for video in videos) / 1e6
    least_s = sum(LATENCY_S + v.size_bytes / BYTES_PER_S for v in videos) / AT_ONCE
    print(f"{DOWNLOADS} videos, {size_mb:.0f} MB; at the least {least_s:.1f} s\n")
    print("| workflow, s | of the processor | its start, s | aria2c, s | of the processor ", end="")
    print("| ratio | without the start |\n|---:|---:|---:|---:|---:|---:|---:|")
    ratios, bare_ratios = [], []
    with serving() as site:
        for _ in range(rounds):
            start = run_workflow(videos, site, "--dry-run", "--quiet")
            ours = run_workflow(videos, site)
            check(videos, WORK / "workflow" / "data" / "videos")
            theirs = run_aria2(videos, site)
            check(videos, WORK / "aria2")
            ratios.append(ours.wall_s / theirs.wall_s)
            bare_ratios.append((ours.wall_s - start.wall_s) / theirs.wall_s)
            print(
                f"| {ours.wall_s:.1f} | {ours.cpu_s:.1f} | {start.wall_s:.1f} "
                f"| {theirs.wall_s:.1f} | {theirs.cpu_s:.1f} "
                f"| {ratios[-1]:.2f} | {bare_ratios[-1]:.2f} |",
                flush=True,
            )
    ratio, bare = statistics.median(ratios), statistics.median(bare_ratios)
    print(f"\nMedian: {ratio:.2f} times the time of aria2c; {bare:.2f} without the start.")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
