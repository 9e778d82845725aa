"""Suggest other spellings: find words of a query that the corpus usually spells differently."""

import re
from collections.abc import Callable, Iterable
from string import ascii_lowercase

from scripts.search.operators import Operator

# The other spelling has to occur so many times, and so many times as often as the typed one.
LEAST_OCCURRENCES, TIMES_AS_OFTEN = 2, 50
MOST_OWN = 10  # a word that occurs more often in the corpus is no typing error
SHORTEST, LONGEST = 4, 20
_WORD = re.compile(r"[^\W\d_]+")
_UNBROKEN = re.compile(r"\S+")
_NAME = re.compile(r"^\W*[#@]|\w[.@]\w|://")  # in hashtags, handles and addresses


def suggest(
    query: str,
    operators: Iterable[Operator],
    occurrences: Callable[[Iterable[str]], dict[str, int]],
    is_there: Callable[[str], bool],
) -> str | None:
    """The query with more likely spellings, or None.

    occurrences: returns how often running text contains each word, without words it lacks.
    is_there: True for a word of the corpus, even if only a hashtag is this word: then it is no
    typing error.
    """
    taken = [
        (operator.start, operator.end)
        for operator in operators
        if operator.is_excluded or operator.kind != "phrase"
    ]
    typed = {word for word in map(str.lower, _WORD.findall(query)) if _may_be_a_slip(word)}
    own = occurrences(typed)
    words = {
        word: _neighbours(word)
        for word in typed
        if own.get(word, 0) <= MOST_OWN and (word in own or not is_there(word))
    }
    known = own | occurrences({other for others in words.values() for other in others})

    def likelier(match: re.Match[str], offset: int) -> str:
        word, place = match[0].lower(), offset + match.start()
        if word not in words or any(start <= place < end for start, end in taken):
            return match[0]
        least = max(LEAST_OCCURRENCES, TIMES_AS_OFTEN * known.get(word, 0))
        best = max(sorted(words[word] & known.keys()), key=known.__getitem__, default=word)
        return best if known.get(best, 0) >= least else match[0]

    def all_likelier(part: re.Match[str]) -> str:
        if _NAME.search(part[0]):
            return part[0]
        return _WORD.sub(lambda match: likelier(match, part.start()), part[0])

    suggested = _UNBROKEN.sub(all_likelier, query)
    return None if suggested == query else suggested


def _may_be_a_slip(word: str) -> bool:
    return word.isascii() and SHORTEST <= len(word) <= LONGEST


def _neighbours(word: str) -> set[str]:
    """All words that differ by one typing error; without the plural, which is found anyway."""
    splits = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    found = {before + after[1:] for before, after in splits if after}
    found |= {before + after[1] + after[0] + after[2:] for before, after in splits if after[1:]}
    for letter in ascii_lowercase:
        found |= {before + letter + after[1:] for before, after in splits if after}
        found |= {before + letter + after for before, after in splits}
    return found - {word, f"{word}s", word.removesuffix("s")}
