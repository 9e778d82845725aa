"""The paths that a corpus may have in `data/`, for lists of files that come from elsewhere.

Such a list is untrusted: a path that matches none of these patterns is refused where it is parsed,
so no absolute path, no `..`, no backslash and no unknown folder gets any further.
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

# No file: what the site answered about a post.
ANSWERS = [rf"{SCRAPES}/{ID_PATTERN}"]

_IN_MANIFEST = re.compile("|".join([*MEDIA, *TEXTS, *MERGED, *ANSWERS]))


def check_manifest_path(path: str) -> None:
    """Raise ValueError for a path that no manifest of a corpus has."""
    if not _IN_MANIFEST.fullmatch(path):
        raise ValueError(f"no corpus has a file {path[:200]!r}")


def is_merged(path: str) -> bool:
    """Whether a file of the manifest is made of all the others: those stand in folders."""
    return "/" not in path
