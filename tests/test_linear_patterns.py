"""Text from outside takes time in proportion to its length, whatever it contains.

Each regular expression of the project gets a megabyte of its worst known input, and an eighth of
that of each text that is hard for many. So does each function that cleans text. What reads
queries gets the longest query. Each takes a second or two of processor time if everything is
linear; with a quadratic expression, it would take half a minute to hours.
"""

import multiprocessing
import re
import signal
import sys
from contextlib import suppress

import pytest

from scripts.export.cleaning import clean_reason, clean_text, cleaned
from scripts.export.pseudonyms import Pseudonyms
from scripts.rawinfo.formats.links import wanted_posts
from scripts.rawinfo.json_decoder import _end_of_element
from scripts.rawinfo.links import redact, without_signature
from scripts.search.operators import parse_query
from tests.support.patterns import BUILT, Pattern, building_functions, patterns

BYTES = 1_000_000
SHORTER = 125_000
QUERY_BYTES = 131_072  # Linux allows no longer argument, and servers no longer address
MOST_SECONDS = 10  # of the processor's time, for each text
# Texts that are repeated, with an end that makes the match fail.
ANYTHING = ["a", " ", ".", "/", "1 ", '\\"', "<"]
READ_QUERIES = tuple(f"scripts.search.{module}:" for module in ("operators", "amounts", "dates"))
# Repetitions of a text that an expression begins to match.
WORST = {
    "scripts.characters:HASHTAG": ["#", "#a"],
    "scripts.curation.removal:_PATH": ["/ocr/1", "ocr/"],
    "scripts.export.cleaning:_IN_QUERY": ["?did", "&did=&"],
    "scripts.export.cleaning:_LINK_SIGN": ["tiktok.com"],
    "scripts.export.cleaning:_PATH": ["/a", "~/", "/a "],
    "scripts.export.contacts:_DOMAIN": [
        "@a.",
        "@a",
        " at a",
        " at a dot ",
        "(at)",
        " @ a . ",
        "@-",
    ],
    "scripts.export.contacts:_NUMBER": ["1 1", "+", "(+1", "1-", "+1 "],
    "scripts.export.contacts:_DATE": ["1.1.", "2024-1"],
    "scripts.export.folding:_ENCODED": ["&#", "&a", "%41", "%4", "\\u00"],
    "scripts.export.names:_MENTION": ["@", "@.", "@a."],
    "scripts.export.pseudonyms:_MENTION": ["@", "@.", "@a."],
    "scripts.export.records:_MUSIC": ["https://a/music/", "12345"],
    "scripts.export.records:_WRITTEN_MUSIC": ["tiktok.com/music/", "tiktok.com/music/1"],
    "scripts.merge.rows:_MENTION": ["@", "@.", "@a."],
    "scripts.rawinfo.links:_QUERY": ["&a", "%3f", "?", "&a=", "&%"],
    "scripts.rawinfo.links:_CREDENTIALS": ["//", "//a"],
    "scripts.rawinfo.ids:_LINKED": ["/video/1", "?item_id=1", "&share_"],
    "scripts.rawinfo.ids:_SITE": ["a.", "a-", "tiktok.", "/tiktok.com"],
    "scripts.rawinfo.ids:_ESCAPED_SLASH": ["\\\\", "\\\\u002", "&#x2"],
    "scripts.rawinfo.ids:ROUNDED_ID": ["1", "1.1", "1.1e", "7,"],
    "scripts.rawinfo.formats.links:_SHORT_LINK": ["vm.tiktok.com/"],
    "scripts.rawinfo.sources:_MARKDOWN": ["[", "[a", "[a] ", "[!["],
    "scripts.rawinfo.shown_values:_number_pattern[0]": ["1.", "111.", "1,1"],
    "scripts.rawinfo.sources:_ENDS_WITHIN": ["{,", "{\n", "{, \t", "{[ "],
    "scripts.rawinfo.sources:_JSON_INSIDE": ['{"', '{"a" '],
    "scripts.search.operators:_OPERATOR": [
        *("not a, ", "in jan", "posted ", "under 1 ", "jan 1 of ", "creator:", "tiktok.com/", '-"'),
        *("not ", "a.", "between 1 ", "in the ", "last 3 ", "more than 3 ", "1 s and ", "(", "<"),
    ],
    "scripts.search.amounts:_CLOCK": ["1", "1:"],
    "scripts.search.amounts:_PART": ["half ", "1,"],
    "scripts.search.snippets:_PIECE": ["#", "#a", "a'", "#a."],
}
# Its only user stops looking after a quotation mark without an end.
STOPS_EARLY = {"scripts.rawinfo.json_decoder:_BRACKET"}
KEY = bytes(32)
NAME = "marzipanotter"


