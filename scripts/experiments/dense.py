"""Dense vectors: documents and queries as points, compared by the cosine of their angle.

`lsi` computes them from the weights of terms. `embeddings` gets them from a language model, which
reads passages of the texts.
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

# Each component takes the vectors or terms to compare, and returns scores: queries x documents.
DENSE: Registry[Callable[..., np.ndarray]] = Registry("dense component")


@dataclass(frozen=True)
class TermVectors:
    """The weighted terms of the documents and of the queries, to compute vectors from."""

    documents: Callable[[], sparse.csr_array]
    queries: Callable[[], sparse.csr_array]


@DENSE.add("lsi")
def lsi(compared: TermVectors) -> np.ndarray:
    """Latent semantic indexing: compare documents, each of length 1, in the space of their 128
    strongest directions, or of half as many as there are documents (Deerwester et al., Indexing by
    latent semantic analysis, 1990).

    The terms have the weights of the experiment. Subspace iteration (Halko et al., Finding
    structure with randomness, 2011) finds the directions from a fixed start. All directions that it
    finds are used, because a choice among equally strong ones would be arbitrary. Scores have six
    decimals, because further digits depend on the processor.
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
    # Adding 0 turns -0 into 0.
    return np.asarray(np.round(_unit(asked) @ _unit(directions * strengths).T, 6) + 0.0)


@DENSE.add(EMBEDDINGS)
def embeddings(passages: Passages, queries: np.ndarray) -> np.ndarray:
    """The cosine between the query and the most similar passage, plus the cosine between the query
    and the mean of the document's passages. queries: queries x dimensions.

    Scores are rounded to four decimals, because a model's sums depend on the processor.
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
    """The documents' similarities (unit times its transpose) times vectors. It takes a few vectors
    at a time, because each intermediate result is as long as the vocabulary.
    """
    pieces = np.array_split(vectors, max(vectors.shape[1] // 8, 1), axis=1)
    return np.hstack([unit @ (unit.T @ piece) for piece in pieces])


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)
