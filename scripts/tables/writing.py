"""Write the tables: each as CSV and Parquet, and all of them as one Excel workbook.

Three threads write a batch of rows while the next one is read, so no table is ever in memory as a
whole. The files get their names only when all of them are complete.
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet
from rich.console import Console

from scripts.counts import counted
from scripts.files import publish, storage_errors, temporary_file
from scripts.rawinfo.catalogue import Catalogue
from scripts.store.database import open_database
from scripts.tables.contents import batches, dictionary, tables
from scripts.tables.names import WORKBOOK
from scripts.tables.workbook import MAX_CHARS, MAX_ROWS, Workbook

BOM = b"\xef\xbb\xbf"  # without it, Excel mistakes UTF-8 for another encoding
# A spreadsheet changes some texts, even after white space, unless an apostrophe protects them:
# - it calculates a text that begins with one of these signs (% and |: according to some sources);
# - it rounds long numbers, drops leading zeros, and reads 12e3 as 12000, 1.50 as 1.5, and 1/2 or
#   1-2 as dates. Short numbers, and dates like 2022-11-30, keep their meaning;
# - it takes may4 and 8. März for dates, 5 pm for a time, (5) for -5, and 3 1/2, 1 000 and €5 for
#   numbers, each in the languages of its users.
# A text that begins with an apostrophe gets another, so that removing the first one is safe.
GUARD = "'"
_CALCULATED = r"[=+\-@%|\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}\x{fe66}\x{fe62}\x{fe63}\x{fe6b}\x{2212}]"
_DIGIT = r"[0-9\x{ff10}-\x{ff19}]"
_CHANGED_NUMBER = (
    rf"{_DIGIT}{{12,}}|0{_DIGIT}+|{_DIGIT}{{1,2}}-{_DIGIT}{{1,2}}(?:-{_DIGIT}{{2,4}})?"
    rf"|(?:[.,]{_DIGIT}|{_DIGIT}+ ?[.,:/%eE])[0-9\x{{ff10}}-\x{{ff19}} .,:/%eE+\-]*"
)
_MONTH = (
    r"(?i:jan|feb|f[eé]v|mar|mär|apr|abr|avr|ma[igy]|jun|jul|jui|aug|ago|aoû|sep|set|oct|okt|nov"
    r"|d[eé][cz]|ene|gen|giu|lug|ott|out|dic)\pL*"
)
_CHANGED_WORDS = (
    rf"{_MONTH}[ ,./\-]*{_DIGIT}{{1,4}}(?:[ ,./\-]+{_DIGIT}{{1,4}})?"
    rf"|{_DIGIT}{{1,4}}[ ,./\-]*{_MONTH}(?:[ ,./\-]*{_DIGIT}{{1,4}})?"
    rf"|{_DIGIT}{{1,2}} ?(?i:[ap]m?)|(?i:true|false)"
    rf"|(?:[\p{{Sc}}(] ?{_DIGIT}|{_DIGIT}[0-9.,]*[ \p{{Sc}}])[0-9 .,/\p{{Sc}})]*"
)
GUARDED = rf"^(?:'|[\pZ\pC]*(?:{_CALCULATED}|(?:{_CHANGED_NUMBER}|{_CHANGED_WORDS})[\pZ\pC]*$))"


@dataclass
class Written:
    """How many rows the tables have, and which parts did not fit into the workbook."""

    rows: dict[str, int] = field(default_factory=dict)
    cuts: list[str] = field(default_factory=list)


def write_tables(catalogue: Catalogue, data: Path, config: Mapping[str, Any]) -> None:
    """Write the tables of the corpus in `data`, as the section `tables` of the settings says.

    Raises ConfigError if pseudonyms are on but there are no posts or no key.
    """
    settings, folder = config["tables"], data / "tables"
    if settings["pseudonymise"]:
        write_pseudonymised_tables(catalogue, data, folder, config)
    else:
        write_tables_of(data / "tiktoks.db", folder, settings["columns"])


def write_tables_of(database: Path, folder: Path, columns: str) -> None:
    """Write all tables of a database into `folder`. columns: `database` or `4cat`."""
    with ExitStack() as stack, closing(open_database(database)) as db:
        files: dict[str, IO[bytes]] = {}

        def new(name: str) -> IO[bytes]:
            return files.setdefault(name, stack.enter_context(temporary_file(folder / name)))

        with storage_errors(folder):
            written = Written()
            workbook = Workbook(new(WORKBOOK))
            pool = stack.enter_context(ThreadPoolExecutor(3))
            described = tables(db, columns)
            for table in described:
                parts = batches(db, table)
                _write(table.name, table.schema, parts, new, workbook, pool, written)
            explained = dictionary(described)
            parts = iter([explained])
            _write("dictionary", explained.schema, parts, new, workbook, pool, written)
            _write_about(workbook, written)
            workbook.close()
        for name, file in files.items():
            publish(file, folder / name)
    _report(folder, written)


def write_pseudonymised_tables(
    catalogue: Catalogue, data: Path, folder: Path, config: Mapping[str, Any]
) -> None:
    """Write the tables of a database with the contents of a package under pseudonyms.

    Raises ConfigError if there are no posts, or if the key file contains no key.
    """
    from scripts.export.exporting import pseudonymised_database  # it loads the search

    catalogue.check_posts()
    with pseudonymised_database(catalogue, data, config) as database:
        write_tables_of(database, folder, config["tables"]["columns"])


def _write(
    name: str,
    schema: pa.Schema,
    parts: Iterator[pa.RecordBatch],
    new: Any,
    workbook: Workbook,
    pool: ThreadPoolExecutor,
    written: Written,
) -> None:
    rows = 0
    pending: list[Future[None]] = []
    with (
        _csv_writer(new(f"{name}.csv"), schema) as table,
        parquet.ParquetWriter(new(f"{name}.parquet"), schema, compression="zstd") as exact,
        workbook.sheet(name, schema) as sheet,
    ):
        for batch in parts:
            _wait(pending)
            rows += batch.num_rows
            pending = [
                pool.submit(lambda batch: table.write_batch(guarded(batch)), batch),
                pool.submit(exact.write_batch, batch),
                pool.submit(sheet.write, batch),
            ]
        _wait(pending)
    written.rows[name] = rows
    if sheet.cut_rows:
        written.cuts.append(
            f"at the end, {counted(sheet.cut_rows, f'rows of {name}', 'are')} left out"
        )
    if sheet.cut_texts:
        written.cuts.append(f"{counted(sheet.cut_texts, f'texts of {name}', 'are')} cut")


def _wait(pending: Iterable[Future[None]]) -> None:
    for future in pending:
        future.result()


@contextmanager
def _csv_writer(file: IO[bytes], schema: pa.Schema) -> Iterator[csv.CSVWriter]:
    file.write(BOM)
    with csv.CSVWriter(
        file, schema, write_options=csv.WriteOptions(quoting_style="needed")
    ) as made:
        yield made


def guarded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows with an apostrophe before each text that a spreadsheet would calculate or round."""
    arrays = [_guarded(one) if one.type == pa.string() else one for one in batch.columns]
    return pa.RecordBatch.from_arrays(arrays, schema=batch.schema)


