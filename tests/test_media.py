"""Damaged and foreign files are recognised by their content; intact ones pass."""

# ruff: noqa: S311  made damage

import random
import shutil
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from scripts.errors import DamagedMediaError
from scripts.media.captions import verify_captions
from scripts.media.images import verify_image
from scripts.media.video import verify_video
from tests.support.own_process import in_own_process

WIDTH, HEIGHT, RATE, FRAMES = 96, 160, 10, 25
AUDIO_RATE = 48000
PAGE = b"\xef\xbb\xbf\n <!DOCTYPE html><html><body>Log in to TikTok</body></html>"
PHOTO_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF")


def photo(size: tuple[int, int] = (270, 480)) -> Image.Image:
    blotches = np.random.default_rng(1).integers(0, 256, (size[1] // 8, size[0] // 8, 3), np.uint8)
    return Image.fromarray(blotches).resize(size, Image.Resampling.BICUBIC)


def encoded(image: Image.Image, name: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def make_clip(
    path: Path,
    video: str | None = "libx264",
    audio: str | None = "aac",
    seed: int = 1,
    options: dict[str, str] | None = None,
) -> bytes:
    """A clip of 2.5 s with grain in pictures and sound."""
    rng = np.random.default_rng(seed)
    with av.open(str(path), "w", options=options or {}) as container:
        pictures = sound = None
        if video:
            pictures = container.add_stream(video, rate=RATE)
            pictures.width, pictures.height, pictures.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            pictures.gop_size = 10
            pictures.bit_rate = 400_000
        if audio:
            sound = container.add_stream(audio, rate=AUDIO_RATE, layout="stereo")
        for index in range(FRAMES):
            if pictures:
                pixels = rng.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                frame.pts, frame.time_base = index, Fraction(1, RATE)
                container.mux(pictures.encode(frame))
            if sound:
                samples = AUDIO_RATE // RATE
                noise = rng.normal(0, 0.1, (2, samples)).astype(np.float32)
                piece = av.AudioFrame.from_ndarray(noise, format="fltp", layout="stereo")
                piece.sample_rate, piece.pts = AUDIO_RATE, index * samples
                container.mux(sound.encode(piece))
        for stream in filter(None, (pictures, sound)):
            container.mux(stream.encode(None))
    return path.read_bytes()


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("clips")
    front = {"movflags": "faststart"}
    return {
        "front": make_clip(folder / "front.mp4", options=front),
        "end": make_clip(folder / "end.mp4"),
        "other": make_clip(folder / "other.mp4", seed=2, options=front),
        "fragmented": make_clip(
            folder / "fragmented.mp4", options={"movflags": "frag_keyframe+empty_moov"}
        ),
        "hevc": make_clip(folder / "hevc.mp4", video="libx265", options=front),
        "webm": make_clip(folder / "vp9.webm", video="libvpx-vp9", audio="libopus"),
    }


def boxes(data: bytes) -> dict[bytes, tuple[int, int]]:
    """Start and end of each top-level box."""
    found, at = {}, 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4])
        found[data[at + 4 : at + 8]] = (at, at + size)
        at += size
    return found


def reason(verify: object, path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(DamagedMediaError) as caught:
        verify(path)
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert str(path.parent) not in message
    return message


# Images


@pytest.mark.parametrize("name", PHOTO_FORMATS)
def test_intact_images_pass_whatever_their_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "1.jpg"
    path.write_bytes(encoded(photo(), name))
    assert verify_image(path) == {"format": name, "width": 270, "height": 480}


@pytest.mark.parametrize(
    ("mode", "name", "options"),
    [
        ("L", "JPEG", {"progressive": True}),
        ("CMYK", "JPEG", {}),
        ("RGBA", "PNG", {}),
        ("P", "PNG", {}),
        ("1", "PNG", {}),
        ("RGBA", "WEBP", {"lossless": True}),
    ],
)
def test_every_colour_mode_passes(
    tmp_path: Path, mode: str, name: str, options: dict[str, object]
) -> None:
    path = tmp_path / "1.jpg"
    path.write_bytes(encoded(photo().convert(mode), name, **options))
    assert verify_image(path)["format"] == name


@pytest.mark.parametrize("colour", ["black", "white", "grey", "crimson"])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"optimize": True}),
        ("JPEG", {"progressive": True}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("AVIF", {}),
        ("HEIF", {}),
    ],
)
def test_pictures_of_one_colour_do_not_count_as_holes(
    tmp_path: Path, colour: str, name: str, options: dict[str, object]
) -> None:
    path = tmp_path / "1.jpg"
    path.write_bytes(encoded(Image.new("RGB", (720, 1280), colour), name, **options))
    assert verify_image(path)["format"] == name


