"""How much text each engine reads on generated covers: `python -m benchmarks.covers [count]`.

The covers are in the style of the site, and the same for the same seed and fonts.

White letters with black outlines, letters in boxes, with shadows, in colours, turned by a few
degrees, with emoji between the words, in one place or several, over backgrounds that are as busy as
photographs. The fonts come with matplotlib, and have no Chinese. For each engine and language, it
prints the share of words that were found, the share of found words that are right, and seconds of
processor time.
"""

# ruff: noqa: RUF001  (Turkish has an i without a dot)

import os
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from scripts import ocr
from scripts.errors import ConfigError

SIZES = ((720, 1280), (576, 1024), (1080, 1920), (1080, 1440))
FONTS = ("DejaVuSans-Bold.ttf", "DejaVuSans.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSansMono-Bold.ttf")
STYLES = ("outline", "outline", "outline", "box", "box", "shadow", "colour")
COLOURS = ((255, 230, 60), (255, 120, 180), (110, 230, 255), (150, 255, 130))
DARK = ((0, 0, 0), (30, 20, 60), (140, 20, 30))
SENTENCES = {
    "eng": """wait for it the end
        best banana bread recipe ever
        my dog did this again
        how to fix your sleep schedule
        day 12 of learning the guitar
        they said it was impossible
        POV: you forgot your keys
        story time part 2
        do not try this at home
        5 things I wish I knew before moving out
        things nobody tells you about college
        when your mom calls you at 3 am
        what I eat in a day
        rating every coffee in Boston
        is this even legal?
        he really thought I was serious
        watch until the last second
        cleaning hacks that actually work
        my cat hates Mondays too
        get ready with me for prom""",
    "deu": """warte bis zum Ende
        das beste Rezept für Käsekuchen
        mein Hund schläft überall
        so lernst du schneller Gitarre
        Tag 12 ohne Zucker
        zehn Dinge über München
        wenn deine Mutter anruft
        was ich heute gegessen habe
        größer als gedacht
        früher war alles besser""",
    "spa": """espera hasta el final
        la mejor receta de mi abuela
        mi perro lo hizo otra vez
        cómo dormir mejor cada noche
        cosas que nadie te cuenta
        cuando tu mamá te llama
        el año pasado en España
        qué como en un día
        mañana será otro día
        no lo intentes en casa""",
    "fra": """attends jusqu'à la fin
        la meilleure recette de crêpes
        mon chien a encore fait ça
        comment mieux dormir
        les choses que personne ne dit
        quand ta mère t'appelle
        ce que je mange en été
        c'était une très bonne idée
        le garçon à côté
        ne faites pas ça chez vous""",
    "vie": """chờ đến cuối cùng
        món ăn ngon nhất hôm nay
        con chó của tôi lại thế
        học tiếng Việt mỗi ngày
        những điều không ai nói
        cà phê sữa đá Sài Gòn""",

    "tur": """sonuna kadar bekle
        en güzel yemek tarifi
        köpeğim yine aynı şeyi yaptı
        İstanbul'da bir gün
        kimsenin söylemediği şeyler
        bugün ne yedim""",
}  # fmt: skip


@dataclass(frozen=True)
class Cover:
    image: Image.Image
    lines: tuple[str, ...]


def draw_cover(seed: int, language: str = "eng") -> Cover:
    """A cover with one to three texts, each with one or more lines."""
    chance = random.Random(f"{language} {seed}")
    size = chance.choice(SIZES)
    image = draw_background(size, seed)
    lines: list[str] = []
    count = chance.choices((1, 2, 3), (5, 3, 1))[0]
    sentences = chance.sample(_sentences(language), count)
    place = chance.uniform(0.12, 0.3)
    for sentence in sentences:
        height, drawn = _draw_text(image, sentence, place, chance)
        lines += drawn
        place += height / size[1] + chance.uniform(0.04, 0.12)
        if place > 0.8:
            break
    return Cover(image, tuple(lines))


