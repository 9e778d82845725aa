"""Filters of a search, and the numbers of the TikToks that pass them."""

import calendar
import json
from dataclasses import dataclass
from datetime import date
from sqlite3 import Connection

from scripts.characters import normal_hashtag, without_surrogates
from scripts.errors import CorpusError
from scripts.search.fields import FIELDS

DAY_S = 86_400
BY_CREATOR = "creator_username IN (?, '@' || ?)"
BY_HASHTAG = "id IN (SELECT id FROM hashtags WHERE tag = ?)"


class SearchError(CorpusError):
    """There is no database to search, or no TikTok can pass a filter."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters that a TikTok has to pass. Dates are inclusive, as `YYYY-MM-DD`, in UTC."""

    fields: tuple[str, ...] = ()  # search only in these; empty: in all
    posted_from: str | None = None
    posted_to: str | None = None
    creator: str | None = None  # the handle, with or without @
    hashtag: str | None = None  # with or without #
    seen: tuple[str, ...] = ()  # ids of TikToks that don't count


NO_FILTERS = Filters()


def passing(db: Connection, filters: Filters) -> list[int] | None:
    """The numbers of the TikToks that pass, the newest first; None if there is no filter.

    Raises SearchError for a filter that no TikTok can pass.
    """
    unknown = [field for field in filters.fields if field not in FIELDS]
    if unknown:
        raise SearchError(f"There is no field {unknown[0]!r}. Choose from: {', '.join(FIELDS)}.")
    conditions, values = _dates(filters)
    if filters.creator:
        handle = without_surrogates(filters.creator.strip().removeprefix("@").lower())
        if not holds(db, BY_CREATOR, handle, handle):
            raise SearchError(f"No TikTok in the corpus is by @{handle}. Check the handle.")
        conditions.append(BY_CREATOR)
        values += [handle, handle]
    if filters.hashtag:
        tag = normal_hashtag(without_surrogates(filters.hashtag))
        if not holds(db, BY_HASHTAG, tag):
            raise SearchError(f"No TikTok in the corpus has the hashtag #{tag}. Check the hashtag.")
        conditions.append(BY_HASHTAG)
        values.append(tag)
    if filters.seen:
        conditions.append("id NOT IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(filters.seen))
    if not conditions:
        return None
    query = f"SELECT number FROM tiktoks WHERE {' AND '.join(conditions)}"  # noqa: S608
    rows = db.execute(f"{query} ORDER BY posted_at DESC, number DESC", values)
    return [number for (number,) in rows]


def _dates(filters: Filters) -> tuple[list[str], list[int | str]]:
    """The SQL conditions about dates, and a value for each."""
    start = midnight(filters.posted_from) if filters.posted_from else None
    end = midnight(filters.posted_to) + DAY_S if filters.posted_to else None
    if start is not None and end is not None and start >= end:
        raise SearchError(
            f"No day is both on or after {filters.posted_from} and on or before "
            f"{filters.posted_to}. Swap the two dates."
        )
    limits = {"posted_at >= ?": start, "posted_at < ?": end}
    given = {condition: value for condition, value in limits.items() if value is not None}
    return list(given), list(given.values())


def holds(db: Connection, condition: str, *values: str) -> bool:
    """True if any TikTok passes a condition."""
    query = f"SELECT EXISTS (SELECT 1 FROM tiktoks WHERE {condition})"  # noqa: S608
    return bool(db.execute(query, values).fetchone()[0])


def midnight(day: str) -> int:
    """The start of a day in UTC, unix seconds."""
    try:
        return calendar.timegm(date.fromisoformat(day).timetuple())
    except ValueError:
        raise SearchError(f"{day!r} is not a date: write it as 2022-11-30.") from None
