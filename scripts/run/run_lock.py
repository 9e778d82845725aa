"""One run at a time in a corpus: a lock that the operating system drops when its holder dies."""

import os
import socket
from datetime import UTC, datetime
from pathlib import Path

from scripts.errors import CorpusError
from scripts.files import storage_errors, write_atomic


class OtherRunError(CorpusError):
    """Another run works on this corpus."""


class RunLock:
    """The lock of the corpus in the folder `data`."""

    def __init__(self, data: Path) -> None:
        self._file = data / ".lock"
        self._owner = data / ".lock.owner"

    def acquire(self) -> None:
        """Hold the lock until the process ends. Raises OtherRunError, which names the holder."""
        # Imported here, because often there is nothing to run.
        from filelock import FileLock, Timeout

        self._lock = FileLock(self._file)  # the lock lasts as long as this object
        try:
            with storage_errors(self._file):
                self._file.parent.mkdir(parents=True, exist_ok=True)
                self._lock.acquire(timeout=0)
        except Timeout:
            owner = self._owner.read_text() if self._owner.exists() else "an unnamed process"
            raise OtherRunError(
                f"Another run works on this corpus: {owner}. "
                "Wait for its end, or stop it. Nothing was changed."
            ) from None
        started = datetime.now(UTC).isoformat(sep=" ", timespec="seconds")
        owner = f"process {os.getpid()} on {socket.gethostname()}, since {started}"
        write_atomic(self._owner, owner)
