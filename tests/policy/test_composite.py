"""The composite is green in one case only, and every other case says what is against it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.gate import GateResult, Verdict
from bot.policy.composite import composite
from bot.policy.decision import Decision

NAMES = ("lint", "scope", "spec", "tests")
results = st.builds(
    GateResult,
    st.sampled_from(NAMES),
    st.sampled_from(Verdict),
    st.sampled_from(["said so", "", "  "]),
    required=st.booleans(),
)
decisions = st.none() | st.builds(
    Decision, st.booleans(), st.lists(st.sampled_from(["no", "never"]), max_size=2).map(tuple), require=st.just(("two people",))
)
ALLOWED = Decision(allow=True)
FINE = tuple(GateResult(name, Verdict.PASS, "fine") for name in NAMES)


@given(st.sets(st.sampled_from(NAMES)), st.lists(results, max_size=6), decisions)
def test_green_is_exactly_what_the_table_says(expected: set[str], given_: list[GateResult], decision: Decision | None) -> None:
    by_name = {each.name: each for each in given_}
    green = (
        len(given_) == len(by_name)
        and set(by_name) == expected
        and any(each.verdict is Verdict.PASS for each in given_)
        and all(
            not each.required or each.verdict is Verdict.PASS or (each.verdict is Verdict.NOT_APPLICABLE and each.summary.strip())
            for each in given_
        )
        and decision is not None
        and decision.allow
    )
    found = composite(expected, given_, decision)
    assert found.green is bool(green)
    assert bool(found.why) is not found.green
    assert all(found.why)


@given(st.permutations(FINE))
def test_the_order_of_answers_does_not_matter(given_: list[GateResult]) -> None:
    assert composite(NAMES, given_, ALLOWED).green


def test_what_is_against_it_is_named() -> None:
    assert composite(NAMES, FINE[1:], ALLOWED).why == ("lint did not answer",)
    assert composite(NAMES, (*FINE, FINE[0]), ALLOWED).why == ("lint answered 2 times",)
    assert composite(NAMES[1:], FINE, ALLOWED).why == ("lint was not asked",)
    red = replace(FINE[0], verdict=Verdict.ERROR, summary="no sandbox")
    assert composite(NAMES, (red, *FINE[1:]), ALLOWED).why == ("lint: error: no sandbox",)
    assert composite(NAMES, (replace(red, required=False), *FINE[1:]), ALLOWED).green
    nothing = tuple(replace(each, verdict=Verdict.NOT_APPLICABLE) for each in FINE)
    assert composite(NAMES, nothing, ALLOWED).why == ("no gate passed",)
    assert composite(NAMES, FINE, Decision(allow=False)).why == ("the policies do not allow it",)
    assert composite(NAMES, FINE, Decision(allow=False, deny=("not on a Friday",))).why == ("not on a Friday",)
    assert composite(NAMES, FINE, None).why == ("the policies did not decide",)
