"""What is too large for the memory, and can't be read again from its place: links, comments, and
records in a gzipped file, a table or another format.

All of it is written to an unnamed temporary file as it is found, and read back as often as needed.
The system removes the file when the process ends.
"""

import marshal
import os
import tempfile
from dataclasses import dataclass, field
from typing import IO, Any


@dataclass(eq=False)
class Spool:
    """An unnamed temporary file of JSON values. Several threads may read at once.

    Nobody else can open it, and `marshal` takes a tenth of the time that JSON takes.
    """

    _file: IO[bytes] | None = field(default=None, init=False)
    _size: int = field(default=0, init=False)
    _unflushed: bool = field(default=False, init=False)

    def add(self, value: Any) -> tuple[int, int]:
        """Keep a value. Returns the place to give to `read`."""
        content = marshal.dumps(value)
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

    def read(self, start: int, end: int) -> Any:
        """What was kept at a place."""
        self.flush()
        if self._file is None:
            raise ValueError("nothing was kept")
        return marshal.loads(os.pread(self._file.fileno(), end - start, start))  # noqa: S302
