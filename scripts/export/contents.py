"""Copy the files of a package other than raw info: media, captions, texts, and their receipts."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from scripts.curation.verification import VerificationError
from scripts.export.cleaning import clean_reason
from scripts.export.pseudonyms import Pseudonyms
from scripts.files import decode_json, encode_json, read_chunks, write_and_hash
from scripts.rawinfo.catalogue import Catalogue
from scripts.rawinfo.links import DOWNLOADABLE, inspect_link
from scripts.speech.captions import CaptionsError, as_webvtt, parse_captions, read_webvtt
from scripts.speech.engine import Cue
from scripts.store import texts
from scripts.store.media_kinds import CAPTIONS, MEDIA_KINDS, MediaKind
from scripts.store.receipts import (
    EXPIRED,
    GONE,
    OK,
    REJECTED,
    Receipt,
    link_hash,
    read_receipt,
    write_receipt,
)
from scripts.store.text_kinds import TEXT_KINDS

LEFT_OUT = "the file is not in the package that this corpus came in"
UNSIGNED = "it was not downloaded before the export, and links in a package have no signature"
# The fields of a text's receipt that name nobody; names in the reason are replaced.
_TEXT_FACTS = [
    "engine",
    "version",
    "software",
    "settings",
    "asked",
    "outcome",
    "reason",
    "source",
    "language",
    "duration_s",
    "speech_s",
]


# The known keys in the JSON files about lines of text: facts about images, videos and places.
_PLACE_FACTS = frozenset(
    (
        *("images", "file", "frame", "width", "height", "size", "lines", "text", "confidence"),
        *("start_s", "end_s", "places", "at_s", "corners"),
    )
)


class Contents:
    """Copies files from `data` to `target`; `names`, if given, replaces people's names in them."""

    def __init__(self, data: Path, target: Path, names: Pseudonyms | None) -> None:
        self._data = data
        self._target = target
        self._names = names
        # Of each copied medium: its checksum in the package, by its checksum in `data`.
        self._checksums: dict[str, str] = {}

    def copy_downloads(self, package: Catalogue, *, media: bool, captions: bool) -> None:
        """Copy the files that exist, and write a reason for each of the others."""
        for kind in MEDIA_KINDS.values():
            wanted = captions if kind == CAPTIONS else media
            for id, entry in package.newest.items():
                for name, url in kind.files(id, entry.links).items():
                    receipt = self._copy_download(kind, name, url, wanted)
                    if receipt is not None:
                        path = kind.receipt(self._target, name)
                        write_receipt(path, self._cleaned(receipt), durable=False)

    def _copy_download(
        self, kind: MediaKind, name: str, url: str | None, wanted: bool
    ) -> Receipt | None:
        receipt = read_receipt(kind.receipt(self._data, name))
        link = link_hash(url or "")
        if receipt is None:
            found = inspect_link(url)
            if found.kind != DOWNLOADABLE:
                return None
            return Receipt(name, kind.name, EXPIRED, UNSIGNED, host=found.host, link=link)
        if receipt.outcome == OK and wanted and _is_there(kind.media(self._data, name)):
            copied = self._copy_medium(kind, name, receipt)
            if copied is not None:
                self._checksums[str(receipt.sha256)] = str(copied.sha256)
                return replace(copied, link=link)
        if receipt.outcome in (GONE, EXPIRED, REJECTED):
            receipt = replace(receipt, downloaded_at=None, size_bytes=None, sha256=None)
            return replace(receipt, link=link, not_before=None)
        is_left_out = receipt.outcome == OK
        return Receipt(
            name,
            kind.name,
            EXPIRED,
            LEFT_OUT if is_left_out else UNSIGNED,
            host=receipt.host,
            link=link,
            facts=receipt.facts if is_left_out else {},
        )

    def _copy_medium(self, kind: MediaKind, name: str, receipt: Receipt) -> Receipt | None:
        """Copy a file; None if its names can't be replaced.

        Raises VerificationError if the file differs from its receipt.
        """
        source, target = kind.media(self._data, name), kind.media(self._target, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if _copy(source, target) != receipt.sha256:
            raise VerificationError(
                f"{source} has changed since it was downloaded. Before you export, restore it, or "
                "move it away and run `snakemake --cores 8`."
            )
        if kind != CAPTIONS or self._names is None:
            return receipt
        content = _captions(source.read_bytes(), self._names)
        if content is None:
            target.unlink()
            return None
        target.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        return replace(receipt, sha256=digest, size_bytes=len(content))

    def _cleaned(self, receipt: Receipt) -> Receipt:
        receipt = replace(receipt, reason=clean_reason(receipt.reason))
        if self._names is None:
            return receipt
        facts = {
            key: self._names.without_names(value) if isinstance(value, str) else value
            for key, value in receipt.facts.items()
            if isinstance(value, str | int | float | None)
        }
        return replace(receipt, reason=self._names.without_names(receipt.reason), facts=facts)

    def copy_texts(self, package: Catalogue) -> None:
        """Copy all texts, with their receipts."""
        for kind in TEXT_KINDS.values():
            for id, entry in package.newest.items():
                text = texts.text_path(self._data, kind.name, id)
                # An empty text means that the medium can't be read, or that it is missing.
                media = (
                    medium.media(self._data, name)
                    for medium in kind.sources
                    for name in medium.files(id, entry.links)
                )
                if text.exists() and (_is_there(text) or any(map(_is_there, media))):
                    self._copy_text(kind.name, id, kind.suffixes)

    def _copy_text(self, kind: str, id: str, suffixes: tuple[str, ...]) -> None:
        facts = texts.read_facts(texts.receipt_path(self._data, kind, id))
        if facts:
            receipt = texts.receipt_path(self._target, kind, id)
            texts.write_facts(receipt, self._text_facts(facts))
        for suffix in suffixes:
            source = texts.text_path(self._data, kind, id).with_suffix(suffix)
            if source.exists():
                content = source.read_bytes()
                if self._names is not None and content:
                    content = _text(source, content, self._names)
                target = self._target / source.relative_to(self._data)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)

    def _text_facts(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        reason = clean_reason(str(facts.get("reason") or ""))
        # The importer has only these media, and must not make the text again because of others.
        made_of = [self._checksums[it] for it in facts.get("made_of", ()) if it in self._checksums]
        if self._names is None:
            return {**facts, "reason": reason, "made_of": made_of}
        known = {key: facts[key] for key in _TEXT_FACTS if key in facts}
        return known | {"reason": self._names.without_names(reason), "made_of": made_of}


def _text(file: Path, content: bytes, names: Pseudonyms) -> bytes:
    if file.suffix == ".vtt":
        try:
            cues = read_webvtt(file)
        except CaptionsError:
            cues = ()
        return _under_pseudonyms(cues, names)
    if file.suffix == ".json":
        try:
            places = _places(decode_json(content), names)
        except ValueError:
            return b"{}\n"  # an empty file would make a run read the text again
        return encode_json(places) + b"\n"
    return names.text(content.decode("utf-8", "replace")).encode()


def _places(value: Any, names: Pseudonyms) -> Any:
    """The places of lines. Only their texts need pseudonyms: numbers and known keys name nobody."""
    if isinstance(value, list):
        return [_places(item, names) for item in value]
    if isinstance(value, dict):
        return {
            key: names.text(item)
            if key == "text" and isinstance(item, str)
            else _places(item, names)
            for key, item in value.items()
            if key in _PLACE_FACTS
        }
    return names.without_names(value) if isinstance(value, str) else value


def _captions(content: bytes, names: Pseudonyms) -> bytes | None:
    """Return only times and words, with names replaced; None if it is not a caption track."""
    try:
        track = parse_captions(content)
    except CaptionsError:
        return None
    return _under_pseudonyms(track.cues, names)


def _under_pseudonyms(cues: Iterable[Cue], names: Pseudonyms) -> bytes:
    return as_webvtt([replace(cue, text=names.text(cue.text)) for cue in cues]).encode()


def _copy(source: Path, target: Path) -> str:
    """Copy a file, and return its SHA-256."""
    with source.open("rb") as opened, target.open("wb") as copy:
        return write_and_hash(read_chunks(opened), copy, target)


def _is_there(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0
