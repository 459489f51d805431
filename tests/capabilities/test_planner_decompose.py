from __future__ import annotations

from collections.abc import Callable
from typing import Any

Ask = Callable[..., dict[str, Any]]


def test_it_answers_with_the_parts(ask: Ask) -> None:
    assert ask("planner.decompose", text="- fix a\n- add b") == {"parts": ["fix a", "add b"]}
