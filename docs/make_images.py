"""Make the pictures of a run, the scraper and the viewer: `python -m docs.make_images`.

It rebuilds the demo corpus.
"""

import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, Playwright, expect, sync_playwright
from rich.console import Console

from demo.__main__ import CORPUS
from demo.site import Site
from demo.web.browser import launch
from demo.web.server import address, serve_pages

DOCS = Path(__file__).parent
USERSCRIPT = DOCS.parent / "scraper" / "dist" / "scraper.user.js"
FILLED = """() => document.querySelectorAll("[data-e2e=comment-level-2]").length > 1
    && document.querySelector("img[mode='2']")?.complete"""
VIDEO = "7274272160863227412"
PATIENCE_MS = 240_000
SIZE = {"width": 1000, "height": 620}
COLUMNS = 100  # of the terminal


def main() -> None:
    (DOCS / "images").mkdir(exist_ok=True)
    draw_run()
    with sync_playwright() as playwright:
        show_scraper(playwright)
        show_viewer(playwright)


def draw_run() -> None:
    """Draw the end of the first run on the demo corpus, as a terminal shows it."""
    shutil.rmtree(CORPUS, ignore_errors=True)
    run = subprocess.run(
        [sys.executable, "-m", "demo"],
        env=os.environ | {"COLUMNS": str(COLUMNS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    end = run.stdout[run.stdout.index("retrieve_coverphoto \N{BOX DRAWINGS HEAVY HORIZONTAL}") :]
    terminal = Console(record=True, width=COLUMNS, file=io.StringIO())
    terminal.print(f"$ make demo\n…\n{end.rstrip()}", markup=False)
    picture = terminal.export_svg(title="TikTok-Retrieval", unique_id="run")
    # Load no fonts from the web.
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    (DOCS / "run.svg").write_text(picture.replace("Fira Code, ", ""), "utf-8")


def show_scraper(playwright: Playwright) -> None:
    with Site() as site:
        serve_pages(site)
        browser = launch(playwright, proxy={"server": site.proxy_url})
        for name, show in PANELS.items():
            context = browser.new_context(ignore_https_errors=True, viewport=SIZE)
            context.add_init_script(path=USERSCRIPT)
            page = context.new_page()
            show(page)
            page.screenshot(path=DOCS / "images" / f"scraper-{name}.png")
            context.close()
        browser.close()


def show_run(page: Page) -> None:
    """Show the panel during a run, with a TikTok whose comments did not load."""
    page.goto(address(start=11, api=0, count=120, delay=(150, 600), fault=("no-comments@14",)))
    page.get_by_label("wait for each").fill("5000")
    page.get_by_label("pause after each").fill("0")
    page.get_by_label("all comments").check()
    page.get_by_label("replies").check()
    start(page)
    expect(page.get_by_role("status")).to_have_text("12 of 100", timeout=PATIENCE_MS)
    page.wait_for_function(FILLED)


def show_waiting(page: Page) -> None:
    """Show the panel when the site asks for a captcha."""
    page.goto(address(count=120, fault=("captcha@3",)))
    page.get_by_label("pause after each").fill("0")
    start(page)
    expect(page.get_by_role("status")).to_contain_text("captcha", timeout=PATIENCE_MS)


def show_collection(page: Page) -> None:
    """Show the panel while a person browses a hashtag."""
    page.goto(address(surface="hashtag", count=120))
    page.get_by_label("collect only").fill("#sourdough")
    page.get_by_role("button", name="Collect what I see").click()
    for _ in range(10):
        page.mouse.wheel(0, 1500)
        page.wait_for_timeout(200)
    page.wait_for_function("() => [...document.images].every((image) => image.complete)")


def show_media(page: Page) -> None:
    """Show the panel after a run that saved media."""
    page.goto(address(count=120, photo=3, session=1))
    page.get_by_label("TikToks", exact=True).fill("12")
    page.get_by_label("pause after each").fill("0")
    page.get_by_label("save the videos too").check()
    start(page)
    finished = re.compile(r"^12 of 12, \d+ files saved: done$")
    expect(page.get_by_role("status")).to_have_text(finished, timeout=PATIENCE_MS)
    page.get_by_text("used").wait_for()


PANELS = {
    "panel": show_run,
    "waiting": show_waiting,
    "collect": show_collection,
    "media": show_media,
}


def start(page: Page) -> None:
    page.get_by_role("button", name="Start", exact=True).click()


def show_viewer(playwright: Playwright) -> None:
    command = [sys.executable, "-m", "scripts.viewer", "--data", str(CORPUS / "data")]
    with subprocess.Popen(
        [*command, "--port", "0", "--no-browser"], stdout=subprocess.PIPE, text=True
    ) as viewer:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 760})
        place = re.search("http://[0-9.:]+", viewer.stdout.readline())[0]
        page.goto(f"{place}/v/{VIDEO}")
        page.wait_for_function("() => document.querySelector('video')?.currentTime > 1")
        page.keyboard.press("Space")
        page.screenshot(path=DOCS / "images" / "viewer.png")
        browser.close()
        viewer.terminate()


if __name__ == "__main__":
    main()
