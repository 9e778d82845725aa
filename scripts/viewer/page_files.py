"""The page as browsers get it: all its scripts in one file, and all its styles in another.

To ask for two dozen files takes as long as all else that is done before a video plays. They are
put one behind the other as they are.
"""

from collections.abc import Iterable
from pathlib import Path

PAGE = Path(__file__).parent / "page"
STYLES = ("base", "frame", "feed", "details", "pages")
# In the order in which they need each other; what gives them their data stands in between.
FIRST_SCRIPTS = ("dom", "memory", "icons", "routes")
SERVER = ("source_server",)
FILES = tuple(
    f"static/{name}"
    for name in ("files", "words", "operators", "ranking", "leaving", "snippets", "source")
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
