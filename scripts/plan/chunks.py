"""Texts by the chunk: what one job of a cluster makes in one process.

Such a job reads the Snakefile anew, when downloads have come or failed that were pending at the
start of the run. What its chunks were planned to be, it reads from a file.
"""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.files import write_atomic
from scripts.plan.texts import TextPlan
from scripts.store import texts

# The media of each text, by the id of its TikTok.
Chunk = Mapping[str, list[str]]
# Cores of one job.
THREADS = 4


def make_chunks(plan: TextPlan, size: int) -> list[Chunk]:
    """The texts of a kind, `size` of them a chunk: first the pending ones, then the others.

    Those are made again only where somebody asks for it.
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
    """The chunks of the run that this process is a job of."""
    chunks: dict[str, list[Chunk]] = json.loads(file.read_bytes())
    return chunks


def outputs(chunk: Chunk, kind: str, data: Path) -> list[str]:
    """Paths of all files that a chunk makes."""
    return [str(file) for id in chunk for file in texts.files(data, kind, id)]


def make_texts(
    chunk: Chunk, kind: str, data: Path, threads: int, make: Callable[..., None], *more: object
) -> None:
    """Call `make(media, *files, *more)` for each text of a chunk, in `threads` threads.

    All are made, whatever becomes of the others; then the first exception is raised again.
    """
    with ThreadPoolExecutor(threads) as pool:
        made = [
            pool.submit(make, media, *texts.files(data, kind, id), *more)
            for id, media in chunk.items()
        ]
    for text in made:
        text.result()
