"""Split texts into passages that are short enough to have one meaning, and get their vectors.

The vectors of whole TikToks, each with twenty comments, are all alike; the vectors of single
remarks are not. Computing vectors takes long, so they are stored by model and text.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from scripts.experiments.cells import CellStore
from scripts.experiments.corpus import Corpus

MOST_WORDS = 64
AT_ONCE = 2_048  # vectors that are stored together: a run that is stopped loses only these
# Half the size of the model's numbers. The lost digits are far smaller than the rounding of scores.
KEPT = np.dtype("<f2")


@dataclass(frozen=True)
class Passages:
    """The passages of an index.

    vectors: passages x dimensions, of length 1. owners: for each passage, the number of its
    document, ascending. documents: the number of all documents.
    """

    vectors: np.ndarray
    owners: np.ndarray
    documents: int


class PassageVectors:
    """Computes vectors of texts, or finds them in the store.

    encode: returns texts x dimensions. model: the identity of the model, as a key in the store.
    """

    def __init__(
        self, encode: Callable[[Sequence[str]], np.ndarray], model: str, store: CellStore
    ) -> None:
        self._encode, self._model, self._store = encode, model, store
        self._kept = store.vectors(model)

    def read(self, corpus: Corpus, sources: Iterable[str]) -> Passages:
        """The passages of these sources. Each source of a document is split separately."""
        found = [
            (number, passage)
            for number in range(len(corpus.ids))
            for source in sources
            for passage in split_text(corpus.texts[source][number])
        ]
        owners = np.array([number for number, _ in found], np.intp)
        vectors = self._vectors([passage for _, passage in found])
        return Passages(vectors, owners, len(corpus.ids))

    def _vectors(self, texts: list[str]) -> np.ndarray:
        if not texts:
            return np.zeros((0, 0), np.float32)
        keys = [passage_key(text) for text in texts]
        by_key = dict(zip(keys, texts, strict=True))
        missing = [key for key in by_key if key not in self._kept]
        for start in range(0, len(missing), AT_ONCE):
            some = missing[start : start + AT_ONCE]
            vectors = self._encode([by_key[key] for key in some]).astype(KEPT)
            made = {key: vector.tobytes() for key, vector in zip(some, vectors, strict=True)}
            with self._store.transaction():
                self._store.add_vectors(self._model, made)
            self._kept |= made
        found = np.frombuffer(b"".join(self._kept[key] for key in keys), KEPT)
        return found.reshape(len(texts), -1).astype(np.float32)


def split_text(fields: Iterable[str]) -> Iterator[str]:
    """The passages of a text. Each has as many lines as fit; longer lines are cut."""
    passage: list[str] = []
    for line in "\n".join(fields).split("\n"):
        words = line.split()
        for start in range(0, len(words), MOST_WORDS):
            piece = words[start : start + MOST_WORDS]
            if len(passage) + len(piece) > MOST_WORDS:
                yield " ".join(passage)
                passage = []
            passage += piece
    if passage:
        yield " ".join(passage)


def passage_key(passage: str) -> bytes:
    """The key under which the vector of a passage is stored: 16 bytes."""
    return hashlib.sha256(passage.encode()).digest()[:16]


def passage_keys(corpus: Corpus) -> set[bytes]:
    """The keys of all passages of a corpus."""
    return {
        passage_key(passage)
        for documents in corpus.texts.values()
        for fields in documents
        for passage in split_text(fields)
    }
