"""Merge raw info, download times and texts into one JSON file each.

Each file is an object with one record on each line, sorted by numeric id. Records are written one
at a time.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scripts.files import encode_json, temporary_file
from scripts.merge.screen_lines import unite
from scripts.rawinfo.catalogue import Catalogue, Post, load_posts
from scripts.store import texts
from scripts.store.foreign import publish_ours, read_foreign_texts
from scripts.store.states import download_time, read_states
from scripts.store.text_kinds import SCREEN, TEXT_KINDS

# Each merged file in `data`, and the tools whose versions its bytes depend on.
MERGED_FILES = {
    "master.json": (),
    **{kind.merged: (kind.name,) for kind in TEXT_KINDS.values()},
    "tiktoks.db": (*TEXT_KINDS, "SQLite"),
}


def merge_master(
    catalogue: Catalogue, data: Path, output: Path | str, note: Path | None = None
) -> None:
    """Write `{id: info}`: each record as scraped, with its `download-timestamp`."""

    def info(post: Post) -> dict[str, Any]:
        time = download_time(read_states(post, data))
        return {**post.info, "download-timestamp": time}

    records = ((post.id, info(post)) for post in load_posts(catalogue.newest.values()))
    write_object(output, records, note)


def merge_texts(
    kind: str, catalogue: Catalogue, data: Path, output: Path | str, note: Path | None = None
) -> None:
    """Write `{id: text or null}` for all TikToks, from the text files in `data/<kind>`.

    If a text is missing, one of another program is used, if it was set aside. Texts on screens
    include what creators typed there.
    """
    foreign = read_foreign_texts(data, kind)
    stickers: dict[str, tuple[str, ...]] = {}
    if kind == SCREEN.name:
        entries = (
            entry
            for entry in catalogue.newest.values()
            if any(observation.has_stickers for observation in (entry, *entry.older))
        )
        posts = load_posts(entries)
        stickers = {post.id: post.sticker_texts for post in posts if post.sticker_texts}

    def text(id: str) -> str | None:
        own = texts.read_text(texts.text_path(data, kind, id))
        read = foreign.get(id) if own is None else own
        return unite(read, stickers[id]) if id in stickers else read

    ids = sorted(catalogue.newest, key=lambda id: (int(id), id))
    write_object(output, ((id, text(id)) for id in ids), note)


def write_object(
    output: Path | str, records: Iterable[tuple[str, Any]], note: Path | None = None
) -> None:
    """Write a JSON object in one step, with one of `records` on each line.

    note: the path at which to note its checksum (`scripts.store.foreign`), for merged files.
    """
    with temporary_file(output) as file:
        separator = b"{\n"
        for key, value in records:
            file.write(separator + encode_json(key) + b": " + encode_json(value))
            separator = b",\n"
        file.write(b"\n}\n" if separator == b",\n" else b"{}\n")
        publish_ours(file, Path(output), note)
