from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot import capabilities
from bot.capability import Capability, perform
from bot.registry import plugins


@pytest.fixture
def ask() -> Callable[..., dict[str, Any]]:
    """Let a capability answer."""
    known = plugins(capabilities, Capability)
    return lambda name, **inputs: perform(name, inputs, known)
