"""What the site shows ("22.6K", "3d ago", "11-24") as numbers.

The site rounds and leaves out, so these are estimates; the database keeps the text as shown beside
them. What is not understood (another language, a new form) is None, never a guess. Nothing here
reads the clock: times are relative to the scrape.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from scripts.rawinfo.times import DAY_S, scrape_time

LARGEST = 2**63  # of a SQLite integer

_COUNT = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,3})?)([KMB]?)")
_MULTIPLES = {"": 1, "K": 1_000, "M": 1_000_000, "B": 1_000_000_000}
_RELATIVE = re.compile(r"([0-9]{1,4})([smhdw]) ago")
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": DAY_S, "w": 7 * DAY_S}
_DATE = re.compile(r"(?:([0-9]{4})-)?([0-9]{1,2})-([0-9]{1,2})")


@lru_cache(maxsize=1 << 16)
def parse_count(shown: str | None) -> int | None:
    """22600 from "22.6K"; None for what is not a count."""
    match = _COUNT.fullmatch(shown.strip()) if shown else None
    if match is None:
        return None
    value = Decimal(match[1]) * _MULTIPLES[match[2]]
    return int(value) if value == int(value) and value < LARGEST else None


def parse_reply_count(shown: str | None) -> int | None:
    """As `parse_count`, but the site shows nothing where a comment has no replies."""
    return 0 if shown is not None and not shown.strip() else parse_count(shown)


def estimate_time(shown: str | None, scraped_at: float | None) -> int | None:
    """Unix seconds of a shown time, or None.

    "3h ago" is the scrape minus three hours: the real time is up to one hour (one unit) earlier.
    "2021-3-9" is midnight UTC of that date, "11-24" that of the latest such date not after the
    scrape.
    """
    scrape = scrape_time(scraped_at)
    shown = shown.strip() if shown else ""
    if match := _RELATIVE.fullmatch(shown):
        return scrape and scrape - int(match[1]) * _UNITS_S[match[2]]
    if match := _DATE.fullmatch(shown):
        month, day = int(match[2]), int(match[3])
        if match[1]:
            return _midnight(int(match[1]), month, day)
        return scrape and _latest_date(month, day, scrape)
    return None


@lru_cache(maxsize=1 << 16)
def _midnight(year: int, month: int, day: int) -> int | None:
    try:
        return int(datetime(year, month, day, tzinfo=UTC).timestamp())
    except ValueError:
        return None


def _latest_date(month: int, day: int, scrape: int) -> int | None:
    year = 1970 + scrape // (365 * DAY_S)  # this year, or the next
    for candidate in range(year, year - 10, -1):  # up to eight years between two 29ths of February
        midnight = _midnight(candidate, month, day)
        if midnight is not None and midnight <= scrape:
            return midnight
    return None
