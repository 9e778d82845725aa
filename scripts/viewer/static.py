"""Write the viewer as files, for a disk or any static host. The browser itself searches.

In: the database and the files in `data`. Out: `index.html`, and next to it a folder, named by a
hash of its contents: the page, and the corpus in many small files. `index.html` is written last, in
one step, and then the folder of an earlier page is deleted, so no page ever lacks its files.
Media are not copied; their addresses are relative (`../videos/…`).

A page that is opened from a disk may run scripts but not read files. So the files of the corpus are
scripts that pass on a text. The search reads only the rows of the index that a query needs: about
30 files. SQLite compiled to WebAssembly would need a server, and twice as many requests.
"""

import hashlib
import html
import json
import shutil
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Iterable
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from sqlite3 import Connection, Row
from typing import Any

from anyascii import anyascii

from scripts.files import write_atomic
from scripts.search.conditions import DURATION
from scripts.search.fields import FIELDS
from scripts.search.index import BLOCK
from scripts.store.database import open_database
from scripts.viewer import corpus
from scripts.viewer.figures import figures
from scripts.viewer.headers import CONTENT_SECURITY_POLICY
from scripts.viewer.page_files import FILES, page_files

LIST = 1_000  # ids in a file
SHARD_BYTES = 8_000  # of postings in a file, before their conversion to text
KEYS_IN_FILTER_SHARD = 200
MOST_WORDS = 20_000  # loaded to split hashtags; a query looks up other words one by one
WORDS_IN_SHARD = 2_000
EVERYTHING = 2**31
# People may type these even if the corpus lacks them: most alphabets, signs and emoji.
USUAL_CHARACTERS = (range(0x80, 0xE00), range(0x1E00, 0x2C00), range(0x1F000, 0x1FB00))

_FILTERS = """
    SELECT '@' || lower(ltrim(creator_username, '@')) AS key, number - 1 AS place FROM tiktoks
    WHERE creator_username <> ''
    UNION ALL
    SELECT '#' || tag, number - 1 FROM hashtags JOIN tiktoks USING (id)
"""

_CORPUS = "corpus-"


def write_viewer(database: Path, data: Path, index: Path) -> None:
    """Write the page for a database and the media in `data` to `index` and a folder next to it."""
    draft = index.parent / f".{_CORPUS}draft"
    shutil.rmtree(draft, ignore_errors=True)
    folder = _Folder(draft)
    with closing(open_database(database)) as db:
        db.row_factory = Row
        _write_posts(db, data, folder)
        _write_index(db, folder)
        folder.write("figures", figures(db, data))
    page = page_files(FILES)
    html = page.pop("index.html").decode()
    for name, content in page.items():
        folder.add(f"page/{name}", content)
    named = index.parent / folder.name()
    shutil.rmtree(named, ignore_errors=True)
    draft.rename(named)
    write_atomic(index, _page(html, named.name))
    for other in index.parent.glob(f"{_CORPUS}*"):
        if other != named:
            shutil.rmtree(other)


