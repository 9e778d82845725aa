"""In every format, the tables contain the database's values, and no spreadsheet changes them."""

import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scripts.rawinfo.catalogue import catalogue_folder
from scripts.tables import workbook
from scripts.tables.contents import DOCS, read_dictionary
from scripts.tables.names import TABLES, outputs
from scripts.tables.writing import guarded, write_pseudonymised_tables, write_tables_of
from tests.support.small_corpus import Corpus, comment, info, post_id

ID = post_id(1)
# What a spreadsheet would calculate, round, or take for something else; and what XML can't hold.
HOSTILE = [
    *("=1+1", "+1", "-1", "@SUM(A1)", " =1+1", "\t=1+1", "\r=1+1", "\n-1", "\u00a0@x", "\ufeff=1"),
    *("\uff1d1+1", "\u200b+1", "'=1+1", "'quoted'", "7171915622962351935", "00123", "12e3"),
    *("=cmd|' /C calc'!A0", "|x", "%0A=1+1", "\u22125", "\ufe63x", " 7171915622962351935 ", "1.50"),
    *("may4", "SEPT2", "8. März 2022", "1mai", "5 pm", "true", "(5)", "€5", "1 000", "3 1/2"),
    *(
        "1E+5",
        ".5",
        "1/2",
        "1-2",
        "3-4-2022",
        "10:30",
        "5 %",
        "\uff11\uff12/\uff13",
        "2888",
        "2022-11-30",
    ),
    *("", " "),
    *('a "quote", and\nlines\r\n', "<b>&amp;</b>", "\x01\x0b\x1b", "_x0041_", "\ufffe", "🍞" * 9),
]
CONTROLS = re.compile("[\0-\x1f\ufffe]|_x(00[01][0-9A-F]|FFFE)_")
SAME_SOUND = [post_id(98), post_id(99)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    made = Corpus(tmp_path_factory.mktemp("corpus") / "data")
    posts = [
        info(
            post_id(number),
            description=text,
            comments=[comment(text, **{"commenter-username": text, "comment-id": "7" * 19})],
            **{"creator-username": text, "music-title": text, "like-count-exact": 2**62},
        )
        for number, text in enumerate(HOSTILE, 2)
    ]
    link = "#fyp see https://www.tiktok.com/@x/video/1?web_id=7279568107143392123&signature=abc"
    made.add_info("a.json", [info(ID, description=link), *posts, *map(info, SAME_SOUND)])
    made.add_download("videos", ID)
    made.add_text("ocr", ID, "FOLD HERE")
    made.add_text("ocr", post_id(2), " ")
    made.add_speech(ID)
    made.add_text("screen", ID, "RYE LOAF")
    made.database()
    return made


@pytest.fixture(scope="module")
def tables(corpus: Corpus) -> Path:
    write_tables_of(corpus.folder / "tiktoks.db", corpus.folder / "tables", "database")
    return corpus.folder / "tables"


def rows(corpus: Corpus, table: str) -> list[dict[str, Any]]:
    """The rows of the database, without the queries of links."""
    source, order = TABLES[table]
    with closing(sqlite3.connect(corpus.folder / "tiktoks.db")) as db:
        db.row_factory = sqlite3.Row
        found = map(dict, db.execute(f"SELECT * FROM {source} ORDER BY {order}"))  # noqa: S608
        return [
            {
                key: re.sub(r"(://\S*?)\?\S*", r"\1", value) if isinstance(value, str) else value
                for key, value in row.items()
            }
            for row in found
        ]


def test_all_files_are_there(tables: Path) -> None:
    assert sorted(outputs(tables)) == sorted(map(str, tables.iterdir()))


@pytest.mark.parametrize("table", TABLES)
def test_parquet_equals_the_database(corpus: Corpus, tables: Path, table: str) -> None:
    found = rows(corpus, table)
    assert found
    assert pq.read_table(tables / f"{table}.parquet").to_pylist() == found


@pytest.mark.parametrize("table", TABLES)
def test_csv_equals_the_database_after_its_apostrophes(
    corpus: Corpus, tables: Path, table: str
) -> None:
    assert (tables / f"{table}.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(tables / f"{table}.csv", dtype=str, lineterminator="\n").fillna("")
    read = read.replace("^'", "", regex=True)
    for row, expected in zip(read.to_dict("records"), rows(corpus, table), strict=True):
        assert row.keys() == expected.keys()
        for name, value in expected.items():
            if isinstance(value, float):
                assert float(row[name]) == value, name
            else:
                assert row[name] == ("" if value is None else str(value)), name


def test_no_cell_of_a_csv_file_is_calculated_or_rounded(tables: Path) -> None:
    for file in tables.glob("*.csv"):
        cells = pd.read_csv(file, dtype=str, keep_default_na=False).to_numpy().ravel()
        texts = [cell.strip("\ufeff\u200b\x1b\x01\x0b \t\r\n\u00a0") for cell in cells]
        numbers = re.compile(r"-?[0-9]{1,19}(\.[0-9]+)?")
        for cell, text in zip(cells, texts, strict=True):
            assert text[:1] not in tuple("=+@\uff1d\uff0b\uff0d\uff20"), (file, cell)
            assert not text.startswith("-") or numbers.fullmatch(text), (file, cell)
    for name in TABLES:
        read = pd.read_csv(tables / f"{name}.csv", dtype=str)
        for column in {"id", "video_id", "comment_id"} & set(read):
            assert all(re.fullmatch("'[0-9]{19}", id) for id in read[column].dropna()), name


def test_an_apostrophe_is_only_where_a_spreadsheet_would_change_the_text() -> None:
    changed = [*HOSTILE[: HOSTILE.index("2888")], "-1", "1e-5", "1,234.5", "0" * 400]
    same = [
        *HOSTILE[HOSTILE.index("2888") :],
        "22.6K",
        "3d ago",
        "2022-11-30 09:20:00",
        "v1.0",
        "#1",
        "top10",
        "march",
        "5 loaves",
        "1969-12-31",
        "12345-01-01",
    ]
    batch = pa.record_batch([pa.array([*changed, *same, None])], ["text"])
    found = guarded(batch).to_pydict()["text"]
    assert found == [*(f"'{text}" for text in changed), *same, None]


@pytest.mark.parametrize("table", TABLES)
def test_the_workbook_equals_the_database_as_text(corpus: Corpus, tables: Path, table: str) -> None:
    sheet = openpyxl.load_workbook(tables / "tables.xlsx", read_only=True)[table]
    heading, *found = sheet.iter_rows()
    expected = rows(corpus, table)
    assert [cell.value for cell in heading] == list(expected[0])
    for cells, row in zip(found, expected, strict=True):
        for cell, (name, value) in zip(cells, row.items(), strict=False):
            if isinstance(value, str):
                assert cell.data_type == "s" or value == "", (name, value)
                assert as_read(cell.value) == value, name
            elif value is not None and abs(value) >= 10**15:
                assert cell.value == str(value), name
            else:
                assert cell.value == value, name


def as_read(text: str | None) -> str:
    """Excel reads `_x0001_` as a character; openpyxl leaves it as it is."""
    return re.sub("_x(00[01][0-9A-F]|005F|FFFE)_", lambda match: chr(int(match[1], 16)), text or "")


def test_libreoffice_shows_the_same(corpus: Corpus, tables: Path, tmp_path: Path) -> None:
    office = need("soffice", "libreoffice-calc")
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    convert = ["--headless", "--convert-to", every_sheet, "--outdir", str(tmp_path)]
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [office, profile, *convert, str(tables / "tables.xlsx")], check=True, capture_output=True
    )
    for table in TABLES:
        shown = pd.read_csv(tmp_path / f"tables-{table}.csv", dtype=str, keep_default_na=False)
        assert_shown(shown.to_dict("records"), rows(corpus, table))


def test_r_reads_the_same_from_csv(corpus: Corpus, tables: Path, tmp_path: Path) -> None:
    program = need("Rscript", "r-base-core")
    written = "\n".join(
        f'write.csv(read_table("{table}"), "{tmp_path / table}.csv", na = "", row.names = FALSE)'
        for table in TABLES
    )
    done = subprocess.run(
        [program, "-e", f"{blocks('r')}\n{written}"],
        cwd=corpus.folder.parent,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "2022-11" in done.stdout and "original sound" in done.stdout, done.stdout
    assert "FOLD HERE" in done.stdout and "so true" in done.stdout, done.stdout
    for table in TABLES:
        shown = pd.read_csv(tmp_path / f"{table}.csv", dtype=str, keep_default_na=False)
        assert_shown(shown.to_dict("records"), rows(corpus, table))


def need(program: str, package: str) -> str:
    """The path of a program that is too large to install for one test."""
    found = shutil.which(program)
    if not found:
        pytest.skip(f"{program} is not installed (Debian: {package})")
    return found


def assert_shown(shown: list[dict[Any, Any]], expected: list[dict[str, Any]]) -> None:
    """Cell by cell, but for control characters and the ends of lines."""
    for row, values in zip(shown, expected, strict=True):
        assert list(row) == list(values)
        for name, value in values.items():
            if isinstance(value, float):
                assert float(row[name]) == pytest.approx(value, abs=1e-6), name
            else:
                text = "" if value is None else str(value)
                assert CONTROLS.sub("", row[name]) == CONTROLS.sub("", text), name


def test_contents_beyond_excels_limits_are_cut_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 4)
    corpus = Corpus(tmp_path / "data")
    comments = [comment(str(number)) for number in range(5)]
    corpus.add_info("a.json", [info(ID, description="🍞" * 20_000, comments=comments)])
    write_tables_of(corpus.database(), tmp_path / "tables", "database")
    read = openpyxl.load_workbook(tmp_path / "tables" / "tables.xlsx")
    assert [cell.value for cell in read["comments"]["H"]] == ["comment_text", "0", "1", "2"]
    cells = {heading.value: cell.value for heading, cell in zip(*read["posts"], strict=True)}
    assert cells["description"] == "🍞" * 16_383
    said = "In tables.xlsx, 1 text of posts is cut, and at the end, 2 rows of comments are left out"
    assert said in capsys.readouterr().err
    assert any(said in str(cell.value) for cell in read["about"]["A"])
    assert len(pq.read_table(tmp_path / "tables" / "comments.parquet")) == 5


def test_the_same_corpus_gives_the_same_bytes(corpus: Corpus, tables: Path, tmp_path: Path) -> None:
    write_tables_of(corpus.folder / "tiktoks.db", tmp_path, "database")
    for file in tables.iterdir():
        digests = {
            hashlib.sha256(path.read_bytes()).digest() for path in (file, tmp_path / file.name)
        }
        assert len(digests) == 1, file.name


def test_no_link_is_signed_and_no_browser_is_named(tables: Path) -> None:
    for name in TABLES:
        text = str(pq.read_table(tables / f"{name}.parquet").to_pylist())
        assert not re.search("web_id|7279568107143392123|signature=|x-expires", text), name


def test_the_dictionary_equals_the_documentation(corpus: Corpus, tables: Path) -> None:
    documented = read_dictionary(DOCS / "database.md")
    dictionary = pq.read_table(tables / "dictionary.parquet").to_pylist()
    for name, (source, _) in TABLES.items():
        columns = pq.read_schema(tables / f"{name}.parquet").names
        assert [row["column"] for row in dictionary if row["table"] == name] == columns
        meanings = {column.name: column.meaning for column in documented[source]}
        assert all(
            row["meaning"] == meanings[row["column"]] for row in dictionary if row["table"] == name
        )
    with closing(sqlite3.connect(corpus.folder / "tiktoks.db")) as db:
        for source, columns in documented.items():
            types = {row[1]: row[2] for row in db.execute(f"PRAGMA table_xinfo ({source})")}
            for column in columns:
                assert types[column.name] in (column.type.upper(), ""), (source, column)


def test_columns_of_4cat_are_read_again_as_the_same_posts(corpus: Corpus, tmp_path: Path) -> None:
    write_tables_of(corpus.folder / "tiktoks.db", tmp_path / "tables", "4cat")
    described = read_dictionary(DOCS / "tables.md")
    (tmp_path / "info").mkdir()
    for name in ("posts", "comments"):
        table = pd.read_parquet(tmp_path / "tables" / f"{name}.parquet")
        assert list(table) == [column.name for column in described[f"{name}_4cat"]]
        table = table.replace("\r", "", regex=True)  # pandas writes it without quotes
        table.to_csv(tmp_path / "info" / f"{name}.csv", index=False)
    found = catalogue_folder(tmp_path / "info")
    assert sorted(found.newest) == sorted(row["id"] for row in rows(corpus, "posts"))
    first = pd.read_parquet(tmp_path / "tables" / "posts.parquet").iloc[0]
    assert (first.author, first.likes, first.music_id) == ("maker", 22600, "7171915647184603950")
    assert first.tiktok_url == f"https://www.tiktok.com/@maker/video/{ID}"


def test_pseudonyms_are_those_of_a_package(corpus: Corpus, tmp_path: Path) -> None:
    export = {"folder": "", "media": "auto", "texts": True, "pseudonymise": False}
    config = {
        "export": export | {"key_file": str(tmp_path / "key")},
        "tables": {"columns": "database", "pseudonymise": True},
    }
    write_pseudonymised_tables(corpus.catalogue(), corpus.folder, tmp_path / "tables", config)
    posts = pd.read_parquet(tmp_path / "tables" / "posts.parquet")
    assert re.fullmatch("@user_[0-9a-f]{16}", posts.creator_username[0])
    assert posts.coverphoto_ocr[0] == "FOLD HERE"
    for name in TABLES:
        assert "maker" not in str(
            pq.read_table(tmp_path / "tables" / f"{name}.parquet").to_pylist()
        )
    assert not [file for file in corpus.folder.iterdir() if file.name.startswith(".")]


def blocks(language: str) -> str:
    return "\n".join(
        re.findall(rf"```{language}\n(.*?)```", (DOCS / "tables.md").read_text(), re.S)
    )


def test_the_lines_for_pandas_and_duckdb_run(
    corpus: Corpus,
    tables: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(corpus.folder.parent)
    exec(blocks("python"), {})  # noqa: S102 (of our own page)
    printed = capsys.readouterr().out
    assert "2022-11" in printed and "original sound" in printed and "FOLD HERE" in printed
    with duckdb.connect() as db:
        queries = [part for part in blocks("sql").split(";\n") if part.strip()]
        results = [db.execute(query).fetchall() for query in queries]
    assert len(results) == 4 and all(results)
    assert results[0] == [("2022-11", len(HOSTILE) + 3)]
    assert results[3] == [(ID, "FOLD HERE")]