@pytest.mark.parametrize("name", ["GIF", "WEBP", "PNG", "AVIF"])
def test_animations_pass_with_the_size_of_one_frame(tmp_path: Path, name: str) -> None:
    path = tmp_path / "1.jpg"
    frames = [photo().rotate(angle) for angle in (90, 180)]
    path.write_bytes(encoded(photo(), name, save_all=True, append_images=frames))
    assert verify_image(path) == {"format": name, "width": 270, "height": 480}


def test_a_jpeg_with_padding_and_a_second_image_after_its_end_passes(tmp_path: Path) -> None:
    path = tmp_path / "1.jpg"
    path.write_bytes(encoded(photo(), "JPEG") + bytes(5000) + encoded(photo(), "JPEG"))
    assert verify_image(path)["format"] == "JPEG"


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 2}])
def test_a_jpeg_that_is_cut_or_has_a_zeroed_tail_is_damaged(
    tmp_path: Path, options: dict[str, object]
) -> None:
    data = encoded(photo((540, 960)), "JPEG", quality=90, **options)
    for share in (0.1, 0.5, 0.9, 0.999):
        at = int(len(data) * share)
        reason(verify_image, tmp_path / "cut", data[:at])
        assert "JPEG" in reason(verify_image, tmp_path / "tail", data[:at] + bytes(len(data) - at))


def test_a_jpeg_with_a_zeroed_block_inside_is_damaged(tmp_path: Path) -> None:
    data = encoded(photo((540, 960)), "JPEG", quality=90)
    for at in range(1000, len(data) - 5000, 3001):
        hole = data[:at] + bytes(4096) + data[at + 4096 :]
        assert "hole of zeros" in reason(verify_image, tmp_path / "hole", hole)


def with_scans(data: bytes, scans: int) -> bytes:
    """A progressive JPEG that repeats its last scan."""
    last, end = data.rindex(b"\xff\xda"), data.rindex(b"\xff\xd9")
    return data[:end] + data[last:end] * (scans - data.count(b"\xff\xda")) + data[end:]


def test_a_jpeg_of_endless_scans_is_refused_before_it_takes_time(tmp_path: Path) -> None:
    data = encoded(photo(), "JPEG", progressive=True)
    path = tmp_path / "1.jpg"
    path.write_bytes(with_scans(data, 100))
    assert verify_image(path)["format"] == "JPEG"
    assert "more than 100 scans" in reason(verify_image, path, with_scans(data, 101))
    # The same on a picture that takes hours, 0.06 s a scan:
    huge = encoded(Image.new("RGB", (7000, 7000), "grey"), "JPEG", progressive=True)
    assert "more than 100 scans" in reason(verify_image, path, with_scans(huge, 200_000))


@pytest.mark.parametrize("marker", [b"\xff\x00", b"\xff\x01", b"\xff\xd0"])
def test_no_marker_can_hide_scans_of_a_jpeg(tmp_path: Path, marker: bytes) -> None:
    """libjpeg reads on right after these markers, but other markers are followed by a length.

    Read as a length, the first two bytes of the hidden scans lead past all of them.
    """
    data = encoded(Image.new("RGB", (64, 64), "grey"), "JPEG", progressive=True)
    last, end = data.rindex(b"\xff\xda"), data.rindex(b"\xff\xd9")
    scans, length = data[last:end] * 150, 0xFFDA
    rest = length - len(scans) - 2
    hidden = scans + b"\xff\xfe" + rest.to_bytes(2) + bytes(rest - 2)
    comment = b"\xff\xfe\0\2"
    data = data[:end] + comment + marker + hidden + data[end:]
    Image.open(BytesIO(data)).load()  # libjpeg has no objection
    assert "JPEG" in reason(verify_image, tmp_path / "1.jpg", data)


