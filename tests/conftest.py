"""The fixtures of most tests: the stand-in for the site, and a corpus beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.site import Site
from tests.support.workflow import Workflow


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def workflow(tmp_path: Path, site: Site) -> Workflow:
    return Workflow(tmp_path / "corpus", site)
