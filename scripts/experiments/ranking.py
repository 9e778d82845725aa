"""Score all documents for all queries, and rank the relevant ones.

Scores are rounded to 32 bits, so documents whose terms have the same weights have the same score,
in whatever order the weights were added. Equal scores rank in order of id. A document with the
score 0 is not found; if scores can be negative (`probabilistic`), such documents come last.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import pairwise
from operator import add
from typing import NamedTuple, Protocol

import numpy as np
from scipy import sparse

from scripts.experiments.cells import CellStore
from scripts.experiments.corpus import Corpus
from scripts.experiments.dense import DENSE, TermVectors
from scripts.experiments.encoder import Encoder
from scripts.experiments.expansion import EXPANSIONS
from scripts.experiments.grid import Experiment
from scripts.experiments.indexing import IndexFacts, TermCounts, TermMatrix, measure_index
from scripts.experiments.passages import Passages, PassageVectors
from scripts.experiments.registry import NONE
from scripts.experiments.weighting import (
    COLLECTION_WEIGHTINGS,
    NORMALISATIONS,
    TERM_WEIGHTINGS,
    Sizes,
)

TOP = 10
NDCG_DEPTH = 10
_DIGITS = 9  # further digits depend on the processor


class Ranker(Protocol):
    """Runs experiments that process texts in the same way, for some queries."""

    def measure(self, experiment: Experiment) -> IndexFacts:
        """How large its index is."""

    def scores(self, experiment: Experiment) -> np.ndarray:
        """queries x documents."""


class TermRanker:
    """Runs experiments of one tokenisation.

    Run experiments of one index one after the other: they share data until the next index.
    """

    def __init__(self, counts: TermCounts, queries: Sequence[str]) -> None:
        self._counts = counts
        self._queries = counts.queries(queries)
        # Most scores need only the columns of the queries' terms.
        terms = np.unique(self._queries.indices)
        self._narrow_counts = counts.only(terms)
        self._narrow_queries = self._queries[:, terms]
        self._of_one_source: dict[str, _WeightedMatrix] = {}
        self._index = ""
        self._matrices: list[_WeightedMatrix] = []

    def measure(self, experiment: Experiment) -> IndexFacts:
        """How large its index is."""
        return measure_index([matrix.full for matrix in self._find_matrices(experiment)])

    def scores(self, experiment: Experiment) -> np.ndarray:
        """queries x documents."""
        matrices = self._find_matrices(experiment)
        weighting = experiment.term_weighting, experiment.collection_weighting
        if experiment.dense != NONE:
            compared = TermVectors(
                lambda: sparse.csr_array(sparse.hstack([b.weights(*weighting) for b in matrices])),
                lambda: sparse.csr_array(sparse.hstack([self._queries] * len(matrices))),
            )
            return _single(DENSE.find(experiment.dense)(compared))
        sizes = Sizes(
            squares=lambda: _sum(matrix.squares(*weighting) for matrix in matrices),
            lengths=lambda: _sum(matrix.full.lengths for matrix in matrices),
            distinct=lambda: _sum(np.diff(matrix.full.counts.indptr) for matrix in matrices),
        )
        divisor = NORMALISATIONS.find(experiment.normalisation)(sizes)
        divisor = np.where(divisor > 0, divisor, 1)
        scores = _single(_sum(matrix.scores(*weighting) for matrix in matrices) / divisor)
        if experiment.expansion == NONE:
            return scores
        expand = EXPANSIONS.find(experiment.expansion)
        expanded = (
            matrix.scores_of(expand(self._queries, scores, matrix.full), *weighting)
            for matrix in matrices
        )
        return _single(_sum(expanded) / divisor)

    def _find_matrices(self, experiment: Experiment) -> list["_WeightedMatrix"]:
        if self._index != experiment.index:
            self._index = experiment.index
            self._matrices = self._make_matrices(experiment.sources, experiment.attribution)
        return self._matrices

    def _make_matrices(
        self, sources: tuple[str, ...], attribution: bool
    ) -> list["_WeightedMatrix"]:
        if len(sources) > 1 and attribution:
            return [matrix for source in sources for matrix in self._make_matrices((source,), True)]
        if len(sources) == 1 and sources[0] in self._of_one_source:
            return [self._of_one_source[sources[0]]]
        full, narrow = (counts.matrix(sources) for counts in (self._counts, self._narrow_counts))
        matrix = _WeightedMatrix(full, narrow, self._narrow_queries)
        if len(sources) == 1:
            self._of_one_source[sources[0]] = matrix
        return [matrix]


class PassageRanker:
    """Runs experiments in which a model reads the texts."""

    def __init__(
        self, corpus: Corpus, queries: Sequence[str], encoder: Encoder, store: CellStore
    ) -> None:
        self._corpus = corpus
        self._queries = encoder.encode(queries)
        self._vectors = PassageVectors(encoder.encode, encoder.identity, store)
        self._index = ""
        self._passages: Passages | None = None

    def measure(self, experiment: Experiment) -> IndexFacts:
        passages = self._find_passages(experiment)
        count, dimensions = passages.vectors.shape
        return IndexFacts(passages.documents, dimensions, count, passages.vectors.nbytes)

    def scores(self, experiment: Experiment) -> np.ndarray:
        compare = DENSE.find(experiment.dense)
        return _single(compare(self._find_passages(experiment), self._queries))

    def _find_passages(self, experiment: Experiment) -> Passages:
        if self._passages is None or self._index != experiment.index:
            self._index = experiment.index
            self._passages = self._vectors.read(self._corpus, experiment.sources)
        return self._passages


class _WeightedMatrix:
    """A matrix, and values that several weightings or indexes need, each computed once."""

    def __init__(self, full: TermMatrix, narrow: TermMatrix, queries: sparse.csr_array) -> None:
        self.full = full
        self._narrow = narrow
        self._queries = queries
        self._transposed: dict[str, sparse.csr_array] = {}
        self._squares: dict[tuple[str, str], np.ndarray] = {}
        self._scores: dict[tuple[str, str], np.ndarray] = {}
        self._last_squared: tuple[str, sparse.csr_array] | None = None

    def scores(self, term: str, collection: str) -> np.ndarray:
        """Scores for the queries themselves: queries x documents."""
        if (term, collection) not in self._scores:
            if term not in self._transposed:
                weights = TERM_WEIGHTINGS.find(term)(self._narrow)
                self._transposed[term] = weights.T.tocsr()
            queries = _times(self._queries, self._factors(self._narrow, collection))
            self._scores[term, collection] = (queries @ self._transposed[term]).toarray()
        return self._scores[term, collection]

    def scores_of(self, queries: sparse.csr_array, term: str, collection: str) -> np.ndarray:
        """Scores for other queries (queries x all terms): queries x documents."""
        scores = queries @ self.weights(term, collection).T
        return np.asarray(scores.toarray())

    def squares(self, term: str, collection: str) -> np.ndarray:
        """For each document, the sum of the squares of the weights of its terms."""
        if (term, collection) not in self._squares:
            if self._last_squared is None or self._last_squared[0] != term:
                self._last_squared = term, TERM_WEIGHTINGS.find(term)(self.full).power(2)
            factors = self._factors(self.full, collection)
            self._squares[term, collection] = self._last_squared[1] @ factors**2
        return self._squares[term, collection]

    def weights(self, term: str, collection: str) -> sparse.csr_array:
        """The weights: documents x terms."""
        weights = TERM_WEIGHTINGS.find(term)(self.full)
        return _times(weights, self._factors(self.full, collection))

    @staticmethod
    def _factors(matrix: TermMatrix, collection: str) -> np.ndarray:
        weigh = COLLECTION_WEIGHTINGS.find(collection)
        return weigh(matrix.document_frequencies, matrix.documents)


def _times(matrix: sparse.csr_array, factors: np.ndarray) -> sparse.csr_array:
    """Multiply each column by its factor."""
    data = matrix.data * factors[matrix.indices]
    return sparse.csr_array((data, matrix.indices, matrix.indptr), matrix.shape)


def _sum(arrays: Iterable[np.ndarray]) -> np.ndarray:
    return reduce(add, arrays)


def _single(scores: np.ndarray) -> np.ndarray:
    return scores.astype(np.float32)


class Ranking(NamedTuple):
    """The rank of a query's first relevant document (from 1; None: not found), and its score.

    average_precision: of all relevant documents. ndcg: of the first ten documents, with the grade
    as the gain. top: the numbers of the best documents.
    """

    rank: int | None
    score: float
    average_precision: float
    ndcg: float
    top: tuple[int, ...]


def rank_relevant(scores: np.ndarray, judged: Sequence[Mapping[int, int]]) -> list[Ranking]:
    """The ranking of each query.

    scores: queries x documents. judged: for each query, the numbers of relevant documents, with
    their grades.
    """
    sizes = [len(grades) for grades in judged]
    rows = np.repeat(np.arange(len(judged)), sizes)
    numbers = np.array([number for grades in judged for number in grades])
    own = scores[rows, numbers][:, None]
    others = scores[rows]
    ahead = (others > own) & (others != 0)
    ties = (others == own) & (np.arange(scores.shape[1]) < numbers[:, None])
    ranks = np.where(own[:, 0] == 0, np.inf, 1 + np.count_nonzero(ahead | ties, axis=1)).tolist()
    ends = np.cumsum([0, *sizes])
    return [
        _ranking(ranks[start:end], own[start:end, 0].tolist(), list(grades.values()), best)
        for (start, end), grades, best in zip(
            pairwise(ends), judged, best_documents(scores, TOP), strict=True
        )
    ]


def _ranking(
    ranks: list[float], scores: list[float], grades: list[int], top: tuple[int, ...]
) -> Ranking:
    """The ranking of a query. ranks, scores, grades: of its relevant documents."""
    rank, score = min(zip(ranks, scores, strict=True))
    if math.isinf(rank):
        return Ranking(None, 0.0, 0.0, 0.0, top)
    precisions = [place / rank for place, rank in enumerate(sorted(ranks), 1)]
    gains = [_gain(rank, grade) for rank, grade in zip(ranks, grades, strict=True)]
    best_gains = [_gain(place, grade) for place, grade in enumerate(sorted(grades)[::-1], 1)]
    average_precision = round(sum(precisions) / len(ranks), _DIGITS)
    return Ranking(
        int(rank), score, average_precision, round(sum(gains) / sum(best_gains), _DIGITS), top
    )


def _gain(rank: float, grade: int) -> float:
    return grade / math.log2(rank + 1) if rank <= NDCG_DEPTH else 0.0


def best_documents(scores: np.ndarray, count: int) -> list[tuple[int, ...]]:
    """For each query, the numbers of the `count` best documents that were found, best first."""
    # Documents that were not found come last, even if the other scores are negative.
    scores = np.where(scores == 0, -np.inf, scores)
    lowest = _low_bound(scores, count)
    query, document = np.nonzero((scores >= lowest[:, None]) & np.isfinite(scores))
    order = np.lexsort((document, -scores[query, document], query))
    ends = np.searchsorted(query[order], np.arange(len(scores) + 1))
    return [tuple(document[order[start:end][:count]].tolist()) for start, end in pairwise(ends)]


def _low_bound(scores: np.ndarray, count: int) -> np.ndarray:
    """A bound that at least `count` scores of each query reach, from the best scores of groups.

    Finding the exact score of the last one would take most of the time of a ranking.
    """
    queries, documents = scores.shape
    groups = max(count, math.isqrt(documents))
    missing = -documents % groups
    filled = np.pad(scores, ((0, 0), (0, missing)), constant_values=-np.inf)
    best = filled.reshape(queries, -1, groups).max(axis=1)
    return np.partition(best, -count, axis=1)[:, -count]
