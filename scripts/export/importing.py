"""Take a package in: check the bag, and copy what is part of a corpus into `data`.

Everything in a package is untrusted. Files are taken by their names only, one by one; a path that
leads elsewhere ends it. Nothing that is there already is overwritten.
"""

import re
from pathlib import Path

import bagit
from rich.console import Console

from scripts.errors import ConfigError, examples
from scripts.export.bag import PackageError, open_bag
from scripts.files import (
    hash_file,
    publish,
    read_chunks,
    storage_errors,
    temporary_file,
    write_and_hash,
)
from scripts.store import paths
from scripts.store.manifest import read_manifest

MOST_EXAMPLES = 10
# In this order: texts are newer than the media that they were made of, and raw info comes last, so
# that an import that was cut short is no corpus yet.
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


def import_package(package: str, data: Path) -> None:
    """Copy the corpus of a package into `data`, where plain `snakemake` builds the rest.

    Raises ConfigError without a package, and PackageError, before anything is copied, for one that
    isn't sound, or has another file than is there already.
    """
    if not package:
        raise ConfigError(
            "Name the package: snakemake --cores 1 import --config package=/path/to/it"
        )
    folder = Path(package).expanduser().absolute()
    bag = open_bag(folder)
    try:
        bag.validate()
    except (bagit.BagError, OSError, ValueError) as error:
        raise PackageError(f"{folder} is damaged: {error}. Nothing was imported.") from None
    files = _files(bag)
    _check_manifest(folder / "data" / "manifest.tsv")
    new = _new_files(files, data)
    for path in new:
        _copy(folder / "data" / path, data / path, files[path])
    Console(stderr=True, highlight=False).print(
        f"{len(new):,} files imported, {len(files) - len(new):,} were there already. To build the "
        f"corpus: snakemake --cores 8 --configfile {folder / 'data' / 'settings.yaml'}",
        soft_wrap=True,
    )


def _files(bag: bagit.Bag) -> dict[str, str]:
    """SHA-256 of each file of the corpus by its path in `data`, in the order to copy them in."""
    found: dict[str, str] = {}
    entries = sorted(path for path in bag.entries if path.startswith("data/"))
    for part in _PARTS:
        for path in entries:
            name = path.removeprefix("data/")
            if part.fullmatch(name):
                if "sha256" not in bag.entries[path]:
                    raise PackageError(f"{bag.path} has no SHA-256 of {path}: it is refused.")
                found[name] = bag.entries[path]["sha256"].lower()
    if not any(name.startswith("info/") for name in found):
        raise PackageError(f"{bag.path} is no package of a corpus: it has no raw info.")
    return found


def _check_manifest(file: Path) -> None:
    """Later runs believe the manifest."""
    try:
        read_manifest(file)
    except ConfigError as error:
        raise PackageError(f"{error} The package is refused.") from None


def _new_files(files: dict[str, str], data: Path) -> list[str]:
    """Those that aren't in `data` yet. Raises PackageError where other files have their names."""
    new, differing = [], []
    for path, sha256 in files.items():
        target = data / path
        if not target.exists() and not target.is_symlink():
            new.append(path)
        elif not target.is_file() or hash_file(target) != sha256:
            differing.append(str(target))
    if differing:
        raise PackageError(
            f"Other files than those of the package are there already, and are kept: "
            f"{examples(differing, most=MOST_EXAMPLES)}. Import into an empty corpus, or move "
            "them away. Nothing was imported."
        )
    return new


def _copy(source: Path, target: Path, sha256: str) -> None:
    """Copy a file in one step, if it is still the one that was checked."""
    with temporary_file(target) as file, storage_errors(target):
        with source.open("rb") as opened:
            copied = write_and_hash(read_chunks(opened), file, target)
        if copied != sha256:
            raise PackageError(f"{source} was changed while it was imported. Import it again.")
        publish(file, target)
