"""Make the pictures in docs/images, the scraper at work: `python -m docs.make_images`."""

from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from demo.site import Site
from demo.web.browser import launch
from demo.web.server import address, serve_pages

DOCS = Path(__file__).parent
USERSCRIPT = DOCS.parent / "scraper" / "dist" / "scraper.user.js"
FILLED = """() => document.querySelectorAll("[data-e2e=comment-level-2]").length > 1
    && document.querySelector("img[mode='2']")?.complete"""
SIZE = {"width": 1000, "height": 620}


def main() -> None:
    (DOCS / "images").mkdir(exist_ok=True)
    with Site() as site, sync_playwright() as playwright:
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


if __name__ == "__main__":
    main()
