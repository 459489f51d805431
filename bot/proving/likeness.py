"""Do two candidates do the same? On inputs nobody wrote down, of every function that either touches."""

from __future__ import annotations

from collections.abc import Sequence

from bot.behaviour.differences import canonical, written
from bot.behaviour.inputs import calls_for, seen_calls
from bot.change.change import Edits
from bot.change.diff import compare
from bot.change.outline import bare, functions, module_name, parse, touched
from bot.change.testing import is_test
from bot.harness.harness import Call, Variant, Variants
from bot.proving.objections import Read

MOST_FUNCTIONS = 8
CALLS_EACH = 64


def same_text(one: Edits, other: Edits) -> bool:
    """Tell whether two candidates are the same code, whatever their layout and comments."""
    return _codes(one) == _codes(other)


def _codes(edits: Edits) -> dict[str, str | None]:
    return {each.path: bare(each.content or "") or each.content for each in edits.edits}


def difference(one: Edits, other: Edits, read: Read, tests: Sequence[str], variants: Variants) -> str | None:
    """Return a call on which two candidates differ, as source; '' where none was found; None where none could be compared.

    ``tests`` are the sources of the shown tests, whose calls show what inputs look like.
    """
    calls = [call for path in _paths(one, other) for call in _calls(path, one, other, read, tests)]
    if not calls:
        return None
    both = [Variant(name, _texts(each)) for name, each in (("one", one), ("other", other))]
    seen = dict(variants.observe(both, calls))
    pairs = zip(calls, seen.get("one", ()), seen.get("other", ()), strict=True)
    return next((written(call) for call, first, second in pairs if canonical(first) != canonical(second)), "")


def _paths(*edits: Edits) -> list[str]:
    found = dict.fromkeys(each.path for one in edits for each in one.edits)
    return [path for path in found if path.endswith(".py") and not is_test(path)]


def _texts(edits: Edits) -> dict[str, str]:
    return {each.path: each.content or "" for each in edits.edits if each.path.endswith(".py") and not is_test(each.path)}


def _calls(path: str, one: Edits, other: Edits, read: Read, tests: Sequence[str]) -> list[Call]:
    found: dict[Call, None] = {}
    module = module_name(path)
    for edits in (one, other):
        text = _texts(edits).get(path)
        tree = parse(text) if text is not None else None
        if text is None or tree is None:
            continue
        names = frozenset(name for name in functions(tree) if "." not in name)
        seen = [call for source in tests for call in seen_calls(source, module, names)]
        lines = compare(path, read(path), text).added_lines
        for name in [each for each in touched(text, lines) if each in names][:MOST_FUNCTIONS]:
            found.update(dict.fromkeys(calls_for(text, module, name, seen, 0, CALLS_EACH)))
    return list(found)
