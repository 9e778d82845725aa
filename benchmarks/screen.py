"""How much text is found in generated videos: `python -m benchmarks.screen [count [seed]]`.

The videos come from `benchmarks.screen_videos`. It prints line recall and precision, lines that
were found twice, times that are off by more than half a second, and processor time for each second
of video, next to reading one frame a second with the engine's defaults, and next to only decoding.
"""

import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np

from benchmarks.screen_videos import Film, Line, make_bare_film, make_film, save_film
from scripts import screen
from scripts.ocr.engine import OcrSettings
from scripts.screen.frames import read_frames
from scripts.screen.readers import RapidocrReader
from scripts.screen.reading import ScreenLine, ScreenReader
from scripts.screen.tracking import plain

ALIKE = 0.8  # similarity of a line as read to the line as written
TOLERANCE_S = 0.5
SETTINGS = {"engine": "rapidocr", "languages": ["eng"], "longest_gap_s": 2, "max_seconds": 300}


@dataclass
class Totals:
    there: int = 0
    found: int = 0
    read: int = 0
    twice: int = 0
    late: int = 0
    errors_s: list[float] = field(default_factory=list)

    def add(self, lines: list[Line], read: list[ScreenLine]) -> None:
        free = list(lines)
        self.there, self.read = self.there + len(lines), self.read + len(read)
        for line in read:
            alike = [other for other in lines if _is_of(line, other)]
            left = [other for other in alike if other in free]
            if not left:
                self.twice += bool(alike)
                continue
            best = min(left, key=lambda other: abs(other.start_s - line.start_s))
            free.remove(best)
            self.found += 1
            error_s = max(abs(best.start_s - line.start_s), abs(best.end_s - line.end_s))
            self.errors_s.append(error_s)
            self.late += error_s > TOLERANCE_S

    def __str__(self) -> str:
        recall, precision = self.found / max(self.there, 1), self.found / max(self.read, 1)
        worst = max(self.errors_s, default=0.0)
        return (
            f"{self.there} lines: recall {recall:.3f}, precision {precision:.3f}, "
            f"{self.twice} found twice, {self.late} off by more than {TOLERANCE_S} s "
            f"(median {np.median(self.errors_s or [0]):.2f}, worst {worst:.2f} s)"
        )


def _is_of(read: ScreenLine, line: Line) -> bool:
    one, other = plain(read.text), plain(line.text)
    overlaps = read.start_s < line.end_s + TOLERANCE_S and read.end_s > line.start_s - TOLERANCE_S
    return overlaps and SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def processor_s() -> float:
    return sum(os.times()[:4])


@cache
def reader_as_it_comes() -> Any:
    """RapidOCR with its defaults, on one thread."""
    from rapidocr import RapidOCR

    threads = {f"EngineConfig.onnxruntime.{name}_op_num_threads": 1 for name in ("intra", "inter")}
    return RapidOCR(params={"Global.log_level": "critical", **threads})


def read_one_frame_a_second(path: Path) -> None:
    """Read a video in the plain way, without this project."""
    reader = reader_as_it_comes()
    with av.open(path) as container:
        next_s = 0.0
        for frame in container.decode(video=0):
            if (frame.time or 0.0) >= next_s:
                next_s += 1
                reader(frame.to_ndarray(format="bgr24"))


def decode_alone(path: Path) -> None:
    with av.open(path) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for _ in container.decode(video=0):
            pass


def make_reader() -> RapidocrReader:
    """The reader, with its models loaded."""
    reader = RapidocrReader(OcrSettings("rapidocr", ("eng",), screen.SPARSE_TEXT, prepare=True))
    reader.find(np.zeros((64, 64, 3), np.uint8))
    return reader


def measure(films: Iterable[Film], folder: Path, baseline: bool = False) -> tuple[Totals, str]:
    """Read films. Returns the totals, and a sentence about the cost."""
    totals, seconds = Totals(), dict.fromkeys(("reading", "decoding", "a frame a second"), 0.0)
    reader = make_reader()
    duration_s = 0.0
    for film in films:
        path = folder / f"{film.seed}.mp4"
        save_film(film, path)
        before = processor_s()
        found = ScreenReader(reader, SETTINGS["longest_gap_s"]).read(read_frames(path, 300))
        seconds["reading"] += processor_s() - before
        totals.add(film.lines, found)
        before = processor_s()
        decode_alone(path)
        seconds["decoding"] += processor_s() - before
        if baseline:
            reader_as_it_comes()
            before = processor_s()
            read_one_frame_a_second(path)
            seconds["a frame a second"] += processor_s() - before
        duration_s += film.duration_s
    cost = ", ".join(f"{name} {s / duration_s:.3f} s" for name, s in seconds.items() if s)
    return totals, f"a second of {duration_s:.0f}: {cost}"


def main(count: int = 20, seed: int = 0) -> None:
    """count: of videos of all kinds. seed: of the first one; the others follow."""
    seeds, fewer = range(seed, seed + count), range(seed, seed + max(1, count // 4))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in (("still",), ("fade",), ("words",), ("karaoke",), ("moving",), ("replacing",)):
            films = (make_film(seed + 100, kinds=kind) for seed in fewer)
            print(f"{kind[0]}: {measure(films, folder)[0]}", flush=True)
        for title, films in (
            ("all kinds", [make_film(seed) for seed in seeds]),
            ("a single caption", [make_bare_film(seed, captions=1) for seed in fewer]),
            ("no text", [make_bare_film(seed) for seed in fewer]),
        ):
            totals, cost = measure(films, folder, baseline=title == "all kinds")
            print(f"{title}: {totals}; {cost}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
