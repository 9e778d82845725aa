"""Prepare the page for browsers: all scripts in one file, and all styles in another.

Requesting two dozen files would take as long as everything else before a video plays. The files are
joined unchanged.
"""

from collections.abc import Iterable
from pathlib import Path

PAGE = Path(__file__).parent / "page"
STYLES = ("base", "frame", "feed", "details", "pages")
# Each script needs the ones before it. The scripts that fetch data come after these.
FIRST_SCRIPTS = ("dom", "memory", "icons", "routes")
SERVER = ("source_server",)
FILES = tuple(
    f"static/{name}"
    for name in (
        *("files", "words", "amounts", "dates", "operators", "ranking", "leaving", "snippets"),
        "source",
    )
)
SCRIPTS = (
    *("texts", "history", "judging", "boxes", "player", "slides", "slot", "gestures"),
    *("comments", "details", "feed", "cards", "conditions", "closer", "search", "figures"),
    *("help", "app"),
)


def page_files(source: Iterable[str]) -> dict[str, bytes]:
    """`index.html` and what it loads, by name. source: `SERVER` or `FILES`."""
    return {
        "index.html": (PAGE / "index.html").read_bytes(),
        "icon.svg": (PAGE / "icon.svg").read_bytes(),
        "page.css": _joined(STYLES, ".css"),
        "page.js": _joined((*FIRST_SCRIPTS, *source, *SCRIPTS), ".js"),
    }


def _joined(names: Iterable[str], suffix: str) -> bytes:
    return b"".join((PAGE / f"{name}{suffix}").read_bytes() for name in names)
