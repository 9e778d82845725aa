"""Whole systems to compare with the grid: each ranks in its own way.

A system takes the database of the corpus, and the second pass of the search. It returns a function
from the text of a query to the ids that it finds, with their scores, the best first.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import scripts.search
from scripts.experiments.registry import Registry
from scripts.search import Search, open_for_search
from scripts.search.reranker import Reranker

# Takes a query, and returns ids and scores, the best first.
Find = Callable[[str], list[tuple[str, float]]]
# Each takes the database of the corpus, and the second pass if there is a model.
SYSTEMS: Registry[Callable[[Path, Reranker | None], Find]] = Registry("system")
# This system is left out if there is no model.
CLOSER = "search closer"


@SYSTEMS.add("search")
def search(database: Path, reranker: Reranker | None) -> Find:
    """Return the project's own search, which the command line and the viewer use."""
    return Search(open_for_search(database)).rank


@SYSTEMS.add(CLOSER)
def search_closer(database: Path, reranker: Reranker | None) -> Find:
    """Return the same search with its second pass."""
    found = Search(open_for_search(database))
    return lambda query: found.rank(query, reranker)


def code_digest() -> str:
    """A digest of the code that systems run. If the code changes, they are run again."""
    digest = hashlib.sha256()
    for file in sorted(Path(scripts.search.__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
