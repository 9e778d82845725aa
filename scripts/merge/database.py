"""Build `tiktoks.db`: the corpus as one SQLite file, for SQL, statistics and search.

In: the records of each TikTok, the receipts of downloads and texts, and the texts. Out: the tables
of `database.sql`. The same inputs and SQLite version give the same bytes, because all keys are
explicit, nothing reads the clock, and a final `VACUUM INTO` writes the file in a fixed layout.
Another version of SQLite gives other bytes, but the same `content_hash`.
"""

import hashlib
import json
import math
import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from rich.console import Console

from scripts.characters import find_hashtags, split_hashtags
from scripts.errors import StorageError, examples
from scripts.files import encode_json, publish, temporary_file
from scripts.merge.screen_lines import read_cues, screen_rows, unite
from scripts.rawinfo.catalogue import Catalogue, Comment, Post, load_posts
from scripts.rawinfo.links import DOWNLOADABLE, inspect_link, without_signature
from scripts.rawinfo.media_links import base_language
from scripts.rawinfo.shown_values import estimate_time, parse_count, parse_reply_count
from scripts.rawinfo.times import id_time
from scripts.scrape.receipts import read_scrapes
from scripts.store import texts
from scripts.store.database import APPLICATION_ID, SCHEMA_VERSION, open_database
from scripts.store.foreign import read_foreign_texts
from scripts.store.receipts import REJECTED, Receipt
from scripts.store.states import DownloadState, download_time, read_states
from scripts.store.text_kinds import SPEECH, TEXT_KINDS
from scripts.version import SOFTWARE

UNTRIED = "untried"
_AUDIENCE = ("follower", "following", "heart", "video")
_PLACE = ("id", "name", "address", "city", "country")
CREATOR_ENDING = " · Creator"

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

# SQLite's functions stop at NUL, and UTF-8 can't store lone surrogates.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_MENTION = re.compile(r"(?<![\w.])@([\w.]*\w)")


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
                f"{number:,} {what} could not be understood and are null in the database: "
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
        description = _text(post.description) or ""
        states = read_states(post, data)
        own = {kind: texts.read_text(texts.text_path(data, kind, post.id)) for kind in TEXT_KINDS}
        read = {
            kind: foreign[kind].get(post.id) if text is None else text for kind, text in own.items()
        }
        added = {
            "coverphoto_ocr": _text(read["ocr"]),
            "speech_to_text": _text(read["speech"]),
            "screen_text": _text(unite(read["screen"], post.sticker_texts)),
            "download_timestamp": download_time(states),
        }
        row = _tiktok_row(number, post) | {"source_file": _source(post.origin.file, data)}
        _insert(db, "tiktoks", [row | added])
        _insert(db, "links", [_link_row(post)])
        _insert(db, "comments", _comment_rows(post))
        _insert(db, "comment_pictures", _picture_rows(post))
        tags = {*find_hashtags(description)}.union(*map(split_hashtags, post.hashtags))
        _insert(db, "hashtags", _names(post.id, "tag", tags))
        _insert(db, "mentions", _mention_rows(post, description))
        _insert(db, "effects", _effect_rows(post))
        _insert(db, "downloads", [_download_row(post.id, state) for state in states])
        _insert(db, "screen_lines", _screen_rows(post, read, data))
        for kind, text in read.items():
            sources = TEXT_KINDS[kind].sources
            source_present = any(s.present and s.kind in sources for s in states)
            if text is not None and own[kind] is None:
                _insert(db, "texts", [_foreign_text_row(post.id, kind, text)])
            elif text is not None or source_present:
                if kind == SPEECH.name:
                    _insert(db, "speech_lines", _speech_rows(post.id, data))
                _insert(db, "texts", _text_rows(post.id, kind, text, data))


def _screen_rows(post: Post, read: Mapping[str, str | None], data: Path) -> list[dict[str, Any]]:
    rows = screen_rows(post.id, read["screen"], post.sticker_texts, read["ocr"], data)
    return [row | {"text": _text(row["text"])} for row in rows]


def _insert_observations(db: sqlite3.Connection, catalogue: Catalogue, data: Path) -> None:
    """Insert all observations of posts with several; `tiktoks` contains them merged."""
    for entry in catalogue.newest.values():
        observations = catalogue.observations(entry) if entry.older else []
        for number, post in enumerate(load_posts(observations)):
            row = {
                "id": post.id,
                "source_file": _source(post.origin.file, data),
                "source_record": post.origin.record,
                "scrape_timestamp": _real(post.scrape_timestamp),
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
                "source_file": _source(mention.file, data),
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
            "reason": _text(receipt.reason),
            "asked_at": receipt.time,
        }
        del row["time"]
        _insert(db, "scrapes", [row])


