"""The manifest: every file of a corpus that cannot be recreated, and the outcome of each download.

`data/manifest.tsv` is small and meant for git. With it, the raw info and a copy of the files (see
`scripts.download.mirror`), another machine builds the same corpus, byte for byte. The manifest has
one line for each file, sorted by path. A failed download has a line without a checksum, and so has
the site's answer about a post (`scrapes/<id>`).
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from scripts.counts import counted
from scripts.errors import ConfigError
from scripts.files import decode_json, hash_file, write_atomic
from scripts.rawinfo.ids import is_id
from scripts.rawinfo.listing import list_raw_info
from scripts.store import texts
from scripts.store.foreign import files_set_aside
from scripts.store.media_kinds import MEDIA_KINDS, MediaKind
from scripts.store.paths import check_manifest_path, is_merged
from scripts.store.receipts import (
    OK,
    SCRAPES,
    Receipt,
    parse_receipt,
    read_receipt,
    write_receipt,
)
from scripts.store.text_kinds import SPEECH

COLUMNS = ("path", "sha256", "bytes", "downloaded_at", "receipt")
HEADER = "\t".join(COLUMNS)
_SHA256 = re.compile("[0-9a-f]{64}")
_NUMBER = re.compile("[0-9]{1,18}")
# The fields of a receipt that have their own columns, or are part of the path.
_APART = ("id", "kind", "sha256", "size_bytes", "downloaded_at")


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """One file: its path in `data`, and the contents of its receipt.

    sha256, size_bytes and downloaded_at (unix seconds) are None if the file was never downloaded.
    """

    path: str
    sha256: str | None
    size_bytes: int | None
    downloaded_at: int | None
    receipt: Mapping[str, Any]

    @property
    def is_merged(self) -> bool:
        """True if the file is merged from all the others."""
        return is_merged(self.path)

    def __str__(self) -> str:
        facts = json.dumps(self.receipt, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        values = (self.path, self.sha256, self.size_bytes, self.downloaded_at, facts)
        return "\t".join("" if value is None else str(value) for value in values)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a line that `str()` made. Raises ValueError for others: a line is untrusted."""
        columns = text.split("\t")
        if len(columns) != len(COLUMNS):
            raise ValueError(f"it has {counted(len(columns), 'columns')}, not {len(COLUMNS)}")
        path, sha256, size_bytes, downloaded_at, facts = columns
        check_manifest_path(path)
        if sha256 and not _SHA256.fullmatch(sha256):
            raise ValueError(f"{sha256[:80]!r} is not a SHA-256")
        if bool(sha256) != bool(size_bytes):
            raise ValueError("it has a checksum without a size, or a size without a checksum")
        receipt = decode_json(facts)
        if not isinstance(receipt, dict):
            raise ValueError("the receipt is not an object")
        if not isinstance(receipt.get("versions", {}), dict):
            raise ValueError("`versions` is not an object")
        return cls(path, sha256 or None, _number(size_bytes), _number(downloaded_at), receipt)


@dataclass(frozen=True, slots=True)
class Manifest:
    """All lines of a manifest, by path."""

    lines: Mapping[str, ManifestLine] = field(default_factory=dict)

    def receipt(self, kind: MediaKind, name: str) -> Receipt | None:
        """Return the receipt that the downloading machine wrote; None if the manifest has none."""
        line = self.lines.get(_path(kind, name))
        if line is None:
            return None
        apart = {key: getattr(line, key) for key in _APART[2:]} | {"id": name, "kind": kind.name}
        return parse_receipt(json.dumps(dict(line.receipt) | apart))


def read_manifest(file: Path) -> Manifest:
    """Read the manifest in `file`; it is empty if there is no file.

    Raises ConfigError, which names the line, for anything that `write_manifest` does not write.
    """
    if not file.exists():
        return Manifest()
    rows = file.read_bytes().removesuffix(b"\n").split(b"\n")
    lines: dict[str, ManifestLine] = {}
    for number, row in enumerate(rows, 1):
        try:
            text = row.decode()
            if number == 1:
                if text != HEADER:
                    raise ValueError("it does not contain the names of the columns")
                continue
            line = ManifestLine.parse(text)
            if line.path in lines:
                raise ValueError(f"{line.path} is listed twice")
        except ValueError as error:
            raise ConfigError(
                f"{file}, line {number}: {error}. Restore the file from your version control, or "
                "remove it: the next run writes a new one from the receipts."
            ) from None
        lines[line.path] = line
    return Manifest(lines)


def write_manifest(data: Path, results: Mapping[str, Mapping[str, Any]], output: Path) -> None:
    """Write a line for each receipt in `data`, and keep the lines of all other files.

    results: the settings and versions that each merged file depends on. A downloaded file keeps its
    line until it is downloaded again. A merged file keeps its line while its inputs are the same,
    so that people who reproduce it elsewhere can compare.
    """
    before = read_manifest(output).lines
    lines = {path: line for path, line in before.items() if not line.is_merged}
    for line in _lines_of_receipts(data):
        known = lines.get(line.path)
        if known is None or known.sha256 is None or line.receipt.get("outcome") == OK:
            lines[line.path] = line
    content = _hash_contents(data, lines)
    for path, facts in results.items():
        made_of = _hash_settings(facts["settings"], content)
        lines[path] = _line_of_result(data, path, facts, made_of, before)
    rows = [HEADER, *(str(lines[path]) for path in sorted(lines))]
    write_atomic(output, "".join(f"{row}\n" for row in rows))


