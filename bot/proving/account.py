"""What edits do, in words made from the edits themselves: what a model says of its own work is not repeated as fact. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.change.change import Edit, Edits
from bot.change.diff import compare
from bot.change.outline import definitions, parse, touched, touched_lines
from bot.change.patch import unified
from bot.proving.objections import Read

MOST_NAMES = 3
MOST_FILES = 4
MOST_CHARACTERS = 200


def account(edits: Edits, read: Read) -> str:
    """Return one phrase on edits, as the title of a commit has it: ``Change Cart.total in shop.py``."""
    parts = [_part(each, read(each.path)) for each in edits.edits]
    more = [f"and {len(parts) - MOST_FILES} more files"] if len(parts) > MOST_FILES else []
    said = ", ".join([*parts[:MOST_FILES], *more])
    said = said if len(said) <= MOST_CHARACTERS else f"{said[: MOST_CHARACTERS - 1]}…"
    return said[:1].upper() + said[1:]


def _part(edit: Edit, before: str | None) -> str:
    if edit.content is None:
        return f"delete {edit.path}"
    if before is None:
        return f"add {edit.path}"
    names = _names(edit.path, before, edit.content) if edit.path.endswith(".py") else ()
    known = {each.name for each in definitions(tree)} if names and (tree := parse(before)) is not None else set(names)
    old, new = [each for each in names if each in known], [each for each in names if each not in known]
    if old and new:
        return f"change {_listed(old)} and add {_listed(new)} in {edit.path}"
    if new:
        return f"add {_listed(new)} to {edit.path}"
    return f"change {_listed(old)} in {edit.path}" if old else f"change {edit.path}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{', '.join(names[:MOST_NAMES])}{more}"


def _names(path: str, before: str, after: str) -> tuple[str, ...]:
    return tuple(name for name in touched(after, touched_lines(compare(path, before, after))) if name)


def as_diff(edits: Edits, read: Read) -> str:
    """Return edits as git prints a diff."""
    return unified(_there(edits, read), edits)


def size(edits: Edits, read: Read) -> int:
    """Return how many lines come in or go."""
    changes = (compare(each.path, read(each.path), each.content) for each in edits.edits)
    return sum(each.added + each.removed for each in changes)


def _there(edits: Edits, read: Read) -> Mapping[str, str]:
    return {each.path: text for each in edits.edits if (text := read(each.path)) is not None}