class _Folder:
    """Writes files into a new folder, and hashes all of them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digest = hashlib.sha256()

    def write(self, name: str, content: Any) -> None:
        """Write the content that `Viewer.files.load` returns for a name."""
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        call = ",".join(json.dumps(part, ensure_ascii=False) for part in (name, text))
        self.add(f"{name}.js", f"Viewer.files.give({call});\n".encode("utf-8", "replace"))

    def add(self, name: str, content: bytes) -> None:
        file = self._path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        self._digest.update(f"{name}\0{len(content)}\0".encode() + content)

    def name(self) -> str:
        return f"{_CORPUS}{self._digest.hexdigest()[:16]}"


def _write_posts(db: Connection, data: Path, folder: _Folder) -> None:
    """Write a file for each post, and the lists of their ids: for the feed, and by number."""
    newest_first = "SELECT id FROM tiktoks ORDER BY posted_at IS NULL, posted_at DESC, number DESC"
    feed = [id for (id,) in db.execute(newest_first)]
    numbers = [id for (id,) in db.execute("SELECT id FROM tiktoks ORDER BY number")]
    number_of = {id: number for number, id in enumerate(numbers)}
    for place, id in enumerate(feed):
        (post,) = corpus.posts(db, data, [id])
        threads = corpus.comments(db, id, 0, EVERYTHING)["comments"]
        folder.write(
            f"posts/{id}", post | {"place": place, "number": number_of[id], "threads": threads}
        )
    for name, ids in (("feed", feed), ("numbers", numbers)):
        for start in range(0, len(ids), LIST):
            folder.write(f"{name}/{start // LIST}", ids[start : start + LIST])


def _write_index(db: Connection, folder: _Folder) -> None:
    """Write the search's files: terms, filters, and the spelling of words in Latin letters."""
    (size,) = db.execute("SELECT coalesce(sum(length(postings)), 0) FROM search_terms").fetchone()
    term_shards = 1 + size // SHARD_BYTES
    (keys,) = db.execute(f"SELECT count(DISTINCT key) FROM ({_FILTERS})").fetchone()  # noqa: S608
    filter_shards = 1 + keys // KEYS_IN_FILTER_SHARD
    # SQLite sorts on disk, so the whole index need not fit into memory.
    db.create_function("shard", 2, shard, deterministic=True)
    select = "SELECT shard(term, ?), term, block, postings FROM search_terms ORDER BY 1, 2, 3"
    postings = db.execute(select, (term_shards,))
    _write_shards(folder, "terms", postings, lambda row: (row[2], b64encode(row[3]).decode()))
    select = f"SELECT shard(key, ?), key, place FROM ({_FILTERS}) ORDER BY 1, 2, 3"  # noqa: S608
    _write_shards(folder, "filters", db.execute(select, (filter_shards,)), lambda row: row[2])
    times = [time for (time,) in db.execute("SELECT posted_at FROM tiktoks ORDER BY number")]
    folder.write("times", times)
    durations = db.execute(f"SELECT {DURATION} FROM tiktoks ORDER BY number")  # noqa: S608
    folder.write("durations", [duration for (duration,) in durations])
    every = "SELECT word, occurrences FROM search_words ORDER BY occurrences DESC, word"
    words = [tuple(row) for row in db.execute(every)]
    total = sum(occurrences for _, occurrences in words)
    folder.write("words", {"words": words[:MOST_WORDS], "total": total})
    word_shards = 1 + len(words) // WORDS_IN_SHARD
    rare = sorted((shard(row[0], word_shards), *row) for row in words[MOST_WORDS:])
    _write_shards(folder, "words", rare, lambda row: row[2])
    folder.write("characters", _latin_letters(db))
    about = {"tiktoks": len(times), "block": BLOCK, "list": LIST}
    shards = {
        "term_shards": term_shards,
        "filter_shards": filter_shards,
        "word_shards": word_shards,
    }
    folder.write("about", about | shards)


def _write_shards(
    folder: _Folder, name: str, rows: Iterable[Any], value: Callable[[Any], Any]
) -> None:
    """Write a file for each shard, with each key's values. rows: shard, key, and more, sorted."""
    for number, held in groupby(rows, itemgetter(0)):
        keys = groupby(held, itemgetter(1))
        folder.write(f"{name}/{number}", {key: [value(row) for row in own] for key, own in keys})


def shard(key: str, count: int) -> int:
    """The number of the file, of `count`, that contains a key, from the key's FNV-1a hash."""
    hash = 0x811C9DC5
    for byte in key.encode():
        hash = (hash ^ byte) * 0x01000193 & 0xFFFFFFFF
    return hash % count


def _latin_letters(db: Connection) -> dict[str, str]:
    """The text by which each usual or occurring character outside ASCII is found."""
    found = {chr(code) for codes in USUAL_CHARACTERS for code in codes}
    for row in db.execute(f"SELECT {', '.join(FIELDS)} FROM search_texts"):  # noqa: S608
        for text in filter(None, row):
            if not text.isascii():
                found.update(unicodedata.normalize("NFKC", html.unescape(text)).casefold())
    latin = {char: anyascii(char).lower() for char in sorted(found) if not char.isascii()}
    return {char: letters for char, letters in latin.items() if letters}


def _page(text: str, corpus_name: str) -> str:
    """`index.html` of an export: the same page, with its files next to it."""
    policy = CONTENT_SECURITY_POLICY.replace("; frame-ancestors 'none'", "")  # not for a <meta>
    charset = '    <meta charset="utf-8">\n'
    meta = f'    <meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    for old, new in (
        ('data-routes="history"', f'data-routes="hash" data-corpus="{corpus_name}"'),
        (charset, charset + meta),
        ('"/page/', f'"{corpus_name}/page/'),
        ('href="/"', 'href="#/"'),
    ):
        if old not in text:
            raise ValueError(f"index.html has no {old}")
        text = text.replace(old, new)
    return text
