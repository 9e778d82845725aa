"""Write the corpus as a test collection in TREC's formats, with a run of the search.

In: the database and the queries that people wrote. Out, in one folder: `topics.tsv`, `qrels.txt`,
`documents.jsonl` (the id and all texts of each TikTok) and `search.run` (for each topic, the best
1,000 TikToks that the search finds).
"""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection

from scripts.files import write_atomic
from scripts.queries.query_file import HUMAN, Query, choose_queries, read_queries
from scripts.queries.topics import TrecError
from scripts.queries.trec import QRELS, TOPICS, topics_and_qrels
from scripts.search import Search, open_for_search
from scripts.search.fields import FIELDS

DOCUMENTS, RUN = "documents.jsonl", "search.run"
DEPTH = 1_000  # of a run
TAG = "search"  # the name of this system in the run


def write_trec_collection(database: Path, queries: Path, folder: Path) -> None:
    """Write all files, with the queries that the experiments evaluate.

    Raises TrecError if no query has a target in the corpus, and QueryError for a bad file.
    """
    with closing(open_for_search(database)) as db:
        ids = {id for (id,) in db.execute("SELECT id FROM tiktoks")}
        human = [query for query in read_queries(queries) if query.origin == HUMAN]
        chosen, _ = choose_queries(human, ids)
        if not chosen:
            raise TrecError(
                f"{queries}: no query by people has a target in the corpus. Judge results in the "
                "viewer, or import topics and qrels."
            )
        topics, qrels = topics_and_qrels(chosen)
        write_atomic(folder / TOPICS, topics)
        write_atomic(folder / QRELS, qrels)
        write_atomic(folder / DOCUMENTS, "".join(_documents(db)))
        write_atomic(folder / RUN, "".join(_run(Search(db), chosen)))


def _documents(db: Connection) -> Iterator[str]:
    for id, *texts in db.execute(f"SELECT id, {', '.join(FIELDS)} FROM search_texts"):  # noqa: S608
        text = "\n".join(text for text in texts if text and text.strip())
        yield json.dumps({"docno": id, "text": text}, ensure_ascii=False) + "\n"


def _run(search: Search, queries: list[Query]) -> Iterator[str]:
    for number, query in enumerate(queries, 1):
        for rank, (id, score) in enumerate(search.rank(query.text)[:DEPTH], 1):
            yield f"{number} Q0 {id} {rank} {score:.6f} {TAG}\n"
