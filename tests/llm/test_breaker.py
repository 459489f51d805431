"""The breaker as a state machine: every sequence of outcomes and waits keeps its promises."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.llm.breaker import Breaker, Mode, Rules, admit, heard, released

RULES = Rules(in_a_row=3, share=0.5, least=6, window=60.0, rest=10.0, longest_rest=40.0)


def after(outcomes: str, breaker: Breaker | None = None, now: float = 0.0) -> Breaker:
    """Return the breaker after calls that end at once: ``+`` well, ``-`` badly."""
    breaker = breaker or Breaker()
    for each in outcomes:
        admission = admit(breaker, now, RULES)
        assert admission.turn is not None
        breaker = heard(admission.breaker, admission.turn, now, RULES, good=each == "+")
    return breaker


@pytest.mark.parametrize(
    ("outcomes", "mode"),
    [
        ("--", Mode.CLOSED),
        ("---", Mode.OPEN),
        ("--+--+", Mode.CLOSED),
        ("--+--", Mode.CLOSED),
        ("-+-+++-+-", Mode.CLOSED),
        ("-+-+-", Mode.CLOSED),
        ("-+-+-+", Mode.CLOSED),
        ("-+-+-+-", Mode.OPEN),
    ],
)
def test_it_opens_by_failures_in_a_row_or_by_their_share(outcomes: str, mode: Mode) -> None:
    assert after(outcomes).mode is mode


def test_what_is_long_ago_counts_no_more() -> None:
    breaker = after("-+-+-+")
    assert after("-", breaker, now=59.9).mode is Mode.OPEN
    assert after("-", breaker, now=60.1).mode is Mode.CLOSED


def test_its_rest_doubles_up_to_a_cap_and_starts_anew_once_it_closed() -> None:
    breaker, now = after("---"), 0.0
    for rest in (10.0, 20.0, 40.0, 40.0):
        assert admit(breaker, now + rest - 0.1, RULES).turn is None
        now += rest
        breaker = after("-", breaker, now)
        assert breaker.mode is Mode.OPEN
    now += 40.0
    breaker = after("+", breaker, now)
    assert breaker.mode is Mode.CLOSED
    assert after("---", breaker, now).rest == 10.0


def test_half_open_lets_one_through_and_a_probe_that_tells_nothing_frees_its_place() -> None:
    probe = admit(after("---"), 10.0, RULES)
    assert probe.turn is not None
    assert admit(probe.breaker, 11.0, RULES).turn is None
    again = released(probe.breaker, probe.turn)
    assert again.mode is Mode.HALF_OPEN
    assert admit(again, 11.0, RULES).turn is not None


def test_calls_from_before_say_nothing_any_more() -> None:
    early = admit(Breaker(), 0.0, RULES)
    assert early.turn is not None
    opened = after("---", early.breaker)
    assert heard(opened, early.turn, 1.0, RULES, good=True) is opened
    probe = admit(opened, 10.0, RULES)
    assert heard(probe.breaker, early.turn, 11.0, RULES, good=True) is probe.breaker
    assert heard(probe.breaker, early.turn, 11.0, RULES, good=False) is probe.breaker
    assert released(probe.breaker, early.turn) is probe.breaker


def test_a_refusal_says_how_long_to_wait() -> None:
    assert admit(after("---"), 4.0, RULES).wait == 6.0
    assert admit(after("---"), -1e9, RULES).wait == RULES.longest_rest, "even where the clock went back"


class Playing(RuleBasedStateMachine):
    """Calls begin, end in any order and way, and time passes."""

    @initialize()
    def begin(self) -> None:
        self.now = 0.0
        self.breaker = Breaker()
        self.under_way: list[tuple[int, Mode]] = []

    @rule(seconds=st.floats(0.0, 100.0))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def call(self) -> None:
        before = self.breaker
        admission = admit(before, self.now, RULES)
        self.breaker = admission.breaker
        if admission.turn is None:
            assert before.mode is not Mode.CLOSED
            assert 0.0 <= admission.wait <= RULES.longest_rest
            return
        assert before.mode is not Mode.OPEN or self.now >= before.opened + before.rest
        self.under_way.append((admission.turn, self.breaker.mode))

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), good=st.sampled_from([True, False, None]))
    def end(self, data: st.DataObject, good: bool | None) -> None:
        turn, mode = self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))
        before = self.breaker
        if good is None:
            self.breaker = released(before, turn)
        else:
            self.breaker = heard(before, turn, self.now, RULES, good=good)
        if turn != before.turn:
            assert self.breaker == before
        elif mode is Mode.HALF_OPEN and good is not None:
            assert self.breaker.mode is (Mode.CLOSED if good else Mode.OPEN)
        elif good is not False:
            assert self.breaker.mode is before.mode

    @invariant()
    def one_probe(self) -> None:
        probes = [turn for turn, mode in self.under_way if mode is Mode.HALF_OPEN and turn == self.breaker.turn]
        assert len(probes) == (self.breaker.mode is Mode.HALF_OPEN and self.breaker.probing)

    @invariant()
    def rests_are_bounded(self) -> None:
        if self.breaker.mode is Mode.OPEN:
            assert RULES.rest <= self.breaker.rest <= RULES.longest_rest
        if self.breaker.mode is Mode.CLOSED:
            assert self.breaker.in_a_row < RULES.in_a_row


TestPlaying = Playing.TestCase
