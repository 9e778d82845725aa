"""Run a grid, and write `data/results.db`: every experiment, and its rank of each target.

The same inputs give the same bytes. Times depend on the machine, so they are in another file,
`data/experiments/timings.json`.
"""

import json
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

from scripts.counts import counted
from scripts.errors import ConfigError, examples
from scripts.experiments.cells import CellStore
from scripts.experiments.corpus import Corpus, read_corpus
from scripts.experiments.encoder import Encoder
from scripts.experiments.grid import Fusion, Grid, Program, make_grid
from scripts.experiments.metrics import write_metrics
from scripts.experiments.passages import passage_keys
from scripts.experiments.registry import NONE
from scripts.experiments.run import JudgedQuery, Keys, Part, Run
from scripts.experiments.systems import CLOSER
from scripts.files import publish, temporary_file, write_atomic
from scripts.queries.query_file import COVER, HASHTAGS, Query, choose_queries, read_queries
from scripts.search.reranker import Reranker
from scripts.search.settings import make_reranker

CELLS = "cells.db"
TIMINGS = "timings.json"
_COMPONENTS = ("term_weighting", "collection_weighting", "normalisation", "expansion", "dense")


@dataclass(frozen=True)
class _Variant:
    """Queries for which the same text is withheld, and the corpus without this text."""

    queries: list[Query]
    corpus: Corpus
    grid: Grid


def check_experiments(settings: Mapping[str, Any], reranker: Reranker | None) -> None:
    """Download the models that a grid needs. Raises ConfigError if the grid can't be run."""
    grid = make_grid(settings, reranker)
    if grid.needs_encoder:
        Encoder(settings["encoder"]).load()
    if reranker and Program(CLOSER) in grid.systems:
        reranker.model.likelihoods("words", ["a text"])


def write_results(
    settings: Mapping[str, Any],
    database: Path | str,
    folder: Path,
    output: Path | str,
    search: Mapping[str, Any] | None = None,
    threads: int = 1,
) -> None:
    """Run the missing part of a grid, and write all its results to `output`.

    settings: `experiments` of the configuration. folder: for cells and times. search: `search` of
    the configuration; without a model there, `search closer` is left out of the grid.

    Raises ConfigError if the grid can't be run, and QueryError for a bad file of queries.
    """
    database, output = Path(database), Path(output)
    reranker = make_reranker(search, threads) if search else None
    grid = make_grid(settings, reranker)
    queries = find_queries(settings["queries"])
    corpus = read_corpus(database, grid.sources())
    variants = _make_variants(grid, corpus, _known(queries, corpus, database))
    with CellStore(folder / CELLS) as store:
        # Also keep the results of earlier queries, because they may come back.
        alike = [corpus.without(withheld) for withheld in ((), (COVER,), (HASHTAGS,))]
        store.keep_only(
            {digest for one in alike for digest in one.digests.values()},
            lambda: {key for one in alike for key in passage_keys(one)},
        )
        encoder = Encoder(settings["encoder"], threads) if grid.needs_encoder else None
        runs = [
            _run(variant, store, encoder, reranker, database, folder, threads)
            for variant in variants
        ]
        with temporary_file(output) as draft, temporary_file(output) as final:
            with closing(sqlite3.connect(draft.name, isolation_level=None)) as db:
                _write(
                    db,
                    grid,
                    list(zip(variants, runs, strict=True)),
                    store,
                    settings.get("baseline", ""),
                )
                db.execute("VACUUM main INTO ?", (final.name,))
            publish(final, output)


def _known(queries: list[Query], corpus: Corpus, database: Path) -> list[Query]:
    """Return the queries whose target is in the corpus, and print the ids that are not in it.

    Raises ConfigError if no target is in the corpus.
    """
    known, lost = choose_queries(queries, corpus.numbers)
    if not known:
        raise ConfigError(f"No query has a target in {database}. Check `experiments.queries`.")
    if lost:
        _say(f"Left out, because these TikToks are not in {database}: {examples(lost)}.")
    return known


def _make_variants(grid: Grid, corpus: Corpus, queries: list[Query]) -> list[_Variant]:
    """Group the queries by the text that is withheld for them. Nothing withheld comes first."""
    withheld: dict[str, set[str]] = defaultdict(set)
    for query in queries:
        withheld[query.origin] |= {query.withheld} if query.withheld else set()
    groups: dict[tuple[str, ...], list[Query]] = defaultdict(list)
    for query in queries:
        groups[tuple(sorted(withheld[query.origin]))].append(query)
    return [
        # Systems search the whole texts.
        _Variant(asked, corpus.without(left_out), replace(grid, systems=()) if left_out else grid)
        for left_out, asked in sorted(groups.items())
    ]


def judged_queries(queries: Iterable[Query], corpus: Corpus) -> list[JudgedQuery]:
    """Queries whose relevant TikToks are all in the corpus."""
    return [
        JudgedQuery(
            query.key,
            query.text,
            {corpus.numbers[id]: grade for id, grade in query.judged.items()},
        )
        for query in queries
    ]


