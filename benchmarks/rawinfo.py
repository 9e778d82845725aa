"""How fast raw info is read, and in how much memory, next to a plain `json.load`.

    python -m benchmarks.rawinfo [SAMPLE] [--records 10000]

SAMPLE is a raw-info file, which is repeated under new ids until there are enough records. Without
it, a made-up record of the usual size is repeated. Each way runs in its own process.
"""

import argparse
import json
import resource
import tempfile
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from scripts.rawinfo.catalogue import build_catalogue, load_posts, read_posts

FIRST_ID = 7_000_000_000_000_000_000


def nothing(path: Path) -> None:
    """Only the imports."""


def plain_json(path: Path) -> None:
    with path.open(encoding="utf-8") as file:
        json.load(file)


def posts(path: Path) -> None:
    deque(read_posts(path, print), maxlen=0)


def catalogue(path: Path) -> None:
    build_catalogue([path])


def catalogue_and_posts(path: Path) -> None:
    deque(load_posts(build_catalogue([path]).newest.values()), maxlen=0)


def measured(work: Callable[[Path], None], path: Path) -> tuple[float, float]:
    """Seconds, and the peak memory of this process in MB."""
    start = time.perf_counter()
    work(path)
    seconds = time.perf_counter() - start
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def apart(work: Callable[..., Any], *arguments: Any) -> Any:
    """The result of `work` in a new process: a forked child starts with its parent's peak."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *arguments).result()


def made_up_record() -> dict[str, Any]:
    link = "https://v16.example.com/video/tos/" + "a1988&lr=tiktok_m" * 20 + "?expire=1669985936"
    comment = {
        "commenter-username": "@viewer 1",
        "comment-text": "nobody expected this 👏 and yet, here we are",
        "time-posted": "5h ago ",
        "like-count": "2888",
        "replies-count": "6",
    }
    return {
        "video-src": link,
        "coverphoto-src": link,
        "like-count": "22.6K",
        "creator-username": "@maker",
        "time-posted": "1d ago",
        "description": "what happens next #fyp 🎈",
        "comments": [comment] * 18,
        "scrape-timestamp": 1669964598.434,
    }


def write_corpus(path: Path, sample: Path | None, records: int) -> None:
    samples = json.loads(sample.read_bytes()) if sample else [made_up_record()]
    with path.open("w", encoding="utf-8") as file:
        for number in range(records):
            record = {**samples[number % len(samples)], "id": str(FIRST_ID + number)}
            file.write((",\n" if number else "[") + json.dumps(record))
        file.write("]\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sample", nargs="?", type=Path)
    parser.add_argument("--records", type=int, default=10_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "info.json"
        apart(write_corpus, path, arguments.sample, arguments.records)
        size = path.stat().st_size / 1e6
        print(f"{arguments.records:,} records, {size:.1f} MB")
        print(f"{'':20}{'s':>8}{'MB/s':>8}{'peak MB':>9}")
        for work in (nothing, plain_json, posts, catalogue, catalogue_and_posts):
            seconds, peak = apart(measured, work, path)
            speed = f"{size / seconds:8.1f}" if work is not nothing else f"{'':8}"
            print(f"{work.__name__:20}{seconds:8.2f}{speed}{peak:9.0f}")


if __name__ == "__main__":
    main()
