"""Read the texts of TikToks, and mark the words that a query shares with them."""

import json
import re
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

MOST_CHARACTERS = 420
_BEFORE = 80
_WORD = re.compile(r"\w+")

_TEXTS = """
    SELECT id, creator, description, music, cover, speech, screen, comments
    FROM search_texts WHERE id IN (SELECT value FROM json_each(?))
"""
_LABELS = ("Creator", "Description", "Music", "Cover text", "Speech", "On-screen text", "Comments")


@dataclass(frozen=True)
class Document:
    """The texts of a TikTok by kind; '' for a missing text."""

    id: str
    texts: dict[str, str]


def read_documents(db: sqlite3.Connection, ids: Collection[str]) -> dict[str, Document]:
    """The documents with these ids, as far as the corpus (`tiktoks.db`) contains them."""
    rows = db.execute(_TEXTS, (json.dumps(sorted(ids)),))
    return {
        id: Document(id, dict(zip(_LABELS, map(_tidy, texts), strict=True))) for id, *texts in rows
    }


def _tidy(text: str | None) -> str:
    """The text without empty lines."""
    return "\n".join(filter(None, map(str.strip, (text or "").split("\n"))))


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def marked(text: str, query: str) -> list[tuple[str, bool]]:
    """The pieces of a text, cut if it is long, each with True if it is a word of the query."""
    wanted = {word.casefold() for word in words(query)}
    cut = text if len(text) <= MOST_CHARACTERS else _cut(text, wanted)
    return [(piece, piece.casefold() in wanted) for piece in _pieces(cut)]


def missing(query: str, document: Document) -> list[tuple[str, bool]]:
    """The pieces of a query, each with True if it is a word that the document lacks."""
    there = {word.casefold() for text in document.texts.values() for word in words(text)}
    return [
        (piece, _WORD.fullmatch(piece) is not None and piece.casefold() not in there)
        for piece in _pieces(query)
    ]


def _pieces(text: str) -> list[str]:
    """The words of a text, and the text between them."""
    return [piece for piece in re.split(r"(\w+)", text) if piece]


def _cut(text: str, wanted: set[str]) -> str:
    """The part of a text to show, in whole words, from a little before the first wanted word."""
    places = (match.start() for match in _WORD.finditer(text) if match[0].casefold() in wanted)
    first = next(places, 0)
    start = 0 if first < MOST_CHARACTERS - _BEFORE else text.rfind(" ", 0, first - _BEFORE) + 1
    end = start + MOST_CHARACTERS
    if end < len(text):
        end = max(text.rfind(" ", start, end), first + 1)
    return ("… " if start else "") + text[start:end].strip() + (" …" if end < len(text) else "")
