"""Draw the demo's pictures from plain shapes: a background, an object, words in boxes."""

from functools import lru_cache
from pathlib import Path

import matplotlib
from PIL import Image, ImageColor, ImageDraw, ImageFont

# The font comes with a dependency, so the pictures are the same on every machine.
FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"
OVERSAMPLING = 3  # Pillow draws without smoothing, so larger drawings are scaled down

# A shape in a square of 100 x 100: kind, colour, coordinates, and for lines and arcs a width.
Shape = tuple[str, str, tuple[float, ...], float]

DRAWINGS: dict[str, tuple[Shape, ...]] = {
    "bread": (
        ("ellipse", "#7a4a21", (6, 30, 94, 90), 0),
        ("ellipse", "#b8763a", (8, 26, 92, 82), 0),
        ("ellipse", "#d79a56", (16, 30, 84, 66), 0),
        ("line", "#f7dfb4", (30, 38, 24, 62), 5),
        ("line", "#f7dfb4", (50, 34, 46, 64), 5),
        ("line", "#f7dfb4", (70, 36, 68, 62), 5),
    ),
    "cat": (
        ("ellipse", "#2c2f3a", (8, 72, 92, 98), 0),
        ("ellipse", "#59607a", (8, 68, 92, 92), 0),
        ("ellipse", "#7ef29d", (46, 84, 54, 89), 0),
        ("arc", "#e58b3a", (60, 34, 92, 80, 300, 90), 7),
        ("ellipse", "#f2a65a", (26, 40, 74, 84), 0),
        ("polygon", "#f2a65a", (28, 30, 28, 2, 48, 16), 0),
        ("polygon", "#f2a65a", (72, 30, 72, 2, 52, 16), 0),
        ("ellipse", "#f2a65a", (26, 10, 74, 54), 0),
        ("ellipse", "#ffffff", (34, 22, 46, 36), 0),
        ("ellipse", "#ffffff", (54, 22, 66, 36), 0),
        ("ellipse", "#1c1c1c", (38, 24, 44, 36), 0),
        ("ellipse", "#1c1c1c", (56, 24, 62, 36), 0),
        ("polygon", "#d2506b", (46, 38, 54, 38, 50, 43), 0),
        ("line", "#fff3e2", (18, 38, 40, 41), 1.2),
        ("line", "#fff3e2", (18, 46, 40, 44), 1.2),
        ("line", "#fff3e2", (82, 38, 60, 41), 1.2),
        ("line", "#fff3e2", (82, 46, 60, 44), 1.2),
    ),
    "bicycle": (
        ("arc", "#23302c", (2, 46, 44, 88, 0, 360), 4),
        ("arc", "#23302c", (56, 46, 98, 88, 0, 360), 4),
        ("ellipse", "#f4f4f4", (20, 64, 26, 70), 0),
        ("ellipse", "#f4f4f4", (74, 64, 80, 70), 0),
        ("line", "#e4483a", (23, 67, 38, 36, 68, 36, 48, 68, 23, 67), 4),
        ("line", "#e4483a", (36, 30, 48, 68), 4),
        ("line", "#e4483a", (66, 26, 77, 67), 4),
        ("line", "#23302c", (28, 29, 44, 29), 5),
        ("line", "#23302c", (66, 26, 76, 22), 4),
        ("ellipse", "#23302c", (44, 64, 52, 72), 0),
    ),
    "plant": (
        ("line", "#2f7d43", (50, 62, 50, 20), 3),
        ("line", "#2f7d43", (50, 56, 28, 34), 3),
        ("line", "#2f7d43", (50, 56, 72, 34), 3),
        ("ellipse", "#4caf62", (36, 2, 64, 28), 0),
        ("ellipse", "#3d9a53", (10, 18, 40, 42), 0),
        ("ellipse", "#3d9a53", (60, 18, 90, 42), 0),
        ("ellipse", "#5ec274", (24, 36, 48, 56), 0),
        ("ellipse", "#5ec274", (52, 36, 76, 56), 0),
        ("polygon", "#c8653b", (26, 60, 74, 60, 68, 98, 32, 98), 0),
        ("rectangle", "#dd7b4d", (22, 56, 78, 66), 0),
    ),
    "cup": (
        ("arc", "#ffffff", (66, 46, 94, 78, 270, 90), 6),
        ("ellipse", "#5f5aa8", (8, 84, 92, 98), 0),
        ("ellipse", "#ffffff", (8, 80, 92, 94), 0),
        ("ellipse", "#ffffff", (16, 44, 80, 90), 0),
        ("rectangle", "#ffffff", (16, 40, 80, 66), 0),
        ("ellipse", "#f1ecff", (16, 32, 80, 48), 0),
        ("ellipse", "#b06a35", (20, 34, 76, 46), 0),
        ("arc", "#f6f0ff", (30, 2, 42, 18, 90, 270), 3),
        ("arc", "#f6f0ff", (24, 16, 36, 30, 270, 90), 3),
        ("arc", "#f6f0ff", (58, 2, 70, 18, 90, 270), 3),
        ("arc", "#f6f0ff", (52, 16, 64, 30, 270, 90), 3),
    ),
    "umbrella": (
        ("pieslice", "#e91e63", (6, 10, 94, 90, 180, 360), 0),
        ("pieslice", "#f8649a", (32, 10, 68, 90, 180, 360), 0),
        ("line", "#f2f2f2", (50, 4, 50, 84), 3),
        ("arc", "#f2f2f2", (34, 74, 51, 94, 0, 180), 3),
        ("line", "#d9ecff", (12, 60, 8, 70), 2),
        ("line", "#d9ecff", (28, 66, 24, 76), 2),
        ("line", "#d9ecff", (72, 60, 68, 70), 2),
        ("line", "#d9ecff", (90, 66, 86, 76), 2),
        ("line", "#d9ecff", (16, 82, 12, 92), 2),
        ("line", "#d9ecff", (78, 82, 74, 92), 2),
    ),
    "popcorn": (
        ("ellipse", "#fff6d8", (20, 22, 46, 48), 0),
        ("ellipse", "#fff6d8", (40, 14, 64, 40), 0),
        ("ellipse", "#fff6d8", (56, 22, 82, 48), 0),
        ("ellipse", "#ffe9a8", (30, 30, 56, 54), 0),
        ("ellipse", "#ffe9a8", (50, 30, 74, 54), 0),
        ("ellipse", "#fff6d8", (6, 2, 22, 18), 0),
        ("ellipse", "#fff6d8", (78, 4, 92, 18), 0),
        ("polygon", "#ffffff", (18, 44, 82, 44, 74, 98, 26, 98), 0),
        ("polygon", "#e53950", (18, 44, 31, 44, 36, 98, 26, 98), 0),
        ("polygon", "#e53950", (43, 44, 57, 44, 55, 98, 45, 98), 0),
        ("polygon", "#e53950", (69, 44, 82, 44, 74, 98, 64, 98), 0),
    ),
    "planet": (
        ("ellipse", "#ffffff", (8, 12, 11, 15), 0),
        ("ellipse", "#ffffff", (84, 6, 88, 10), 0),
        ("ellipse", "#ffffff", (16, 84, 19, 87), 0),
        ("ellipse", "#ffffff", (90, 78, 93, 81), 0),
        ("ellipse", "#ffffff", (46, 2, 48, 4), 0),
        ("ellipse", "#e8c27a", (22, 20, 78, 76), 0),
        ("line", "#d3a45c", (30, 34, 70, 34), 4),
        ("line", "#d3a45c", (28, 62, 72, 62), 4),
        ("arc", "#f8e7bd", (3, 37, 97, 61, -54, 234), 4),
    ),
    "bubbletea": (
        ("line", "#ff5d8f", (56, 30, 66, 0), 7),
        ("polygon", "#f7efe6", (22, 24, 78, 24, 70, 98, 30, 98), 0),
        ("polygon", "#d9a877", (24, 36, 76, 36, 70, 96, 30, 96), 0),
        ("rectangle", "#ffffff", (18, 18, 82, 27), 0),
        *(
            ("ellipse", "#3b2420", (x, y, x + 8, y + 8), 0)
            for x, y in ((34, 86), (45, 87), (57, 86), (38, 77), (51, 77), (61, 75), (44, 67))
        ),
        ("ellipse", "#4a2a20", (38, 46, 43, 52), 0),
        ("ellipse", "#4a2a20", (57, 46, 62, 52), 0),
        ("arc", "#4a2a20", (43, 48, 57, 60, 0, 180), 2),
    ),
    "lamp": (
        ("polygon", "#fff1b0", (24, 44, 76, 44, 98, 94, 2, 94), 0),
        ("line", "#2f66b1", (50, 40, 50, 88), 6),
        ("ellipse", "#2f66b1", (28, 84, 72, 96), 0),
        ("polygon", "#f4b942", (34, 6, 66, 6, 82, 46, 18, 46), 0),
        ("polygon", "#ffd677", (42, 6, 56, 6, 60, 46, 38, 46), 0),
    ),
    "books": (
        ("rectangle", "#3f66c4", (10, 76, 90, 94), 0),
        ("rectangle", "#f7f3e6", (80, 79, 90, 91), 0),
        ("rectangle", "#d94f4f", (16, 58, 84, 76), 0),
        ("rectangle", "#f7f3e6", (16, 61, 26, 73), 0),
        ("rectangle", "#3f9a6b", (12, 40, 78, 58), 0),
        ("rectangle", "#f7f3e6", (68, 43, 78, 55), 0),
        ("polygon", "#f0b73f", (24, 34, 78, 22, 81, 36, 27, 40), 0),
        ("rectangle", "#ffe08a", (30, 82, 64, 87), 0),
        ("rectangle", "#ffe08a", (40, 64, 74, 69), 0),
        ("rectangle", "#ffe08a", (22, 46, 54, 51), 0),
    ),
    "ukulele": (
        ("line", "#6b3f1f", (50, 60, 50, 10), 9),
        ("rectangle", "#4a2a14", (42, 0, 58, 14), 0),
        ("ellipse", "#c77b3b", (28, 38, 72, 70), 0),
        ("ellipse", "#c77b3b", (20, 54, 80, 98), 0),
        ("ellipse", "#3a2110", (40, 54, 60, 74), 0),
        ("rectangle", "#4a2a14", (38, 84, 62, 88), 0),
        ("line", "#f7ead7", (47, 8, 46, 85), 0.8),
        ("line", "#f7ead7", (49, 8, 48.7, 85), 0.8),
        ("line", "#f7ead7", (51, 8, 51.3, 85), 0.8),
        ("line", "#f7ead7", (53, 8, 54, 85), 0.8),
    ),
}


