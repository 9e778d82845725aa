"""Keep a corpus: put its files to the mirror, and check that each is what the manifest says."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from scripts import speech
from scripts.download.damaged import recheck_all
from scripts.download.downloader import Downloader
from scripts.download.mirror import Mirror, NotThereError
from scripts.errors import ConfigError, CorpusError, MirrorError, examples
from scripts.files import hash_file
from scripts.merge.json_files import MERGED_FILES
from scripts.plan.downloads import Download, Plan
from scripts.store import texts
from scripts.store.manifest import Manifest, ManifestLine, line_of
from scripts.store.media_kinds import KINDS

MOST_EXAMPLES = 10
PUSHES = "mirror"
RESTORES = "fetch"


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
    return {
        path: {
            "settings": {name: settings[name] for name in names if name in settings},
            "versions": {name: versions[name] for name in names},
        }
        for path, names in MERGED_FILES.items()
    }


def _versions(data: Path, kind: str) -> str:
    """Of all that made the texts."""
    receipts = (data / "receipts" / kind).glob("*.json")
    versions = {texts.read_facts(receipt).get("version") for receipt in receipts}
    return "; ".join(sorted(filter(None, versions)))


def check_mirror(mirror: Mirror | None, rules: Collection[str], plan: Plan) -> None:
    """Raise ConfigError, before any job starts, where the mirror can't be used.

    rules: names of those that run.
    """
    wanted = _first_wanted(plan)
    if mirror is not None:
        if wanted is not None or PUSHES in rules:
            mirror.check(wanted, pushes=PUSHES in rules)
    elif PUSHES in rules or RESTORES in rules:
        raise ConfigError(
            "`mirror` is empty in config.yaml: name the place where the media are kept."
        )


def _first_wanted(plan: Plan) -> ManifestLine | None:
    """A file that this run will ask the mirror for."""
    for download in plan.all():
        if download.is_wanted_of_mirror and download.kept is not None:
            return line_of(KINDS[download.kind], download.name, download.kept)
    return None


def push_missing(mirror: Mirror, manifest: Manifest, data: Path, threads: int) -> None:
    """Put to the mirror what the manifest names and the mirror lacks, as far as it is in `data`.

    Nothing there is ever overwritten. Raises MirrorError, at the end, for files that could not be
    put there, or that are there with another size.
    """
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
            problems.append(f"{path}: {error}")

    _in_threads(push, missing, threads, "To the mirror")
    Console(stderr=True).print(f"{len(missing) - len(problems):,} files put to {mirror.address}.")
    if problems or differing:
        raise MirrorError(examples([*differing, *sorted(problems)], "; ", MOST_EXAMPLES))


def restore_missing(downloader: Downloader, plan: Plan, data: Path, threads: int) -> None:
    """Have every file that the mirror may have and that isn't here. Says how many there are."""
    missing = [download for download in plan.all() if download.is_wanted_of_mirror]

    def restore(download: Download) -> None:
        log = Path("logs", download.kind, f"{download.name}.log")
        downloader.fetch(download, download.media(data), download.receipt(data), log)

    _in_threads(restore, missing, threads, "From the mirror")
    restored = sum(download.media(data).stat().st_size > 0 for download in missing)
    Console(stderr=True).print(f"{restored:,} of {len(missing):,} missing files restored.")


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
    if complete := recheck_all(data):
        Console(stderr=True).print(
            f"{len(complete):,} files in {data / 'damaged'} are complete, and were put in their "
            f"places: {examples(complete, most=MOST_EXAMPLES)}. Run `snakemake` to use them.",
            soft_wrap=True,
        )
    wrong: dict[str, list[str]] = {
        "missing": [],
        "changed": [],
        "not readable": [],
        "not in the manifest": [],
    }

    def check(line: ManifestLine) -> None:
        file = data / line.path
        try:
            if file.exists():
                found = hash_file(file)
            elif mirror is not None and not line.is_merged:
                found = mirror.hash(line)
            else:
                found = None
        except NotThereError:
            found = None
        except (MirrorError, OSError) as error:
            wrong["not readable"].append(f"{line.path} ({error})")
            return
        if found is None:
            wrong["missing"].append(line.path)
        elif found != line.sha256:
            wrong["changed"].append(line.path)

    lines = [line for line in manifest.lines.values() if line.sha256]
    _in_threads(check, lines, threads, "Verify")
    wrong["not in the manifest"] += sorted(_extra(manifest, data))
    found = [
        f"{len(paths):,} {name}: {examples(sorted(paths), most=MOST_EXAMPLES)}"
        for name, paths in wrong.items()
        if paths
    ]
    if not_removed:
        # All of them: somebody has to delete each.
        found.append(f"{len(not_removed):,} of removed TikToks: {', '.join(not_removed)}")
    differences = _differences(manifest, results)
    if found:
        raise VerificationError(". ".join(["; ".join(found), *differences]))
    for sentence in (f"{len(lines):,} files are what the manifest says.", *differences):
        Console(stderr=True).print(sentence, markup=False, highlight=False, soft_wrap=True)


def _differences(manifest: Manifest, results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """For each tool with another version than the one that made merged files: which, and whose."""
    affected: dict[str, list[str]] = {}
    for path, facts in results.items():
        line = manifest.lines.get(path)
        versions = line.receipt.get("versions", {}) if line is not None else {}
        for tool, then in versions.items():
            now = facts["versions"].get(tool)
            if now != then:
                change = f"{tool} was {then or 'not used'}, and here it is {now or 'not used'}"
                affected.setdefault(change, []).append(path)
    return [f"Other tools: {change} ({', '.join(paths)})" for change, paths in affected.items()]


def _extra(manifest: Manifest, data: Path) -> Iterator[str]:
    for kind in KINDS.values():
        for file in (data / kind.name).rglob(f"*{kind.suffix}"):
            path = str(file.relative_to(data))
            is_media = not file.name.startswith(".") and file.stat().st_size > 0
            if is_media and path not in manifest.lines:
                yield path


def _media(manifest: Manifest) -> list[ManifestLine]:
    return [line for line in manifest.lines.values() if line.sha256 and not line.is_merged]


def _in_threads(work: Callable[[Any], None], items: list[Any], threads: int, title: str) -> None:
    with ThreadPoolExecutor(threads) as pool:
        done = pool.map(work, items)
        for _ in track(done, title, len(items), console=Console(stderr=True), transient=True):
            pass
