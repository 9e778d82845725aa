"""The viewer shows a picture as a person should see it, whatever its format is."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import PATIENCE_MS
from tests.support.small_corpus import Corpus, info, post_id
from tests.support.viewing import looking, serve

pytest_plugins = ["tests.support.browser", "tests.support.viewing"]

SIZE = (480, 320)
CLEAR = (0, 0, 0, 0)
RED, GREEN, BLUE = (255, 0, 0), (0, 160, 0), (0, 0, 255)
Color = tuple[int, int, int]


def halves(left: Any, right: Any, mode: str = "RGB") -> Image.Image:
    """A picture whose sides differ, with a transparent strip between them if it can have one."""
    image = Image.new(mode, SIZE, CLEAR if mode == "RGBA" else left)
    width, height = SIZE
    image.paste(left, (0, 0, width // 3, height))
    image.paste(right, (2 * width // 3, 0, width, height))
    return image


def encoded(image: Image.Image, image_format: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def turned() -> bytes:
    """A picture that lies on its side, and says so. Viewers should show red on the left."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    return encoded(halves(RED, BLUE).transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)


def animation() -> bytes:
    frames = [Image.new("RGB", SIZE, color) for color in (GREEN, BLUE)]
    options = {"append_images": frames[1:], "duration": 200, "loop": 0, "lossless": True}
    return encoded(frames[0], "WEBP", save_all=True, **options)


SLIDES = {
    "transparent": encoded(halves("black", "white", "RGBA"), "PNG"),
    "transparent WebP": encoded(halves("black", "white", "RGBA"), "WEBP", lossless=True),
    "turned": turned(),
    "CMYK": encoded(halves(RED, BLUE).convert("CMYK"), "JPEG", quality=95),
    "animation": animation(),
}
POST = post_id(1)


@pytest.fixture(scope="module")
def page(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    corpus = Corpus(tmp_path_factory.mktemp("pictures") / "data")
    links = [{"url": f"https://p16.example.com/{number}.jpeg"} for number in range(len(SLIDES))]
    corpus.add_info("a.json", [info(POST, **{"video-src": None, "photos": links})])
    for number, content in enumerate(SLIDES.values(), start=1):
        corpus.add_download("photos", f"{POST}/{number}", content)
    corpus.add_download("coverphotos", POST, SLIDES["transparent"])
    corpus.database()
    with serve(corpus.folder) as address, looking(chromium, address) as page:
        yield page


def open_slide(page: Page, name: str) -> None:
    page.goto(f"/v/{POST}")
    counter = page.locator(".slot.current .counter")
    for _ in range(list(SLIDES).index(name)):
        page.get_by_label("Next picture").click()
    expect(counter).to_have_text(f"{list(SLIDES).index(name) + 1} / {len(SLIDES)}")
    page.wait_for_function(
        "() => { const image = document.querySelector('.slot.current .slides img');"
        " return image.complete && image.naturalWidth && image.style.getPropertyValue('--ratio'); }"
    )


def colors(page: Page, selector: str) -> tuple[Color, Color, Color]:
    """The colours near the upper edge of a picture: on the left, in the middle, on the right."""
    seen = Image.open(BytesIO(page.locator(selector).screenshot(animations="disabled")))
    points = ((seen.width * share // 100, seen.height // 8) for share in (16, 50, 84))
    left, middle, right = (seen.convert("RGB").getpixel(point) for point in points)
    return left, middle, right


def wait_for(page: Page, is_seen: Callable[[], bool]) -> None:
    for _ in range(PATIENCE_MS // 100):
        if is_seen():
            return
        page.wait_for_timeout(100)
    raise AssertionError("not seen")


def is_like(color: Color, other: Color) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(color, other, strict=True))


SLIDE = ".slot.current .slides img"


@pytest.mark.parametrize("name", ["transparent", "transparent WebP"])
def test_dark_and_light_letters_are_seen_on_transparency(page: Page, name: str) -> None:
    open_slide(page, name)
    dark, ground, light = colors(page, SLIDE)
    assert is_like(dark, (0, 0, 0)) and is_like(light, (255, 255, 255))
    assert is_like(ground, (128, 128, 128))


def test_a_picture_is_as_large_as_it_fits_and_has_no_border(page: Page) -> None:
    open_slide(page, "transparent")
    box, stage = (page.locator(name).bounding_box() for name in (SLIDE, ".slot.current .slides"))
    assert box is not None and stage is not None
    assert box["width"] == pytest.approx(stage["width"], abs=1)
    assert box["width"] / box["height"] == pytest.approx(SIZE[0] / SIZE[1], rel=0.01)
    middle = box["y"] + box["height"] / 2
    assert middle == pytest.approx(stage["y"] + stage["height"] / 2, abs=1)


@pytest.mark.parametrize("name", ["turned", "CMYK"])
def test_a_picture_is_shown_upright_and_in_its_colors(page: Page, name: str) -> None:
    open_slide(page, name)
    left, _, right = colors(page, SLIDE)
    assert is_like(left, RED) and is_like(right, BLUE)
    size = page.locator(SLIDE).evaluate("image => [image.naturalWidth, image.naturalHeight]")
    assert tuple(size) == SIZE


def test_an_animation_moves(page: Page) -> None:
    open_slide(page, "animation")
    for color in (GREEN, BLUE):
        wait_for(page, lambda color=color: is_like(colors(page, SLIDE)[1], color))


def test_a_transparent_cover_is_seen_among_results(page: Page) -> None:
    page.goto("/search?q=&creator=maker")
    cover = ".card-cover img"
    page.locator(cover).first.wait_for()
    wait_for(page, lambda: is_like(colors(page, cover)[1], (128, 128, 128)))
