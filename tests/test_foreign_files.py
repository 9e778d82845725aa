"""Merged files of another program: set aside, never overwritten, and their texts used."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scripts.curation.removal import delete, find_remains
from scripts.merge.json_files import merge_master, merge_texts, write_object
from scripts.store import foreign
from scripts.store.foreign import (
    find_foreign,
    note_path,
    read_foreign_texts,
    set_aside,
)
from scripts.store.manifest import read_manifest
from tests.support.small_corpus import Corpus, info, post_id
from tests.support.tiktoks import tiktok
from tests.support.workflow import Workflow

IDS = [post_id(number) for number in range(3)]
TEXTS = {IDS[0]: "typed by hand", IDS[1]: "another text", "5": "of an unknown post"}
FORMS: list[Callable[[Any], str]] = [
    json.dumps,
    lambda value: json.dumps(value, indent=2),
    lambda value: json.dumps(value, indent=0, ensure_ascii=False) + "\n",  # as we write it
    lambda value: "\ufeff" + json.dumps(value, separators=(",", ":")),
]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path / "data")
    corpus.add_info("a.json", [info(id) for id in IDS])
    return corpus


def merge(corpus: Corpus, kind: str = "ocr", name: str = "ocr.json") -> dict[str, Any]:
    output = corpus.folder / name
    note = note_path(corpus.folder, name)
    merge_texts(kind, corpus.catalogue(), corpus.folder, output, note)
    read: dict[str, Any] = json.loads(output.read_bytes())
    return read


def query(database: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(database)) as db:
        return db.execute(statement).fetchall()


def test_a_database_is_set_aside_with_its_journal(corpus: Corpus) -> None:
    database = corpus.folder / "tiktoks.db"
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE tiktoks (ID TEXT, Coverphoto_OCR TEXT)")
        db.execute("INSERT INTO tiktoks VALUES (?, 'in the journal')", (IDS[0],))
        db.commit()
        there = {file.name: file.read_bytes() for file in corpus.folder.glob("tiktoks.db*")}
    for name, content in there.items():  # as a killed program leaves them
        (corpus.folder / name).write_bytes(content)
    set_aside(find_foreign(corpus.folder, {}))
    assert list(corpus.folder.glob("tiktoks.db*")) == []
    assert (corpus.folder / "tiktoks.set_aside.db-wal").exists()
    assert read_foreign_texts(corpus.folder, "ocr") == {IDS[0]: "in the journal"}


@pytest.mark.parametrize("write", FORMS)
@pytest.mark.parametrize("name", ["ocr.json", "speech_to_text.json", "master.json"])
def test_files_of_other_programs_are_distinguished_from_ours(
    corpus: Corpus, name: str, write: Callable[[Any], str]
) -> None:
    file = corpus.folder / name
    file.write_text(write(TEXTS), encoding="utf-8")
    before = file.read_bytes()
    assert find_foreign(corpus.folder, {}) == [file]
    set_aside([file])
    assert not file.exists()
    (kept,) = corpus.folder.glob("*.set_aside.json")
    assert kept.read_bytes() == before
    assert find_foreign(corpus.folder, {}) == []


def test_our_files_are_ours_until_somebody_changes_them(corpus: Corpus) -> None:
    merge(corpus)
    master = corpus.folder / "master.json"
    merge_master(corpus.catalogue(), corpus.folder, master, note_path(corpus.folder, "master.json"))
    assert find_foreign(corpus.folder, {}) == []
    with master.open("ab") as file:
        file.write(b" ")
    assert find_foreign(corpus.folder, {}) == [master]


def test_a_file_that_the_manifest_describes_is_ours(corpus: Corpus) -> None:
    merge(corpus)
    note_path(corpus.folder, "ocr.json").unlink()
    file = corpus.folder / "ocr.json"
    assert find_foreign(corpus.folder, {}) == [file]
    assert find_foreign(corpus.folder, {"ocr.json": foreign.hash_file(file)}) == []


@pytest.mark.parametrize("step", range(3))
def test_a_file_of_ours_stays_ours_when_a_merge_is_killed(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """It is killed before the note, between note and rename, and before the note is corrected."""
    merge(corpus)
    calls = iter(range(3))

    def stop_at(function: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: Any) -> None:
            if next(calls) == step:
                raise KeyboardInterrupt
            function(*arguments)

        return call

    monkeypatch.setattr(foreign, "_write_note", stop_at(foreign._write_note))
    monkeypatch.setattr(foreign, "publish", stop_at(foreign.publish))
    with pytest.raises(KeyboardInterrupt):
        write_object(
            corpus.folder / "ocr.json", [("1", "new")], note_path(corpus.folder, "ocr.json")
        )
    assert find_foreign(corpus.folder, {}) == []


def test_a_database_is_ours_by_its_header(corpus: Corpus) -> None:
    corpus.database()
    assert find_foreign(corpus.folder, {}) == []
    database = corpus.folder / "tiktoks.db"
    database.unlink()
    with closing(sqlite3.connect(database)) as db:
        db.execute("CREATE TABLE tiktoks (id TEXT)")
        db.commit()
    for content in (database.read_bytes(), b"no database at all"):
        database.write_bytes(content)
        assert find_foreign(corpus.folder, {}) == [database]
    set_aside([database])
    assert (corpus.folder / "tiktoks.set_aside.db").read_bytes() == b"no database at all"


def foreign_database(corpus: Corpus, *statements: str) -> Path:
    database = corpus.folder / "tiktoks.db"
    with closing(sqlite3.connect(database)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()
    return database


def test_the_texts_of_a_foreign_database_are_used(
    corpus: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    database = foreign_database(
        corpus,
        "CREATE TABLE posts (id INTEGER, coverphoto_ocr TEXT, speech_to_text TEXT, likes TEXT)",
        "INSERT INTO posts VALUES ('../x', 'a path', 'a path', '3')",
        *(
            f"INSERT INTO posts VALUES {row}"  # noqa: S608
            for row in (
                (int(IDS[0]), "on the cover", "she sang", "1"),
                (int(IDS[1]), "", 5, "2"),
            )
        ),
    )
    set_aside(find_foreign(corpus.folder, {}))
    assert not database.exists()
    assert read_foreign_texts(corpus.folder, "ocr") == {IDS[0]: "on the cover", IDS[1]: ""}
    assert read_foreign_texts(corpus.folder, "speech") == {IDS[0]: "she sang", IDS[1]: "5"}
    assert "ocr.set_aside.json and " in capsys.readouterr().err
    assert merge(corpus) == {IDS[0]: "on the cover", IDS[1]: "", IDS[2]: None}


def test_json_files_come_before_a_foreign_database(corpus: Corpus) -> None:
    (corpus.folder / "ocr.json").write_text(json.dumps(TEXTS))
    foreign_database(
        corpus,
        "CREATE TABLE tiktoks (id TEXT, coverphoto_ocr TEXT)",
        f"INSERT INTO tiktoks VALUES {(IDS[0], 'of the database')}",  # noqa: S608
    )
    set_aside(find_foreign(corpus.folder, {}))
    assert read_foreign_texts(corpus.folder, "ocr") == TEXTS
    assert not list(corpus.folder.glob("speech_to_text*"))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE tiktoks (id TEXT)",
        "CREATE VIEW tiktoks AS SELECT 1 AS id, 'x' AS coverphoto_ocr",
        'CREATE TABLE "odd "" name" (id TEXT, coverphoto_ocr TEXT)',
    ],
)
def test_a_foreign_database_without_texts_is_only_set_aside(corpus: Corpus, statement: str) -> None:
    set_aside([foreign_database(corpus, statement)])
    assert [file.name for file in corpus.folder.glob("*set_aside*")] == ["tiktoks.set_aside.db"]


def test_a_second_file_does_not_replace_the_first(corpus: Corpus) -> None:
    file = corpus.folder / "ocr.json"
    for text in ("first", "second", "third"):
        file.write_text(json.dumps({IDS[0]: text, text: "x"}))
        set_aside([file])
    names = sorted(path.name for path in corpus.folder.glob("*set_aside*"))
    assert names == ["ocr.set_aside.json", "ocr.set_aside_2.json", "ocr.set_aside_3.json"]
    assert read_foreign_texts(corpus.folder, "ocr") == {IDS[0]: "third"}


def test_its_texts_are_used_until_the_media_are_there(corpus: Corpus) -> None:
    (corpus.folder / "ocr.json").write_text(json.dumps(TEXTS))
    set_aside([corpus.folder / "ocr.json"])
    assert merge(corpus) == {IDS[0]: "typed by hand", IDS[1]: "another text", IDS[2]: None}

    corpus.add_text("ocr", IDS[0], "read here\n")
    corpus.add_text("ocr", IDS[1], "")  # of a cover that can't be read
    corpus.add_text("ocr", IDS[2], "\n")
    assert merge(corpus) == {IDS[0]: "read here", IDS[1]: "another text", IDS[2]: ""}


def test_the_database_says_that_the_engine_is_unknown(corpus: Corpus) -> None:
    (corpus.folder / "ocr.json").write_text(json.dumps(TEXTS))
    (corpus.folder / "speech_to_text.json").write_text(json.dumps({IDS[2]: "she sang"}))
    set_aside(find_foreign(corpus.folder, {}))
    corpus.add_text("ocr", IDS[0], "read here\n")
    database = corpus.database()
    assert query(database, "SELECT coverphoto_ocr, speech_to_text FROM tiktoks ORDER BY id") == [
        ("read here", None), ("another text", None), (None, "she sang")
    ]  # fmt: skip
    assert query(database, "SELECT id, kind, engine, outcome, characters FROM texts") == [
        (IDS[0], "ocr", "tesseract", "ok", 9),
        (IDS[1], "ocr", "unknown", "ok", 12),
        (IDS[2], "speech", "unknown", "ok", 8),
    ]
    assert query(database, "SELECT id FROM search WHERE search MATCH 'sang'") == [(IDS[2],)]


def test_an_odd_value_costs_nothing_else(corpus: Corpus) -> None:
    texts = {IDS[0]: "good\x1b[31m \n", IDS[1]: {"text": "nested"}, "../x": "a path", IDS[2]: None}
    cut = json.dumps(texts)[:-1] + f', "{post_id(9)}": "cut'
    (corpus.folder / "ocr.json").write_text(cut)
    set_aside([corpus.folder / "ocr.json"])
    assert read_foreign_texts(corpus.folder, "ocr") == {IDS[0]: "good[31m"}
    for content in ("", "not JSON", "[1, 2]", "\ufeff"):
        (corpus.folder / "ocr.set_aside.json").write_text(content)
        assert read_foreign_texts(corpus.folder, "ocr") == {}


def test_a_removed_post_is_deleted_from_it(corpus: Corpus) -> None:
    (corpus.folder / "ocr.json").write_text(json.dumps(TEXTS, indent=2))
    set_aside([corpus.folder / "ocr.json"])
    removed = frozenset({IDS[0]})
    remains = find_remains(corpus.folder, removed, [])
    assert "ocr.set_aside.json" in str(remains)
    delete(corpus.folder, removed, remains)
    texts = json.loads((corpus.folder / "ocr.set_aside.json").read_bytes())
    assert texts == {id: text for id, text in TEXTS.items() if id != IDS[0]}


def test_a_run_sets_aside_files_that_it_did_not_make(workflow: Workflow) -> None:
    records = [tiktok(number) for number in range(2)]
    expired = tiktok(2) | {"coverphoto-src": "", "video-src": ""}
    workflow.add([*records, expired])
    texts = {str(record["id"]): "from elsewhere" for record in [*records, expired]}
    theirs = {
        "ocr.json": json.dumps(texts).encode(),
        "master.json": json.dumps({expired["id"]: expired}).encode(),
        "tiktoks.db": b"SQLite format 3 of somebody",
    }
    for name, content in theirs.items():
        (workflow.data / name).write_bytes(content)

    output = workflow.run("--dry-run")
    assert "data/ocr.json was made by another program" in output
    for name, content in theirs.items():
        assert (workflow.data / name).read_bytes() == content, "a dry-run changes nothing"

    output = workflow.run()
    assert "this run uses its 3 texts where the media are missing" in output
    for name, content in theirs.items():
        kept = workflow.data / name.replace(".", ".set_aside.")
        assert kept.read_bytes() == content
    merged = workflow.merged("ocr.json")
    assert merged[expired["id"]] == "from elsewhere"
    assert "from elsewhere" not in [merged[record["id"]] for record in records]
    assert len(workflow.merged("master.json")) == 3
    assert query(workflow.data / "tiktoks.db", "SELECT count(*) FROM tiktoks") == [(3,)]
    made_of = read_manifest(workflow.data / "manifest.tsv").lines["ocr.json"].receipt["made_of"]

    assert "Nothing to be done" in workflow.run()
    (workflow.data / "ocr.set_aside.json").unlink()
    workflow.run("--forcerun", "merge_ocr", "write_manifest")
    assert workflow.merged("ocr.json")[expired["id"]] is None
    lines = read_manifest(workflow.data / "manifest.tsv").lines
    assert lines["ocr.json"].receipt["made_of"] != made_of
    assert "was made by another program" not in workflow.run()
