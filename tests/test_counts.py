"""Sentences with counts are also right for a single thing."""

import re

import pytest

from scripts.counts import counted, them
from tests.support.workflow import PROJECT


@pytest.mark.parametrize(
    ("number", "plural", "verb", "expected"),
    [
        (1, "files", "", "1 file"),
        (0, "files", "", "0 files"),
        (2000, "missing files", "are", "2,000 missing files are"),
        (1, "queries", "are", "1 query is"),
        (1, "times of comments", "have", "1 time of comments has"),
        (1, "files", "match", "1 file matches"),
    ],
)
def test_one_thing_is_counted_in_the_singular(number, plural, verb, expected):
    assert counted(number, plural, verb) == expected


def test_one_thing_is_it():
    assert (them(1), them(0), them(2)) == ("it", "them", "them")


def test_every_message_counts_its_things_so():
    """A count followed by a fixed plural would be wrong for a single thing."""
    things = "captions|cells|columns|comments|files|jobs|lines|links|posts|problems|queries|records"
    things += "|results|rows|scrapes|slides|texts|TikToks|topics|transcripts|videos"
    written = re.compile(rf"\{{[^{{}}]*(?:len|count|number|sum|total)[^{{}}]*\}} (?:{things})\b")
    found = {
        f"{path.relative_to(PROJECT)}: {match[0]}"
        for path in (PROJECT / "scripts").rglob("*.py")
        for match in written.finditer(path.read_text("utf-8"))
    }
    assert found == set()
