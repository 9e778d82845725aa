"""Read dates as people write them: `2022`, `December 2022`, `last spring`, `3 days ago`."""

import re
from calendar import monthrange
from datetime import date, timedelta

from scripts.search.amounts import NUMBER, read_number

Days = tuple[date, date]  # the first and the last one

MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# The first month of each season, in the north.
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}

_MONTH = (
    r"(?:(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?)"
)
_SEASON = f"(?:{'|'.join(SEASONS)})"
_YEAR = "(?:19|20)[0-9]{2}"
_DAY = r"[0-9]{1,2}(?:st|nd|rd|th|\.)?"
_THEN = r"(?:\s+of\s+|\s*,\s*|\s+)"
_SPAN = rf"(?:{NUMBER}\s+(?:day|week|month|year)s?|half\s+a\s+year)"
_AGO = rf"{_SPAN}\s+ago"
_THAN = r"(?:more\s+than|less\s+than|over|under)"
_AGE = r"(?:older\s+than|newer\s+than)"
_NUMERIC = (
    rf"(?:{_YEAR}[-/][0-9]{{1,2}}[-/][0-9]{{1,2}}|{_YEAR}-[0-9]{{2}}"
    rf"|[0-9]{{1,2}}\.[0-9]{{1,2}}\.{_YEAR}|(?:0?[1-9]|1[0-2])/{_YEAR})"
)
# A date that needs no word such as "in" before it.
_CLEAR = (
    rf"(?:{_NUMERIC}|{_MONTH}\s+{_DAY}{_THEN}{_YEAR}|{_DAY}{_THEN}{_MONTH}{_THEN}{_YEAR}"
    rf"|(?:{_MONTH}|{_SEASON}){_THEN}{_YEAR}"
    rf"|last\s+(?:{_MONTH}|{_SEASON}|week|month|year)|past\s+(?:week|month|year)"
    rf"|(?:last|past)\s+{NUMBER}\s+(?:day|week|month|year)s|{_AGO})"
)
DATE = (
    rf"(?:{_CLEAR}|{_YEAR}|this\s+(?:{_MONTH}|{_SEASON}|week|month|year)"
    rf"|last\s+(?:{'|'.join(WEEKDAYS)})|today|yesterday)"
)
_THE = r"(?:the\s+)?"
_WORD = "(?:before|after|since|until|till|in|from|during|on|between)"
_DOTS = r"(?:\.{2,3}|\u2026)"
_TO = rf"(?:\s+(?:to|until|till|through|and|or)\s+|\s*(?:[-\u2013]|{_DOTS})\s*)"
# A range without an end: "2022-05..", "..2022-05-31". Three dots after a date may end a sentence.
_OPEN = rf"(?:(?:{_NUMERIC}|{_YEAR})\s?\.\.(?!\.)|{_DOTS}\s?(?:{_NUMERIC}|{_YEAR}))"
_FIRST = rf"(?:{DATE}|{_MONTH}|{_SEASON})"
_DAYS = rf"{_DAY}{_TO}{_THE}{_DAY}{_THEN}{_MONTH}{_THEN}{_YEAR}"  # 1 to 5 May 2022
# In a range, the year of the last day may also apply to the first one.
PERIOD = (
    rf"(?:(?:posted\s+)?(?:(?:from|between)\s+{_THE})?{_DAYS}"
    rf"|(?:posted\s+)?(?:(?:from|between|in|during)\s+{_THE}{_FIRST}|{_THE}{_CLEAR})"
    rf"{_TO}{_THE}{DATE}|{_YEAR}\s?{_DOTS}\s?{DATE}|{_OPEN}"
    rf"|(?:posted\s+)?{_THAN}\s+{_AGO}|{_AGE}\s+(?:{_THE}{DATE}|{_SPAN})"
    rf"|(?:posted\s+)?{_WORD}\s+{_THE}{DATE}|posted\s+{_THE}{DATE}|{_THE}{_CLEAR})"
)
_DATE = re.compile(DATE)
_OPEN_RANGE = re.compile(_OPEN)
_ONE_DAY = re.compile(_DAY)
_SPAN_BACK = re.compile(_SPAN + "(?: ago)?")
_NUMBERS = re.compile("[1-9][0-9]{3}(?:[-/][0-9]{1,2}){0,2}")
_PARTS = re.compile(
    rf"(?:posted )?(?:(?P<word>{_WORD}|{_THAN}|{_AGE}) )?{_THE}(?P<first>{_FIRST}|{_SPAN}|{_DAY})"
    rf"(?:{_TO}{_THE}(?P<last>{DATE}))?"
)
# The same as `before` and `since`.
_BEFORE, _SINCE = ("more than", "over", "older than"), ("less than", "under", "newer than")
# No TikTok is older, not even those that came from another program.
_OLDEST = date(2014, 1, 1)


