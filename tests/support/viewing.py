"""Corpora for the viewer, its server, and browsers that show it.

A test module says `pytest_plugins = ["tests.support.browser", "tests.support.viewing"]`.

PYTEST_DONT_REWRITE: tests import its names before pytest does.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from demo.tiktoks import INFO, TIKTOKS, Tiktok
from scripts.speech.captions import as_webvtt
from scripts.speech.engine import Cue
from tests.support.browser import PATIENCE_MS
from tests.support.small_corpus import Corpus, comment, info
from tests.support.workflow import PROJECT

SCREENSHOTS = PROJECT / "build" / "screenshots"
NEWEST_FIRST = sorted(TIKTOKS, key=lambda tiktok: tiktok.posted_at, reverse=True)
CUE_S = 2.0
# In addition to the demo. It is the oldest of all, so that the demo keeps its order.
PHOTO_POST, BARE = "6900000000000000002", "6900000000000000001"


def cues(tiktok: Tiktok) -> list[Cue]:
    """Return the spoken sentences, one every two seconds."""
    sentences = re.split(r"(?<=\.) ", tiktok.speech)
    return [Cue(text, n * CUE_S, (n + 1) * CUE_S) for n, text in enumerate(sentences)]


def add_speech(corpus: Corpus, id: str, lines: list[Cue]) -> None:
    corpus.add_text("speech", id, " ".join(cue.text for cue in lines) + "\n", source="recognition")
    corpus.folder.joinpath("speech", f"{id}.vtt").write_text(as_webvtt(lines), "utf-8")


def demo_corpus(folder: Path) -> Corpus:
    """Make the demo corpus as the workflow builds it, and add what it lacks: a photo post with
    comment threads, a post without files, and transcripts with times."""
    corpus = Corpus(folder)
    shutil.copytree(INFO, folder / "info")
    for tiktok in TIKTOKS:
        corpus.add_download("coverphotos", tiktok.id, tiktok.cover_file.read_bytes())
        corpus.add_text("ocr", tiktok.id, "\n".join(tiktok.cover) + "\n")
        if tiktok.link in ("gone", "expired", "blob"):
            reason = f"{tiktok.link}: it isn't there"
            outcome = {"blob": "rejected"}.get(tiktok.link, tiktok.link)
            corpus.add_download("videos", tiktok.id, b"", outcome=outcome, reason=reason)
            continue
        facts = {"has_audio": True, "width": 360, "height": 640}
        corpus.add_download("videos", tiktok.id, tiktok.video_file.read_bytes(), facts=facts)
        add_speech(corpus, tiktok.id, cues(tiktok))
    slides = [{"url": f"https://p16.example.com/{number}.jpeg"} for number in (1, 2, 3)]
    replies = [comment("a reply"), comment("another", **{"commenter-username": "@Maker · Creator"})]
    threads = [comment("with answers", replies=replies)]
    threads += [comment(f"comment {number}") for number in range(2, 41)]
    corpus.add_info(
        "more.json",
        [
            info(PHOTO_POST, **{"video-src": None, "photos": slides, "comments": threads}),
            info(BARE, **{"description": "only words are left", "comments": []}),
        ],
    )
    for number, tiktok in enumerate(TIKTOKS[:3], start=1):
        content = tiktok.cover_file.read_bytes()
        corpus.add_download("photos", f"{PHOTO_POST}/{number}", content)
    corpus.add_download("coverphotos", PHOTO_POST, TIKTOKS[0].cover_file.read_bytes())
    corpus.add_download("videos", BARE, b"", outcome="gone", reason="HTTP 404")
    corpus.add_download("coverphotos", BARE, b"", outcome="gone", reason="HTTP 404")
    corpus.database()
    return corpus


@contextmanager
def serve(data: Path, *options: str) -> Iterator[str]:
    """Start the viewer as users do, on a free port, and yield its address."""
    command = [sys.executable, "-m", "scripts.viewer", "--data", str(data), *options]
    process = subprocess.Popen(
        [*command, "--port", "0", "--no-browser"], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline()
        yield re.search(r"http://127\.0\.0\.1:\d+", line)[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_MS / 1000)


@contextmanager
def looking(chromium: Browser, address: str, **options: Any) -> Iterator[Page]:
    """Open a page in a new browser profile. Errors in the page fail the test."""
    context = chromium.new_context(
        base_url=address, **({"viewport": {"width": 1360, "height": 820}} | options)
    )
    context.set_default_timeout(PATIENCE_MS)
    if not address.startswith("file:"):  # a file is no origin, and has no storage
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"error: {error}"))
    page.on(
        "console",
        lambda message: (
            problems.append(message.text) if "Security Policy" in message.text else None
        ),
    )
    page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "data:", "blob:"))
            else problems.append(f"asked {request.url}")
        ),
    )
    yield page
    context.close()
    assert problems == []


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return demo_corpus(tmp_path_factory.mktemp("corpus") / "data")


@pytest.fixture(scope="module")
def address(corpus: Corpus) -> Iterator[str]:
    with serve(corpus.folder) as address:
        yield address


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    with looking(chromium, address) as page:
        yield page


def screenshot(page: Page, name: str) -> None:
    """Keep a picture for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def stored(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))
