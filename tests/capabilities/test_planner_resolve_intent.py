from __future__ import annotations

from collections.abc import Callable
from typing import Any

Ask = Callable[..., dict[str, Any]]


def test_it_answers_with_the_verb(ask: Ask) -> None:
    assert ask("planner.resolve_intent", text="please upgrade requests") == {"verb": "upgrade"}
