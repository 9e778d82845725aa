"""Build a corpus from a study's collection of known-item queries.

A collection is a folder with `info.json` (raw info), `ocr.json`, `speech_to_text.json`
(`{id: text or null}`) and `queries.json`. The project contains none, because nobody has asked the
people in it.
"""

import json
import shutil
from pathlib import Path

from scripts.files import write_atomic
from scripts.merge.database import build_database
from scripts.queries.query_file import Query, read_queries
from scripts.rawinfo.catalogue import catalogue_folder
from scripts.search.index import build_index
from scripts.store.texts import text_path

WORK = Path(__file__).parent / "work" / "real_collection"
MERGED = {"ocr": "ocr.json", "speech": "speech_to_text.json"}


def build(collection: Path, data: Path = WORK) -> tuple[Path, list[Query]]:
    """Build the database of a collection in the folder `data`. Returns it and the queries."""
    shutil.rmtree(data, ignore_errors=True)
    (data / "info").mkdir(parents=True)
    shutil.copy(collection / "info.json", data / "info")
    for kind, name in MERGED.items():
        for id, text in json.loads((collection / name).read_bytes()).items():
            if text is not None:
                write_atomic(text_path(data, kind, id), text, durable=False)
    catalogue = catalogue_folder(data / "info")
    build_database(catalogue, data, data / "tiktoks.db", build_index)
    return data / "tiktoks.db", read_queries(collection / "queries.json")
