"""The built files of the scraper work in Firefox, too."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from demo.site import Site
from demo.web.server import address, serve_pages
from tests.support.firefox import PROGRAM, Firefox
from tests.support.scraping import (
    BOOKMARKLET,
    CONSOLE,
    FIRST_PAGE,
    USERSCRIPT,
    post,
    true_comments,
    true_post,
)

pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="Firefox is not installed: install firefox-esr to run these tests"
)
PHOTO = 3  # every third post is a photo post


@pytest.fixture
def firefox(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    serve_pages(site)
    proxy = site.proxy_url.partition("//")[2]
    with Firefox.started(tmp_path_factory.mktemp("profile"), proxy) as started:
        yield started


def scrape(firefox: Firefox, count: int, **options: Any) -> list[dict[str, Any]]:
    settings = json.dumps({"delay": 30_000, "pause": 0, **options})
    records: list[dict[str, Any]] = firefox.evaluate(f"scrape_tiktoks({count}, {settings})")
    return records


def test_each_built_file_scrapes_in_firefox(firefox: Firefox) -> None:
    firefox.open(address(count=4, photo=PHOTO, session=1), script=USERSCRIPT)
    records = scrape(firefox, 3, comments=100, replies=True, media=True)
    for number, record in enumerate(records):
        media = record.pop("media")
        assert set(media.values()) == {"saved"}
        assert post(record) == true_post(number, photo=(number + 1) % PHOTO == 0)
        assert record["comments"] == true_comments(number, replies=True)

    firefox.open(address(count=6, start=3, surface="standalone"), script=f"{CONSOLE}")
    check_others(firefox, first=3)

    firefox.open(address(count=8, start=5, csp=2))
    link = json.dumps(BOOKMARKLET.strip())
    firefox.evaluate(
        f"""new Promise((resolve) => {{
            const panel = new MutationObserver(() => window.scrape_tiktoks && resolve());
            panel.observe(document.documentElement, {{ childList: true }});
            Object.assign(document.createElement("a"), {{ href: {link} }}).click();
        }})"""
    )
    check_others(firefox, first=5)


def check_others(firefox: Firefox, first: int) -> None:
    """The batch knows the earlier ones, so it scrapes those that follow."""
    for number, record in enumerate(scrape(firefox, 2), start=first):
        assert post(record) == true_post(number)
        assert record["comments"] == true_comments(number, FIRST_PAGE)
