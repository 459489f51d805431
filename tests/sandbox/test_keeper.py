from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bot.sandbox import keeper
from bot.sandbox.sandbox import Ended


@pytest.mark.parametrize(("status", "code"), [(0, 0), (7 << 8, 7), (255 << 8, 255), (9, 137), (15, 143)])
def test_a_wait_status_becomes_a_shells_code(status: int, code: int) -> None:
    assert keeper._code(status) == code


def test_what_the_sandbox_ends_has_its_own_codes() -> None:
    assert keeper.CODES == {Ended.TIMED_OUT: 124, Ended.OUT_OF_MEMORY: 137, Ended.KILLED: 137, Ended.OUTPUT_LIMIT: 137}


def test_memory_is_seen_and_sharing_is_not_counted_twice() -> None:
    code = "x = b'x' * (64 << 20); import os; os.fork(); print(os.getpid(), flush=True); import time; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pids = [int(process.stdout.readline()) for _ in range(2)]
        found = set(keeper._descendants())
        assert set(pids) <= found
        assert os.getpid() not in found
        resident, shared = sum(map(keeper._resident, pids)), sum(map(keeper._proportional, pids))
        for pid in pids:
            keeper._kill(pid)
    assert resident > 128 << 20
    assert 64 << 20 < shared < resident


def test_a_process_that_is_gone_takes_nothing_and_is_no_error() -> None:
    with subprocess.Popen(["/bin/true"]) as process:
        process.wait()
    assert keeper._resident(process.pid) == keeper._proportional(process.pid) == 0
    keeper._kill(process.pid)
