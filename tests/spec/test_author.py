from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.errors import InputError
from bot.ids import NodeId, RepoName, Sha
from bot.lab import Lab
from bot.plan.plan import Plan
from bot.run import Instruction, Verb
from bot.spec.author import NoSpec, write_spec
from bot.spec.draft import Draft, Unusable
from bot.spec.foreign import Contribution, Setting, Written, draft_written
from bot.spec.lock import verify
from bot.spec.spec import Role, Source, Spec, SpecTest
from bot.spec.subjects import Wish

Tree = Callable[[dict[str, str]], Path]

CLAMP = '''\
def clamp(value: int, low: int, high: int) -> int:
    """Keep a value in bounds.

    >>> clamp(-5, 0, 3)
    0
    """
    if value < low:
        return low
    if value > high:
        return low
    return value
'''
TESTS = """\
from bounds import clamp


def test_inside():
    assert clamp(2, 0, 3) == 2


def test_above():
    assert clamp(9, 0, 3) == 3
"""


def write(lab: Lab, root: Path, text: str, verb: Verb = Verb.FIX, **more: object) -> Spec | NoSpec:
    wish = Instruction(verb, text, RepoName(str(root)), Sha("0" * 40), **more)  # type: ignore[arg-type]
    needs = verb in {Verb.FIX, Verb.ADD}
    return write_spec(wish, Plan(verb, text, (), needs_witness=needs), root, lab)


def spec_of(found: Spec | NoSpec) -> Spec:
    assert isinstance(found, Spec), found
    return found


def test_examples_docstrings_annotations_and_the_suite_make_one_spec(lab: Lab, tree: Tree) -> None:
    root = tree({"bounds.py": CLAMP, "tests/test_bounds.py": TESTS})
    text = (
        "`clamp` gives wrong results.\n\n- `clamp(7, 0, 5)` should be 5\n- clamp(1, 2, 3) should be 2\n"
        "- clamp(open('x'), 1, 2) == 3"
    )
    spec = spec_of(write(lab, root, text))
    kept = {each.id.rpartition("::")[2]: (each.role, each.origin) for each in spec.tests if each.kept}
    assert kept["test_clamp_example_1"] == (Role.WITNESS, Source.EXAMPLE)
    assert kept["test_clamp_example_2"] == (Role.GUARD, Source.EXAMPLE)
    assert kept["test_clamp_docstring_1"] == (Role.GUARD, Source.DOCSTRING)
    assert kept["test_above"] == (Role.WITNESS, Source.SUITE)
    assert kept["test_inside"] == (Role.GUARD, Source.SUITE)
    assert any("`open`" in each.reason for each in spec.tests if not each.kept)
    assert spec.kill_rate is not None
    assert all(each.kills for each in spec.witnesses + spec.guards)
    assert spec.files[0].path == "tests/test_pawl_clamp.py"
    assert "tests/test_bounds.py" in [each.path for each in spec.locked]
    for each in spec.files:
        (root / each.path).write_text(each.content)
    assert verify(spec, root) == ()


def test_the_same_wish_gives_the_same_spec(lab: Lab, tree: Tree) -> None:
    root = tree({"bounds.py": CLAMP})
    text = "`clamp` is wrong: clamp(7, 0, 5) should be 5, clamp(8, 0, 2) == 2, clamp(9, 1, 4) == 4, clamp(9, 0, 6) == 6"
    first, second = spec_of(write(lab, root, text)), spec_of(write(lab, root, text))
    assert first.digest == second.digest
    assert sum(each.held_out for each in first.witnesses) == 1
    assert [each.path for each in first.files if "held_out" in each.path] == ["test_pawl_clamp_held_out.py"]


def test_flaky_and_weak_candidates_are_dropped_with_their_reason(lab: Lab, tree: Tree) -> None:
    tests = (
        TESTS
        + "\n\nseen = []\n\n\ndef test_first():\n    seen.append(1)\n    assert clamp(1, 0, 3) == 1\n\n\n"
        + "def test_second():\n    assert hash('a') % 2 == hash('a') % 2\n    assert clamp(1, 0, 3) == 1\n    assert seen\n\n\n"
        + "def test_nothing():\n    try:\n        clamp(1, 0, 3)\n    except Exception:\n        pass\n"
    )
    root = tree({"bounds.py": CLAMP, "test_bounds.py": tests})
    spec = spec_of(write(lab, root, "`clamp` is wrong"))
    dropped = {each.id.rpartition("::")[2]: each.reason for each in spec.tests if not each.kept}
    assert dropped["test_second"].startswith("flaky: passed at first, failed in another order")
    assert dropped["test_nothing"].startswith("weak: it kills none of")


