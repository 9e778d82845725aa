"""Copy media to the mirror, and restore missing ones from it."""

from collections.abc import Collection
from pathlib import Path

from rich.console import Console

from scripts.counts import counted
from scripts.curation.batches import in_threads
from scripts.download.downloader import Downloader
from scripts.download.mirror import Mirror
from scripts.errors import ConfigError, MirrorError, examples
from scripts.plan.downloads import Download, Plan
from scripts.store.manifest import Manifest, ManifestLine, line_of
from scripts.store.media_kinds import MEDIA_KINDS

MOST_EXAMPLES = 10
# The names of rules.
PUSHES = "mirror"
RESTORES = "fetch"


def check_mirror(mirror: Mirror | None, rules: Collection[str], plan: Plan) -> None:
    """Raise ConfigError, before any job starts, if the mirror is needed and can't be used.

    rules: the names of the rules that will run.
    """
    wanted = _first_wanted(plan)
    if mirror is not None:
        if wanted is not None or PUSHES in rules:
            mirror.check(wanted, pushes=PUSHES in rules)
    elif PUSHES in rules or RESTORES in rules:
        raise ConfigError(
            "`mirror` is empty in config.yaml: name the place where copies of the media are."
        )


def _first_wanted(plan: Plan) -> ManifestLine | None:
    """Return the manifest's line of a file that this run will request from the mirror, or None."""
    for download in plan.all():
        if download.is_wanted_from_mirror and download.in_manifest is not None:
            return line_of(MEDIA_KINDS[download.kind], download.name, download.in_manifest)
    return None


def push_missing(mirror: Mirror, manifest: Manifest, data: Path, threads: int) -> None:
    """Copy the files in the manifest and in `data` that the mirror lacks to the mirror.

    It never overwrites anything there. At the end, it raises MirrorError for files that could not
    be copied, or that have another size there.
    """
    there = mirror.sizes()
    here = [line for line in _media(manifest) if (data / line.path).exists()]
    missing = [line.path for line in here if line.path not in there]
    differing = [
        f"{line.path} on the mirror is a different file, with {there[line.path]:,} bytes"
        for line in here
        if there.get(line.path, line.size_bytes) != line.size_bytes
    ]
    problems: list[str] = []

    def push(path: str) -> None:
        try:
            mirror.push(data / path, path)
        except MirrorError as error:
            problems.append(f"{path}: {error}")

    in_threads(push, missing, threads, "To the mirror")
    copied = len(missing) - len(problems)
    Console(stderr=True).print(
        f"Copied {counted(copied, 'files')} to {mirror.address}.", soft_wrap=True
    )
    if problems or differing:
        raise MirrorError(examples([*differing, *sorted(problems)], "; ", MOST_EXAMPLES))


def restore_missing(downloader: Downloader, plan: Plan, data: Path, threads: int) -> None:
    """Restore every missing file that the mirror may have, and print how many were restored."""
    missing = [download for download in plan.all() if download.is_wanted_from_mirror]

    def restore(download: Download) -> None:
        log = Path("logs", download.kind, f"{download.name}.log")
        downloader.fetch(download, download.media(data), download.receipt(data), log)

    in_threads(restore, missing, threads, "From the mirror")
    restored = sum(download.media(data).stat().st_size > 0 for download in missing)
    Console(stderr=True).print(
        f"Restored {restored:,} of {counted(len(missing), 'missing files')}."
    )


def _media(manifest: Manifest) -> list[ManifestLine]:
    return [line for line in manifest.lines.values() if line.sha256 and not line.is_merged]
