"""Find the TikToks that pass the operators of a query: with the index, and with texts if needed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from sqlite3 import Connection

import numpy as np
import numpy.typing as npt

from scripts.characters import normal_hashtag
from scripts.search.fields import FIELDS
from scripts.search.filters import BY_CREATOR, BY_HASHTAG, DAY_S, holds, midnight
from scripts.search.index import BLOCK, Postings
from scripts.search.operators import Operator
from scripts.search.words import LONGEST_WORD, flat, is_unspaced, tokens, whole_term

Numbers = npt.NDArray[np.int64]
PostingsOf = Callable[[str], list[tuple[int, Postings]]]

# If a query has several of one of these kinds, any one is enough: no TikTok has two creators.
_ANY = ("creator", "sound", "id")
DURATION = """
    coalesce(duration_s, (
        SELECT duration_s FROM downloads
        WHERE downloads.id = tiktoks.id AND kind = 'videos'
    ))
"""
_IN_SQL = {
    "creator": BY_CREATOR,
    "tag": BY_HASHTAG,
    "id": "id = ?",
    "like": "id <> ?",
    "shorter": f"{DURATION} <= ?",
    "longer": f"{DURATION} >= ?",
}


@dataclass(frozen=True)
class Conditions:
    """Finds the TikToks of a database that pass the operators of queries.

    postings_of: returns the postings of a term.
    """

    db: Connection
    postings_of: PostingsOf

    def usable(self, operators: Iterable[Operator]) -> tuple[Operator, ...]:
        """The operators without unknown hashtags, whose words are searched anyway."""
        return tuple(
            operator
            for operator in operators
            if operator.kind != "tag"
            or operator.is_excluded
            or holds(self.db, BY_HASHTAG, normal_hashtag(operator.value))
        )

    def passing(self, operators: Iterable[Operator]) -> list[int] | None:
        """The numbers of the TikToks that pass, the newest first; None if there is no condition."""
        operators = tuple(operators)
        if not operators:
            return None
        rows = self.db.execute("SELECT number FROM tiktoks ORDER BY posted_at DESC, number DESC")
        numbers = np.array([number for (number,) in rows], np.int64)
        any_of: dict[str, list[Numbers]] = {}
        for operator in operators:
            found = self._numbers(operator)
            if operator.is_excluded:
                numbers = numbers[~np.isin(numbers, found)]
            elif operator.kind in _ANY:
                any_of.setdefault(operator.kind, []).append(found)
            else:
                numbers = numbers[np.isin(numbers, found)]
        for alternatives in any_of.values():
            numbers = numbers[np.isin(numbers, np.concatenate(alternatives))]
        return [int(number) for number in numbers]

    def _numbers(self, operator: Operator) -> Numbers:
        """The numbers of the TikToks that match an operator, even if it excludes them."""
        kind, value = operator.kind, operator.value
        if kind == "word":
            return self._holders([*tokens(value)])
        if kind == "phrase":
            return self._with_phrase(value, FIELDS)
        if kind == "sound":
            return self._with_phrase(value, ("music",))
        if kind == "lasts":
            return self._select(f"{DURATION} BETWEEN ? AND ?", *map(float, value.split("..")))
        if kind == "days":
            first, _, last = value.partition("..")
            start = midnight(first or date.min.isoformat())
            end = midnight(last or date.max.isoformat()) + DAY_S
            return self._select("posted_at >= ? AND posted_at < ?", start, end)
        given = normal_hashtag(value) if kind == "tag" else value
        condition = _IN_SQL[kind]
        number = float(value) if kind in ("shorter", "longer") else given
        return self._select(condition, *[number] * condition.count("?"))

    def _select(self, condition: str, *values: str | float) -> Numbers:
        rows = self.db.execute(f"SELECT number FROM tiktoks WHERE {condition}", values)  # noqa: S608
        return np.array([number for (number,) in rows], np.int64)

    def _holders(self, words: list[str], fields: tuple[str, ...] = FIELDS) -> Numbers:
        """The TikToks that contain all of these words, each in any of these fields."""
        bits = sum(1 << FIELDS.index(field) for field in fields)
        found: Numbers | None = None
        for word in dict.fromkeys(words):
            term = word if is_unspaced(word) else whole_term(word[:LONGEST_WORD])
            parts = [
                places[(held & bits).astype(bool)].astype(np.int64) + block * BLOCK + 1
                for block, (places, _, held) in self.postings_of(term)
            ]
            numbers = np.concatenate([np.empty(0, np.int64), *parts])
            found = numbers if found is None else found[np.isin(found, numbers)]
        return np.empty(0, np.int64) if found is None else found

    def _with_phrase(self, phrase: str, fields: tuple[str, ...]) -> Numbers:
        """The TikToks with these words next to each other in one field."""
        query = f"SELECT {', '.join(fields)} FROM search_texts WHERE number = ?"  # noqa: S608
        return np.array(
            [
                number
                for number in self._holders(phrase.split(), fields).tolist()
                if any(
                    f" {phrase} " in f" {flat(line)} "
                    for field, text in zip(
                        fields, self.db.execute(query, (number,)).fetchone(), strict=True
                    )
                    for line in _lines(field, text or "")
                )
            ],
            np.int64,
        )


def _lines(field: str, text: str) -> list[str]:
    """The texts of a field. Each comment is a separate text."""
    return text.split("\n") if field == "comments" else [text]
