"""Generate known-item queries for a corpus that nobody has written queries for.

There are two collections, named by their `origin` and never mixed. Together, they rank systems
about as human queries do. The text that a query was made from is withheld when it is scored (see
`scripts/queries/query_file.py`).

- `hashtag`: the words inside a hashtag that only one TikTok has.
- `cover text`: three to six of the rarest words on a cover that also occur in other texts.
"""

import random
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from scripts.queries.query_file import (
    BY_COVER_TEXT,
    BY_HASHTAG,
    COVER,
    HASHTAGS,
    Query,
    write_queries,
)
from scripts.search.index import POSTING_BYTES
from scripts.search.words import TAG, is_emoji, tokens, word_splitter
from scripts.store.database import open_database

FEWEST_PARTS = 2  # a hashtag that can't be split is a name that no other text has
SHORTEST_PART = 3  # shorter parts are mostly pieces of an unknown word
FEWEST_WORDS, MOST_WORDS = 3, 6
FEWEST_DOCUMENTS = 2  # a word in only one document may be an error of the recogniser

# The hashtags that only one TikTok has.
_HASHTAGS = """
    SELECT number, id, tag FROM hashtags JOIN tiktoks USING (id)
    WHERE tag IN (SELECT tag FROM hashtags GROUP BY tag HAVING count(*) = 1)
    ORDER BY number, tag
"""
_COVERS = "SELECT id, coverphoto_ocr FROM tiktoks WHERE coverphoto_ocr <> '' ORDER BY number"


def write_known_items(database: Path, output: Path, settings: Mapping[str, int]) -> None:
    """Write `size` queries of each kind, or as many as the corpus gives.

    settings: `known_items` of the configuration. The same corpus and seed give the same queries.
    Each TikTok has its own random number, so most queries stay the same when a corpus grows.
    """
    size, seed = settings["size"], settings["seed"]
    with closing(open_database(database)) as db:
        queries = [
            query
            for generated in (by_hashtag(db, seed), by_cover_text(db, seed))
            for query in _draw(generated, size, seed)
        ]
    write_queries(output, queries)


def by_hashtag(db: sqlite3.Connection, seed: int) -> list[Query]:
    """One query for each TikTok with a hashtag that no other has and that has two known words."""
    # A word that occurs only once may be no word at all.
    known = dict(db.execute("SELECT word, occurrences FROM search_words WHERE occurrences > 1"))
    split = word_splitter(lambda word: known.get(word, 0), sum(known.values()))
    usable: dict[str, list[Query]] = {}
    for _, id, tag in db.execute(_HASHTAGS):
        words = [token[len(TAG) :] for token in tokens(TAG + tag) if token.startswith(TAG)]
        # The list contains words in other scripts twice: transliterated, and unchanged.
        parts = [part for word in words if word.isascii() for part in split(word)]
        is_split = len(parts) >= FEWEST_PARTS and min(map(len, parts)) >= SHORTEST_PART
        if is_split and all(part in known for part in parts):
            query = Query(" ".join(parts), id, origin=BY_HASHTAG, withheld=HASHTAGS)
            usable.setdefault(id, []).append(query)
    return [_random(seed, id).choice(queries) for id, queries in usable.items()]


def by_cover_text(db: sqlite3.Connection, seed: int) -> list[Query]:
    """One query for each TikTok whose cover has at least three usable words."""
    queries = []
    for id, cover in db.execute(_COVERS):
        words = dict.fromkeys(
            token for token in tokens(cover) if not (token.startswith(TAG) or is_emoji(token))
        )
        documents = {word: _documents(db, word) for word in words}
        usable = [word for word in words if documents[word] >= FEWEST_DOCUMENTS]
        count = _random(seed, id).randint(FEWEST_WORDS, MOST_WORDS)
        rarest = set(sorted(usable, key=documents.__getitem__)[:count])
        if len(rarest) >= FEWEST_WORDS:
            text = " ".join(word for word in usable if word in rarest)
            queries.append(Query(text, id, origin=BY_COVER_TEXT, withheld=COVER))
    return queries


def _draw(queries: list[Query], size: int, seed: int) -> list[Query]:
    """`size` of the queries, in their order."""
    drawn = sorted(queries, key=lambda query: (_random(seed, query.target).random(), query.target))
    chosen = set(drawn[:size])
    return [query for query in queries if query in chosen]


def _documents(db: sqlite3.Connection, word: str) -> int:
    """The number of TikToks that have the word."""
    query = "SELECT sum(length(postings)) / ? FROM search_terms WHERE term = ?"
    return db.execute(query, (POSTING_BYTES, f"_{word}_")).fetchone()[0] or 0


def _random(seed: int, id: str) -> random.Random:
    return random.Random(f"{seed} {id}")  # noqa: S311 — nobody has to be kept from guessing it
