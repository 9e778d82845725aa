"""Keep on disk what is too large for memory and can't be read again from its own file.

These are links, comments, and records in gzipped files, tables and other formats. They are written
to an unnamed temporary file as they are found, and read back as often as needed. The system removes
the file when the process ends.
"""

import marshal
import os
import tempfile
from dataclasses import dataclass, field
from typing import IO, Any

BUFFER_BYTES = 1 << 18


@dataclass(eq=False)
class Spool:
    """An unnamed temporary file of JSON values. Several threads may read at the same time.

    It uses `marshal`, which takes a tenth of JSON's time. This is safe, because no other process
    can open the file.
    """

    _file: IO[bytes] | None = field(default=None, init=False)
    _size: int = field(default=0, init=False)
    _unflushed: bool = field(default=False, init=False)

    def add(self, value: Any) -> tuple[int, int]:
        """Keep a value, and return its place, to pass to `read`."""
        content = marshal.dumps(value)
        if self._file is None:
            self._file = tempfile.TemporaryFile(  # noqa: SIM115
                prefix="tiktok-records-", buffering=BUFFER_BYTES
            )
        self._file.write(content)
        self._unflushed = True
        start, self._size = self._size, self._size + len(content)
        return start, self._size

    def read(self, start: int, end: int) -> Any:
        """Return the value that was kept at a place."""
        if self._file is None:
            raise ValueError("nothing was kept")
        if self._unflushed:
            self._file.flush()
            self._unflushed = False
        return marshal.loads(os.pread(self._file.fileno(), end - start, start))  # noqa: S302
