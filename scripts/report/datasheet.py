"""Write a sentence that cites the corpus, and a datasheet that describes it.

In: the database, the manifest, and the formats of raw info. Out: Markdown, the same for the same
corpus: it contains no dates except those of the data.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection

from scripts.counts import counted
from scripts.files import hash_file, write_atomic
from scripts.rawinfo.catalogue import Catalogue
from scripts.store.database import open_database
from scripts.version import SOFTWARE

_PERIODS = """
    SELECT count(*), min(posted_date), max(posted_date),
        date(min(scrape_timestamp), 'unixepoch'), date(max(scrape_timestamp), 'unixepoch')
    FROM tiktoks
"""
_COUNTS = {
    "posts": "SELECT count(*) FROM tiktoks",
    "of these, photo posts": "SELECT count(*) FROM tiktoks WHERE slide_count > 0",
    "of these, with all media": "SELECT count(*) FROM complete_tiktoks",
    "creators": "SELECT count(DISTINCT creator_username) FROM tiktoks",
    "comments that were collected": "SELECT count(*) FROM comments",
    "posts that were collected more than once": "SELECT count(DISTINCT id) FROM observations",
    "posts that are known only by their link": "SELECT count(*) FROM wanted_tiktoks",
}
_COLLECTED = """
    SELECT coalesce(strftime('%Y-%m', scrape_timestamp, 'unixepoch'), 'unknown'), count(*)
    FROM tiktoks GROUP BY 1 ORDER BY 1
"""
_DOWNLOADS = """
    SELECT kind, iif(outcome = 'ok' AND NOT present, 'lost', outcome), count(*)
    FROM downloads GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
"""
_LANGUAGES = "SELECT coalesce({0}, 'unknown'), count(*) FROM {1} GROUP BY 1 ORDER BY 2 DESC, 1"
# A text that is null could not be read or was not made; an empty one has no words.
_COVERAGE = {
    "description": ("description", "tiktoks"),
    "text on covers and slides": ("coverphoto_ocr", "tiktoks"),
    "transcript": ("speech_to_text", "tiktoks"),
    "text on screens": ("screen_text", "tiktoks"),
}


def formats(catalogue: Catalogue) -> Counter[str]:
    """Count the files of raw info in each format."""
    return Counter(name for file in catalogue.inventory.files for name in file.formats)


def write_datasheet(
    database: Path | str,
    manifest: Path | str,
    catalogue: Catalogue,
    removed: int,
    output: Path | str,
) -> None:
    """Write the datasheet. removed: the number of posts that were removed on request."""
    sheet = make_datasheet(Path(database), Path(manifest), formats(catalogue), removed)
    write_atomic(Path(output), sheet)


def cite(database: Path, manifest: Path) -> str:
    """Return the sentence that cites this corpus."""
    with closing(open_database(database)) as db:
        posts, *dates = db.execute(_PERIODS).fetchone()
    return (
        f"A corpus of {counted(posts, 'TikToks')}, posted {_period(*dates[:2])} and collected "
        f"{_period(*dates[2:])} [data set]. Built with {SOFTWARE}. SHA-256 of its manifest: "
        f"{hash_file(manifest)}."
    )


def make_datasheet(database: Path, manifest: Path, formats: Mapping[str, int], removed: int) -> str:
    """Return the datasheet as Markdown."""
    with closing(open_database(database)) as db:
        counts = [(name, db.execute(query).fetchone()[0]) for name, query in _COUNTS.items()]
        counts.append(("posts that were removed on request", removed))
        language = _LANGUAGES.format("language", "tiktoks")
        spoken = _LANGUAGES.format("language", "texts WHERE kind = 'speech'")
        parts = [
            "# Datasheet of this corpus",
            f"Cite it as:\n\n> {cite(database, manifest)}",
            "## What it contains",
            _table(("what", "number"), counts),
            "## How and when it was collected",
            "Posts by the month of their newest observation, and files of raw info by format.",
            _table(("month", "posts"), db.execute(_COLLECTED)),
            _table(("format", "files"), sorted(formats.items())),
            "## What happened to each file",
            "`docs/database.md` of the project, or `DATABASE.md` in a package, explains the "
            "classes of failures.",
            _table(("kind", "outcome", "files"), db.execute(_DOWNLOADS)),
            "## Languages",
            "The site guesses the language of descriptions. Captions or the engine name that of "
            "speech.",
            _table(("language of the description", "posts"), db.execute(language)),
            _table(("language of the speech", "transcripts"), db.execute(spoken)),
            "## Coverage of each text",
            _table(("text", "with words", "without words", "not read"), _coverage(db)),
        ]
    return "\n\n".join(parts) + "\n"


def _coverage(db: Connection) -> list[tuple[object, ...]]:
    query = "SELECT sum(trim({0}) <> ''), sum(trim({0}) = ''), sum({0} IS NULL) FROM {1}"
    return [
        (name, *(count or 0 for count in db.execute(query.format(*place)).fetchone()))
        for name, place in _COVERAGE.items()
    ]


def _period(first: str | None, last: str | None) -> str:
    if first is None:
        return "at unknown times"
    return f"on {first}" if first == last else f"from {first} to {last}"


def _table(heading: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [heading, ("---",) * len(heading), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(value: object) -> str:
    """Format a number with commas, or a text so that it can't end the cell."""
    if isinstance(value, int):
        return f"{value:,}"
    return " ".join(str(value).replace("|", "\\|").split())
