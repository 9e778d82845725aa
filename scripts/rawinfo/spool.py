"""Records that can't be read again from their place: in a gzipped file, a table, another format.

They are written to an unnamed temporary file as they are found, so that memory stays bounded, and
read back as often as needed. The system removes the file when the process ends.
"""

import os
import tempfile
from dataclasses import dataclass, field
from typing import IO


@dataclass(eq=False)
class Spool:
    """An unnamed temporary file of byte strings. Several threads may read at once."""

    _file: IO[bytes] | None = field(default=None, init=False)
    _size: int = field(default=0, init=False)
    _unflushed: bool = field(default=False, init=False)

    def add(self, content: bytes) -> tuple[int, int]:
        """Keep `content`. Returns the place to give to `read`."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="tiktok-records-")  # noqa: SIM115
        self._file.write(content)
        self._unflushed = True
        start, self._size = self._size, self._size + len(content)
        return start, self._size

    def flush(self) -> None:
        """Call it after the last `add`, before any `read`."""
        if self._file is not None and self._unflushed:
            self._file.flush()
            self._unflushed = False

    def read(self, start: int, end: int) -> bytes:
        """What was kept at a place."""
        self.flush()
        if self._file is None:
            return b""
        return os.pread(self._file.fileno(), end - start, start)
