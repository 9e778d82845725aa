"""Write a package that anybody can check, and that builds the same corpus again.

In: a corpus. Out: a BagIt bag with the layout of `data/`, described as an RO-Crate. Its merged
files are built from its own raw info, receipts and texts, so they cannot reveal more than these.
The same corpus, settings and versions of tools give the same bytes.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from scripts.curation.merged import describe_merged_files
from scripts.curation.removal import read_removed
from scripts.export.bag import check_place, make_bag, put_in_place
from scripts.export.cleaning import cleaned, collectors_ids
from scripts.export.contents import Contents
from scripts.export.description import describe
from scripts.export.pseudonyms import Pseudonyms, read_key
from scripts.export.records import learn_names, pseudonymised
from scripts.export.settings import ExportSettings
from scripts.files import encode_json, storage_errors
from scripts.merge.database import build_database
from scripts.merge.json_files import merge_master, merge_texts
from scripts.rawinfo.catalogue import Catalogue, Post, catalogue_folder, load_posts, read_posts
from scripts.report.datasheet import formats, make_datasheet
from scripts.store.manifest import write_manifest
from scripts.store.text_kinds import TEXT_KINDS

# A file name that works on every machine, and that an import accepts.
_PACKAGE_NAME = re.compile(r"[^/\x00-\x1f{}\ud800-\udfff]+\.json")


def check_export(config: Mapping[str, Any], data: Path) -> None:
    """Raise ConfigError if the package's place is taken, or the key file contains no key."""
    settings = ExportSettings.parse(config["export"], data)
    check_place(settings.folder)
    if settings.pseudonymise:
        read_key(settings.key_file)


def export_corpus(catalogue: Catalogue, data: Path, config: Mapping[str, Any]) -> None:
    """Write the package. It appears in its place when it is completely on disk.

    Raises ConfigError if something else is in its place, or if there is nothing to export, and
    VerificationError if a file differs from its receipt.
    """
    check_export(config, data)
    settings = ExportSettings.parse(config["export"], data)
    catalogue.check_posts()
    building = settings.folder.with_name(f".{settings.folder.name}.building")
    with storage_errors(settings.folder):
        shutil.rmtree(building, ignore_errors=True)
        try:
            # The database names files relative to the folder that contains `data`.
            _build(catalogue, data, building / "data", settings, config)
            os.sync()
            put_in_place(building / "data", settings.folder)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    console = Console(stderr=True, highlight=False)
    console.print(f"The package is in {settings.folder}.", soft_wrap=True)


def _build(
    catalogue: Catalogue,
    data: Path,
    target: Path,
    settings: ExportSettings,
    config: Mapping[str, Any],
) -> None:
    package = _build_corpus(catalogue, data, target, settings)
    write_manifest(target, describe_merged_files(config, target), target / "manifest.tsv")
    removed = len(read_removed(data / "removed.txt"))
    sheet = make_datasheet(
        target / "tiktoks.db", target / "manifest.tsv", formats(catalogue), removed
    )
    (target / "DATASHEET.md").write_text(sheet, encoding="utf-8")
    date = describe(package, target, settings, config)
    make_bag(target, date)


@contextmanager
def pseudonymised_database(
    catalogue: Catalogue, data: Path, config: Mapping[str, Any]
) -> Iterator[Path]:
    """Build the database of a pseudonymised package, and delete it at the end.

    Raises ConfigError if the key file contains no key.
    """
    settings = replace(
        ExportSettings.parse(config["export"], data), pseudonymise=True, media=False, texts=True
    )
    building = data / ".pseudonymised.building"
    with storage_errors(building):
        shutil.rmtree(building, ignore_errors=True)
        try:
            # The database names files relative to the folder that contains `data`.
            _build_corpus(catalogue, data, building / "data", settings)
            yield building / "data" / "tiktoks.db"
        finally:
            shutil.rmtree(building, ignore_errors=True)


def _build_corpus(
    catalogue: Catalogue, data: Path, target: Path, settings: ExportSettings
) -> Catalogue:
    """Write the corpus of a package into `target`, and return the catalogue of its raw info."""
    from scripts.search.index import build_index  # imported here: it loads numpy

    names = _learn(catalogue, settings) if settings.pseudonymise else None
    (target / "info").mkdir(parents=True)
    _write_raw_info(catalogue, target / "info", names)
    package = catalogue_folder(target / "info")
    contents = Contents(data, target, names)
    contents.copy_downloads(
        package, media=settings.media, captions=settings.media or settings.texts
    )
    if settings.texts:
        contents.copy_texts(package)
    merge_master(package, target, target / "master.json")
    for kind in TEXT_KINDS.values():
        merge_texts(kind.name, package, target, target / kind.merged)
    build_database(package, target, target / "tiktoks.db", build_index)
    return package


def _learn(catalogue: Catalogue, settings: ExportSettings) -> Pseudonyms:
    """Return the pseudonyms, after they have learned all names of the corpus."""
    names = Pseudonyms(read_key(settings.key_file))
    for _, posts in _by_file(catalogue):
        for post in posts:
            learn_names(post, names)
    return names


def _by_file(catalogue: Catalogue) -> Iterator[tuple[str, Iterator[Post]]]:
    """Yield each file of raw info with its posts in order, without removed ones."""
    for file in _files_of_posts(catalogue):
        yield file, _posts_of(catalogue, file)


def _files_of_posts(catalogue: Catalogue) -> list[str]:
    """Return the files with posts. Lists of links, and people's own data, are not exported."""
    return sorted(file.name for file in catalogue.inventory.files if file.posts)


def _posts_of(catalogue: Catalogue, file: str) -> Iterator[Post]:
    for post in read_posts(file, lambda _: None):
        entry = catalogue.newest.get(post.id)
        if entry is None:
            continue
        is_newest = (entry.origin.file, entry.origin.record) == (file, post.origin.record)
        # Comments that were collected separately are exported with the newest observation.
        yield next(load_posts([entry])) if is_newest and entry.comments else post


def _write_raw_info(catalogue: Catalogue, info: Path, names: Pseudonyms | None) -> None:
    """Write each file with its own name, or with a number.

    Under pseudonyms, files get numbers, because their names may reveal who made them. Files in
    subfolders, or with names that a package can't have, also get numbers: otherwise, two files
    might get the same name.
    """
    change: Callable[[Post], dict[str, Any]]
    if names is None:
        secrets = collectors_ids(post for _, posts in _by_file(catalogue) for post in posts)
        change = lambda post: cleaned(post.info, secrets) | {"id": post.id}  # noqa: E731
    else:
        change = lambda post: pseudonymised(post, names)  # noqa: E731
    files = _files_of_posts(catalogue)
    digits = len(str(len(files)))
    keep_names = names is None and all(map(_PACKAGE_NAME.fullmatch, map(os.path.basename, files)))
    keep_names = keep_names and len({Path(file).parent for file in files}) == 1
    for number, (file, posts) in enumerate(_by_file(catalogue), 1):
        # If two scrapes have the same time, the later file counts, so the order must not change.
        name = Path(file).name if keep_names else f"batch_{number:0{digits}d}.json"
        with (info / name).open("wb") as output:
            separator = b"[\n"
            for post in posts:
                output.write(separator + encode_json(change(post)))
                separator = b",\n"
            output.write(b"\n]\n")