def _guarded(texts: pa.Array) -> pa.Array:
    if texts.null_count == len(texts):
        return texts
    found = pc.match_substring_regex(texts, GUARDED)
    if not pc.any(found, min_count=0).as_py():
        return texts
    return pc.if_else(found, pc.binary_join_element_wise(GUARD, texts, ""), texts)


def _write_about(workbook: Workbook, written: Written) -> None:
    """Write the first sheet: what the workbook contains, and what did not fit into it."""
    lines = [
        *_cuts(written),
        "The sheet dictionary explains each column. Ids are text: do not make numbers of them.",
        *(f"{name}: {counted(rows, 'rows')}" for name, rows in written.rows.items()),
    ]
    schema = pa.schema([("about these tables", pa.string())])
    with workbook.sheet("about", schema) as sheet:
        sheet.write(pa.RecordBatch.from_arrays([pa.array(lines, pa.string())], schema=schema))


def _cuts(written: Written) -> list[str]:
    if not written.cuts:
        return []
    return [
        f"Excel holds {MAX_ROWS:,} rows a sheet and {MAX_CHARS:,} characters a cell. In "
        f"{WORKBOOK}, {', and '.join(written.cuts)}. The CSV and Parquet files are complete."
    ]


def _report(folder: Path, written: Written) -> None:
    console = Console(stderr=True, highlight=False)
    for line in (f"The tables are in {folder}.", *_cuts(written)):
        console.print(line, markup=False, soft_wrap=True)
