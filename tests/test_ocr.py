"""The text of a cover: the same files from every engine, and null if it can't be read."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import ExifTags, Image, ImageDraw, ImageFont

from scripts import ocr
from scripts.errors import ConfigError
from scripts.ocr.picture import load_pictures
from scripts.ocr.tessdata import find_tessdata
from scripts.run.configuration import SCHEMA, check_configuration
from scripts.store.texts import accepted_hashes, settings_hash

ENGINES = ("pytesseract", "tesserocr", "rapidocr")
WORDS = "Never do\nthis at home"


def settings(engine: str = "tesserocr", **changes: Any) -> dict[str, Any]:
    defaults = {"languages": ["eng"], "page_segmentation": 3, "prepare": True}
    return {"engine": engine, **defaults, **changes}


def available(engine: str) -> str:
    """The engine. Skips the test if it isn't installed, because each is optional."""
    try:
        ocr.check_engine(settings(engine))
    except ConfigError as error:
        pytest.skip(str(error))
    return engine


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return available(request.param)


def cover(path: Path, words: str = WORDS, mode: str = "RGB", **options: Any) -> Path:
    image = Image.new("RGB", (480, 320), "white")
    ImageDraw.Draw(image).text((30, 60), words, fill="black", font=ImageFont.load_default(48))
    image.convert(mode).save(path, **({"format": "JPEG"} | options))
    return path


