"""Group texts into chunks: one job of a cluster makes one chunk, in one process.

Such a job parses the Snakefile again. By then, downloads that were pending at the start of the run
have arrived or failed, so a new plan would differ. Therefore the run writes its chunks to a file,
and its jobs read them from there.
"""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.files import write_atomic
from scripts.plan.texts import TextPlan
from scripts.store import texts

# The paths of the media that each text is made of, by the id of its TikTok.
Chunk = Mapping[str, list[str]]
# The number of cores that one job uses.
THREADS = 4


def make_chunks(plan: TextPlan, size: int) -> list[Chunk]:
    """Group the texts of a kind into chunks of `size`: first the pending texts, then the finished.

    Finished texts are made again only if somebody asks for it.
    """
    pending = frozenset(plan.pending)
    groups = (plan.pending, [id for id in plan.sources if id not in pending])
    return [
        {id: plan.media(id) for id in ids[start : start + size]}
        for ids in groups
        for start in range(0, len(ids), size)
    ]


def write_chunks(chunks: Mapping[str, list[Chunk]], file: Path) -> None:
    """Write the chunks of every kind of text, for the jobs of this run."""
    write_atomic(file, json.dumps(chunks))


def read_chunks(file: Path) -> dict[str, list[Chunk]]:
    """Return the chunks of the run that this process belongs to, by kind."""
    chunks: dict[str, list[Chunk]] = json.loads(file.read_bytes())
    return chunks


def outputs(chunk: Chunk, kind: str, data: Path) -> list[str]:
    """Return the paths of all files that a chunk makes."""
    return [str(file) for id in chunk for file in texts.files(data, kind, id)]


def make_texts(
    chunk: Chunk, kind: str, data: Path, threads: int, make: Callable[..., None], *more: object
) -> None:
    """Call `make(media, *files, *more)` for each text of a chunk, in `threads` threads.

    A text that fails does not stop the others. At the end, the first exception is raised again.
    """
    with ThreadPoolExecutor(threads) as pool:
        made = [
            pool.submit(make, media, *texts.files(data, kind, id), *more)
            for id, media in chunk.items()
        ]
    for text in made:
        text.result()
