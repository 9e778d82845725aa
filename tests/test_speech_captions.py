"""Caption tracks: whatever the site serves is read, and the project writes WebVTT."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.media.captions import MAX_CAPTIONS_BYTES, verify_captions
from scripts.speech.captions import (
    CaptionsError,
    as_webvtt,
    parse_captions,
    read_captions,
)
from scripts.speech.engine import Cue, as_text

AT = "00:00:01.000 --> 00:00:02.000"


def text_of(content: str) -> str:
    return as_text(parse_captions(content.encode()).cues)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"{AT}\nHello there\n", "Hello there"),
        (f"7\n{AT} align:start position:0% line:90%\nHello\nthere\n", "Hello there"),
        (f"{AT}\n<v Bob>Hello</v> <c.yellow.bg_blue>there</c>\n", "Hello there"),
        (f"{AT}\nHel<00:00:01.500>lo <i><b>there</b></i>\n", "Hello there"),
        (f"{AT}\nTom &amp; Ann &lt;3&nbsp;it&lrm;\n", "Tom & Ann <3 it\u200e"),
        (f"NOTE a comment\nof two lines\n\n{AT}\nHello\n", "Hello"),
        (f"NOTE {AT}\nnot spoken\n\n{AT}\nHello\n\nNOTE\nwas {AT}\nno\n", "Hello"),
        (f"{AT}\na --> b\nc -->\n\n{AT}\nHello\n", "a --> b c --> Hello"),
        (f"STYLE\n::cue {{ color: red }}\n\nREGION\nid:a\n\n{AT} region:a\nHello\n", "Hello"),
        (f"{AT}\nnul\0 bell\x07 \u200b你好 👍\n", "nul bell \u200b你好 👍"),
        (f"{AT}\n\n", ""),
        ("", ""),
        (f"nonsense\n\n{AT}\nHello\n\n00:xx --> 9\nno time\n", "Hello no time"),
    ],
)  # fmt: skip
def test_the_words_of_webvtt_are_read(body: str, text: str) -> None:
    assert text_of(f"WEBVTT\n\n{body}") == text
    assert text_of(f"WEBVTT - a title\nKind: captions\n\n{body}") == text
    assert text_of("\ufeff" + f"WEBVTT\n\n{body}".replace("\n", "\r\n")) == text


@pytest.mark.parametrize("before", ["\n\n", "  ", "\ufeff\ufeff", "\r\n\ufeff"])
@pytest.mark.parametrize("track", [f"WEBVTT\n\n{AT}\nHello\n", f"1\n{AT}\nHello\n"])
def test_space_before_a_track_costs_none_of_its_words(
    tmp_path: Path, before: str, track: str
) -> None:
    file = tmp_path / "1.vtt"
    file.write_bytes((before + track).encode())
    assert as_text(read_captions(file).cues) == "Hello"
    assert verify_captions(file)["format"] in ("WebVTT", "SubRip")


def test_cues_are_in_the_order_of_their_start() -> None:
    track = parse_captions(
        b"WEBVTT\nLanguage: en\n\n"
        b"01:00:05.000 --> 01:00:09.000\nthird\n\n"
        b"00:01.000 --> 00:08.000\nfirst\n\n00:05.500 --> 00:06.000\nsecond\n"
    )
    assert [cue.text for cue in track.cues] == ["first", "second", "third"]
    assert (track.cues[1].start_s, track.cues[2].end_s) == (5.5, 3609)
    assert track.language == "en"


def test_repetitions_of_rolling_captions_are_dropped() -> None:
    assert (
        text_of(
            "WEBVTT\n\n00:00.000 --> 00:02.000\n \nhello and\n\n"
            "00:02.000 --> 00:02.010\nhello and\n \n\n"
            "00:02.010 --> 00:04.000\nhello and\nwel<00:00:02.500>come to\n\n"
            "00:04.000 --> 00:04.010\nwelcome to\n \n\n"
            "00:04.010 --> 00:06.000\nwelcome to\nthe show\n"
        )
        == "hello and welcome to the show"
    )
    growing = ["so", "so today", "so today we", "so today we bake"]
    cues = [f"00:0{n}.000 --> 00:0{n + 1}.000\n{text}\n" for n, text in enumerate(growing)]
    assert text_of("WEBVTT\n\n" + "\n".join(cues)) == "so today we bake"


@pytest.mark.parametrize(
    "said",
    [
        ["no", "no", "no"],
        ["we came to the sea", "the sea was cold", "and dark", "so we left", "at night"],
        ["la la la", "hey", "la la la", "hey"],
    ],
)
def test_words_spoken_twice_stay(said: list[str]) -> None:
    cues = [f"00:0{n}.000 --> 00:0{n + 1}.000\n{text}\n" for n, text in enumerate(said)]
    assert text_of("WEBVTT\n\n" + "\n".join(cues)) == " ".join(said)


def track_of(*cues: tuple[str, float, float]) -> str:
    """A WebVTT track of (text, start, end)."""
    return as_webvtt(Cue(text, start, end) for text, start, end in cues)


@pytest.mark.parametrize(
    "said",
    [
        ["what is that", "that is a cat"],
        ["what is that", "that is my cat", "bye now"],
        ["we dance all night long", "all night long until dawn"],
        ["no", "no no please"],
    ],
)
def test_after_a_pause_every_word_stays(said: list[str]) -> None:
    for pause_s in (1.0, 0.2):
        cues = [(text, n * (2 + pause_s), n * (2 + pause_s) + 2) for n, text in enumerate(said)]
        assert text_of(track_of(*cues)) == " ".join(said)


def test_words_shared_by_neighbours_are_no_roll_up() -> None:
    """A roll-up cue repeats whole lines, not the last word."""
    said = ["what is that", "that is a cat", "cat and mouse"]
    assert text_of(track_of(*((text, n, n + 1) for n, text in enumerate(said)))) == " ".join(said)


def test_one_pair_rolls_up_in_a_track_that_otherwise_does_not() -> None:
    said = ["so and\nwelcome", "welcome\nhere", "one", "one two", "six", "ten"]
    content = "WEBVTT\n\n" + "\n".join(
        f"00:{n:02d}.000 --> 00:{n + 1:02d}.000\n{text}\n" for n, text in enumerate(said)
    )
    assert text_of(content) == "so and welcome here one one two six ten"


SUBRIP = (
    "1\n00:00:01,000 --> 00:00:02,500\nfirst <i>line</i>\n\n"
    "2\n00:00:03,000 --> 00:00:04,000\n{\\an8}second\n\nstill second\n\n"
    "3\n00:00:05,000 --> 00:00:06,000\n<font color=red>third</font>\n"
)


@pytest.mark.parametrize(
    "content",
    [SUBRIP, "\ufeff" + SUBRIP, SUBRIP.replace("\n", "\r\n"), "\n" + SUBRIP,
     SUBRIP.replace(",", "."), SUBRIP.replace("00:00:", "00:"), SUBRIP.replace("1\n00", "00", 1)],
)  # fmt: skip
def test_subrip_is_read(content: str) -> None:
    track = parse_captions(content.encode())
    assert parse_captions(content.encode("utf-16")) == track  # as Notepad once wrote it
    assert [(cue.text, cue.start_s, cue.end_s) for cue in track.cues] == [
        ("first line", 1, 2.5), ("second still second", 3, 4), ("third", 5, 6)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "timing",
    ["00:00:01,000 --> 00:00:02,500", "00:01,000 --> 00:02,500", "0:01 --> 0:02.5",
     "00:00:01:000 --> 00:00:02:500", " 00:01.000-->00:02.500 line:0", "1:01.0 --> 1:02",
     "00:01.000 -> 00:02.500", "00:01.000 \u2013> 00:02.500", "00:01.000 \u2192 00:02.500"],
)  # fmt: skip
def test_a_cue_counts_however_its_time_is_written(timing: str) -> None:
    track = parse_captions(f"WEBVTT\n\n{AT}\nfirst\n\n7\n{timing}\nsecond\n".encode())
    assert [cue.text for cue in track.cues] == ["first", "second"]
    assert track.cues[1].start_s in (1, 61)


def test_cues_without_an_empty_line_between_them_are_two() -> None:
    content = f"WEBVTT\n\n1\n{AT}\nin 1972\n2\n00:03.000 --> 00:04.000\nsecond\n"
    assert text_of(content) == "in 1972 second"


@pytest.mark.parametrize("late", ["24:00:01.000", "25:30:00.000", "9999:00:00.000"])
def test_a_cue_later_than_a_day_stays_in_its_place(late: str) -> None:
    cues = [("00:01.000", "00:02.000"), (late, late), ("00:03.000", "00:04.000")]
    content = "WEBVTT\n\n" + "\n".join(
        f"{start} --> {end}\n{text}\n"
        for text, (start, end) in zip(["first", "second", "third"], cues, strict=True)
    )
    assert text_of(content) == "first second third"
    assert f"{late} --> " in as_webvtt(parse_captions(content.encode()).cues)


@pytest.mark.parametrize(
    "second",
    [{"start_time": "1500", "end_time": "3000"}, {"start_time": 1500}, {"start_time": "soon"}, {},
     {"start_time": -1, "end_time": 3000}, {"start_time": 10**20, "end_time": 10**20}],
)  # fmt: skip
def test_an_utterance_without_usable_times_stays_in_its_place(second: dict[str, Any]) -> None:
    utterances = [
        {"text": "first", "start_time": 0, "end_time": 1500},
        {"text": "second", **second},
        {"text": "third", "start_time": 3000, "end_time": 4000},
    ]
    assert text_of(json.dumps({"utterances": utterances})) == "first second third"


@pytest.mark.parametrize(
    "body",
    ["<" * 10**6, "<i " * 300_000, "{\\" * 400_000, "0" * 10**6, "a\n\n" * 300_000,
     "0:" * 500_000, "&" * 10**6, " " * 10**6, "\n" * 10**6, "1\n\n" * 300_000],
    ids=lambda body: repr(body[:4]),
)  # fmt: skip
def test_every_character_is_looked_at_a_bounded_number_of_times(body: str) -> None:
    """The processor time, which other work on the machine doesn't change, grows linearly."""

    def seconds(content: str) -> float:
        start = time.process_time()
        parse_captions(content.encode())
        return time.process_time() - start

    for start in (f"WEBVTT\n\n{AT}\n", "1\n00:00:01,000 --> 00:00:02,000\n"):
        seconds(start)
        part, whole = seconds(start + body[: len(body) // 8]), seconds(start + body)
        assert whole < 8 * 4 * part + 0.5


def test_a_track_with_very_many_cues_is_read_completely() -> None:
    """Only its size is limited. Once, a second limit refused more than 100,000 cues."""
    words = [str(number) for number in range(100_001)]
    webvtt = "WEBVTT\n\n" + "".join(f"00:01.000 --> 00:02.000\n{it}\n\n" for it in words)
    creator = json.dumps({"utterances": [{"text": it} for it in words]})
    for track in (webvtt, creator):
        assert [cue.text for cue in parse_captions(track.encode()).cues] == words


def test_creator_captions_are_read() -> None:
    utterances = [
        {"text": "second ", "start_time": 1500, "end_time": 2750.5, "words": []},
        {"text": "first", "start_time": 0, "end_time": 1000},
        {"text": "no time"},
        {"text": 5},
        "nothing",
        {"text": "no end", "start_time": "0", "end_time": True},
    ]
    content = json.dumps({"utterances": utterances, "lang": "en"})
    track = parse_captions(content.encode())
    assert track.cues == (
        Cue("first", 0, 1), Cue("no time"), Cue("no end", 0, 0), Cue("second", 1.5, 2.7505)
    )  # fmt: skip
    assert parse_captions(json.dumps(utterances).encode()).cues == track.cues
    impossible = f'[{{"text": "x", "start_time": NaN, "end_time": 1{"0" * 400}}}]'
    assert parse_captions(impossible.encode()).cues == (Cue("x"),)


@pytest.mark.parametrize(
    "data",
    [b"", b"<!doctype html>", b"{}", b"[" * 100_000, b'{"utterances": {}}', b"WEBVTT\n\n\xff\xfe",
     b'{"utterances": [', b"WEBVTT" + b"\n" * MAX_CAPTIONS_BYTES, b"1" * 10_000],
    ids=lambda data: repr(data[:12]),
)  # fmt: skip
def test_anything_but_a_track_is_one_error(data: bytes) -> None:
    with pytest.raises(CaptionsError, match=r"\.$"):
        parse_captions(data)


@settings(max_examples=300)
@given(st.one_of(st.binary(), st.text().map(lambda text: f"WEBVTT\n\n{AT}\n{text}".encode(
    errors="replace")), st.text("0123456789:.-> \n<>&;WEBVTTa").map(
    lambda text: f"WEBVTT\n\n{text}".encode())))  # fmt: skip
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    try:
        track = parse_captions(data)
    except CaptionsError:
        return
    written = as_webvtt(track.cues)
    assert as_text(parse_captions(written.encode()).cues).split() or not as_text(track.cues) or all(
        cue.start_s is None for cue in track.cues
    )  # fmt: skip


def test_a_missing_track_is_the_same_error(tmp_path: Path) -> None:
    with pytest.raises(CaptionsError, match="can't be read"):
        read_captions(tmp_path / "none.vtt")


def test_others_can_read_our_tracks() -> None:
    cues = [
        Cue("a --> b & <c>", 1, 3661.5),
        Cue("without time"),
        Cue("no length", 3662, 3662),
        Cue("NOTE", 100 * 3600, 100 * 3600 + 1),
    ]
    written = as_webvtt(cues)
    read = webvtt.from_string(written)
    assert [(cue.start, cue.end) for cue in read] == [
        ("00:00:01.000", "01:01:01.500"),
        ("01:01:02.000", "01:01:02.001"),
        ("100:00:00.000", "100:00:01.000"),
    ]
    assert read[0].text == "a --&gt; b &amp; &lt;c&gt;"
    assert as_webvtt([]) == "WEBVTT\n"
