from __future__ import annotations

import ast
import warnings
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mutation.generator import plan_mutants

SOURCE = '''\
from __future__ import annotations

LIMIT = 10


def clamp(value: int, low: int = 0) -> int:
    """Keep a value in bounds."""
    if value < low:
        return low
    total = [each * 2 for each in range(value) if each % 3 == 0]
    while total and total[-1] > LIMIT:
        total.pop()
    return min(sum(total), LIMIT)


class Counter:
    step = 1

    @property
    def next(self):
        return f"{self.now + self.step}:{'a' if self.now else 'b'}"
'''
ALL = frozenset(range(1, 100))


def test_only_the_given_lines_are_broken_and_the_rest_stays_byte_for_byte() -> None:
    planned = plan_mutants("x.py", SOURCE, frozenset({8, 10}))
    assert {each.mutant.line for each in planned} == {8, 10}
    old = SOURCE.split("\n")
    for each in planned:
        new = each.mutant.source.split("\n")
        assert [number for number, (a, b) in enumerate(zip(old, new, strict=True), 1) if a != b] == [each.mutant.line]


def test_a_plan_is_the_same_every_time_and_no_mutant_is_there_twice() -> None:
    planned = plan_mutants("x.py", SOURCE, ALL)
    assert planned == plan_mutants("x.py", SOURCE, ALL)
    assert len({each.mutant.source for each in planned}) == len(planned) == len({each.mutant.id for each in planned})


def test_what_compiles_to_the_same_code_is_equivalent() -> None:
    planned = plan_mutants("x.py", "def f():\n    while True:\n        g()\n    return\n", frozenset({4}))
    assert [(each.mutant.operator, each.equivalent) for each in planned] == [("drop statement", True)]


def test_one_and_true_are_told_apart() -> None:
    planned = plan_mutants("x.py", "def f(x):\n    return 1\n", frozenset({2}))
    assert not any(each.equivalent for each in planned)


def test_module_class_default_and_decorator_faults_act_at_import() -> None:
    planned = plan_mutants("x.py", SOURCE, ALL)
    at_import = {each.mutant.line for each in planned if each.at_import}
    assert at_import == {3, 6, 17, 19}
    assert all(each.mutant.line in each.reach or each.at_import for each in planned)


def test_a_cap_spreads_over_the_lines() -> None:
    planned = plan_mutants("x.py", SOURCE, frozenset({8, 9, 10, 11, 13}), most=5)
    assert sorted(each.mutant.line for each in planned) == [8, 9, 10, 11, 13]
    other = plan_mutants("x.py", SOURCE, ALL, most=4, seed=3)
    assert len(other) == 4
    assert other == plan_mutants("x.py", SOURCE, ALL, most=4, seed=3)


def test_the_diff_shows_the_change_and_nothing_else() -> None:
    planned = plan_mutants("pkg/x.py", SOURCE, frozenset({8}))
    first = next(each.mutant for each in planned if each.mutant.operator == "comparison")
    assert first.diff.startswith("--- a/pkg/x.py\n+++ b/pkg/x.py\n@@ -6,5 +6,5 @@\n")
    assert [line for line in first.diff.splitlines()[3:] if line[0] in "+-"] == ["-    if value < low:", "+    if value <= low:"]


def test_a_mutant_over_several_lines_has_a_diff_that_fits() -> None:
    planned = plan_mutants("x.py", "f(\n    a,\n)\nx = 1\n", frozenset({1, 2, 3}))
    dropped = next(each.mutant for each in planned if each.mutant.operator == "drop statement")
    assert dropped.source == "pass\nx = 1\n"
    assert "@@ -1,5 +1,3 @@" in dropped.diff


@pytest.mark.parametrize("source", ["def f(:\n", "\x00", "((" * 200 + "))" * 200])
def test_a_file_that_does_not_parse_has_no_mutants(source: str) -> None:
    assert plan_mutants("x.py", source, ALL) == ()


PIECES = st.sampled_from(
    [*SOURCE.split("\n\n"), "x = a[1:2]", "del x", "try:\n    f()\nexcept E:\n    raise", "async def g(): await h()"]
)


@given(st.lists(PIECES, max_size=4), st.sets(st.integers(1, 40)))
def test_every_mutant_compiles_and_differs(pieces: list[str], lines: set[int]) -> None:
    source = "\n\n".join(pieces)
    for each in plan_mutants("x.py", source, frozenset(lines)):
        assert each.mutant.source != source
        assert each.mutant.line in lines
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(each.mutant.source)


def test_every_shape_that_mutmut_makes_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path)
    from mutmut.mutation.file_mutation import create_mutations, deep_replace  # noqa: PLC0415 - it reads the directory

    module, mutations, _, _ = create_mutations("x.py", SOURCE)
    replaced = [cast("Any", deep_replace(module, each.original_node, each.mutated_node)) for each in mutations]
    theirs = {ast.dump(ast.parse(each.code)) for each in replaced}
    ours = {ast.dump(ast.parse(each.mutant.source)) for each in plan_mutants("x.py", SOURCE, ALL, most=1000)}
    assert len(theirs) > 10
    assert not [ast.unparse(ast.parse(SOURCE)) for each in theirs - ours if "XX" not in each and "min" not in each]
