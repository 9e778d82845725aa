"""Measure the effect of each source, and of each other factor, on the rank of the target.

Each system is compared only with systems that are otherwise the same, because a grid need not be
complete: a mean over all systems with BM25 would also depend on what BM25 was combined with.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from scripts.experiments.metrics import Ranks, interval, resamples

WITH, WITHOUT = "with", "without"
_COMPONENTS = (
    "tokenisation",
    "attribution",
    "term_weighting",
    "collection_weighting",
    "normalisation",
    "expansion",
    "fusion",
    "dense",
)


class Value(NamedTuple):
    """A number and its 95 % interval. Undefined values are None."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def number(self) -> float:
        """The value of a measure that is always defined, such as MRR."""
        if self.value is None:
            raise ValueError("this measure is not defined here")
        return self.value


@dataclass(frozen=True)
class System:
    """An experiment. sources: of its index. levels: its level of each factor; {} for fusions."""

    id: int
    name: str
    sources: frozenset[str]
    levels: dict[str, str]


@dataclass(frozen=True)
class Effect:
    """The mean MRR at each level of a factor, over `blocks` of systems that differ only in it.

    left_out: levels without such systems. difference: the second level minus the first, with its
    interval, if there are two levels.
    """

    factor: str
    levels: list[str]
    values: list[float]
    low: list[float]
    high: list[float]
    blocks: int
    left_out: list[str]
    difference: Value | None


@dataclass(frozen=True)
class Interaction:
    """The mean MRR at each pair of levels of two factors (rows, columns).

    size: the root mean square of what remains after the effects of both factors are subtracted.
    """

    factors: tuple[str, str]
    levels: tuple[list[str], list[str]]
    values: np.ndarray
    size: float


def read_systems(db: sqlite3.Connection) -> dict[int, System]:
    """Return all experiments by id. A source is a factor with the levels `with` and `without`."""
    rows = db.execute(
        f"SELECT experiment_id, name, sources, {', '.join(_COMPONENTS)} "  # noqa: S608 (names)
        "FROM experiments LEFT JOIN indexes USING (index_id) ORDER BY experiment_id"
    ).fetchall()
    sources_of = {
        id: frozenset(filter(None, (sources or "").split("+"))) for id, _, sources, *_ in rows
    }
    all_sources = sorted(frozenset().union(*sources_of.values()))
    systems = {}
    for id, name, _, *components in rows:
        sources = sources_of[id]
        levels = {source: WITH if source in sources else WITHOUT for source in all_sources}
        for factor, level in zip(_COMPONENTS, components, strict=True):
            levels[factor] = _attribution(level) if factor == "attribution" else level or "none"
        systems[id] = System(id, name, sources, levels if sources else {})
    return systems


def factors_of(systems: Iterable[System]) -> tuple[list[str], list[str]]:
    """Return the sources and the other factors in which these systems differ."""
    levels: dict[str, set[str]] = {}
    for system in systems:
        for factor, level in system.levels.items():
            levels.setdefault(factor, set()).add(level)
    differing = [factor for factor, found in levels.items() if len(found) > 1]
    others = [factor for factor in differing if factor in _COMPONENTS]
    return [factor for factor in differing if factor not in _COMPONENTS], others


def find_effect(systems: dict[int, System], found: Ranks, factor: str) -> Effect | None:
    """Return the effect of a factor; None if no two systems differ only in this factor."""
    blocks, (levels,) = _blocks(systems, found, (factor,))
    if not len(blocks):
        return None
    gains = found.reciprocal()[blocks].mean(axis=0)  # levels by queries
    low, high = bounds(gains)
    all_levels = {system.levels[factor] for system in systems.values() if system.levels}
    difference = None
    if len(levels) == 2:
        between = gains[1:] - gains[:1]
        difference = Value(float(between.mean()), *(float(bound[0]) for bound in bounds(between)))
    return Effect(
        factor,
        levels,
        gains.mean(axis=1).tolist(),
        low.tolist(),
        high.tolist(),
        len(blocks),
        sorted(all_levels - set(levels)),
        difference,
    )


def interactions(
    systems: dict[int, System], found: Ranks, factors: Sequence[str]
) -> list[Interaction]:
    """Return the interaction of each pair of factors, the largest first."""
    scores = found.reciprocal().mean(axis=1)
    pairs = []
    for pair in combinations(factors, 2):
        blocks, levels = _blocks(systems, found, pair)
        if not len(blocks):
            continue
        shape = tuple(map(len, levels))
        values = scores[blocks].mean(axis=0).reshape(shape)
        rows, columns = values.mean(axis=1, keepdims=True), values.mean(axis=0, keepdims=True)
        rest = values - rows - columns + values.mean()
        size = float(np.sqrt((rest**2).mean()))
        pairs.append(Interaction(pair, (levels[0], levels[1]), values, size))
    return sorted(pairs, key=lambda pair: (-round(pair.size, 9), pair.factors))


def bounds(gains: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds of the mean of each row, over samples of the queries."""
    queries = gains.shape[1]
    return interval(gains @ resamples(queries).T / queries)


def _blocks(
    systems: dict[int, System], found: Ranks, factors: tuple[str, ...]
) -> tuple[np.ndarray, tuple[list[str], ...]]:
    """Return blocks x cells, and the levels of each factor that the cells combine.

    A block consists of systems that differ only in these factors; it contains their rows in
    `found.ranks`. A cell is a combination of levels. Of the possible sets of levels, the one that
    keeps the most systems is chosen.
    """
    groups: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}
    for row, id in enumerate(found.systems):
        levels = systems[id].levels
        if levels:
            rest = tuple(level for factor, level in levels.items() if factor not in factors)
            groups.setdefault(rest, {})[tuple(levels[factor] for factor in factors)] = row
    covered: Counter[tuple[tuple[str, ...], ...]] = Counter()
    for cells in groups.values():
        covered[_levels(cells)] += len(cells)
    for candidate, _ in sorted(covered.items(), key=lambda item: (-item[1], item[0])):
        wanted = list(product(*candidate))
        blocks = [
            [cells[cell] for cell in wanted]
            for cells in groups.values()
            if all(cell in cells for cell in wanted)
        ]
        if blocks and all(len(levels) > 1 for levels in candidate):
            return np.array(blocks), tuple(map(list, candidate))
    return np.empty((0, 0), int), tuple([] for _ in factors)


def _levels(cells: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """The levels of each factor that occur, with `without` or `none` first."""
    first = {WITHOUT: 0, "none": 0}
    return tuple(
        tuple(sorted(set(levels), key=lambda level: (first.get(level, 1), by_length(level))))
        for levels in zip(*cells, strict=True)
    )


def by_length(level: str) -> tuple[str, int]:
    """A sort key that orders n-grams of one kind by length: ("-grams-in-words", 4)."""
    number = re.search("[0-9]+", level)
    return level.replace(number[0], "", 1) if number else level, int(number[0]) if number else 0


def _attribution(value: int | None) -> str:
    return "by field" if value else "together"