def recognise(image: Path, chosen: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    text = image.parent / "ocr" / f"{image.stem}.txt"
    receipt = image.parent / "receipts" / f"{image.stem}.json"
    ocr.recognise([image], text, text.with_suffix(".json"), receipt, chosen)
    return text.read_bytes(), json.loads(receipt.read_bytes())


def test_a_cover_is_read_by_every_engine(tmp_path: Path, engine: str) -> None:
    text, receipt = recognise(cover(tmp_path / "1.jpg"), settings(engine))
    assert text.decode() == WORDS + "\n"
    assert receipt["engine"] == engine
    assert (receipt["outcome"], receipt["reason"]) == ("ok", "")


@pytest.mark.parametrize(
    ("image_format", "mode"),
    [("WEBP", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("AVIF", "RGB"), ("HEIF", "RGB"),
     ("GIF", "P"), ("JPEG", "L"), ("JPEG", "CMYK")],
)  # fmt: skip
def test_any_image_format_is_read_under_the_name_jpg(
    tmp_path: Path, engine: str, image_format: str, mode: str
) -> None:
    image = cover(tmp_path / "1.jpg", mode=mode, format=image_format)
    text, _ = recognise(image, settings(engine, prepare=False))
    assert text.decode() == WORDS + "\n"


CLEAR = (0, 0, 0, 0)
TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def drawing(mode: str, background: Any, fill: Any, words: str = WORDS, **more: Any) -> Image.Image:
    image = Image.new(mode, (480, 320), background)
    draw = ImageDraw.Draw(image)
    draw.text((30, 60), words, fill=fill, font=ImageFont.load_default(48), **more)
    return image


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", TURNED)
def test_a_cover_is_read_the_way_it_is_shown(
    tmp_path: Path, image_format: str, orientation: int
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    path = tmp_path / "1.jpg"
    drawing("RGB", "white", "black").transpose(TURNED[orientation]).save(
        path, image_format, exif=exif
    )
    for name in ("tesserocr", "pytesseract") if image_format == "JPEG" else ("tesserocr",):
        text, _ = recognise(path, settings(available(name), prepare=False))
        assert text.decode() == WORDS + "\n"


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (drawing("RGBA", CLEAR, "black"), {}),
        (drawing("RGBA", CLEAR, "white"), {}),
        (drawing("RGBA", (255, 255, 255, 0), "white"), {}),
        (drawing("RGBA", CLEAR, "#ffee66"), {}),
        (drawing("RGBA", CLEAR, (255, 255, 255, 160)), {}),
        (drawing("RGBA", CLEAR, "white", stroke_width=3, stroke_fill="black"), {}),
        (drawing("RGBA", CLEAR, "black", stroke_width=3, stroke_fill="white"), {}),
        (drawing("LA", (0, 0), (255, 255)), {}),
        (drawing("L", 0, 255).convert("P"), {"transparency": 0}),
        (Image.fromarray(np.asarray(drawing("L", 0, 255), np.uint16) * 257), {"transparency": 0}),
    ],
    ids=["dark", "light", "light on white", "yellow", "half", "outlined", "outlined dark", "grey",
         "palette", "16 bits"],
)  # fmt: skip
def test_text_stands_out_from_transparent_backgrounds(
    tmp_path: Path, image: Image.Image, options: dict[str, Any]
) -> None:
    path = tmp_path / "1.jpg"
    image.save(path, "PNG", **options)
    text, _ = recognise(path, settings(available("tesserocr")))
    assert text.decode() == WORDS + "\n"


@pytest.mark.parametrize(("background", "fill"), [(65535, 0), (0, 65535), (20000, 60000)])
def test_samples_of_16_bits_are_not_clipped(tmp_path: Path, background: int, fill: int) -> None:
    path = tmp_path / "1.jpg"
    mask = np.asarray(drawing("L", 0, 255)) / 255
    samples = (background + mask * (fill - background)).astype(np.uint16)
    Image.fromarray(samples).save(path, "PNG")
    text, _ = recognise(path, settings(available("tesserocr")))
    assert text.decode() == WORDS + "\n"


@pytest.mark.parametrize("image_format", ["GIF", "WEBP", "PNG"])
def test_the_text_of_an_animation_is_that_of_its_frames(tmp_path: Path, image_format: str) -> None:
    path = tmp_path / "1.jpg"
    shown = ["", "", "Never do", WORDS, WORDS, ""]
    frames = [drawing("RGB", "white", "black", words=words) for words in shown]
    frames[0].save(path, image_format, save_all=True, append_images=frames[1:], duration=200)
    text, _ = recognise(path, settings(available("tesserocr")))
    assert text.decode() == WORDS + "\n"


def test_no_more_than_a_few_frames_of_an_animation_are_read(tmp_path: Path) -> None:
    path = tmp_path / "1.jpg"
    frames = [drawing("L", "white", "black", words="|" * number) for number in range(40)]
    frames[0].save(path, "GIF", save_all=True, append_images=frames[1:], duration=200)
    assert len(list(load_pictures(path))) <= 6


@pytest.mark.parametrize(
    "size", [(40_000, 3), (3, 40_000), (1, 1), (1, 2000), (2000, 1), (33_000, 40), (9, 9)]
)
def test_an_image_that_no_engine_can_read_fails_nothing(
    tmp_path: Path, engine: str, size: tuple[int, int]
) -> None:
    path = tmp_path / "1.jpg"
    Image.new("RGB", size, "white").save(path, "PNG")
    text, receipt = recognise(path, settings(engine))
    assert text in (b"", b"\n")
    assert (receipt["outcome"] == "ok") == bool(text)
    assert bool(text) != receipt["reason"].endswith(".")


def test_an_engine_that_gives_up_on_a_slide_keeps_the_others(tmp_path: Path) -> None:
    available("tesserocr")
    odd = tmp_path / "1.jpg"
    Image.new("RGB", (40_000, 3), "white").save(odd, "PNG")
    slides = [odd, cover(tmp_path / "2.jpg")]
    ocr.recognise(slides, tmp_path / "t", tmp_path / "b", tmp_path / "r", settings())
    assert (tmp_path / "t").read_text() == WORDS + "\n"
    receipt = json.loads((tmp_path / "r").read_bytes())
    assert receipt["outcome"] == "ok"
    assert "40,000 x 3 pixels" in receipt["reason"]


def test_the_place_of_each_line_is_stored_with_the_text(tmp_path: Path, engine: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # shown 480 x 320
    path = tmp_path / "1.jpg"
    drawing("RGB", "white", "black").transpose(TURNED[6]).save(path, "JPEG", exif=exif)
    recognise(path, settings(engine))
    (image,) = json.loads((tmp_path / "ocr" / "1.json").read_bytes())["images"]
    assert (image["file"], image["width"], image["height"]) == ("1.jpg", 480, 320)
    assert [line["text"] for line in image["lines"]] == WORDS.split("\n")
    for line, (left, top, right, bottom) in zip(
        image["lines"], [(30, 65, 240, 115), (30, 125, 310, 170)], strict=True
    ):
        places = [(left, top), (right, top), (right, bottom), (left, bottom)]
        for corner, place in zip(line["corners"], places, strict=True):
            assert corner == pytest.approx(place, abs=20)
        assert 0.5 < line["confidence"] <= 1


def test_the_lines_of_each_slide_are_separate(tmp_path: Path) -> None:
    available("tesserocr")
    slides = [cover(tmp_path / f"{word}.jpg", word) for word in ("Cats", "Dogs")]
    ocr.recognise(slides, tmp_path / "t", tmp_path / "b", tmp_path / "r", settings())
    images = json.loads((tmp_path / "b").read_bytes())["images"]
    assert [[line["text"] for line in image["lines"]] for image in images] == [["Cats"], ["Dogs"]]


def test_auto_is_the_engine_that_reads_all_languages(tmp_path: Path) -> None:
    available("rapidocr")
    assert ocr.choose_engine(settings("auto")).engine == "rapidocr"
    assert ocr.choose_engine(settings("auto", languages=["eng", "deu"])).engine == "rapidocr"
    assert ocr.choose_engine(settings("auto", languages=["eng", "tha"])).engine == "pytesseract"
    _, receipt = recognise(cover(tmp_path / "1.jpg"), settings("auto"))
    assert receipt["engine"] == "rapidocr"


def test_a_better_default_reads_no_text_again() -> None:
    """The receipt of an older version names its settings, without `prepare`."""
    old = {"engine": "pytesseract", "languages": ["eng"], "page_segmentation": 3}
    before = settings_hash(old)
    assert before in accepted_hashes(settings("auto"))
    assert before in accepted_hashes(settings("pytesseract"))
    assert before not in accepted_hashes(settings("rapidocr"))
    assert before not in accepted_hashes(settings("auto", languages=["deu"]))
    for name in ENGINES:
        asked = ocr.hash_settings(settings(name))
        assert asked in accepted_hashes(settings("auto"))
        assert (asked in accepted_hashes(settings("pytesseract"))) == (name == "pytesseract")


def white_on_photo(path: Path) -> Path:
    """White letters with thin outlines on stripes, which Tesseract can't read by itself."""
    image = Image.new("RGB", (720, 480))
    draw = ImageDraw.Draw(image)
    for x in range(0, 720, 12):
        draw.rectangle((x, 0, x + 5, 480), fill=(150, 90, 60))
        draw.rectangle((x + 6, 0, x + 11, 480), fill=(90, 160, 190))
    font = ImageFont.load_default(60)
    draw.text((40, 120), WORDS, "white", font, stroke_width=3, stroke_fill="black")
    image.save(path, "JPEG", quality=90)
    return path


@pytest.mark.parametrize("name", ["tesserocr", "pytesseract"])
def test_tesseract_reads_light_letters_on_a_photograph_if_it_may_prepare(
    tmp_path: Path, name: str
) -> None:
    image = white_on_photo(tmp_path / "1.jpg")
    text, receipt = recognise(image, settings(available(name)))
    assert text.decode() == WORDS + "\n"
    assert receipt["settings"]["prepare"] is True
    text, receipt = recognise(image, settings(name, prepare=False))
    assert text.decode() != WORDS + "\n"
    assert receipt["settings"]["prepare"] is False


def test_a_cover_without_words_is_one_newline(tmp_path: Path, engine: str) -> None:
    text, receipt = recognise(cover(tmp_path / "1.jpg", words=""), settings(engine))
    assert text == b"\n"
    assert receipt["outcome"] == "ok"


def test_an_unreadable_file_has_an_empty_text(tmp_path: Path, engine: str) -> None:
    whole = cover(tmp_path / "whole.jpg").read_bytes()
    cases = {
        "placeholder": b"",
        "page": b"<!doctype html><p>Log in</p>",
        "cut": whole[: len(whole) // 2],
        "zeroed": whole[:1000] + bytes(len(whole) - 1000),
        "missing": None,
    }
    for name, data in cases.items():
        image = tmp_path / f"{name}.jpg"
        if data is not None:
            image.write_bytes(data)
        text, receipt = recognise(image, settings(engine))
        assert text == b"", name
        assert receipt["outcome"] == "unreadable", name
        assert receipt["reason"].endswith("."), name


def test_the_same_image_gives_the_same_bytes(tmp_path: Path, engine: str) -> None:
    files = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        recognise(cover(folder / "7.jpg"), settings(engine))
        files.append([(folder / part).read_bytes() for part in ("ocr/7.txt", "receipts/7.json")])
    assert files[0] == files[1]
    assert str(tmp_path).encode() not in files[0][1]


def test_the_receipt_names_the_engine_and_its_settings(tmp_path: Path) -> None:
    available("tesserocr")
    chosen = settings(page_segmentation=11)
    _, receipt = recognise(cover(tmp_path / "1.jpg"), chosen)
    facts = ["asked", "engine", "made_of", "outcome", "reason", "settings", "software", "version"]
    assert sorted(receipt) == facts
    assert receipt["made_of"] == [hashlib.sha256((tmp_path / "1.jpg").read_bytes()).hexdigest()]
    assert receipt["settings"] == {"languages": ["eng"], "page_segmentation": 11, "prepare": True}
    assert receipt["version"] == ocr.check_engine(chosen)
    assert "eng " in receipt["version"]


def test_another_model_gives_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    available("tesserocr")
    chosen = ocr.OcrSettings.parse(settings())
    usual = ocr.TesserocrEngine(chosen).identity()
    model = shutil.copy(find_tessdata(chosen) / "eng.traineddata", tmp_path)
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert ocr.TesserocrEngine(chosen).identity() == usual
    with Path(model).open("ab") as file:
        file.write(b"\0")
    assert find_tessdata(chosen) == tmp_path
    assert ocr.TesserocrEngine(chosen).identity() != usual


def test_threads_get_the_texts_of_their_own_covers(tmp_path: Path) -> None:
    chosen = settings(available("tesserocr"))
    words = ("Cats", "Dogs", "Horses", "Birds", "Fishes", "Goats")
    covers = [cover(tmp_path / f"{number}.jpg", words[number % 6]) for number in range(18)]
    with ThreadPoolExecutor(3) as pool:
        texts = [text.decode() for text, _ in pool.map(lambda c: recognise(c, chosen), covers)]
    assert texts == [f"{words[number % 6]}\n" for number in range(18)]


@pytest.mark.parametrize(
    ("read", "kept"),
    [
        ("a line\n\n \t\f", "a line"),
        ("one\n\ntwo\x0c", "one\n\ntwo"),
        ("nul\0 bell\x07 escape\x1b[31m\r\nnext\x9b", "nul bell escape[31m\nnext"),
        ("  indented\ttab", "  indented\ttab"),
        ("café 你好 👍", "café 你好 👍"),
        ("half \ud83d emoji", "half  emoji"),
        (" \n\f", ""),
    ],
)
def test_text_is_kept_without_control_characters(read: str, kept: str) -> None:
    assert ocr.tidy(read) == kept


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ({"languages": ["eng", "zzz_vert"]}, "apt-get install tesseract-ocr-zzz-vert"),
        ({"languages": ["script/Zzzz"]}, "apt-get install tesseract-ocr-all"),
        ({"engine": "rapidocr", "languages": ["tha"]}, "Choose another ocr.engine"),
    ],
)
def test_missing_data_is_reported_with_the_remedy(wrong: dict[str, Any], remedy: str) -> None:
    available(wrong.get("engine", "tesserocr"))
    with pytest.raises(ConfigError) as caught:
        ocr.check_engine(settings(**wrong))
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)


