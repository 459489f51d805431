from __future__ import annotations

import ast

from bot.repair.evidence import Seen
from bot.repair.routine import Routine, names_in
from bot.repair.source import FunctionNode, SourceFile

SOURCE = '''
RATE = 2


def other(a):
    return a


class Shop:
    def sell(self, price, *rest, **named):
        """Sell for 15 or "cash" (see `till`).

        >>> sell(99)
        """
        late = price + self.stock
        for item in rest:
            total = [x for x in named if x != item and late]
            if total:
                self.close()
                break
        return RATE


def free():
    return None
'''


def _routine() -> tuple[Routine, FunctionNode]:
    file = SourceFile("m.py", SOURCE)
    node = next(each for each in ast.walk(file.tree) if isinstance(each, FunctionNode) and each.name == "sell")
    return Routine(file, node, Seen({}, ("-",)), "never 7 nor 'card'"), node


def test_names_in_scope() -> None:
    routine, node = _routine()
    assert routine.parameters == ("price", "rest", "named")
    assert set(routine.first_bound) == {"price", "rest", "named", "late", "item", "total"}
    comparison = next(each for each in ast.walk(node) if isinstance(each, ast.Compare))
    visible = routine.visible(comparison, comparison.lineno)
    assert visible["x"] == visible["price"] == 1.0
    assert visible["RATE"] < 1
    first = node.body[1]
    assert routine.visible(first, first.lineno)["total"] < 0.5


def test_donors() -> None:
    routine, _ = _routine()
    assert routine.attributes == ("stock", "close")
    assert {15, 7} <= set(routine.numbers)
    assert 99 not in routine.numbers
    assert {"cash", "till", "card", "-"} <= set(routine.texts)
    conditions = {ast.unparse(each) for each in routine.conditions}
    assert {"total", "x != item and late", "x != item"} <= conditions
    assert {ast.unparse(each) for each in routine.statements} >= {"break", "return RATE", "self.close()"}
    assert {ast.unparse(each) for each in routine.expressions} >= {"price + self.stock", "self.close()"}
    assert routine.functions["other"] == 1
    assert routine.uses["late"] == 1
    assert routine.owner is not None


def test_the_top_level_is_a_routine_too() -> None:
    routine = Routine(SourceFile("m.py", SOURCE), None)
    assert routine.parameters == ()
    assert routine.docstring == ""
    assert routine.owner is None
    assert routine.constants == ()


def test_names_in_leaves_built_ins_out() -> None:
    assert names_in(ast.parse("len(a) + b")) == {"a", "b"}
