"""The record of everything that was said, as JSON lines, so that others can judge it by GitHub's schemas."""

from __future__ import annotations

import json
from typing import Any

from tests.doubles.github.state import GitHub


def record(github: GitHub, line: dict[str, Any]) -> None:
    """Add one exchange to ``traffic.jsonl`` in the data directory."""
    with (github.data / "traffic.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, default=str) + "\n")
