"""The second pass: sort the first few results by how likely the query is, given their texts.

score = BM25 + best BM25 x weight x (mean log p(token of the query | text) - the least such mean).
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from scripts.search.passages import Snippet

# How many characters the model reads from the beginning of these texts.
BEGINNINGS = {"description": 180, "cover": 100}
PASSAGE_CHARS = 120
KEPT = 1 << 12  # likelihoods in memory
# The model does not read a result with less than this share of the best BM25; it keeps its place.
WITHIN_REACH = 0.6


class Likelihoods(Protocol):
    """A model that estimates how likely a query is, given a text."""

    @property
    def identity(self) -> str:
        """A name of its own, under which the experiments store results."""

    def likelihoods(self, query: str, texts: Sequence[str]) -> np.ndarray:
        """For each text, the mean log likelihood of a token of the query."""


class Reranker:
    """Sorts the first `rerank` results of a search again.

    weight: one unit of log p is worth this share of the best score.
    """

    def __init__(self, model: Likelihoods, rerank: int, weight: float) -> None:
        self.rerank = rerank
        self.model = model
        self._weight = weight
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()

    @property
    def identity(self) -> str:
        """A name of its own, under which the experiments store results."""
        return f"{self.model.identity}, {self.rerank} texts, {self._weight}, {WITHIN_REACH}"

    def scores(
        self, query: str, scores: Sequence[float], text_of: Callable[[int], str]
    ) -> list[float]:
        """New scores of the first results, in their order.

        scores: from the first pass, the best first. text_of: returns the text of the n-th result.
        """
        near = [
            place
            for place, score in enumerate(scores[: self.rerank])
            if score >= WITHIN_REACH * scores[0]
        ]
        new = list(scores)
        if len(near) > 1:
            found = self._likelihoods(query, [text_of(place) for place in near])
            for place, likelihood in zip(near, found, strict=True):
                new[place] += scores[0] * self._weight * (likelihood - min(found))
        return new

    def _likelihoods(self, query: str, texts: list[str]) -> list[float]:
        unknown = [text for text in dict.fromkeys(texts) if (query, text) not in self._known]
        if unknown:
            found = self.model.likelihoods(query, unknown)
            for text, likelihood in zip(unknown, found.tolist(), strict=True):
                self._known[query, text] = likelihood
        likelihoods = [self._known[query, text] for text in texts]
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return likelihoods


def text_to_read(texts: Mapping[str, str | None], passages: Sequence[Snippet]) -> str:
    """The text that the model reads: the beginnings of some texts, and the best passages."""
    found = [
        (texts.get(field) or "")[:length]
        for field, length in BEGINNINGS.items()
        if texts.get(field)
    ]
    for passage in passages:
        if passage.field not in BEGINNINGS:
            found.append("".join(part for part, _ in passage.parts)[:PASSAGE_CHARS])
    return "\n".join(" ".join(text.split()) for text in found)
