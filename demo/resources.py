"""Choose the file for a link: any link to the real site's CDN gets one of the demo's media."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from demo.tiktoks import COVERS, TIKTOKS, VIDEOS

VIDEO = "video/mp4"
IMAGE = "image/jpeg"
HTML = "text/html; charset=utf-8"
CAPTIONS = "text/vtt; charset=utf-8"

PAGE = (
    b"<!DOCTYPE html><html><head><title>Log in | TikTok</title></head>"
    b"<body><h1>Log in to continue</h1></body></html>\n"
)
NOT_FOUND = b"<!DOCTYPE html><html><head><title>Not Found</title></head></html>\n"

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Resource:
    """The answer to a link: a file, or the bytes of a page."""

    mime: str
    status: int = 200
    file: Path | None = None
    content: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def size_bytes(self) -> int:
        return self.file.stat().st_size if self.file else len(self.content)

    def read(self) -> bytes:
        return self.file.read_bytes() if self.file else self.content


class Library:
    """The media to serve: those in `folder`, or the demo's for kinds of which it has none."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder.resolve() if folder else None
        self.videos = self._pool("*.mp4", VIDEOS)
        self.covers = self._pool("*.jpg", COVERS)
        self._exact: dict[str, Resource] = {}
        for tiktok in TIKTOKS:
            self._exact[tiktok.video_path] = Resource(VIDEO, file=tiktok.video_file)
            self._exact[tiktok.cover_path] = Resource(IMAGE, file=tiktok.cover_file)
        for file in (*self.videos, *self.covers) if self._folder else ():
            if file.is_relative_to(self._folder):
                mime = VIDEO if file.suffix == ".mp4" else IMAGE
                self._exact[f"/{file.relative_to(self._folder).as_posix()}"] = Resource(
                    mime, file=file
                )

    def _pool(self, pattern: str, default: Path) -> list[Path]:
        found = sorted(self._folder.rglob(pattern)) if self._folder else []
        return found or sorted(default.glob(pattern))

    def find(self, link: str) -> Resource:
        """The answer to `link`: a file of the folder or of a demo TikTok with this path, or else a
        medium or caption track that the SHA-256 of the path chooses. Pages of the site are HTML.
        Anything else is not found.
        """
        parts = urlsplit(link)
        path, host = parts.path, (parts.hostname or "")
        if path in self._exact:
            return self._exact[path]
        if path.endswith(".webvtt"):
            return Resource(CAPTIONS, content=captions(choose(TIKTOKS, path).speech))
        if "/video/tos/" in path or path.endswith(".mp4"):
            return Resource(VIDEO, file=choose(self.videos, path))
        if "~tplv-" in path or path.endswith((".jpeg", ".jpg", ".image", ".webp")):
            return Resource(IMAGE, file=choose(self.covers, path))
        if host in ("www.tiktok.com", "tiktok.com"):
            return Resource(HTML, content=PAGE)
        return Resource(HTML, status=404, content=NOT_FOUND)


def choose(items: Sequence[Item], path: str) -> Item:
    """One of `items`. The same path gives the same item on every machine."""
    return items[int(hashlib.sha256(path.encode()).hexdigest(), 16) % len(items)]


def captions(speech: str) -> bytes:
    """`speech` as WebVTT, with one sentence in each cue."""
    cues = [
        f"00:00:{2 * start:02}.000 --> 00:00:{2 * start + 2:02}.000\n{sentence}\n"
        for start, sentence in enumerate(re.split(r"(?<=[.?]) ", speech))
    ]
    return "\n".join(["WEBVTT\n", *cues]).encode()