def _line_of_result(
    data: Path,
    path: str,
    facts: Mapping[str, Any],
    made_of: str,
    before: Mapping[str, ManifestLine],
) -> ManifestLine:
    known = before.get(path)
    if known is not None and known.receipt.get("made_of") == made_of:
        return known
    file = data / path
    made_by = {"made_of": made_of, "versions": facts["versions"]}
    return ManifestLine(path, hash_file(file), file.stat().st_size, None, made_by)


def _hash_settings(settings: Mapping[str, Any], content: str) -> str:
    """Return a hash of the inputs and settings of a merged file, without the tools' versions."""
    made_of = f"{json.dumps(settings, sort_keys=True)} {content}"
    return hashlib.sha256(made_of.encode()).hexdigest()[:16]


def _hash_contents(data: Path, lines: Mapping[str, ManifestLine]) -> str:
    """Return a hash of all raw info, media and transcripts, and of the texts of other programs."""
    digest = hashlib.sha256()
    info = data / "info"
    for file in list_raw_info(info).files:
        digest.update(os.fsencode(f"{file.relative_to(info)} {hash_file(file)}\n"))
    for file in files_set_aside(data):
        digest.update(f"{file.name} {hash_file(file)}\n".encode())
    for path in sorted(lines):
        if not lines[path].is_merged:
            digest.update(f"{lines[path]}\n".encode())
    return digest.hexdigest()


def write_failures(manifest: Manifest, data: Path) -> None:
    """Write the receipts of other machines: of failed downloads, and of the site's answers.

    A download that this machine tried, and a post that it asked about, keep their own receipts.
    """
    for path, line in manifest.lines.items():
        if path.startswith(f"{SCRAPES}/") and not (data / "receipts" / f"{path}.json").exists():
            facts = json.dumps(dict(line.receipt), sort_keys=True, ensure_ascii=False)
            write_atomic(data / "receipts" / f"{path}.json", f"{facts}\n")
    for kind in MEDIA_KINDS.values():
        for path in manifest.lines:
            if not path.startswith(f"{kind.name}/") or (data / path).exists():
                continue
            name = path.removeprefix(f"{kind.name}/").removesuffix(kind.suffix)
            receipt = manifest.receipt(kind, name)
            if receipt is None or receipt.is_file or not kind.has_name(name):
                continue
            if not kind.receipt(data, name).exists():
                write_receipt(kind.receipt(data, name), receipt)


def _lines_of_receipts(data: Path) -> Iterator[ManifestLine]:
    for kind in MEDIA_KINDS.values():
        folder = data / "receipts" / kind.name
        for file in sorted(folder.rglob("*.json")):
            name = str(file.relative_to(folder)).removesuffix(".json")
            receipt = read_receipt(file) if kind.has_name(name) else None
            if receipt is not None:
                yield line_of(kind, name, receipt)
    for file in sorted((data / "receipts" / SCRAPES).glob("*.json")):
        with suppress(ValueError):  # it is damaged, so a scrape asks the site again
            facts = decode_json(file.read_bytes())
            if is_id(file.stem) and isinstance(facts, dict):
                yield ManifestLine(f"{SCRAPES}/{file.stem}", None, None, None, facts)
    for file in sorted((data / "receipts" / "speech").glob("*.json")):
        if is_id(file.stem):
            yield from _lines_of_transcript(data, file)


def _lines_of_transcript(data: Path, receipt: Path) -> Iterator[ManifestLine]:
    """Yield the lines of a recognised transcript. Transcripts from captions are made again."""
    facts = texts.read_facts(receipt)
    if facts.get("outcome") != OK or facts.get("source") == "captions":
        return
    for suffix in SPEECH.suffixes:
        file = texts.text_path(data, "speech", receipt.stem).with_suffix(suffix)
        if file.exists():
            path = str(file.relative_to(data))
            yield ManifestLine(path, hash_file(file), file.stat().st_size, None, facts)


def line_of(kind: MediaKind, name: str, receipt: Receipt) -> ManifestLine:
    """Return the line of a download."""
    facts = {key: value for key, value in asdict(receipt).items() if key not in _APART}
    return ManifestLine(
        _path(kind, name), receipt.sha256, receipt.size_bytes, receipt.downloaded_at, facts
    )


def _number(column: str) -> int | None:
    """Parse a column; None if it is empty. Raises ValueError for anything but a plain number."""
    if column and not _NUMBER.fullmatch(column):
        raise ValueError(f"{column[:80]!r} is not a number")
    return int(column) if column else None


def _path(kind: MediaKind, name: str) -> str:
    return str(kind.media(Path(), name))