@pytest.mark.parametrize("name", ["PNG", "WEBP", "AVIF", "HEIF", "GIF"])
def test_other_images_that_are_cut_or_have_a_zeroed_tail_are_damaged(
    tmp_path: Path, name: str
) -> None:
    data = encoded(photo((540, 960)), name)
    for share in (0.3, 0.6, 0.95):
        at = int(len(data) * share)
        reason(verify_image, tmp_path / "cut", data[:at])
        reason(verify_image, tmp_path / "tail", data[:at] + bytes(len(data) - at))


def test_a_png_with_a_flipped_bit_is_damaged(tmp_path: Path) -> None:
    data = bytearray(encoded(photo(), "PNG"))
    data[len(data) // 2] ^= 4
    reason(verify_image, tmp_path / "1.jpg", bytes(data))


def png_of(width: int, height: int) -> bytes:
    """A PNG of zeros: tiny on disk, width * height bytes decoded."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    squeezer = zlib.compressobj(9)
    rows = b"".join(
        [*(squeezer.compress(bytes(width + 1)) for _ in range(height)), squeezer.flush()]
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.filterwarnings("error")  # as scripts.media.images sets it; pytest resets filters
@pytest.mark.parametrize("side", [7500, 12000])
def test_decompression_bombs_are_refused(tmp_path: Path, side: int) -> None:
    assert "pixels" in reason(verify_image, tmp_path / "1.jpg", png_of(side, side))


def test_unexpected_formats_never_reach_their_decoder(tmp_path: Path) -> None:
    for name in ("TIFF", "BMP", "PDF", "EPS", "ICO"):
        data = encoded(photo(), name)
        assert "no known image format" in reason(verify_image, tmp_path / "1.jpg", data)


# Both kinds


@pytest.mark.parametrize("verify", [verify_image, verify_video])
def test_other_content_in_place_of_media_is_named(tmp_path: Path, verify: object) -> None:
    place = "an image" if verify is verify_image else "a video"
    path = tmp_path / "1"
    assert reason(verify, path, PAGE) == f"The file is an HTML page, not {place}."
    assert reason(verify, path, b'{"statusCode": 10204}') == f"The file is JSON, not {place}."
    assert reason(verify, path, b"") == "The file is empty."
    assert "zeros" in reason(verify, path, bytes(5000))
    assert f"no known {place.split()[1]} format" in reason(verify, path, b"Access denied")


def test_images_are_not_accepted_as_videos_nor_videos_as_images(
    tmp_path: Path, clips: dict
) -> None:
    image = encoded(photo(), "JPEG")
    assert reason(verify_video, tmp_path / "1", image) == "The file is JPEG, not a video."
    assert reason(verify_image, tmp_path / "1", clips["end"]) == "The file is mp4, not an image."
    heif = encoded(photo(), "HEIF")
    assert reason(verify_video, tmp_path / "1", heif) == "The file is HEIF, not a video."


@pytest.mark.parametrize("verify", [verify_image, verify_video])
def test_a_missing_file_is_an_error_of_the_disk(tmp_path: Path, verify: object) -> None:
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "1")


CHECK = "import sys; from scripts.media.video import verify_video; verify_video(sys.argv[1])"


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace, which makes disks fail")
@pytest.mark.parametrize(("name", "reads"), [("front", (1, 2, 4, 6)), ("webm", (1, 9))])
def test_a_failing_disk_does_not_count_as_damage(
    tmp_path: Path, clips: dict, name: str, reads: tuple[int, ...]
) -> None:
    path = tmp_path / "1.mp4"
    path.write_bytes(clips[name])
    for number in reads:
        strike = f"inject=read,pread64:error=EIO:when={number}"
        command = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", path, "-e", strike]
        done = subprocess.run(
            [*command, sys.executable, "-c", CHECK, path], capture_output=True, text=True
        )
        if "ptrace" in done.stderr:
            pytest.skip("tracing is not allowed here")
        assert done.stderr.splitlines()[-1] == "OSError: [Errno 5] Input/output error", number


# Videos


@pytest.mark.parametrize(
    ("name", "codecs"),
    [
        ("front", ("mp4", "h264", "aac")),
        ("end", ("mp4", "h264", "aac")),
        ("fragmented", ("mp4", "h264", "aac")),
        ("hevc", ("mp4", "hevc", "aac")),
        ("webm", ("webm", "vp9", "opus")),
    ],
)
def test_sound_videos_pass_with_their_facts(
    tmp_path: Path, clips: dict, name: str, codecs: tuple[str, str, str]
) -> None:
    path = tmp_path / "1.jpg"
    path.write_bytes(clips[name])
    facts = verify_video(path)
    # A fragmented file has no other duration than with the delay of its first frame.
    tolerance = 0.25 if name == "fragmented" else 0.1
    assert facts.pop("duration_s") == pytest.approx(FRAMES / RATE, abs=tolerance)
    assert facts == {
        "format": codecs[0],
        "width": WIDTH,
        "height": HEIGHT,
        "video_codec": codecs[1],
        "audio_codec": codecs[2],
        "has_audio": True,
    }


def test_av1_in_mp4_passes(tmp_path: Path) -> None:
    in_own_process(make_clip, tmp_path / "1.mp4", video="libsvtav1")
    assert verify_video(tmp_path / "1.mp4")["video_codec"] == "av1"


def test_a_video_without_audio_and_audio_without_pictures_are_facts(tmp_path: Path) -> None:
    make_clip(tmp_path / "silent.mp4", audio=None)
    facts = verify_video(tmp_path / "silent.mp4")
    assert (facts["has_audio"], facts["audio_codec"], facts["width"]) == (False, None, WIDTH)
    make_clip(tmp_path / "sound.mp4", video=None)
    facts = verify_video(tmp_path / "sound.mp4")
    assert (facts["has_audio"], facts["video_codec"], facts["width"]) == (True, None, None)


def test_a_video_shortened_by_an_edit_list_passes(tmp_path: Path, clips: dict) -> None:
    """Players hide the samples outside the list, but the file contains them."""
    data = clips["end"]
    at = data.index(b"elst") + 12
    hidden = data[: at + 4] + (5000).to_bytes(4) + data[at + 8 :]
    path = tmp_path / "1.mp4"
    path.write_bytes(hidden)
    assert verify_video(path)["video_codec"] == "h264"


DAMAGEABLE = ["front", "end", "fragmented", "hevc", "webm"]


@pytest.mark.parametrize("name", DAMAGEABLE)
def test_a_video_cut_anywhere_is_damaged(tmp_path: Path, clips: dict, name: str) -> None:
    data, chance = clips[name], random.Random(1)
    for at in [*(chance.randrange(1, len(data)) for _ in range(30)), len(data) - 1]:
        reason(verify_video, tmp_path / "1", data[:at])


@pytest.mark.parametrize("name", DAMAGEABLE)
def test_a_zeroed_tail_is_damage_wherever_the_index_is(
    tmp_path: Path, clips: dict, name: str
) -> None:
    data, chance = clips[name], random.Random(1)
    for at in [*(chance.randrange(1, len(data) - 512) for _ in range(30)), len(data) - 512]:
        reason(verify_video, tmp_path / "1", data[:at] + bytes(len(data) - at))


@pytest.mark.parametrize("name", ["front", "end", "hevc", "webm"])
def test_a_zeroed_block_anywhere_is_damage(tmp_path: Path, clips: dict, name: str) -> None:
    data = clips[name]
    for at in range(0, len(data) - 4096, 4096):
        reason(verify_video, tmp_path / "1", data[:at] + bytes(4096) + data[at + 4096 :])


def test_two_files_spliced_together_are_damage(tmp_path: Path, clips: dict) -> None:
    one, other = clips["front"], clips["other"]
    path = tmp_path / "1"
    assert "spliced" in reason(verify_video, path, one + other)
    for share in (0.3, 0.6, 0.9):
        at = int(len(one) * share)
        reason(verify_video, path, one[:at] + other[at:])
        # A resumed download can leave this if the length happens to be right:
        reason(verify_video, path, (one[:at] + other[at:] + other)[: len(one)])


def test_an_index_without_data_and_data_without_index_are_damage(
    tmp_path: Path, clips: dict
) -> None:
    data = clips["end"]
    found = boxes(data)
    (mdat, mdat_end), (moov, moov_end) = found[b"mdat"], found[b"moov"]
    path = tmp_path / "1"
    assert "no data" in reason(verify_video, path, data[:mdat] + data[moov:moov_end])
    assert "no index" in reason(verify_video, path, data[:mdat_end])
    emptied = data[:mdat] + b"\0\0\0\x08mdat" + data[moov:moov_end]
    reason(verify_video, path, emptied)


def test_an_index_of_a_billion_frames_is_refused_before_it_takes_memory(
    tmp_path: Path, clips: dict
) -> None:
    data = clips["end"]
    at = data.index(b"stsz") + 8
    claim = data[:at] + struct.pack(">II", 1, 2**30) + data[at + 8 :]
    assert "more frames" in reason(verify_video, tmp_path / "1", claim)


@pytest.mark.parametrize("name", ["front", "webm"])
def test_hostile_headers_lead_only_to_a_clean_answer(
    tmp_path: Path, clips: dict, name: str
) -> None:
    data, chance, path = clips[name], random.Random(3), tmp_path / "1"
    answers = set()
    for _ in range(80):
        changed = bytearray(data)
        for _ in range(3):
            at = chance.randrange(4, 3000)
            changed[at : at + 4] = chance.choice([b"\xff" * 4, bytes(4), chance.randbytes(4)])
        path.write_bytes(changed)
        try:
            verify_video(path)
            answers.add("sound")
        except DamagedMediaError:
            answers.add("damaged")
    assert "damaged" in answers


def test_many_threads_get_the_answers_of_one(tmp_path: Path, clips: dict) -> None:
    paths = []
    for number in range(40):
        path = tmp_path / str(number)
        data = clips[DAMAGEABLE[number % 5]]
        path.write_bytes(data if number % 2 else data[:-600] + bytes(600))
        paths.append(path)

    def answer(path: Path) -> object:
        try:
            return verify_video(path)
        except DamagedMediaError as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(answer, paths)) == [answer(path) for path in paths]


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\nhi\n", "WebVTT"),
        ("\ufeffWEBVTT\n\n00:00.000 --> 00:01.000\né\n".encode(), "WebVTT"),
        (b'{"utterances": [{"text": "hi", "start_time": 0, "end_time": 9}]}', "creator_caption"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nhi\n", "SubRip"),
        ("1\n00:00:01,000 --> 00:00:02,000\né\n".encode("utf-16"), "SubRip"),
    ],
)
def test_a_caption_track_is_recognised_by_its_content(tmp_path, content, form):
    file = tmp_path / "1.vtt"
    file.write_bytes(content)
    assert verify_captions(file) == {"format": form}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>", "HTML page"),
        (b"WEBVTT\n\xff\xfe", "not UTF-8"),
        (b'{"utterances": [{"te', "cut or damaged"),
        (b"[" * 100_000, "cut or damaged"),
        (b"\x00" * 40, "zeros"),
        (b"WEBVTT" + b" " * 10 * 2**20, "more than"),
    ],
)
def test_other_files_are_not_accepted_as_caption_tracks(tmp_path, content, words):
    file = tmp_path / "1.vtt"
    file.write_bytes(content)
    with pytest.raises(DamagedMediaError, match=words):
        verify_captions(file)
