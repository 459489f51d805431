"""Promises are asked of what functions were seen to do."""

from __future__ import annotations

import ast
import contextlib
import copy
from typing import Any

import pytest

from bot.behaviour.contracts import Breach, Watched, breaches, kind
from bot.behaviour.touched import compare
from bot.harness.harness import Call, Observation, ObservedKind


def observed(text: str, calls: tuple[Call, ...]) -> tuple[Observation, ...]:
    """Call the function in place: the texts here are our own."""
    names: dict[str, Any] = {}
    exec(compile(text, "m.py", "exec"), names)  # noqa: S102 - our own text, above
    found = []
    for call in calls:
        arguments = ast.literal_eval(call.arguments)
        given = copy.deepcopy(arguments)
        try:
            value = names[call.qualname](*given)
        except Exception as error:  # noqa: BLE001 - whatever it raises is the observation
            found.append(Observation(ObservedKind.RAISED, f"{type(error).__name__}: {error}", type(error).__name__))
            continue
        after = repr(given) if given != arguments else ""
        found.append(Observation(ObservedKind.RETURNED, repr(value), type(value).__name__, after))
    return tuple(found)


def watch(text: str, words: str, examples: list[Any], others: list[Any], old: str = "") -> dict[str, Breach]:
    file = compare("m.py", old, text)
    assert file is not None
    routine = file.routines[0]
    calls = tuple(Call("m", routine.qualname, repr(each)) for each in (*examples, *others))
    before: tuple[Observation, ...] = ()
    with contextlib.suppress(KeyError):
        before = observed(old, calls) if old else ()
    found = breaches(Watched(routine, words, calls, observed(text, calls), frozenset(calls[: len(examples)]), before))
    return {each.rule: each for each in found}


def test_an_unbound_name_on_a_near_input_is_an_accident() -> None:
    text = "def f(s):\n    for each in s:\n        last = each\n    return last\n"
    found = watch(text, "", [("ab",), ("c",)], [("",)])
    assert found["accident"].sure
    assert found["accident"].call == "f('')"
    assert "UnboundLocalError" in found["accident"].gave


def test_an_error_raised_on_purpose_is_none() -> None:
    text = "def f(n):\n    if n == 0:\n        raise ValueError('no')\n    return 1 / n\n"
    assert not watch(text, "", [(1,), (2,)], [(0,), (3,)])


def test_a_new_error_where_the_old_code_had_an_answer_is_odd_but_may_be_meant() -> None:
    old = "def f(n):\n    return n\n"
    found = watch("def f(n):\n    if n > 5:\n        raise KeyError(n)\n    return n\n", "", [(1,)], [(9,)], old)
    assert not found["new-crash"].sure


def test_type_and_index_errors_count_only_on_inputs_like_the_examples() -> None:
    root = "def f(n):\n    return int((n ** 0.5) + 0)\n"
    assert not watch(root, "", [(4,), (9,)], [(-4,)]), "no example is negative"
    assert "accident" in watch("def f(n):\n    return [1, 2][n - 1] + 'x'[n]\n", "", [(5,)], [(4,)])
    assert "accident" in watch("def f(s):\n    return s[0]\n", "", [("a",)], [("",)])
    assert not watch("def f(s):\n    return s[0]\n", "", [([1],)], [([],)])


def test_the_kind_of_result_must_stay() -> None:
    found = watch("def f(n):\n    return n if n < 9 else 'too large'\n", "", [(1,), (2,)], [(3,), (10,)])
    assert found["kind-of-result"].gave == "'too large'"


def test_a_result_that_is_forgotten_on_some_inputs() -> None:
    found = watch("def f(n):\n    if n < 9:\n        return n\n", "", [(1,), (2,)], [(10,)])
    assert "unasked-none" in found
    assert not watch("def f(n):\n    return n if n < 9 else None\n", "", [(1,), (2,)], [(10,)])


def test_pairs_keep_their_structure() -> None:
    text = "def f(n):\n    return (True, n) if n < 9 else (-1, False)\n"
    assert "structure" in watch(text, "", [(1,), (2,)], [(10,)])


def test_one_example_is_too_little_to_go_by() -> None:
    assert not watch("def f(n):\n    return n if n < 9 else 'x'\n", "", [(1,)], [(10,)])


def test_an_argument_the_old_code_left_alone() -> None:
    old = "def f(a):\n    return sorted(a)[0]\n"
    found = watch("def f(a):\n    a.sort()\n    return a[0]\n", "", [([2, 1],)], [], old)
    assert "argument-changed" in found
    assert not watch("def f(a):\n    a.sort()\n    return a[0]\n", "", [([2, 1],)], [], "def g():\n    pass\n")


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("Return the sorted list.", "sorted"),
        ("Sort the elements.", "same-elements"),
    ],
)
def test_words_promise(words: str, rule: str) -> None:
    text = "def f(a):\n    return sorted(a) if len(a) < 4 else a[1:]\n"
    found = watch(text, words, [([2, 1],), ([3, 2],), ([1],)], [([3, 2, 1, 0],), ([3, 2, 1, 2],), ([3],)])
    near = watch(text, words, [([9, 3, 2],), ([3, 2],), ([1],)], [([5, 9, 3, 2],)])
    assert rule in found or rule in near


def test_a_promise_the_examples_break_was_misread() -> None:
    text = "def f(a):\n    return a[::-1]\n"
    assert not watch(text, "Return the sorted list.", [([1, 2],), ([1, 3],), ([1, 4],)], [([1, 2, 3],)])


def test_a_known_notion_is_asked_beside_the_code() -> None:
    text = "def f(n):\n    return sum(int(each) ** 3 for each in str(n)) == n\n"
    found = watch(text, "Is it an Armstrong number?", [(153,), (259,)], [(370,), (9,)])
    assert found["notion-armstrong-number"].call == "f(9)"


def test_annotations_promise() -> None:
    text = "def f(n) -> list[int]:\n    return [n] if n < 5 else [str(n)]\n"
    assert "annotation" in watch(text, "", [(1,)], [(7,)])


def test_a_process_that_dies_or_hangs() -> None:
    file = compare("m.py", "", "def f(n):\n    return n\n")
    assert file is not None
    calls = (Call("m", "f", "(1,)"), Call("m", "f", "(2,)"), Call("m", "f", "(3,)"))
    good = Observation(ObservedKind.RETURNED, "1", "int")
    after = (good, Observation(ObservedKind.CRASHED), Observation(ObservedKind.TIMED_OUT))
    watched = Watched(file.routines[0], "", calls, after, frozenset(calls[:1]), (good,) * 3)
    found: dict[str, Breach] = {each.rule: each for each in breaches(watched)}
    assert found["crash"].sure
    assert not found["endless"].sure
    assert not breaches(Watched(file.routines[0], "", calls[2:], after[2:], frozenset(), ()))


def test_kinds() -> None:
    values: list[Any] = [None, True, 1.5, "a", []]
    assert [kind(each) for each in values] == ["nothing", "true or false", "a number", "text", "a container"]
