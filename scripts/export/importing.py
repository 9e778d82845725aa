"""Import a package: check it, and copy the files of its corpus into `data`.

Everything in a package is untrusted. The package must stay within limits, its checksums must be
right, and its media must be complete and of their kind. The import copies only files with names
that a corpus can have, and overwrites nothing.
"""

import os
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import bagit
from rich.console import Console

from scripts.counts import counted
from scripts.errors import ConfigError, DamagedMediaError, examples
from scripts.export.bag import COPY_AGAIN, PackageError, open_bag
from scripts.files import (
    hash_file,
    publish,
    read_chunks,
    require_space,
    storage_errors,
    temporary_file,
    write_and_hash,
)
from scripts.media.verification import verify_media
from scripts.store import paths
from scripts.store.manifest import read_manifest
from scripts.store.media_kinds import MEDIA_KINDS

MOST_EXAMPLES = 10
# The order matters: texts must be newer than the media that they were made from, and raw info comes
# last, so that an interrupted import leaves no raw info, and so no corpus.
_PARTS = [
    re.compile("|".join(patterns))
    for patterns in (
        paths.MEDIA,
        paths.RECEIPTS,
        paths.TEXTS,
        [r"manifest\.tsv"],
        [r"info/[^/\x00-\x1f{}]+\.json"],
    )
]


def import_package(package: str, data: Path, config: Mapping[str, Any]) -> None:
    """Copy the corpus of a package into `data`, where plain `snakemake` builds the rest.

    config: its limits are in `import`, and the space to keep free in `download.keep_free_mb`.

    Raises ConfigError if no package is named, StorageError if its files don't fit, and PackageError
    if it is damaged, exceeds the limits, or has a file that differs from one in `data`. All of this
    happens before anything is copied.
    """
    if not package:
        raise ConfigError(
            "Name the package: snakemake --cores 1 import --config package=/path/to/it"
        )
    folder = Path(package).expanduser().absolute()
    _check_limits(folder, **config["import"])
    bag = open_bag(folder)
    try:
        bag.validate()
    except (bagit.BagError, OSError, ValueError) as error:
        raise PackageError(
            f"{folder} is damaged: {error}. Nothing was imported. {COPY_AGAIN}"
        ) from None
    files = _files(bag)
    _check_manifest(folder / "data" / "manifest.tsv")
    new = _new_files(files, data)
    size_bytes = sum((folder / "data" / path).stat().st_size for path in new)
    require_space(data / "info", size_bytes, config["download"]["keep_free_mb"] * 1e6)
    _verify_media(folder / "data", new)
    for path in new:
        _copy(folder / "data" / path, data / path, files[path])
    there = len(files) - len(new)
    Console(stderr=True, highlight=False).print(
        f"Imported {counted(len(new), 'files')}; there already: {there:,}. To build the "
        f"corpus, type: snakemake --cores 8 --configfile {folder / 'data' / 'settings.yaml'}",
        soft_wrap=True,
    )


def _check_limits(folder: Path, max_files: int, max_gb: float) -> None:
    """Raise PackageError for a package with too many files or bytes, before any file is read."""
    count, size_bytes = 0, 0
    folders = [folder] if folder.is_dir() else []
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                count += 1
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                size_bytes += entry.stat(follow_symlinks=False).st_size
                if count > max_files:
                    raise PackageError(
                        f"{folder} has more than {max_files:,} files and folders. Nothing was "
                        "imported. If you trust it, raise import.max_files."
                    )
    if size_bytes > max_gb * 1e9:
        raise PackageError(
            f"{folder} has {size_bytes / 1e9:,.1f} GB, more than {max_gb:,} GB. Nothing was "
            "imported. If you trust it, raise import.max_gb."
        )


def _verify_media(folder: Path, paths: Iterable[str]) -> None:
    """Raise PackageError if a medium is incomplete, which checksums do not show."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        faults = [
            fault for fault in pool.map(lambda path: _fault(folder / path, path), paths) if fault
        ]
    if faults:
        raise PackageError(
            f"Media in {folder} are damaged or not of their kind: "
            f"{examples(faults, most=MOST_EXAMPLES)}. Nothing was imported. {COPY_AGAIN}"
        )


def _fault(file: Path, path: str) -> str | None:
    kind = path.partition("/")[0]
    if kind in MEDIA_KINDS:
        try:
            verify_media(kind, file)
        except DamagedMediaError as error:
            return f"{path} ({str(error).rstrip('.')})"
    return None


def _files(bag: bagit.Bag) -> dict[str, str]:
    """Return the SHA-256 of each file by its path in `data`, in the order in which to copy them."""
    found: dict[str, str] = {}
    entries = sorted(path for path in bag.entries if path.startswith("data/"))
    for part in _PARTS:
        for path in entries:
            name = path.removeprefix("data/")
            if part.fullmatch(name):
                if "sha256" not in bag.entries[path]:
                    raise PackageError(
                        f"{bag.path} contains no SHA-256 of {path}. Nothing was imported. "
                        f"{COPY_AGAIN}"
                    )
                found[name] = bag.entries[path]["sha256"].lower()
    if not any(name.startswith("info/") for name in found):
        raise PackageError(
            f"{bag.path} contains no raw info, so it is not the package of a corpus."
        )
    return found


def _check_manifest(file: Path) -> None:
    """Raise PackageError for a bad manifest, because later runs trust it."""
    try:
        read_manifest(file)
    except ConfigError as error:
        raise PackageError(f"{error} The package is refused.") from None


def _new_files(files: dict[str, str], data: Path) -> list[str]:
    """Return the paths that are not in `data` yet. Raises PackageError if a file differs there."""
    new, differing = [], []
    for path, sha256 in files.items():
        target = data / path
        if not target.exists() and not target.is_symlink():
            new.append(path)
        elif not target.is_file() or hash_file(target) != sha256:
            differing.append(str(target))
    if differing:
        raise PackageError(
            f"These files differ from those in the package, and were kept: "
            f"{examples(differing, most=MOST_EXAMPLES)}. Nothing was imported. Import into an "
            "empty corpus, or move these files away."
        )
    return new


def _copy(source: Path, target: Path, sha256: str) -> None:
    """Copy a file in one step, if it is still the one that was checked."""
    with temporary_file(target) as file, storage_errors(target):
        with source.open("rb") as opened:
            copied = write_and_hash(read_chunks(opened), file, target)
        if copied != sha256:
            raise PackageError(f"{source} changed during the import. Import the package again.")
        publish(file, target)
