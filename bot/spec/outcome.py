"""What the locked spec and the instruction say of calls, and what words name: a challenge that says otherwise is wrong."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from bot.spec.doctests import WRONG
from bot.spec.draft import Claim, Draft, Kind
from bot.spec.examples import draft_examples
from bot.spec.ground import Ground
from bot.spec.sayings import Parameters, Sayings, claims_of_test, literal_text, outcome_of, text_of
from bot.spec.spec import Spec, SpecTest
from bot.spec.values import read_value

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


def outcomes(ground: Ground, spec: Spec | None, root: Path) -> Sayings:
    """Return what the instruction's own examples and the kept tests of the spec say; ``root`` is the head's tree."""
    said = Sayings(_parameters(ground))
    for each in draft_examples(ground.instruction, ground.resolver()):
        if isinstance(each, Draft) and each.claim.certain:
            said.add(each.claim, "the instruction's own example", is_example=True)
    for test in spec.tests if spec else ():
        for claim in claims_of_test(test.id, _text_of(test, spec, root)) if test.kept else ():
            said.add(claim, "a held-out test of the spec" if test.held_out else test.id)
    return said


def _text_of(test: SpecTest, spec: Spec | None, root: Path) -> str:
    path = test.id.partition("::")[0]
    locked = next((each.content for each in spec.files if each.path == path), None) if spec else None
    return text_of(test.id, root) if locked is None else locked


def _parameters(ground: Ground) -> Parameters:
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
    wanted = outcome_of(claim)
    if claim.kind is Kind.RAISES:
        yield from (found.span() for found in re.finditer(rf"\b{re.escape(wanted.removeprefix('raises '))}\b", text))
        return
    for found in _STARTS.finditer(text):
        value = read_value(text[found.start() :])
        if value is not None and literal_text(value) == wanted:
            yield found.start(), found.start() + len(ast.unparse(value))
    word = claim.expected.value if isinstance(claim.expected, ast.Constant) else None
    if isinstance(word, str) and len(word) >= _LEAST_WORD:
        yield from (found.span() for found in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text))
