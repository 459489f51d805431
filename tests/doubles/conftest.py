"""One double of GitHub for many tests, and in it a shop for each, whose traffic is judged by GitHub's descriptions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doubles.github.client import Double
from tests.doubles.github.fixture import running
from tests.doubles.scene import Shop, open_shop, vouched


@pytest.fixture(scope="session")
def mall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Double]:
    """A double for tests that share nothing in it."""
    with running(tmp_path_factory.mktemp("github") / "data") as double:
        yield double


@pytest.fixture
def shop(mall: Double) -> Iterator[Shop]:
    """A shop; whatever is said in the test is judged by GitHub's descriptions."""
    with vouched(mall):
        yield open_shop(mall)