@lru_cache(maxsize=32)
def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)


def background(size: tuple[int, int], colors: tuple[str, str]) -> Image.Image:
    """A gradient from the first colour (top) to the second (bottom)."""
    top, bottom = (Image.new("RGB", size, ImageColor.getrgb(color)) for color in colors)
    return Image.composite(bottom, top, Image.linear_gradient("L").resize(size))


def paste_drawing(image: Image.Image, name: str, side: int, centre: tuple[int, int]) -> None:
    """Draw the named object, `side` pixels wide and high, around `centre`."""
    drawn = _drawing(name, side)
    image.paste(drawn, (centre[0] - side // 2, centre[1] - side // 2), drawn)


@lru_cache(maxsize=32)
def _drawing(name: str, side: int) -> Image.Image:
    scale = side * OVERSAMPLING / 100
    large = Image.new("RGBA", (side * OVERSAMPLING,) * 2)
    draw = ImageDraw.Draw(large)
    for kind, color, numbers, width in DRAWINGS[name]:
        curved = kind in ("arc", "pieslice")
        angles = numbers[4:] if curved else ()
        points = [number * scale for number in (numbers[:4] if curved else numbers)]
        if kind == "line":
            draw.line(points, color, round(width * scale), joint="curve")
            for x, y in (points[:2], points[-2:]):  # round ends
                radius = width * scale / 2
                draw.ellipse((x - radius, y - radius, x + radius, y + radius), color)
        elif kind == "arc":
            draw.arc(points, *angles, color, round(width * scale))
        elif kind == "pieslice":
            draw.pieslice(points, *angles, color)
        else:
            getattr(draw, kind)(points, color)
    return large.resize((side, side), Image.Resampling.LANCZOS)


def paste_words(
    image: Image.Image, lines: tuple[str, ...], label: tuple[str, str], size: int, top: int
) -> None:
    """Write each line, centred, in its own rounded box, as the site's editor does.

    size: the height of the letters in pixels; it is reduced if the widest line does not fit.
    """
    widest = image.width * 0.86
    while max(font(size).getlength(line) for line in lines) > widest - size * 0.8:
        size -= 1
    text_color, box_color = label
    draw = ImageDraw.Draw(image)
    height = round(size * 1.45)
    for number, line in enumerate(lines):
        half = font(size).getlength(line) / 2 + size * 0.4
        middle, y = image.width / 2, top + number * height
        box = (middle - half, y, middle + half, y + height)
        draw.rounded_rectangle(box, radius=size * 0.3, fill=box_color)
        draw.text((middle, y + height / 2), line, text_color, font(size), anchor="mm")
