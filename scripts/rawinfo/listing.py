"""Decide which entries of `data/info/` are read as raw info, and why the others are not.

All modules get the list of these files from here, so that they agree. Names do not matter: every
regular file is read, also in subfolders, and its content decides what it is. Media have their own
list. Every other entry is named with the reason, so that nothing is ignored silently.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from scripts.errors import RawInfoError, examples
from scripts.files import TEMPORARY_SUFFIX
from scripts.rawinfo import archives
from scripts.rawinfo.media_files import HEAD_BYTES, type_of_media
from scripts.rawinfo.problems import Problem

# Files that version control and operating systems leave in folders.
_NOT_DATA = {".gitkeep", ".gitignore", ".gitattributes", ".DS_Store", "Thumbs.db", "desktop.ini"}
_APPLE_DOUBLE = "._"


class UnreadableFileError(RawInfoError):
    """An entry can't be read as a file. The message says why, and `remedy` what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Listing:
    """The files to read, the media, both sorted, and a problem for every other entry."""

    files: list[Path]
    media: list[Path]
    problems: list[Problem]


def list_raw_info(folder: Path) -> Listing:
    """List the entries of `folder` and its subfolders. A missing folder has no entries."""
    files: list[Path] = []
    media: list[Path] = []
    problems: list[Problem] = []
    pending = [folder] if os.path.lexists(folder) else []
    while pending:
        path = pending.pop()
        try:
            if path == folder or _is_folder(path):
                pending += _entries(path)
                continue
            head = _read_head(path)
            if head.startswith(archives.SIGNATURE):
                media += _unpacked(path, problems)
            else:
                (files if type_of_media(head) is None else media).append(path)
        except UnreadableFileError as error:
            problems.append(Problem(str(path), None, None, str(error), error.remedy))
    problems.sort(key=lambda problem: problem.file)
    return Listing(sorted(files, key=str), sorted(media, key=str), problems)


def _read_head(path: Path) -> bytes:
    """Return the first bytes. Raises UnreadableFileError for anything but a readable file."""
    with open_raw_info(path) as file:
        try:
            return file.read(HEAD_BYTES)
        except OSError as error:
            raise _unreadable(error) from error


def _unpacked(path: Path, problems: list[Problem]) -> list[Path]:
    """Return the media in a zip file. Its other contents are reported as a problem."""
    try:
        media, rest = archives.members(path)
    except OSError as error:
        remedy = "Copy it again, or export it again"
        raise UnreadableFileError(f"the zip file can't be read ({error})", remedy) from error
    if rest:
        message = f"only media are read from zip files, but this one contains {examples(rest)}"
        problems.append(Problem(str(path), None, None, message, "Unpack it here"))
    return media


def open_raw_info(path: Path) -> IO[bytes]:
    """Open a file for reading. Raises UnreadableFileError for anything but a readable file.

    It never opens a FIFO or a device, which could wait forever.
    """
    _check_name(path.name)
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode):
            return path.open("rb")
    except FileNotFoundError:
        if path.is_symlink():
            raise UnreadableFileError(
                "the target of this link is missing", "Restore the target, or remove the link"
            ) from None
        raise UnreadableFileError("the file does not exist", "Check the path") from None
    except (OSError, ValueError) as error:  # ValueError: the path contains NUL
        raise _unreadable(error) from error
    if stat.S_ISDIR(mode):
        raise UnreadableFileError(
            "links to folders are not followed", "Move the folder itself here, or link its files"
        )
    raise UnreadableFileError("it is a device, a pipe or a socket, not a file", "Remove it")


def _is_folder(path: Path) -> bool:
    """True for a folder. Links to folders don't count, because they could lead in a circle."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False  # opening it will show the reason


def _check_name(name: str) -> None:
    # Snakemake takes braces for wildcards, and its lists of files have one name a line.
    if set("{}") & set(name) or any(ord(char) < ord(" ") for char in name):
        raise UnreadableFileError("its name contains braces or control characters", "Rename it")


def _entries(folder: Path) -> list[Path]:
    """Return the paths of the entries of a folder. Raises UnreadableFileError."""
    if folder.name.startswith("."):
        raise UnreadableFileError(
            "hidden folders are not read", "Rename it without the dot, or move it elsewhere"
        )
    try:
        return [path for path in folder.iterdir() if not _is_left_by_programs(path.name)]
    except OSError as error:
        raise _unreadable(error) from error


def _is_left_by_programs(name: str) -> bool:
    """True for files that programs leave in every folder, and for unfinished files."""
    being_written = name.startswith(".") and name.endswith(TEMPORARY_SUFFIX)
    return name in _NOT_DATA or name.startswith(_APPLE_DOUBLE) or being_written


def _unreadable(error: OSError | ValueError) -> UnreadableFileError:
    reason = getattr(error, "strerror", None) or error
    return UnreadableFileError(f"it can't be read ({reason})", "Check its permissions and the disk")
