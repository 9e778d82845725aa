"""How fast and in how much memory each format is read, next to the standard library's readers.

`python -m benchmarks.formats [MB]` writes a file in each format, and reads each in a new process:
once with `json.load`, `json.loads` for each line or `csv.DictReader`, and once with the catalogue.
"""

import csv
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from scripts.rawinfo.catalogue import build_catalogue

ROOT = Path(__file__).parent.parent
EXAMPLES = json.loads((ROOT / "tests" / "items.json").read_text("utf-8"))
FIRST_ID = 7_171_915_622_962_351_935
DEFAULT_MB = 30


def _items() -> Iterator[dict[str, Any]]:
    item = EXAMPLES["posts"][0]["item"]
    links = [f"https://v16-webapp-prime.tiktok.com/video/tos/{n}/?{'a' * 600}" for n in range(8)]
    formats = [
        {"CodecType": "h264", "Bitrate": n, "PlayAddr": {"UrlList": links[n : n + 2]}}
        for n in range(0, 8, 2)
    ]
    for id in count(FIRST_ID):
        video = item["video"] | {"bitrateInfo": formats}
        yield item | {"id": str(id), "video": video}


def _records() -> Iterator[dict[str, Any]]:
    record = EXAMPLES["posts"][0]["record"]
    comments = [one["record"] for one in EXAMPLES["comments"][:2]] * 9
    for id in count(FIRST_ID):
        yield record | {
            "id": str(id),
            "permalink": f"https://www.tiktok.com/@a/video/{id}",
            "comments": comments,
        }


def _envelopes() -> Iterator[dict[str, Any]]:
    for item in _items():
        yield {"source_platform": "tiktok.com", "timestamp_collected": 1722700000421, "data": item}


def _comments() -> Iterator[dict[str, Any]]:
    for cid in count(FIRST_ID):
        comment = EXAMPLES["comments"][0]["item"] | {"cid": str(cid), "share_info": "x" * 900}
        yield {"source_platform": "tiktok-comments", "data": comment}


def _rows() -> Iterator[dict[str, Any]]:
    for id in count(FIRST_ID):
        yield {
            "id": str(id),
            "author": "maker",
            "body": "some words, " * 20,
            "unix_timestamp": "1722600000",
            "tiktok_url": f"https://tiktok.com/@maker/video/{id}",
            "video_url": "https://v16.example/" + "a" * 400,
            "likes": "1",
            "comments": "2",
            "shares": "3",
            "plays": "4",
            "hashtags": "a,b,c",
        }


def _write(path: Path, kind: str, size: int) -> None:
    make = {"raw info": _records, "items": _items, "Zeeschuimer": _envelopes}
    make |= {"Zeeschuimer, gzipped": _envelopes, "comments": _comments, "4CAT": _rows}
    opener = gzip.open if kind.endswith("gzipped") else open
    with opener(path, "wt", encoding="utf-8", newline="") as file:
        written = 0
        writer = None
        for number, value in enumerate(make[kind]()):
            if written > size:
                break
            text = json.dumps(value, ensure_ascii=False)
            written += len(text)
            if kind == "4CAT":
                writer = writer or csv.DictWriter(file, list(value))
                if number == 0:
                    writer.writeheader()
                writer.writerow(value)
            elif kind in ("raw info", "items"):
                file.write(("[\n" if number == 0 else ",\n") + text)
            else:
                file.write(text + "\n")
        file.write("\n]\n" if kind in ("raw info", "items") else "")


def _read_standard(path: Path, kind: str) -> None:
    opener = gzip.open if kind.endswith("gzipped") else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        if kind == "4CAT":
            list(csv.DictReader(file))
        elif kind in ("raw info", "items"):
            json.load(file)
        else:
            for line in file:
                json.loads(line)


def _read_ours(path: Path, kind: str) -> None:
    catalogue = build_catalogue([path])
    if catalogue.problems:
        raise SystemExit(str(catalogue.problems[0]))


READERS: dict[str, Callable[[Path, str], None]] = {
    "standard": _read_standard,
    "ours": _read_ours,
    "nothing": lambda path, kind: None,
}
KINDS = ("raw info", "items", "Zeeschuimer", "Zeeschuimer, gzipped", "comments", "4CAT")


def _measure(reader: str, path: Path, kind: str) -> tuple[float, float]:
    """Seconds of CPU time, and MB of peak memory."""
    command = [sys.executable, "-m", "benchmarks.formats", reader, str(path), kind]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


def main() -> None:
    """Print a table. With a reader, a file and its kind: read the file, and print the cost."""
    if sys.argv[1:] and sys.argv[1] in READERS:
        started = time.process_time()
        READERS[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(time.process_time() - started, peak)
        return
    size = int(sys.argv[1] if sys.argv[1:] else DEFAULT_MB) * 1_000_000
    print("| format | MB/s | standard library, MB/s | times its time | memory, MB |")
    print("|---|---|---|---|---|")
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            _write(path, kind, size)
            _, idle = _measure("nothing", path, kind)
            ours, memory = _measure("ours", path, kind)
            standard, _ = _measure("standard", path, kind)
        print(
            f"| {kind} | {size / 1e6 / ours:.0f} | {size / 1e6 / standard:.0f} | "
            f"{ours / standard:.1f} | {memory - idle:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
