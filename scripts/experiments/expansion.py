"""Query expansions: add terms of the documents that the query itself ranks first.

Each expansion takes the queries (queries x terms, 1 for each term), their scores (queries x
documents), and a matrix of the index. It returns the weights of each query's terms in that matrix.
"""

from collections.abc import Callable, Iterator

import numpy as np
from scipy import sparse

from scripts.experiments.indexing import TermMatrix
from scripts.experiments.registry import Registry

Expansion = Callable[[sparse.csr_array, np.ndarray, TermMatrix], sparse.csr_array]
EXPANSIONS: Registry[Expansion] = Registry("expansion")
FEEDBACK_DOCUMENTS = 10
FEEDBACK_TERMS = 10


@EXPANSIONS.add("rm3")
def rm3(queries: sparse.csr_array, scores: np.ndarray, matrix: TermMatrix) -> sparse.csr_array:
    """Half the query, and half the ten likeliest terms of the relevance model of its ten best
    documents: the sum of p(term | document) times the document's share of their scores. The weights
    of the ten terms add up to 1 (Abdul-Jaleel et al., UMass at TREC 2004).
    """
    own = sparse.csr_array(queries.multiply(1 / np.maximum(queries.sum(axis=1), 1)[:, None]))
    rows = []
    for found, points in _feedback(scores):
        shares = points / points.sum() / np.maximum(matrix.lengths[found], 1)
        columns, likely = _likeliest(shares @ matrix.counts[found])
        rows.append((columns, likely / max(likely.sum(), 1e-9)))
    return sparse.csr_array(_half(own) + _half(_stacked(rows, queries.shape)))


@EXPANSIONS.add("rocchio")
def rocchio(queries: sparse.csr_array, scores: np.ndarray, matrix: TermMatrix) -> sparse.csr_array:
    """The query, plus 0.75 times the ten heaviest terms of the mean of its ten best documents. A
    document is a vector of 1 + ln tf with the Euclidean length 1 (Rocchio, Relevance feedback in
    information retrieval, 1971).
    """
    rows = []
    for found, _ in _feedback(scores):
        documents = matrix.counts[found].astype(np.float64)
        documents.data = 1 + np.log(documents.data)
        lengths = np.sqrt(documents.power(2).sum(axis=1))
        means = 0.75 / np.maximum(lengths, 1) / max(len(found), 1)
        rows.append(_likeliest(means @ documents))
    return sparse.csr_array(queries + _stacked(rows, queries.shape))


def _feedback(scores: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each query, yield the best documents with a positive score, and their scores."""
    for row in scores:
        best = np.argsort(-row, kind="stable")[:FEEDBACK_DOCUMENTS]
        best = best[row[best] > 0]
        yield best, row[best]


def _likeliest(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The columns and weights of the largest weights, in ascending order of columns."""
    best = np.argsort(-weights, kind="stable")[:FEEDBACK_TERMS]
    best = np.sort(best[weights[best] > 0])
    return best, weights[best]


def _stacked(rows: list[tuple[np.ndarray, np.ndarray]], shape: tuple[int, int]) -> sparse.csr_array:
    ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    columns, weights = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    return sparse.csr_array((weights, columns, ends), shape)


def _half(matrix: sparse.csr_array) -> sparse.csr_array:
    return sparse.csr_array((matrix.data * 0.5, matrix.indices, matrix.indptr), matrix.shape)
