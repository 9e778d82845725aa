"""Read dates as people write them: `2022`, `December 2022`, `last spring`, `3 days ago`."""

import re
from calendar import monthrange
from datetime import date, timedelta

Days = tuple[date, date]  # the first and the last one

MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
# The first month of each season, in the north.
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}

_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_SEASON = f"(?:{'|'.join(SEASONS)})"
_YEAR = "(?:19|20)[0-9]{2}"
_DAY = "[0-9]{1,2}(?:st|nd|rd|th)?"
_THEN = r"(?:\s+of\s+|\s*,\s*|\s+)"
# A date that needs no word such as "in" before it.
MONTH_AND_YEAR = (
    rf"{_YEAR}-[0-9]{{2}}(?:-[0-9]{{2}})?"
    rf"|{_MONTH}\s+{_DAY}{_THEN}{_YEAR}|{_DAY}{_THEN}{_MONTH}{_THEN}{_YEAR}"
    rf"|(?:{_MONTH}|{_SEASON}){_THEN}{_YEAR}"
    rf"|last\s+(?:{_MONTH}|{_SEASON}|week|month|year)"
    r"|[0-9]{1,3}\s+(?:day|week|month|year)s?\s+ago"
)
DATE = rf"{MONTH_AND_YEAR}|{_YEAR}|this\s+(?:week|month|year)|today|yesterday"


def read_days(text: str, today: date) -> Days | None:
    """The days that a date in lower case means; None if there is no such date (2022-02-30)."""
    words = re.findall("[a-z]+|[0-9]+", text)
    try:
        if re.fullmatch("[0-9]{4}(-[0-9]{2}){0,2}", text, re.ASCII):
            return _span(*map(int, text.split("-")))
        if re.fullmatch(DATE, text):
            return _relative(words, today) or _named(words)
    except (ValueError, OverflowError):
        pass
    return None


def _span(year: int, month: int = 0, day: int = 0) -> Days:
    if day:
        return date(year, month, day), date(year, month, day)
    if month:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    return date(year, 1, 1), date(year, 12, 31)


def _season(name: str, year: int) -> Days:
    """The days of a season. Winter extends into the next year."""
    first = date(year, SEASONS[name], 1)
    end = _months_later(first, 3)
    return first, end - timedelta(1)


def _named(words: list[str]) -> Days | None:
    """Read `december 2022`, `3 december 2022` or `summer of 2022`."""
    numbers = [int(word) for word in words if word.isdigit()]
    year = numbers[-1]
    for word in words:
        if word in SEASONS:
            return _season(word, year)
        if month := _month(word):
            return _span(year, month, numbers[0] if len(numbers) > 1 else 0)
    return None


def _relative(words: list[str], today: date) -> Days | None:
    """Read `yesterday`, `this year`, `last spring` or `3 days ago`."""
    if words == ["today"]:
        return today, today
    if words == ["yesterday"]:
        return today - timedelta(1), today - timedelta(1)
    if words[-1] == "ago":
        return _ago(int(words[0]), words[1].rstrip("s"), today)
    if words[0] == "this":
        return _ago(0, words[1], today)
    if words[0] != "last":
        return None
    name = words[1]
    if name in ("week", "month", "year"):
        return _ago(1, name, today)
    # The latest such season or month that is over.
    for year in (today.year, today.year - 1, today.year - 2):
        month = _month(name)
        days = _season(name, year) if name in SEASONS else _span(year, month)
        if days[1] < today:
            return days
    return None


def _ago(count: int, unit: str, today: date) -> Days:
    """The day, week (from Monday), month or year that was `count` units ago."""
    if unit == "day":
        return today - timedelta(count), today - timedelta(count)
    if unit == "week":
        monday = today - timedelta(today.weekday() + 7 * count)
        return monday, monday + timedelta(6)
    if unit == "month":
        first = _months_later(today.replace(day=1), -count)
        return _span(first.year, first.month)
    return _span(today.year - count)


def _months_later(first: date, count: int) -> date:
    months = first.year * 12 + first.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def _month(word: str) -> int:
    """The number of a month, 1 to 12; 0 for any other word."""
    names = [name for name in MONTHS if len(word) >= 3 and name.startswith(word)]
    return MONTHS.index(names[0]) + 1 if names else 0
