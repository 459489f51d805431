"""Which files a change may touch: git-style globs, and the reason why not.

``*`` and ``?`` stay within one folder, ``**`` crosses folders, a pattern is anchored at the repository's root. Protected
patterns are matched without regard to case, as some file systems would open the same file either way.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from bot.change.area import is_lock, is_manifest

_UPGRADE: Final = re.compile(
    r"\b(upgrade|downgrade|bump|dependenc(y|ies)|lock ?file|requirements?\.txt|pyproject"
    r"|(add|remove|install|update|pin)\b.{0,40}\bpackage)\b",
    re.IGNORECASE,
)


def why_not(path: str, allowed: tuple[str, ...], protected: tuple[str, ...], *, upgrade: bool = False) -> str:
    """Return why ``path`` may not be touched, as a sentence; '' where it may.

    Lock files and manifests may only be touched by an upgrade.
    """
    reason = why_protected(path, protected, upgrade=upgrade)
    if reason:
        return reason
    if not matches(path, allowed):
        return f"{path} lies outside the paths that may be touched ({', '.join(allowed) or 'none'})"
    return ""


def why_protected(path: str, protected: tuple[str, ...], *, upgrade: bool = False) -> str:
    """Return why ``path`` is protected, as a sentence; '' where it is not."""
    if matches(path, protected, ignore_case=True):
        return f"{path} is protected: only a person changes it, without Pawl"
    if not upgrade and (is_manifest(path) or is_lock(path)):
        return f"{path} says what the project depends on: only an instruction to upgrade or add a package changes it"
    return ""


def may_upgrade(verb: str | None, instruction: str) -> bool:
    """Tell whether manifests and lock files may be touched: for an upgrade, or where nobody said what was wanted."""
    if verb == "upgrade" or not (verb or instruction.strip()):
        return True
    return bool(_UPGRADE.search(instruction))


def matches(path: str, globs: tuple[str, ...], *, ignore_case: bool = False) -> bool:
    """Tell whether any glob matches the whole path."""
    return any(_compiled(glob, ignore_case).match(path) for glob in globs)


@lru_cache(maxsize=512)
def _compiled(glob: str, ignore_case: bool) -> re.Pattern[str]:  # noqa: FBT001 - part of the cache's key
    pattern = glob + "**" if glob.endswith("/") else glob
    pieces = re.findall(r"\*\*/|/\*\*\Z|\*\*|\*|\?|\[[^\]/]+\]|.", pattern, re.DOTALL)
    return re.compile("".join(map(_piece, pieces)) + r"\Z", (re.IGNORECASE if ignore_case else 0) | re.DOTALL)


def _piece(piece: str) -> str:
    simple = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if piece in simple:
        return simple[piece]
    if piece.startswith("[") and len(piece) > 1:
        inside = piece[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        return f"[^{inside[1:]}]" if inside[0] in "!^" and len(inside) > 1 else f"[{inside}]"
    return re.escape(piece)
