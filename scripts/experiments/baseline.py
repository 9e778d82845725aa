"""Compare all systems with the one that `experiments.baseline` names."""

import sqlite3
from dataclasses import dataclass

from scripts.experiments.effects import System, Value
from scripts.experiments.metrics import BASELINE


@dataclass(frozen=True)
class Comparison:
    """A system and the baseline. difference: between their MRRs. p: corrected."""

    baseline: System
    system: System
    difference: Value
    p: float


def read_comparisons(
    results: sqlite3.Connection, systems: dict[int, System], collection: str
) -> list[Comparison]:
    """Compare each system with the baseline, the best first; [] without a baseline."""
    rows = results.execute(
        "SELECT other_id, experiment_id, difference, low, high, p_corrected FROM comparisons "
        "WHERE collection = ? AND role = ? AND experiment_id <> other_id "
        "ORDER BY difference DESC, experiment_id",
        (collection, BASELINE),
    )
    return [
        Comparison(systems[other], systems[system], Value(*difference), p)
        for other, system, *difference, p in rows
    ]
