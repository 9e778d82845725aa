"""Text on the screens of unusual videos: turned, damaged, with one frame, one frame a second."""

import json
import struct
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import PictureType
from PIL import Image

from scripts import screen
from scripts.screen.frames import Frame, read_frames
from scripts.speech.captions import Cue, read_webvtt
from tests.support.films import FRAMES_PER_S, SIZE, background, save, slide, still

SETTINGS = {"engine": "rapidocr", "languages": ["eng"], "longest_gap_s": 2, "max_seconds": 300}
MATRIX_AT = 44  # bytes after the name of the box `tkhd`, version 0
TURNED = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}  # clockwise


def read(video: Path, folder: Path) -> tuple[tuple[Cue, ...], dict[str, Any]]:
    """Read a video and return the lines with their times, and the receipt."""
    files = [folder / name for name in ("a.txt", "a.vtt", "a.json", "receipt.json")]
    screen.read_screen([video], *files, SETTINGS)
    return read_webvtt(files[1]), json.loads(files[3].read_text())


def frames_of(video: Path) -> list[Frame]:
    return list(read_frames(video, 300))


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return tmp_path / "video.mp4"


@pytest.mark.parametrize("degrees", TURNED)
def test_a_turned_video_is_read_upright(video: Path, degrees: int) -> None:
    image = Image.new("RGB", SIZE, "black")
    image.paste("white", (0, 0, SIZE[0] // 2, SIZE[1] // 4))
    upright = image.rotate(-degrees, expand=True)
    save(video, [image] * 3)
    content = bytearray(video.read_bytes())
    at = content.index(b"tkhd") + MATRIX_AT
    a, b, c, d = TURNED[degrees]
    content[at : at + 36] = struct.pack(
        ">9i", *(a << 16, b << 16, 0), *(c << 16, d << 16, 0), *(0, 0, 1 << 30)
    )
    video.write_bytes(content)
    pixels = frames_of(video)[0].pixels
    assert pixels.shape[:2] == (upright.height, upright.width)
    assert np.abs(pixels.astype(int) - np.asarray(upright)).mean() < 5


def test_independent_frames_are_read_if_there_are_few_others(video: Path) -> None:
    options = {"preset": "medium", "bf": "16", "x264-params": "b-adapt=0:b-pyramid=0"}
    save(video, [background()] * 40, **options)
    with av.open(video) as container:
        kinds = [PictureType(frame.pict_type) for frame in container.decode(video=0)]
    assert kinds.count(PictureType.B) > 30, "the test is about them"
    times = [frame.at_s for frame in frames_of(video)]
    assert np.diff(times).max() < 0.6


def test_parts_before_and_after_damage_are_read(video: Path) -> None:
    save(video, still("banana bread", 3), g="10")
    whole = [frame.at_s for frame in frames_of(video)]
    with av.open(video) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    content = bytearray(video.read_bytes())
    for packet in packets[12:15]:
        content[packet.pos : packet.pos + 4] = b"\xff" * 4  # the length of its first unit
    video.write_bytes(content)
    times = [frame.at_s for frame in frames_of(video)]
    assert 1 < len(times) < len(whole)
    assert (times[0], times[-1]) == (whole[0], whole[-1])


def test_a_video_of_one_frame(video: Path, tmp_path: Path) -> None:
    save(video, [slide("banana bread")])
    (cue,), receipt = read(video, tmp_path)
    assert (cue.text, cue.start_s) == ("banana bread", 0)
    assert cue.end_s == pytest.approx(1 / FRAMES_PER_S, abs=0.02)
    assert receipt["outcome"] == "ok"


def test_each_of_few_frames_is_seen_until_the_next(video: Path, tmp_path: Path) -> None:
    lines = ["banana bread", "apple pie", "cherry cake"]
    slides = [background(), *map(slide, lines)]
    save(video, slides, frames_per_s=1)
    cues, receipt = read(video, tmp_path)
    assert [(cue.text, cue.start_s, cue.end_s) for cue in cues] == [
        ("banana bread", 1, 2),
        ("apple pie", 2, 3),
        ("cherry cake", 3, 4),
    ]
    assert receipt["duration_s"] == 4


def test_a_video_without_pictures_has_no_words(video: Path, tmp_path: Path) -> None:
    with av.open(video, "w") as container:
        stream = container.add_stream("aac", 16000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.float32), "fltp", "mono")
        frame.sample_rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    cues, receipt = read(video, tmp_path)
    assert cues == ()
    assert (receipt["outcome"], receipt["reason"]) == ("ok", "The video has no pictures.")
    assert (tmp_path / "a.txt").read_text() == "\n"


def test_ten_bits_a_colour_are_read_as_eight(video: Path) -> None:
    save(video, [slide("banana bread")] * 2, pixels="yuv420p10le")
    pixels = frames_of(video)[0].pixels
    expected = np.asarray(slide("banana bread"))[:, :, ::-1]
    assert np.abs(pixels.astype(int) - expected).mean() < 5
