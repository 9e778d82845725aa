"""Run Snakemake with the real Snakefile and rules, but without the work.

`python -m benchmarks.without_work …` takes the arguments of `snakemake`. It replaces the functions
that download, read covers, merge and draw by others that only write their outputs and receipts. So
the cost of Snakemake and of the workflow around it remains.
"""

import hashlib
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from snakemake.cli import main

from scripts import ocr
from scripts.download.downloader import Downloader
from scripts.merge import database, json_files
from scripts.plan.downloads import Download
from scripts.speech.transcripts import Transcripts
from scripts.store import texts
from scripts.store.receipts import OK, Receipt, write_receipt

CONTENT = "made\n"
FIGURES = ("downloads.svg", "posts_over_time.svg", "likes.svg", "texts.svg", "summary.csv")


def receipt_of(kind: str, id: str) -> Receipt:
    """A receipt as long as a real one."""
    return Receipt(
        id,
        kind,
        OK,
        attempts=1,
        time=1_700_000_000,
        downloaded_at=1_700_000_000,
        host="v16.example.com",
        http_status=200,
        link="0123456789abcdef",
        size_bytes=5,
        sha256=hashlib.sha256(CONTENT.encode()).hexdigest(),
        facts={"audio_codec": "aac", "duration_s": 15.0, "height": 1024, "width": 576},
    )


def write(path: str | Path) -> None:
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CONTENT)


def fetch(self: Downloader, download: Download, media: str, receipt: str, log: str) -> None:
    write(media)
    write_receipt(receipt, receipt_of(download.kind, download.name))


def recognise(images: list[str], text: str, boxes: str, receipt: str, settings: Any) -> None:
    facts = {
        "outcome": texts.OK,
        "asked": ocr.hash_settings(settings),
        "made_of": texts.media_hashes(images),
    }
    write(boxes)
    texts.write_text(Path(text), Path(receipt), CONTENT, facts)


def transcribe(
    self: Transcripts, media: list[str], text: str, vtt: str, receipt: str, log: str
) -> None:
    facts = {
        "outcome": texts.OK,
        "asked": self._settings_hash,
        "made_of": texts.media_hashes(media),
    }
    write(vtt)
    texts.write_text(Path(text), Path(receipt), CONTENT, facts)


def draw_figures(source: str, folder: Path) -> None:
    for name in FIGURES:
        write(folder / name)


def take_work_out() -> None:
    """Replace the functions that the rules call."""
    Downloader.fetch = fetch
    ocr.recognise = recognise
    Transcripts.check = lambda self, texts: None
    Transcripts.make = transcribe
    json_files.merge_master = json_files.merge_texts = database.build_database = lambda *a: write(
        a[2]
    )
    # Replace the module instead of importing it: its libraries for plots take a second to load.
    sys.modules["scripts.report.figures"] = SimpleNamespace(draw_figures=draw_figures)


if __name__ == "__main__":
    take_work_out()
    main(sys.argv[1:])
