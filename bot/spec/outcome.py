"""What is already said of calls, by locked tests and by the instruction's own examples: a challenge that says otherwise is wrong.

A call is known again in its normal form: names of set-up filled in, arguments by parameter, defaults written out, literals as
Python prints them. What a test says is read from its source, where it is written plainly: ``assert f(3) == 4``,
``assert f(3) is None``, ``with pytest.raises(E): f(3)``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.spec.definitions import parse_quietly
from bot.spec.doctests import WRONG
from bot.spec.draft import Claim, Draft, Kind
from bot.spec.examples import draft_examples
from bot.spec.ground import Ground
from bot.spec.prose import read_value
from bot.spec.spec import Spec, SpecTest

_RESULTS = frozenset((Kind.EQUALS, Kind.IS, Kind.RAISES))

_SYMPTOM = re.compile(r"\s*[`'\"]*\s*(?:instead of|rather than|,?\s*but\b)", re.IGNORECASE)
"""After a value: it is what happens now."""
_DENIED = re.compile(r"\b(?:instead of|rather than|not|never|no longer|n't)\s+(?:\w+\s+){0,2}[`'\"]*$", re.IGNORECASE)
"""Before a value: it is what shall not be."""
_LEAD = re.compile(
    r"(?:\b(?:gives?|returns?|yields?|be|is|are|equals?|equal to|produces?|prints?|becomes?|raises?|throws?|counts? as"
    r"|fails? with)|->|=>|→|=|:)\s*(?:(?:an?|the|always|just|then|exactly|list|string|tuple|value|number)\s+){0,3}[`'\"]*$",
    re.IGNORECASE,
)
"""Before a value: it is what comes of something, not what goes in."""
_STARTS = re.compile(r"(?<![\w.])(?=[\w\[({'\"`+-])")
_LEAST_WORD = 3


@dataclass(frozen=True)
class Said:
    """One outcome that somebody said."""

    outcome: str
    """In its normal form."""
    by: str
    """Who says so, for people."""
    is_example: bool = False
    """Whether the instruction's own words do, as the reader of examples understands them."""


class Outcomes:
    """What the locked spec and the instruction say, by call."""

    def __init__(self, ground: Ground, spec: Spec | None, root: Path) -> None:
        self._parameters = _parameters(ground)
        self._said: dict[str, list[Said]] = {}
        for claim in _examples(ground):
            self._add(claim, Said(_outcome(claim), "the instruction's own example", is_example=True))
        for test in spec.tests if spec else ():
            by = "a held-out test of the spec" if test.held_out else test.id
            for claim in _claims_of(test, spec, root) if test.kept else ():
                self._add(claim, Said(_outcome(claim), by))

    def _add(self, claim: Claim, said: Said) -> None:
        self._said.setdefault(self._call(claim), []).append(said)

    def against(self, claim: Claim) -> str:
        """Return who says otherwise of the very same call; '' where nobody does."""
        outcome = _outcome(claim)
        return next((each.by for each in self._said.get(self._call(claim), ()) if each.outcome != outcome), "")

    def is_example(self, claim: Claim) -> bool:
        """Tell whether an example in the instruction says the very same."""
        outcome = _outcome(claim)
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
        if (literal := _literal(node)) is not None:
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


def _parameters(ground: Ground) -> dict[str, tuple[tuple[str, ...], dict[str, str]]]:
    """Return the positional parameters and the written defaults of the touched functions, by name."""
    found: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {}
    for (_, qualname), routine in ground.routines.items():
        arguments = routine.node.args
        positional = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
        late = dict(zip(reversed(positional), reversed(arguments.defaults), strict=False))
        late |= {
            each.arg: value for each, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value is not None
        }
        own = tuple(positional[1:] if "." in qualname and positional[:1] in (["self"], ["cls"]) else positional)
        parts = qualname.split(".")
        name = parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]
        found[name] = own, {key: ast.unparse(value) for key, value in late.items()}
    return found


def _examples(ground: Ground) -> Iterator[Claim]:
    drafts = draft_examples(ground.instruction, ground.resolver())
    claims = (each.claim for each in drafts if isinstance(each, Draft))
    yield from (each for each in claims if each.certain and each.kind in _RESULTS)


def _claims_of(test: SpecTest, spec: Spec | None, root: Path) -> Iterator[Claim]:
    path, *names = test.id.partition("[")[0].split("::")
    text = next((each.content for each in spec.files if each.path == path), None) if spec else None
    if text is None and (root / path).is_file() and not (root / path).is_symlink():
        text = (root / path).read_text(encoding="utf-8", errors="replace")
    node: ast.AST | None = parse_quietly(text or "")
    for name in names:
        node = next((each for each in getattr(node, "body", []) if getattr(each, "name", None) == name), None)
    if names and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.args.args:
        yield from _claims_in(node.body)


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


def names_outcome(quote: str, claim: Claim) -> bool:
    """Tell whether words themselves name what a claim expects, as what ought to be: ``… gives 0``, ``… raises ValueError``.

    Words that complain, or name the value as what happens now or shall not be, do not.
    """
    folded = " ".join(quote.split())
    if WRONG.search(folded) or claim.expected is None:
        return False
    return any(_wished(folded, start, end) for start, end in _mentions(folded, claim))


def _wished(text: str, start: int, end: int) -> bool:
    before = text[:start]
    return bool(_LEAD.search(before)) and not _SYMPTOM.match(text, end) and not _DENIED.search(before)


def _mentions(text: str, claim: Claim) -> Iterator[tuple[int, int]]:
    """Yield where a text names the outcome of a claim."""
    wanted = _outcome(claim)
    if claim.kind is Kind.RAISES:
        yield from (found.span() for found in re.finditer(rf"\b{re.escape(wanted.removeprefix('raises '))}\b", text))
        return
    for found in _STARTS.finditer(text):
        value = read_value(text[found.start() :])
        if value is not None and _literal(value) == wanted:
            yield found.start(), found.start() + len(ast.unparse(value))
    word = claim.expected.value if isinstance(claim.expected, ast.Constant) else None
    if isinstance(word, str) and len(word) >= _LEAST_WORD:
        yield from (found.span() for found in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text))


def _outcome(claim: Claim) -> str:
    if claim.expected is None:
        return ""
    if claim.kind is Kind.RAISES:
        return f"raises {ast.unparse(claim.expected).rpartition('.')[2]}"
    literal = _literal(claim.expected)
    return ast.unparse(claim.expected) if literal is None else literal


def _literal(node: ast.expr) -> str | None:
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
