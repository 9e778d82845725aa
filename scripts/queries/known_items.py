"""Known-item queries for a corpus that nobody has written any for.

Two collections, which are never mixed (their `origin`): together they were found to order systems
much as human queries do. Each query withholds what it was made of (see
`scripts/queries/query_file.py`).

- `hashtag`: the words that a hashtag was run together from that one TikTok only has.
- `cover text`: three to six of the rarest words on a cover, of those that other texts have as well.
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

FEWEST_PARTS = 2  # what can't be split is a name that no other text has
SHORTEST_PART = 3  # shorter ones are mostly what an unknown word fell into
FEWEST_WORDS, MOST_WORDS = 3, 6
FEWEST_DOCUMENTS = 2  # what one document has may be noise of the recognition

# Of hashtags that one TikTok has.
_HASHTAGS = """
    SELECT number, id, tag FROM hashtags JOIN tiktoks USING (id)
    WHERE tag IN (SELECT tag FROM hashtags GROUP BY tag HAVING count(*) = 1)
    ORDER BY number, tag
"""
_COVERS = "SELECT id, coverphoto_ocr FROM tiktoks WHERE coverphoto_ocr <> '' ORDER BY number"


def write_known_items(database: Path, output: Path, settings: Mapping[str, int]) -> None:
    """Write `size` queries of each kind, or as many as the corpus gives.

    settings: `known_items` of the configuration. The same corpus and seed give the same queries.
    Each TikTok has a random number of its own: most of what is drawn stays when a corpus grows.
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
    """One query for each TikTok that has a hashtag of its own, of two known words or more."""
    # A word that stands once may be anything.
    known = dict(db.execute("SELECT word, occurrences FROM search_words WHERE occurrences > 1"))
    split = word_splitter(lambda word: known.get(word, 0), sum(known.values()))
    usable: dict[str, list[Query]] = {}
    for _, id, tag in db.execute(_HASHTAGS):
        words = [token[len(TAG) :] for token in tokens(TAG + tag) if token.startswith(TAG)]
        # A word in letters that aren't Latin ones comes a second time, as it is.
        parts = [part for word in words if word.isascii() for part in split(word)]
        is_split = len(parts) >= FEWEST_PARTS and min(map(len, parts)) >= SHORTEST_PART
        if is_split and all(part in known for part in parts):
            query = Query(" ".join(parts), id, origin=BY_HASHTAG, withheld=HASHTAGS)
            usable.setdefault(id, []).append(query)
    return [_random(seed, id).choice(queries) for id, queries in usable.items()]


def by_cover_text(db: sqlite3.Connection, seed: int) -> list[Query]:
    """One query for each TikTok whose cover has three words or more that can be used."""
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
    """`size` of them, in their order."""
    drawn = sorted(queries, key=lambda query: (_random(seed, query.target).random(), query.target))
    chosen = set(drawn[:size])
    return [query for query in queries if query in chosen]


def _documents(db: sqlite3.Connection, word: str) -> int:
    """The number of TikToks that have the word."""
    query = "SELECT sum(length(postings)) / ? FROM search_terms WHERE term = ?"
    return db.execute(query, (POSTING_BYTES, f"_{word}_")).fetchone()[0] or 0


def _random(seed: int, id: str) -> random.Random:
    return random.Random(f"{seed} {id}")  # noqa: S311 — nobody has to be kept from guessing it
