"""Build `tiktoks.db`: the corpus as one SQLite file, for SQL, statistics and search.

In: the records of each TikTok, the receipts of downloads and texts, and the texts. Out: the tables
of `database.sql`. The same inputs and SQLite version give the same bytes, because all keys are
explicit, nothing reads the clock, and a final `VACUUM INTO` writes the file in a fixed layout.
Another version of SQLite gives other bytes, but the same `content_hash`.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

from rich.console import Console

from scripts.characters import find_hashtags, split_hashtags
from scripts.counts import counted
from scripts.errors import StorageError, examples
from scripts.files import encode_json, publish, temporary_file
from scripts.merge.rows import (
    comment_rows,
    download_row,
    effect_rows,
    foreign_text_row,
    hashtag_rows,
    link_row,
    mention_rows,
    picture_rows,
    real_number,
    source_path,
    speech_rows,
    storable,
    text_rows,
    tiktok_row,
)
from scripts.merge.screen_lines import screen_rows, unite
from scripts.rawinfo.catalogue import Catalogue, Post, load_posts
from scripts.scrape.receipts import read_scrapes
from scripts.store import texts
from scripts.store.database import APPLICATION_ID, SCHEMA_VERSION, open_database
from scripts.store.foreign import read_foreign_texts
from scripts.store.states import download_time, read_states
from scripts.store.text_kinds import SPEECH, TEXT_KINDS
from scripts.version import SOFTWARE

_STORAGE_FAULTS = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
}

# Values that the site showed, and that are null because no or several readings are possible.
NOT_UNDERSTOOD = {
    "counts": """
        SELECT shown FROM (
            SELECT like_count AS number, like_count_shown AS shown FROM tiktoks
            UNION ALL SELECT comment_count, comment_count_shown FROM tiktoks
            UNION ALL SELECT like_count, like_count_shown FROM comments
            UNION ALL SELECT replies_count, replies_count_shown FROM comments
        ) WHERE number IS NULL AND trim(shown) <> ''
    """,
    "times of comments": """
        SELECT time_posted FROM comments WHERE posted_at IS NULL AND trim(time_posted) <> ''
    """,
}


def build_database(
    catalogue: Catalogue, data: Path, output: Path, add_index: Callable[[sqlite3.Connection], None]
) -> None:
    """Build the database from `catalogue` and from the media, texts and receipts in `data`.

    add_index: adds the index of the search (`scripts.search.index.build_index`). The file appears
    at `output` when it is complete. Raises StorageError if SQLite can't write.
    """
    with temporary_file(output) as draft, temporary_file(output) as final:
        try:
            with closing(sqlite3.connect(draft.name, isolation_level=None)) as db:
                _prepare(db)
                db.execute("BEGIN")
                _insert(db, "build", [{"software": SOFTWARE}])
                _insert_tiktoks(db, catalogue, data)
                _insert_observations(db, catalogue, data)
                _insert_listed_links(db, catalogue, data)
                _insert_scrapes(db, data)
                db.execute("INSERT INTO search (search) VALUES ('rebuild')")
                db.execute("INSERT INTO search (search) VALUES ('optimize')")
                add_index(db)
                db.execute("COMMIT")
                _report_not_understood(db)
                db.execute("VACUUM INTO ?", (final.name,))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _STORAGE_FAULTS:
                raise
            raise StorageError(
                f"{output} can't be written: {error}. Make room for twice the size of the database "
                "in its folder, and check that the folder is writable."
            ) from error
        publish(final, output)


def _report_not_understood(db: sqlite3.Connection) -> None:
    """Print which counts and times that the site showed are null in the database."""
    for what, query in NOT_UNDERSTOOD.items():
        shown = [text for (text,) in db.execute(f"{query} GROUP BY 1 ORDER BY count(*) DESC, 1")]
        if shown:
            (number,) = db.execute(f"SELECT count(*) FROM ({query})").fetchone()  # noqa: S608 (no data)
            Console(stderr=True, highlight=False).print(
                f"{counted(number, what)} could not be understood (null in the database): "
                f"{examples([repr(text[:40]) for text in shown])}.",
                markup=False,
                soft_wrap=True,
            )


def content_hash(database: Path) -> str:
    """Return the SHA-256 of the contents of the tables, row by row in the order of their keys.

    It does not depend on the version of SQLite that wrote the file. It leaves out the search
    indexes, because they are derived from the tables, and FTS5's differs between versions.
    """
    digest = hashlib.sha256()
    with closing(open_database(database)) as db:
        for pragma in ("application_id", "user_version"):
            digest.update(b"%d\n" % db.execute(f"PRAGMA {pragma}").fetchone())
        tables = db.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
            "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'search\\_%' ESCAPE '\\' "
            "ORDER BY name"
        )
        for (table,) in tables.fetchall():
            columns = db.execute(f"PRAGMA table_info ({table})").fetchall()
            names = ", ".join(name for _, name, *_ in columns)
            key = ", ".join(name for rank, name in sorted((c[5], c[1]) for c in columns) if rank)
            digest.update(f"{table} ({names})\n".encode())
            query = f"SELECT {names} FROM {table} ORDER BY {key}"  # noqa: S608 (of the schema)
            for row in db.execute(query):
                digest.update(json.dumps(row).encode() + b"\n")
    return digest.hexdigest()


def _prepare(db: sqlite3.Connection) -> None:
    """Set options, and create the schema. A crash loses only the draft, so no journal is needed."""
    db.executescript(
        f"""
        PRAGMA page_size = 4096;
        PRAGMA encoding = 'UTF-8';
        PRAGMA journal_mode = OFF;
        PRAGMA synchronous = OFF;
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA secure_delete = ON;
        PRAGMA foreign_keys = ON;
        PRAGMA application_id = {APPLICATION_ID};
        PRAGMA user_version = {SCHEMA_VERSION};
        """
    )
    db.executescript(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def _insert(db: sqlite3.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns in the same order."""
    if rows:
        columns = ", ".join(rows[0])
        marks = ", ".join("?" * len(rows[0]))  # binding by name takes twice as long
        statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 (no data)
        db.executemany(statement, (tuple(row.values()) for row in rows))


