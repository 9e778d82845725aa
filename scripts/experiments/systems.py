"""Whole systems, to be compared with the grid: each ranks in a way of its own.

Each takes the database of the corpus and gives a function from the text of a query to the scores of
all TikToks, in order of their numbers; 0 is not found.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

import scripts.search
from scripts.experiments.registry import Registry
from scripts.search import Search, open_for_search

SYSTEMS = Registry("system")


@SYSTEMS.add("search")
def search(database: Path) -> Callable[[str], np.ndarray]:
    """The project's own search, as the command line and the viewer have it."""
    return Search(open_for_search(database)).score_all


def code_digest() -> str:
    """A digest of the code that systems run: a change of it has their results computed again."""
    digest = hashlib.sha256()
    for file in sorted(Path(scripts.search.__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
