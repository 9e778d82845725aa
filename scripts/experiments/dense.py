"""Dense vectors: documents and queries as points, compared by the cosine of their angle.

Those of `lsi` are made of the weights of terms, those of `embeddings` by a language model, of
passages of the texts themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from scripts.experiments.passages import Passages
from scripts.experiments.registry import Registry

EMBEDDINGS = "embeddings"
DIMENSIONS = 128
ITERATIONS = 4
SEED = 20221130

# Each gives scores, queries x documents, and is given what it compares.
DENSE: Registry[Callable[..., np.ndarray]] = Registry("dense component")


@dataclass(frozen=True)
class TermVectors:
    """What vectors can be made of: the weighted terms of the documents and of the queries."""

    documents: Callable[[], sparse.csr_array]
    queries: Callable[[], sparse.csr_array]


@DENSE.add("lsi")
def lsi(compared: TermVectors) -> np.ndarray:
    """Latent semantic indexing: the documents, of the length 1 each, in the space of their 128
    strongest directions, or half as many as there are documents (Deerwester et al., Indexing by
    latent semantic analysis, 1990).

    The terms' weights are those of the experiment. The directions are found by subspace iteration
    (Halko et al., Finding structure with randomness, 2011) from a start that is always the same,
    and all that it found are taken: where several are equally strong, to choose some would be
    chance. So are the last digits, which depend on the processor: six decimals are kept.
    """
    documents, queries = compared.documents(), compared.queries()
    lengths = np.sqrt(documents.power(2).sum(axis=1))
    unit = sparse.diags_array(1 / np.where(lengths > 0, lengths, 1)).tocsr() @ documents
    dimensions = min(DIMENSIONS, max(unit.shape[0] // 2, 1))
    start = np.random.default_rng(SEED).standard_normal((unit.shape[0], dimensions))
    directions = np.linalg.qr(start)[0]
    for _ in range(ITERATIONS):
        directions = np.linalg.qr(_similarities(unit, directions))[0]
    strengths, rotation = np.linalg.eigh(directions.T @ _similarities(unit, directions))
    is_real = strengths > strengths.max() * 1e-9
    directions, strengths = (directions @ rotation)[:, is_real], np.sqrt(strengths[is_real])
    asked = (queries @ unit.T).toarray() @ (directions / strengths)
    # Adding 0 leaves no -0.
    return np.asarray(np.round(_unit(asked) @ _unit(directions * strengths).T, 6) + 0.0)


@DENSE.add(EMBEDDINGS)
def embeddings(passages: Passages, queries: np.ndarray) -> np.ndarray:
    """The cosine of the passage that is most like the query, plus that of the mean of the
    document's passages. queries: queries x dimensions.

    How a model adds up depends on the processor: four decimals are kept.
    """
    shape = len(queries), passages.documents
    best, means = np.zeros(shape), np.zeros((passages.documents, queries.shape[1]))
    owners, starts = np.unique(passages.owners, return_index=True)
    if len(owners):
        cosines = queries @ passages.vectors.T
        best[:, owners] = np.maximum.reduceat(cosines, starts, axis=1)
        means[owners] = np.add.reduceat(passages.vectors, starts)
    return np.asarray(np.round(best + queries @ _unit(means).T, 4) + 0.0)


def _similarities(unit: sparse.csr_array, vectors: np.ndarray) -> np.ndarray:
    """The documents' similarities (unit times its transpose) times vectors, a few at a time: in
    between, each is as long as the vocabulary.
    """
    pieces = np.array_split(vectors, max(vectors.shape[1] // 8, 1), axis=1)
    return np.hstack([unit @ (unit.T @ piece) for piece in pieces])


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)
