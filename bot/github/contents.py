"""One file of a repository at a commit or branch, as text."""

from __future__ import annotations

import base64
import re
from typing import Final
from urllib.parse import quote

from bot.errors import InputError
from bot.github.errors import NotFound
from bot.github.repository import Repository

_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


async def text(repo: Repository, path: str, ref: str | None = None) -> str | None:
    """Return a file's text, or None where there is none of that path, at a commit or branch (``ref``, or the default one).

    Raises:
        InputError: the path leads out of the repository, or the file is no UTF-8 text.
    """
    _require_inside(path)
    try:
        told = await repo.get(f"contents/{quote(path)}", ref=_exact(ref))
        if not isinstance(told, dict) or told.get("type") != "file":
            return None
        if told.get("encoding") != "base64":  # over 1 MB the content has to be asked for by its own name
            told = await repo.get(f"git/blobs/{told['sha']}")
    except NotFound:
        return None
    try:
        return base64.b64decode(told["content"]).decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path} is no UTF-8 text: save it as UTF-8") from None


async def names(repo: Repository, folder: str, ref: str | None = None) -> tuple[str, ...]:
    """Return the names of the files in a folder; none where there is no such folder."""
    _require_inside(folder)
    try:
        told = await repo.get(f"contents/{quote(folder)}", ref=_exact(ref))
    except NotFound:
        return ()
    return tuple(str(each["name"]) for each in told if each["type"] == "file") if isinstance(told, list) else ()


def _exact(ref: str | None) -> str | None:
    """Return what names the commit or branch and nothing else: whoever may push may give a tag a branch's name."""
    return ref if ref is None or _COMMIT.fullmatch(ref) else f"refs/heads/{ref}"


def _require_inside(path: str) -> None:
    if any(part in {"", ".", ".."} for part in path.split("/")):
        raise InputError(f"{path!r} is no path inside a repository: write it relative to the top, like .github/pawl.yml")
