"""List the tables, and read the contents of their columns.

In: a database, and the pages in `docs/` that describe its columns. Out: batches of rows. Links that
people wrote lose their query, because it may be a signature or name a browser.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from scripts.export.cleaning import clean_reason, clean_text
from scripts.tables.names import DICTIONARY, FOURCAT, TABLES

DOCS = Path(__file__).parents[2] / "docs"
# Comments are short. Posts contain transcripts, and a batch of them must fit into memory.
BATCH_ROWS = 5_000
BATCH_ROWS_OF_POSTS = 1_000

_TYPES = {"text": pa.string(), "integer": pa.int64(), "real": pa.float64()}
_HEADING = re.compile(r"^#{2,4} `(\w+)`$", re.MULTILINE)
_ROW = re.compile(r"^\| (`[^|]+`) \| ([^|]+) \|(.*)\|$", re.MULTILINE)
_MAY_HOLD_LINK = r"://|(?i:tiktok\.com/)"
_SLASH = b"/"  # is in every link and every path


@dataclass(frozen=True)
class Column:
    """A column as the documentation describes it."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """A table to write: its name, its columns, and the query that reads it."""

    name: str
    columns: list[Column]
    query: str

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(column.name, _TYPES[column.type]) for column in self.columns])


def read_dictionary(page: Path) -> dict[str, list[Column]]:
    """The columns of each table that a page of the documentation describes, by its heading."""
    _, *parts = _HEADING.split(page.read_text("utf-8"))
    return {
        name: [column for row in _ROW.finditer(text) for column in _columns(*row.groups())]
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def _columns(names: str, types: str, meaning: str) -> Iterator[Column]:
    """The columns of one row, which may describe several, with one type for all or for each."""
    known = [type for type in types.strip().split(", ") if type in _TYPES]
    found = re.findall("`([^`]+)`", names)
    for number, name in enumerate(found if known else ()):
        yield Column(name, known[number if len(known) > 1 else 0], meaning.strip())


def tables(db: Connection, columns: str) -> list[Table]:
    """The tables, with the database's columns, or with 4CAT's columns for posts and comments."""
    documented = read_dictionary(DOCS / "database.md")
    made = [_of_database(db, name, documented) for name in TABLES]
    if columns == "4cat":
        described = read_dictionary(DOCS / "tables.md")
        for number, table in enumerate(made):
            if table.name in FOURCAT:
                fourcat = described[f"{table.name}_4cat"]
                made[number] = Table(table.name, fourcat, FOURCAT[table.name])
    return made


def _of_database(db: Connection, name: str, documented: dict[str, list[Column]]) -> Table:
    source, order = TABLES[name]
    described = {column.name: column for column in documented[source]}
    names = [row[1] for row in db.execute(f"PRAGMA table_xinfo ({source})")]
    query = f"SELECT {', '.join(names)} FROM {source} ORDER BY {order}"  # noqa: S608 (no data)
    return Table(name, [described[name] for name in names], query)


def dictionary(described: list[Table]) -> pa.RecordBatch:
    """The data dictionary, as a table."""
    rows = [
        {"table": table.name, "column": one.name, "type": one.type, "meaning": one.meaning}
        for table in described
        for one in table.columns
    ]
    schema = pa.schema([(name, pa.string()) for name in DICTIONARY])
    return pa.RecordBatch.from_pylist(rows, schema)


def batches(db: Connection, table: Table) -> Iterator[pa.RecordBatch]:
    """The rows of a table in batches. There is at least one batch, which may be empty."""
    rows_at_once = BATCH_ROWS_OF_POSTS if table.name == "posts" else BATCH_ROWS
    cursor = db.execute(table.query)
    rows = cursor.fetchmany(rows_at_once)
    while True:
        yield _batch(rows, table.schema)
        rows = cursor.fetchmany(rows_at_once)
        if not rows:
            return


def _batch(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    arrays = [
        _cleaned(pa.array(values, field.type), field)
        for values, field in zip(columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _cleaned(array: pa.Array, field: pa.Field) -> pa.Array:
    if field.type != pa.string():
        return array
    if field.name == "reason":
        return change_where(array, "/", clean_reason, _SLASH)
    return change_where(array, _MAY_HOLD_LINK, clean_text, _SLASH)


def change_where(
    array: pa.Array, pattern: str, change: Callable[[str], str], *signs: bytes
) -> pa.Array:
    """Apply `change` only to texts that match a pattern: few do, and Python is slow.

    signs: each match contains one of them.
    """
    if not has_any(array, *signs):
        return array
    found = pc.fill_null(pc.match_substring_regex(array, pattern), False)
    if not pc.any(found, min_count=0).as_py():
        return array
    changed = [change(text) for text in array.filter(found).to_pylist()]
    return pc.replace_with_mask(array, found, pa.array(changed, pa.string()))


def has_any(array: pa.Array, *signs: bytes) -> bool:
    """True if a sign may be in one of the texts. Searching their memory takes no time."""
    memory = array.buffers()[2]
    texts = memory.to_pybytes() if memory else b""
    return any(sign in texts for sign in signs)
