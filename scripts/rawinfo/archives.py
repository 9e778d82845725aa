"""Read zip files of media in `data/info`, as the scraper exports them: each member is one file.

The path of a member is that of its archive, then its name:
`data/info/media_1.zip/videos/7155….mp4`. The name is untrusted: it only says which post the member
belongs to, and no file gets this name.
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
MOST_BYTES = 2**31  # in one member: far more than any post has


# The endings of files that collectors save. Their first bytes later decide what they are.
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
    """Return the paths of all members that are media, and the names of the other files.

    Raises OSError if the archive is damaged, or has too many members.
    """
    names = [info.filename for info in _opened(archive).infolist() if not info.is_dir()]
    if len(names) > MOST_MEMBERS:
        raise OSError(f"it has {len(names):,} members, more than the limit of {MOST_MEMBERS:,}")
    media = [name for name in names if _is_medium(Path(name))]
    rest = sorted(set(names).difference(media))
    return [archive / name for name in dict.fromkeys(media)], rest


def file_of(path: Path) -> Path:
    """Return the archive that contains a path, or the path itself."""
    return _archive_of(path) or path


@contextmanager
def open_member(path: Path) -> Iterator[tuple[IO[bytes], Status]]:
    """Open a member for reading, and return it with its status.

    Raises OSError, also while reading, unless the member is a whole file of a reasonable size.
    """
    archive = _archive_of(path)
    if archive is None:
        raise FileNotFoundError(f"no archive contains {path.name}")
    try:
        opened = _opened(archive)
        info = opened.getinfo(path.relative_to(archive).as_posix())
        if info.file_size > MOST_BYTES:
            raise OSError(f"it has {info.file_size:,} bytes, more than the limit of {MOST_BYTES:,}")
        modified_at = datetime(*info.date_time, tzinfo=UTC).timestamp()
        with opened.open(info) as member:
            yield member, Status(info.file_size, int(modified_at) * 10**9)
    except KeyError:
        raise FileNotFoundError(f"the archive does not contain {path.name}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        raise OSError(f"the archive is damaged ({error})") from error
    except (NotImplementedError, RuntimeError) as error:  # encrypted, or a rare compression
        raise OSError(f"it can't be unpacked ({error})") from error


def _is_medium(name: Path) -> bool:
    """True if the name is that of a medium, and does not lead out of the archive."""
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
    """Open an archive once for each state of the file, because its list of members is long."""
    try:
        return zipfile.ZipFile(archive)
    except (zipfile.BadZipFile, ValueError, EOFError) as error:
        raise OSError(f"the zip file is damaged or was cut ({error})") from error
