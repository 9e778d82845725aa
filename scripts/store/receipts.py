"""Receipts: what happened to each download, and what made each text.

One small JSON file per item, `data/receipts/<kind>/<id>.json`, sorted keys. A receipt never holds
a link: its query is a credential. It holds a link_hash, to tell a new link from the one that
was tried.
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
# Of a failed download: which files of the user were damaged, by a hash.
REJECTED_FILES = "rejected_files"

OUTCOMES = (OK, TRANSIENT, LATER, EXPIRED, GONE, REJECTED, CORRUPT)

# What a stored receipt may hold; SQLite's integers end at 2**63.
StoredOutcome = Annotated[str, Field(pattern=f"^({'|'.join(OUTCOMES)})$")]
Count = Annotated[int, Field(ge=0, lt=2**63)]


@dataclass(frozen=True)
class Receipt:
    """The state of one download after its latest attempt. Times are unix seconds (UTC).

    id: of the TikTok, and `<id>/<number>` for a slide. software: what made the latest attempt; None
    in receipts of version 0.1.
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
    """Tells two links apart without giving either away."""
    return hashlib.sha256(link.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def write_receipt(path: Path | str, receipt: Receipt, *, durable: bool = True) -> None:
    line = json.dumps(asdict(receipt), sort_keys=True, ensure_ascii=False) + "\n"
    write_atomic(path, line, durable=durable)


def prepared_path(path: Path) -> Path:
    """Where the receipt at `path` waits until its file is in its place."""
    return path.with_name(path.name + PREPARED_SUFFIX)


def read_receipt(path: Path | str) -> Receipt | None:
    """The receipt, or None if the file is missing or damaged (the receipt is then written anew)."""
    try:
        return parse_receipt(Path(path).read_bytes())
    except FileNotFoundError:
        return None


def parse_receipt(content: str | bytes) -> Receipt | None:
    """The receipt in this JSON, or None if it is damaged."""
    try:
        return _STORED.validate_json(content)
    except ValueError:
        return None


def hash_files(files: Iterable[Path]) -> str:
    """Tells files from others, and from what they were before they were changed."""
    states = ((file, file_of(file).stat()) for file in files)
    lines = [f"{file} {state.st_size} {state.st_mtime_ns}" for file, state in states]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def were_rejected(files: Iterable[Path], receipt: Receipt | None) -> bool:
    """Whether these files of the user were found to be damaged."""
    rejected = None if receipt is None else receipt.facts.get(REJECTED_FILES)
    try:
        return rejected is not None and rejected == hash_files(files)
    except OSError:
        return False  # gone in a moment
