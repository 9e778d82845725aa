"""Unusual files that play from start to end are complete, and not rejected."""

import struct
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageCms

from scripts.errors import DamagedMediaError
from scripts.media.formats import sniff
from scripts.media.images import verify_image
from scripts.media.video import verify_video
from scripts.ocr.picture import load_pictures
from scripts.speech.audio import decode
from tests.test_media import encoded, make_clip, photo

END_OF_SEQUENCE = b"\0\0\0\1\x0a"
END_OF_STREAM = b"\0\0\0\1\x0b"
HEVC_END = b"\0\0\0\1\x48\x01"
FILLER = b"\0\0\1\x0c\xff\xff\xff\x80"
ZEROS_OF_A_PROFILE = bytes(200)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_clip(tmp_path_factory.mktemp("clip") / "1.mp4", options={"movflags": "faststart"})


@pytest.fixture(scope="module")
def fragmented(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("clip")
    return make_clip(folder / "1.mp4", options={"movflags": "frag_keyframe+empty_moov"})


@pytest.fixture(scope="module")
def webm(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("clip") / "1.webm"
    return make_clip(path, video="libvpx-vp9", audio="libopus")


def remux(source: Path, target: Path, change: Callable[[bytes], bytes], name: str = "mp4") -> None:
    """Copy the first stream of a video, with each packet's bytes changed."""
    with av.open(str(source)) as old, av.open(str(target), "w", format=name) as new:
        copy = new.add_stream_from_template(old.streams[0])
        for packet in old.demux(old.streams[0]):
            if packet.dts is None:
                continue
            changed = av.Packet(change(bytes(packet)))
            changed.pts, changed.dts, changed.duration = packet.pts, packet.dts, packet.duration
            changed.time_base, changed.is_keyframe = packet.time_base, packet.is_keyframe
            changed.stream = copy
            new.mux(changed)


def longer_last_unit(more: bytes) -> Callable[[bytes], bytes]:
    """Add bytes to the last NAL unit of a packet, and count them in its length."""

    def change(packet: bytes) -> bytes:
        at = 0
        while at < len(packet):
            last = at
            at += 4 + int.from_bytes(packet[at : at + 4])
        unit = packet[last + 4 :] + more
        return packet[:last] + len(unit).to_bytes(4) + unit

    return change


@pytest.mark.parametrize(
    ("encoder", "more"),
    [
        ("libx264", END_OF_SEQUENCE),
        ("libx264", END_OF_STREAM),
        ("libx264", END_OF_SEQUENCE + END_OF_STREAM),
        ("libx264", bytes(7) + END_OF_SEQUENCE + bytes(3)),
        ("libx264", FILLER),
        ("libx264", bytes(20)),
        ("libx264", bytes(4) + b"\1"),
        ("libx265", HEVC_END),
    ],
)
def test_short_units_behind_the_last_slice_are_no_holes(
    tmp_path: Path, encoder: str, more: bytes
) -> None:
    plain, changed = tmp_path / "plain.mp4", tmp_path / "changed.mp4"
    make_clip(plain, video=encoder, audio=None)
    remux(plain, changed, longer_last_unit(more))
    assert verify_video(changed)["width"] == verify_video(plain)["width"]


@pytest.mark.parametrize("zeros", [1, 2, 3])
def test_zeros_too_few_for_another_unit_are_no_damage(tmp_path: Path, zeros: int) -> None:
    plain, changed = tmp_path / "plain.mp4", tmp_path / "changed.mp4"
    make_clip(plain, audio=None)
    remux(plain, changed, lambda packet: packet + bytes(zeros))
    assert verify_video(changed)["video_codec"] == "h264"
    remux(plain, changed, lambda packet: packet + bytes(zeros + 3))
    with pytest.raises(DamagedMediaError):
        verify_video(changed)


@pytest.mark.parametrize("zeros", [100, 4096])
def test_a_hole_in_front_of_a_short_unit_is_still_a_hole(tmp_path: Path, zeros: int) -> None:
    plain, changed = tmp_path / "plain.mp4", tmp_path / "changed.mp4"
    make_clip(plain, audio=None)
    remux(plain, changed, longer_last_unit(bytes(zeros) + END_OF_SEQUENCE))
    with pytest.raises(DamagedMediaError, match="hole of zeros"):
        verify_video(changed)


def make_sound(path: Path, codec: str, form: str, rate: int, *, silent: bool = False) -> None:
    """Three seconds of sound with pictures."""
    rng = np.random.default_rng(1)
    with av.open(str(path), "w", format=form) as container:
        pictures = container.add_stream("libx264", rate=10)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 64, "yuv420p"
        sound = container.add_stream(codec, rate=rate, layout="mono")
        if codec == "libopencore_amrnb":
            sound.bit_rate = 12_200
        if codec == "libopus":  # at a constant bit rate, most bytes of silence are zeros
            sound.bit_rate, sound.options = 256_000, {"vbr": "off"}
        for index in range(30):
            pixels = rng.integers(0, 256, (64, 64, 3), np.uint8)
            picture = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            picture.pts, picture.time_base = index, Fraction(1, 10)
            container.mux(pictures.encode(picture))
            samples = rng.integers(-9000, 9000, (1, rate // 10), np.int16) * (not silent)
            piece = av.AudioFrame.from_ndarray(samples.astype(np.int16), "s16", "mono")
            piece.sample_rate, piece.pts = rate, index * (rate // 10)
            container.mux(sound.encode(piece))
        for stream in (pictures, sound):
            container.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("codec", "form", "rate"),
    [
        ("libopencore_amrnb", "mov", 8000),
        ("libopencore_amrnb", "3gp", 8000),
        ("pcm_s16le", "mov", 48000),
        ("pcm_s16be", "mov", 8000),
        ("pcm_mulaw", "mov", 8000),
        ("pcm_s16le", "mp4", 48000),
        ("adpcm_ima_qt", "mov", 44100),
        ("alac", "mp4", 44100),
        ("flac", "mp4", 44100),
        ("libmp3lame", "mp4", 44100),
        ("ac3", "mp4", 48000),
        ("libopus", "mp4", 48000),
    ],
)
@pytest.mark.parametrize("silent", [False, True])
def test_sound_in_every_codec_passes(
    tmp_path: Path, codec: str, form: str, rate: int, silent: bool
) -> None:
    path = tmp_path / "1.mp4"
    make_sound(path, codec, form, rate, silent=silent)
    facts = verify_video(path)
    assert facts["has_audio"]
    assert facts["duration_s"] == pytest.approx(3, abs=0.2)
    # Speech recognition hears a sound of the same length.
    assert sum(len(block.samples) for block in decode(path)) / 16_000 == pytest.approx(3, abs=0.2)


def test_amr_that_is_indexed_in_chunks_passes(tmp_path: Path) -> None:
    """Some phones write it so: a frame lasts one unit of time, and FFmpeg reads many at once."""
    path = tmp_path / "1.mp4"
    make_sound(path, "libopencore_amrnb", "3gp", 8000)
    data = bytearray(path.read_bytes())
    times, frames = data.rindex(b"mdhd") + 16, int.from_bytes(data[data.rindex(b"stsz") + 12 :][:4])
    data[times : times + 8] = struct.pack(">II", 50, frames)
    one_entry, another = data.rindex(b"stts") + 8, data.rindex(b"stsc")
    table = struct.pack(">III", 1, frames, 1)
    data[one_entry : one_entry + 12] = table
    data[one_entry + 12 : another - 4] = struct.pack(">I4s", 8, b"free")
    data[one_entry - 12 : one_entry - 8] = struct.pack(">I", 24)
    path.write_bytes(data)
    with av.open(str(path), options={"ignore_editlist": "1"}) as container:
        assert sum(bool(packet.size) for packet in container.demux(audio=0)) < frames / 2
    assert verify_video(path)["audio_codec"] == "amr_nb"


def test_raw_sound_of_many_minutes_passes(tmp_path: Path) -> None:
    """It has millions of samples, more than an index of pictures may claim."""
    path = tmp_path / "1.mp4"
    with av.open(str(path), "w", format="mov") as container:
        sound = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for index in range(40):
            piece = av.AudioFrame.from_ndarray(np.ones((1, 48_000), np.int16), "s16", "mono")
            piece.sample_rate, piece.pts = 48_000, index * 48_000
            container.mux(sound.encode(piece))
        container.mux(sound.encode(None))
    assert verify_video(path)["duration_s"] == 40


@pytest.mark.parametrize("codec", ["libopencore_amrnb", "pcm_s16le"])
def test_cut_sound_in_chunks_is_damage(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "1.mp4"
    make_sound(path, codec, "mov", 8000)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 3 // 4])
    with pytest.raises(DamagedMediaError):
        verify_video(path)


def test_chapters_and_subtitles_need_no_packets(tmp_path: Path) -> None:
    path = tmp_path / "1.mp4"
    with av.open(str(path), "w", format="mp4") as container:
        container.set_chapters(
            [
                {
                    "id": number,
                    "start": number * 1000,
                    "end": number * 1000 + 1000,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": f"Chapter {number}"},
                }
                for number in range(2)
            ]
        )
        pictures = container.add_stream("libx264", rate=10)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 64, "yuv420p"
        for index in range(20):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(pictures.encode(frame))
        container.mux(pictures.encode(None))
    with av.open(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["video", "data"]
    assert verify_video(path)["video_codec"] == "h264"


@pytest.mark.parametrize("brand", [b"mif1", b"heic", b"avif", b"msf1"])
def test_a_video_may_be_compatible_with_brands_of_images(
    tmp_path: Path, clip: bytes, brand: bytes
) -> None:
    path = tmp_path / "1.mp4"
    path.write_bytes(clip[:16] + brand + clip[20:])
    assert verify_video(path)["format"] == "mp4"


@pytest.mark.parametrize("start", [b"free", b"skip", b"wide", b"mdat"])
def test_a_quicktime_file_may_start_with_any_box(tmp_path: Path, clip: bytes, start: bytes) -> None:
    path = tmp_path / "1.mp4"
    size = int.from_bytes(clip[:4])
    boxes = (8).to_bytes(4) + start + (size - 8).to_bytes(4) + b"free" + bytes(size - 16)
    path.write_bytes(boxes + clip[size:])
    assert verify_video(path)["video_codec"] == "h264"


def test_a_video_may_start_with_its_index(tmp_path: Path, clip: bytes) -> None:
    """As QuickTime wrote it for the web, before MP4 existed."""
    path = tmp_path / "1.mp4"
    size, name = int.from_bytes(clip[:4]), clip.index(b"moov")
    index = int.from_bytes(clip[name - 4 : name])
    moov = (index + size).to_bytes(4) + clip[name : name - 4 + index]
    path.write_bytes(moov + size.to_bytes(4) + b"free" + bytes(size - 8) + clip[size + index :])
    assert verify_video(path)["video_codec"] == "h264"


@pytest.mark.parametrize(
    "rest",
    [
        bytes(1),
        bytes(16),
        bytes(100_000),
        b"\n",
        b"\r\n",
        b"<!-- served by cache 7 -->",
        b"\0\0\0\0free",
        b"\0\0\0\0free" + bytes(50),
        b"\0\0\0\x08free",
        b"\0\0\0\x0cfree" + bytes(4),
        b"\0\0\1\0free" + bytes(4),
        b"\0\0\0\0skip" + bytes(50),
        b"\xff" * 500,
    ],
)
def test_bytes_behind_the_end_of_an_mp4_are_no_damage(
    tmp_path: Path, clip: bytes, fragmented: bytes, rest: bytes
) -> None:
    path = tmp_path / "1.mp4"
    for video in (clip, fragmented):
        path.write_bytes(video + rest)
        facts = verify_video(path)
        assert facts["video_codec"] == "h264"
        assert facts.get("bytes_after_end", len(rest)) == len(rest)
    assert sum(len(block.samples) for block in decode(path)) > 16_000


@pytest.mark.parametrize("rest", [bytes(1), bytes(5000), b"\n", b"<!-- cache -->", b"\xff" * 500])
def test_bytes_behind_the_end_of_a_webm_are_no_damage(
    tmp_path: Path, webm: bytes, rest: bytes
) -> None:
    path = tmp_path / "1.webm"
    path.write_bytes(webm + rest)
    facts = verify_video(path)
    assert facts["video_codec"] == "vp9"
    assert facts["bytes_after_end"] == len(rest)


def test_a_second_file_behind_the_end_is_damage(tmp_path: Path, clip: bytes) -> None:
    path = tmp_path / "1"
    for rest in (clip, clip[:5000], clip[:40]):
        path.write_bytes(clip + rest)
        with pytest.raises(DamagedMediaError):
            verify_video(path)


def test_a_frame_without_bytes_repeats_the_one_before(tmp_path: Path) -> None:
    plain, changed = tmp_path / "plain.mp4", tmp_path / "changed.mp4"
    make_clip(plain, audio=None)
    packets = iter(range(100))
    remux(plain, changed, lambda data: b"" if next(packets) == 3 else data)
    assert verify_video(changed)["video_codec"] == "h264"


# Images


def profile() -> bytes:
    """A colour profile with a long run of zeros, like those of Adobe RGB and Rec. 709."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    padded = plain + ZEROS_OF_A_PROFILE
    return len(padded).to_bytes(4) + padded[4:]


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("size", [(64, 64), (270, 480)])
def test_zeros_in_a_colour_profile_are_no_hole(
    tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    path = tmp_path / "1.jpg"
    path.write_bytes(encoded(photo(size), name, icc_profile=profile()))
    assert ZEROS_OF_A_PROFILE in path.read_bytes() or name == "PNG"  # PNG compresses it
    assert verify_image(path)["format"] == name


def exif(orientation: int = 1) -> bytes:
    facts = Image.Exif()
    facts[0x0112] = orientation
    facts[0x010E] = "x" + "\0" * 300 + "x"
    return facts.tobytes()


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_zeros_in_metadata_are_no_hole(tmp_path: Path, name: str) -> None:
    path = tmp_path / "1.jpg"
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>" + bytes(300)
    path.write_bytes(encoded(photo((64, 64)), name, exif=exif(), xmp=xmp))
    assert bytes(300) in path.read_bytes()
    assert verify_image(path)["format"] == name


@pytest.mark.parametrize("name", ["WEBP", "AVIF", "HEIF"])
def test_zeros_in_the_pixels_of_an_image_with_metadata_are_a_hole(
    tmp_path: Path, name: str
) -> None:
    data = encoded(photo((270, 480)), name, exif=exif(), icc_profile=profile(), quality=90)
    whole = encoded(photo((270, 480)), name, quality=90)
    pixels = whole[-1500:-1200]
    at = data.index(pixels)
    path = tmp_path / "1.jpg"
    path.write_bytes(data[:at] + bytes(300) + data[at + 300 :])
    with pytest.raises(DamagedMediaError):
        verify_image(path)


@pytest.mark.parametrize("name", ["WEBP", "AVIF"])
def test_an_animation_with_zeroed_frames_is_damaged(tmp_path: Path, name: str) -> None:
    frames = [photo().rotate(angle) for angle in (90, 180)]
    data = encoded(photo(), name, save_all=True, append_images=frames, quality=90)
    at = len(data) * 4 // 5
    path = tmp_path / "1.jpg"
    path.write_bytes(data[:at] + bytes(len(data) - at))
    with pytest.raises(DamagedMediaError):
        verify_image(path)


def test_hostile_item_tables_give_an_answer(tmp_path: Path) -> None:
    data = bytearray(encoded(photo((64, 64)), "HEIF", exif=exif()))
    path = tmp_path / "1.jpg"
    at = data.index(b"iloc")
    for length in (4, 60):
        for filler in (b"\xff", b"\0", b"\x44"):
            changed = data.copy()
            changed[at + 4 : at + 4 + length] = filler * length
            path.write_bytes(changed)
            try:
                assert verify_image(path)["format"] == "HEIF"
            except DamagedMediaError as error:
                assert str(error).endswith(".")


def test_strips_of_pixels_pass(tmp_path: Path) -> None:
    """Engines can't read such images, but people can see them."""
    path = tmp_path / "1.jpg"
    for size, name in (((40_000, 3), "JPEG"), ((3, 40_000), "PNG"), ((1, 1), "WEBP")):
        path.write_bytes(encoded(Image.new("RGB", size, "crimson"), name))
        assert verify_image(path) == {"format": name, "width": size[0], "height": size[1]}


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("damage", [b"garbage", b"II", b"II*\0", b"XX*\0\x08\0\0\0", b"II+\0\x08"])
def test_damaged_exif_says_nothing_about_the_pixels(
    tmp_path: Path, name: str, damage: bytes
) -> None:
    path = tmp_path / "image"
    path.write_bytes(encoded(photo((480, 270)), name, exif=b"Exif\0\0" + damage))
    facts = verify_image(path)
    assert (facts["width"], facts["height"]) == (480, 270)
    [picture] = load_pictures(path)
    assert picture.pixels.size == (480, 270)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_width_and_height_are_those_that_a_person_sees(
    tmp_path: Path, name: str, orientation: int
) -> None:
    path = tmp_path / "1.jpg"
    path.write_bytes(encoded(photo((480, 270)), name, exif=exif(orientation)))
    facts = verify_image(path)
    seen = (270, 480) if orientation > 4 else (480, 270)
    assert (facts["width"], facts["height"]) == seen


def chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)


@pytest.mark.parametrize(
    "metadata",
    [
        chunk(b"zTXt", b"k\0\0" + zlib.compress(b"a" * 3_000_000)),
        chunk(b"iTXt", b"k\0\1\0\0\0" + zlib.compress(b"a" * 3_000_000)),
        chunk(b"zTXt", b"k\0\0" + zlib.compress(b"a" * 1_000_000)) * 70,
        chunk(b"iCCP", b"k\0\0" + zlib.compress(b"a" * 3_000_000)),
        chunk(b"iCCP", b"name without an end"),
        chunk(b"iCCP", b"k\0\7unknown compression"),
        chunk(b"eXIf", b"garbage"),
        chunk(b"gAMA", b"\0"),
        chunk(b"cHRM", b"\0\0"),
        chunk(b"pHYs", b"\0"),
        chunk(b"sRGB", b""),
        chunk(b"caBX", bytes(5000)),
    ],
)
def test_the_metadata_of_a_png_says_nothing_about_the_pixels(
    tmp_path: Path, metadata: bytes
) -> None:
    path = tmp_path / "1.jpg"
    image = encoded(photo((64, 48)), "PNG")
    path.write_bytes(image[:33] + metadata + image[33:])
    assert verify_image(path) == {"format": "PNG", "width": 64, "height": 48}
    [picture] = load_pictures(path)
    assert picture.pixels.tobytes() == photo((64, 48)).tobytes()


def test_a_png_without_its_palette_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "1.jpg"
    image = encoded(photo((64, 48)).convert("P"), "PNG")
    at = image.index(b"PLTE") - 4
    path.write_bytes(image[:at] + image[at + 12 + int.from_bytes(image[at : at + 4]) :])
    with pytest.raises(DamagedMediaError, match="palette"):
        verify_image(path)


@pytest.mark.parametrize("mode", ["I;16", "LA", "CMYK", "RGBA", "1"])
def test_unusual_samples_pass(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "1.jpg"
    image = photo().convert("I" if mode == "I;16" else mode).convert(mode)
    path.write_bytes(encoded(image, "JPEG" if mode == "CMYK" else "PNG"))
    assert verify_image(path)["width"] == 270


def test_a_text_about_boxes_is_no_video() -> None:
    assert sniff(b"The free and wide road") == sniff(b"I'm free") == ""
