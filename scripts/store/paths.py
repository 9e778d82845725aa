"""The paths that a corpus may have in `data/`, to check lists of files from elsewhere.

Such a list is untrusted. The code that parses it refuses every path that matches none of these
patterns, so no absolute path, no `..`, no backslash and no unknown folder gets any further.
"""

import re

from scripts.rawinfo.ids import ID_PATTERN
from scripts.store.media_kinds import MEDIA_KINDS
from scripts.store.receipts import SCRAPES
from scripts.store.text_kinds import TEXT_KINDS

MEDIA = [
    rf"{kind.name}/{kind.name_pattern}{re.escape(kind.suffix)}" for kind in MEDIA_KINDS.values()
]
TEXTS = [
    rf"{kind.name}/{ID_PATTERN}{re.escape(suffix)}"
    for kind in TEXT_KINDS.values()
    for suffix in kind.suffixes
]
RECEIPTS = [
    *(rf"receipts/{kind.name}/{kind.name_pattern}\.json" for kind in MEDIA_KINDS.values()),
    *(rf"receipts/{kind}/{ID_PATTERN}\.json" for kind in TEXT_KINDS),
]
MERGED = [r"[a-z][a-z_]{0,40}\.(?:json|db)"]

# These are not files, but the site's answers about posts.
ANSWERS = [rf"{SCRAPES}/{ID_PATTERN}"]

_IN_MANIFEST = re.compile("|".join([*MEDIA, *TEXTS, *MERGED, *ANSWERS]))


def check_manifest_path(path: str) -> None:
    """Raise ValueError for a path that the manifest of a corpus cannot contain."""
    if not _IN_MANIFEST.fullmatch(path):
        raise ValueError(f"a corpus can't contain the file {path[:200]!r}")


def is_merged(path: str) -> bool:
    """True if a file in the manifest is merged from the others, which are in folders."""
    return "/" not in path
