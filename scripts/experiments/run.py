"""Run what is missing of a grid: every experiment, for every query that it has no cell for."""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scripts.experiments.cells import Cell, CellStore
from scripts.experiments.collection import Collection
from scripts.experiments.fusion import FUSIONS
from scripts.experiments.grid import Experiment, Fusion, Grid
from scripts.experiments.indexing import IndexFacts, count_terms
from scripts.experiments.ranking import Ranker, Ranking, rank_targets
from scripts.experiments.tokenisation import TOKENISATIONS
from scripts.files import write_atomic


class Keys:
    """What cells are kept under: digests of all that they depend on."""

    def __init__(self, collection: Collection) -> None:
        self._digests = collection.digests

    def contents(self, part: Experiment | Fusion) -> list[str]:
        """The digests of the texts that its results depend on."""
        parts = part.experiments if isinstance(part, Fusion) else [part]
        return sorted({self._digests[source] for one in parts for source in one.sources})

    def index(self, experiment: Experiment) -> str:
        return _hash(
            [
                TOKENISATIONS.versioned(experiment.tokenisation),
                experiment.attribution,
                *(self._digests[source] for source in experiment.sources),
            ]
        )

    def of(self, part: Experiment | Fusion) -> str:
        if isinstance(part, Fusion):
            fused = [self.of(one) for one in part.experiments]
            return _hash([FUSIONS.versioned(part.method), *fused])
        return _hash([self.index(part), *part.parts()])


@dataclass(frozen=True, slots=True)
class Asked:
    """A query: its key, its text, and the number of the document that was meant."""

    key: str
    text: str
    target: int


@dataclass
class Progress:
    """How many cells were computed, and how many were there."""

    computed: int = 0
    kept: int = 0


@dataclass(frozen=True)
class _Batch:
    """Experiments of one tokenisation that need the same queries."""

    tokenisation: str
    queries: tuple[Asked, ...]
    experiments: list[Experiment] = field(default_factory=list)


@dataclass
class _Found:
    """What came of a batch."""

    rankings: dict[Experiment, list[Ranking]] = field(default_factory=dict)
    scores: dict[Experiment, np.ndarray] = field(default_factory=dict)
    facts: dict[Experiment, IndexFacts] = field(default_factory=dict)
    seconds: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))


def run_missing(
    grid: Grid,
    collection: Collection,
    queries: Sequence[Asked],
    store: CellStore,
    timings: Path,
    threads: int = 1,
) -> Progress:
    """Add to `store` the cells of the grid that aren't there.

    timings: a JSON file, to which is added how long each
    index took to build, and each experiment to rank for one query, in seconds.
    """
    keys = Keys(collection)
    missing = {}
    for part in (*grid.experiments, *grid.fusions):
        known = store.queries(keys.of(part))
        missing[part] = [query for query in queries if query.key not in known]
    computed = sum(map(len, missing.values()))
    progress = Progress(computed, len(missing) * len(queries) - computed)
    fused = {part for fusion in grid.fusions if missing[fusion] for part in fusion.experiments}
    scores: dict[Experiment, tuple[tuple[Asked, ...], np.ndarray]] = {}
    seconds = _read_timings(timings)
    with ThreadPoolExecutor(threads) as pool:
        batches = {
            pool.submit(_run_batch, batch, collection, fused): batch
            for batch in _make_batches(grid, queries, missing)
        }
        for future in as_completed(batches):
            queries_run, found = batches[future].queries, future.result()
            with store.transaction():
                for experiment, rankings in found.rankings.items():
                    cells = _cells(queries_run, rankings, collection)
                    store.add(keys.of(experiment), keys.contents(experiment), cells)
                for experiment, facts in found.facts.items():
                    store.add_facts(keys.index(experiment), facts)
            scores |= {part: (queries_run, matrix) for part, matrix in found.scores.items()}
            for kind, measured in found.seconds.items():
                seconds.setdefault(kind, {}).update(measured)
    for fusion in grid.fusions:
        if missing[fusion]:
            cells = _fuse(fusion, missing[fusion], scores, collection)
            with store.transaction():
                store.add(keys.of(fusion), keys.contents(fusion), cells)
    if computed:
        write_atomic(timings, json.dumps(seconds, indent=1, sort_keys=True) + "\n")
    return progress


def _make_batches(
    grid: Grid, queries: Sequence[Asked], missing: Mapping[Experiment | Fusion, list[Asked]]
) -> Iterable[_Batch]:
    """What is missing, by tokenisation and queries; an experiment is run again for a fusion."""
    needed = {part: {query.key for query in missing[part]} for part in grid.experiments}
    for fusion in grid.fusions:
        for part in fusion.experiments:
            needed[part] |= {query.key for query in missing[fusion]}
    batches: dict[tuple[str, frozenset[str]], _Batch] = {}
    for part in sorted(needed, key=lambda part: (part.index, part.name)):
        if needed[part]:
            group = part.tokenisation, frozenset(needed[part])
            if group not in batches:
                asked = tuple(query for query in queries if query.key in needed[part])
                batches[group] = _Batch(part.tokenisation, asked)
            batches[group].experiments.append(part)
    return batches.values()


def _run_batch(batch: _Batch, collection: Collection, fused: set[Experiment]) -> _Found:
    """Rank for all experiments of a batch; keep the scores of those that are `fused`."""
    found = _Found()
    start = time.perf_counter()
    counts = count_terms(collection, batch.tokenisation)
    found.seconds["tokenisations"][batch.tokenisation] = time.perf_counter() - start
    ranker = Ranker(counts, [query.text for query in batch.queries])
    targets = [query.target for query in batch.queries]
    measured: set[str] = set()
    for experiment in batch.experiments:
        start = time.perf_counter()
        if experiment.index not in measured:
            measured.add(experiment.index)
            found.facts[experiment] = ranker.measure(experiment)
            found.seconds["indexes"][experiment.index] = time.perf_counter() - start
            start = time.perf_counter()
        scores = ranker.scores(experiment)
        found.rankings[experiment] = rank_targets(scores, targets)
        taken = (time.perf_counter() - start) / len(batch.queries)
        found.seconds["experiments"][experiment.name] = taken
        if experiment in fused:
            found.scores[experiment] = scores
    return found


def _fuse(
    fusion: Fusion,
    queries: Sequence[Asked],
    scores: Mapping[Experiment, tuple[tuple[Asked, ...], np.ndarray]],
    collection: Collection,
) -> dict[str, Cell]:
    parts = []
    for experiment in fusion.experiments:
        asked, matrix = scores[experiment]
        row = {query.key: number for number, query in enumerate(asked)}
        parts.append(matrix[[row[query.key] for query in queries]])
    total = FUSIONS.find(fusion.method)(parts).astype(np.float32)
    targets = [query.target for query in queries]
    return _cells(queries, rank_targets(total, targets), collection)


def _cells(
    queries: Sequence[Asked], rankings: Sequence[Ranking], collection: Collection
) -> dict[str, Cell]:
    # Ids are digits: there is nothing to escape.
    quoted = [f'"{id}"' for id in collection.ids]
    return {
        query.key: Cell(rank, score, f"[{', '.join([quoted[number] for number in top])}]")
        for query, (rank, score, top) in zip(queries, rankings, strict=True)
    }


def _read_timings(file: Path) -> dict[str, dict[str, float]]:
    try:
        return json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}


def _hash(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