def draw_background(size: tuple[int, int], seed: int) -> Image.Image:
    """Light and shade, things with edges, and grain; some bright, some dark."""
    width, height = size
    rng, chance = np.random.default_rng(seed), random.Random(seed)
    level = chance.choice((60, 110, 150, 190))
    spots = rng.normal(level, 45, (9, 6, 1)) + rng.normal(0, 15, (9, 6, 3))
    spots = spots.clip(0, 255).astype(np.uint8)
    image = Image.fromarray(spots).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _ in range(chance.randint(10, 60)):
        x, y = chance.randint(-100, width), chance.randint(-100, height)
        w, h = chance.randint(10, width // 2), chance.randint(10, height // 3)
        shade = rng.normal(level, 50, 1) + rng.normal(0, 25, 3)
        colour = tuple(int(value) for value in shade.clip(0, 255))
        shape = chance.choice((draw.rectangle, draw.ellipse))
        shape((x, y, x + w, y + h), fill=colour)
    image = image.filter(ImageFilter.GaussianBlur(chance.uniform(1, 6)))
    grain = rng.normal(0, chance.uniform(3, 10), (height, width, 1))
    return Image.fromarray((np.asarray(image) + grain).clip(0, 255).astype(np.uint8))


def save_cover(cover: Cover, path: Path, seed: int) -> None:
    """Save a cover as JPEG, in a quality that differs from cover to cover."""
    cover.image.save(path, "JPEG", quality=60 + seed * 7 % 35)


def words(text: str) -> list[str]:
    """The words of a text, for comparison: in lower case, without punctuation at their ends."""
    return [word for found in text.lower().split() if (word := found.strip(".,:;!?'\"|-_()[]~"))]


def _draw_text(
    image: Image.Image, sentence: str, place: float, chance: random.Random
) -> tuple[int, list[str]]:
    """Draw a sentence, centred, from `place` of the height on. Returns its height and its lines."""
    width, height = image.size
    pixels = round(width * chance.uniform(0.045, 0.1))
    font, style = load_font(chance.choice(FONTS), pixels), chance.choice(STYLES)
    lines = _wrap(sentence, font, width * 0.8)
    line_height = round(pixels * 1.35)
    layer = Image.new("RGBA", (width, line_height * len(lines) + 2 * pixels), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    boxed = chance.choice((((255, 255, 255), (0, 0, 0)), (chance.choice(DARK), (255, 255, 255))))
    colour = chance.choice(COLOURS) if style == "colour" else (255, 255, 255)
    for number, line in enumerate(lines):
        x = (width - font.getlength(line)) / 2
        y = pixels / 2 + number * line_height
        if style == "box":
            draw.rounded_rectangle(
                (x - pixels * 0.3, y - pixels * 0.1, width - x + pixels * 0.3, y + line_height),
                pixels * 0.2,
                fill=boxed[0],
            )
            draw.text((x, y), line, fill=boxed[1], font=font)
        elif style == "shadow":
            draw.text((x + 3, y + 3), line, fill=(0, 0, 0, 200), font=font)
            draw.text((x, y), line, fill=colour, font=font)
        else:
            stroke = max(2, pixels // 14)
            draw.text(
                (x, y), line, fill=colour, font=font, stroke_width=stroke, stroke_fill="black"
            )
        if chance.random() < 0.25:
            _draw_emoji(draw, width - x + pixels * 0.6, y + pixels * 0.1, pixels)
    if chance.random() < 0.3:
        layer = layer.rotate(chance.uniform(-7, 7), Image.Resampling.BICUBIC, expand=True)
    image.paste(layer, ((width - layer.width) // 2, round(place * height)), layer)
    return layer.height, lines


def _draw_emoji(draw: ImageDraw.ImageDraw, x: float, y: float, pixels: int) -> None:
    """A yellow face."""
    draw.ellipse((x, y, x + pixels, y + pixels), fill=(255, 205, 50))
    for eye in (0.3, 0.6):
        left, top = x + pixels * eye, y + pixels * 0.3
        draw.ellipse((left, top, left + pixels * 0.12, top + pixels * 0.15), fill=(90, 50, 0))
    mouth = (x + pixels * 0.25, y + pixels * 0.4, x + pixels * 0.75, y + pixels * 0.8)
    draw.arc(mouth, 10, 170, fill=(90, 50, 0), width=max(2, pixels // 14))


def _wrap(sentence: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines = [""]
    for word in sentence.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _sentences(language: str) -> list[str]:
    return [line.strip() for line in SENTENCES[language].splitlines()]


@cache
def load_font(name: str, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", name), pixels)


def compare(read: str, lines: tuple[str, ...]) -> tuple[int, int, int]:
    """How many words were found, how many were read, and how many exist."""
    found, there = Counter(words(read)), Counter(words(" ".join(lines)))
    return (found & there).total(), found.total(), there.total()


def measure(engine: str, prepare: bool, language: str, count: int) -> str:
    """A row of the table."""
    settings = {"engine": engine, "languages": [language], "page_segmentation": 3}
    settings |= {"prepare": prepare}
    name = engine if prepare or engine == "rapidocr" else f"{engine}, `prepare: false`"
    try:
        ocr.check_engine(settings)
    except ConfigError:
        return f"| {name} | {language} | not installed | | |"
    totals, seconds = np.zeros(3), 0.0
    with tempfile.TemporaryDirectory() as folder:
        image, *files = (Path(folder, "made", name) for name in ("1.jpg", "1.txt", "b", "r"))
        image.parent.mkdir()
        for seed in range(-1, count):  # the first one loads the model
            cover = draw_cover(max(seed, 0), language)
            save_cover(cover, image, max(seed, 0))
            before = sum(os.times()[:4])
            ocr.recognise([image], *files, settings)
            if seed >= 0:
                seconds += sum(os.times()[:4]) - before
                totals += compare(files[0].read_text("utf-8"), cover.lines)
    found, read, there = totals
    shares = f"{found / there:.3f} | {found / max(read, 1):.3f}"
    return f"| {name} | {language} | {shares} | {seconds / count:.2f} |"


def main(count: int = 60) -> None:
    print("| engine | language | recall | precision | s a cover |\n|---|---|---|---|---|")
    for language in SENTENCES:
        for engine in ("rapidocr", "pytesseract", "tesserocr"):
            for prepare in (True, False):
                if prepare or engine != "rapidocr":
                    print(measure(engine, prepare, language, count), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
