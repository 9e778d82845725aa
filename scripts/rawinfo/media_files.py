"""Recognise media by their first bytes. They are used as media, and not read as raw info."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from scripts.rawinfo.archives import Status, file_of, open_member

VIDEO, IMAGE, CAPTIONS, SOUND = "video", "image", "captions", "sound"
HEAD_BYTES = 64

# The formats that collectors save. `scripts.media` later verifies the whole file.
_TYPES = {
    CAPTIONS: re.compile(rb"(?:\xef\xbb\xbf)?(?:WEBVTT|1\r?\n[0-9:.,]{8,12} -->)"),
    IMAGE: re.compile(
        rb"\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|....ftyp(?:avi[fs]|he[iv]|mif1|msf1)", re.DOTALL
    ),
    SOUND: re.compile(rb"....ftypM4A|ID3|\xff[\xf1\xfa\xfb]|OggS", re.DOTALL),
    VIDEO: re.compile(rb"....ftyp|\x1a\x45\xdf\xa3", re.DOTALL),
}


def type_of_media(head: bytes) -> str | None:
    """Return the type of a medium that begins with these bytes; None if it is not a medium."""
    return next((name for name, pattern in _TYPES.items() if pattern.match(head)), None)


def type_of_file(file: Path) -> str | None:
    """Return the type of a media file; None if it is not a medium, or can't be read."""
    try:
        with open_medium(file) as (opened, _):
            return type_of_media(opened.read(HEAD_BYTES))
    except OSError:
        return None


@contextmanager
def open_medium(path: Path) -> Iterator[tuple[IO[bytes], Status]]:
    """Open a file or a member of an archive for reading, and return it with its size and time.

    Raises OSError for anything else, also while reading.
    """
    if file_of(path) != path:
        with open_member(path) as opened:
            yield opened
        return
    with open_regular(path) as file:
        status = os.fstat(file.fileno())
        yield file, Status(status.st_size, status.st_mtime_ns)


def open_regular(file: Path) -> IO[bytes]:
    """Open a regular file for reading. It follows no link and never waits for a pipe.

    Raises OSError for anything else.
    """
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("it is a device, a pipe or a folder, not a file")
    return os.fdopen(descriptor, "rb")
