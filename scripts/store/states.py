"""Find out what happened to each file of a TikTok, from receipts and the files in `data/`."""

from dataclasses import dataclass
from pathlib import Path

from scripts.rawinfo.catalogue import Post
from scripts.rawinfo.media_links import choose_links
from scripts.store.media_kinds import CAPTIONS, MEDIA_KINDS, MediaKind
from scripts.store.receipts import OK, Receipt, read_receipt


@dataclass(frozen=True, slots=True)
class DownloadState:
    """What happened to one file of a TikTok. url: its link in the newest scrape."""

    kind: MediaKind
    name: str
    url: str | None
    receipt: Receipt | None
    present: bool  # it was downloaded, and the file is there, and not an empty placeholder


def read_states(post: Post, data: Path) -> list[DownloadState]:
    """Return the state of each file that a TikTok has."""
    links = choose_links(post)
    states = []
    for kind in MEDIA_KINDS.values():
        for name, url in kind.files(post.id, links).items():
            receipt = read_receipt(kind.receipt(data, name))
            fetched = receipt is not None and receipt.outcome == OK
            present = fetched and _has_content(kind.media(data, name))
            states.append(DownloadState(kind, name, url, receipt, present))
    return states


def download_time(states: list[DownloadState]) -> int | None:
    """Return when the last one of video, cover and slides was downloaded (unix seconds).

    None if one of them is missing. Captions do not count.
    """
    latest = 0
    for state in states:
        if state.kind == CAPTIONS:
            continue
        if not state.present or state.receipt is None or state.receipt.downloaded_at is None:
            return None
        latest = max(latest, state.receipt.downloaded_at)
    return latest


def _has_content(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:
        return False
