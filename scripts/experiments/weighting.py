"""Weightings: the weight of a term in a document, and how to compensate for documents' sizes.

The weight of a term in a document is its term weighting times its collection weighting. The score
of a document is the sum of the weights of the query's terms (each once), divided by the document's
normalisation. N is the number of documents, n the number of documents that contain the term, tf how
often a document contains it, and length the number of terms in a document. Sources:

[SB88] Salton and Buckley, Term-weighting approaches in automatic text retrieval, 1988.
[SBM96] Singhal, Buckley and Mitra, Pivoted document length normalization, 1996.
[RZ09] Robertson and Zaragoza, The probabilistic relevance framework: BM25 and beyond, 2009.
[LZ11] Lv and Zhai, Lower-bounding term frequency normalization, 2011.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from scipy import sparse

from scripts.experiments.indexing import TermMatrix
from scripts.experiments.registry import NONE, Registry

K1, B, DELTA = 1.2, 0.75, 1.0
SLOPE = 0.2  # [SBM96], both for the cosine and for the number of distinct terms

# Each takes the counts of terms, and returns a matrix with entries in the same places.
TERM_WEIGHTINGS: Registry[Callable[[TermMatrix], sparse.csr_array]] = Registry("term weighting")
# (number of documents with each term, number of documents) -> factor for each term.
COLLECTION_WEIGHTINGS: Registry[Callable[[np.ndarray, int], np.ndarray]] = Registry(
    "collection weighting"
)
# Each takes the sizes of documents, and returns the divisor of each document's score.
NORMALISATIONS: "Registry[Callable[[Sizes], np.ndarray]]" = Registry("normalisation")


# ---- Of a term in a document ----


@TERM_WEIGHTINGS.add("binary")
def binary(matrix: TermMatrix) -> sparse.csr_array:
    """1 [SB88, b]."""
    return replaced(matrix.counts, np.ones(matrix.counts.nnz))


@TERM_WEIGHTINGS.add("raw")
def raw(matrix: TermMatrix) -> sparse.csr_array:
    """tf [SB88, t]."""
    return replaced(matrix.counts, matrix.counts.data.astype(np.float64))


@TERM_WEIGHTINGS.add("log")
def log(matrix: TermMatrix) -> sparse.csr_array:
    """1 + ln tf [SBM96]."""
    return replaced(matrix.counts, 1 + np.log(matrix.counts.data))


@TERM_WEIGHTINGS.add("sqrt")
def sqrt(matrix: TermMatrix) -> sparse.csr_array:
    """The square root of tf, as in Lucene's classic similarity."""
    return replaced(matrix.counts, np.sqrt(matrix.counts.data))


@TERM_WEIGHTINGS.add("bm25")
def bm25(matrix: TermMatrix) -> sparse.csr_array:
    """tf (k1 + 1) / (tf + k1 (1 - b + b length / mean length)), k1 = 1.2, b = 0.75 [RZ09]."""
    tf = matrix.counts.data
    return replaced(matrix.counts, tf * (K1 + 1) / (tf + K1 * _per_posting(matrix)))


@TERM_WEIGHTINGS.add("bm25plus")
def bm25plus(matrix: TermMatrix) -> sparse.csr_array:
    """`bm25` plus 1, so that even in a long document, a term is worth more than no term [LZ11]."""
    weights = bm25(matrix)
    return replaced(weights, weights.data + DELTA)


@TERM_WEIGHTINGS.add("bm25f")
def bm25f(matrix: TermMatrix) -> sparse.csr_array:
    """tf (k1 + 1) / (tf + k1), where tf is the sum over sources s of tf_s / (1 - b + b length_s /
    mean length_s): lengths count within each source, and all sources weigh the same [RZ09].
    """
    parts = [TermMatrix([field]) for field in matrix.fields]
    tf = reduce(
        add, (replaced(part.counts, part.counts.data / _per_posting(part)) for part in parts)
    )
    return replaced(tf, tf.data * (K1 + 1) / (tf.data + K1))


