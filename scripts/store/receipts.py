"""Receipts: what happened to each download, and what made each text.

Each is a small JSON file, `data/receipts/<kind>/<id>.json`, with sorted keys. A receipt never
contains a link, because its query is a credential. It contains a `link_hash`, which shows whether a
link is the one that was tried.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter

from scripts.files import write_atomic
from scripts.rawinfo.archives import file_of

PREPARED_SUFFIX = ".prepared"

OK = "ok"
TRANSIENT = "transient"
LATER = "later"
EXPIRED = "expired"
GONE = "gone"
REJECTED = "rejected"
CORRUPT = "corrupt"

# The folder of receipts that say what the site answered about posts; `scripts.scrape` writes them.
SCRAPES = "scrapes"
# A fact in the receipt of a failed download: a hash of those files of the user that were damaged.
REJECTED_FILES = "rejected_files"

OUTCOMES = (OK, TRANSIENT, LATER, EXPIRED, GONE, REJECTED, CORRUPT)

# The values that a stored receipt may contain. SQLite's integers end at 2**63.
StoredOutcome = Annotated[str, Field(pattern=f"^({'|'.join(OUTCOMES)})$")]
Count = Annotated[int, Field(ge=0, lt=2**63)]


@dataclass(frozen=True)
class Receipt:
    """The state of one download after its last attempt. Times are unix seconds (UTC).

    id: the id of the TikTok, or `<id>/<number>` for a slide. attempts: how many runs tried this
    link.
    time: when the last one did. not_before: until when the server asked for a pause. link: the hash
    of the link. facts: what the verification found in the file. software: the version that made the
    last attempt; None in receipts of version 0.1.
    """

    id: str
    kind: str
    outcome: StoredOutcome
    reason: str = ""
    attempts: Count = 0
    time: Count | None = None
    downloaded_at: Count | None = None
    not_before: Count | None = None
    host: str | None = None
    http_status: Count | None = None
    link: str | None = None
    size_bytes: Count | None = None
    sha256: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    software: str | None = None

    __pydantic_config__ = ConfigDict(strict=True, extra="forbid")

    @property
    def is_file(self) -> bool:
        """True if the receipt describes a downloaded file."""
        return self.outcome == OK and None not in (self.sha256, self.size_bytes)


_STORED = TypeAdapter(Receipt)


def link_hash(link: str) -> str:
    """Return a hash that differs between two links, and reveals neither."""
    return hashlib.sha256(link.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def write_receipt(path: Path | str, receipt: Receipt, *, durable: bool = True) -> None:
    """Write a receipt in one step. Not `durable`: without waiting for the disk."""
    line = json.dumps(asdict(receipt), sort_keys=True, ensure_ascii=False) + "\n"
    write_atomic(path, line, durable=durable)


def prepared_path(path: Path) -> Path:
    """Return where the receipt for `path` is kept until its file is published."""
    return path.with_name(path.name + PREPARED_SUFFIX)


def read_receipt(path: Path | str) -> Receipt | None:
    """Read a receipt; None if the file is missing or damaged, and will be written again."""
    try:
        return parse_receipt(Path(path).read_bytes())
    except FileNotFoundError:
        return None


def parse_receipt(content: str | bytes) -> Receipt | None:
    """Return the receipt in this JSON, or None if it is damaged."""
    try:
        return _STORED.validate_json(content)
    except ValueError:
        return None


def hash_files(files: Iterable[Path]) -> str:
    """Return a hash that changes when other files are meant, or when one of the files changes."""
    states = ((file, file_of(file).stat()) for file in files)
    lines = [f"{file} {state.st_size} {state.st_mtime_ns}" for file, state in states]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def were_rejected(files: Iterable[Path], receipt: Receipt | None) -> bool:
    """True if an earlier run found that these files of the user are damaged."""
    rejected = None if receipt is None else receipt.facts.get(REJECTED_FILES)
    try:
        return rejected is not None and rejected == hash_files(files)
    except OSError:
        return False  # one of the files has just disappeared
