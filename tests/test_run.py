"""The state machine: one table, no way around it, and every state has a way out or is an end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Fatal
from bot.run import FINAL, TRANSITIONS, WAITING, WORKED, State, check_transition

ENDS = {State.REFUSED, State.FAILED, State.CANCELLED, State.STOPPED, State.ROLLED_BACK}


@given(st.sampled_from(State), st.sampled_from(State))
def test_exactly_the_table_is_allowed(old: State, new: State) -> None:
    if new in TRANSITIONS[old]:
        check_transition(old, new)
    else:
        with pytest.raises(Fatal, match=f"from {old} to {new}"):
            check_transition(old, new)


def test_every_state_has_its_row() -> None:
    assert set(TRANSITIONS) == set(State)


def test_from_everywhere_a_run_can_come_to_an_end() -> None:
    for start in State:
        seen, edge = {start}, [start]
        while edge:
            new = TRANSITIONS[edge.pop()] - seen
            seen |= new
            edge += new
        assert seen & FINAL


def test_nothing_leaves_an_end_but_a_rollback() -> None:
    for end in ENDS:
        assert TRANSITIONS[end] == frozenset()
    assert TRANSITIONS[State.DONE] == {State.ROLLED_BACK}


def test_a_worker_has_something_to_do_exactly_where_it_is_not_waiting_or_over() -> None:
    assert set(State) == WORKED | FINAL | WAITING
    assert not WORKED & FINAL
    assert not WAITING & (WORKED | FINAL)


@given(st.lists(st.sampled_from(State), max_size=30))
def test_no_walk_but_a_question_reaches_done_without_checking_and_proposing(wishes: list[State]) -> None:
    state, walked = State.RECEIVED, [State.RECEIVED]
    for wish in wishes:
        if wish in TRANSITIONS[state]:
            state = wish
            walked.append(state)
    if State.ANSWERING in walked:
        assert set(walked) <= {State.RECEIVED, State.ANSWERING, State.DONE, State.ROLLED_BACK} | ENDS
    elif state is State.DONE:
        assert walked.index(State.CHECKING) < walked.index(State.PROPOSING)
        if State.PLANNING in walked:  # else a change was judged that was there already
            assert walked.index(State.SPECIFYING) < walked.index(State.CHANGING) < walked.index(State.CHECKING)
