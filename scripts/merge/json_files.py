"""Merge raw info, download times and texts into one JSON file each.

All are objects with one record a line, sorted by numeric id, written one record at a time.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scripts.files import encode_json, publish, temporary_file
from scripts.rawinfo.catalogue import Catalogue, Post, load_posts
from scripts.store import texts
from scripts.store.states import download_time, read_states

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
    write_object(output, ((id, texts.read_text(folder / f"{id}.txt")) for id in ids))


def write_object(output: Path, records: Iterable[tuple[str, Any]]) -> None:
    """Write a JSON object in one step, one of `records` a line."""
    with temporary_file(output) as file:
        separator = b"{\n"
        for key, value in records:
            file.write(separator + encode_json(key) + b": " + encode_json(value))
            separator = b",\n"
        file.write(b"\n}\n" if separator == b",\n" else b"{}\n")
        publish(file, output)
