import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.store import holder
from bot.store.holder import Holder, current

linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are told apart by /proc")


def child() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)


def as_process(pid: int) -> Holder:
    return replace(current(), pid=pid, started=holder._started(pid))


def test_oneself_is_there() -> None:
    assert not current().is_gone()
    assert Holder.from_text(current().as_text()) == current()
    assert str(current().pid) in str(current())


@linux
def test_a_process_that_ended_is_gone_even_before_it_is_reaped() -> None:
    with child() as process:
        mark = as_process(process.pid)
        assert not mark.is_gone()
        process.kill()
        while Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            pass
        assert mark.is_gone()
        process.wait()
        assert mark.is_gone()


@linux
def test_another_process_with_the_same_number_is_another() -> None:
    assert replace(current(), started="1").is_gone()


@linux
def test_who_runs_elsewhere_cannot_be_judged() -> None:
    assert not replace(current(), namespace="pid:[1]", pid=2**22).is_gone()
    assert not replace(current(), boot="another", host="elsewhere", pid=2**22).is_gone()


@linux
def test_a_boot_ends_all_processes_of_the_one_before() -> None:
    assert replace(current(), boot="another").is_gone()


def test_without_proc_nobody_is_judged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(holder, "_PROC", tmp_path)
    holder._machine.cache_clear()
    try:
        assert current().boot == ""
        assert not Holder(current().host, 1).is_gone()
    finally:
        holder._machine.cache_clear()
