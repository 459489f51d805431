"""What is said of calls, and who says otherwise.

A call is known again in its normal form: names of set-up filled in, arguments by parameter, defaults written out, literals as
Python prints them. What a test says is read from its source, where it is written plainly: ``assert f(3) == 4``,
``assert f(3) is None``, ``with pytest.raises(E): f(3)``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.ids import NodeId
from bot.spec.draft import Claim, Kind
from bot.syntax.tree import MOST_WRITTEN, parse

Parameters = Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]]
"""By function's name: its positional parameters, and the defaults of all, as written."""
_RESULTS = frozenset((Kind.EQUALS, Kind.IS, Kind.RAISES))


@dataclass(frozen=True)
class Said:
    """One outcome that somebody said."""

    outcome: str
    """In its normal form."""
    by: str
    """Who says so, for people."""
    is_example: bool = False
    """Whether the instruction's own words do, as the reader of examples understands them."""


class Sayings:
    """Outcomes that were said, by call."""

    def __init__(self, parameters: Parameters | None = None) -> None:
        """Take the parameters of functions, so that ``f(1)`` and ``f(x=1)`` are the same call."""
        self._parameters = parameters or {}
        self._said: dict[str, list[Said]] = {}

    def add(self, claim: Claim, by: str, *, is_example: bool = False) -> None:
        """Take note of a claim; one that names no result says nothing here."""
        if claim.kind in _RESULTS:
            self._said.setdefault(self._call(claim), []).append(Said(outcome_of(claim), by, is_example))

    def against(self, claim: Claim) -> str:
        """Return who says otherwise of the very same call; '' where nobody does."""
        if claim.kind not in _RESULTS:
            return ""
        outcome = outcome_of(claim)
        return next((each.by for each in self._said.get(self._call(claim), ()) if each.outcome != outcome), "")

    def is_example(self, claim: Claim) -> bool:
        """Tell whether an example in the instruction says the very same."""
        outcome = outcome_of(claim)
        return any(each.is_example and each.outcome == outcome for each in self._said.get(self._call(claim), ()))

    def _call(self, claim: Claim) -> str:
        names = {
            each.targets[0].id: each.value
            for each in claim.setup
            if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name)
        }
        rest = [ast.unparse(each) for each in claim.setup if not isinstance(each, ast.Assign)]
        return "\n".join([*rest, self._normal(claim.expression, names)])

    def _normal(self, node: ast.expr, names: Mapping[str, ast.expr]) -> str:
        if isinstance(node, ast.Name) and node.id in names:
            return self._normal(names[node.id], {key: value for key, value in names.items() if key != node.id})
        if (literal := literal_text(node)) is not None:
            return literal
        return self._normal_call(node, names) if isinstance(node, ast.Call) else self._normal_other(node, names)

    def _normal_other(self, node: ast.expr, names: Mapping[str, ast.expr]) -> str:
        if isinstance(node, ast.Attribute):
            return f"{self._normal(node.value, names)}.{node.attr}"
        if isinstance(node, ast.Subscript):
            return f"{self._normal(node.value, names)}[{self._normal(node.slice, names)}]"
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return f"{type(node).__name__}({', '.join(self._normal(each, names) for each in node.elts)})"
        return ast.unparse(node)

    def _normal_call(self, node: ast.Call, names: Mapping[str, ast.expr]) -> str:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        on = f"{self._normal(owner, names)}." if owner is not None and not self._is_module(owner, names) else ""
        known = self._parameters.get(name)
        order = known[0] if known else ()
        bound = {key: self._normal(ast.parse(text, mode="eval").body, {}) for key, text in (known[1] if known else {}).items()}
        for at, each in enumerate(node.args):
            bound[order[at] if at < len(order) else f"*{at}"] = self._normal(each, names)
        bound |= {str(each.arg): self._normal(each.value, names) for each in node.keywords}
        return f"{on}{name}({', '.join(f'{key}={value}' for key, value in sorted(bound.items()))})"

    def _is_module(self, node: ast.expr, names: Mapping[str, ast.expr]) -> bool:
        """Tell whether a dotted name stands for a module rather than a value."""
        text = ast.unparse(node)
        return text not in names and all(part.isidentifier() and part.islower() for part in text.split("."))