@pytest.mark.parametrize(
    ("text", "why", "advice"),
    [
        ("`clamp` should be faster", "nothing in the wish says", "clamp(3, 3, 3) == …"),
        ("clamp(2, 0, 3) should be 2", "everything that the wish names already holds", "clamp("),
        ("clamp(7, nothing, 5) should be 5", "`nothing` is not defined", "clamp("),
    ],
)
def test_without_a_trustworthy_spec_the_answer_says_what_would_help(
    lab: Lab, tree: Tree, text: str, why: str, advice: str
) -> None:
    found = write(lab, tree({"bounds.py": CLAMP}), text)
    assert isinstance(found, NoSpec)
    assert why in found.reason
    assert advice in found.advice


def test_named_tests_are_witnesses_and_never_dropped_for_weakness(lab: Lab, tree: Tree) -> None:
    source = "def is_even(n):\n    return n % 2 == 1\n"
    tests = (
        "from even import is_even\n\n\ndef test_two():\n    assert is_even(2)\n\n\ndef test_other():\n    assert not is_even(3)\n"
    )
    root = tree({"even.py": source, "test_even.py": tests})
    spec = spec_of(write(lab, root, "Make it right", tests=(NodeId("test_even.py::test_two"),)))
    assert [each.id for each in spec.witnesses] == ["test_even.py::test_two"]
    assert spec.witnesses[0].origin is Source.NAMED
    assert "all kept tests together still accept the trivial" in spec.witnesses[0].reason
    with pytest.raises(InputError, match=r"did you mean test_even\.py::test_two"):
        write(lab, root, "Make it right", tests=(NodeId("test_even.py::test_too"),))


@pytest.mark.parametrize("by_test", [True, False])
def test_a_docstring_that_the_person_contradicts_is_set_aside_and_told(lab: Lab, tree: Tree, by_test: bool) -> None:
    root = tree(
        {
            "bounds.py": CLAMP,
            "test_bounds.py": "from bounds import clamp\n\n\ndef test_under():\n    assert clamp(-5, 0, 3) == 1\n",
        }
    )
    named = NodeId("test_bounds.py::test_under")
    text, tests = ("`clamp` is wrong", (named,)) if by_test else ("`clamp(-5, 0, 3)` should be 1", ())
    spec = spec_of(write(lab, root, text, tests=tests))
    assert any(each.kept and each.origin in {Source.NAMED, Source.EXAMPLE} for each in spec.witnesses)
    (outdated,) = (each for each in spec.tests if each.origin is Source.DOCSTRING)
    assert not outdated.kept
    assert outdated.reason.endswith("says otherwise: the docstring is out of date")
    assert outdated.reason.startswith(named if by_test else "the wish (")


def test_an_answer_becomes_a_locked_test(lab: Lab, tree: Tree) -> None:
    spec = spec_of(write(lab, tree({"bounds.py": CLAMP}), "`clamp` is wrong", answers=("clamp(7, 0, 5) == 5",)))
    assert [(each.origin, each.held_out) for each in spec.witnesses] == [(Source.ANSWER, False)]


def test_a_crash_report_is_a_witness_where_guards_rule_the_stand_ins_out(lab: Lab, tree: Tree) -> None:
    source = "def head(items):\n    return items[0] if items is not None else None\n"
    tests = "from seq import head\n\n\ndef test_head():\n    assert head([3, 1]) == 3\n    assert head('x') == 'x'\n"
    report = (
        "It crashes:\n```python\nhead([])\n```\n```\nTraceback (most recent call last):\n"
        '  File "seq.py", line 2, in head\n    return items[0]\n'
        "IndexError: list index out of range\n```\n"
    )
    spec = spec_of(write(lab, tree({"seq.py": source, "test_seq.py": tests}), report))
    assert [each.origin for each in spec.witnesses] == [Source.TRACEBACK]
    assert "but the spec's tests together fail on all of them" in spec.witnesses[0].reason
    alone = write(lab, tree({"seq.py": source, "test_seq.py": ""}), report)
    assert isinstance(alone, NoSpec)
    assert "weak: it fails on only" in alone.reason