def configuration(**changes: Any) -> dict[str, Any]:
    config = yaml.safe_load((SCHEMA.parents[1] / "config.yaml").read_text("utf-8"))
    config["ocr"] |= changes
    return config


@pytest.mark.parametrize(
    "wrong",
    [
        {"engine": "easyocr"},
        {"languages": []},
        {"languages": ["../eng"]},
        {"languages": ["script/../eng"]},
        {"languages": ["eng+deu"]},
        {"languages": ["-l"]},
        {"page_segmentation": 0},
        {"page_segmentation": 2},
        {"page_segmentation": 14},
        {"page_segmentation": "3 --user-words /etc/passwd"},
    ],
)
def test_invalid_engine_settings_are_refused_beforehand(wrong: dict[str, Any]) -> None:
    (setting,) = wrong
    with pytest.raises(ConfigError, match=f"`ocr.{setting}"):
        check_configuration(configuration(**wrong))


def test_every_engine_can_be_configured() -> None:
    for name in ocr.ENGINES:
        check_configuration(configuration(engine=name))


@pytest.mark.parametrize("name", ["pytesseract", "tesserocr"])
@pytest.mark.parametrize("language", ["script/Latin", "eng-best", "chi_sim"])
def test_a_language_that_may_be_configured_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, language: str
) -> None:
    usual = find_tessdata(ocr.OcrSettings.parse(settings(available(name))))
    (tmp_path / "script").mkdir()
    shutil.copy(usual / "eng.traineddata", tmp_path / f"{language}.traineddata")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    check_configuration(configuration(languages=[language]))
    text, receipt = recognise(cover(tmp_path / "1.jpg"), settings(name, languages=[language]))
    assert text.decode() == WORDS + "\n"
    assert f"{language} " in receipt["version"]


