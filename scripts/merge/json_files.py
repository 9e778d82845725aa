"""Merge raw info, download times and texts into one JSON file each.

All are objects with one record a line, sorted by numeric id, written one record at a time.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scripts.files import encode_json, temporary_file
from scripts.rawinfo.catalogue import Catalogue, Post, load_posts
from scripts.store import texts
from scripts.store.foreign import publish_ours, read_foreign_texts
from scripts.store.states import download_time, read_states

# Each merged file, in `data`, and the tools whose version its bytes depend on.
MERGED_FILES = {
    "master.json": (),
    "ocr.json": ("ocr",),
    "speech_to_text.json": ("speech",),
    "tiktoks.db": ("ocr", "speech", "SQLite"),
}


def merge_master(
    catalogue: Catalogue, data: Path, output: Path | str, note: Path | None = None
) -> None:
    """Write `{id: info}`, as scraped, each with its `download-timestamp`."""

    def info(post: Post) -> dict[str, Any]:
        time = download_time(read_states(post, data))
        return {**post.info, "download-timestamp": time}

    records = ((post.id, info(post)) for post in load_posts(catalogue.newest.values()))
    write_object(output, records, note)


def merge_texts(
    folder: Path, ids: Iterable[str], output: Path | str, note: Path | None = None
) -> None:
    """Write `{id: text or null}` for `ids`, from the text files in `folder` (`data/<kind>`).

    Where there is none, the text of another program counts, if one was set aside.
    """
    foreign = read_foreign_texts(folder.parent, folder.name)

    def text(id: str) -> str | None:
        own = texts.read_text(folder / f"{id}.txt")
        return foreign.get(id) if own is None else own

    ids = sorted(ids, key=lambda id: (int(id), id))
    write_object(output, ((id, text(id)) for id in ids), note)


def write_object(
    output: Path | str, records: Iterable[tuple[str, Any]], note: Path | None = None
) -> None:
    """Write a JSON object in one step, one of `records` a line.

    note: where its checksum is noted (`scripts.store.foreign`), for a merged file of a corpus.
    """
    with temporary_file(output) as file:
        separator = b"{\n"
        for key, value in records:
            file.write(separator + encode_json(key) + b": " + encode_json(value))
            separator = b",\n"
        file.write(b"\n}\n" if separator == b",\n" else b"{}\n")
        publish_ours(file, Path(output), note)
