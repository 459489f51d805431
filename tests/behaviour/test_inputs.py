from __future__ import annotations

import ast

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.behaviour.inputs import calls_for
from bot.harness.harness import Call

SOURCE = '''
class Box:
    def __init__(self, size):
        self.size = size

    def put(self, count: int):
        return count

    @staticmethod
    def of(n: int):
        return n

    @classmethod
    def named(cls, name: str):
        return name


def pick(values, k):
    """Positive k.

    >>> pick([1, 2, 3], 2)
    2
    """
    return values[k]


def typed(names: list[str], flag: bool = False):
    return names
'''


def test_seen_calls_come_first_and_grow() -> None:
    seen = [Call("m", "pick", "([4, 5], 1)"), Call("m", "typed", "([],)")]
    found = calls_for(SOURCE, "m", "pick", seen, most=40)
    assert [each.arguments for each in found[:2]] == ["([4, 5], 1)", "([1, 2, 3], 2)"]
    assert len(found) == len(set(found)) == 40
    assert all(ast.literal_eval(each.arguments)[1] >= 1 for each in found)
    assert any(ast.literal_eval(each.arguments)[0] == [] for each in found)


def test_the_same_for_the_same_seed() -> None:
    assert calls_for(SOURCE, "m", "typed", (), seed=3) == calls_for(SOURCE, "m", "typed", (), seed=3)
    assert calls_for(SOURCE, "m", "typed", (), seed=3) != calls_for(SOURCE, "m", "typed", (), seed=4)


def test_annotations_make_inputs_where_nothing_was_seen() -> None:
    found = calls_for(SOURCE, "m", "typed", (), most=20)
    values = [ast.literal_eval(each.arguments) for each in found]
    assert values
    assert all(len(row) == 1 and all(isinstance(item, str) for item in row[0]) for row in values)


def test_methods_need_a_seen_object() -> None:
    assert calls_for(SOURCE, "m", "Box.put", ()) == ()
    found = calls_for(SOURCE, "m", "Box.put", [Call("m", "Box.put", "(1,)", "{}", "(7,)")], most=10)
    assert all(each.receiver == "(7,)" for each in found)
    assert calls_for(SOURCE, "m", "Box.of", (), most=5)
    assert all(isinstance(ast.literal_eval(each.arguments)[0], str) for each in calls_for(SOURCE, "m", "Box.named", (), most=5))


def test_what_is_not_there_has_no_inputs() -> None:
    assert calls_for(SOURCE, "m", "gone", ()) == ()
    assert calls_for("def broken(:", "m", "broken", ()) == ()


@settings(max_examples=40)
@given(st.lists(st.tuples(st.lists(st.integers(-3, 9), max_size=4), st.integers(0, 5)), min_size=1, max_size=3))
def test_every_input_reads_back(rows: list[tuple[list[int], int]]) -> None:
    seen = [Call("m", "pick", repr(row)) for row in rows]
    for call in calls_for(SOURCE, "m", "pick", seen, most=30):
        assert len(ast.literal_eval(call.arguments)) == 2
