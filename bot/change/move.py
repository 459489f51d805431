"""What moved a branch, as the forge's own record of pushes tells it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ids import Login, Sha


@dataclass(frozen=True)
class Move:
    """One push, merge or making of a branch; ``person`` is None where the forge does not say whose."""

    before: Sha
    after: Sha
    person: int | None
    login: Login
