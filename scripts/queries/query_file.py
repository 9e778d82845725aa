"""Known-item queries: what somebody types to find one particular TikTok again.

A file of queries is a JSON list of `{"text", "target"}`, optionally with `"author"`, `"tags"`,
`"origin"` (`human`, or how the query was generated), `"withheld"`, and `"grades"` if several
TikToks were judged: `{"7170447177737719046": 2, "7164009034788375850": 1}`. The queries of one
origin are a collection; metrics of different collections are never averaged.

A generated query consists of text that would find its target. So this text is withheld when the
query is scored: the hashtags, or the cover texts, of all documents are left out. The code that
scores such a collection builds indexes of documents whose texts went through `withhold`. (All
queries of a collection withhold the same text.)
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from scripts.characters import HASHTAG
from scripts.errors import CorpusError
from scripts.files import decode_json, write_atomic
from scripts.rawinfo.ids import is_id

HUMAN = "human"
# The origins of generated queries (scripts/queries/known_items.py).
BY_HASHTAG, BY_COVER_TEXT = "hashtag", "cover text"
# The texts that can be withheld.
COVER, HASHTAGS = "cover", "hashtags"
HIGHEST_GRADE = 1_000


class QueryError(CorpusError):
    """A file of queries, or one of its records, can't be read."""


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody typed, and the id of the TikTok that they meant.

    withheld: the texts that must not be used when this query is scored: `cover` (cover texts),
    `hashtags` (in all texts), or None. grades: if several TikToks are relevant, their ids and
    grades (from 1; more is better); the target is one of them.
    """

    text: str
    target: str
    author: str | None = None
    tags: tuple[str, ...] = ()
    origin: str = HUMAN
    withheld: str | None = None
    grades: tuple[tuple[str, int], ...] = ()

    @property
    def judged(self) -> dict[str, int]:
        """The relevant TikToks, with their grades: often only the target."""
        return dict(self.grades) or {self.target: 1}

    @property
    def key(self) -> str:
        """A hash of text, target, origin and grades: 16 hexadecimal digits."""
        parts: list[object] = [self.text, self.target, self.origin]
        if self.grades:
            parts.append(sorted(self.grades))
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def make_query(text: str, grades: Iterable[tuple[str, int]], origin: str = HUMAN) -> Query:
    """A query with these relevant TikToks. The target is the first one with the highest grade."""
    grades = tuple(grades)
    target, _ = max(grades, key=lambda judged: judged[1])
    return Query(text, target, origin=origin, grades=grades if len(grades) > 1 else ())


def choose_queries(
    queries: Iterable[Query], ids: Collection[str] | None
) -> tuple[list[Query], list[str]]:
    """Return the queries to evaluate, and the relevant TikToks that are not in the corpus.

    Queries whose target is not in the corpus are left out, and so are other relevant TikToks. Among
    equal queries, only the first one is evaluated. ids: the ids in the corpus, or None if they are
    not known.
    """
    distinct: dict[str, Query] = {}
    for query in queries:
        distinct.setdefault(query.key, query)
    if ids is None:
        return list(distinct.values()), []
    lost = (id for query in distinct.values() for id in query.judged if id not in ids)
    chosen = [_within(query, ids) for query in distinct.values() if query.target in ids]
    return chosen, list(dict.fromkeys(lost))


def _within(query: Query, ids: Collection[str]) -> Query:
    """The query without relevant TikToks that are not in the corpus."""
    grades = tuple(judged for judged in query.grades if judged[0] in ids)
    return replace(query, grades=grades if len(grades) > 1 else ())


def withhold(source: str, text: str, withheld: Collection[str]) -> str:
    """Return what remains of a document's `text` in this `source` (`cover`, `description`, …)."""
    if source in withheld:
        return ""
    return HASHTAG.sub("", text) if HASHTAGS in withheld else text


def read_queries(file: Path) -> list[Query]:
    """Return all queries of a file in order. Raises QueryError, which names file and record."""
    return [query for query, _ in _read_records(file)]


def write_queries(file: Path, queries: Iterable[Query]) -> None:
    """Write queries in order, one on each line."""
    _write_records(file, [_record(query) for query in queries])


