"""Caption tracks: what the site serves is read, whatever it is; what we write is WebVTT."""

import json
from pathlib import Path

import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.media.images import MAX_CAPTIONS_BYTES
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
        (f"STYLE\n::cue {{ color: red }}\n\nREGION\nid:a\n\n{AT} region:a\nHello\n", "Hello"),
        (f"{AT}\nnul\0 bell\x07 \u200b你好 👍\n", "nul bell \u200b你好 👍"),
        (f"{AT}\n\n", ""),
        ("", ""),
        (f"nonsense\n\n{AT}\nHello\n\n00:xx --> 9\nlost\n", "Hello"),
    ],
)  # fmt: skip
def test_the_words_of_webvtt_are_read(body: str, text: str) -> None:
    assert text_of(f"WEBVTT\n\n{body}") == text
    assert text_of(f"WEBVTT - a title\nKind: captions\n\n{body}") == text
    assert text_of("\ufeff" + f"WEBVTT\n\n{body}".replace("\n", "\r\n")) == text


def test_cues_are_in_the_order_of_their_start() -> None:
    track = parse_captions(
        b"WEBVTT\nLanguage: en\n\n"
        b"01:00:05.000 --> 01:00:09.000\nthird\n\n"
        b"00:01.000 --> 00:08.000\nfirst\n\n00:05.500 --> 00:06.000\nsecond\n"
    )
    assert [cue.text for cue in track.cues] == ["first", "second", "third"]
    assert (track.cues[1].start_s, track.cues[2].end_s) == (5.5, 3609)
    assert track.language == "en"


def test_what_rolling_captions_repeat_is_said_once() -> None:
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
def test_what_is_said_twice_stays(said: list[str]) -> None:
    cues = [f"00:0{n}.000 --> 00:0{n + 1}.000\n{text}\n" for n, text in enumerate(said)]
    assert text_of("WEBVTT\n\n" + "\n".join(cues)) == " ".join(said)


def test_creator_captions_are_read() -> None:
    utterances = [
        {"text": "second ", "start_time": 1500, "end_time": 2750.5, "words": []},
        {"text": "first", "start_time": 0, "end_time": 1000},
        {"text": "no time"},
        {"text": 5},
        "nothing",
        {"text": "wrong times", "start_time": "0", "end_time": True},
    ]
    content = json.dumps({"utterances": utterances, "lang": "en"})
    track = parse_captions(content.encode())
    assert track.cues == (
        Cue("no time"), Cue("wrong times"), Cue("first", 0, 1), Cue("second", 1.5, 2.7505)
    )  # fmt: skip
    assert parse_captions(json.dumps(utterances).encode()).cues == track.cues
    impossible = f'[{{"text": "x", "start_time": NaN, "end_time": 1{"0" * 400}}}]'
    assert parse_captions(impossible.encode()).cues == (Cue("x"),)


@pytest.mark.parametrize(
    "data",
    [b"", b"<!doctype html>", b"{}", b"[" * 100_000, b'{"utterances": {}}', b"WEBVTT\n\n\xff\xfe",
     b'{"utterances": [', b"WEBVTT" + b"\n" * MAX_CAPTIONS_BYTES, b"1" * 10_000,
     b"WEBVTT\n\n" + b"00:01.000 --> 00:02.000\nx\n\n" * 100_001],
    ids=lambda data: repr(data[:12]),
)  # fmt: skip
def test_what_is_no_track_is_one_error(data: bytes) -> None:
    with pytest.raises(CaptionsError, match=r"\.$"):
        parse_captions(data)


@settings(max_examples=300, deadline=None)
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


def test_what_we_write_is_read_back_by_others() -> None:
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
