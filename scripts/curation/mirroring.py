"""Copy media to the mirror, and restore missing ones from it."""

from collections.abc import Collection
from pathlib import Path

from rich.console import Console

from scripts.curation.batches import in_threads
from scripts.download.downloader import Downloader
from scripts.download.mirror import Mirror
from scripts.errors import ConfigError, MirrorError, examples
from scripts.plan.downloads import Download, Plan
from scripts.store.manifest import Manifest, ManifestLine, line_of
from scripts.store.media_kinds import MEDIA_KINDS

MOST_EXAMPLES = 10
# Names of rules.
PUSHES = "mirror"
RESTORES = "fetch"


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
            return line_of(MEDIA_KINDS[download.kind], download.name, download.kept)
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

    in_threads(push, missing, threads, "To the mirror")
    Console(stderr=True).print(f"{len(missing) - len(problems):,} files put to {mirror.address}.")
    if problems or differing:
        raise MirrorError(examples([*differing, *sorted(problems)], "; ", MOST_EXAMPLES))


def restore_missing(downloader: Downloader, plan: Plan, data: Path, threads: int) -> None:
    """Have every file that the mirror may have and that isn't here. Says how many there are."""
    missing = [download for download in plan.all() if download.is_wanted_of_mirror]

    def restore(download: Download) -> None:
        log = Path("logs", download.kind, f"{download.name}.log")
        downloader.fetch(download, download.media(data), download.receipt(data), log)

    in_threads(restore, missing, threads, "From the mirror")
    restored = sum(download.media(data).stat().st_size > 0 for download in missing)
    Console(stderr=True).print(f"{restored:,} of {len(missing):,} missing files restored.")


def _media(manifest: Manifest) -> list[ManifestLine]:
    return [line for line in manifest.lines.values() if line.sha256 and not line.is_merged]