def _tiktok_row(number: int, post: Post) -> dict[str, Any]:
    as_scraped = "music_title creator_username creator_nickname description time_posted"
    return {
        "number": number,
        "id": post.id,
        **{column: _text(getattr(post, column)) for column in as_scraped.split()},
        "music_src": _text(without_signature(post.music_src)) if post.music_src else None,
        "like_count": _first(post.like_count_exact, parse_count(post.like_count)),
        "like_count_shown": _text(post.like_count),
        "comment_count": _first(post.comment_count_exact, parse_count(post.comment_count)),
        "comment_count_shown": _text(post.comment_count),
        "share_count": post.share_count,
        "play_count": post.play_count,
        "collect_count": post.collect_count,
        "creator_id": _text(post.creator_id),
        "duration_s": post.duration,
        "language": base_language(post.language),
        "slide_count": len(post.photos),
        "posted_at": _posted_at(post),
        "scrape_timestamp": _real(post.scrape_timestamp),
        "source_record": post.origin.record,
        **{f"creator_{name}_count": getattr(post, f"creator_{name}_count") for name in _AUDIENCE},
        "is_ad": post.is_ad,
        "ai_label": post.ai_label,
        "ai_description": _text(post.ai_description),
        "is_pinned": post.is_pinned,
        "sticker_text": _text("\n".join(post.sticker_texts)) if post.sticker_texts else None,
        "location_created": _text(post.location_created),
        **{f"place_{name}": _text(getattr(post.place, name, None)) for name in _PLACE},
        "duet_of": _text(post.duet_of),
        "stitch_of": _text(post.stitch_of),
    }


def _link_row(post: Post) -> dict[str, Any]:
    columns = ("web_id", "permalink", "video_src", "coverphoto_src")
    return {"id": post.id, **{column: _text(getattr(post, column)) for column in columns}}


def _mention_rows(post: Post, description: str) -> list[dict[str, Any]]:
    """Return the accounts that the description names, with their ids if the site gives them."""
    ids: dict[str, str | None] = {name.lower(): None for name in _MENTION.findall(description)}
    ids |= {(_text(m.handle) or "").lower(): _text(m.id) for m in post.mentions}
    return [
        {"id": post.id, "username": name, "account_id": ids[name]} for name in sorted(ids) if name
    ]


def _effect_rows(post: Post) -> list[dict[str, Any]]:
    return [
        {"id": post.id, "number": n, "effect_id": _text(effect.id), "name": _text(effect.name)}
        for n, effect in enumerate(post.effects, 1)
    ]


def _flat(comments: Iterable[Comment]) -> Iterator[Comment]:
    """Yield each comment, followed by its replies, in the order of their numbers."""
    for comment in comments:
        yield comment
        yield from _flat(comment.replies)


def _picture_rows(post: Post) -> list[dict[str, Any]]:
    return [
        {"video_id": post.id, "position": position, "number": number, "url": _text(picture.url)}
        for position, comment in enumerate(_flat(post.comments), 1)
        for number, picture in enumerate(comment.pictures, 1)
    ]


def _comment_rows(post: Post) -> list[dict[str, Any]]:
    """Return each comment, followed by its replies, numbered from 1."""
    rows: list[dict[str, Any]] = []

    def add(comments: Iterable[Comment], parent: int | None) -> None:
        for comment in comments:
            position = len(rows) + 1
            rows.append(_comment_row(post, comment, position, parent))
            add(comment.replies, position)

    add(post.comments, None)
    return rows


def _comment_row(post: Post, comment: Comment, position: int, parent: int | None) -> dict[str, Any]:
    return {
        "video_id": post.id,
        "position": position,
        "parent_position": parent,
        "comment_id": _text(comment.comment_id),
        "commenter_name": _text(comment.commenter_name),
        "commenter_username": _text(comment.commenter_handle),
        "commenter_id": _text(comment.commenter_id),
        "comment_text": _text(comment.comment_text),
        "language": base_language(comment.language),
        "like_count": parse_count(comment.like_count),
        "like_count_shown": _text(comment.like_count),
        "replies_count": parse_reply_count(comment.replies_count),
        "replies_count_shown": _text(comment.replies_count),
        "time_posted": _text(comment.time_posted),
        "posted_at": _first(
            _count(comment.create_time),
            estimate_time(
                comment.time_posted,
                comment.scrape_timestamp or post.scrape_timestamp,
                _posted_at(post),
            ),
        ),
        "is_creator": (comment.commenter_name or "").endswith(CREATOR_ENDING),
        "is_pinned": comment.is_pinned,
        "liked_by_creator": comment.liked_by_creator,
        "reply_to": _text(comment.reply_to),
    }


