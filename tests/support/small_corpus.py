"""Small corpora on disk, for tests of code that reads them."""

import json
from pathlib import Path
from typing import Any

from scripts.merge.database import build_database
from scripts.rawinfo.catalogue import Catalogue, catalogue_folder
from scripts.search.index import build_index
from scripts.speech.captions import as_webvtt
from scripts.speech.engine import Cue
from scripts.store.media_kinds import MEDIA_KINDS
from scripts.store.receipts import Receipt, write_receipt
from scripts.store.texts import OK, UNREADABLE, receipt_path, text_path

SCRAPED_AT = 1669965000.5  # 2022-12-02 07:10 UTC
POSTED_AT = 1669800000  # 2022-11-30 09:20 UTC
FETCHED_AT = 1669966000


def post_id(number: int, posted_at: int = POSTED_AT) -> str:
    return str((posted_at << 32) + number)


def comment(text: str | None = "so true", **changes: Any) -> dict[str, Any]:
    return {
        "commenter-username": "@viewer 1",
        "comment-text": text,
        "time-posted": "5h ago ",
        "like-count": "2888",
        "replies-count": "6",
        **changes,
    }


def info(id: str, **changes: Any) -> dict[str, Any]:
    return {
        "video-src": f"https://v16.example.com/{id}.mp4?expire=1669985936&signature=abc",
        "coverphoto-src": f"https://p16.example.com/{id}.jpeg?x-expires=1669982400",
        "permalink": f"https://www.tiktok.com/@maker/video/{id}?web_id=7279568107143392123",
        "web-id": "7279568107143392123",
        "id": id,
        "like-count": "22.6K",
        "comment-count": "113",
        "creator-username": "@maker",
        "creator-nickname": "Maker of Things",
        "time-posted": "1d ago",
        "music-title": "original sound",
        "music-src": "https://www.tiktok.com/music/original-sound-7171915647184603950",
        "description": "Paper aeroplanes #Paper #fyp with @folder.one",
        "comments": [comment()],
        "scrape-timestamp": SCRAPED_AT,
        **changes,
    }


class Corpus:
    """A folder laid out as `data/`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def catalogue(self) -> Catalogue:
        return catalogue_folder(self.folder / "info")

    def add_info(self, name: str, records: list[dict[str, Any]]) -> None:
        path = self.folder / "info" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(records), encoding="utf-8")

    def add_download(self, kind: str, id: str, content: bytes = b"media", **changes: Any) -> None:
        """Add a receipt and its file. If `content` is empty, the file is a placeholder."""
        values = {"outcome": "ok", "attempts": 1, "downloaded_at": FETCHED_AT, **changes}
        write_receipt(MEDIA_KINDS[kind].receipt(self.folder, id), Receipt(id, kind, **values))
        path = MEDIA_KINDS[kind].media(self.folder, id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def add_text(self, kind: str, id: str, text: str, **receipt: Any) -> None:
        values = {"engine": "tesseract", "version": "5.3.0", "outcome": OK if text else UNREADABLE}
        for path in (text_path(self.folder, kind, id), receipt_path(self.folder, kind, id)):
            path.parent.mkdir(parents=True, exist_ok=True)
        receipt_path(self.folder, kind, id).write_text(json.dumps(values | receipt))
        text_path(self.folder, kind, id).write_text(text, encoding="utf-8")

    def add_speech(self, id: str) -> None:
        """Add a transcript of two lines."""
        cues = (Cue("so first", 0.0, 1.5), Cue("you fold <it>", 1.5, 3.25))
        self.add_text("speech", id, "so first\nyou fold <it>\n")
        subtitles = text_path(self.folder, "speech", id).with_suffix(".vtt")
        subtitles.write_text(as_webvtt(cues), encoding="utf-8")

    def database(self, output: Path | None = None) -> Path:
        output = output or self.folder / "tiktoks.db"
        build_database(self.catalogue(), self.folder, output, build_index)
        return output
