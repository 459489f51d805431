"""Templates that put a statement in: an early return, a forgotten update, a statement seen elsewhere in the function."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.repair.conditions import made_up
from bot.repair.kinds import NUMBERS, compatible
from bot.repair.source import FunctionNode
from bot.repair.statements import block_of, lines_of
from bot.repair.template import Rewrite, Site, Template

_GUARD_CONDITIONS = 24
_HARMLESS = ("[]", "0", "''", "None", "False", "True", "{}", "1", "-1", "()")
"""Values of an early return that say nothing about a test."""


def _before(site: Site) -> tuple[int, str] | None:
    """Where a line can be put in front of the statement, and its indentation."""
    node = site.statement
    lines = lines_of(site.file, node)
    elif_ = isinstance(node, ast.If) and site.file.text.startswith("elif", site.file.span(node)[0])
    if lines is None or elif_ or block_of(site.file, node) is None:
        return None
    return lines[0], site.file.indent(node)


def _after(site: Site) -> tuple[int, str] | None:
    node = site.statement
    lines = lines_of(site.file, node)
    place = block_of(site.file, node)
    if lines is None or place is None or isinstance(node, FunctionNode | ast.ClassDef):
        return None
    if isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue):
        return None
    return lines[1], site.file.indent(node)


def _line(site: Site, indent: str, text: str) -> str:
    return f"{indent}{text}{site.file.newline}"


def _put(site: Site, at: int, text: str, prior: float) -> Rewrite:
    """Put whole lines in; a file that does not end its last line gets that end first."""
    unfinished = at and not site.file.text[:at].endswith(("\n", "\r"))
    return site.exact(at, at, (site.file.newline if unfinished else "") + text, prior)


def early_return(site: Site) -> Iterator[Rewrite]:
    """``if not a: return []`` in front of a statement."""
    place = _before(site)
    if (
        place is None
        or site.routine.node is None
        or (isinstance(site.statement, ast.Expr) and isinstance(site.statement.value, ast.Constant))
    ):
        return
    at, indent = place
    head = site.statement
    anchor = next((each for each in ast.walk(head) if isinstance(each, ast.expr)), None)
    if anchor is None:
        return
    first = block_of(site.file, head)
    natural = 1.0 if first and isinstance(site.file.parents.get(head), FunctionNode) else 0.4
    values = [*_returned(site), *_HARMLESS, *site.routine.parameters]
    conditions = [each for each, _ in zip(_guards(site, anchor), range(_GUARD_CONDITIONS), strict=False)]
    for rank, (test, prior) in enumerate(conditions):
        for other, value in enumerate(dict.fromkeys(values)):
            text = _line(site, indent, f"if {test}:") + _line(site, indent + site.file.step, f"return {value}")
            yield _put(site, at, text, natural * prior / (1 + 0.1 * other) / (1 + 0.02 * rank))


def _guards(site: Site, anchor: ast.expr) -> Iterator[tuple[str, float]]:
    for condition, prior in made_up(site, anchor):
        yield condition.text, prior


def _returned(site: Site) -> list[str]:
    """What the function returns elsewhere, where short."""
    found = [
        site.file.segment(node.value)
        for node in ast.walk(site.routine.body)
        if isinstance(node, ast.Return) and node.value is not None and len(site.file.segment(node.value)) <= 20  # noqa: PLR2004 - a name or a literal
    ]
    return list(dict.fromkeys(found))


def donor_statement(site: Site) -> Iterator[Rewrite]:
    """A statement that stands elsewhere in the function is put in front of or behind this one."""
    places = [each for each in (_before(site), _after(site)) if each]
    for donor in site.routine.statements:
        if donor is site.statement:
            continue
        text = site.file.segment(donor)
        ends = isinstance(donor, ast.Return | ast.Break | ast.Continue | ast.Raise)
        for at, indent in places:
            if not (ends and at == places[0][0]) or _last(site):
                yield _put(site, at, _line(site, indent, text), 0.4 if ends else 0.7)


def _last(site: Site) -> bool:
    place = block_of(site.file, site.statement)
    return place is not None and place[1] == len(place[0]) - 1


def update(site: Site) -> Iterator[Rewrite]:
    """A forgotten ``i += 1``, ``found.append(x)`` or ``seen.add(x)`` is put behind this statement, or in front of it."""
    names = site.routine.visible(site.statement, site.statement.lineno)
    texts = [each for name in names for each in _updates(site, name, [other for other in names if other != name])]
    texts += _steps(site)
    for at, indent in (each for each in (_after(site), _before(site)) if each):
        for text, prior in texts:
            yield _put(site, at, _line(site, indent, text), prior)


def _updates(site: Site, name: str, others: list[str]) -> Iterator[tuple[str, float]]:
    """One variable is counted up, added to or emptied, as fits its kind; a parameter only where it is a number."""
    kinds = site.routine.kinds.of
    kind = kinds.get(name, "")
    if name in site.routine.parameters and kind not in NUMBERS:
        return
    if kind in {"int", "number", "float"}:
        yield from ((f"{name} += 1", 0.8), (f"{name} -= 1", 0.5), (f"{name} = 0", 0.4))
        yield from ((f"{name} += {other}", 0.4) for other in others if kinds.get(other, "") in {"", *NUMBERS})
    elif kind == "list":
        yield from ((f"{name}.append({other})", 0.6) for other in others)
        yield f"{name} = []", 0.3
    elif kind == "set":
        yield from ((f"{name}.add({other})", 0.9) for other in others)
    elif kind == "str":
        yield from ((f"{name} += {other}", 0.5) for other in others if kinds.get(other, "") in {"", "str"})
        yield f"{name} = ''", 0.3


def _steps(site: Site) -> Iterator[tuple[str, float]]:
    """In a loop, one variable takes another's value: ``previous = node``."""
    if not _in_loop(site):
        return
    bound = [name for name, line in site.routine.first_bound.items() if line >= 0]
    for name in bound:
        for other in bound:
            if name != other:
                fit = compatible(site.routine.kinds.of.get(name, ""), site.routine.kinds.of.get(other, ""))
                yield f"{name} = {other}", 0.3 * fit