def _insert_tiktoks(db: sqlite3.Connection, catalogue: Catalogue, data: Path) -> None:
    foreign = {kind: read_foreign_texts(data, kind) for kind in TEXT_KINDS}
    for number, post in enumerate(load_posts(catalogue.newest.values()), start=1):
        description = storable(post.description) or ""
        states = read_states(post, data)
        own = {kind: texts.read_text(texts.text_path(data, kind, post.id)) for kind in TEXT_KINDS}
        read = {
            kind: foreign[kind].get(post.id) if text is None else text for kind, text in own.items()
        }
        added = {
            "coverphoto_ocr": storable(read["ocr"]),
            "speech_to_text": storable(read["speech"]),
            "screen_text": storable(unite(read["screen"], post.sticker_texts)),
            "download_timestamp": download_time(states),
        }
        row = tiktok_row(number, post) | {"source_file": source_path(post.origin.file, data)}
        _insert(db, "tiktoks", [row | added])
        _insert(db, "links", [link_row(post)])
        _insert(db, "comments", comment_rows(post))
        _insert(db, "comment_pictures", picture_rows(post))
        tags = {*find_hashtags(description)}.union(*map(split_hashtags, post.hashtags))
        _insert(db, "hashtags", hashtag_rows(post.id, tags))
        _insert(db, "mentions", mention_rows(post, description))
        _insert(db, "effects", effect_rows(post))
        _insert(db, "downloads", [download_row(post.id, state) for state in states])
        _insert(db, "screen_lines", _screen_rows(post, read, data))
        for kind, text in read.items():
            sources = TEXT_KINDS[kind].sources
            source_present = any(s.present and s.kind in sources for s in states)
            if text is not None and own[kind] is None:
                _insert(db, "texts", [foreign_text_row(post.id, kind, text)])
            elif text is not None or source_present:
                if kind == SPEECH.name:
                    _insert(db, "speech_lines", speech_rows(post.id, data))
                _insert(db, "texts", text_rows(post.id, kind, text, data))


def _screen_rows(post: Post, read: Mapping[str, str | None], data: Path) -> list[dict[str, Any]]:
    rows = screen_rows(post.id, read["screen"], post.sticker_texts, read["ocr"], data)
    return [row | {"text": storable(row["text"])} for row in rows]


def _insert_observations(db: sqlite3.Connection, catalogue: Catalogue, data: Path) -> None:
    """Insert all observations of posts with several; `tiktoks` contains them merged."""
    for entry in catalogue.newest.values():
        observations = catalogue.observations(entry) if entry.older else []
        for number, post in enumerate(load_posts(observations)):
            row = {
                "id": post.id,
                "source_file": source_path(post.origin.file, data),
                "source_record": post.origin.record,
                "scrape_timestamp": real_number(post.scrape_timestamp),
                "is_newest": number == 0,
                "info": encode_json(post.info).decode(),
            }
            _insert(db, "observations", [row])


def _insert_listed_links(db: sqlite3.Connection, catalogue: Catalogue, data: Path) -> None:
    """Insert the links to posts, from lists of links and from people's own data."""
    numbers = count(1)
    for target, mentions in sorted(catalogue.inventory.mentions.items()):
        rows = [
            {
                "number": next(numbers),
                "id": target if target.isdecimal() else None,
                "short_link": None if target.isdecimal() else target,
                "source_file": source_path(mention.file, data),
                "source_record": mention.record,
                "list": mention.list,
                "linked_at": mention.seen_at,
            }
            for mention in mentions
        ]
        _insert(db, "listed_links", rows)


def _insert_scrapes(db: sqlite3.Connection, data: Path) -> None:
    """Insert the site's last answer about each post."""
    for id, receipt in sorted(read_scrapes(data).items()):
        row = asdict(receipt) | {
            "id": id,
            "reason": storable(receipt.reason),
            "asked_at": receipt.time,
        }
        del row["time"]
        _insert(db, "scrapes", [row])
