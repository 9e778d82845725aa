"""Fusions: combine the rankings of several experiments.

Each fusion takes the scores of its parts (queries x documents; 0: not found) and returns its own.
"""

from collections.abc import Callable, Sequence

import numpy as np

from scripts.experiments.registry import Registry

FUSIONS: Registry[Callable[[Sequence[np.ndarray]], np.ndarray]] = Registry("fusion")
RANK_CONSTANT = 60


@FUSIONS.add("reciprocal-rank")
def reciprocal_rank(parts: Sequence[np.ndarray]) -> np.ndarray:
    """The sum of 1 / (60 + rank), over the parts that find the document (Cormack et al., Reciprocal
    rank fusion outperforms Condorcet, 2009).
    """
    total = np.zeros(parts[0].shape)
    for scores in parts:
        order = np.argsort(-scores, axis=1, kind="stable")
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.arange(1, scores.shape[1] + 1)[None], axis=1)
        total += np.where(scores != 0, 1 / (RANK_CONSTANT + ranks), 0)
    return total


@FUSIONS.add("score-sum")
def score_sum(parts: Sequence[np.ndarray]) -> np.ndarray:
    """The sum of the scores, each divided by the best one of its part."""
    return np.asarray(np.sum([_scaled(scores) for scores in parts], axis=0))


def _scaled(scores: np.ndarray) -> np.ndarray:
    best = np.abs(scores).max(axis=1, keepdims=True)
    return scores / np.where(best > 0, best, 1)