def add_queries(file: Path, queries: Iterable[Query]) -> list[Query]:
    """Add the queries that are new, and return them. Several programs may add at the same time."""
    with _lock(file):
        there = _read_records(file) if file.exists() else []
        known = {query.key for query, _ in there}
        new = {query.key: query for query in queries if query.key not in known}
        if new:
            added = [_record(query) for query in new.values()]
            _write_records(file, [*(record for _, record in there), *added])
        return list(new.values())


def other_targets(file: Path, query: Query) -> list[str]:
    """Return the other targets of the same text and origin in a file, in its order.

    Case and white space make no difference. [] if the file already contains this query.
    """
    there = read_queries(file) if file.exists() else []
    same = [
        other.target
        for other in there
        if other.origin == query.origin and _folded(other.text) == _folded(query.text)
    ]
    return [] if query.target in same else list(dict.fromkeys(same))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def add_query(file: Path, query: Query) -> bool:
    """Add a query unless the file contains it. Returns True if it was new."""
    return bool(add_queries(file, [query]))


def remove_query(file: Path, query: Query) -> bool:
    """Remove the record that equals this query in every field. Returns True if there was one."""
    with _lock(file):
        there = _read_records(file) if file.exists() else []
        left = [record for other, record in there if other != query]
        if len(left) < len(there):
            _write_records(file, left)
        return len(left) < len(there)


def _lock(file: Path) -> FileLock:
    file.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(file.with_name(f".{file.name}.lock"))


def _read_records(file: Path) -> list[tuple[Query, dict[str, Any]]]:
    """Return each query with its whole record, which may contain other fields."""
    try:
        records = decode_json(file.read_bytes())
    except (OSError, ValueError) as error:
        raise QueryError(f"{file}: {error}. It has to be a JSON list of queries.") from error
    if not isinstance(records, list):
        raise QueryError(f"{file}: it has to be a JSON list of queries.")
    return [(_read(record, file, number), record) for number, record in enumerate(records, start=1)]


def _write_records(file: Path, records: list[dict[str, Any]]) -> None:
    lines = (json.dumps(record, ensure_ascii=False) for record in records)
    write_atomic(file, "[\n" + ",\n".join(lines) + "\n]\n" if records else "[]\n")


def _record(query: Query) -> dict[str, Any]:
    """Return the fields of a query, without empty ones and defaults."""
    fields = asdict(query) | {"grades": dict(query.grades)}
    return {
        name: value
        for name, value in fields.items()
        if value and not (name == "origin" and value == HUMAN)
    }


def _read(record: Any, file: Path, number: int) -> Query:
    def refuse(problem: str) -> QueryError:
        return QueryError(f"{file}, query {number}: {problem}. Correct or remove it.")

    if not isinstance(record, dict):
        raise refuse("it is not an object")
    text, target, author = (record.get(name) for name in ("text", "target", "author"))
    tags, origin = record.get("tags", []), record.get("origin", HUMAN)
    withheld = record.get("withheld")
    if not isinstance(text, str) or not text.strip():
        raise refuse("`text` is missing")
    if not isinstance(target, str) or not is_id(target):
        raise refuse(f"`target` {target!r} is not an id (digits, in quotes)")
    if not isinstance(author, str | None):
        raise refuse("`author` is not text")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise refuse("`tags` is not a list of texts")
    if not isinstance(origin, str):
        raise refuse("`origin` is not text")
    if withheld not in (None, COVER, HASHTAGS):
        raise refuse(f"`withheld` is neither `{COVER}` nor `{HASHTAGS}`")
    grades = record.get("grades", {})
    if not isinstance(grades, dict) or not all(map(_is_judgement, grades.items())):
        raise refuse(f"`grades` is not an object of ids with grades from 1 to {HIGHEST_GRADE:,}")
    if grades and target not in grades:
        raise refuse("`grades` does not contain the target")
    several = tuple(grades.items()) if len(grades) > 1 else ()
    return Query(text, target, author, tuple(tags), origin, withheld, several)


def _is_judgement(judged: tuple[str, Any]) -> bool:
    id, grade = judged
    return is_id(id) and type(grade) is int and 1 <= grade <= HIGHEST_GRADE