def _posted_at(post: Post) -> int | None:
    return _first(_count(post.create_time), id_time(post.id, post.scrape_timestamp))


def _names(id: str, column: str, names: Iterable[str]) -> list[dict[str, Any]]:
    return [{"id": id, column: name} for name in sorted({name.lower() for name in names})]


def _first(*values: int | None) -> int | None:
    """Return the first known value. Pass the exact value before the estimate."""
    return next((value for value in values if value is not None), None)


def _life(expires_at: int | None) -> str:
    """Say until when a link works. Nothing here reads the clock, so it may have expired since."""
    if expires_at is None:
        return "no run has requested it yet"
    end = datetime.fromtimestamp(expires_at, UTC).strftime("%Y-%m-%d at %H:%M UTC")
    return f"no run has requested it; the link works until {end}"


def _download_row(id: str, state: DownloadState) -> dict[str, Any]:
    """Return what the receipt says, or else what the link says about itself."""
    link, receipt = inspect_link(state.url), state.receipt
    if receipt is None:
        outcome = UNTRIED if link.kind == DOWNLOADABLE else REJECTED
        reason = link.reason or _life(link.expires_at)
        receipt = Receipt(state.name, state.kind.name, outcome, reason, host=link.host)
    facts = receipt.facts
    return {
        "id": id,
        "kind": state.kind.name,
        "number": int(state.name.partition("/")[2] or 0),
        "outcome": receipt.outcome,
        "reason": _text(receipt.reason),
        "present": state.present,
        "attempts": receipt.attempts,
        "http_status": receipt.http_status,
        "host": _text(receipt.host),
        "size_bytes": receipt.size_bytes,
        "sha256": _text(receipt.sha256),
        "downloaded_at": receipt.downloaded_at,
        "link_expires_at": link.expires_at,
        **{name: _text(facts.get(name)) for name in ("format", "video_codec", "audio_codec")},
        **{name: _count(facts.get(name)) for name in ("width", "height")},
        "duration_s": _real(facts.get("duration_s")),
        "has_audio": _flag(facts.get("has_audio")),
    }


def _text_rows(id: str, kind: str, text: str | None, data: Path) -> list[dict[str, Any]]:
    """Return how a text was made, from its receipt; [] without a receipt."""
    receipt = texts.read_facts(texts.receipt_path(data, kind, id))
    if not receipt:
        return []
    return [
        {
            "id": id,
            "kind": kind,
            **{name: _text(receipt.get(name)) for name in ("source", "language")},
            **{name: _text(receipt.get(name)) for name in ("engine", "version")},
            "settings": json.dumps(receipt.get("settings"), sort_keys=True),
            "outcome": receipt["outcome"],
            "reason": _text(receipt.get("reason")) or "",
            "characters": None if text is None else len(text),
            **{name: _real(receipt.get(name)) for name in ("duration_s", "speech_s")},
        }
    ]


def _speech_rows(id: str, data: Path) -> list[dict[str, Any]]:
    return [
        {"id": id, "number": n, "start_s": cue.start_s, "end_s": cue.end_s, "text": _text(cue.text)}
        for n, cue in enumerate(read_cues(data, SPEECH.name, id), 1)
    ]


def _foreign_text_row(id: str, kind: str, text: str) -> dict[str, Any]:
    """Return the row of a text that another program made."""
    nothing = dict.fromkeys(("language", "version", "settings", "duration_s", "speech_s"))
    return {
        "id": id,
        "kind": kind,
        "source": "another program",
        "engine": "unknown",
        "outcome": texts.OK,
        "reason": f"The text is from another program's file ({TEXT_KINDS[kind].merged}).",
        "characters": len(text),
        **nothing,
    }


def _text(value: Any) -> str | None:
    """Return a text with U+FFFD for characters that SQLite can't store; None if it is no text."""
    return _UNSTORABLE.sub("\ufffd", value) if isinstance(value, str) else None


def _source(file: str, data: Path) -> str:
    """Return the path of a raw-info file relative to the folder that contains `data`.

    The name need not be UTF-8; different names stay different.
    """
    name = os.path.relpath(file, data.parent)
    return name.encode("utf-8", "backslashreplace").decode()


def _count(value: Any) -> int | None:
    """Return a number from a receipt, which somebody may have edited; None if it is not one."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and 0 <= value < 2**63 else None


def _real(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
