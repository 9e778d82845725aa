"""Make the pictures in docs/images, of scraper and viewer: `python -m docs.make_images`."""

import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Playwright, expect, sync_playwright

from demo.__main__ import CORPUS
from demo.__main__ import main as build_demo
from demo.site import Site
from demo.web.browser import launch
from demo.web.server import address, serve_pages

DOCS = Path(__file__).parent
USERSCRIPT = DOCS.parent / "scraper" / "dist" / "scraper.user.js"
FILLED = """() => document.querySelectorAll("[data-e2e=comment-level-2]").length > 1
    && document.querySelector("img[mode='2']")?.complete"""
VIDEO = "7274272160863227412"
SIZE = {"width": 1000, "height": 620}


def main() -> None:
    (DOCS / "images").mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        show_scraper(playwright)
        show_viewer(playwright)


def show_scraper(playwright: Playwright) -> None:
    with Site() as site:
        serve_pages(site)
        browser = launch(playwright, proxy={"server": site.proxy_url})
        page = browser.new_page(ignore_https_errors=True, viewport=SIZE)
        page.add_init_script(path=USERSCRIPT)
        page.goto(address(start=11, api=0, count=120, delay=(150, 600), fault=("no-comments@14",)))
        page.get_by_label("(ms)").fill("5000")
        page.get_by_label("all comments").check()
        page.get_by_label("replies").check()
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_role("status")).to_have_text("12 of 100", timeout=120_000)
        page.wait_for_function(FILLED)
        page.screenshot(path=DOCS / "images" / "scraper-panel.png")
        browser.close()


def show_viewer(playwright: Playwright) -> None:
    build_demo([])
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
