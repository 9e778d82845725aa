"""Receipts: what happened to each download, and what made each text.

One small JSON file per item, `data/receipts/<kind>/<id>.json`, sorted keys. A receipt never holds
a link: its query is a credential. It holds a fingerprint, to tell a new link from the one that
was tried.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from scripts.files import write_atomic

OK = "ok"
TRANSIENT = "transient"
LATER = "later"
EXPIRED = "expired"
GONE = "gone"
REJECTED = "rejected"
CORRUPT = "corrupt"

OUTCOMES = (OK, TRANSIENT, LATER, EXPIRED, GONE, REJECTED, CORRUPT)


@dataclass(frozen=True)
class Receipt:
    """The state of one download after its latest attempt. Times are unix seconds (UTC)."""

    id: str
    kind: str
    outcome: str
    reason: str = ""
    attempts: int = 0
    time: int | None = None
    downloaded_at: int | None = None
    not_before: int | None = None
    host: str | None = None
    http_status: int | None = None
    link: str | None = None
    size_bytes: int | None = None
    sha256: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def fingerprint(link: str) -> str:
    """Tells two links apart without giving either away."""
    return hashlib.sha256(link.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def write_receipt(path: Path | str, receipt: Receipt) -> None:
    write_atomic(path, json.dumps(asdict(receipt), sort_keys=True, ensure_ascii=False) + "\n")


def read_receipt(path: Path | str) -> Receipt | None:
    """The receipt, or None where there is none or it is not readable (it is then made anew)."""
    try:
        return Receipt(**json.loads(Path(path).read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
