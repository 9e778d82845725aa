"""The browser of tests, benchmarks and pictures: Debian's Chromium, without any outside request."""

from typing import Any

from playwright.sync_api import Browser, Playwright

CHROMIUM = "/usr/bin/chromium-headless-shell"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright, **options: Any) -> Browser:
    """Launch a browser. options: Playwright's."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, **options)
