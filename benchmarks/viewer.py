"""How soon the viewer shows something: `python -m benchmarks.viewer [TIKTOKS] [--runs N]`.

Builds a database of made-up TikToks (kept for the next time). Opens the viewer's page in new
profiles of a browser, in turns with a plain page from the same server that contains only the same
`<video>`. Prints the median times to the first paint and to the video's first frame.
"""

import argparse
import shutil
import socket
import threading
import time
from pathlib import Path
from statistics import median

import uvicorn
from playwright.sync_api import Browser, sync_playwright
from starlette.responses import HTMLResponse
from starlette.routing import Route

from benchmarks import many
from demo.tiktoks import TIKTOKS
from demo.web.browser import launch
from scripts.viewer.__main__ import listen
from scripts.viewer.app import create_app

WORK = Path(__file__).parent / "work" / "viewer"
FRAME = """
    new MutationObserver((_, observer) => {
        const video = document.querySelector("video");
        if (!video) return;
        observer.disconnect();
        video.requestVideoFrameCallback(() => { window.firstFrame = performance.now(); });
    }).observe(document, { childList: true, subtree: true });
"""
TIMES = """() => [
    performance.getEntriesByName("first-contentful-paint")[0]?.startTime
        ?? performance.getEntriesByName("first-paint")[0].startTime,
    window.firstFrame]"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tiktoks", type=int, nargs="?", default=100_000)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    data = WORK / str(options.tiktoks)
    newest = many.post_id(options.tiktoks)
    if not (data / "tiktoks.db").exists():
        make_corpus(data, options.tiktoks, newest)
    pages = {"viewer": "/", "plain page": "/plain"}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in pages}
    listener = serve(data, newest)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for _ in range(options.runs + 1):
            for name, path in pages.items():
                taken[name].append(measure(browser, address + path))
    print(f"{options.tiktoks:,} TikToks, ms{'first paint':>14}{'first frame':>14}")
    medians = {
        name: [median(column) for column in zip(*times[1:], strict=True)]
        for name, times in taken.items()
    }
    for name, (paint, frame) in medians.items():
        print(f"{name:19}{paint:14.0f}{frame:14.0f}")
    ratios = [ours / theirs for ours, theirs in zip(*medians.values(), strict=True)]
    print(f"{'viewer / plain':19}{ratios[0]:13.2f}x{ratios[1]:13.2f}x")


def make_corpus(data: Path, tiktoks: int, newest: str) -> None:
    """Make the corpus. Its newest TikTok has the media of the demo's first."""
    shutil.rmtree(data, ignore_errors=True)
    for folder, file in (("videos", TIKTOKS[0].video_file), ("coverphotos", TIKTOKS[0].cover_file)):
        (data / folder).mkdir(parents=True)
        shutil.copy(file, data / folder / f"{newest}{file.suffix}")
    start = time.perf_counter()
    many.write_database(data / "tiktoks.db", tiktoks)
    print(f"database written in {time.perf_counter() - start:.0f} s")


def serve(data: Path, newest: str) -> socket.socket:
    """Serve the viewer, with the plain page next to it, until the program ends."""
    page = f"<!doctype html><p>Plain</p><video src=/media/videos/{newest}.mp4 autoplay muted>"
    app = create_app(data)
    app.router.routes.insert(0, Route("/plain", lambda request: HTMLResponse(page)))
    listener = listen(0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    threading.Thread(target=server.run, args=([listener],), daemon=True).start()
    return listener


def measure(browser: Browser, address: str) -> tuple[float, float]:
    """Milliseconds from the start of the navigation to the first paint and the first frame."""
    context = browser.new_context(viewport={"width": 1360, "height": 820})
    page = context.new_page()
    page.add_init_script(FRAME)
    page.goto(address)
    page.wait_for_function("() => window.firstFrame && performance.getEntriesByType('paint')[0]")
    paint, frame = page.evaluate(TIMES)
    context.close()
    return paint, frame


if __name__ == "__main__":
    main()
