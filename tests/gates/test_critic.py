"""The critic's gate: every row of its table, run for real; lies cost nobody but the liar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, cast

import pytest

from bot.gate import GateResult, Severity, Subject, Verdict
from bot.gates.critic import GATE, Footing, Ruling, Side, rule
from bot.harness.harness import SuiteOrder, SuiteRun, TestOutcome, TestResult
from bot.ids import Digest, NodeId
from bot.lab import Lab
from bot.spec.challenge import Challenge, Criticism, Dropped
from bot.spec.spec import Role, Source, Spec, SpecFile, SpecTest

AtWork = Callable[..., Subject]
WISH = "Fix discount in shop.py: a discount over 100 percent gives 0, and an empty code raises ValueError."
DOC = '"""Return the price less a discount, never more than the price itself."""'
BASE = f"def discount(price, percent=0, code='x'):\n    {DOC}\n    return price - price * percent // 100\n"
GOOD = (
    f"def discount(price, percent=0, code='x'):\n    {DOC}\n    if not code:\n        raise ValueError(code)\n"
    "    return max(0, price - price * percent // 100)\n"
)
BAD = GOOD.replace("max(0, ", "max(1, ")
OVER = "a discount over 100 percent gives 0"
BY = "openai:model"


def said(call: str, expected: str = "", raises: str = "", because: str = OVER, *setup: str) -> Challenge:
    return Challenge(call, expected, raises, setup, because, BY)


@pytest.fixture
def judged(at_work: AtWork) -> Callable[..., GateResult]:
    def judge(*challenges: Challenge, base: str = BASE, head: str = GOOD, wish: str = WISH, **more: Any) -> GateResult:
        criticism = Criticism(BY, challenges, more.pop("dropped", ()), more.pop("unanswered", ""))
        return GATE.judge(at_work({"shop.py": base}, {"shop.py": head}, wish, criticism=criticism, **more))

    return judge


Judged = Callable[..., GateResult]


def rulings(result: GateResult) -> list[str]:
    return [each["ruling"] for each in result.evidence["challenges"]]


BROKEN = (Side.FAILS, Side.CANNOT_RUN)
SAME = tuple(Footing)
ROWS = (
    ((Side.HOLDS,), tuple(Side), SAME, Ruling.HELD),
    ((Side.VARIES,), tuple(Side), SAME, Ruling.UNSTEADY),
    (BROKEN, (Side.VARIES,), SAME, Ruling.UNSTEADY),
    (BROKEN, (Side.HOLDS,), SAME, Ruling.REFUTED),
    ((Side.CANNOT_RUN,), BROKEN, SAME, Ruling.DROPPED),
    ((Side.FAILS,), BROKEN, (Footing.OUTRIGHT,), Ruling.UNMET),
    ((Side.FAILS,), BROKEN, (Footing.WISH,), Ruling.DISPUTED),
    ((Side.FAILS,), BROKEN, (Footing.OTHER,), Ruling.DOUBTFUL),
)
"""(on the head, on the base, what it stands on, ruling)"""


def test_the_table_is_whole_and_says_nothing_twice() -> None:
    told = [(cell, ruling) for heads, bases, footings, ruling in ROWS for cell in product(heads, bases, footings)]
    assert sorted(cell for cell, _ in told) == sorted(product(Side, Side, Footing))
    for (head, base, footing), ruling in told:
        assert rule(head, base, footing) is ruling


def test_only_what_was_run_and_failed_is_red() -> None:
    red = {each for each in Ruling if each.severity is Severity.ERROR}
    assert red == {Ruling.REFUTED, Ruling.UNMET}
    assert all(rule(Side.HOLDS, base, footing).severity is None for base, footing in product(Side, Footing))


def test_without_a_critic_there_is_nothing_to_try(at_work: AtWork) -> None:
    found = GATE.judge(at_work({"shop.py": BASE}, {"shop.py": GOOD}, WISH))
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert not found.findings


def test_a_critic_that_gave_no_answer_is_told_of_and_never_green_by_silence(judged: Judged) -> None:
    found = judged(unanswered="openai: rate limited")
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert "rate limited" in found.summary
    assert found.evidence["unanswered"] == "openai: rate limited"
    assert [(each.rule, each.severity) for each in found.findings] == [("critic-unanswered", Severity.WARNING)]


CHARGE = "def charge(minutes, free):\n    if minutes > free + 1:\n        return minutes - free\n    return 0\n"
TESTED = """\
from shop import charge


def test_charge():
    assert charge(11, 10) == 1


def test_nothing():
    assert charge(10, 10) == 0
