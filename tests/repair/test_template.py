from __future__ import annotations

import ast

from bot.repair.routine import Routine
from bot.repair.source import SUM, Fragment, SourceFile
from bot.repair.template import Rewrite, Site


def test_a_rewrite_touches_its_own_characters_only() -> None:
    assert Rewrite("m.py", 2, 3, "XY", "t", 1.0).apply("abcd") == "abXYd"


def test_a_site_writes_expressions_as_their_place_needs() -> None:
    file = SourceFile("m.py", "y = a * b\n")
    statement = file.statements[0]
    site = Site(file, Routine(file, None), statement)
    node = next(each for each in ast.walk(statement) if isinstance(each, ast.Name) and each.id == "a")
    assert site.expression(node, Fragment("p + q", SUM)).apply(file.text) == "y = (p + q) * b\n"
    assert site.exact(0, 1, "z").apply(file.text) == "z = a * b\n"
    assert site.fragment(node).text == "a"
