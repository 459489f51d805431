"""The double as fixtures: one aimock for a worker's tests, empty for each; a test that leaves a question unanswered fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doubles.models import aimock
from tests.doubles.models.double import ModelDouble
from tests.doubles.models.server import serving


@pytest.fixture(scope="session")
def models_process() -> Iterator[ModelDouble]:
    """One process for all tests of a worker."""
    with aimock.running() as url, serving(ModelDouble(url)) as double:
        yield double


@pytest.fixture
def models(models_process: ModelDouble) -> Iterator[ModelDouble]:
    """A double of the vendors of language models without any answer."""
    models_process.reset()
    yield models_process
    assert models_process.unanswered == []
