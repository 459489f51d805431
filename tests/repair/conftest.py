from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from bot.repair.enumeration import TEMPLATES
from bot.repair.evidence import NOTHING_SEEN, Seen
from bot.repair.routine import Routine
from bot.repair.source import FunctionNode, SourceFile, own_expressions
from bot.repair.template import Site

Rewritten = Callable[..., set[str]]


@pytest.fixture
def rewritten() -> Rewritten:
    """Return the texts that one template makes of a source, its every statement looked at; all must parse."""

    def make(name: str, source: str, *, seen: Seen = NOTHING_SEEN, words: str = "") -> set[str]:
        file = SourceFile("m.py", source)
        template = next(each for each in TEMPLATES if each.name == name)
        found: set[str] = set()
        for statement in file.statements:
            if isinstance(statement, FunctionNode | ast.ClassDef):
                continue
            site = Site(file, Routine(file, file.routine_of(statement), seen, words), statement)
            rewrites = list(template.statement(site)) if template.statement else []
            if template.expression:
                for node in own_expressions(statement):
                    rewrites += template.expression(site, node)
            for each in rewrites:
                assert 0 <= each.prior <= 2
                text = each.apply(source)
                ast.parse(text)
                found.add(text)
        return found

    return make


@pytest.fixture
def made(rewritten: Rewritten) -> Callable[[str, str, str], bool]:
    """Say whether a template makes ``after`` of ``before``; both are bodies of ``def f(a, b, c):`` on one line or more."""

    def look(name: str, before: str, after: str) -> bool:
        def whole(body: str) -> str:
            return "def f(a, b, c):\n" + "".join(f"    {line}\n" for line in body.splitlines())

        return whole(after) in rewritten(name, whole(before))

    return look
