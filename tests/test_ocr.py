"""The text of a cover: the same files from every engine, and null for what can't be read."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from scripts import ocr
from scripts.errors import ConfigError
from scripts.ocr.engine import Cover
from scripts.ocr.tessdata import find_tessdata

ENGINES = ("pytesseract", "tesserocr", "rapidocr")
WORDS = "Never do\nthis at home"


def settings(engine: str = "tesserocr", **changes: Any) -> dict[str, Any]:
    return {"engine": engine, "languages": ["eng"], "page_segmentation": 3} | changes


def available(engine: str) -> str:
    """The engine, or a skip where it isn't installed (each is optional)."""
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
    ocr.recognise(image, text, receipt, chosen)
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
def test_what_is_under_jpg_is_read_whatever_it_is(
    tmp_path: Path, engine: str, image_format: str, mode: str
) -> None:
    image = cover(tmp_path / "1.jpg", mode=mode, format=image_format)
    text, _ = recognise(image, settings(engine))
    assert text.decode() == WORDS + "\n"


def test_transparent_covers_are_read_on_white(tmp_path: Path) -> None:
    path = tmp_path / "1.jpg"
    image = Image.new("RGBA", (480, 320), (0, 0, 0, 0))
    ImageDraw.Draw(image).text((30, 60), WORDS, fill="black", font=ImageFont.load_default(48))
    image.save(path, "PNG")
    assert Cover.load(path).pixels().getpixel((0, 0)) == (255, 255, 255)
    text, _ = recognise(path, settings(available("tesserocr")))
    assert text.decode() == WORDS + "\n"


def test_a_cover_without_words_is_one_newline(tmp_path: Path, engine: str) -> None:
    text, receipt = recognise(cover(tmp_path / "1.jpg", words=""), settings(engine))
    assert text == b"\n"
    assert receipt["outcome"] == "ok"


def test_what_cannot_be_read_is_an_empty_text(tmp_path: Path, engine: str) -> None:
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


def test_the_receipt_names_what_made_the_text(tmp_path: Path) -> None:
    available("tesserocr")
    chosen = settings(page_segmentation=11)
    _, receipt = recognise(cover(tmp_path / "1.jpg"), chosen)
    assert sorted(receipt) == ["engine", "outcome", "reason", "settings", "version"]
    assert receipt["settings"] == {"languages": ["eng"], "page_segmentation": 11}
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
        ({"engine": "easyocr"}, "Choose one of: pytesseract, rapidocr, tesserocr."),
        ({"languages": ["eng", "zzz_vert"]}, "apt-get install tesseract-ocr-zzz-vert"),
        ({"languages": ["../eng"]}, "[eng, deu]"),
        ({"languages": []}, "[eng, deu]"),
        ({"page_segmentation": 0}, "--help-psm"),
        ({"page_segmentation": "3 --user-words /etc/passwd"}, "--help-psm"),
        ({"engine": "rapidocr", "languages": ["tha"]}, "Choose ocr.engine"),
    ],
)
def test_wrong_settings_are_told_with_the_remedy(wrong: dict[str, Any], remedy: str) -> None:
    available(wrong.get("engine", "tesserocr") if wrong.get("engine") != "easyocr" else "tesserocr")
    with pytest.raises(ConfigError) as caught:
        ocr.check_engine(settings(**wrong))
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)


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


def test_a_missing_command_is_told_with_the_remedy() -> None:
    pytest.importorskip("pytesseract")
    said = run_python(
        "from scripts import ocr\n"
        "try: ocr.check_engine({'engine': 'pytesseract', 'languages': ['eng']})\n"
        "except ocr.ConfigError as error: print(error)",
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


def test_rapidocr_asks_nobody_for_models_and_says_nothing(tmp_path: Path) -> None:
    available("rapidocr")
    image = cover(tmp_path / "1.jpg")
    said = run_python(
        "import sys\n"
        "def refuse(event, details):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo'): sys.exit('network')\n"
        "sys.addaudithook(refuse)\n"
        "from pathlib import Path; from scripts import ocr\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "ocr.recognise(folder / '1.jpg', folder / 't', folder / 'r', {'engine': 'rapidocr'})"
    )
    assert said == ""
    assert (image.parent / "t").read_text() == WORDS + "\n"


def test_tesseract_says_nothing_on_the_terminal(tmp_path: Path) -> None:
    available("tesserocr")
    cover(tmp_path / "1.jpg", words="")
    said = run_python(
        "from pathlib import Path; from scripts import ocr\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "ocr.recognise(folder / '1.jpg', folder / 't', folder / 'r', {'engine': 'tesserocr'})"
    )
    assert said == ""
