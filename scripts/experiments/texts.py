"""The texts of TikToks beside a query, with the words that both have marked."""

import json
import re
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

MOST_CHARACTERS = 420
_WORD = re.compile(r"\w+")

_TEXTS = """
    SELECT id, creator, description, music, cover, speech, comments
    FROM search_texts WHERE id IN (SELECT value FROM json_each(?))
"""
_LABELS = ("Creator", "Description", "Music", "Cover text", "Speech", "Comments")


@dataclass(frozen=True)
class Document:
    """A TikTok's texts by what they are; '' where there is none."""

    id: str
    texts: dict[str, str]

    def has(self, word: str) -> bool:
        """Whether any text has this word of a query."""
        folded = word.casefold()
        return any(found.casefold() == folded for t in self.texts.values() for found in words(t))


def read_documents(db: sqlite3.Connection, ids: Collection[str]) -> dict[str, Document]:
    """Those of these ids that are in the corpus, `tiktoks.db`."""
    rows = db.execute(_TEXTS, (json.dumps(sorted(ids)),))
    return {
        id: Document(id, {k: (t or "").strip() for k, t in zip(_LABELS, texts, strict=True)})
        for id, *texts in rows
    }


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def marked(text: str, query: str) -> list[tuple[str, bool]]:
    """Pieces of a text, cut where it is long, and whether each is a word of the query."""
    wanted = {word.casefold() for word in words(query)}
    cut = text if len(text) <= MOST_CHARACTERS else _cut(text, wanted)
    pieces = re.split(r"(\w+)", cut)
    return [(piece, piece.casefold() in wanted) for piece in pieces if piece]


def _cut(text: str, wanted: set[str]) -> str:
    """As much as is shown, from a little before the first word that is wanted."""
    places = (match.start() for match in _WORD.finditer(text) if match[0].casefold() in wanted)
    first = next(places, 0)
    start = 0 if first < MOST_CHARACTERS - 80 else first - 80
    end = start + MOST_CHARACTERS
    return ("… " if start else "") + text[start:end].strip() + (" …" if end < len(text) else "")
