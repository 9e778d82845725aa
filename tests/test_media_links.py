"""The choice of links to download from a record."""

from typing import Any

import pytest

from scripts.rawinfo.dialects import Captions
from scripts.rawinfo.media_links import MediaLinks, base_language, choose_captions, choose_links
from scripts.rawinfo.validation import validate
from scripts.store.media_kinds import CAPTIONS, COVERPHOTOS, PHOTOS, VIDEOS
from tests.support.small_corpus import info, post_id

ID = post_id(0)
PLAY = "https://v16.example.com/play.mp4"
BLOB = "blob:https://www.tiktok.com/1234"
PAGE = f"https://www.tiktok.com/@maker/video/{ID}?is_copy_url=1"


def links(**changes: Any) -> MediaLinks:
    record, problems = validate(info(ID, **changes))
    assert not problems
    return choose_links(record)


@pytest.mark.parametrize("unusable", [BLOB, PAGE, "", None])
def test_the_sites_own_link_replaces_one_that_leads_to_no_file(unusable: str | None) -> None:
    others = [{"url": BLOB}, {"url": PLAY, "codec": "h264"}, {"url": "https://b.example/2.mp4"}]
    chosen = links(**{"video-src": unusable, "video-links": others})
    assert VIDEOS.files(ID, chosen) == {ID: PLAY}


def test_the_players_link_is_kept_if_it_leads_to_a_file() -> None:
    player = "https://v16.example.com/seen.mp4"
    chosen = links(**{"video-src": player, "video-links": [{"url": PLAY}]})
    assert VIDEOS.files(ID, chosen) == {ID: player}


def test_an_unavailable_video_is_still_requested() -> None:
    chosen = links(**{"video-src": BLOB, "video-links": []})
    assert VIDEOS.files(ID, chosen) == {ID: BLOB}


def test_a_photo_post_has_slides_and_no_video() -> None:
    slides = [{"url": f"https://p16.example.com/{letter}.jpeg"} for letter in "ab"]
    chosen = links(**{"video-src": None, "photos": slides})
    assert VIDEOS.files(ID, chosen) == {}
    assert list(COVERPHOTOS.files(ID, chosen)) == [ID]
    assert PHOTOS.files(ID, chosen) == {
        f"{ID}/1": "https://p16.example.com/a.jpeg",
        f"{ID}/2": "https://p16.example.com/b.jpeg",
    }


def test_a_video_has_no_slides() -> None:
    assert PHOTOS.files(ID, links()) == {}
    assert CAPTIONS.files(ID, links()) == {}


def track(source: str | None, language: str | None) -> Captions:
    return Captions(url=f"{source}-{language}", language=language, source=source)


@pytest.mark.parametrize(
    ("tracks", "language", "chosen"),
    [
        ([("ASR", "eng-US"), ("LC", "eng-US")], "en", "LC-eng-US"),
        ([("LC", "deu-DE"), ("ASR", "spa-ES")], "es", "ASR-spa-ES"),
        ([("LC", "deu-DE"), ("ASR", "eng-US")], None, "LC-deu-DE"),
        ([("MT", "eng-US"), ("ASR", "por-PT")], "en", "ASR-por-PT"),
        ([("MT", "eng-US")], "en", None),
        ([(None, "eng-US")], None, "None-eng-US"),
        ([(None, "eng-US"), (None, "deu-DE")], "en", None),
        ([(None, "eng-US"), ("ASR", "deu-DE")], "en", "ASR-deu-DE"),
        ([("ASR", "un")], "un", "ASR-un"),
        ([], "en", None),
    ],
)
def test_captions_are_the_creators_or_the_sites_in_the_language_of_the_post(
    tracks: list[tuple[str, str]], language: str | None, chosen: str | None
) -> None:
    found = choose_captions([track(*one) for one in tracks], language)
    assert (found and found.url) == chosen


def test_a_caption_track_may_have_several_addresses() -> None:
    tracks = [
        {"url": f"https://v16.example.com/{name}", "language": language, "source": source}
        for name, language, source in (
            *(("second", "eng-US", "ASR"), ("german", "deu-DE", "ASR")),
            *(("first", "eng-US", "ASR"), ("creator", "deu-DE", "LC")),
        )
    ]
    chosen = links(captions=tracks, language="en")
    assert chosen.captions == "https://v16.example.com/second"
    assert chosen.other_captions == ("https://v16.example.com/first",)


@pytest.mark.parametrize(
    ("tag", "base"),
    [
        ("en", "en"),
        ("eng-US", "en"),
        ("zho-CN", "zh"),
        ("pt_BR", "pt"),
        ("un", "un"),
        ("not a language", None),
        ("", None),
        (None, None),
    ],
)
def test_languages_are_compared_by_their_shortest_code(tag: str | None, base: str | None) -> None:
    assert base_language(tag) == base


H264, HEVC, BYTEVC2, PLAIN = (f"https://v16.example.com/{name}.mp4" for name in "abcd")


@pytest.mark.parametrize(
    ("player", "others", "expected"),
    [
        (PLAIN, [], [PLAIN]),
        (PLAIN, [(HEVC, "h265_hvc1"), (H264, "h264")], [H264, PLAIN, HEVC]),
        (HEVC, [(HEVC, "h265_hvc1"), (H264, "h264")], [H264, HEVC]),
        (HEVC, [(HEVC, "bytevc1"), (BYTEVC2, "bytevc2")], [HEVC]),
        (PLAIN, [(BYTEVC2, "bytevc2")], [PLAIN]),
        (BYTEVC2, [(BYTEVC2, "bytevc2")], [None]),
        (BLOB, [(HEVC, "h265_hvc1"), (H264, "h264")], [H264, HEVC]),
        (HEVC, [(HEVC, "H.265"), (H264, "H.264")], [H264, HEVC]),
        (HEVC, [(HEVC, "x265"), (H264, "AVC")], [H264, HEVC]),
        (PLAIN, [(BYTEVC2, "VVC"), (HEVC, "byte-vc1")], [PLAIN, HEVC]),
        (BLOB, [(BLOB, "h264")], [BLOB]),
        (
            "https://v16.example.com/media-video-hvc1/1/",
            [("https://v16.example.com/media-video-avc1/1/", None)],
            [
                "https://v16.example.com/media-video-avc1/1/",
                "https://v16.example.com/media-video-hvc1/1/",
            ],
        ),
    ],
)
def test_links_are_ranked_by_codec(
    player: str, others: list[tuple[str, str | None]], expected: list[str | None]
) -> None:
    video_links = [{"url": url, "codec": codec} for url, codec in others]
    chosen = links(**{"video-src": player, "video-links": video_links})
    assert [chosen.video, *chosen.other_videos] == expected
