"""Call a project's functions on given inputs, in the sandbox, and say what they did in a form that can be compared."""

from __future__ import annotations

from collections.abc import Sequence

from bot.harness.harness import Call, Observation
from bot.harness.patch import Patch
from bot.harness.session import Session


def ask_observations(session: Session, patches: Sequence[Patch], calls: Sequence[Call]) -> tuple[Observation, ...]:
    raise NotImplementedError
