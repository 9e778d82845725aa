"""Whole systems, to be compared with the grid: each ranks in a way of its own.

Each takes the database of the corpus and gives a function from the text of a query to the ids of
those that it finds, with their scores, the best first.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import scripts.search
from scripts.experiments.registry import Registry
from scripts.search import Search, open_for_search

# From a database of the corpus to a search of it: a query gives ids and scores, the best first.
SYSTEMS: Registry[Callable[[Path], Callable[[str], list[tuple[str, float]]]]] = Registry("system")


@SYSTEMS.add("search")
def search(database: Path) -> Callable[[str], list[tuple[str, float]]]:
    """The project's own search, as the command line and the viewer have it."""
    return Search(open_for_search(database)).rank


def code_digest() -> str:
    """A digest of the code that systems run: a change of it has their results computed again."""
    digest = hashlib.sha256()
    for file in sorted(Path(scripts.search.__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
