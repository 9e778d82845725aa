"""Run the missing part of a grid: every experiment, for every query without a cell."""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scripts.experiments.cells import Cell, CellStore
from scripts.experiments.corpus import Corpus
from scripts.experiments.encoder import Encoder
from scripts.experiments.fusion import FUSIONS
from scripts.experiments.grid import PASSAGES, Experiment, Fusion, Grid, Program
from scripts.experiments.indexing import IndexFacts, count_terms
from scripts.experiments.ranking import PassageRanker, Ranker, Ranking, TermRanker, rank_relevant
from scripts.experiments.systems import CLOSER, SYSTEMS, Find, code_digest
from scripts.experiments.tokenisation import TOKENISATIONS
from scripts.search.reranker import Reranker
from scripts.store.database import SCHEMA_VERSION

Part = Experiment | Fusion | Program
# Receives a part of the grid, and its scores: queries x documents. Threads may call it together.
Show = Callable[[Part, np.ndarray], None]


class Keys:
    """The keys of cells: digests of everything that the cells depend on."""

    def __init__(
        self, corpus: Corpus, encoder: Encoder | None, reranker: Reranker | None = None
    ) -> None:
        self._digests = corpus.digests
        self._encoder, self._reranker = encoder, reranker

    def contents(self, part: Part) -> list[str]:
        """The digests of the texts that the results of a part depend on."""
        if isinstance(part, Program):
            return sorted(self._digests.values())
        parts = part.experiments if isinstance(part, Fusion) else [part]
        return sorted({self._digests[source] for one in parts for source in one.sources})

    def index(self, experiment: Experiment) -> str:
        reader = (
            TOKENISATIONS.versioned(experiment.tokenisation)
            if experiment.has_terms
            else _needed(self._encoder).identity
        )
        return _hash(
            [
                reader,
                experiment.attribution,
                *(self._digests[source] for source in experiment.sources),
            ]
        )

    def of(self, part: Part) -> str:
        if isinstance(part, Program):
            version = SYSTEMS.versioned(part.name)
            model = [self._reranker.identity] if self._reranker and part.name == CLOSER else []
            return _hash([version, code_digest(), SCHEMA_VERSION, *model, *self.contents(part)])
        if isinstance(part, Fusion):
            fused = [self.of(one) for one in part.experiments]
            return _hash([FUSIONS.versioned(part.method), *fused])
        return _hash([self.index(part), *part.parts()])


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query: its key, its text, and the numbers of the relevant TikToks with their grades."""

    key: str
    text: str
    judged: Mapping[int, int]


@dataclass(frozen=True)
class _Batch:
    """Experiments with one tokenisation, or with passages, that lack the same queries."""

    tokenisation: str
    queries: tuple[JudgedQuery, ...]
    experiments: list[Experiment] = field(default_factory=list)

    @property
    def has_terms(self) -> bool:
        return self.tokenisation != PASSAGES

    @property
    def texts(self) -> list[str]:
        return [query.text for query in self.queries]


@dataclass
class _Found:
    """The results of a batch."""

    rankings: dict[Experiment, list[Ranking]] = field(default_factory=dict)
    scores: dict[Experiment, np.ndarray] = field(default_factory=dict)
    facts: dict[Experiment, IndexFacts] = field(default_factory=dict)
    seconds: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))


class Run:
    """Runs the part of a grid that `store` lacks, on a corpus and for some queries.

    encoder: the model that reads texts, if any experiment needs it. reranker: the second pass of
    the search, if a system needs it. show: receives all scores that are computed. missing: for each
    part of the grid, the queries without a cell. seconds: how long each tokenisation and index took
    to build, and each experiment to rank for one query.
    """

    def __init__(
        self,
        grid: Grid,
        corpus: Corpus,
        queries: Sequence[JudgedQuery],
        store: CellStore,
        encoder: Encoder | None = None,
        reranker: Reranker | None = None,
        show: Show | None = None,
    ) -> None:
        self._grid, self._corpus, self._store = grid, corpus, store
        self._queries, self._encoder, self._reranker = queries, encoder, reranker
        self._show = show
        self.keys = Keys(corpus, encoder, reranker)
        self.missing: dict[Part, list[JudgedQuery]] = {}
        for part in grid.parts():
            known = store.ranks(self.keys.of(part))
            self.missing[part] = [query for query in queries if query.key not in known]
        self.seconds: dict[str, dict[str, float]] = defaultdict(dict)

    def compute(self, database: Path, threads: int = 1) -> None:
        """Compute the missing cells, and add them to the store. database: for systems to search."""
        scores = self._run_experiments(threads)
        for fusion in self._grid.fusions:
            if self.missing[fusion]:
                asked = self.missing[fusion]
                found = self._rank(fusion, asked, _fuse(fusion, asked, scores))
                with self._store.transaction():
                    self._keep(fusion, zip(asked, found, strict=True))
        for system in self._grid.systems:
            if self.missing[system]:
                start = time.perf_counter()
                asked = self.missing[system]
                find = SYSTEMS.find(system.name)(database, self._reranker)
                found = self._rank(system, asked, _ask(find, asked, self._corpus))
                taken = (time.perf_counter() - start) / len(asked)
                self.seconds["experiments"][system.name] = taken
                with self._store.transaction():
                    self._keep(system, zip(asked, found, strict=True))

    def _run_experiments(self, threads: int) -> "_Scores":
        """Run the experiments, and return the scores that the fusions need."""
        unfused = [fusion for fusion in self._grid.fusions if self.missing[fusion]]
        fused = {part for fusion in unfused for part in fusion.experiments}
        scores: _Scores = {}
        batches = _make_batches(self._grid, self._queries, self.missing)
        with ThreadPoolExecutor(threads) as pool:
            of_terms = {
                pool.submit(self._run_batch, batch, self._term_ranker, fused): batch
                for batch in batches
                if batch.has_terms
            }
            for future in as_completed(of_terms):
                scores |= self._keep_batch(of_terms[future], future.result())
        # One after the other, in this thread: the model has its own threads, the store only one.
        for batch in batches:
            if not batch.has_terms:
                found = self._run_batch(batch, self._passage_ranker, fused)
                scores |= self._keep_batch(batch, found)
        return scores

    def _run_batch(
        self, batch: _Batch, make_ranker: Callable[[_Batch], Ranker], fused: set[Experiment]
    ) -> _Found:
        """Rank for all experiments of a batch; keep the scores of those that are `fused`."""
        found = _Found()
        start = time.perf_counter()
        ranker = make_ranker(batch)
        found.seconds["tokenisations"][batch.tokenisation] = time.perf_counter() - start
        measured: set[str] = set()
        for experiment in batch.experiments:
            start = time.perf_counter()
            if experiment.index not in measured:
                measured.add(experiment.index)
                found.facts[experiment] = ranker.measure(experiment)
                found.seconds["indexes"][experiment.index] = time.perf_counter() - start
                start = time.perf_counter()
            scores = ranker.scores(experiment)
            found.rankings[experiment] = self._rank(experiment, batch.queries, scores)
            taken = (time.perf_counter() - start) / len(batch.queries)
            found.seconds["experiments"][experiment.name] = taken
            if experiment in fused:
                found.scores[experiment] = scores
        return found

    def _term_ranker(self, batch: _Batch) -> Ranker:
        counts = count_terms(self._corpus, batch.tokenisation)
        return TermRanker(counts, batch.texts)

    def _passage_ranker(self, batch: _Batch) -> Ranker:
        return PassageRanker(self._corpus, batch.texts, _needed(self._encoder), self._store)

    def _rank(
        self, part: Part, queries: Sequence[JudgedQuery], scores: np.ndarray
    ) -> list[Ranking]:
        """Rank the relevant TikToks. scores: queries x documents."""
        if self._show:
            self._show(part, scores)
        return rank_relevant(scores, [query.judged for query in queries])

    def _keep_batch(self, batch: _Batch, found: _Found) -> "_Scores":
        """Store the results of a batch, and return the scores that it kept for fusions."""
        with self._store.transaction():
            for experiment, rankings in found.rankings.items():
                self._keep(experiment, zip(batch.queries, rankings, strict=True))
            for experiment, facts in found.facts.items():
                self._store.add_facts(self.keys.index(experiment), facts)
        for kind, measured in found.seconds.items():
            self.seconds[kind].update(measured)
        keys = [query.key for query in batch.queries]
        return {part: (keys, matrix) for part, matrix in found.scores.items()}

    def _keep(self, part: Part, found: Iterable[tuple[JudgedQuery, Ranking]]) -> None:
        ids = self._corpus.quoted_ids
        cells = {
            query.key: Cell(
                ranking.rank,
                ranking.score,
                ranking.average_precision,
                ranking.ndcg,
                f"[{', '.join([ids[number] for number in ranking.top])}]",
            )
            for query, ranking in found
        }
        self._store.add(self.keys.of(part), self.keys.contents(part), cells)


# For each experiment: the keys of queries, and a row of scores for each query.
_Scores = dict[Experiment, tuple[list[str], np.ndarray]]


def _make_batches(
    grid: Grid, queries: Sequence[JudgedQuery], missing: Mapping[Part, list[JudgedQuery]]
) -> Sequence[_Batch]:
    """Group the missing experiments by tokenisation and queries. Fusions may need a second run."""
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
    return list(batches.values())


def _fuse(fusion: Fusion, queries: Sequence[JudgedQuery], scores: _Scores) -> np.ndarray:
    """queries x documents."""
    parts = []
    for experiment in fusion.experiments:
        keys, matrix = scores[experiment]
        row = {key: number for number, key in enumerate(keys)}
        parts.append(matrix[[row[query.key] for query in queries]])
    return FUSIONS.find(fusion.method)(parts).astype(np.float32)


def _ask(find: Find, queries: Sequence[JudgedQuery], corpus: Corpus) -> np.ndarray:
    """queries x documents."""
    scores = np.zeros((len(queries), len(corpus.ids)), np.float32)
    for row, query in zip(scores, queries, strict=True):
        for id, score in find(query.text):
            row[corpus.numbers[id]] = score
    return scores


def _needed(encoder: Encoder | None) -> Encoder:
    """The encoder. A grid with passages always has one."""
    if encoder is None:
        raise ValueError("the grid has passages, and there is no encoder")
    return encoder


def _hash(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
