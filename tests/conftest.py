"""The fixtures of most tests, and the marks that leave out the slow ones: `-m 'not browser'`."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from demo.site import Site
from tests.support.small_media import small_media
from tests.support.workflow import Workflow

# Keep bytecode, even where Python was told not to: hundreds of processes import the same modules.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Whether a test fails must not depend on the machine's speed.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

# A test has the mark if it uses one of the fixtures, directly or through another one.
FIXTURES_BY_MARK = {
    "browser": {"chromium", "firefox"},
    "cluster": {"slurm"},
    "build": {"workflow", "first", "built", "build", "demo", "checkout"},
    "slow": {"large"},
}
# They take the most processor time, from 200 to 20 seconds, and come first, in this order. So no
# core has to wait at the end for a long file that began last.
LONGEST_FILES = (
    *("test_scraper_pages", "test_documentation", "test_build", "test_scraper_batch"),
    *("test_scraper", "test_viewer", "test_viewer_static", "test_viewer_hostile_text"),
    *("test_speech", "test_viewer_looks", "test_crashes", "test_ocr", "test_mirror"),
    *("test_scraper_comments", "test_viewer_server", "test_cluster", "test_export"),
    *("test_linear_patterns", "test_snakemake", "test_scrape_command", "test_another_machine"),
    *("test_real_raw_info", "test_pseudonyms", "test_finished_texts"),
    *("test_interrupted_downloads", "test_failed_downloads"),
)


def place(item: pytest.Item) -> int:
    """The place of an item's file in the order of a run."""
    name = item.path.stem
    return LONGEST_FILES.index(name) if name in LONGEST_FILES else len(LONGEST_FILES)


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    items.sort(key=place)
    for item in items:
        for mark, fixtures in FIXTURES_BY_MARK.items():
            if fixtures & set(item.fixturenames):
                item.add_marker(mark)


@pytest.fixture
def site() -> Iterator[Site]:
    """The stand-in for the site and its CDN, with small media."""
    with Site(media=small_media()) as site:
        yield site


@pytest.fixture
def workflow(tmp_path: Path, site: Site) -> Workflow:
    """The workflow in an empty folder, with the stand-in as its proxy."""
    return Workflow(tmp_path / "corpus", site)
