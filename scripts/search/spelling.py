"""Did you mean: words of a query that the corpus spells in another way, much more often."""

import re
from collections.abc import Callable, Iterable
from string import ascii_lowercase

from scripts.search.operators import Operator

# How often the corpus has the other spelling: so many times, and so many times as often.
LEAST_OCCURRENCES, TIMES_AS_OFTEN = 2, 50
SHORTEST, LONGEST = 4, 20
_WORD = re.compile(r"[^\W\d_]+")


def suggest(
    query: str, operators: Iterable[Operator], occurrences: Callable[[str], int]
) -> str | None:
    """The query with likelier spellings, or None. occurrences: of a word in running text."""
    taken = [(operator.start, operator.end) for operator in operators]

    def likelier(match: re.Match[str]) -> str:
        if any(start <= match.start() < end for start, end in taken):
            return match[0]
        return _likelier(match[0].lower(), occurrences) or match[0]

    suggested = _WORD.sub(likelier, query)
    return None if suggested == query else suggested


def _likelier(word: str, occurrences: Callable[[str], int]) -> str | None:
    if not (word.isascii() and SHORTEST <= len(word) <= LONGEST):
        return None
    least = max(LEAST_OCCURRENCES, TIMES_AS_OFTEN * occurrences(word))
    counts = {other: occurrences(other) for other in sorted(_neighbours(word))}
    best = max(counts, key=lambda other: counts[other])
    return best if counts[best] >= least else None


def _neighbours(word: str) -> set[str]:
    """What one slip makes of a word; not its plural, which the search finds by itself."""
    splits = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    found = {before + after[1:] for before, after in splits if after}
    found |= {before + after[1] + after[0] + after[2:] for before, after in splits if after[1:]}
    for letter in ascii_lowercase:
        found |= {before + letter + after[1:] for before, after in splits if after}
        found |= {before + letter + after for before, after in splits}
    return found - {word, f"{word}s", word.removesuffix("s")}