@pytest.mark.parametrize("mode", [1, *range(3, 14)])
def test_every_page_segmentation_that_may_be_configured_works(tmp_path: Path, mode: int) -> None:
    check_configuration(configuration(page_segmentation=mode))
    chosen = settings(available("tesserocr"), page_segmentation=mode)
    _, receipt = recognise(cover(tmp_path / "1.jpg", "Never"), chosen)
    assert receipt["outcome"] == "ok"


def run_python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_a_missing_command_is_reported_with_the_remedy() -> None:
    pytest.importorskip("pytesseract")
    said = run_python(
        "from scripts import ocr\n"
        "from scripts.errors import ConfigError\n"
        f"try: ocr.check_engine({settings('pytesseract')})\n"
        "except ConfigError as error: print(error)",
        PATH="/nonexistent",
    )
    assert "apt-get install tesseract-ocr" in said


def test_importing_ocr_imports_no_engine() -> None:
    said = run_python(
        "import sys; from scripts import ocr\n"
        "heavy = {'pandas', 'pytesseract', 'tesserocr', 'rapidocr', 'cv2'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert said.strip() == "[]"


def test_rapidocr_downloads_no_models_and_prints_nothing(tmp_path: Path) -> None:
    available("rapidocr")
    image = cover(tmp_path / "1.jpg")
    said = run_python(
        "import sys\n"
        "def refuse(event, details):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo'): sys.exit('network')\n"
        "sys.addaudithook(refuse)\n"
        "from pathlib import Path; from scripts import ocr\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "files = [folder / name for name in 'tbr']\n"
        f"ocr.recognise([folder / '1.jpg'], *files, {settings('rapidocr')})"
    )
    assert said == ""
    assert (image.parent / "t").read_text() == WORDS + "\n"


def test_tesseract_prints_nothing_on_the_terminal(tmp_path: Path) -> None:
    available("tesserocr")
    cover(tmp_path / "1.jpg", words="")
    said = run_python(
        "from pathlib import Path; from scripts import ocr\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "files = [folder / name for name in 'tbr']\n"
        f"ocr.recognise([folder / '1.jpg'], *files, {settings('tesserocr')})"
    )
    assert said == ""
