"""Zip files of media in `data/info`, as the scraper exports them: each member counts as a file.

A member has the path of its archive, then its name: `data/info/media_1.zip/videos/7155….mp4`. The
name is untrusted: it only tells which post a member belongs to, and nothing is written under it.
"""

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO

SIGNATURE = b"PK\x03\x04"
MOST_MEMBERS = 100_000
MOST_BYTES = 2**31  # of one member: far more than any post has


# What collectors save. What a file is shows in its first bytes, later.
_MEDIA = {
    *(".mp4", ".m4v", ".mov", ".webm", ".jpg", ".jpeg", ".png", ".webp", ".heic", ".avif", ".gif"),
    *(".image", ".vtt", ".srt"),
}


@dataclass(frozen=True, slots=True)
class Status:
    """Size and time of a file or of a member."""

    size_bytes: int
    modified_ns: int


def members(archive: Path) -> tuple[list[Path], list[str]]:
    """The paths of all members that are media, and the names of the other files.

    Raises OSError for an archive that is damaged, or has too many members.
    """
    names = [info.filename for info in _opened(archive).infolist() if not info.is_dir()]
    if len(names) > MOST_MEMBERS:
        raise OSError(f"it has {len(names):,} members, and {MOST_MEMBERS:,} are the most")
    media = [name for name in names if _is_medium(Path(name))]
    rest = sorted(set(names).difference(media))
    return [archive / name for name in dict.fromkeys(media)], rest


def file_of(path: Path) -> Path:
    """The archive that a path leads into, or the path itself."""
    return _archive_of(path) or path


@contextmanager
def open_member(path: Path) -> Iterator[tuple[IO[bytes], Status]]:
    """A member opened for reading, piece by piece, with its status.

    Raises OSError, also while reading, for anything but a whole file of a reasonable size.
    """
    archive = _archive_of(path)
    if archive is None:
        raise FileNotFoundError(f"no archive has {path.name}")
    try:
        opened = _opened(archive)
        info = opened.getinfo(path.relative_to(archive).as_posix())
        if info.file_size > MOST_BYTES:
            raise OSError(f"it has {info.file_size:,} bytes, and {MOST_BYTES:,} are the most")
        modified_at = datetime(*info.date_time, tzinfo=UTC).timestamp()
        with opened.open(info) as member:
            yield member, Status(info.file_size, int(modified_at) * 10**9)
    except KeyError:
        raise FileNotFoundError(f"the archive has no {path.name}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        raise OSError(f"the archive is damaged ({error})") from error
    except (NotImplementedError, RuntimeError) as error:  # encrypted, or a rare compression
        raise OSError(f"it can't be unpacked ({error})") from error


def _is_medium(name: Path) -> bool:
    """By its name, which must not lead out of the archive."""
    return name.suffix.lower() in _MEDIA and not name.is_absolute() and ".." not in name.parts


def _archive_of(path: Path) -> Path | None:
    for parent in path.parents:
        if parent.is_file():
            return parent
        if parent.is_dir():
            return None
    return None


def _opened(archive: Path) -> zipfile.ZipFile:
    status = archive.stat()
    return _open(os.fspath(archive.absolute()), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=16)
def _open(archive: str, size_bytes: int, changed_at: int) -> zipfile.ZipFile:
    """Opened once for each state of the file: the list of members is long."""
    try:
        return zipfile.ZipFile(archive)
    except (zipfile.BadZipFile, ValueError, EOFError) as error:
        raise OSError(f"the zip file is damaged or was cut ({error})") from error
