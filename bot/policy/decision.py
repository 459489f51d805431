"""What a policy decision is: yes or no, and every reason in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Decision:
    """The sum of all policies. ``allow`` only where nothing denies; ``require`` names who must still approve."""

    allow: bool
    deny: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    warn: tuple[str, ...] = ()
