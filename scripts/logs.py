"""The log of each job."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path


def append_to_log(log: Path | str, line: str) -> None:
    """One line more in a job's log, with the time (UTC).

    A log that can't be written is no reason for a finished download to fail.
    """
    log = Path(log)
    with suppress(OSError):
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {line}\n")