def final_return(site: Site) -> Iterator[Rewrite]:
    """A function that falls off its end gets a ``return``."""
    function = site.routine.node
    if function is None or function.body[-1] is not site.statement or isinstance(site.statement, ast.Return):
        return
    place = _after(site)
    if place is None:
        return
    at, indent = place
    names = list(site.routine.first_bound)
    for value in dict.fromkeys([*names, *_returned(site), *_HARMLESS, *(f"len({name})" for name in site.routine.parameters)]):
        yield _put(site, at, _line(site, indent, f"return {value}"), 1.0 if value in names else 0.6)


def otherwise(site: Site) -> Iterator[Rewrite]:
    """An ``if`` without ``else`` gets one, with a statement of the function."""
    node = site.statement
    if not isinstance(node, ast.If) or node.orelse or lines_of(site.file, node) is None:
        return
    at = site.file.line_start((node.end_lineno or 0) + 1)
    indent = site.file.indent(node)
    texts = [site.file.segment(each) for each in site.routine.statements if each not in node.body]
    texts += list(_in_parallel(site))
    texts += ["break", "continue"] if _in_loop(site) else []
    for text in dict.fromkeys(texts):
        yield _put(site, at, _line(site, indent, "else:") + _line(site, indent + site.file.step, text), 1.0)


def _in_parallel(site: Site) -> Iterator[str]:
    """The updates of the branch, made on other variables: ``odd += 1`` where the branch has ``even += 1``."""
    for statement in site.statement.body if isinstance(site.statement, ast.If) else ():
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            tail = site.file.segment(statement)[len(statement.target.id) :]
            kind = site.routine.kinds.of.get(statement.target.id, "")
            for name in site.routine.first_bound:
                if name != statement.target.id and kind and site.routine.kinds.of.get(name) == kind:
                    yield f"{name}{tail}"


def _in_loop(site: Site) -> bool:
    at: ast.AST | None = site.statement
    while at is not None and not isinstance(at, FunctionNode):
        at = site.file.parents.get(at)
        if isinstance(at, ast.For | ast.While):
            return True
    return False


def guarded(site: Site) -> Iterator[Rewrite]:
    """A statement gets a condition: it runs only ``if`` it holds."""
    node = site.statement
    place = _before(site)
    if (
        place is None
        or not isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Return | ast.Break)
        or node.end_lineno != node.lineno
    ):
        return
    anchor = next((each for each in ast.walk(node) if isinstance(each, ast.expr)), None)
    if anchor is None or isinstance(anchor, ast.Constant):
        return
    at, indent = place
    end = site.file.line_start(node.lineno + 1)
    own = site.file.text[at:end].lstrip()
    conditions = [(site.file.segment(each), 0.7) for each in site.routine.conditions if "\n" not in site.file.segment(each)]
    conditions += [(each.text, prior) for each, prior in made_up(site, anchor)][:40]
    for test, prior in conditions:
        yield site.exact(at, end, _line(site, indent, f"if {test}:") + indent + site.file.step + own, prior)


TEMPLATES = (
    Template("early return", 1.5, statement=early_return),
    Template("statement from the function", 1.5, statement=donor_statement),
    Template("forgotten update", 1.5, statement=update),
    Template("forgotten return", 4.0, statement=final_return),
    Template("forgotten else", 1.5, statement=otherwise),
    Template("statement made conditional", 1.0, statement=guarded),
)