def test_a_function_that_is_still_to_be_written_has_witnesses(lab: Lab, tree: Tree) -> None:
    text = "Add `double` to bounds.py: double(2) == 4 and double(5) == 10"
    spec = spec_of(write(lab, tree({"bounds.py": CLAMP}), text, Verb.ADD))
    assert len(spec.witnesses) == 2
    assert all("14 of 14" in each.reason for each in spec.witnesses)


def test_a_test_that_fails_for_another_reason_is_no_witness_of_what_is_to_be_added(lab: Lab, tree: Tree) -> None:
    already = "def test_double():\n    from bounds import double\n    assert double(7) == 14\n"
    root = tree({"bounds.py": CLAMP, "test_bounds.py": TESTS, "test_new.py": already})
    examples = spec_of(write(lab, root, "Add `double` to bounds.py: double(2) == 4 and double(5) == 10", Verb.ADD))
    assert "test_bounds.py::test_above" not in {each.id for each in examples.witnesses}
    assert "test_new.py::test_double" in {each.id for each in examples.witnesses}
    prose = spec_of(write(lab, root, "Add double to bounds.py, it gives twice the number", Verb.ADD))
    assert [each.id for each in prose.witnesses] == ["test_new.py::test_double"]
    assert isinstance(write(lab, root, "Add a function that halves a number", Verb.ADD), NoSpec)


def test_a_wish_without_a_witness_to_need_keeps_guards(lab: Lab, tree: Tree) -> None:
    root = tree({"bounds.py": CLAMP, "test_bounds.py": TESTS})
    spec = spec_of(write(lab, root, "Make `clamp` shorter", Verb.REFACTOR))
    assert spec.witnesses == ()
    assert [each.id for each in spec.guards if each.origin is Source.SUITE] == ["test_bounds.py::test_inside"]
    assert [each.id for each in spec_of(write(lab, root, "Describe it", Verb.DOCS)).guards] == ["test_bounds.py::test_inside"]


def test_examples_that_a_constant_satisfies_are_no_spec(lab: Lab, tree: Tree) -> None:
    found = write(lab, tree({"even.py": "def is_even(n):\n    return n % 2 == 1\n"}), "is_even(2) should be True")
    assert isinstance(found, NoSpec)
    assert "every example is also satisfied by the trivial `is_even: return True`" in found.reason


def test_code_that_is_no_python_is_said_to_be(lab: Lab, tree: Tree) -> None:
    found = write(lab, tree({"bounds.py": "def (:\n", "test_bounds.py": TESTS}), "`clamp` is wrong")
    assert isinstance(found, NoSpec)
    assert "bounds.py is not valid Python" in found.reason


def test_code_that_is_nested_too_deeply_is_said_to_be(lab: Lab, tree: Tree) -> None:
    deep = f"MANY = {' + '.join(['1'] * 400)}\n{CLAMP}"
    found = write(lab, tree({"bounds.py": deep}), "`clamp(5, 1, 3)` should return `3`")
    assert isinstance(found, NoSpec)
    assert "bounds.py is not valid Python, or nested deeper than 250 levels" in found.reason


def test_a_name_that_misleads_does_not_decide_which_code_is_in_question(lab: Lab, tree: Tree) -> None:
    cache = """\
class Cache(dict):
    def __setitem__(self, key, value):
        if key not in self:
            super().__setitem__(key, value)
"""
    other = """\
class Table:
    def values(self):
        return []
"""
    tests = """\
from cache import Cache
from table import Table


def test_replaced():
    cache = Cache()
    cache["a"] = 1
    cache["a"] = 2
    assert list(cache.values()) == [2]


def test_first():
    cache = Cache()
    cache["a"] = 1
    assert cache == {"a": 1}


def test_table():
    assert Table().values() == []
"""
    root = tree({"cache.py": cache, "table.py": other, "tests/test_cache.py": tests})
    named = (NodeId("tests/test_cache.py::test_replaced"),)
    spec = spec_of(write(lab, root, "cache.values() keeps what was replaced", tests=named))
    kept = {each.id: each.role for each in spec.tests if each.kept}
    assert kept == {named[0]: Role.WITNESS, NodeId("tests/test_cache.py::test_first"): Role.GUARD}


