"""Run a grid, and write `data/results.db`: every experiment, and where it ranks each target.

The same inputs give the same bytes; what depends on the machine (times) is in
`data/experiments/timings.json`.
"""

import json
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import astuple
from pathlib import Path
from typing import Any

from scripts.errors import ConfigError
from scripts.examples import examples
from scripts.experiments.cells import CellStore
from scripts.experiments.collection import read_collection
from scripts.experiments.grid import Experiment, Fusion, Grid, make_grid
from scripts.experiments.registry import NONE
from scripts.experiments.run import Asked, Keys, run_missing
from scripts.files import publish, temporary_file
from scripts.queries import Query, read_queries

CELLS = "cells.db"
TIMINGS = "timings.json"
_COMPONENTS = ("term_weighting", "collection_weighting", "normalisation", "expansion", "dense")


def write_results(
    settings: Mapping[str, Any], database: Path, folder: Path, output: Path, threads: int = 1
) -> None:
    """Run what is missing of the grid in `settings` (`experiments` of the configuration), and write
    all its results to `output`. folder: where cells and times are kept.

    Raises ConfigError for a grid that can't be run, QueryError for a file of queries.
    """
    grid = make_grid(settings)
    queries = find_queries(settings["queries"])
    collection = read_collection(database, grid.sources())
    lost = [query.target for query in queries if query.target not in collection.numbers]
    queries = [query for query in queries if query.target in collection.numbers]
    if lost:
        print(
            f"{len(lost):,} queries are left out, as the TikToks that they mean aren't in "
            f"{database}: {examples(lost)}.",
            file=sys.stderr,
        )
    with CellStore(folder / CELLS) as store:
        store.keep_only(set(collection.digests.values()))
        asked = [Asked(q.key, q.text, collection.numbers[q.target]) for q in queries]
        progress = run_missing(grid, collection, asked, store, folder / TIMINGS, threads)
        print(
            f"{progress.computed:,} results computed, {progress.kept:,} were there.",
            file=sys.stderr,
        )
        with temporary_file(output) as draft, temporary_file(output) as final:
            with closing(sqlite3.connect(draft.name, isolation_level=None)) as db:
                _write(db, grid, Keys(collection), queries, store)
                db.execute("VACUUM main INTO ?", (final.name,))
            publish(final, output)


def find_queries(files: Sequence[str]) -> list[Query]:
    """The queries of all these files, each once, in order of their keys.

    Raises ConfigError, which says where to get some, if there are none.
    """
    there = [Path(file) for file in files if Path(file).exists()]
    queries = {query.key: query for file in there for query in read_queries(file)}
    if not queries:
        raise ConfigError(
            f"There are no queries to experiment with ({', '.join(files)}): write some into "
            "data/queries.json, judge results in the viewer, or have some generated (snakemake "
            "data/known_items.json) and list that file under `experiments.queries`."
        )
    return [queries[key] for key in sorted(queries)]


def _write(
    db: sqlite3.Connection,
    grid: Grid,
    keys: Keys,
    queries: Sequence[Query],
    store: CellStore,
) -> None:
    db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
    db.executescript(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    db.execute("ATTACH ? AS store", (str(store.file),))
    db.execute("BEGIN")
    db.executemany(
        "INSERT INTO queries VALUES (?, ?, ?, ?, ?)",
        ((q.key, q.origin, q.text, q.target, q.author) for q in queries),
    )
    db.executemany(
        "INSERT INTO query_tags VALUES (?, ?)",
        ((query.key, tag) for query in queries for tag in sorted(set(query.tags))),
    )
    indexes = _write_indexes(db, grid, keys, store)
    for number, part in enumerate((*grid.experiments, *grid.fusions), 1):
        db.execute(
            """INSERT INTO experiments VALUES (
                :number, :index_id, :term_weighting, :collection_weighting, :normalisation,
                :expansion, :fusion, :dense, :parts, :name
            )""",
            {"number": number, "name": part.name} | _description(part, indexes),
        )
        db.execute(
            """INSERT INTO ranking_results
            SELECT ?, query, rank, score, top FROM store.cells
            WHERE experiment = ? AND query IN (SELECT query_key FROM queries) ORDER BY query""",
            (number, keys.of(part)),
        )
    db.execute("COMMIT")


def _write_indexes(
    db: sqlite3.Connection, grid: Grid, keys: Keys, store: CellStore
) -> dict[str, int]:
    """The number of each index, by its name."""
    indexes: dict[str, int] = {}
    for experiment in grid.experiments:
        if experiment.index not in indexes:
            indexes[experiment.index] = number = len(indexes) + 1
            facts = store.facts(keys.index(experiment))
            described = (
                "+".join(experiment.sources),
                experiment.tokenisation,
                experiment.attribution,
            )
            db.execute(
                "INSERT INTO indexes VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (number, *described, *astuple(facts)),
            )
    return indexes


def _description(part: Experiment | Fusion, indexes: Mapping[str, int]) -> dict[str, Any]:
    """What a row of `experiments` has beside number and name."""
    if isinstance(part, Fusion):
        parts = json.dumps([one.name for one in part.experiments])
        nothing = dict.fromkeys(_COMPONENTS, NONE)
        return nothing | {"index_id": None, "fusion": part.method, "parts": parts}
    used = {component: getattr(part, component) for component in _COMPONENTS}
    return used | {"index_id": indexes[part.index], "fusion": NONE, "parts": None}