def claims_of_test(test: NodeId, text: str) -> Iterator[Claim]:
    """Yield what the plain assertions of a test say, or of all tests in the class or file that an id names.

    ``text`` is the file's source. Parametrised tests say nothing plainly.
    """
    for each in ast.walk(node_of(test, text) or ast.Module([], [])):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name.startswith("test") and not _given(each):
            yield from _claims_in(each.body)


def _given(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a test takes anything besides itself."""
    return [each.arg for each in function.args.args] not in ([], ["self"])


def text_of(test: NodeId, root: Path) -> str:
    """Return the source of the file that an id names; '' where there is none, or where it lies outside the tree."""
    file = root / test.partition("[")[0].partition("::")[0]
    try:
        if not file.is_file() or file.is_symlink():
            return ""
        inside = file.resolve().is_relative_to(root.resolve())  # a stranger names the test; a folder may be a link
        return file.read_text(encoding="utf-8", errors="replace") if inside else ""
    except OSError:  # a name too long, or a file that may not be read
        return ""


def node_of(test: NodeId, text: str) -> ast.AST | None:
    """Return the syntax tree of what an id names, the file itself where it names no part; None where it is not written there."""
    node: ast.AST | None = parse(text, MOST_WRITTEN)
    for name in test.partition("[")[0].split("::")[1:]:
        node = next((each for each in getattr(node, "body", []) if getattr(each, "name", None) == name), None)
    return node


def _claims_in(body: Sequence[ast.stmt]) -> Iterator[Claim]:
    """Yield what the plain assertions of a test say."""
    setup: list[ast.stmt] = []
    for each in body:
        if isinstance(each, ast.Assert):
            yield from _asserted(each.test, tuple(setup))
        elif isinstance(each, ast.With) and len(each.items) == 1 and len(each.body) == 1:
            yield from _raising(each.items[0].context_expr, each.body[0], tuple(setup))
        elif isinstance(each, ast.Assign):
            setup.append(each)


def _asserted(test: ast.expr, setup: tuple[ast.stmt, ...]) -> Iterator[Claim]:
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq | ast.Is):
        return
    left, right = test.left, test.comparators[0]
    if isinstance(right, ast.Call) and ast.unparse(right.func) == "pytest.approx" and right.args:
        right = right.args[0]
    if isinstance(left, ast.Call | ast.Attribute | ast.Subscript):
        yield Claim(Kind.EQUALS, left, right, None, setup)


def _raising(context: ast.expr, inner: ast.stmt, setup: tuple[ast.stmt, ...]) -> Iterator[Claim]:
    expects = isinstance(context, ast.Call) and ast.unparse(context.func) == "pytest.raises" and context.args
    if expects and isinstance(context, ast.Call) and isinstance(inner, ast.Expr):
        yield Claim(Kind.RAISES, inner.value, context.args[0], None, setup)


def outcome_of(claim: Claim) -> str:
    """Return what a claim says comes of its call, in its normal form."""
    if claim.expected is None:
        return ""
    if claim.kind is Kind.RAISES:
        return f"raises {ast.unparse(claim.expected).rpartition('.')[2]}"
    literal = literal_text(claim.expected)
    return ast.unparse(claim.expected) if literal is None else literal


def literal_text(node: ast.expr) -> str | None:
    """Return a literal in its normal form; None where it is none."""
    try:
        return _printed(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _printed(value: object) -> str:
    """Return a literal as text: equal numbers alike, sets and dictionaries in one order."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return repr(int(value)) if isinstance(value, float) and value.is_integer() else repr(value)
    if isinstance(value, dict):
        return f"{{{_joined(f'{_printed(key)}: {_printed(one)}' for key, one in value.items())}}}"
    if isinstance(value, set | frozenset):
        return f"{{{_joined(map(_printed, value))}}}"
    if isinstance(value, list | tuple):
        inside = ", ".join(map(_printed, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    return repr(value)


def _joined(texts: Iterable[str]) -> str:
    return ", ".join(sorted(texts))
