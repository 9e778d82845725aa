"""Analyse the experiments for the report: leaders, effects, comparisons and failures.

In: `results.db` with its metrics, and `tiktoks.db` for the texts. Queries whose target is no longer
in the corpus are counted, but not shown.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from scripts.experiments import effects
from scripts.experiments.baseline import Comparison, read_comparisons
from scripts.experiments.effects import Value
from scripts.experiments.findings import (
    Leader,
    MissedQuery,
    Pair,
    Question,
    RankPair,
    Standing,
    TagStanding,
)
from scripts.experiments.metrics import (
    BEST,
    COMBINED,
    COMBINED_OF,
    MRR,
    SEED,
    Z_SCORE,
    Ranks,
    read_ranks,
)
from scripts.experiments.texts import Document, read_documents
from scripts.queries.query_file import HUMAN

DEEP = 10  # a target below this rank counts as missed
FOLDS = 5


class Experiments:
    """The contents of `results.db`."""

    def __init__(self, results: sqlite3.Connection, corpus: sqlite3.Connection) -> None:
        self._db = results
        self._corpus = corpus
        self.systems = effects.read_systems(results)
        self._ids = {id for (id,) in corpus.execute("SELECT id FROM tiktoks")}
        ranks = read_ranks(results)
        names = sorted(ranks, key=lambda name: (name != HUMAN, name))
        self.collections = [Collection(self, name, ranks[name]) for name in names]

    @property
    def documents(self) -> int:
        """The number of TikToks in the corpus."""
        return len(self._ids)

    @cached_property
    def indexes(self) -> list[dict[str, Any]]:
        """All indexes, the smallest first. `name`: as in the timings."""
        rows = self._db.execute(
            "SELECT tokenisation || ' ' || sources || iif(attribution, ' by field', '') AS name, "
            "sources, tokenisation, attribution, documents, vocabulary, postings, size_bytes "
            "FROM indexes ORDER BY size_bytes, index_id"
        )
        names = [column[0] for column in rows.description]
        return [dict(zip(names, row, strict=True)) for row in rows]

    @cached_property
    def combined(self) -> list[tuple[effects.System, Value, list[Value]]]:
        """The systems by the combined measure, best first, with their MRR in its collections."""
        scores = {id: found[Z_SCORE] for id, found in self.values(COMBINED).items()}
        ordered = sorted(
            (id for id in scores if scores[id].value is not None),
            key=lambda id: (-scores[id].number, id),
        )
        parts = [self.values(name) for name in COMBINED_OF]
        return [(self.systems[id], scores[id], [part[id][MRR] for part in parts]) for id in ordered]

    @property
    def unordered(self) -> list[str]:
        """The collections in which all systems tie, so that there is no combined measure."""
        found = {collection.name: collection for collection in self.collections}
        if not found.keys() >= set(COMBINED_OF):
            return []
        return [name for name in COMBINED_OF if found[name].tied == len(found[name].standings)]

    @cached_property
    def agreement(self) -> list[tuple[str, str, float, int]]:
        """Two collections, Kendall's tau between their orders, and the number of shared systems."""
        from scipy.stats import kendalltau  # nothing else takes as long to import

        scores = {
            found.name: {line.system.id: line.values[MRR].number for line in found.standings}
            for found in self.collections
        }
        pairs = [(one, other) for one in scores for other in scores if one < other]
        if self.combined:
            scores[COMBINED] = {system.id: z.number for system, z, _ in self.combined}
            pairs += [(one, COMBINED) for one in scores if one not in (*COMBINED_OF, COMBINED)]
        agreement = []
        for one, other in pairs:
            shared = sorted(scores[one].keys() & scores[other].keys())
            both = [[scores[name][id] for id in shared] for name in (one, other)]
            tau = kendalltau(*both).statistic if len(shared) > 1 else np.nan
            if not np.isnan(tau):
                agreement.append((one, other, float(tau), len(shared)))
        return agreement

    def values(self, collection: str, tag: str = "") -> dict[int, dict[str, Value]]:
        """Return all metrics of each system, by its number."""
        rows = self._db.execute(
            "SELECT experiment_id, metric, value, low, high FROM metrics "
            "WHERE (collection, tag) = (?, ?) ORDER BY experiment_id, metric",
            (collection, tag),
        )
        values: dict[int, dict[str, Value]] = {}
        for id, metric, *numbers in rows:
            values.setdefault(id, {})[metric] = Value(*numbers)
        return values

    def corrected_p(self, collection: str) -> dict[int, float]:
        """Return the corrected p of each system except the best one."""
        rows = self._db.execute(
            "SELECT experiment_id, p_corrected FROM comparisons "
            "WHERE collection = ? AND role = ? AND experiment_id <> other_id",
            (collection, BEST),
        )
        return dict(rows)

    def against_baseline(self, collection: str) -> list[Comparison]:
        """Return how all systems compare with the baseline."""
        return read_comparisons(self._db, self.systems, collection)

    def questions(self, collection: str) -> dict[str, Question]:
        """Return the queries by key, without those whose target is no longer in the corpus."""
        tags: dict[str, list[str]] = {}
        for key, tag in self._db.execute("SELECT query_key, tag FROM query_tags ORDER BY 1, 2"):
            tags.setdefault(key, []).append(tag)
        rows = self._db.execute(
            "SELECT query_key, text, target, author FROM queries WHERE collection = ?",
            (collection,),
        )
        return {
            key: Question(text, target, author, tuple(tags.get(key, ())))
            for key, text, target, author in rows
            if target in self._ids
        }

    def has_several(self, collection: str) -> bool:
        """True if a query of the collection has several relevant TikToks."""
        query = (
            "SELECT EXISTS (SELECT 1 FROM judgements JOIN queries USING (query_key) "
            "WHERE collection = ? GROUP BY query_key HAVING count(*) > 1)"
        )
        return bool(self._db.execute(query, (collection,)).fetchone()[0])

    def tops(self, system: int) -> dict[str, str | None]:
        """Return a system's first result for each query, by the key of the query."""
        rows = self._db.execute(
            "SELECT query_key, json_extract(top, '$[0]') FROM ranking_results "
            "WHERE experiment_id = ?",
            (system,),
        )
        return dict(rows)

    def read_documents(self, ids: Iterable[str | None]) -> dict[str, Document]:
        """Return the texts of TikToks by id."""
        return read_documents(self._corpus, {id for id in ids if id})