def _run(
    variant: _Variant,
    store: CellStore,
    encoder: Encoder | None,
    reranker: Reranker | None,
    database: Path,
    folder: Path,
    threads: int,
) -> Run:
    asked = judged_queries(variant.queries, variant.corpus)
    run = Run(variant.grid, variant.corpus, asked, store, encoder, reranker)
    missing = sum(map(len, run.missing.values()))
    run.compute(database, threads)
    there = len(run.missing) * len(asked) - missing
    _say(f"{counted(missing, 'results')} computed; there before: {there:,}.")
    if missing:
        _add_timings(folder / TIMINGS, run.seconds)
    return run


def _add_timings(file: Path, seconds: Mapping[str, Mapping[str, float]]) -> None:
    """Add seconds by name. Those of earlier runs stay."""
    try:
        known = json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError):
        known = {}
    for kind, measured in seconds.items():
        known[kind] = known.get(kind, {}) | measured
    write_atomic(file, json.dumps(known, indent=1, sort_keys=True) + "\n")


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def find_queries(files: Sequence[str]) -> list[Query]:
    """Return the queries in these files, each once, in order of their keys.

    Raises ConfigError, which says how to get queries, if there are none.
    """
    there = [Path(file) for file in files if Path(file).exists()]
    queries, _ = choose_queries([query for file in there for query in read_queries(file)], None)
    if not queries:
        raise ConfigError(
            f"There are no queries to experiment with ({', '.join(files)}): write some into "
            "data/queries.json, judge results in the viewer, or generate some (snakemake --cores 4 "
            "data/known_items.json) and list that file under `experiments.queries`."
        )
    return sorted(queries, key=lambda query: query.key)


def _write(
    db: sqlite3.Connection,
    grid: Grid,
    runs: list[tuple[_Variant, Run]],
    store: CellStore,
    baseline: str,
) -> None:
    db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
    db.executescript(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    db.execute("ATTACH ? AS store", (str(store.file),))
    db.execute("BEGIN")
    for variant, _ in runs:
        _write_queries(db, variant.queries)
    # Describe the indexes of the whole texts, if there are queries that withhold nothing.
    indexes = _write_indexes(db, grid, runs[0][1].keys, store)
    for number, part in enumerate(grid.parts(), 1):
        db.execute(
            """INSERT INTO experiments VALUES (
                :number, :index_id, :term_weighting, :collection_weighting, :normalisation,
                :expansion, :fusion, :dense, :parts, :name
            )""",
            {"number": number, "name": part.name} | _description(part, indexes),
        )
        for variant, run in runs:
            if part in run.missing:
                keys = json.dumps([query.key for query in variant.queries])
                db.execute(
                    """INSERT INTO ranking_results
                    SELECT ?, query, rank, score, average_precision, ndcg, top FROM store.cells
                    WHERE experiment = ? AND query IN (SELECT value FROM json_each(?))
                    ORDER BY query""",
                    (number, run.keys.of(part), keys),
                )
    db.execute("COMMIT")
    write_metrics(db, len(runs[0][0].corpus.ids), baseline)


def _write_queries(db: sqlite3.Connection, queries: list[Query]) -> None:
    db.executemany(
        "INSERT INTO queries VALUES (?, ?, ?, ?, ?)",
        ((q.key, q.origin, q.text, q.target, q.author) for q in queries),
    )
    db.executemany(
        "INSERT INTO judgements VALUES (?, ?, ?)",
        ((query.key, *judged) for query in queries for judged in sorted(query.judged.items())),
    )
    db.executemany(
        "INSERT INTO query_tags VALUES (?, ?)",
        ((query.key, tag) for query in queries for tag in sorted(set(query.tags))),
    )


def _write_indexes(
    db: sqlite3.Connection, grid: Grid, keys: Keys, store: CellStore
) -> dict[str, int]:
    """Write the indexes, and return the number of each by its name."""
    indexes: dict[str, int] = {}
    for experiment in grid.experiments:
        if experiment.index not in indexes:
            indexes[experiment.index] = number = len(indexes) + 1
            facts = store.facts(keys.index(experiment))
            if facts is None:
                raise ValueError(f"the index of {experiment.name} was not measured")
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


def _description(part: Part, indexes: Mapping[str, int]) -> dict[str, Any]:
    """The columns of a row of `experiments`, except for number and name."""
    nothing = dict.fromkeys(_COMPONENTS, NONE) | {"index_id": None, "fusion": NONE, "parts": None}
    if isinstance(part, Program):
        return nothing
    if isinstance(part, Fusion):
        parts = json.dumps([one.name for one in part.experiments])
        return nothing | {"fusion": part.method, "parts": parts}
    used = {component: getattr(part, component) for component in _COMPONENTS}
    return nothing | used | {"index_id": indexes[part.index]}
