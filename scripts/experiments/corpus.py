"""Read the texts of each TikTok in `tiktoks.db`, by source.

basic: handle, display name, description and title of the music. comments: the collected comments.
speech: the transcript. cover: the text on the cover and the slides. screen: the text on the video's
screen that is not on the cover. captions: the part of `speech` that comes from the site's captions.
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from scripts.queries.query_file import withhold
from scripts.store.database import open_database

# The text of one source is a list of fields: no term extends from one field into the next.
SOURCES = {
    "basic": """
        SELECT json_array(creator_username, creator_nickname, description, music_title)
        FROM tiktoks ORDER BY number""",
    "comments": """
        SELECT json_array((
            SELECT group_concat(comment_text, char(10)) FROM (
                SELECT comment_text FROM comments WHERE video_id = tiktoks.id ORDER BY position
            )
        )) FROM tiktoks ORDER BY number""",
    "cover": "SELECT json_array(coverphoto_ocr) FROM tiktoks ORDER BY number",
    "speech": "SELECT json_array(speech_to_text) FROM tiktoks ORDER BY number",
    "screen": "SELECT json_array(screen) FROM search_texts ORDER BY number",
    "captions": """
        SELECT json_array(iif(source IN ('captions', 'both'), speech_to_text, NULL))
        FROM tiktoks LEFT JOIN texts ON texts.id = tiktoks.id AND texts.kind = 'speech'
        ORDER BY number""",
}


@dataclass(frozen=True)
class Corpus:
    """The documents, in order of their ids as numbers, and the fields of each, by source."""

    ids: list[str]
    texts: dict[str, list[list[str]]]

    @cached_property
    def digests(self) -> dict[str, str]:
        """A digest of each source and the ids, which the results of its indexes depend on."""
        return {source: _digest([self.ids, texts]) for source, texts in self.texts.items()}

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The place of each id in `ids`."""
        return {id: number for number, id in enumerate(self.ids)}

    @cached_property
    def quoted_ids(self) -> list[str]:
        """Each id as JSON. (Ids are digits: there is nothing to escape.)"""
        return [f'"{id}"' for id in self.ids]

    def without(self, withheld: Collection[str]) -> "Corpus":
        """Return the same documents without the texts that are withheld (`queries.withhold`)."""
        if not withheld:
            return self
        texts = {
            source: [
                [withhold(source, field, withheld) for field in fields] for fields in documents
            ]
            for source, documents in self.texts.items()
        }
        return Corpus(self.ids, texts)


def read_corpus(database: Path, sources: Iterable[str]) -> Corpus:
    """Read the texts of these sources from the database of a corpus."""
    with closing(open_database(database)) as db:
        ids = [id for (id,) in db.execute("SELECT id FROM tiktoks ORDER BY number")]
        texts = {source: _read(db.execute(SOURCES[source])) for source in sorted(set(sources))}
    return Corpus(ids, texts)


def _read(rows: Iterable[tuple[str]]) -> list[list[str]]:
    return [[field for field in json.loads(fields) if field] for (fields,) in rows]


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]