def _per_posting(matrix: TermMatrix) -> np.ndarray:
    """1 - b + b length / mean length, for the document of each posting."""
    relative = matrix.lengths / max(matrix.lengths.mean(), 1)
    return np.repeat(1 - B + B * relative, np.diff(matrix.counts.indptr))


def replaced(matrix: sparse.csr_array, data: np.ndarray) -> sparse.csr_array:
    """A matrix with other entries in the same places."""
    return sparse.csr_array((data, matrix.indices, matrix.indptr), matrix.shape)


# ---- Of a term in the collection ----


@COLLECTION_WEIGHTINGS.add(NONE)
def no_collection_weight(frequencies: np.ndarray, documents: int) -> np.ndarray:
    """1 [SB88, x]."""
    return np.ones(len(frequencies))


@COLLECTION_WEIGHTINGS.add("idf")
def idf(frequencies: np.ndarray, documents: int) -> np.ndarray:
    """log2 (N / n) [SB88, f]."""
    return np.asarray(np.log2(documents / np.maximum(frequencies, 1)))


@COLLECTION_WEIGHTINGS.add("probabilistic")
def probabilistic(frequencies: np.ndarray, documents: int) -> np.ndarray:
    """log2 ((N - n) / n) [SB88, p]: negative if more than half of the documents contain the term.

    If all documents contain the term, N - n counts as 1/2, because 0 has no logarithm.
    """
    without = np.maximum(documents - frequencies, 0.5)
    return np.asarray(np.log2(without / np.maximum(frequencies, 1)))


@COLLECTION_WEIGHTINGS.add("robertson")
def robertson(frequencies: np.ndarray, documents: int) -> np.ndarray:
    """ln ((N - n + 0.5) / (n + 0.5)) [RZ09], but at least 10^-6, as in SQLite's FTS5."""
    odds = (documents - frequencies + 0.5) / (frequencies + 0.5)
    return np.maximum(np.log(odds), 1e-6)


@COLLECTION_WEIGHTINGS.add("lucene")
def lucene(frequencies: np.ndarray, documents: int) -> np.ndarray:
    """ln (1 + (N - n + 0.5) / (n + 0.5)), which is never negative, as in Lucene's BM25."""
    return np.log1p((documents - frequencies + 0.5) / (frequencies + 0.5))


# ---- Of a document ----


@dataclass(frozen=True)
class Sizes:
    """Measures of the documents' sizes: arrays with a number for each document.

    squares: returns the sum of the squares of the weights of the document's terms. lengths: the
    number of its terms. distinct: the number of its different terms.
    """

    squares: Callable[[], np.ndarray]
    lengths: Callable[[], np.ndarray]
    distinct: Callable[[], np.ndarray]


@NORMALISATIONS.add(NONE)
def no_normalisation(sizes: Sizes) -> np.ndarray:
    """1 [SB88, x]."""
    return np.ones(1)


@NORMALISATIONS.add("cosine")
def cosine(sizes: Sizes) -> np.ndarray:
    """The Euclidean length of the document's weights [SB88, c]."""
    return np.asarray(np.sqrt(sizes.squares()))


@NORMALISATIONS.add("pivoted")
def pivoted(sizes: Sizes) -> np.ndarray:
    """0.8 times the mean Euclidean length, plus 0.2 times the document's own [SBM96]."""
    return _pivot(np.sqrt(sizes.squares()))


@NORMALISATIONS.add("pivoted-unique")
def pivoted_unique(sizes: Sizes) -> np.ndarray:
    """0.8 times the mean number of distinct terms, plus 0.2 times the document's own [SBM96]."""
    return _pivot(sizes.distinct().astype(np.float64))


@NORMALISATIONS.add("length")
def length(sizes: Sizes) -> np.ndarray:
    """The number of terms in the document."""
    return sizes.lengths().astype(np.float64)


def _pivot(size: np.ndarray) -> np.ndarray:
    return np.asarray((1 - SLOPE) * size.mean() + SLOPE * size)
