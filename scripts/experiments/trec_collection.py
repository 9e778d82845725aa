"""Write the corpus as a test collection in TREC's formats, with a run of each system of a grid.

In: the database and the queries that people wrote. Out, in one folder: `topics.tsv`, `qrels.txt`,
`documents.jsonl` (the id and all texts of each TikTok), and in `runs/` for each system the best
1,000 TikToks that it finds for each topic.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import numpy as np

from scripts.experiments.cells import CellStore
from scripts.experiments.corpus import read_corpus
from scripts.experiments.encoder import Encoder
from scripts.experiments.grid import make_grid
from scripts.experiments.ranking import best_documents
from scripts.experiments.results import CELLS, judged_queries
from scripts.experiments.run import Part, Run
from scripts.files import write_atomic
from scripts.queries.trec import QRELS, TOPICS, read_exported, topics_and_qrels
from scripts.search import open_for_search
from scripts.search.fields import FIELDS
from scripts.search.settings import make_reranker

DOCUMENTS, RUNS = "documents.jsonl", "runs"
DEPTH = 1_000  # of a run
LONGEST_NAME = 150  # of a run; a file name may have 255 bytes
_UNUSUAL = re.compile("[^A-Za-z0-9.+-]+")


def write_trec_collection(
    database: Path,
    queries: Path,
    folder: Path,
    settings: Mapping[str, Any],
    search: Mapping[str, Any],
    threads: int = 1,
) -> None:
    """Write all files, with the queries that the experiments evaluate.

    settings, search: `experiments` and `search` of the configuration.

    Raises TrecError if no query has a target in the corpus, ConfigError if the grid can't be run,
    and QueryError for a bad file.
    """
    reranker = make_reranker(search, threads)
    grid = make_grid(settings, reranker)
    corpus = read_corpus(database, grid.sources())
    chosen, _ = read_exported(queries, corpus.numbers)
    topics, qrels = topics_and_qrels(chosen)
    write_atomic(folder / TOPICS, topics)
    write_atomic(folder / QRELS, qrels)
    with closing(open_for_search(database)) as db:
        write_atomic(folder / DOCUMENTS, "".join(_documents(db)))
    shutil.rmtree(folder / RUNS, ignore_errors=True)
    names = run_names(part.name for part in grid.parts())

    def write_run(part: Part, scores: np.ndarray) -> None:
        name = names[part.name]
        write_atomic(folder / RUNS / f"{name}.run", "".join(run_lines(name, corpus.ids, scores)))

    encoder = Encoder(settings["encoder"], threads) if grid.needs_encoder else None
    # Without its usual store, all systems are run.
    with tempfile.TemporaryDirectory() as cells, CellStore(Path(cells) / CELLS) as store:
        asked = judged_queries(chosen, corpus)
        Run(grid, corpus, asked, store, encoder, reranker, write_run).compute(database, threads)


def run_names(systems: Iterable[str]) -> dict[str, str]:
    """A name for the run of each system: without white space, and good for a file."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for system in systems:
        name = base = _UNUSUAL.sub("_", system).strip("._-")[:LONGEST_NAME] or "run"
        number = 2
        while name.lower() in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name.lower())
        names[system] = name
    return names


def run_lines(name: str, ids: list[str], scores: np.ndarray) -> Iterator[str]:
    """The lines of a run: topic, `Q0`, document, rank, score, and the name of the run.

    scores: topics x documents, in 32 bits.
    """
    for topic, (row, best) in enumerate(zip(scores, best_documents(scores, DEPTH), strict=True), 1):
        written = _without_ties(row[list(best)]).tolist()
        for rank, (number, score) in enumerate(zip(best, written, strict=True), 1):
            yield f"{topic} Q0 {ids[number]} {rank} {score:.9g} {name}\n"


def _without_ties(scores: np.ndarray) -> np.ndarray:
    """Falling scores, each at least one step of 32 bits below the one before.

    Programs sort a run by its scores, and break ties in their own ways. This keeps our order.
    """
    bits = scores.view(np.int32).astype(np.int64)
    steps = np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)
    places = np.arange(len(steps))
    steps = np.minimum.accumulate(steps + places) - places
    return np.where(steps < 0, -steps | 0x80000000, steps).astype(np.uint32).view(np.float32)


def _documents(db: Connection) -> Iterator[str]:
    for id, *texts in db.execute(f"SELECT id, {', '.join(FIELDS)} FROM search_texts"):  # noqa: S608
        text = "\n".join(text for text in texts if text and text.strip())
        yield json.dumps({"docno": id, "text": text}, ensure_ascii=False) + "\n"