SHOP = """\
class Cart:
    def __init__(self, prices):
        self.prices = prices

    def total(self):
        return sum(self.prices)


def mean(numbers):
    return sum(numbers) / len(numbers)
"""
PROSE = "The mean of no numbers must be zero. A cart that holds no prices must say that it is empty."


@dataclass
class Pen:
    """Writes the same tests each time it is asked, or one list after the other."""

    rounds: list[list[tuple[str, str, str]]]
    why_not: str = ""
    told: list[Sequence[SpecTest]] = field(default_factory=list)

    def __call__(self, wish: Wish, told: Sequence[SpecTest]) -> Contribution:
        self.told.append(told)
        tests = self.rounds[min(len(self.told), len(self.rounds)) - 1] if self.rounds else []
        written = [
            Written(name, (imports,), f"def {name}():\n    {body}\n", "The mean of no numbers must be zero")
            for name, imports, body in tests
        ]
        found = draft_written(Setting(wish.index, wish.text), written, wish.drafts)
        return Contribution(
            tuple(each for each in found if isinstance(each, Draft)),
            tuple(each for each in found if isinstance(each, Unusable)),
            "scripted:pen" if written else "",
            self.why_not,
        )


MEAN, CART = "from shop import mean", "from shop import Cart"
EMPTY = ("test_of_nothing", MEAN, "assert mean([]) == 0")
KNOWN = ("test_of_two", MEAN, "assert mean([1, 3]) == 2")


def ask(lab: Lab, root: Path, text: str, pen: Pen, *, always: bool = False, verb: Verb = Verb.FIX) -> Spec | NoSpec:
    wish = Instruction(verb, text, RepoName(str(root)), Sha("0" * 40))
    plan = Plan(verb, text, (), needs_witness=verb in {Verb.FIX, Verb.ADD})
    return write_spec(wish, plan, root, lab, None, pen, always=always)


def test_somebody_else_writes_what_the_words_do_not_hold(lab: Lab, tree: Tree) -> None:
    root = tree({"shop.py": SHOP})
    pen = Pen([[EMPTY, KNOWN, ("test_lazily", MEAN, "assert callable(mean)")]])
    first, second = spec_of(ask(lab, root, PROSE, pen)), spec_of(ask(lab, root, PROSE, pen))
    kept = {each.id.rpartition("::")[2]: (each.role, each.origin) for each in first.tests if each.kept}
    assert kept == {"test_of_nothing": (Role.WITNESS, Source.MODEL), "test_of_two": (Role.GUARD, Source.MODEL)}
    assert first.author == "scripted:pen"
    assert first.digest == second.digest
    assert all(each.quote for each in first.tests)
    assert [each.id for each in first.tests if not each.kept] == ["model::test_lazily"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("mean([])", "trivial"),
        ("assert mean([]) is not ...", "trivial"),
        ("assert callable(mean)", "nothing that the repository defines"),
        ("assert mean([1, 3]) == 2", "nothing in the wish says"),
    ],
)
def test_lazy_tests_make_no_spec(lab: Lab, tree: Tree, body: str, reason: str) -> None:
    root = tree({"shop.py": SHOP})
    pen = Pen([[("test_lazily", MEAN, body)]])
    found = ask(lab, root, PROSE, pen)
    assert isinstance(found, NoSpec)
    assert reason in found.reason
    assert "Add an example" in found.advice


