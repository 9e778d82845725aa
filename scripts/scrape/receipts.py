"""Record the site's answer about each post: `data/receipts/scrapes/<id>.json`."""

import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter

from scripts.files import write_atomic
from scripts.scrape.states import FINAL_AFTER, OK, OUTCOMES
from scripts.store.manifest import Manifest
from scripts.store.receipts import SCRAPES

# The cookies of the last visit, in `data`: links to media work only with them.
COOKIES = "cookies.txt"
DAY_S = 86_400
SHORT_LINKS = Path("receipts", "short_links.json")

Outcome = Annotated[str, Field(pattern=f"^({'|'.join(OUTCOMES)})$")]
Count = Annotated[int, Field(ge=0, lt=2**63)]


@dataclass(frozen=True)
class ScrapeReceipt:
    """The state of one post after its latest scrape. `time`: unix seconds.

    attempts: scrapes in a row with this outcome. yt_dlp: its version.
    """

    id: str
    outcome: Outcome
    reason: str
    attempts: Count
    time: Count
    yt_dlp: str

    __pydantic_config__ = ConfigDict(strict=True, extra="forbid")

    @property
    def is_final(self) -> bool:
        """True if another scrape would not help."""
        return self.attempts >= FINAL_AFTER.get(self.outcome, self.attempts + 1)


_STORED = TypeAdapter(ScrapeReceipt)


def receipt_path(data: Path, id: str) -> Path:
    return data / "receipts" / SCRAPES / f"{id}.json"


def read_scrapes(data: Path) -> dict[str, ScrapeReceipt]:
    """Return all undamaged receipts, by the id of the post."""
    found = {}
    for file in sorted((data / "receipts" / SCRAPES).glob("*.json")):
        try:
            receipt = _STORED.validate_json(file.read_bytes())
        except (FileNotFoundError, ValueError):
            continue  # the post is then asked about again
        if receipt.id == file.stem:
            found[receipt.id] = receipt
    return found


def known_scrapes(data: Path, manifest: Manifest) -> dict[str, ScrapeReceipt]:
    """All receipts, including those from another machine (through the manifest)."""
    found: dict[str, ScrapeReceipt] = {}
    for path, line in manifest.lines.items():
        folder, _, id = path.partition("/")
        if folder == SCRAPES:
            with suppress(ValueError):
                receipt = _STORED.validate_json(json.dumps(dict(line.receipt)))
                found |= {id: receipt} if receipt.id == id else {}
    return found | read_scrapes(data)


def digest_scrapes(scrapes: Mapping[str, ScrapeReceipt]) -> str:
    """A digest that changes with every answer of the site; "" if it was never asked."""
    lines = [json.dumps(asdict(scrapes[id]), sort_keys=True) for id in sorted(scrapes)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""


def write_scrape(data: Path, receipt: ScrapeReceipt) -> None:
    line = json.dumps(asdict(receipt), sort_keys=True, ensure_ascii=False) + "\n"
    write_atomic(receipt_path(data, receipt.id), line)


def next_receipt(
    previous: ScrapeReceipt | None, id: str, outcome: str, reason: str, yt_dlp: str
) -> ScrapeReceipt:
    """The receipt of the scrape that has just ended."""
    repeated = previous is not None and previous.outcome == outcome and outcome != OK
    attempts = previous.attempts + 1 if previous is not None and repeated else 1
    return ScrapeReceipt(id, outcome, reason, attempts, int(time.time()), yt_dlp)


def asked_today(receipts: Mapping[str, ScrapeReceipt], now: float) -> int:
    """How many posts the site was asked about in the last 24 hours."""
    return sum(now - DAY_S < receipt.time <= now for receipt in receipts.values())


def read_short_links(data: Path) -> dict[str, str]:
    """The id of each short link that the site has resolved so far."""
    try:
        known = json.loads((data / SHORT_LINKS).read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {link: id for link, id in known.items() if isinstance(id, str) and id.isdecimal()}


def write_short_links(data: Path, known: Mapping[str, str]) -> None:
    write_atomic(data / SHORT_LINKS, json.dumps(known, indent=0, sort_keys=True) + "\n")
