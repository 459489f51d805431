from __future__ import annotations

import os

import pytest

from bot.sandbox.syscalls import AARCH64, LAST_KNOWN, MACHINES, X86_64, Machine


@pytest.mark.parametrize("machine", [X86_64, AARCH64], ids=["x86_64", "aarch64"])
def test_numbers_are_known_and_mean_one_call_each(machine: Machine) -> None:
    assert len(set(machine.numbers.values())) == len(machine.numbers)
    assert max(machine.numbers.values()) <= LAST_KNOWN


def test_newer_calls_have_one_number_everywhere() -> None:
    shared = {call for call, number in X86_64.numbers.items() if number >= 424}
    assert {call: AARCH64.numbers[call] for call in shared} == {call: X86_64.numbers[call] for call in shared}


def test_this_machine_is_known() -> None:
    if os.uname().machine not in {"x86_64", "aarch64"}:
        pytest.skip("only these two are offered")
    assert os.uname().machine in MACHINES
