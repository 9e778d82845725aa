"""Make, check and publish the package as a BagIt bag."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import bagit

from scripts.errors import ConfigError, CorpusError
from scripts.files import sync

SENDER = "TikTok-Retrieval"
COPY_AGAIN = "Copy the package again, or ask its sender for another one."
_TAG_FILES = {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"}
# bagit changes the current folder of the process while it works, so it runs in its own process.
_MAKE_BAG = """
import json, sys, bagit
bagit.make_bag(sys.argv[1], json.loads(sys.argv[2]), checksums=["sha256"])
"""


class PackageError(CorpusError):
    """A package is damaged, or this workflow did not make it."""


def make_bag(folder: Path, date: str) -> None:
    """Turn a folder into a bag. date: the date of its contents, YYYY-MM-DD. Raises PackageError."""
    facts = {"Bagging-Date": date, "Internal-Sender-Identifier": SENDER}
    made = subprocess.run(
        [sys.executable, "-c", _MAKE_BAG, str(folder), json.dumps(facts)],
        check=False,
        capture_output=True,
        text=True,
    )
    if made.returncode:
        raise PackageError(f"bagit could not make a bag of {folder}: {made.stderr[-2000:]}")


def open_bag(folder: Path) -> bagit.Bag:
    """Open a bag without checking it. Raises PackageError if it is no bag, or leads elsewhere.

    The total size in the bag is ignored: a checksum shows which file is wrong, and a sum does not.
    """
    if not folder.is_dir():
        raise PackageError(f"The folder {folder} does not exist. Correct the path of the package.")
    for path in folder.rglob("*"):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise PackageError(
                f"{path} is a link or a device, and may lead anywhere. "
                "A package contains only files."
            )
    try:
        bag = bagit.Bag(str(folder))
    except (bagit.BagError, OSError, ValueError, AttributeError) as error:
        raise PackageError(f"{folder} is not a complete BagIt bag: {error}. {COPY_AGAIN}") from None
    for path in bag.entries:
        if Path(path).is_absolute() or ".." in Path(path).parts:
            raise PackageError(f"{folder} is refused: its path {path!r} leads out of it.")
    bag.info.pop("Payload-Oxum", None)
    return bag


def check_place(folder: Path) -> None:
    """Raise ConfigError unless the place is free, or contains an unchanged package."""
    _tidy_up(folder)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        bag = open_bag(folder)
        bag.validate(completeness_only=True)
        own = bag.info.get("Internal-Sender-Identifier") == SENDER
        own = own and {path.name for path in folder.iterdir()} == {*_TAG_FILES, "data"}
    except (PackageError, bagit.BagError):
        own = False
    if not own:
        raise ConfigError(
            f"{folder} exists and is not an unchanged package of this workflow. Move it away, or "
            "name another place (export.folder)."
        )


def put_in_place(built: Path, folder: Path) -> None:
    """Publish a package, and delete an older one. A crash leaves the older or the new one."""
    if folder.exists():
        folder.rename(_aside(folder))
    built.rename(folder)
    sync(folder.parent)
    _tidy_up(folder)


def _tidy_up(folder: Path) -> None:
    """Restore an older package that was moved aside, or delete it if the new one is there."""
    if _aside(folder).exists():
        if folder.exists():
            shutil.rmtree(_aside(folder))
        else:
            _aside(folder).rename(folder)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.older")