"""


@pytest.fixture
def rivalled(at_work: AtWork) -> Callable[[Criticism | None], GateResult]:
    """Judge a change that mends what the tests show, and breaks what they do not."""

    def judge(criticism: Criticism | None) -> GateResult:
        old, new = ({"shop.py": text, "test_shop.py": TESTED} for text in (CHARGE, CHARGE.replace("> free + 1", "!= free")))
        return GATE.judge(at_work(old, new, "Fix charge.", criticism=criticism))

    return judge


@pytest.mark.parametrize(
    "criticism",
    [
        None,
        Criticism(unanswered="openai: gave away Pawl's own words"),
        Criticism(BY),
        Criticism(BY, (said("charge(10, 10)", "0"),)),
    ],
    ids=["nobody asked", "silenced", "nothing named", "nothing telling named"],
)
def test_a_rival_is_asked_about_whatever_became_of_the_critic(
    rivalled: Callable[[Criticism | None], GateResult], criticism: Criticism | None
) -> None:
    found = rivalled(criticism)
    assert found.verdict is Verdict.PASS, "it asks, and refuses nothing"
    (rival,) = [each for each in found.findings if each.rule == "critic-rival"]
    assert (rival.path, rival.line, rival.severity) == ("shop.py", 1, Severity.WARNING)
    assert "which is right?" in rival.message
    assert found.evidence["search"]["doubt"]["call"] in found.summary
    assert (criticism is not None and bool(criticism.unanswered)) == any(
        each.rule == "critic-unanswered" for each in found.findings
    )


def test_what_was_weighed_when_it_was_made_is_not_asked_about_again(
    rivalled: Callable[[Criticism | None], GateResult],
) -> None:
    found = rivalled(Criticism(weighed=True))
    assert (found.verdict, found.findings) == (Verdict.NOT_APPLICABLE, ())
    assert found.summary.endswith("the change was weighed against its rivals when it was made")


def test_what_an_earlier_round_showed_is_tried_though_the_critic_is_silent_now(judged: Judged) -> None:
    found = judged(said("discount(10, 150)", "0"), head=BAD, unanswered="openai: rate limited")
    assert found.verdict is Verdict.FAIL
    assert {each.rule for each in found.findings} == {"critic-unmet", "critic-unanswered"}


def test_a_counter_example_that_holds_was_tried_and_held(judged: Judged) -> None:
    found = judged(said("discount(10, 150)", "0"), said("discount(10, 50, '')", raises="ValueError", because=WISH))
    assert found.verdict is Verdict.PASS
    assert found.summary == "2 of 2 counter-examples of openai:model were tried and held"
    assert rulings(found) == ["held", "held"]
    assert found.evidence["challenges"][0]["head"] == "holds"
    assert found.evidence["challenges"][0]["base"] == "", "what holds on the head needs no base"


def test_a_difference_to_the_base_that_breaks_a_docstring_refutes(judged: Judged) -> None:
    head = GOOD.replace("max(0, price", "max(0, 2 * price")
    found = judged(said("discount(10)", "10", because="never more than the price itself"), head=head)
    assert found.verdict is Verdict.FAIL
    assert rulings(found) == ["refuted"]
    (finding,) = found.findings
    assert (finding.path, finding.line, finding.rule) == ("shop.py", 1, "critic-refuted")
    assert "discount(10)" in finding.message
    assert "20" in finding.message, "what really came of it"


def test_a_call_that_the_change_made_impossible_refutes(judged: Judged) -> None:
    head = GOOD.replace("price, percent=0", "price, percent")
    found = judged(said("discount(10)", "10", because="never more than the price itself"), head=head)
    assert rulings(found) == ["refuted"]
    assert found.verdict is Verdict.FAIL


def test_an_outcome_that_the_instruction_names_and_that_did_not_come_blocks(judged: Judged) -> None:
    found = judged(said("discount(10, 150)", "0"), head=BAD)
    assert found.verdict is Verdict.FAIL
    assert rulings(found) == ["unmet"]
    assert found.evidence["challenges"][0]["base"] == "fails"
    missing = judged(said("discount(1, 1, '')", raises="ValueError", because=WISH), head=BASE.replace("//", "/"))
    assert rulings(missing) == ["unmet"]


def test_an_example_of_the_instruction_needs_no_words_around_it(judged: Judged) -> None:
    wish = f"{WISH}\n\n>>> discount(10, 120)\n0\n"
    found = judged(said("discount(price=10, percent=120)", "0", because="discount(10, 120)"), head=BAD, wish=wish)
    assert rulings(found) == ["unmet"]


@pytest.mark.parametrize(
    ("lie", "ruling"),
    [
        (said("discount(10, 50)", "7"), "disputed"),
        (said("discount(10, 50)", "100"), "disputed"),
        (said("discount(10, 50)", raises="KeyError", because="an empty code raises ValueError"), "disputed"),
        (said("discount(10, 50)", "99", because="never more than the price itself"), "doubtful"),
    ],
)
def test_a_lie_about_what_the_change_did_not_alter_makes_nothing_red(judged: Judged, lie: Challenge, ruling: str) -> None:
    found = judged(lie)
    assert found.verdict is Verdict.PASS
    assert rulings(found) == [ruling]
    assert found.findings[0].severity is Severity.WARNING
    assert found.findings[0].rule == f"critic-{ruling}"


def test_the_author_of_the_change_is_told_the_red_rulings_only(judged: Judged) -> None:
    found = judged(said("discount(10, 150)", "0"), said("discount(10, 50)", "7"), head=BAD)
    assert rulings(found) == ["unmet", "disputed"]
    assert [each.rule for each in found.findings] == ["critic-unmet"]


def test_what_only_a_reader_can_judge_is_put_before_one(judged: Judged) -> None:
    wish = "Add first(rows): of several that are equal it returns the first one"
    head = BASE + "\n\ndef first(rows):\n    return max(rows[::-1], key=lambda row: row[0])\n"
    quote = "of several that are equal it returns the first one"
    found = judged(said("first([(1, 'a'), (1, 'b')])", "(1, 'a')", because=quote), head=head, wish=wish)
    assert found.verdict is Verdict.PASS
    assert rulings(found) == ["disputed"]
    assert "a person has to say" in found.findings[0].message


def test_where_behaviour_stays_nothing_old_is_the_changes_fault(judged: Judged) -> None:
    wish = "Refactor discount: today a discount over 100 percent gives 0"
    found = judged(said("discount(10, 150)", "0"), head=BASE.replace("price - price", "price - 1 * price"), wish=wish)
    assert rulings(found) == ["doubtful"]


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("discount(10, 150)", "tests/test_pawl_x.py::test_over says otherwise"),
        ("discount(price=10, percent=150, code='x')", "tests/test_pawl_x.py::test_over says otherwise"),
        ("discount(10, 200)", "a held-out test of the spec says otherwise"),
    ],
)
def test_what_a_locked_test_says_otherwise_is_dropped(judged: Judged, call: str, why: str) -> None:
    shown = "from shop import discount\n\ndef test_over():\n    assert discount(10, 150) == 0\n"
    hidden = "from shop import discount\n\ndef test_secret():\n    price = 10\n    assert discount(price, 200) == 0\n"
    tests = (
        SpecTest(NodeId("tests/test_pawl_x.py::test_over"), Role.WITNESS, Source.EXAMPLE, kept=True, kills=1, reason=""),
        SpecTest(
            NodeId("tests/test_h.py::test_secret"), Role.WITNESS, Source.EXAMPLE, kept=True, kills=1, reason="", held_out=True
        ),
    )
    files = (SpecFile("tests/test_pawl_x.py", shown), SpecFile("tests/test_h.py", hidden))
    found = judged(said(call, "-5"), spec=Spec(tests, files, (), Digest("sha256:0")))
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert not found.evidence["challenges"]
    (dropped,) = found.evidence["dropped"]
    assert dropped["what"] == call
    assert dropped["why"].startswith(why)
    assert "test_secret" not in dropped["why"]


def test_what_the_instruction_itself_says_otherwise_is_dropped_without_any_spec(judged: Judged) -> None:
    found = judged(said("discount(10, 120)", "-2"), wish=f"{WISH} `discount(10, 120)` should return 0.")
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert "the instruction's own example" in found.evidence["dropped"][0]["why"]


@pytest.mark.parametrize(
    ("challenge", "why"),
    [
        (said("discount(10, 150)", "0", because="the customer is always right"), "what it quotes stands neither"),
        (said("discount(10, 150)", "0", because="gives 0"), "what it quotes stands neither"),
        (said("discount(10, 150)"), "neither or both"),
        (said("discount(open('x'))", "0"), "is no plain value"),
        (said("discount([n for n in range(9)])", "0"), "is no plain value"),
        (said("__import__('os').system('true')", "0"), "it uses `__import__`"),
        (said("len([1])", "1"), "is no call"),
        (said("shop.nothing(1)", "0"), "defines no `nothing`"),
        (said("untouched(1)", "2"), "neither touched by the change"),
        (said("discount(10, 1, 'a', 'b')", "0"), "it does not run: discount() takes"),
        (said("discount(price)", "0", "", OVER, "price = prices['x']"), "`prices` is no call"),
        (said("discount(price)", "0", "", OVER, "price = int('x')"), "it does not run"),
    ],
)
def test_what_cannot_be_tried_is_dropped_with_the_reason(judged: Judged, challenge: Challenge, why: str) -> None:
    other = "\n\ndef untouched(n):\n    return n + 1\n"
    found = judged(challenge, base=BASE + other, head=GOOD + other)
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert why in found.evidence["dropped"][0]["why"]
    assert found.evidence["dropped"][0]["why"] in found.summary


def test_what_the_duty_dropped_is_told_too(judged: Judged) -> None:
    found = judged(dropped=(Dropped("f(1)", "it is not Python"),))
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert found.evidence["dropped"] == [{"what": "f(1)", "why": "it is not Python"}]


def test_a_result_that_differs_from_run_to_run_refutes_nothing(judged: Judged) -> None:
    head = f"def discount(price, percent=0, code='x'):\n    {DOC}\n    return price if hash('abc') % 2 else 0\n"
    found = judged(*(said("discount(10)", each, because=DOC.strip('"')) for each in ("10", "0")), head=head)
    assert rulings(found) == ["unsteady", "unsteady"]
    assert {each.rule for each in found.findings} == {"critic-unsteady"}
    assert found.verdict is Verdict.PASS


def test_callers_methods_and_state_can_be_challenged(judged: Judged) -> None:
    base = "class Cart:\n    def __init__(self):\n        self.rows = []\n"
    base += "    def add(self, price):\n        self.rows.append(price)\n"
    base += "    def total(self):\n        '''Return the sum of the prices that were added.'''\n        return sum(self.rows)\n"
    base += "\ndef shown(cart):\n    return str(cart.total())\n"
    head = base.replace("sum(self.rows)", "sum(self.rows[1:])")
    quote = "Return the sum of the prices that were added."
    direct = said("cart.total()", "3", "", quote, "cart = Cart()", "cart.add(1)", "cart.add(2)")
    through = said("shown(cart)", "'3'", "", quote, "cart = Cart()", "cart.add(1)", "cart.add(2)")
    found = judged(direct, through, base=base, head=head, wish="Make total faster")
    assert rulings(found) == ["refuted", "refuted"]
    assert [each.line for each in found.findings] == [6, 10]


def test_a_new_function_is_held_to_the_instruction_and_not_to_its_own_words(judged: Judged) -> None:
    wish = "Add double(n) to shop.py: it returns 0 for negative numbers"
    head = BASE + '\n\ndef double(n):\n    """Return n twice; zero gives 1."""\n    return n * 2\n'
    found = judged(
        said("double(-3)", "0", because="it returns 0 for negative numbers"),
        said("double(0)", "1", because="zero gives 1"),
        head=head,
        wish=wish,
    )
    assert rulings(found) == ["unmet", "doubtful"]


class LyingLab:
    """Runs nothing and says that it cannot be trusted."""

    seed = 0

    def suite(self, _root: object, tests: tuple[NodeId, ...], _order: SuiteOrder) -> SuiteRun:
        return SuiteRun(tuple(TestResult(each, TestOutcome.PASSED) for each in tests), trusted=False, why_not="a canary died")


def test_a_run_that_cannot_be_trusted_is_an_error(subject: AtWork) -> None:
    criticism = Criticism(BY, (said("discount(10, 150)", "0"),))
    asked = replace(subject({"shop.py": BASE}, {"shop.py": GOOD}, WISH, criticism=criticism), lab=cast("Lab", LyingLab()))
    found = GATE.judge(asked)
    assert found.verdict is Verdict.ERROR
    assert "a canary died" in found.summary


def test_the_trees_stay_as_they_are(at_work: AtWork) -> None:
    criticism = Criticism(BY, (said("discount(10, 150)", "0"),))
    asked = at_work({"shop.py": BASE, "tests/test_pawl_critic_1.py": "OLD = 1\n"}, {"shop.py": GOOD}, WISH, criticism=criticism)
    before = {each: each.read_bytes() for tree in (asked.base, asked.head) for each in tree.root.rglob("*.py")}
    assert GATE.judge(asked).verdict is Verdict.PASS
    assert {each: each.read_bytes() for tree in (asked.base, asked.head) for each in tree.root.rglob("*.py")} == before


def test_a_linked_folder_of_tests_is_not_written_to(at_work: AtWork, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    asked = at_work({"shop.py": BASE}, {"shop.py": GOOD}, WISH, criticism=Criticism(BY, (said("discount(10, 150)", "0"),)))
    for each in (asked.base, asked.head):
        (each.root / "tests").symlink_to(outside)
    assert GATE.judge(asked).verdict is Verdict.PASS
    assert not list(outside.iterdir())
