"""The page's files as browsers get them: all its scripts as one, and all its styles as one.

Each on its own was a request, and a browser makes six at a time: the first video came a fifth
later.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

FOLDER = Path(__file__).parent / "page"
STYLES = ("base", "frame", "feed", "details", "pages")
# Where the page has its data from: the server, or the files of an export.
SERVER = ("source_server",)
EXPORT = tuple(f"static/{name}" for name in ("files", "words", "ranking", "snippets", "source"))
# In the order in which they need each other.
BEFORE_SOURCE = ("dom", "memory", "icons", "routes")
AFTER_SOURCE = (
    *("texts", "history", "judging", "player", "slides", "slot", "gestures", "comments"),
    *("details", "feed", "cards", "search", "figures", "help", "app"),
)


def page_files(source: Sequence[str]) -> dict[str, bytes]:
    """Content by name, `index.html` among them; `source` is one of the above."""
    scripts = (*BEFORE_SOURCE, *source, *AFTER_SOURCE)
    return {
        "index.html": (FOLDER / "index.html").read_bytes(),
        "icon.svg": (FOLDER / "icon.svg").read_bytes(),
        "page.css": _join(f"{name}.css" for name in STYLES),
        "page.js": _join(f"{name}.js" for name in scripts),
    }


def _join(names: Iterable[str]) -> bytes:
    return b"\n".join((FOLDER / name).read_bytes() for name in names)
