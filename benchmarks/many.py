"""Write very many made-up TikToks straight into the tables of a database, within seconds."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.spoken import says
from scripts.merge import database
from scripts.search.index import build_index
from scripts.store.database import APPLICATION_ID, SCHEMA_VERSION

FIRST_POST = 1_577_836_800  # 2020-01-01
APART_S = 1_000
COMMENTS = 2
WEB_ID = "7199999999999999999"


def post_id(number: int) -> str:
    """The id of the TikTok with this number, from 1. Older TikToks have lower ids."""
    return str((FIRST_POST + number * APART_S << 32) + number)


def write_database(path: Path, tiktoks: int, undated: int = 0) -> None:
    """Write the database. The first `undated` TikToks have no time; all have video and cover."""
    path.unlink(missing_ok=True)
    schema = Path(database.__file__).with_suffix(".sql").read_text("utf-8")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript(
            f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
            "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;"
        )
        db.executescript(schema)
        db.execute("BEGIN")
        _insert(db, "tiktoks", _tiktoks(tiktoks, undated))
        _insert(db, "links", ({"id": post_id(n), "web_id": WEB_ID} for n in range(1, tiktoks + 1)))
        _insert(db, "comments", _comments(tiktoks))
        _insert(db, "downloads", _downloads(tiktoks))
        db.execute("INSERT INTO search (search) VALUES ('rebuild')")
        build_index(db)
        db.execute("COMMIT")


def _insert(db: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows)
    names = ", ".join(first)
    values = ", ".join(f":{name}" for name in first)
    statement = f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608 (names from below)
    db.execute(statement, first)
    db.executemany(statement, rows)


def _tiktoks(tiktoks: int, undated: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(2)
    for number in range(1, tiktoks + 1):
        creator = chance.randrange(1 + tiktoks // 10)
        yield {
            "number": number,
            "id": post_id(number),
            "creator_username": f"@creator.{creator}",
            "creator_nickname": f"Creator {creator}",
            "description": f"{says(chance, 8)} #{says(chance, 1)}",
            "speech_to_text": says(chance, 25),
            "coverphoto_ocr": says(chance, 4),
            "music_title": says(chance, 3),
            "like_count": int(10 ** (6 * chance.random())),
            "posted_at": FIRST_POST + number * APART_S if number > undated else None,
            "slide_count": 0,
            "source_file": "data/info/many.json",
            "source_record": number,
        }


def _comments(tiktoks: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(3)
    for number in range(1, tiktoks + 1):
        for position in range(1, COMMENTS + 1):
            yield {
                "video_id": post_id(number),
                "position": position,
                "commenter_name": f"@viewer {position}",
                "comment_text": says(chance, 6),
                "is_creator": 0,
            }


def _downloads(tiktoks: int) -> Iterator[dict[str, Any]]:
    for number in range(1, tiktoks + 1):
        for kind in ("videos", "coverphotos"):
            yield {
                "id": post_id(number),
                "kind": kind,
                "number": 0,
                "outcome": "ok",
                "reason": "",
                "present": 1,
                "attempts": 1,
            }
