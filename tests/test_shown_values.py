"""Numbers and times as the site shows them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.rawinfo.shown_values import estimate_time, parse_count, parse_reply_count
from scripts.rawinfo.times import id_time

SCRAPE = datetime(2022, 12, 2, 7, 10, 30, tzinfo=UTC).timestamp() + 0.75


def at(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("shown", "count"),
    [
        ("8917", 8917),
        ("0", 0),
        ("22.6K", 22_600),
        ("172.9K", 172_900),
        ("264K", 264_000),
        ("3.1M", 3_100_000),
        ("1.2B", 1_200_000_000),
        (" 113 ", 113),
        ("", None),
        (None, None),
        ("Like", None),
        ("1.5", None),
        ("1,234", None),
        ("22,6K", None),
        ("-3", None),
        ("1e9", None),
        ("٣", None),
        ("9" * 30, None),
        ("999999999999B", None),
    ],
)
def test_counts(shown, count):
    assert parse_count(shown) == count


def test_no_replies_are_shown_as_nothing():
    assert [parse_reply_count(shown) for shown in ("", "6", None, "?")] == [0, 6, None, None]


@pytest.mark.parametrize(
    ("shown", "time"),
    [
        ("7s ago", at(2022, 12, 2, 7, 10, 23)),
        ("25m ago", at(2022, 12, 2, 6, 45, 30)),
        ("5h ago ", at(2022, 12, 2, 2, 10, 30)),
        ("3d ago", at(2022, 11, 29, 7, 10, 30)),
        ("2w ago", at(2022, 11, 18, 7, 10, 30)),
        ("11-24", at(2022, 11, 24)),
        ("12-2", at(2022, 12, 2)),
        ("12-3", at(2021, 12, 3)),
        ("1-1 ", at(2022, 1, 1)),
        ("2-29", at(2020, 2, 29)),
        ("2021-3-9", at(2021, 3, 9)),
        ("2021-02-30", None),
        ("13-1", None),
        ("0-0", None),
        ("vor 3 Tagen", None),
        ("", None),
        (None, None),
    ],
)
def test_times(shown, time):
    assert estimate_time(shown, SCRAPE) == time


@pytest.mark.parametrize("scrape", [None, float("nan"), float("inf"), -1.0, 0.0, 1e300])
def test_without_a_scrape_time_only_full_dates_are_known(scrape):
    assert estimate_time("3d ago", scrape) is None
    assert estimate_time("11-24", scrape) is None
    assert estimate_time("2021-3-9", scrape) == at(2021, 3, 9)


def test_2_29_in_the_long_gap_without_a_leap_year():
    assert estimate_time("2-29", at(2103, 5, 1)) == at(2096, 2, 29)


@pytest.mark.parametrize(
    ("id", "scrape", "time"),
    [
        ("7171915622962351935", SCRAPE, at(2022, 11, 30, 20, 55, 30)),
        ("7171915622962351935", None, at(2022, 11, 30, 20, 55, 30)),
        ("7171915622962351935", at(2021, 1, 1), None),  # posted after it was scraped
        ("7171915622962351935", at(2022, 11, 30, 12), at(2022, 11, 30, 20, 55, 30)),  # clock wrong
        ("12345", SCRAPE, None),
        ("0", SCRAPE, None),
        ("99999999999999999999", SCRAPE, None),
        ("99999999999999999999", None, None),
    ],
)
def test_post_time_from_the_id(id, scrape, time):
    assert id_time(id, scrape) == time


@given(
    st.text() | st.from_regex(r"[0-9]{1,20}(\.[0-9])?[KMB]?|[0-9]{0,5}-?[0-9]{1,3}-[0-9]{1,3}"),
    st.none() | st.floats(),
)
def test_anything_shown_is_a_storable_number_or_none(shown, scrape):
    for value in (parse_count(shown), parse_reply_count(shown), estimate_time(shown, scrape)):
        assert value is None or -(2**63) <= value < 2**63


@given(st.dates(min_value=datetime(2015, 1, 1).date(), max_value=datetime(2022, 12, 1).date()))
def test_a_date_without_a_year_is_within_the_last_year(date):
    shown = f"{date.month}-{date.day}"
    time = estimate_time(shown, SCRAPE)
    found = datetime.fromtimestamp(time, UTC)
    assert (found.month, found.day) == (date.month, date.day)
    assert 0 <= SCRAPE - time < (366 if shown != "2-29" else 4 * 366) * 86_400
