"""Whatever traces here is gone afterwards, and who traced before, such as the one that measures these tests, goes on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def outer_tracer() -> Iterator[None]:
    """Put back who traced before, in this thread and in threads to come."""
    here, threads = sys.gettrace(), threading.gettrace()
    yield
    sys.settrace(here)
    if threads is not None:
        threading.settrace(threads)
