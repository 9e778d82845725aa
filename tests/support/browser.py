"""A browser, and the stand-in's pages to open in it.

A test module gets the fixture `web` through `pytest_plugins = ["tests.support.browser"]`.

PYTEST_DONT_REWRITE: it holds no assert, and tests import its names before pytest does.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from demo.site import Site
from demo.web.browser import launch
from demo.web.server import address, serve_pages

PATIENCE_MS = 600_000  # for what will come: far longer than it takes on a busy machine
expect.set_options(timeout=PATIENCE_MS)


class Web:
    """The site with its pages, and a browser of its own that can reach nothing else."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site = site
        self.context = context

    def open(self, script: str = "", **options: Any) -> Page:
        """A page with these `Options`; `script` runs in it before any of its own."""
        page = self.context.new_page()
        if script:
            page.add_init_script(script)
        page.goto(address(**options))
        return page


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def web(site: Site, chromium: Browser) -> Iterator[Web]:
    serve_pages(site)
    context = chromium.new_context(
        proxy={"server": site.proxy_url}, ignore_https_errors=True, accept_downloads=True
    )
    context.set_default_timeout(PATIENCE_MS)
    yield Web(site, context)
    context.close()
