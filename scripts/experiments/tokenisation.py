"""Tokenisations: turn texts into terms.

Each takes documents, every one a list of fields, and returns an `Occurrences`: the number of the
document and the term of every occurrence, in order. No term extends from one field into the next.

Text is first turned into lower-case ASCII (`anyascii`: an emoji becomes its name, `é` becomes e,
Japanese becomes Latin letters). Words are runs of letters and digits. Tokenisations whose names
begin with `first-study-` form words as the first study did.
"""

import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from anyascii import anyascii

from scripts.experiments.registry import Registry

Documents = Sequence[Sequence[str]]

# Letters, digits, and the signs in and around words have the codes 1 to 40, and 0 ends a field. So
# a 7-gram has 42 bits.
_BITS = 6
_END = "\n"
_CODES = np.zeros(128, np.int64)
_CODES[[ord(char) for char in "abcdefghijklmnopqrstuvwxyz0123456789 _@#"]] = range(1, 41)

_FOREIGN = re.compile("[^\0-\x7f]")
_WORD = re.compile("[a-z0-9]+")
# In the first study, these separated words in addition to white space; others were deleted.
_SEPARATORS = re.compile(r"[\s/\u2012-\u2015]+|-{2,}")
_DELETED = re.compile("[^a-z0-9@# ]")
_GREEK = re.compile("[\u0391-\u03c9]")


class Occurrences(NamedTuple):
    """For each occurrence of a term: the number of its document, and the term."""

    document: np.ndarray
    term: np.ndarray


Tokeniser = Callable[[Documents], Occurrences]
MakeWords = Callable[[str], list[str]]
TOKENISATIONS: Registry[Tokeniser] = Registry("tokenisation")


def words(make_words: MakeWords, documents: Documents) -> Occurrences:
    """The words of each field."""
    return _occurrences(
        [[word for field in fields for word in make_words(field)] for fields in documents]
    )


@TOKENISATIONS.add("stems")
def stems(documents: Documents) -> Occurrences:
    """The Porter stem of each word.

    The stemmer comes from SQLite's FTS5, which the corpus's own `search` table uses.
    """
    found = words(_plain_words, documents)
    numbers, distinct = pd.factorize(found.term)
    return Occurrences(found.document, _stem(distinct)[numbers])


def ngrams(make_words: MakeWords, length: int, documents: Documents) -> Occurrences:
    """Every `length` characters of the words, with spaces between them, as packed integers."""
    return _pack(
        length,
        [_END.join(" ".join(make_words(field)) for field in fields) for fields in documents],
    )


def ngrams_in_words(length: int, documents: Documents) -> Occurrences:
    """Every `length` characters of each `_word_`, as packed integers. Short words are padded."""
    return _pack(
        length,
        [
            _END.join(
                f"_{word}_".ljust(length, "_") for field in fields for word in _plain_words(field)
            )
            for fields in documents
        ],
    )


@lru_cache(1 << 14)
def _transliterate(char: str) -> str:
    return anyascii(char)


def _ascii(text: str) -> str:
    if not text.isascii():
        # Only other characters: anyascii itself would spend most of its time on ASCII.
        text = _FOREIGN.sub(lambda match: _transliterate(match[0]), text)
    return text.lower()


def _plain_words(text: str) -> list[str]:
    """Runs of letters and digits, without apostrophes: `don't` becomes `dont`."""
    return _WORD.findall(_ascii(text).replace("'", ""))


def _first_study_words(text: str) -> list[str]:
    """The parts between white space, slashes, long dashes and runs of hyphens.

    Emoji and Greek letters become their names; of other signs, only `@` and `#` are kept.
    """
    text = _GREEK.sub(_greek_name, text)
    found = (_DELETED.sub("", _ascii(part)) for part in _SEPARATORS.split(text))
    return [word for part in found for word in part.split()]


def _greek_name(letter: re.Match[str]) -> str:
    """`alpha` for the letter of that name, with an accent or without."""
    return unicodedata.name(letter[0], "").partition("LETTER ")[2].partition(" ")[0]


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


TOKENISATIONS.add("words")(partial(words, _plain_words))
for _length in range(3, 8):
    TOKENISATIONS.add(f"{_length}grams")(partial(ngrams, _plain_words, _length))
    TOKENISATIONS.add(f"{_length}grams-in-words")(partial(ngrams_in_words, _length))
TOKENISATIONS.add("first-study-words")(partial(words, _first_study_words))
for _length in range(4, 8):
    _name = f"first-study-{_length}grams"
    TOKENISATIONS.add(_name)(partial(ngrams, _first_study_words, _length))
