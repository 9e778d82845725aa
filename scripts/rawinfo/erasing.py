"""Remove posts from raw info of any format: records, comments, and links to them.

All other bytes of a file stay the same, except for elements with several posts, which are
rewritten.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from scripts.files import encode_json, publish, temporary_file
from scripts.rawinfo.formats import links
from scripts.rawinfo.formats.found import FoundComment, FoundPost, WantedPost
from scripts.rawinfo.formats.registry import elements_in, recognise
from scripts.rawinfo.json_stream import Element, JsonDamageError, read_elements
from scripts.rawinfo.line_stream import Row
from scripts.rawinfo.sources import is_compressed, open_source, read_source
from scripts.rawinfo.validation import find_id

CHUNK_BYTES = 1 << 20
_IN_TEXT = b" "
BY_HAND = "edit it by hand"


class _Piece(NamedTuple):
    """An element and what belongs to it, by byte offsets, and its new content.

    content: None if the element stays unchanged, b"" if it is removed, `_IN_TEXT` if links are
    removed from a line or a row.
    """

    begin: int
    stop: int
    group: int
    content: bytes | None


def places_in(file: Path, removed: frozenset[str], *, merged: bool = False) -> Iterator[str]:
    """Describe each place in a file that contains something of removed posts.

    merged: True if the file has one value of any kind for each id, like merged files.
    """
    number, end = 0, 0
    try:
        with open_source(str(file)) as opened:
            for number, element in enumerate(_elements(opened, str(file), merged), 1):
                end = element.end
                if _is_beside_records(element):
                    for id in sorted(
                        _ids_standing_in(encode_json(element.value).decode(), removed)
                    ):
                        yield f"next to the records: id {id} ({BY_HAND})"
                elif _content(element, removed) is not None:
                    yield f"record {number}"
    except JsonDamageError:
        for id in sorted(_ids_behind(file, end, removed)):
            yield f"after record {number}, where it is damaged: id {id} ({BY_HAND})"


def erase(file: Path, removed: frozenset[str], *, merged: bool = False) -> None:
    """Rewrite a file without its parts about removed posts. If nothing else is in it, delete it.

    merged: True if the file has one value of any kind for each id, like merged files.
    """
    name = str(file)
    pieces: list[_Piece] = []
    kept = 0
    try:
        with open_source(name) as source:
            for element in _elements(source, name, merged):
                content = _content(element, removed)
                kept += content != b""
                begin = element.begin if element.begin >= 0 else element.start
                stop = element.stop if element.stop >= 0 else element.end
                pieces.append(_Piece(begin, stop, element.group, content))
    except JsonDamageError:
        if is_compressed(name):
            return  # the part after the damage could not be compressed again
        kept += 1  # the part after the damage stays unchanged
    if not any(piece.content is not None for piece in pieces):
        return
    if not kept and all(piece.group == 0 for piece in pieces):
        file.unlink()
        return
    with open_source(name) as source, temporary_file(file) as target:
        if is_compressed(name):
            with gzip.GzipFile(fileobj=target, mode="wb", filename="", mtime=0) as packed:
                _write(source, cast(IO[bytes], packed), pieces, removed)
        else:
            _write(source, target, pieces, removed)
        publish(target, file)


def _elements(file: IO[bytes], name: str, merged: bool) -> Iterator[Element]:
    return read_elements(file) if merged else read_source(file, name)


def _content(element: Element, removed: frozenset[str]) -> bytes | None:
    """The new content of an element, as in `_Piece`."""
    if _is_beside_records(element):
        return None
    ids = _ids_in(element.value)
    if not ids and element.key is not None:
        ids = {element.key}
    if ids.isdisjoint(removed):
        return None
    if ids <= removed:
        return b""
    value = element.value
    if isinstance(value, Row) or (isinstance(value, dict) and links.LINE in value):
        return _IN_TEXT
    if isinstance(value, str):
        return encode_json(links.without_posts(value, removed))
    if isinstance(value, dict) and recognise(value) is links:
        return encode_json({name: _without_links(cell, removed) for name, cell in value.items()})
    return encode_json(_pruned(value, removed))


def _is_beside_records(element: Element) -> bool:
    """True if the element contains the members of an object that are not its records."""
    return element.fault is not None and element.value is not None


def _ids_in(value: Any) -> set[str]:
    """The ids of the posts that an element is about."""
    ids: set[str] = set()
    elements = list(elements_in(value))
    if not elements and isinstance(value, dict):
        id, _ = find_id(value)
        return {id} if id is not None else set()
    for format, element in elements:
        for found in format.read(element):
            if isinstance(found, FoundPost):
                id, _ = find_id(found.info)
            else:
                id = _id_of(found)
            ids |= {id} if id is not None else set()
    return ids


def _id_of(found: object) -> str | None:
    if isinstance(found, FoundComment):
        return found.post_id
    return found.id if isinstance(found, WantedPost) else None


def _without_links(value: Any, removed: frozenset[str]) -> Any:
    return links.without_posts(value, removed) if isinstance(value, str) else value


def _pruned(value: Any, removed: frozenset[str]) -> Any:
    """A JSON value without the parts that are only about removed posts."""
    if isinstance(value, list):
        return [_pruned(item, removed) for item in value if not _goes(item, removed)]
    if isinstance(value, dict):
        return {
            key: _pruned(item, removed)
            for key, item in value.items()
            if key not in removed and not _goes(item, removed)
        }
    return value


def _goes(value: Any, removed: frozenset[str]) -> bool:
    if not isinstance(value, dict) or recognise(value) is None:
        return False
    ids = _ids_in(value)
    return bool(ids) and ids <= removed


def _write(
    source: IO[bytes], target: IO[bytes], pieces: list[_Piece], removed: frozenset[str]
) -> None:
    """Copy everything except removed pieces. In JSON, a removed element takes the comma before it
    along, or, if it is the first of its list, the comma after it.
    """
    at = 0
    group, written = 0, 0
    for piece in pieces:
        if piece.group != group or not piece.group:
            group, written = piece.group, 0
            _copy(source, target, at, piece.begin)
        if piece.content != b"":
            target.write(b"," if written else b"")
            written += 1
            if piece.content is None:
                _copy(source, target, piece.begin, piece.stop)
            elif piece.content == _IN_TEXT:
                source.seek(piece.begin)
                text = source.read(piece.stop - piece.begin).decode("utf-8", "surrogateescape")
                target.write(links.without_posts(text, removed).encode("utf-8", "surrogateescape"))
            else:
                target.write(piece.content + (b"" if piece.group else b"\n"))
        at = piece.stop
    _copy(source, target, at, None)


def _copy(source: IO[bytes], target: IO[bytes], start: int, end: int | None) -> None:
    source.seek(start)
    while end is None or start < end:
        chunk = source.read(CHUNK_BYTES if end is None else min(CHUNK_BYTES, end - start))
        if not chunk:
            break
        target.write(chunk)
        start += len(chunk)


def _ids_behind(file: Path, start: int, removed: frozenset[str]) -> set[str]:
    """The removed ids that occur anywhere after a place in a damaged file."""
    found: set[str] = set()
    rest = b""
    try:
        with open_source(str(file)) as source:
            source.seek(start)
            while chunk := source.read(CHUNK_BYTES):
                text = (rest + chunk).decode("ascii", "replace")
                found |= _ids_standing_in(text, removed)
                rest = chunk[-20:]
    except JsonDamageError:
        pass  # a compressed file ends at its damage
    return found


def _ids_standing_in(text: str, ids: frozenset[str]) -> set[str]:
    return {id for id in ids if _stands_in(id, text)}


def _stands_in(id: str, text: str) -> bool:
    """True if a text contains a number that is not a part of a longer one."""
    at = text.find(id)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(id) : at + len(id) + 1]
        if not before.isdigit() and not after.isdigit():
            return True
        at = text.find(id, at + 1)
    return False
