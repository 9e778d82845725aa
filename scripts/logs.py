"""Write the log of each job."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path


def append_to_log(log: Path | str, line: str) -> None:
    """Add a line with the time (UTC) to a job's log.

    It never raises: a finished download must not fail because its log can't be written.
    """
    log = Path(log)
    with suppress(OSError):
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {line}\n")
