"""Work on many files at once, with a progress bar."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")


def in_threads(
    work: Callable[[Item], object], items: Sequence[Item], threads: int, title: str
) -> None:
    """Call `work` for each item, in `threads` threads. The first exception is raised again."""
    with ThreadPoolExecutor(threads) as pool:
        done = pool.map(work, items)
        for _ in track(done, title, len(items), console=Console(stderr=True), transient=True):
            pass
