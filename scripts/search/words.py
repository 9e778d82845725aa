"""Turn texts into terms, for the index and for queries.

A token is a word, an emoji (`:smiley_cat:`), or a hashtag or handle with `#` in front, which also
counts as a word of its text. The terms of a word are its whole form and the four-letter pieces of
that: `_cat_`, `_cat`, `cat_`. So half a word, a misspelt word and another ending find it, too. The
term of an emoji is its name. The words of the name are `faint_terms`, which count less than written
words. The terms of a tag are the terms of the words that it joins.
"""

import html
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache

from anyascii import anyascii

from scripts.characters import MARKS, UNSPACED

TAG, EMOJI = "#", ":"
GRAM = 4
LONGEST_WORD = 40  # a longer word is noise, or an attack
LONGEST_PART = 20
DISTINCTIVE_WORDS = 12  # so many words say what a TikTok is about

# Scripts without spaces: each character, and each pair, is a term.
_UNSPACED = re.compile(f"[{UNSPACED}]+")
_TAGS = re.compile(rf"[#@](\w[\w.{MARKS}]*)")
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4]")
_NOT_ASCII = re.compile("[^\0-\x7f]")
_WORD = re.compile("[a-z0-9]+")
# For `flat`: the characters to transliterate, and the words in the result.
_SPACED = re.compile(f"[^\0-\x7f{UNSPACED}]")
_FLAT_WORD = re.compile(f"[a-z0-9]+|[{UNSPACED}]")
# Words in other than Latin letters are kept in addition to their transliteration.
_LATIN = "\u0000-\u024f\u1e00-\u1eff"
_FOREIGN = re.compile(rf"(?:[^\W\d_{_LATIN}][{MARKS}]*)+")

Splitter = Callable[[str], list[str]]


def tokens(text: str) -> Iterator[str]:
    """The tokens of a text in order, then its hashtags and handles. Apostrophes are dropped."""
    text = unicodedata.normalize("NFKC", html.unescape(text))
    text = _APOSTROPHES.sub("", text).casefold()
    yield from _words(text)
    for tag in _TAGS.findall(text):
        for word in _words(tag):
            yield TAG + word


def flat(text: str) -> str:
    """The words of a text, separated by single spaces. In scripts without spaces: each character.

    Words that are equal to `tokens` are also equal here.
    """
    text = unicodedata.normalize("NFKC", html.unescape(text))
    text = _APOSTROPHES.sub("", text).casefold()
    return " ".join(_FLAT_WORD.findall(_SPACED.sub(_latin, text)))


def _words(text: str) -> Iterator[str]:
    if text.isascii():
        yield from _clipped(_WORD.findall(text))
        return
    yield from _clipped(_UNSPACED.findall(text))
    text = _UNSPACED.sub(" ", text)
    yield from _clipped(_WORD.findall(_NOT_ASCII.sub(_latin, text)))
    yield from _clipped(_FOREIGN.findall(text))
    yield from filter(is_emoji, map(_ascii, _NOT_ASCII.findall(text)))


def _clipped(words: list[str]) -> Iterator[str]:
    return (word[:LONGEST_WORD] for word in words)


def _latin(character: re.Match[str]) -> str:
    letters = _ascii(character[0])
    return " " if is_emoji(letters) else letters


@cache
def _ascii(character: str) -> str:
    """The Latin letters for a character, or the name of an emoji: `:joy:`."""
    return anyascii(character).lower()


def is_emoji(token: str) -> bool:
    """True if a token is the name of an emoji, `:smiley_cat:`."""
    return len(token) > 2 and token[0] == token[-1] == EMOJI


def terms(token: str, split: Splitter) -> list[str]:
    """The terms of a token, each as often as it occurs. split: splits a tag into words."""
    if is_emoji(token):
        return [token]
    if not token.startswith(TAG):
        return _terms_of_word(token)
    parts = split(token[len(TAG) :])
    return [term for part in parts for term in _terms_of_word(part)] if len(parts) > 1 else []


def faint_terms(token: str) -> list[str]:
    """The terms of the words in the name of an emoji; [] for any other token."""
    return [term for word in _name_words(token) for term in _terms_of_word(word)]


def words_of(tokens: Iterable[str], split: Splitter) -> Iterator[str]:
    """The words of tokens: each word of a tag, and an emoji with the words of its name."""
    for token in tokens:
        if token.startswith(TAG):
            yield from split(token.removeprefix(TAG))
        else:
            yield token
            yield from _name_words(token)


def _name_words(token: str) -> list[str]:
    return _WORD.findall(token) if is_emoji(token) else []


def distinctive_words(
    texts: Iterable[str], occurrences: Callable[[str], int], total: int
) -> list[str]:
    """The words that say most about a TikTok with these texts, the most distinctive first.

    occurrences: returns how often a word occurs among the `total` words of the corpus. A word that
    occurs once is left out, because it finds no other TikTok.
    """
    counts = Counter(
        token
        for text in texts
        for token in tokens(text)
        if len(token) > 2 and not token.startswith(TAG) and not is_emoji(token)
    )
    worth = {
        word: (1 + math.log(count)) * math.log(total / known)
        for word, count in counts.items()
        if (known := occurrences(word)) > 1
    }
    return sorted(worth, key=lambda word: (-worth[word], word))[:DISTINCTIVE_WORDS]


def whole_term(word: str) -> str:
    """The term that only this word (or emoji) itself has."""
    return word if is_emoji(word) else f"_{word}_"


def _terms_of_word(word: str) -> list[str]:
    whole = whole_term(word)
    return [whole, *(gram for gram in grams(word) if gram != whole)]


def grams(word: str) -> list[str]:
    """The pieces of a word, with its ends marked. In scripts without spaces: each one or two signs.

    An emoji has no pieces.
    """
    if is_emoji(word):
        return []
    if is_unspaced(word):
        return [*word, *pairs(word)]
    whole = f"_{word}_"
    return [whole[i : i + GRAM] for i in range(len(whole) - GRAM + 1)]


def inner_grams(word: str) -> list[str]:
    """The pieces that a longer word around this word has, too."""
    return [gram for gram in grams(word) if "_" not in gram]


def pairs(word: str) -> list[str]:
    """Each pair of characters that follow each other."""
    return [word[i : i + 2] for i in range(len(word) - 1)]


def is_unspaced(word: str) -> bool:
    """True if a word from `tokens` is in a script without spaces."""
    return _UNSPACED.match(word) is not None


def word_splitter(count: Callable[[str], int], total: int) -> Splitter:
    """Return a function that splits `onepiececosplay` into likely words, `one piece cosplay`.

    count: returns how often a word occurs among the `total` words of the corpus. It has to occur
    at least twice to count as a word.
    """

    information = math.log(max(total, 1))  # of a word that occurs once

    @cache
    def cost(part: str) -> float:
        """The information of a known word. An unknown part costs more than the words in it."""
        occurrences = count(part)
        if occurrences > 1 and (len(part) > 1 or part in "ai" or part.isdigit()):
            return information - math.log(occurrences)
        return information + 10 + 3 * len(part)

    @lru_cache(1 << 15)  # the same hashtags occur again and again
    def split(joined: str) -> list[str]:
        best = [(0.0, 0)]  # the cost of the likeliest words up to here, and the start of the last
        for end in range(1, len(joined) + 1):
            starts = range(max(0, end - LONGEST_PART), end)
            best.append(min((best[s][0] + cost(joined[s:end]), s) for s in starts))
        parts, end = [], len(joined)
        while end:
            start = best[end][1]
            parts.append(joined[start:end])
            end = start
        return parts[::-1]

    return split
