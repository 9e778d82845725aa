"""Generate videos with known text on their screen, in the style of the site.

The same seed gives the same video. Captions have the styles of `benchmarks.covers`: still, moving,
fading, word by word, as karaoke, replacing each other several times a second, and still while the
scene behind them is cut. Backgrounds are still, pan, flicker, or are as busy as photographs.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageChops, ImageDraw

from benchmarks.covers import COLOURS, DARK, FONTS, SENTENCES, draw_background, load_font

SIZE = (576, 1024)
FRAMES_PER_S = 30
FADE_S = 0.4
KINDS = ("still", "still", "fade", "words", "karaoke", "moving", "replacing")
SCENES = ("still", "pan", "flicker", "cuts", "cuts")
STYLES = ("outline", "outline", "outline", "box", "shadow", "colour")
BANDS = ((0.12, 0.3), (0.38, 0.55), (0.62, 0.78))  # of the height


@dataclass(frozen=True)
class Line:
    """A line of text, and the seconds at which it appears and disappears."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Caption:
    """One line and its look. x, y: the middle of the line, in pixels. Speed is in pixels/s."""

    line: Line
    kind: str
    style: str
    font: str
    pixels: int
    colours: tuple[tuple[int, int, int], tuple[int, int, int]]
    x: float
    y: float
    speed: tuple[float, float] = (0.0, 0.0)
    words_at_s: tuple[float, ...] = ()  # when each word appears, or is sung


@dataclass(frozen=True)
class Film:
    duration_s: float
    scene: str
    captions: tuple[Caption, ...]
    seed: int

    @property
    def lines(self) -> list[Line]:
        return [caption.line for caption in self.captions]


def make_film(
    seed: int,
    duration_s: float = 8.0,
    kinds: tuple[str, ...] = KINDS,
    scenes: tuple[str, ...] = SCENES,
) -> Film:
    """A film with captions in one to three places."""
    chance = random.Random(f"film {seed}")
    bands = chance.sample(BANDS, chance.choice((1, 2, 2, 3)))
    captions: list[Caption] = []
    for band in bands:
        captions += _fill_band(band, duration_s, kinds, chance)
    return Film(duration_s, chance.choice(scenes), tuple(captions), seed)


def make_bare_film(seed: int, duration_s: float = 12.0, *, captions: int = 0) -> Film:
    """A film without text, or with one short caption."""
    chance = random.Random(f"bare {seed}")
    found = _fill_band(BANDS[0], duration_s, ("still",), chance)[:captions]
    return Film(duration_s, chance.choice(SCENES), tuple(found), seed)


def save_film(film: Film, path: Path) -> None:
    """Save a film as H.264 of 1 to 2 Mbit/s in an MP4."""
    with av.open(path, "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", FRAMES_PER_S)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 1_500_000
        stream.options = {"preset": "veryfast", "threads": "1", "maxrate": "2M", "bufsize": "3M"}
        for image in draw_frames(film):
            container.mux(stream.encode(av.VideoFrame.from_image(image)))
        container.mux(stream.encode(None))


def draw_frames(film: Film) -> Iterator[Image.Image]:
    layers: dict[tuple[int, int], Image.Image] = {}
    for number in range(round(film.duration_s * FRAMES_PER_S)):
        at_s = number / FRAMES_PER_S
        image = _draw_scene(film, at_s)
        for index, caption in enumerate(film.captions):
            if caption.line.start_s <= at_s < caption.line.end_s:
                step = sum(at_s >= moment for moment in caption.words_at_s)
                if (index, step) not in layers:
                    layers[index, step] = _draw_caption(caption, step)
                _paste(image, layers[index, step], caption, at_s)
        yield image


def _fill_band(
    band: tuple[float, float], duration_s: float, kinds: tuple[str, ...], chance: random.Random
) -> list[Caption]:
    """Captions one after the other in one place of the screen."""
    kind, style = chance.choice(kinds), chance.choice(STYLES)
    font, pixels = chance.choice(FONTS), round(SIZE[0] * chance.uniform(0.05, 0.085))
    boxed = chance.choice((((255, 255, 255), (0, 0, 0)), (chance.choice(DARK), (255, 255, 255))))
    plain = chance.choice(COLOURS) if style == "colour" else (255, 255, 255)
    colours = boxed if style == "box" else (plain, (0, 0, 0))
    middle = SIZE[1] * chance.uniform(*band)
    at_s = chance.uniform(0, 1.5)
    captions: list[Caption] = []
    while at_s < duration_s - 1:
        lines = _wrap(_words(kind, chance), font, pixels)
        if captions and lines[0].startswith(captions[-1].line.text):
            continue  # nobody could say whether that line has grown
        words = sum(len(line.split()) for line in lines)
        lasts = {
            "replacing": chance.uniform(0.4, 1.0),
            "words": 0.3 * words + chance.uniform(0.8, 1.5),
            "karaoke": 0.35 * words + 0.5,
        }.get(kind, chance.uniform(1.5, 5.0))
        end_s = min(duration_s, at_s + lasts)
        speed = _speed(kind, chance)
        top = middle - (len(lines) - 1) * pixels * 0.7
        spoken = at_s
        for number, text in enumerate(lines):
            count = len(text.split())
            step = 0.3 if kind == "words" else (end_s - at_s - 0.3) / max(words, 1)
            moments = tuple(round(spoken + step * n, 3) for n in range(count))
            spoken += step * count
            start_s = moments[0] if kind == "words" else at_s
            if start_s >= end_s - 0.3:
                continue
            captions.append(
                Caption(
                    Line(text, round(start_s, 3), round(end_s, 3)),
                    *(kind, style, font, pixels, colours),
                    *(SIZE[0] / 2, top + number * pixels * 1.4, speed),
                    moments if kind in ("words", "karaoke") else (),
                )
            )
        at_s = end_s + (0 if kind == "replacing" else chance.uniform(0.0, 1.5))
    return captions


