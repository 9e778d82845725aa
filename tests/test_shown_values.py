"""Numbers and times as the site shows them."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.rawinfo.shown_values import estimate_time, parse_count, parse_reply_count
from scripts.rawinfo.times import id_time
from tests.support.workflow import PROJECT

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
        ("1,234", 1234),
        ("1.234", 1234),
        ("1.000", 1000),
        ("10,000", 10_000),
        ("1.0", 1),
        ("1.000K", 1000),
        ("22,6 Tsd.", 22_600),
        ("1.234.567", 1_234_567),
        ("1,23,456", 123_456),
        ("1 234", 1234),
        ("1\u202f234", 1234),
        ("1'234", 1234),
        ("1.2k", 1200),
        ("22,6K", 22_600),
        ("1,2 Mio.", 1_200_000),
        ("1,2\u00a0Mio.", 1_200_000),
        ("1,2 Mio", 1_200_000),
        ("1.2\ub9cc", 12_000),
        ("12,3 tys.", 12_300),
        ("2,5 mln", 2_500_000),
        ("1,1 \u0442\u044b\u0441.", 1100),
        ("1.2\u4e07", 12_000),
        ("3.4\u5104", 340_000_000),
        ("1.2 \u0932\u093e\u0916", 120_000),
        ("12 mil", 12_000),
        ("4,5 jt", 4_500_000),
        ("\u0661\u0662", 12),
        ("\u0661\u066b\u0662 \u0623\u0644\u0641", 1200),
        ("2,5 M", 2_500_000),  # in French; that in Indonesian, 2,500 million, no post has
        ("1,2 B", 1200),  # in Turkish
        ("1,2 Mrd.", 1_200_000_000),
        ("3.4 lakh", 340_000),
        ("1.2Cr", 12_000_000),
        ("\uff11\uff0e\uff12\u4e07", 12_000),
        ("\u200e12\u00a0k", 12_000),
        ("1,234K", None),
        ("12,34", None),
        ("1.2 Mio. 3", None),
        ("5 foo", None),
        ("-3", None),
        ("1e9", None),
        ("٣", 3),
        ("9" * 30, None),
        ("999999999999B", None),
    ],
)
def test_counts(shown, count):
    assert parse_count(shown) == count


def test_an_empty_reply_count_means_no_replies():
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
        ("vor 3 Tagen", at(2022, 11, 29, 7, 10, 30)),
        ("3 jours", at(2022, 11, 29, 7, 10, 30)),
        ("3 Std.", at(2022, 12, 2, 4, 10, 30)),
        ("maintenant", at(2022, 12, 2, 7, 10, 30)),
        ("3 j", None),  # days in French, hours in Malay
        ("vor 3 Std.", at(2022, 12, 2, 4, 10, 30)),
        ("3\uc77c \uc804", at(2022, 11, 29, 7, 10, 30)),
        ("3 dni temu", at(2022, 11, 29, 7, 10, 30)),
        ("3 days ago", at(2022, 11, 29, 7, 10, 30)),
        ("1 day ago", at(2022, 12, 1, 7, 10, 30)),
        ("il y a 3\u00a0j", at(2022, 11, 29, 7, 10, 30)),
        ("hace 3 d\u00edas", at(2022, 11, 29, 7, 10, 30)),
        ("3\u5929\u524d", at(2022, 11, 29, 7, 10, 30)),
        ("3 \u65e5\u524d", at(2022, 11, 29, 7, 10, 30)),
        ("\u0642\u0628\u0644 \u0663 \u0623\u064a\u0627\u0645", at(2022, 11, 29, 7, 10, 30)),
        ("3 \u0434\u043d\u044f \u043d\u0430\u0437\u0430\u0434", at(2022, 11, 29, 7, 10, 30)),
        ("yesterday", at(2022, 12, 1, 7, 10, 30)),
        ("Gestern", at(2022, 12, 1, 7, 10, 30)),
        ("hier", at(2022, 12, 1, 7, 10, 30)),
        ("vorgestern", at(2022, 11, 30, 7, 10, 30)),
        ("\u0915\u0932", at(2022, 12, 1, 7, 10, 30)),  # in Hindi, tomorrow has the same name
        ("today", at(2022, 12, 2, 7, 10, 30)),
        ("tomorrow", None),
        ("2 tu\u1ea7n tr\u01b0\u1edbc", at(2022, 11, 18, 7, 10, 30)),
        ("gestern", at(2022, 12, 1, 7, 10, 30)),
        ("i g\u00e5r", at(2022, 12, 1, 7, 10, 30)),
        ("\uc5b4\uc81c", at(2022, 12, 1, 7, 10, 30)),
        ("24 nov. 2021", at(2021, 11, 24)),
        ("9. M\u00e4rz 2021", at(2021, 3, 9)),
        ("Nov 24", at(2022, 11, 24)),
        ("9 de marzo de 2021", at(2021, 3, 9)),
        ("2021\u5e743\u67089\u65e5", at(2021, 3, 9)),
        ("11\u670824\u65e5", at(2022, 11, 24)),
        ("24/11/2021", at(2021, 11, 24)),
        ("9.3.2021", at(2021, 3, 9)),
        ("3/4/2021", None),  # in March, or in April
        ("5", None),
        ("May", None),
        ("1.2K", None),
        ("3 Tage", at(2022, 11, 29, 7, 10, 30)),
        ("3D ago", at(2022, 11, 29, 7, 10, 30)),  # not in August, which is "ago" in Spanish
        ("3 d ago", at(2022, 11, 29, 7, 10, 30)),
        ("5h", at(2022, 12, 2, 2, 10, 30)),
        ("24.11.", at(2022, 11, 24)),
        ("24/11", at(2022, 11, 24)),
        ("9.3.", None),  # in March, or in September
        ("2021-03-09T10:11:12+02:00", at(2021, 3, 9, 8, 11, 12)),
        ("2021-03-09 10:11", at(2021, 3, 9, 10, 11)),
        ("2021-03-09 99:99", None),
        ("1401-9-3", None),  # years of other calendars
        ("2565-11-24", None),
        ("2022-12-30", None),  # after the scrape
        ("9000w ago", None),
        ("", None),
        (None, None),
    ],
)
def test_times(shown, time):
    assert estimate_time(shown, SCRAPE) == time


@pytest.mark.parametrize("scrape", [None, float("nan"), float("inf"), -1.0, 0.0, 1e300])
def test_without_a_scrape_time_only_full_dates_are_known(scrape):
    assert estimate_time("3d ago", scrape) is None
    assert estimate_time("yesterday", scrape) is None
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


@pytest.mark.parametrize(
    ("shown", "earliest", "time"),
    [
        ("11-24", at(2022, 11, 24, 9), at(2022, 11, 24, 9)),  # that day, but not before the post
        ("11-24", at(2022, 11, 23), at(2022, 11, 24)),
        ("3d ago", at(2022, 11, 30), at(2022, 11, 30)),
        ("?", at(2022, 11, 30), None),
    ],
)
def test_a_time_is_not_before_the_earliest(shown, earliest, time):
    assert estimate_time(shown, SCRAPE, earliest) == time


def test_english_values_load_no_language_tables():
    program = (
        "import sys\n"
        "from scripts.rawinfo import catalogue\n"
        "from scripts.rawinfo.shown_values import estimate_time, parse_count\n"
        "assert parse_count('22.6K') == 22600 and estimate_time('3d ago', 1669965000) > 0\n"
        "assert parse_count('Like') is None and parse_count('') is None\n"
        "sys.exit('babel' in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True, timeout=600)


@pytest.mark.parametrize("settings", [{"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"}, {"LANG": "C"}])
def test_the_machines_settings_have_no_influence(settings):
    program = (
        "from scripts.rawinfo.shown_values import estimate_time, parse_count\n"
        "print(parse_count('1,2 Mio.'), estimate_time('vor 3 Tagen', 1669965000))\n"
        "print(estimate_time('24. Nov.', 1669965000), parse_count('1,234'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env=os.environ | settings,
        check=True,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.stdout.split() == ["1200000", "1669705800", "1669248000", "1234"]


@pytest.mark.parametrize("text", ["1," * 500_000, "1" * 1_000_000, "a " * 500_000, "1 a" * 300_000])
def test_long_texts_cost_little(text):
    assert parse_count(text) is None
    assert estimate_time(text, SCRAPE) is None
