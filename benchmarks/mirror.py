"""What a corpus costs to restore and to verify: `python -m benchmarks.mirror [rounds]`.

2,000 files of about half a megabyte (1 GB in all) come from a mirror in a folder:

- restoring, as the jobs of a run do (`Mirror.fetch` in threads), against `rsync -a --checksum`,
  with and without `--fsync`, because a run also syncs its files;
- restoring by the whole workflow (`snakemake fetch`), against the same;
- verifying, against `sha256sum` on all cores (`xargs -P`).

They take turns, because other load changes the figures. Nothing is dropped from the page cache.
"""

import hashlib
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.programs import require
from benchmarks.rawinfo import made_up_record
from scripts.curation import verification
from scripts.download.mirror import Mirror
from scripts.store.manifest import Manifest, ManifestLine, line_of, write_manifest
from scripts.store.media_kinds import VIDEOS
from scripts.store.receipts import OK, Receipt, write_receipt

PROJECT = Path(__file__).parents[1]
WORK = Path(__file__).parent / "work" / "mirror"
FILES = 2000
SIZES = (200_000, 800_000)
THREADS = 8
CORES = os.cpu_count() or 1
FIRST_ID = 7_000_000_000_000_000_000
SETTINGS = {"per_host": 8, "host_patience": 10, "deadline_s": 600, "ca_bundle": ""}


def make_mirror(folder: Path) -> Manifest:
    """Files of random bytes, the same every time, and their manifest."""
    chance, lines = random.Random(1), {}
    (folder / VIDEOS.name).mkdir(parents=True)
    for number in range(FILES):
        id, content = str(FIRST_ID + number), chance.randbytes(chance.randint(*SIZES))
        VIDEOS.media(folder, id).write_bytes(content)
        had = {"downloaded_at": 1_700_000_000, "size_bytes": len(content)}
        receipt = Receipt(id, VIDEOS.name, OK, sha256=hashlib.sha256(content).hexdigest(), **had)
        line = line_of(VIDEOS, id, receipt)
        lines[line.path] = line
    return Manifest(lines)


def restore_in_threads(manifest: Manifest, kept: Path, target: Path) -> float:
    mirror = Mirror(str(kept), SETTINGS)

    def fetch(line: ManifestLine) -> None:
        mirror.fetch(line, target, keep_free_mb=0)

    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(fetch, manifest.lines.values()))
    return time.perf_counter() - start


def restore_by_workflow(manifest: Manifest, kept: Path, folder: Path) -> float:
    data = folder / "data"
    (data / "info").mkdir(parents=True)
    for line in manifest.lines.values():
        receipt = manifest.receipt(VIDEOS, Path(line.path).stem)
        write_receipt(VIDEOS.receipt(data, receipt.id), receipt)
    write_manifest(data, {}, data / "manifest.tsv")
    shutil.rmtree(data / "receipts")
    ids = [Path(path).stem for path in manifest.lines]
    records = [made_up_record() | {"id": id, "coverphoto-src": ""} for id in ids]
    (data / "info" / "batch.json").write_text(json.dumps(records))
    (folder / "config.yaml").write_text(json.dumps({"mirror": str(kept)}))
    command = [sys.executable, "-m", "snakemake", "--cores", str(THREADS), "fetch"]
    command += ["--snakefile", PROJECT / "Snakefile", "--directory", folder]
    return timed([*command, "--configfile", folder / "config.yaml"])


def restore_by_rsync(kept: Path, target: Path, *options: str) -> float:
    return timed(["rsync", "-a", "--checksum", *options, f"{kept}/", f"{target}/"])


def verify(manifest: Manifest, kept: Path) -> float:
    start = time.perf_counter()
    verification.verify(manifest, kept, None, {}, CORES)
    return time.perf_counter() - start


def verify_by_sha256sum(manifest: Manifest, kept: Path) -> float:
    """Verify with a list of checksums, in parts of 50 files."""
    sums = "".join(f"{line.sha256}  {line.path}\n" for line in manifest.lines.values())
    (WORK / "sums").write_text(sums)
    check = (
        f"xargs -P{CORES} -d '\\n' -n50 sh -c 'printf \"%s\\n\" \"$@\" | sha256sum -c --quiet' _"
    )
    return timed(["sh", "-c", f"cd {kept} && {check} < {WORK / 'sums'}"])


def timed(command: list[str | Path]) -> float:
    output = WORK / "output.txt"
    with output.open("w") as file:
        start = time.perf_counter()
        done = subprocess.run(command, check=False, stdout=file, stderr=subprocess.STDOUT)
        wall_s = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {output.read_text()[-2000:]}")
    return wall_s


def into_new_folder(restore: Callable[[Path], float], find: str = "") -> float:
    """The seconds that `restore` takes. Its files are then counted and deleted."""
    target = WORK / "restored"
    target.mkdir()
    os.sync()  # so that it need not wait for earlier writes
    wall_s = restore(target)
    restored = len(list((target / find / VIDEOS.name).glob("*.mp4")))
    if restored != FILES:
        raise RuntimeError(f"{restored} files instead of {FILES}")
    shutil.rmtree(target)
    return wall_s


def main(rounds: int = 5) -> None:
    require("rsync")
    shutil.rmtree(WORK, ignore_errors=True)
    kept = WORK / "kept"
    manifest = make_mirror(kept)
    size_mb = sum(line.size_bytes for line in manifest.lines.values()) / 1e6
    print(f"{FILES:,} files, {size_mb:,.0f} MB, {CORES} cores\n")
    measures: dict[str, Callable[[], float]] = {
        "rsync": lambda: into_new_folder(lambda to: restore_by_rsync(kept, to)),
        "rsync --fsync": lambda: into_new_folder(lambda to: restore_by_rsync(kept, to, "--fsync")),
        "fetch": lambda: into_new_folder(lambda to: restore_in_threads(manifest, kept, to)),
        "workflow": lambda: into_new_folder(
            lambda to: restore_by_workflow(manifest, kept, to), "data"
        ),
        "sha256sum": lambda: verify_by_sha256sum(manifest, kept),
        "verify": lambda: verify(manifest, kept),
    }
    print(f"| {', s | '.join(measures)}, s |\n|{'---:|' * len(measures)}")
    seconds: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            seconds[name].append(measure())
        print(f"| {' | '.join(f'{seconds[name][-1]:.2f}' for name in measures)} |", flush=True)
    print("\nMedians of the ratios:")
    for ours, peer in (
        ("fetch", "rsync"),
        ("fetch", "rsync --fsync"),
        ("workflow", "rsync"),
        ("workflow", "rsync --fsync"),
        ("verify", "sha256sum"),
    ):
        pairs = zip(seconds[ours], seconds[peer], strict=True)
        print(f"{ours} / {peer}: {statistics.median(a / b for a, b in pairs):.2f}")
    shutil.rmtree(WORK)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
