"""Build the index of the ranked search: for each term, the TikToks that contain it.

For each TikTok of a block, `search_terms.postings` has its place in the block (2 bytes), the weight
of the term in it (1 byte), and the fields that contain the term (1 byte, one bit for each field):
first all places, then all weights, then all fields. A weight is BM25's saturated term frequency,
tf / (tf + K), in 255ths. The query adds the term's idf, because it knows how many TikToks contain
the term. All texts of a TikTok count as one text: separate fields rank worse. A word that occurs
only in the name of an emoji counts an eighth of a written word, however often the emoji occurs.
"""

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from sqlite3 import Connection

import numpy as np
import numpy.typing as npt

from scripts.search.fields import FIELDS
from scripts.search.words import (
    TAG,
    Splitter,
    faint_terms,
    is_emoji,
    terms,
    tokens,
    word_splitter,
)

# TikToks in a block. Two bytes could number more, but this many keep the memory at about 300 MB.
BLOCK = 1 << 14
# The usual parameters of BM25.
K1, B = 1.2, 0.75
LARGEST_WEIGHT = 255
WRITTEN, FAINT = 8, 1  # how much an occurrence counts: a written word, a word in an emoji's name
PLACE, WEIGHT, FIELD_BITS = np.dtype("<u2"), np.dtype("u1"), np.dtype("u1")
POSTING_BYTES = PLACE.itemsize + WEIGHT.itemsize + FIELD_BITS.itemsize

Integers = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Postings = tuple[npt.NDArray[np.uint16], Bytes, Bytes]


class _Tokens:
    """The tokens of a corpus: (TikTok, token, count, bits of its fields), by block."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.blocks: list[tuple[array[int], ...]] = []
        self.lengths = array("L")  # words of each TikTok
        self.counts: Counter[str] = Counter()  # of words in running text

    def add(self, texts: list[str | None]) -> None:
        """Add the next TikTok: its texts by field."""
        place = len(self.lengths) % BLOCK
        if place == 0:
            self.blocks.append((array("H"), array("I"), array("I"), array("B")))
        found: dict[str, list[int]] = {}  # token -> count, bits of fields
        length = 0
        for bit, text in enumerate(texts):
            for token in tokens(text or ""):
                held = found.setdefault(token, [0, 0])
                held[0] += 1
                held[1] |= 1 << bit
                length += not token.startswith(TAG)
        self.lengths.append(length)
        for token, (times, bits) in found.items():
            id = self.ids.setdefault(token, len(self.ids))
            for column, value in zip(self.blocks[-1], (place, id, times, bits), strict=True):
                column.append(value)
            if token.startswith(TAG):
                self.counts[token.removeprefix(TAG)] -= times
            elif not is_emoji(token):
                self.counts[token] += times


def build_index(db: Connection) -> None:
    """Fill `search_terms` and `search_words` from `search_texts`."""
    corpus = _Tokens()
    for row in db.execute(f"SELECT {', '.join(FIELDS)} FROM search_texts ORDER BY number"):  # noqa: S608
        corpus.add(row)
    words = sorted((word, count) for word, count in corpus.counts.items() if count > 0)
    db.executemany("INSERT INTO search_words VALUES (?, ?)", words)
    known = dict(words)
    splitter = word_splitter(lambda word: known.get(word, 0), sum(known.values()))
    terms_of_tokens = _terms_of_tokens(corpus, splitter)
    lengths = np.array(corpus.lengths, np.float64)
    damping = K1 * (1 - B + B * lengths / max(lengths.mean(), 1)) if len(lengths) else lengths
    for block, columns in enumerate(corpus.blocks):
        places, token_ids, times, bits = (np.array(column, np.int64) for column in columns)
        postings = _postings(places, token_ids, times, bits, terms_of_tokens)
        rows = _rows(block, *postings, damping[block * BLOCK :], terms_of_tokens.vocabulary)
        db.executemany("INSERT INTO search_terms VALUES (?, ?, ?)", rows)


@dataclass(frozen=True)
class _TermsOfTokens:
    """All terms, sorted. The terms of token n have the numbers `ids[starts[n]:starts[n + 1]]`.

    is_faint: for each of `ids`, whether the term comes only from the name of an emoji.
    """

    vocabulary: list[str]
    starts: Integers
    ids: Integers
    is_faint: npt.NDArray[np.bool_]


def _terms_of_tokens(corpus: _Tokens, split: Splitter) -> _TermsOfTokens:
    ids: dict[str, int] = {}
    found, starts, faint = array("L"), array("L", [0]), array("B")
    for token in corpus.ids:
        plain, fainter = terms(token, split), faint_terms(token)
        found.extend(ids.setdefault(term, len(ids)) for term in (*plain, *fainter))
        faint.extend([0] * len(plain) + [1] * len(fainter))
        starts.append(len(found))
    vocabulary = sorted(ids)
    rank = np.empty(len(ids), np.int64)
    rank[[ids[term] for term in vocabulary]] = np.arange(len(ids))
    return _TermsOfTokens(
        vocabulary,
        np.array(starts, np.int64),
        rank[np.array(found, np.int64)],
        np.array(faint, np.bool_),
    )


def _postings(
    places: Integers,
    token_ids: Integers,
    times: Integers,
    bits: Integers,
    by_token: _TermsOfTokens,
) -> tuple[Integers, Integers, Integers, Integers]:
    """Turn a block's tokens into its terms: (term, place, count, bits of fields), sorted so.

    A written word adds `WRITTEN` to a count each time.
    """
    starts = by_token.starts
    counts = starts[token_ids + 1] - starts[token_ids]
    ends = np.cumsum(counts)
    within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)
    chosen = np.repeat(starts[token_ids], counts) + within
    key = by_token.ids[chosen] * BLOCK + np.repeat(places, counts)
    units = np.where(by_token.is_faint[chosen], FAINT, WRITTEN * np.repeat(times, counts))
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    units = np.add.reduceat(units[order], first) if len(first) else key
    bits = np.bitwise_or.reduceat(np.repeat(bits, counts)[order], first) if len(first) else key
    return key[first] // BLOCK, key[first] % BLOCK, units, bits


def _rows(
    block: int,
    term: Integers,
    places: Integers,
    units: Integers,
    bits: Integers,
    damping: npt.NDArray[np.float64],
    vocabulary: list[str],
) -> Iterator[tuple[str, int, bytes]]:
    """The rows of `search_terms` for a block."""
    times = units / WRITTEN
    weights = np.rint(LARGEST_WEIGHT * times / (times + damping[places])).clip(1)
    columns = (places.astype(PLACE), weights.astype(WEIGHT), bits.astype(FIELD_BITS))
    edges = np.flatnonzero(np.diff(term, prepend=-1, append=-1))
    for start, end in pairwise(edges):
        postings = b"".join(column[start:end].tobytes() for column in columns)
        yield vocabulary[term[start]], block, postings


def read_postings(postings: bytes) -> Postings:
    """Places in the block, weights and bits of fields: three arrays with an entry per TikTok."""
    held = len(postings) // POSTING_BYTES
    return (
        np.frombuffer(postings, PLACE, held),
        np.frombuffer(postings, WEIGHT, held, PLACE.itemsize * held),
        np.frombuffer(postings, FIELD_BITS, held, (PLACE.itemsize + WEIGHT.itemsize) * held),
    )
