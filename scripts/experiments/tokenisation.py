"""Tokenisations: texts to terms.

Each takes documents, every one a list of fields, and gives an `Occurrences`: number of the document
and term of every occurrence, in order. No term reaches from one field into the next.

Text is first written in ASCII (`anyascii`: an emoji is its name, `é` is e, Japanese is in Latin
letters), in lower case.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from anyascii import anyascii

from scripts.experiments.registry import Registry

Documents = Sequence[Sequence[str]]

# Letters, digits, and what stands between and around words are 1 to 38, and 0 ends a field: a
# 7-gram has 42 bits.
_BITS = 6
_END = "\n"
_CODES = np.zeros(128, np.int64)
_CODES[[ord(char) for char in "abcdefghijklmnopqrstuvwxyz0123456789 _"]] = range(1, 39)

_FOREIGN = re.compile("[^\0-\x7f]")
_WORD = re.compile("[a-z0-9]+")


class Occurrences(NamedTuple):
    """Of each occurrence of a term, the number of its document, and the term."""

    document: np.ndarray
    term: np.ndarray


Tokeniser = Callable[[Documents], Occurrences]
TOKENISATIONS = Registry("tokenisation")


@TOKENISATIONS.add("words")
def words(documents: Documents) -> Occurrences:
    """Runs of letters and digits; apostrophes are dropped before: `don't` is `dont`."""
    return _occurrences([_plain_words(fields) for fields in documents])


@TOKENISATIONS.add("stems")
def stems(documents: Documents) -> Occurrences:
    """Words, each as its Porter stem.

    The stemmer is that of SQLite's FTS5, which the corpus's own `search` uses.
    """
    found = _occurrences([_plain_words(fields) for fields in documents])
    numbers, distinct = pd.factorize(found.term)
    return Occurrences(found.document, _stem(distinct)[numbers])


def ngrams(length: int, documents: Documents) -> Occurrences:
    """Every `length` characters of the words, with spaces between, as packed integers."""
    return _pack(
        length,
        [_END.join(" ".join(_plain_words([field])) for field in fields) for fields in documents],
    )


def ngrams_in_words(length: int, documents: Documents) -> Occurrences:
    """Every `length` characters of each `_word_`, as packed integers; short words are filled up."""
    return _pack(
        length,
        [
            _END.join(f"_{word}_".ljust(length, "_") for word in _plain_words(fields))
            for fields in documents
        ],
    )


for _length in range(3, 8):
    TOKENISATIONS.add(f"{_length}grams")(partial(ngrams, _length))
for _length in range(3, 8):
    TOKENISATIONS.add(f"{_length}grams-in-words")(partial(ngrams_in_words, _length))


@lru_cache(1 << 14)
def _transliterate(char: str) -> str:
    return anyascii(char)


def _ascii(text: str) -> str:
    if not text.isascii():
        # One by one, as anyascii does, which would spend most of its time on ASCII.
        text = _FOREIGN.sub(lambda match: _transliterate(match[0]), text)
    return text.lower()


def _plain_words(fields: Iterable[str]) -> list[str]:
    return _WORD.findall(_ascii(" ".join(fields)).replace("'", ""))


def _occurrences(documents: list[list[str]]) -> Occurrences:
    lengths = [len(terms) for terms in documents]
    all_terms = [term for terms in documents for term in terms]
    return Occurrences(_numbers(lengths), np.array(all_terms, dtype=object))


def _numbers(lengths: list[int]) -> np.ndarray:
    return np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)


def _pack(length: int, documents: list[str]) -> Occurrences:
    """The n-grams of texts whose fields end at `_END`."""
    ended = [text + _END for text in documents]
    codes = _CODES[np.frombuffer("".join(ended).encode("ascii", "replace"), np.uint8)]
    count = max(len(codes) - length + 1, 0)
    terms = np.zeros(count, np.int64)
    is_whole = np.ones(count, bool)
    for offset in range(length):
        window = codes[offset : offset + count]
        terms = (terms << _BITS) | window
        is_whole &= window > 0
    documents_of = _numbers([len(text) for text in ended])[:count]
    return Occurrences(documents_of[is_whole], terms[is_whole])


def _stem(words: Iterable[str]) -> np.ndarray:
    """The Porter stem of each of these words of letters and digits."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE VIRTUAL TABLE words USING fts5 (word, tokenize = 'porter ascii')")
        db.execute("CREATE VIRTUAL TABLE stems USING fts5vocab (words, instance)")
        db.executemany("INSERT INTO words VALUES (?)", ((word,) for word in words))
        stems = db.execute("SELECT term FROM stems ORDER BY doc").fetchall()
    return np.array([stem for (stem,) in stems], dtype=object)