def cases() -> dict[tuple[Pattern, str], int]:
    """For each pattern and each text to repeat: the length in characters.

    A pattern that several modules import is used once with each text.
    """
    found = {}
    for name, pattern in patterns().items():
        if name not in STOPS_EARLY:
            longest = QUERY_BYTES if name.startswith(READ_QUERIES) else BYTES
            found |= {(pattern, repeated): min(longest, SHORTER) for repeated in ANYTHING}
            found |= {(pattern, repeated): longest for repeated in WORST.get(name, ())}
    return found


def repeat(text: str, length: int = BYTES) -> str:
    return (text * (length // len(text) + 1))[:length]


def begin(description: str) -> None:
    """Say what comes next, and end this process if that takes too long."""
    print(description, flush=True)
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)


def match_everything(all_cases: dict[tuple[Pattern, str], int]) -> None:
    """Look for every pattern in its worst inputs, and clean them."""
    for (pattern, repeated), length in all_cases.items():
        for before in ("", "x") if repeated.isspace() else ("",):
            begin(f"{pattern.compiled.pattern!r} {repeated!r}")
            pattern.use(before + repeat(repeated, length) + "\0")
    begin("_end_of_element")
    with suppress(ValueError):
        _end_of_element('{"' + '\\"' * (BYTES // 2), 0)
    for part in ("not ", "is not a, ", "-a ", "in 2022 "):
        begin(f"parse_query {part!r}")
        parse_query(repeat(part, QUERY_BYTES))
    for part in (*ANYTHING, "%25", "&amp;", "tiktok.com/", "tiktok.com?v/1", "/tiktok.com/t/a"):
        begin(f"wanted_posts {part!r}")
        wanted_posts(repeat(part, SHORTER) + " tiktok")
    names = Pseudonyms(KEY)
    names.learn_person(NAME, "Anna-Lena M\u00fcller")
    names.learn_handle("x.y")
    names.learn_handle("aaaaaaaaa")
    hostile = (*ANYTHING, NAME, NAME[:8], "Anna-", "x.", "\u0301", "a@b.c", "+1 ", "&#")
    for text in (repeat(part, SHORTER) for part in hostile):
        for clean in (clean_text, clean_reason, redact, without_signature, names.text):
            begin(f"{clean.__name__} {text[:20]!r}")
            clean(text)
        begin(f"cleaned {text[:20]!r}")
        cleaned({"description": text, "x": text}, frozenset({"secret-token"}))


def last_words_of(all_cases: dict[tuple[Pattern, str], int], capfd: pytest.CaptureFixture) -> str:
    """What takes too long, or nothing."""
    child = multiprocessing.get_context("fork").Process(target=match_everything, args=(all_cases,))
    child.start()
    child.join()
    said = capfd.readouterr()
    return f"{said.out.splitlines()[-1]}\n{said.err[-2000:]}" if child.exitcode else ""


@pytest.mark.slow
def test_no_text_costs_quadratic_time(capfd: pytest.CaptureFixture) -> None:
    """The limit is on processor time, so other work on the machine doesn't count."""
    assert last_words_of(cases(), capfd) == ""


def test_a_quadratic_pattern_is_found(
    capfd: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "MOST_SECONDS", 0.5)
    spaces = Pattern(re.compile(r"\s+$"), is_anchored=False)
    assert r"'\\s+$' ' '" in last_words_of({(spaces, " "): SHORTER}, capfd)


def test_the_worst_inputs_are_those_of_patterns_that_exist() -> None:
    assert WORST.keys() | STOPS_EARLY <= patterns().keys()


def test_every_function_that_builds_patterns_is_known() -> None:
    assert building_functions() == BUILT.keys()
