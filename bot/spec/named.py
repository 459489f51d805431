"""Tests that were there before: those the person named, those the text names, and answers to earlier questions."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.errors import InputError
from bot.ids import NodeId
from bot.spec.draft import Claim, Draft, Kind
from bot.spec.names import Resolver
from bot.spec.sayings import node_of, text_of
from bot.spec.spec import Source
from bot.spec.vetting import parse_example


def expand_named(named: Sequence[NodeId], collected: Sequence[NodeId], root: Path) -> tuple[NodeId, ...]:
    """Return the tests that the given ids stand for: one each, or all of a file, class or parametrised function.

    A test that is written down but could not be collected (its module does not import) stands for itself.

    Raises:
        InputError: an id names no test; the sentence holds the nearest one.
    """
    found: dict[NodeId, None] = {}
    for each in named:
        name = each.removeprefix("./")
        fitting = [test for test in collected if test == name or test.startswith((f"{name}::", f"{name}["))]
        if not fitting and _is_written(name, root):
            fitting = [NodeId(name)]
        if not fitting:
            near = difflib.get_close_matches(name, collected, 1, 0.5) or [
                test for test in collected if test.endswith(f"::{name}")
            ]
            advice = f"did you mean {near[0]}?" if near else "run `pytest --collect-only -q` to see the ids"
            msg = f"there is no test {each!r} in this repository: {advice}"
            raise InputError(msg)
        found |= dict.fromkeys(fitting)
    return tuple(found)


def _is_written(name: str, root: Path) -> bool:
    path, names, _ = name.partition("[")[0].partition("::")
    return bool(names) and path.endswith(".py") and node_of(NodeId(name), text_of(NodeId(name), root)) is not None


def named_in_text(text: str, collected: Sequence[NodeId]) -> tuple[NodeId, ...]:
    """Return the collected tests that a text names by id or by function name (``test_…``)."""
    words = set(re.findall(r"\b[Tt]est\w*", text))
    found = [test for test in collected if _function(test) in words and _function(test).lower() not in {"test", "tests"}]
    exact = [test for test in found if "[" in test and test.rpartition("::")[2] in text]
    precise = {_function(test) for test in exact}
    return tuple(test for test in found if test in exact or _function(test) not in precise)


def _function(test: NodeId) -> str:
    return test.partition("[")[0].rpartition("::")[2]


def draft_answers(answers: Sequence[str], resolver: Resolver) -> Iterator[Draft]:
    """Yield a locked test per answer, such as ``f([3, 1]) == 1`` or ``f([]) raises ValueError``.

    Raises:
        InputError: an answer is no assertion about the repository's code.
    """
    for answer in answers:
        call, raises, error = answer.partition(" raises ")
        tree = parse_example(call.strip().removeprefix("assert "))
        node = tree.body[0] if tree is not None and len(tree.body) == 1 else None
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Compare | ast.Call | ast.BoolOp | ast.UnaryOp):
            msg = f"the answer {answer!r} is no assertion: write one such as 'f([3, 1]) == 1'"
            raise InputError(msg)
        draft = resolver.draft(_raising(node.value, error, answer) if raises else _answer(node.value, answer))
        if draft is None:
            continue
        if not isinstance(draft, Draft):
            msg = f"the answer {answer!r} cannot become a test: {draft.reason}"
            raise InputError(msg)
        yield draft


def _answer(node: ast.expr, quote: str) -> Claim:
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
        return Claim(Kind.EQUALS, node.left, node.comparators[0], quote=quote, origin=Source.ANSWER)
    return Claim(Kind.HOLDS, node, quote=quote, origin=Source.ANSWER)


def _raising(node: ast.expr, error: str, quote: str) -> Claim:
    name = re.match(r"[A-Za-z_]\w*", error.strip())
    if name is None:
        msg = f"the answer {quote!r} names no exception: write it such as 'f([]) raises ValueError'"
        raise InputError(msg)
    return Claim(Kind.RAISES, node, ast.Name(name[0], ast.Load()), quote=quote, origin=Source.ANSWER)
