"""Dense vectors: documents and queries as points, compared by the cosine of their angle."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

from scripts.experiments.registry import Registry

DIMENSIONS = 128

# Of what can be compared: the scores, queries x documents.
DENSE = Registry("dense component")


@dataclass(frozen=True)
class Compared:
    """What vectors can be made of: the weighted terms of the documents and of the queries."""

    documents: Callable[[], sparse.csr_array]
    queries: Callable[[], sparse.csr_array]


@DENSE.add("lsi")
def lsi(compared: Compared) -> np.ndarray:
    """Latent semantic indexing: the 128 largest singular vectors of the weighted terms, where each
    document has the length 1 (Deerwester et al., Indexing by latent semantic analysis, 1990).

    The terms' weights are those of the experiment. Always the same for the same matrix: ARPACK
    starts from a fixed vector.
    """
    documents, queries = compared.documents(), compared.queries()
    lengths = np.sqrt(documents.power(2).sum(axis=1))
    unit = sparse.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ documents
    dimensions = min(DIMENSIONS, min(unit.shape) - 1)
    if dimensions < 1:
        return (queries @ unit.T).toarray()
    start = np.ones(min(unit.shape))
    _, _, terms = svds(unit, dimensions, v0=start, return_singular_vectors="vh")
    return _cosine(queries @ terms.T, unit @ terms.T)


def _cosine(queries: np.ndarray, documents: np.ndarray) -> np.ndarray:
    """Without BLAS, whose sums depend on the number of threads."""
    return np.einsum("qd,nd->qn", _unit(queries), _unit(documents), optimize=False)


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors, optimize=False))
    return vectors / np.where(lengths > 0, lengths, 1)[:, None]
