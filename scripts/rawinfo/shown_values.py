"""Turn what the site shows ("22.6K", "3d ago", "11-24") into numbers, in any of its languages.

The site rounds and abbreviates, so these are estimates; the database also keeps the text. A text
without one clear meaning gives None, never a guess. Nothing here reads the clock or the machine's
settings: times are relative to the scrape.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from scripts.rawinfo import languages
from scripts.rawinfo.times import DAY_S, is_create_time, scrape_time

LARGEST = 2**63  # SQLite's integers are smaller
LARGEST_LIKELY = 10**9  # "2,5 M" is milliards in Indonesian, but no post has as many likes
LONGEST = 60  # characters; what the site shows is shorter

_COUNT = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,2}|\.[0-9]{3}(?=[KMB]))?)([KMB]?)")
_MULTIPLES = {"": 1, "K": 1_000, "M": 1_000_000, "B": 1_000_000_000}
_NUMBER = re.compile(r"[0-9](?:[0-9.,' \u066b\u066c]*[0-9])?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}([.,\u066b\u066c])[0-9]{3}")
_RELATIVE = re.compile(r"([0-9]{1,4}) ?([smhdw])(?: ago)?", re.IGNORECASE)
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": DAY_S, "w": 7 * DAY_S}
_DATE = re.compile(r"(?:([0-9]{4})-)?([0-9]{1,2})-([0-9]{1,2})")
# Day and month in this order may be in the other one; with dots, and the year first, they are not.
_DAY_MONTH_YEAR = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})")
_YEAR_FIRST = re.compile(
    r"([0-9]{4}) ?[./\u5e74\ub144] ?([0-9]{1,2}) ?[./\u6708\uc6d4] ?([0-9]{1,2}) ?[.\u65e5\uc77c]?"
)
# Without a year, the one above 12 is the day.
_DAY_AND_MONTH = re.compile(r"([0-9]{1,2})[./]([0-9]{1,2})\.?")
_WITH_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:.{0,40}")
_MONTH_DAY = re.compile(r"([0-9]{1,2}) ?[\u6708\uc6d4] ?([0-9]{1,2}) ?[\u65e5\uc77c]")
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")
# Between the parts of a date: "9 de marzo de 2021", "March 9th".
_BETWEEN = {"de", "del", "d", "of", "the", "\u0433", "\u0440", "th", "st", "nd", "rd"}


@lru_cache(maxsize=1 << 16)
def parse_count(shown: str | None) -> int | None:
    """Return 22600 for "22.6K" or "22,6 Tsd."; None if it is not a count, or ambiguous."""
    shown = shown.strip() if shown else ""
    if match := _COUNT.fullmatch(shown):
        value = _whole(Decimal(match[1]) * _MULTIPLES[match[2]])
        if match[2] or value is not None:
            return value
    return _parse_foreign_count(shown)


def parse_reply_count(shown: str | None) -> int | None:
    """Like `parse_count`, but "" is 0: the site shows no number if a comment has no replies."""
    return 0 if shown is not None and not shown.strip() else parse_count(shown)


def estimate_time(
    shown: str | None, scraped_at: float | None, earliest: int | None = None
) -> int | None:
    """Return the unix seconds of a shown time, or None.

    "3h ago" is three hours before the scrape: the real time is up to one hour (one unit) earlier.
    "Yesterday" is one day before it. "2021-3-9" is midnight UTC of that date. "11-24" is midnight
    of the last such day before the scrape. A time before `earliest` becomes `earliest`, because the
    site shows only the day. Years of other calendars (1400, 2564) give None, because nobody posted
    then.
    """
    time = _estimate(shown.strip() if shown else "", scrape_time(scraped_at))
    if time is None or not is_create_time(time, scraped_at):
        return None
    return time if earliest is None else max(time, earliest)


def _estimate(shown: str, scrape: int | None) -> int | None:
    if match := _RELATIVE.fullmatch(shown):
        age: int | None = int(match[1]) * _UNITS_S[match[2].lower()]
    elif match := _DATE.fullmatch(shown):
        return _date_time(match[1], match[2], match[3], scrape)
    elif _WITH_TIME.fullmatch(shown):
        return _iso_time(shown)
    else:
        age = _foreign_age(shown)
    if age is None and (date := _foreign_date(shown)) is not None:
        return _date_time(*date, scrape)
    return None if scrape is None or age is None else scrape - age


def _iso_time(shown: str) -> int | None:
    """Parse a date with a time, as programs write it, in UTC unless it names another zone."""
    try:
        time = datetime.fromisoformat(shown)
    except ValueError:
        return None
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())


def _parse_foreign_count(shown: str) -> int | None:
    text = _digits_among(shown)
    numbers = list(_NUMBER.finditer(text)) if text else []
    if len(numbers) != 1:
        return None
    (number,) = numbers
    key = languages.words(text[: number.start()], text[number.end() :])
    # Nobody shows thousandths of a like: "1.000" is a thousand.
    is_grouped = key == languages.words("", "") and _GROUPED.fullmatch(number[0])
    values = {
        _whole(parsed * magnitude.multiple)
        for magnitude in languages.look_up(languages.magnitudes(), key)
        if not is_grouped or magnitude.group == is_grouped[1]
        if (parsed := _parse_number(number[0], magnitude.decimal, magnitude.group)) is not None
    } - {None}
    if len(values) > 1:
        values = {value for value in values if value is not None and value < LARGEST_LIKELY}
    return values.pop() if len(values) == 1 else None


@lru_cache(maxsize=1 << 12)
def _number_pattern(decimal: str, group: str) -> re.Pattern[str]:
    point, comma = re.escape(decimal), re.escape(group)
    whole = f"[0-9]{{1,15}}|[0-9]{{1,3}}(?:{comma}[0-9]{{2,3}}){{0,4}}{comma}[0-9]{{3}}"
    return re.compile(f"({whole})(?:{point}([0-9]{{1,3}}))?")


def _parse_number(text: str, decimal: str, group: str) -> Decimal | None:
    match = _number_pattern(decimal, group).fullmatch(text)
    if match is None:
        return None
    return Decimal("".join(filter(str.isdigit, match[1])) + "." + (match[2] or "0"))


def _whole(value: Decimal) -> int | None:
    return int(value) if value == int(value) and value < LARGEST else None


@lru_cache(maxsize=1 << 16)
def _foreign_age(shown: str) -> int | None:
    """Return the seconds in "vor 3 Tagen", or None."""
    text = languages.plain(shown) if len(shown) <= LONGEST else ""
    numbers = re.findall("[0-9]+", text)
    if not text or len(numbers) > 1 or any(len(number) > 4 for number in numbers):
        return None
    if numbers:
        before, after = text.split(numbers[0])
        units = languages.look_up(languages.ages(), languages.words(before, after))
    else:
        units = languages.look_up(languages.ages(), languages.words(text))
    return int(numbers[0] if numbers else 1) * next(iter(units)) if len(units) == 1 else None


@lru_cache(maxsize=1 << 16)
def _foreign_date(shown: str) -> tuple[str | None, str, str] | None:
    """Return year, month and day of "24 nov. 2022" or "24.11.2022"; None if it is ambiguous."""
    text = _digits_among(shown)
    if match := _YEAR_FIRST.fullmatch(text):
        return match[1], match[2], match[3]
    if match := _MONTH_DAY.fullmatch(text):
        return None, match[1], match[2]
    if match := _DAY_AND_MONTH.fullmatch(text):
        day, month = sorted((match[1], match[2]), key=int, reverse=True)
        return (None, month, day) if int(day) > 12 else None
    if match := _DAY_MONTH_YEAR.fullmatch(text):
        first, sign, second, year = match.groups()
        if sign == "." or int(first) > 12 or first == second:
            return year, second, first
        return (year, first, second) if int(second) > 12 else None
    return _named_date(text) if text else None


def _named_date(text: str) -> tuple[str | None, str, str] | None:
    """Parse a date that names its month."""
    tokens = _TOKEN.findall(text)
    names = [languages.words(token) for token in tokens if not token.isdigit()]
    named = [name for name in names if name not in _BETWEEN]
    days = [token for token in tokens if token.isdigit() and len(token) <= 2]
    years = [token for token in tokens if token.isdigit() and len(token) == 4]
    if len(named) != 1 or len(days) != 1 or len(years) > 1 or len(tokens) > 8:
        return None
    if len(days) + len(years) + len(names) != len(tokens):
        return None
    numbers = languages.look_up(languages.months(), named[0])
    if len(numbers) != 1:
        return None
    return (years[0] if years else None), str(next(iter(numbers))), days[0]


def _digits_among(shown: str) -> str:
    """Return `shown` with plain signs; "" if it has no digit, or is too long."""
    text = languages.plain(shown) if len(shown) <= LONGEST else ""
    return text if any(character.isdigit() for character in text) else ""


def _date_time(year: str | None, month: str, day: str, scrape: int | None) -> int | None:
    if year:
        return _midnight(int(year), int(month), int(day))
    return None if scrape is None else _latest_date(int(month), int(day), scrape)


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
