"""All mutation operators, in the order of their rank: where a cap cuts, the first ones go first on each line."""

from __future__ import annotations

from bot.mutation.expressions import EXPRESSIONS
from bot.mutation.rewrite import Operator
from bot.mutation.statements import STATEMENTS

_RANK = (
    "comparison",
    "arithmetic",
    "boolean",
    "result",
    "condition",
    "number",
    "truth",
    "unary",
    "augmented assignment",
    "drop statement",
    "callee",
    "assignment",
    "raised exception",
    "caught exception",
    "jump",
    "loop",
    "slice",
    "argument",
    "string",
    "lambda",
    "dict key",
    "decorator",
    "case",
)

WHOLE = Operator(
    "whole statement",
    "leaves out a statement of the module or of a class; only where nothing else of the change can be broken",
    (),
    lambda _node, _text: iter(()),
    (),
)

OPERATORS: tuple[Operator, ...] = tuple(sorted((*EXPRESSIONS, *STATEMENTS), key=lambda each: _RANK.index(each.name)))
