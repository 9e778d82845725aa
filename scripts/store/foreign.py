"""Set aside merged files that another program made, without overwriting them, and use them.

A foreign `data/ocr.json` becomes `data/ocr.set_aside.json`. Its text about a TikTok is used until
this corpus has its own, made from readable media. A foreign `data/master.json` is read as raw info.
The texts in a foreign `data/tiktoks.db` are copied to such JSON files, unless these exist already.

A merged file is ours if its checksum is in `data/.merged/`, or in the manifest, if it came from
another machine. A database is ours if its header says so.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO

from rich.console import Console

from scripts.counts import counted
from scripts.files import hash_file, publish, sync, write_atomic
from scripts.rawinfo.json_stream import JsonDamageError, read_elements
from scripts.store.database import APPLICATION_ID, open_database
from scripts.store.text_kinds import TEXT_KINDS

TEXT_FILES = [kind.merged for kind in TEXT_KINDS.values()]
MASTER = "master.json"
JSON_FILES = (MASTER, *TEXT_FILES)
DATABASE = "tiktoks.db"
_ASIDE = ".set_aside"
# The columns of the first study's table with each kind of text.
TEXT_COLUMNS = {"ocr": "coverphoto_ocr", "speech": "speech_to_text"}
_ID = re.compile("[0-9]{1,20}", re.ASCII)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def publish_ours(file: IO[bytes], output: Path, note: Path | None) -> None:
    """Rename a finished merged file to `output`, and note its checksum, so that it counts as ours.

    note: the path of the note; None for a file that needs none. Before the rename, both the old and
    the new checksum are noted, so a crash at any point leaves a file that counts as ours.
    """
    if note is None:
        publish(file, output)
        return
    file.flush()
    checksum = hash_file(Path(file.name))
    _write_note(note, sorted({checksum, *_noted(note)}))
    publish(file, output)
    _write_note(note, [checksum])


def note_path(data: Path, name: str) -> Path:
    """Return the path at which the checksum of a merged file is noted."""
    return data / ".merged" / name


def find_foreign(data: Path, in_manifest: Mapping[str, str | None]) -> list[Path]:
    """Return the merged files in `data` that another program made.

    in_manifest: the checksums in the manifest, by the file's path in `data`.
    """
    foreign = [
        data / name
        for name in JSON_FILES
        if _has_content(data / name)
        and not _is_noted(data / name, {*_noted(note_path(data, name)), in_manifest.get(name)})
    ]
    database = data / DATABASE
    if _has_content(database) and not _is_our_database(database):
        foreign.append(database)
    return foreign


def announce_foreign(foreign: Iterable[Path]) -> None:
    """Print what a run will do with the files of another program."""
    for file in foreign:
        _say(f"{file} was made by another program. A run keeps it as {_free_name(file).name}.")


def set_aside(foreign: Iterable[Path]) -> None:
    """Rename the files that another program made, and print the new names."""
    for file in foreign:
        copied = _copy_texts(file) if file.name == DATABASE else []
        kept = _free_name(file)
        # First: SQLite would write a journal that stays here into the new database.
        for journal in _journals(file):
            journal.rename(kept.with_name(journal.name.replace(file.name, kept.name)))
        file.rename(kept)
        sync(file.parent)
        _say(_describe(file, kept, copied))


def files_set_aside(data: Path) -> list[Path]:
    """Return the JSON files that were set aside, the oldest first."""
    found = [file for name in JSON_FILES for file in _kept(data / name) if file.is_file()]
    return sorted(found, key=lambda file: (len(file.name), file.name))


def foreign_raw_info(data: Path, foreign: Iterable[Path]) -> list[Path]:
    """Return each `master.json` of another program: set aside, or still in `foreign`."""
    kept = [file for file in _kept(data / MASTER) if file.is_file()]
    return [*sorted(kept), *(file for file in foreign if file.name == MASTER)]


def read_foreign_texts(data: Path, kind: str) -> dict[str, str]:
    """Return `{id: text}` from the files of this kind that were set aside; the last one wins."""
    texts: dict[str, str] = {}
    for file in files_set_aside(data):
        if file in _kept(data / TEXT_KINDS[kind].merged):
            texts |= _read_texts(file)
    return texts


def _read_texts(file: Path) -> dict[str, str]:
    """Return the texts in a file, up to a damaged place."""
    texts = {}
    with file.open("rb") as opened:
        try:
            for element in read_elements(opened):
                id = (element.key or "").strip()
                if isinstance(element.value, str) and _ID.fullmatch(id):
                    texts[id] = _UNPRINTABLE.sub("", element.value).rstrip()
        except JsonDamageError:
            pass
    return texts


def _copy_texts(database: Path) -> list[Path]:
    """Copy the texts of a foreign database to JSON files, which then count as set aside."""
    copied = []
    for kind, column in TEXT_COLUMNS.items():
        merged = database.with_name(TEXT_KINDS[kind].merged)
        texts = {} if _kept(merged) else _texts_in_database(database, column)
        if texts:
            copy = _free_name(merged)
            write_atomic(copy, json.dumps(texts, indent=0, ensure_ascii=False) + "\n")
            copied.append(copy)
    return copied


def _journals(file: Path) -> list[Path]:
    """Return the files beside a database in which SQLite keeps its last changes."""
    names = (f"{file.name}-{ending}" for ending in ("wal", "shm", "journal"))
    return [path for path in map(file.with_name, names) if path.is_file()]


def _texts_in_database(database: Path, column: str) -> dict[str, str]:
    """Return `{id: text}` from all tables with these two columns; {} if the file is damaged."""
    texts: dict[str, str] = {}
    try:
        with closing(_open_foreign(database)) as db:
            db.execute("PRAGMA trusted_schema = OFF")
            db.text_factory = lambda content: content.decode("utf-8", "replace")
            tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            for (table,) in tables.fetchall():
                name = table.replace('"', '""')
                about = db.execute(f'PRAGMA table_xinfo ("{name}")')
                columns = {row[1].lower() for row in about}
                if not {"id", column} <= columns:
                    continue
                for id, text in db.execute(f'SELECT id, {column} FROM "{name}"'):  # noqa: S608 (quoted)
                    if isinstance(text, str) and _ID.fullmatch(str(id)):
                        texts[str(id)] = text
    except sqlite3.Error:
        return {}
    return texts


def _open_foreign(database: Path) -> sqlite3.Connection:
    """Open a database with the changes in its journals, which `open_database` ignores."""
    if not _journals(database):
        return open_database(database)
    return sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)


def _say(sentence: str) -> None:
    Console(stderr=True, highlight=False).print(sentence, markup=False, soft_wrap=True)


def _describe(file: Path, kept: Path, copied: Sequence[Path]) -> str:
    said = f"{file} was made by another program. It is now {kept}"
    if file.name in TEXT_FILES:
        count = len(_read_texts(kept)) if kept.is_file() else 0
        return f"{said}; this run uses its {counted(count, 'texts')} where the media are missing."
    if file.name == DATABASE:
        texts = f"; its texts were copied to {' and '.join(map(str, copied))}" if copied else ""
        return f"{said}{texts}; this run builds a new one."
    return f"{said}; this run reads it like the files in {file.parent / 'info'}."


def _kept(file: Path) -> list[Path]:
    """Return the files that were set aside under the name of `file`."""
    return list(file.parent.glob(f"{file.stem}{_ASIDE}*{file.suffix}"))


def _free_name(file: Path) -> Path:
    number, kept = 1, file.with_name(f"{file.stem}{_ASIDE}{file.suffix}")
    while kept.exists():
        number += 1
        kept = file.with_name(f"{file.stem}{_ASIDE}_{number}{file.suffix}")
    return kept


def _has_content(file: Path) -> bool:
    return file.is_dir() or (file.is_file() and file.stat().st_size > 0)


def _is_noted(file: Path, checksums: set[str | None]) -> bool:
    return file.is_file() and hash_file(file) in checksums


def _noted(note: Path) -> list[str]:
    try:
        noted = json.loads(note.read_bytes())["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [value for value in noted if isinstance(value, str)] if isinstance(noted, list) else []


def _write_note(note: Path, checksums: list[str]) -> None:
    write_atomic(note, json.dumps({"sha256": checksums}) + "\n")


def _is_our_database(database: Path) -> bool:
    try:
        with closing(open_database(database)) as db:
            (found,) = db.execute("PRAGMA application_id").fetchone()
    except sqlite3.DatabaseError:
        return False
    return bool(found == APPLICATION_ID)