def _speed(kind: str, chance: random.Random) -> tuple[float, float]:
    if kind != "moving":
        return 0.0, 0.0
    sideways, upwards = chance.uniform(10, 40), chance.uniform(0, 25)
    return chance.choice((-1, 1)) * sideways, chance.choice((-1, 1)) * upwards


def _words(kind: str, chance: random.Random) -> str:
    if kind == "replacing":
        sentence = chance.choice(_vocabulary())
        words = chance.sample(sentence.split(), min(len(sentence.split()), chance.randint(1, 3)))
        return " ".join(words)
    return " ".join(
        dict.fromkeys(" ".join(chance.sample(_vocabulary(), 2)).split()[: chance.randint(3, 9)])
    )


@cache
def _vocabulary() -> list[str]:
    languages = ("eng", "eng", "deu", "spa")
    return [
        line.strip() for name in languages for line in SENTENCES[name].splitlines() if line.strip()
    ]


def _wrap(sentence: str, font: str, pixels: int) -> list[str]:
    lines = [""]
    for word in sentence.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and load_font(font, pixels).getlength(longer) > SIZE[0] * 0.82:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _draw_caption(caption: Caption, step: int) -> Image.Image:
    """Draw the visible words of the line. In karaoke, words already sung have another colour."""
    pixels, font = caption.pixels, load_font(caption.font, caption.pixels)
    text = caption.line.text
    words = text.split()
    if caption.kind == "words":
        text = " ".join(words[:step])
    layer = Image.new("RGBA", (SIZE[0], 2 * pixels), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    x, y = (SIZE[0] - font.getlength(text)) / 2, pixels * 0.4
    fill, edge = caption.colours
    if caption.style == "box":
        around = (x - pixels * 0.3, y - pixels * 0.1, SIZE[0] - x + pixels * 0.3, y + pixels * 1.3)
        draw.rounded_rectangle(around, pixels * 0.2, fill=fill)
        draw.text((x, y), text, fill=edge, font=font)
        return layer
    stroke = 0 if caption.style == "shadow" else max(2, pixels // 14)
    if caption.style == "shadow":
        draw.text((x + 3, y + 3), text, fill=(0, 0, 0, 200), font=font)
    draw.text((x, y), text, fill=fill, font=font, stroke_width=stroke, stroke_fill=edge)
    if caption.kind == "karaoke" and step:
        sung = " ".join(words[:step])
        draw.text(
            (x, y), sung, fill=(255, 220, 0), font=font, stroke_width=stroke, stroke_fill=edge
        )
    return layer


def _paste(image: Image.Image, layer: Image.Image, caption: Caption, at_s: float) -> None:
    age, left = at_s - caption.line.start_s, caption.line.end_s - at_s
    middle_s = (caption.line.end_s - caption.line.start_s) / 2
    x = caption.x - SIZE[0] / 2 + caption.speed[0] * (age - middle_s)
    y = caption.y - layer.height / 2 + caption.speed[1] * (age - middle_s)
    mask = layer.getchannel("A")
    if caption.kind == "fade":
        alpha = min(1.0, age / FADE_S + 0.05, left / FADE_S + 0.05)
        mask = mask.point([round(value * alpha) for value in range(256)])
    image.paste(layer.convert("RGB"), (round(x), round(y)), mask)


def _draw_scene(film: Film, at_s: float) -> Image.Image:
    number = int(at_s / 2.7) if film.scene == "cuts" else 0
    wide = _scene(film.seed * 10 + number)
    if film.scene in ("pan", "cuts"):
        shift = round(at_s * 25) % (wide.width - SIZE[0])
        return wide.crop((shift, 0, shift + SIZE[0], SIZE[1]))
    image = wide.crop((0, 0, *SIZE))
    if film.scene == "flicker":
        light = round(20 * np.sin(at_s * 9))
        step = Image.new("RGB", SIZE, (abs(light),) * 3)
        image = ImageChops.add(image, step) if light > 0 else ImageChops.subtract(image, step)
    return image


@cache
def _scene(seed: int) -> Image.Image:
    """A background that is wider than the screen; every third has fine stripes and squares."""
    image = draw_background((SIZE[0] + 400, SIZE[1]), seed)
    if seed % 3 == 0:
        draw, chance = ImageDraw.Draw(image), random.Random(seed)
        for _ in range(12):
            x, y = chance.randint(0, image.width), chance.randint(0, image.height)
            shade = chance.choice((30, 220))
            for n in range(chance.randint(3, 10)):
                draw.rectangle((x + 14 * n, y, x + 14 * n + 6, y + 60), fill=(shade,) * 3)
    return image
