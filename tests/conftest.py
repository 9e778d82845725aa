"""The fixtures of most tests, and the marks that leave out the slow ones: `-m 'not browser'`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.site import Site
from tests.support.workflow import Workflow

# A test has the mark if it uses one of the fixtures, directly or through another one.
FIXTURES_BY_MARK = {
    "browser": {"chromium"},
    "cluster": {"slurm"},
    "build": {"workflow", "first", "built", "build", "demo", "checkout"},
    "slow": {"large"},
}


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    for item in items:
        for mark, fixtures in FIXTURES_BY_MARK.items():
            if fixtures & set(item.fixturenames):
                item.add_marker(mark)


@pytest.fixture
def site() -> Iterator[Site]:
    """The stand-in for the site and its CDN."""
    with Site() as site:
        yield site


@pytest.fixture
def workflow(tmp_path: Path, site: Site) -> Workflow:
    """The workflow in an empty folder, with the stand-in as its proxy."""
    return Workflow(tmp_path / "corpus", site)
