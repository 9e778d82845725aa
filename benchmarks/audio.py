"""Decode the sound of videos with `scripts.speech.audio`, and with `ffmpeg -i … -ar 16000 -ac 1`.

`python -m benchmarks.audio [repeats]`. Each uses one thread, one file after the other: the demo's
clips, and a clip of ten minutes (44.1 kHz, stereo).
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.programs import require
from benchmarks.speech import WORK
from demo.tiktoks import TIKTOKS
from scripts.speech.audio import decode

LONG_S = 600


def make_long() -> Path:
    """A test picture with noise, as long as the longest TikToks."""
    path = WORK / "long.mp4"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        pictures = f"testsrc=d={LONG_S}:r=10:s=320x240"
        sound = f"anoisesrc=d={LONG_S}:r=44100:a=0.1"
        sources = ("-f", "lavfi", "-i", pictures, "-f", "lavfi", "-i", sound)
        _ffmpeg(*sources, "-ac", "2", "-shortest", str(path))
    return path


def with_pyav(videos: list[Path]) -> None:
    for video in videos:
        for _ in decode(video):
            pass


def with_ffmpeg(videos: list[Path]) -> None:
    for video in videos:
        _ffmpeg("-i", str(video), "-vn", "-ar", "16000", "-ac", "1", "-f", "f32le", "-")


def _ffmpeg(*arguments: str) -> None:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", *arguments]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def measure_s(work: Callable[[list[Path]], None], videos: list[Path]) -> float:
    start = time.perf_counter()
    work(videos)
    return time.perf_counter() - start


def main(repeats: int = 5) -> None:
    require("ffmpeg")
    print("| | PyAV, ms a file | ffmpeg, ms a file | ratio |\n|---|---:|---:|---:|")
    clips = [tiktok.video_file for tiktok in TIKTOKS]
    for name, videos in (("clips of 7 s", clips), (f"{LONG_S} s", [make_long()])):
        with_pyav(videos)
        pairs = [
            (measure_s(with_pyav, videos), measure_s(with_ffmpeg, videos)) for _ in range(repeats)
        ]
        ours, theirs = (statistics.median(t) * 1000 / len(videos) for t in zip(*pairs, strict=True))
        ratio = statistics.median(a / b for a, b in pairs)
        print(f"| {name} | {ours:.1f} | {theirs:.1f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
