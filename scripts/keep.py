"""Keep a corpus: put its files to the mirror, and check that each is what the manifest says."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from scripts import speech, texts
from scripts.errors import ConfigError, CorpusError, MirrorError
from scripts.manifest import Line, Manifest, hash_file
from scripts.media_kinds import KINDS
from scripts.mirror import Mirror

MOST_EXAMPLES = 10


class VerificationError(CorpusError):
    """Files are missing, changed or unknown."""


def merged_files(config: Mapping[str, Any], data: Path) -> dict[str, dict[str, Any]]:
    """What the bytes of each merged file depend on, beside raw info and media."""
    settings = {"ocr": config["ocr"], "speech": speech.asked_for(config["speech"])}
    versions = {
        "ocr": _versions(data, "ocr"),
        "speech": _versions(data, "speech"),
        "SQLite": sqlite3.sqlite_version,
    }
    tools = {
        "master.json": (),
        "ocr.json": ("ocr",),
        "speech_to_text.json": ("speech",),
        "tiktoks.db": ("ocr", "speech", "SQLite"),
    }
    return {
        path: {
            "settings": {name: settings[name] for name in names if name in settings},
            "versions": {name: versions[name] for name in names},
        }
        for path, names in tools.items()
    }


def _versions(data: Path, kind: str) -> str:
    """Of all that made the texts."""
    receipts = (data / "receipts" / kind).glob("*.json")
    versions = {texts.read_facts(receipt).get("version") for receipt in receipts}
    return "; ".join(sorted(filter(None, versions)))


def push_missing(mirror: Mirror | None, manifest: Manifest, data: Path, threads: int) -> None:
    """Put to the mirror what the manifest names and the mirror lacks, as far as it is in `data`.

    Nothing there is ever overwritten. Raises ConfigError without a mirror, and MirrorError, at the
    end, for files that could not be put there, or that are there with another size.
    """
    if mirror is None:
        raise ConfigError("`mirror` is empty in config.yaml: name the place to put the media to.")
    there = mirror.sizes()
    here = [line for line in _media(manifest) if (data / line.path).exists()]
    missing = [line.path for line in here if line.path not in there]
    differing = [
        f"{line.path} is another file there, with {there[line.path]:,} bytes"
        for line in here
        if there.get(line.path, line.size_bytes) != line.size_bytes
    ]
    problems: list[str] = []

    def push(path: str) -> None:
        try:
            mirror.push(data / path, path)
        except MirrorError as error:
            problems.append(str(error))

    _in_threads(push, missing, threads, "To the mirror")
    Console(stderr=True).print(f"{len(missing) - len(problems):,} files put to {mirror.address}.")
    if problems or differing:
        raise MirrorError(_listed([*differing, *problems]))


def verify(
    manifest: Manifest,
    data: Path,
    mirror: Mirror | None,
    results: Mapping[str, Mapping[str, Any]],
    threads: int,
    not_removed: Sequence[str] = (),
) -> None:
    """Re-hash every file of the manifest, here or, where it isn't here, in the mirror.

    Raises VerificationError, which lists what is missing, changed or extra, and what should have
    been removed. results: what `merged_files` says on this machine.
    """
    wrong: dict[str, list[str]] = {"missing": [], "changed": [], "not in the manifest": []}

    def check(line: Line) -> None:
        file = data / line.path
        try:
            if file.exists():
                found = hash_file(file)
            elif mirror is not None and "outcome" in line.receipt:
                found = mirror.hash(line.path)
            else:
                found = None
        except MirrorError:
            found = None
        if found is None:
            wrong["missing"].append(line.path)
        elif found != line.sha256:
            wrong["changed"].append(line.path + _difference(line, results))

    lines = [line for line in manifest.lines.values() if line.sha256]
    _in_threads(check, lines, threads, "Verify")
    wrong["not in the manifest"] += sorted(_extra(manifest, data))
    found = [
        f"{len(paths):,} {name}: {_listed(sorted(paths))}" for name, paths in wrong.items() if paths
    ]
    if not_removed:
        # All of them: somebody has to delete each.
        found.append(f"{len(not_removed):,} of removed TikToks: {', '.join(not_removed)}")
    if found:
        raise VerificationError("; ".join(found))
    Console(stderr=True).print(f"{len(lines):,} files are what the manifest says.")


def _difference(line: Line, results: Mapping[str, Mapping[str, Any]]) -> str:
    """Which tools differ from those that made a merged file, in brackets."""
    then = line.receipt.get("versions", {})
    now = results.get(line.path, {}).get("versions", {})
    differing = [
        f"{tool} {then[tool]}, here {now.get(tool)}" for tool in then if now.get(tool) != then[tool]
    ]
    return f" (made with {'; '.join(differing)})" if differing else ""


def _extra(manifest: Manifest, data: Path) -> Iterator[str]:
    for kind in KINDS.values():
        for file in (data / kind.name).rglob(f"*{kind.suffix}"):
            path = str(file.relative_to(data))
            is_media = not file.name.startswith(".") and file.stat().st_size > 0
            if is_media and path not in manifest.lines:
                yield path


def _media(manifest: Manifest) -> list[Line]:
    return [line for line in manifest.lines.values() if line.sha256 and "outcome" in line.receipt]


def _in_threads(work: Callable[[Any], None], items: list[Any], threads: int, title: str) -> None:
    with ThreadPoolExecutor(threads) as pool:
        done = pool.map(work, items)
        for _ in track(done, title, len(items), console=Console(stderr=True), transient=True):
            pass


def _listed(names: list[str]) -> str:
    rest = len(names) - MOST_EXAMPLES
    return ", ".join(names[:MOST_EXAMPLES]) + (f" and {rest:,} more" if rest > 0 else "")
