from __future__ import annotations

from collections.abc import Callable
from typing import Any

Ask = Callable[..., dict[str, Any]]


def test_it_lists_everything_itself_included(ask: Ask) -> None:
    listed = {each["name"]: each for each in ask("introspect.capability_graph")["capabilities"]}
    assert listed["code.repair"]["engines"] == ["codemod", "search", "model"]
    assert listed["dependency.upgrade"]["level"] == "high"
    assert "introspect.capability_graph" in listed
