from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot.spec.definitions import build_index
from bot.spec.standins import ANSWERS, stand_ins, stand_ins_for_instances, stand_ins_for_missing

SOURCE = """\
def plain(first, second):
    '''Doc.'''
    return first


def one(): return 1


class A:
    def method(self, value):
        yield value

    @staticmethod
    async def other(*rest):
        await rest
"""


@pytest.mark.parametrize(
    ("name", "first", "count"),
    [("plain", "return first", 14), ("one", "", 13), ("method", "return value", 14), ("other", "", 13)],
)
def test_a_functions_body_is_replaced_whole(tmp_path: Path, name: str, first: str, count: int) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    definition = build_index(tmp_path, lambda _: True).by_name[name][0]
    found = list(stand_ins(SOURCE, definition))
    assert len(found) == count
    assert len(ANSWERS) == 12
    assert (first in [each.says for each in found]) is bool(first)
    for each in found:
        tree = ast.parse(each.variant.files["a.py"])
        node = next(one for one in ast.walk(tree) if getattr(one, "name", "") == name)
        assert ast.unparse(node.body) == each.says  # type: ignore[attr-defined]


def test_a_function_that_is_gone_has_none(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    definition = build_index(tmp_path, lambda _: True).by_name["plain"][0]
    assert list(stand_ins("x = 1\n", definition)) == []
    assert list(stand_ins("def (", definition)) == []


def test_a_function_to_be_written_is_added() -> None:
    found = list(stand_ins_for_missing("x = 1\n", "a.py", "slugify"))
    assert found[0].variant.files["a.py"] == "x = 1\n\n\ndef slugify(*arguments, **keywords):\n    return None\n"
    assert all(ast.parse(each.variant.files["a.py"]) for each in found)


@pytest.mark.parametrize("source", ["class A:\n    def one(self): return 1\n\nx = 1\n", "class A: one = lambda self: 1\nx = 1\n"])
def test_members_of_a_class_that_are_not_there_yet(source: str) -> None:
    for name, use in (("A.two()", "A().two(5)"), ("A.two", "A().two")):
        values = []
        for each in stand_ins_for_missing(source, "a.py", name):
            space: dict[str, object] = {}
            exec(each.variant.files["a.py"], space)  # noqa: S102 - our own text
            assert space["x"] == eval("A().one()", space)  # noqa: S307 - as above
            if "raise" not in each.says:
                values.append(eval(use, space))  # noqa: S307 - as above
        assert values[:3] == [None, True, False]
        assert (values[-1] == 5) is name.endswith("()")
    assert list(stand_ins_for_missing(source, "a.py", "B.two()")) == []


def test_instances_that_take_and_have_everything(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    definition = build_index(tmp_path, lambda _: True).by_name["A"][0]
    found = list(stand_ins_for_instances(SOURCE, definition))
    space: dict[str, object] = {}
    exec(found[1].variant.files["a.py"], space)  # noqa: S102 - our own text
    assert eval("A(1, of='x').anything", space) is True  # noqa: S307 - as above
    assert found[1].says == "any attribute: return True"