class Collection:
    """The results for the queries of one origin."""

    def __init__(self, experiments: Experiments, name: str, found: Ranks) -> None:
        self._experiments = experiments
        self.name = name
        self.found = found
        self._questions = experiments.questions(name)
        self._rows = {id: row for row, id in enumerate(found.systems)}

    @property
    def queries(self) -> int:
        """The number of queries."""
        return len(self.found.queries)

    @property
    def left_out(self) -> int:
        """The number of queries whose target is no longer in the corpus: counted, but not shown."""
        return self.queries - len(self._questions)

    @property
    def not_run(self) -> list[str]:
        """The names of systems that were not run on these queries."""
        return [
            system.name for id, system in self._experiments.systems.items() if id not in self._rows
        ]

    @cached_property
    def standings(self) -> list[Standing]:
        """The leader board: all systems, best first; equal systems in the order of the grid."""
        values = self._experiments.values(self.name)
        p = self._experiments.corrected_p(self.name)
        systems = self._experiments.systems
        ordered = sorted(values, key=lambda id: (-values[id][MRR].number, id))
        places: dict[float, int] = {}
        for place, id in enumerate(ordered, 1):
            places.setdefault(values[id][MRR].number, place)
        return [
            Standing(places[values[id][MRR].number], systems[id], values[id], p.get(id))
            for id in ordered
        ]

    @property
    def best(self) -> Standing:
        """The best system; if several tie, the first in the grid."""
        return self.standings[0]

    @cached_property
    def against_baseline(self) -> list[Comparison]:
        """How all systems compare with the baseline."""
        return self._experiments.against_baseline(self.name)

    @cached_property
    def chosen(self) -> Value | None:
        """The cross-validated MRR of choosing the best system; None if there are too few queries.

        In each of five folds, the best system on four fifths of the queries is measured on the
        rest.
        """
        gains = self.found.reciprocal()
        systems, queries = gains.shape
        if systems < 2 or queries < FOLDS:
            return None
        fold = np.random.default_rng(SEED).permutation(queries) % FOLDS
        reached = np.empty(queries)
        for number in range(FOLDS):
            best = gains[:, fold != number].mean(axis=1).argmax()
            reached[fold == number] = gains[best, fold == number]
        low, high = effects.bounds(reached[None])
        return Value(float(reached.mean()), float(low[0]), float(high[0]))

    @cached_property
    def is_graded(self) -> bool:
        """True if several TikToks were judged for a query."""
        return self._experiments.has_several(self.name)

    @property
    def tied(self) -> int:
        """The number of systems with the highest MRR."""
        return sum(line.place == 1 for line in self.standings)

    @property
    def equals(self) -> int:
        """The number of other systems that do not differ significantly from the best one."""
        return sum(not line.is_worse for line in self.standings) - self.tied

    @cached_property
    def _differing(self) -> tuple[list[str], list[str]]:
        return effects.factors_of(self._experiments.systems[id] for id in self.found.systems)

    @cached_property
    def sources(self) -> list[effects.Effect]:
        """The effect of each source."""
        return self._effects(self._differing[0])

    @cached_property
    def factors(self) -> list[effects.Effect]:
        """The effect of each other factor."""
        return self._effects(self._differing[1])

    @cached_property
    def interactions(self) -> list[effects.Interaction]:
        """The interactions of all factors, the largest first."""
        factors = [*self._differing[0], *self._differing[1]]
        return effects.interactions(self._experiments.systems, self.found, factors)

    @cached_property
    def tags(self) -> list[TagStanding]:
        """The results for each tag."""
        lines = []
        for tag, chosen in self.found.tags.items():
            values = self._experiments.values(self.name, tag)
            of_best = values[self.best.system.id]
            lines.append(TagStanding(tag, int(chosen.sum()), of_best, self._leader(values)))
        return lines

    @cached_property
    def pairs(self) -> list[Pair]:
        """A pair for each source that only some systems use; the largest difference first."""
        pairs = filter(None, map(self._pair, self._differing[0]))
        return sorted(pairs, key=lambda pair: -abs(pair.difference.number))

    @cached_property
    def missed(self) -> int:
        """The number of targets that the best system ranks below `DEEP`, or does not find."""
        return int((self._best_ranks > DEEP).sum())

    @cached_property
    def failures(self) -> list[MissedQuery]:
        """The queries that the best system missed: first those not found, then the deepest."""
        ranks = self._best_ranks
        tops = self._experiments.tops(self.best.system.id)
        keys = [
            self.found.queries[place]
            for place in np.argsort(-ranks, kind="stable")[: self.missed]
            if self.found.queries[place] in self._questions
        ]
        targets = [self._questions[key].target for key in keys]
        documents = self._experiments.read_documents([*targets, *(tops[key] for key in keys)])
        rank_of = dict(zip(self.found.queries, ranks, strict=True))
        return [
            MissedQuery(
                self._questions[key],
                _rank(rank_of[key]),
                documents[target],
                documents.get(tops[key] or ""),
            )
            for key, target in zip(keys, targets, strict=True)
        ]

    @property
    def _best_ranks(self) -> np.ndarray:
        ranks: np.ndarray = self.found.ranks[self._rows[self.best.system.id]]
        return ranks

    def _effects(self, factors: Iterable[str]) -> list[effects.Effect]:
        systems = self._experiments.systems
        found = (effects.find_effect(systems, self.found, factor) for factor in factors)
        return [effect for effect in found if effect]

    def _leader(self, values: Mapping[int, dict[str, Value]]) -> Leader:
        """Return the best of these systems, by their metrics."""
        highest = max(found[MRR].number for found in values.values())
        first, *others = sorted(id for id in values if values[id][MRR].number == highest)
        return Leader(self._experiments.systems[first], values[first][MRR], len(others))

    def _pair(self, source: str) -> Pair | None:
        sides = [
            {
                line.system.id: line.values
                for line in self.standings
                if line.system.levels.get(source) == level
            }
            for level in (effects.WITH, effects.WITHOUT)
        ]
        if not all(sides):
            return None
        with_source, without = (self._leader(values) for values in sides)
        rows = [self._rows[leader.system.id] for leader in (with_source, without)]
        ranks = self.found.ranks[rows]
        between = 1 / ranks[0] - 1 / ranks[1]
        low, high = effects.bounds(between[None])
        order = np.argsort(-np.abs(between), kind="stable")
        won, lost = (
            [
                RankPair(self._questions[key], *map(_rank, ranks[:, place]))
                for place in order
                if between[place] * sign > 0
                and (key := self.found.queries[place]) in self._questions
            ]
            for sign in (1, -1)
        )
        difference = Value(float(between.mean()), float(low[0]), float(high[0]))
        return Pair(source, with_source, without, difference, between, won, lost)


def _rank(rank: float) -> int | None:
    return int(rank) if np.isfinite(rank) else None
