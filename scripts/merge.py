"""Merge raw info, download times and texts into one JSON file each.

All are objects with one record a line, sorted by numeric id, written one record at a time.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.files import publish, temporary_file
from scripts.plan import KINDS
from scripts.rawinfo import Catalogue, Post, load_posts
from scripts.receipts import OK, Receipt, read_receipt


def merge_master(catalogue: Catalogue, receipts: Path, media: Path, output: Path) -> None:
    """Write `{id: info}`, as scraped, each with its `download-timestamp`.

    receipts, media: the folders that hold `videos/` and `coverphotos/`.
    """

    def info(post: Post) -> dict[str, Any]:
        time = download_time(read_states(post.id, receipts, media))
        return {**post.info, "download-timestamp": time}

    write_object(
        output,
        ((post.id, info(post)) for post in load_posts(catalogue.newest.values())),
    )


def merge_texts(folder: Path, ids: Iterable[str], output: Path) -> None:
    """Write `{id: text or null}` for `ids`, from the text files in `folder`."""
    ids = sorted(ids, key=lambda id: (int(id), id))
    write_object(output, ((id, read_text(folder / f"{id}.txt")) for id in ids))


def read_text(path: Path) -> str | None:
    """The text without white space at its end, or None: no file, or an empty one, which stands for
    something that could not be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return content.decode("utf-8", "replace").rstrip() if content else None


@dataclass(frozen=True, slots=True)
class DownloadState:
    """What became of one file of a TikTok."""

    receipt: Receipt | None
    present: bool  # fetched, and the file is there and is no empty placeholder


def read_states(id: str, receipts: Path, media: Path) -> dict[str, DownloadState]:
    """The state of each kind of download of one TikTok."""
    states = {}
    for kind in KINDS.values():
        receipt = read_receipt(receipts / kind.name / f"{id}.json")
        fetched = receipt is not None and receipt.outcome == OK
        present = fetched and _has_content(media / kind.name / f"{id}{kind.suffix}")
        states[kind.name] = DownloadState(receipt, present)
    return states


def download_time(states: dict[str, DownloadState]) -> int | None:
    """Unix seconds when the later of video and cover was downloaded; None unless both are there."""
    times = [state.receipt.downloaded_at if state.present else None for state in states.values()]
    return None if None in times else max(times)


def _has_content(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:
        return False


def write_object(output: Path, records: Iterable[tuple[str, Any]]) -> None:
    """Write a JSON object in one step, one of `records` a line."""
    with temporary_file(output) as file:
        separator = b"{\n"
        for key, value in records:
            file.write(separator + encode_json(key) + b": " + encode_json(value))
            separator = b",\n"
        file.write(b"\n}\n" if separator == b",\n" else b"{}\n")
        publish(file, output)


def encode_json(value: Any) -> bytes:
    """JSON in UTF-8, with lone surrogates, which UTF-8 can't hold, as JSON escapes.

    `backslashreplace` writes them as JSON does: \\ud83d.
    """
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")