def test_weak_tests_may_be_mended_once_and_tests_that_hold_already_are_not_pressed_further(lab: Lab, tree: Tree) -> None:
    root = tree({"shop.py": SHOP})
    pen = Pen([[("test_lazily", MEAN, "mean([])"), EMPTY], [EMPTY, KNOWN]])
    assert spec_of(ask(lab, root, PROSE, pen)).witnesses[0].id.endswith("test_of_nothing")
    lazy, weak = [each.reason for each in pen.told[1]]
    assert "weak: it fails on only" in lazy
    assert "together still accept the trivial `mean: return False`" in weak
    holds = Pen([[KNOWN]])
    assert isinstance(ask(lab, root, PROSE, holds), NoSpec)
    assert len(holds.told) == 1


@pytest.mark.parametrize(
    ("imports", "body", "strong"),
    [
        (MEAN, "assert mean([4], start=1) == 5", True),
        (MEAN, "mean([4], start=1)", False),
        (CART, "assert [Cart([]).is_empty, Cart([1]).is_empty] == [True, False]", True),
        (CART, "Cart([]).is_empty", False),
        (CART, "assert Cart([1, 2]).largest() == 2", True),
        (CART, "Cart([1, 2]).largest()", False),
        (CART, "assert Cart([1], currency='EUR').currency == 'EUR'", True),
        (CART, "Cart([1], currency='EUR')", False),
        ("from shop import median", "assert median([1, 2, 9]) == 2", True),
        ("from shop import median", "median([1, 2, 9])", False),
    ],
)
def test_new_parameters_members_and_functions_are_weighed_too(
    lab: Lab, tree: Tree, imports: str, body: str, strong: bool
) -> None:
    found = ask(lab, tree({"shop.py": SHOP}), PROSE, Pen([[("test_it", imports, body)]]), verb=Verb.ADD)
    assert isinstance(found, Spec) is strong, found


def test_a_module_that_is_still_to_be_written(lab: Lab, tree: Tree) -> None:
    root = tree({"shop/__init__.py": "", "shop/cart.py": SHOP})
    pen = Pen([[("test_it", "from shop.tax import vat", "assert [vat(100), vat(0)] == [19, 0]")]])
    found = spec_of(ask(lab, root, f"{PROSE} Put `vat` into shop/tax.py.", pen, verb=Verb.ADD))
    assert [each.role for each in found.tests if each.kept] == [Role.WITNESS]
    assert not (root / "shop/tax.py").exists()


def test_where_nobody_can_be_asked_the_advice_says_so(lab: Lab, tree: Tree) -> None:
    found = ask(lab, tree({"shop.py": SHOP}), PROSE, Pen([], why_not="the day's budget is spent."))
    assert isinstance(found, NoSpec)
    assert found.advice.endswith("; and no model could write one: the day's budget is spent.")


def test_examples_stay_and_are_added_to_only_where_that_is_asked_for(lab: Lab, tree: Tree) -> None:
    root = tree({"shop.py": SHOP})
    text = f"{PROSE} mean([]) should be 0 and mean([1, 3]) should be 2"
    pen = Pen([[("test_wrongly", MEAN, "assert mean([]) == 1"), ("test_more", MEAN, "assert mean(()) == 0"), KNOWN]])
    assert spec_of(ask(lab, root, text, pen)).author == ""
    assert pen.told == []
    both = spec_of(ask(lab, root, text, pen, always=True))
    assert {each.origin for each in both.witnesses} == {Source.EXAMPLE, Source.MODEL}
    assert "contradicts" in next(each.reason for each in both.tests if each.id == "model::test_wrongly")
    silent = spec_of(ask(lab, root, text, Pen([], why_not="nobody answers"), always=True))
    assert silent.author == ""
    useless = spec_of(ask(lab, root, text, Pen([[("test_it", "import os", "os.getpid()")]]), always=True))
    assert (useless.author, len(useless.witnesses)) == ("", 1)


def test_some_of_many_are_held_out(lab: Lab, tree: Tree) -> None:
    tests = [(f"test_{n}", MEAN, f"assert mean([{n}, {n}], strict=True) == {n}") for n in range(1, 6)]
    found = spec_of(ask(lab, tree({"shop.py": SHOP}), PROSE, Pen([tests]), verb=Verb.ADD))
    assert sum(each.held_out for each in found.witnesses) == 1
    assert sorted(each.path for each in found.files) == ["test_pawl_the_mean_of_no.py", "test_pawl_the_mean_of_no_held_out.py"]
