"""Text from outside takes time in proportion to its length, whatever it contains.

Each regular expression of the project, and each function that cleans text, gets a megabyte of its
worst known input; what reads queries gets a quarter of that. If everything is linear, that takes a
minute of processor time; a single quadratic expression would take many minutes to hours.
"""

import resource
import subprocess
import sys
from contextlib import suppress

import pytest

from scripts.export.cleaning import clean_reason, clean_text, cleaned
from scripts.export.pseudonyms import Pseudonyms
from scripts.rawinfo.json_decoder import _end_of_element
from scripts.rawinfo.links import redact, without_signature
from scripts.search.operators import parse_query
from tests.support.patterns import BUILT, Pattern, building_functions, patterns
from tests.support.workflow import PROJECT

BYTES = 1_000_000
QUERY_BYTES = 250_000  # no address and no command line holds a longer query
MOST_SECONDS = 300  # of the processor's time; linear work takes a fifth of it
# Texts that are repeated to a megabyte, with an end that makes the match fail.
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
    "scripts.rawinfo.ids:_LINKED": ["/video/1", "?item_id=1"],
    "scripts.rawinfo.ids:_OTHER_HOST": ["//tiktok", "//a.", "https://tiktok-"],
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
    return {
        (pattern, repeated): QUERY_BYTES if name.startswith(READ_QUERIES) else BYTES
        for name, pattern in patterns().items()
        if name not in STOPS_EARLY
        for repeated in (*ANYTHING, *WORST.get(name, ()))
    }


def repeat(text: str, length: int = BYTES) -> str:
    return (text * (length // len(text) + 1))[:length]


def match_everything() -> None:
    """Look for every pattern in its worst inputs, and clean them."""
    for (pattern, repeated), length in cases().items():
        print(repr(pattern.compiled.pattern), repr(repeated), flush=True)
        for before in ("", "x") if repeated.isspace() else ("",):
            pattern.use(before + repeat(repeated, length) + "\0")
    with suppress(ValueError):
        _end_of_element('{"' + '\\"' * (BYTES // 2), 0)
    for part in ("not ", "is not a, ", "-a ", "in 2022 "):
        parse_query(repeat(part, QUERY_BYTES))
    names = Pseudonyms(KEY)
    names.learn_person(NAME, "Anna-Lena M\u00fcller")
    names.learn_handle("x.y")
    names.learn_handle("aaaaaaaaa")
    hostile = (*ANYTHING, NAME, NAME[:8], "Anna-", "x.", "\u0301", "a@b.c", "+1 ", "&#")
    for text in map(repeat, hostile):
        print(repr(text[:20]), flush=True)
        for clean in (clean_text, clean_reason, redact, without_signature, names.text):
            clean(text)
        cleaned({"description": text, "x": text}, frozenset({"secret-token"}))


@pytest.mark.slow
def test_no_text_costs_quadratic_time() -> None:
    """The limit is on processor time, so other work on the machine doesn't count."""
    run = subprocess.run(
        [sys.executable, "-c", "from tests.test_linear_patterns import *; match_everything()"],
        cwd=PROJECT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"{run.stdout.splitlines()[-1:]} {run.stderr[-2000:]}"


def test_the_worst_inputs_are_those_of_patterns_that_exist() -> None:
    assert WORST.keys() | STOPS_EARLY <= patterns().keys()


def test_every_function_that_builds_patterns_is_known() -> None:
    assert building_functions() == BUILT.keys()
