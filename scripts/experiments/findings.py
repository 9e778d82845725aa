"""What the report says about systems and queries: places, leaders, pairs and missed queries."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from scripts.experiments.effects import System, Value
from scripts.experiments.texts import Document

SIGNIFICANT = 0.05


class Question(NamedTuple):
    """A query as somebody asked it."""

    text: str
    target: str
    author: str | None
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """A system in a leader board.

    place: from 1; systems with equal MRR have the same place. p: of the difference between this
    system and the best one, corrected.
    """

    place: int
    system: System
    values: dict[str, Value]
    p: float | None

    @property
    def is_worse(self) -> bool:
        """True if the system is significantly worse than the best one."""
        return self.p is not None and self.p < SIGNIFICANT


@dataclass(frozen=True)
class Leader:
    """The system with the highest MRR; if several tie, the first in the grid. ties: the others."""

    system: System
    mrr: Value
    ties: int


@dataclass(frozen=True)
class TagStanding:
    """The queries with a tag: the metrics of the best system overall, and the best one for them."""

    tag: str
    queries: int
    values: dict[str, Value]
    first: Leader


@dataclass(frozen=True)
class RankPair:
    """A query, and the ranks of its target in two systems; None if it was not found."""

    question: Question
    with_source: int | None
    without: int | None


@dataclass(frozen=True)
class Pair:
    """The best system with a source, and the best one without.

    difference: of MRR. differences: of the reciprocal rank of each query.
    """

    source: str
    with_source: Leader
    without: Leader
    difference: Value
    differences: np.ndarray
    won: list[RankPair]
    lost: list[RankPair]


@dataclass(frozen=True)
class MissedQuery:
    """A query that the best system missed. top: its first result, or None if it found nothing."""

    question: Question
    rank: int | None
    target: Document
    top: Document | None
