"""Count terms: one matrix for each source and tokenisation. Every index is a sum of these.

An index without field attribution is one `TermMatrix`: the sum of the counts of its sources. With
field attribution, the same word is a different term in each source, and each source has a matrix.
Scores, sizes and sums of squares of a document are then sums over the matrices.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add

import numpy as np
import pandas as pd
from scipy import sparse

from scripts.experiments.corpus import Corpus
from scripts.experiments.tokenisation import TOKENISATIONS, Occurrences


@dataclass(frozen=True)
class Field:
    """One source: its counts (documents x terms), and the terms in each document.

    The counts may cover only some terms; the lengths always cover all terms.
    """

    counts: sparse.csr_array
    lengths: np.ndarray


class TermMatrix:
    """Sources that share their terms."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = tuple(fields)

    @cached_property
    def counts(self) -> sparse.csr_array:
        """How often each document (row) contains each term (column)."""
        return reduce(add, (field.counts for field in self.fields))

    @cached_property
    def lengths(self) -> np.ndarray:
        """The number of terms in each document, counting repetitions."""
        return reduce(add, (field.lengths for field in self.fields))

    @cached_property
    def document_frequencies(self) -> np.ndarray:
        """The number of documents that contain each term."""
        return np.bincount(self.counts.indices, minlength=self.counts.shape[1])

    @cached_property
    def documents(self) -> int:
        return self.counts.shape[0]


@dataclass(frozen=True)
class IndexFacts:
    """The size of an index. size_bytes: as a sparse matrix of 32-bit numbers."""

    documents: int
    vocabulary: int
    postings: int
    size_bytes: int


def measure_index(matrices: Sequence[TermMatrix]) -> IndexFacts:
    """The size of the index that consists of these matrices."""
    documents = matrices[0].documents
    postings = sum(matrix.counts.nnz for matrix in matrices)
    return IndexFacts(
        documents,
        sum(int(np.count_nonzero(matrix.document_frequencies)) for matrix in matrices),
        postings,
        8 * postings + 4 * (documents + 1) * len(matrices),
    )


class TermCounts:
    """The counts of all sources under one tokenisation, with one vocabulary."""

    def __init__(self, fields: dict[str, Field], tokenisation: str, vocabulary: pd.Index) -> None:
        self.tokenisation = tokenisation
        self.vocabulary = vocabulary
        self._fields = fields

    def matrix(self, sources: Iterable[str]) -> TermMatrix:
        """One matrix for these sources."""
        return TermMatrix([self._fields[source] for source in sources])

    def queries(self, texts: Sequence[str]) -> sparse.csr_array:
        """Queries x terms: 1 for each term of the vocabulary in the query."""
        found = TOKENISATIONS.find(self.tokenisation)([[text] for text in texts])
        terms = self.vocabulary.get_indexer(pd.Index(found.term))
        matrix = _count(Occurrences(found.document, terms), len(texts), len(self.vocabulary))
        matrix.data[:] = 1
        return matrix.astype(np.float64)

    def only(self, terms: np.ndarray) -> "TermCounts":
        """The same counts for only these terms (numbers of columns, ascending)."""
        fields = {
            source: Field(field.counts[:, terms], field.lengths)
            for source, field in self._fields.items()
        }
        return TermCounts(fields, self.tokenisation, self.vocabulary[terms])


def count_terms(corpus: Corpus, tokenisation: str) -> TermCounts:
    """Tokenise all texts of the corpus."""
    tokenise = TOKENISATIONS.find(tokenisation)
    found = {source: tokenise(texts) for source, texts in corpus.texts.items()}
    # `factorize` uses a hash table; sorting would take several times as long.
    numbers, vocabulary = pd.factorize(np.concatenate([terms for _, terms in found.values()]))
    ends = np.cumsum([len(terms) for _, terms in found.values()])[:-1]
    fields = {}
    for (source, occurrences), terms in zip(found.items(), np.split(numbers, ends), strict=True):
        located = Occurrences(occurrences.document, terms)
        counts = _count(located, len(corpus.ids), len(vocabulary))
        fields[source] = Field(counts, counts.sum(axis=1))
    return TermCounts(fields, tokenisation, pd.Index(vocabulary))


def _count(found: Occurrences, documents: int, terms: int) -> sparse.csr_array:
    """documents x terms: how often each term occurs. The number -1 stands for no term."""
    known = found.term >= 0
    ones = np.ones(np.count_nonzero(known), np.int32)
    place = (found.document[known], found.term[known].astype(np.int32))
    counts = sparse.coo_array((ones, place), (documents, terms)).tocsr()
    counts.sum_duplicates()
    return counts
