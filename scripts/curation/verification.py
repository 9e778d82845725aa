"""Check that every file has the checksum in the manifest."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from scripts.counts import counted, them
from scripts.curation.batches import in_threads
from scripts.download.damaged import recheck_all
from scripts.download.mirror import Mirror, NotThereError
from scripts.errors import CorpusError, MirrorError, examples
from scripts.files import hash_file
from scripts.store.manifest import Manifest, ManifestLine
from scripts.store.media_kinds import MEDIA_KINDS
from scripts.store.paths import is_merged

MOST_EXAMPLES = 10
MISSING, CHANGED, UNREADABLE = "missing", "changed", "not readable"
UNKNOWN = "not in the manifest"
_REMEDIES = {
    MISSING: "Run `snakemake --cores 8` to restore missing media from the mirror and to build "
    "missing merged files",
    CHANGED: "Move changed media away, then run `snakemake --cores 8` to restore them from the "
    "mirror",
    UNREADABLE: "Check the permissions, the disk and the mirror, and verify again",
    UNKNOWN: "Run `snakemake --cores 8` to list files of posts in data/info in the manifest",
}


class VerificationError(CorpusError):
    """Files are missing, changed or unknown."""


def verify(
    manifest: Manifest,
    data: Path,
    mirror: Mirror | None,
    results: Mapping[str, Mapping[str, Any]],
    threads: int,
    not_removed: Sequence[str] = (),
) -> None:
    """Hash every file of the manifest again, here or, if it is missing here, on the mirror.

    results: what `describe_merged_files` returns on this machine. not_removed: what `report_rest`
    returns. Raises VerificationError, which lists what is missing, changed or unknown, and what
    still belongs to removed posts.
    """
    if complete := recheck_all(data):
        Console(stderr=True).print(
            f"{counted(len(complete), 'files')} in {data / 'damaged'} turned out to be complete. "
            f"Now in use: {examples(complete, most=MOST_EXAMPLES)}. Run "
            f"`snakemake --cores 8` to build the corpus with {them(len(complete))}.",
            soft_wrap=True,
        )
    lines = [line for line in manifest.lines.values() if line.sha256]
    wrong = _check(lines, data, mirror, threads) | {UNKNOWN: sorted(_extra(manifest, data))}
    differences = _differences(manifest, results)
    if found := _describe(wrong, not_removed):
        raise VerificationError(". ".join([*found, *differences]))
    for sentence in (f"{counted(len(lines), 'files', 'match')} the manifest.", *differences):
        Console(stderr=True).print(sentence, markup=False, highlight=False, soft_wrap=True)


def _check(
    lines: Sequence[ManifestLine], data: Path, mirror: Mirror | None, threads: int
) -> dict[str, list[str]]:
    """Return the paths that are missing, changed or unreadable, by what is wrong with them."""
    wrong: dict[str, list[str]] = {MISSING: [], CHANGED: [], UNREADABLE: []}

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
            wrong[UNREADABLE].append(f"{line.path} ({error})")
            return
        if found is None:
            wrong[MISSING].append(line.path)
        elif found != line.sha256:
            wrong[CHANGED].append(line.path)

    in_threads(check, lines, threads, "Verify")
    return wrong


def _describe(wrong: Mapping[str, list[str]], not_removed: Sequence[str]) -> list[str]:
    """Return a sentence that lists what is wrong, and the remedies. [] if nothing is wrong."""
    found = [
        f"{len(paths):,} {what}: {examples(sorted(paths), most=MOST_EXAMPLES)}"
        for what, paths in wrong.items()
        if paths
    ]
    if not_removed:
        # List all of them, because somebody has to delete each one.
        found.append(f"{len(not_removed):,} left of removed TikToks: {', '.join(not_removed)}")
    if not found:
        return []
    # Another version of a tool changes merged files, which is no reason to move them away.
    remedies = [
        _REMEDIES[what]
        for what, paths in wrong.items()
        if paths and not (what == CHANGED and all(map(is_merged, paths)))
    ]
    return ["; ".join(found), *remedies]


def _differences(manifest: Manifest, results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each tool that had another version when it made a merged file."""
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
    for kind in MEDIA_KINDS.values():
        for file in (data / kind.name).rglob(f"*{kind.suffix}"):
            path = str(file.relative_to(data))
            is_media = not file.name.startswith(".") and file.stat().st_size > 0
            if is_media and path not in manifest.lines:
                yield path