def read_period(text: str, today: date) -> str | None:
    """The days that a period in lower case means: `2022-12-01..2022-12-31`; an end may be missing.

    None if there is no such date (2022-02-30), or if TikToks of that time are impossible: "the
    summer of 1969" is part of a title.
    """
    text = " ".join(text.split())
    parts = _PARTS.fullmatch(text)
    try:
        if _OPEN_RANGE.fullmatch(text):
            days = _read_open(text, today)
        else:
            days = _read_parts(parts, today) if parts else None
    except (ValueError, OverflowError):
        return None
    first, _, last = (days or "").partition("..")
    is_past = (last or first) < _OLDEST.isoformat()
    return None if is_past or first > today.isoformat() else days


def _read_parts(parts: re.Match[str], today: date) -> str | None:
    typed, first, last = parts["word"] or "in", parts["first"], parts["last"]
    if last:
        return _range(first, last, today)
    word = "before" if typed in _BEFORE else "since" if typed in _SINCE else typed
    if word != typed and _SPAN_BACK.fullmatch(first):
        day = _before(_whole(first).split(), today)
        return limited(word, (day, day))
    days = read_days(first, today)
    return days and limited(word, days)


def _read_open(text: str, today: date) -> str | None:
    days = read_days(text.strip(".\u2026 "), today)
    return days and limited("since" if text.endswith(".") else "until", days)


def _whole(text: str) -> str:
    """The text with `6 months` in place of half a year."""
    return text.replace("half a year", "6 months")


def limited(word: str, days: Days) -> str:
    """The days that a date and the word before it mean, in the form of `read_period`."""
    first, last = days
    if word == "before":
        return f"..{first - timedelta(1)}"
    if word in ("after", "since"):
        return f"{first}.."
    return f"..{last}" if word in ("until", "till") else f"{first}..{last}"


def read_days(text: str, today: date) -> Days | None:
    """The days that a date in lower case means; None if there is no such date (2022-02-30)."""
    text = _whole(" ".join(text.split()))
    words = re.findall("[a-z]+|[0-9]+", text)
    try:
        if _NUMBERS.fullmatch(text):
            return _span(*map(int, words))
        if _DATE.fullmatch(text):
            if "".join(words).isdigit():  # 31.12.2022, 12/2022
                return _span(*map(int, reversed(words)))
            return _relative(words, today) or _named(words)
    except (ValueError, OverflowError):
        pass
    return None


def _range(first: str, last: str, today: date) -> str | None:
    """Read a range, from the first day of a date to the last of another: `march to june 2022`."""
    end = read_days(last, today)
    start = read_days(first, today)
    if end and _ONE_DAY.fullmatch(first):
        start = read_days(_ONE_DAY.sub(first, last, count=1), today)
    elif end and not start:
        # The month or the season before the end.
        start = read_days(f"{first} {end[1].year}", today)
        if start and start[0] > end[1]:
            start = read_days(f"{first} {end[1].year - 1}", today)
    if not start or not end:
        return None
    return f"{min(start[0], end[0])}..{max(start[1], end[1])}"


def _before(ago: list[str], today: date) -> date:
    """The day that `3 days ago` or `last 3 days` means."""
    number, unit = ago[1:] if ago[0] in ("last", "past") else ago[:2]
    return _earlier(read_number(number), unit.rstrip("s"), today)


def _earlier(count: int, unit: str, today: date) -> date:
    """The day that many days, weeks, months or years earlier; in a shorter month, its last day."""
    if unit in ("day", "week"):
        return today - timedelta(count * (7 if unit == "week" else 1))
    first = _months_later(today.replace(day=1), -count * (12 if unit == "year" else 1))
    return first.replace(day=min(today.day, monthrange(first.year, first.month)[1]))


def _span(year: int, month: int | None = None, day: int | None = None) -> Days:
    if month and day is not None:
        return date(year, month, day), date(year, month, day)
    if month is not None:
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
            return _span(year, month, *numbers[:-1])
    return None


def _relative(words: list[str], today: date) -> Days | None:
    """Read `yesterday`, `this year`, `last spring` or `3 days ago`."""
    if words == ["today"]:
        return today, today
    if words == ["yesterday"]:
        return today - timedelta(1), today - timedelta(1)
    if words[-1] == "ago":
        return _ago(read_number(words[0]), words[1].rstrip("s"), today)
    if words[0] not in ("this", "last", "past"):
        return None
    if len(words) == 3:
        return _before(words, today), today
    return _this_or_last(words[0], words[1], today)


def _this_or_last(word: str, name: str, today: date) -> Days | None:
    """Read `this`, `last` or `past` with a unit. `past` means the time until today."""
    if word == "past":
        return _earlier(1, name, today), today
    if name in ("week", "month", "year"):
        return _ago(0 if word == "this" else 1, name, today)
    if name in WEEKDAYS:
        day = today - timedelta((today.weekday() - WEEKDAYS.index(name) - 1) % 7 + 1)
        return day, day
    years = (today.year, today.year - 1, today.year - 2)
    found = [
        _season(name, year) if name in SEASONS else _span(year, _month(name)) for year in years
    ]
    if word == "last":  # the latest such season or month that is over
        return next(days for days in found if days[1] < today)
    return next((days for days in found if days[0] <= today <= days[1]), found[0])


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
