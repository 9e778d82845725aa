"""Merge raw info, download times and texts into one JSON file each.

All are objects with one record a line, sorted by numeric id, written one record at a time.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.files import publish, temporary_file
from scripts.media_kinds import CAPTIONS, KINDS, MediaKind
from scripts.media_links import choose_links
from scripts.rawinfo import Catalogue, Post, load_posts
from scripts.receipts import OK, Receipt, read_receipt

# Each merged file, in `data`, and the tools whose version its bytes depend on.
MERGED_FILES = {
    "master.json": (),
    "ocr.json": ("ocr",),
    "speech_to_text.json": ("speech",),
    "tiktoks.db": ("ocr", "speech", "SQLite"),
}


def merge_master(catalogue: Catalogue, data: Path, output: Path) -> None:
    """Write `{id: info}`, as scraped, each with its `download-timestamp`."""

    def info(post: Post) -> dict[str, Any]:
        time = download_time(read_states(post, data))
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
    """What became of one file of a TikTok. `url`: its link in the newest scrape."""

    kind: MediaKind
    name: str
    url: str | None
    receipt: Receipt | None
    present: bool  # fetched, and the file is there and is no empty placeholder


def read_states(post: Post, data: Path) -> list[DownloadState]:
    """The state of each file that a TikTok has."""
    links = choose_links(post)
    states = []
    for kind in KINDS.values():
        for name, url in kind.files(post.id, links).items():
            receipt = read_receipt(kind.receipt(data, name))
            fetched = receipt is not None and receipt.outcome == OK
            present = fetched and _has_content(kind.media(data, name))
            states.append(DownloadState(kind, name, url, receipt, present))
    return states


def download_time(states: list[DownloadState]) -> int | None:
    """Unix seconds when the latest of video, cover and slides was downloaded; None unless all are
    there. Captions are extra.
    """
    needed = [state for state in states if state.kind != CAPTIONS]
    times = [state.receipt.downloaded_at if state.present else None for state in needed]
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
