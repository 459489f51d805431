from __future__ import annotations

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.seccomp import build_filter
from bot.sandbox.syscalls import AARCH64, LAST_KNOWN, MACHINES, X86_64, Machine

ALLOWED = 0x7FFF0000
KILLED = 0x80000000
WORD = 0xFFFFFFFF
machines = st.sampled_from([X86_64, AARCH64])
kinds = st.tuples(st.booleans(), st.booleans())


def steps(program: bytes) -> list[tuple[int, int, int, int]]:
    return list(struct.iter_unpack("=HBBI", program))


def judge(program: bytes, audit: int, number: int, *arguments: int) -> int:
    """Run the program as the kernel would, on one call."""
    data = struct.pack("=IIQ6Q", number & WORD, audit, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    code, at, value = steps(program), 0, 0
    while True:
        operation, if_true, if_false, constant = code[at]
        at += 1
        if operation == 0x20:
            value = int(struct.unpack_from("=I", data, constant)[0])
        elif operation == 0x54:
            value &= constant
        elif operation == 0x06:
            return constant
        elif operation in {0x15, 0x25}:
            at += if_true if (value == constant if operation == 0x15 else value > constant) else if_false
        else:
            raise AssertionError(operation)


def answer(machine: Machine, call: str, *arguments: int, network: bool = True, own_uid: bool = True) -> int | str:
    """Return the errno a call gets, or what else becomes of it."""
    program = build_filter(network=network, own_uid=own_uid, machine=machine)
    got = judge(program, machine.audit, machine.numbers[call], *arguments)
    return {ALLOWED: "allowed", KILLED: "killed"}.get(got, got & 0xFFFF)


@given(machines, kinds)
def test_every_program_is_one_the_kernel_takes(machine: Machine, kind: tuple[bool, bool]) -> None:
    code = steps(build_filter(network=kind[0], own_uid=kind[1], machine=machine))
    assert 0 < len(code) < 4096
    assert code[-1][0] == 0x06
    for at, (operation, if_true, if_false, constant) in enumerate(code):
        assert operation in {0x20, 0x15, 0x25, 0x54, 0x06}
        if operation in {0x15, 0x25}:
            assert at + 1 + max(if_true, if_false) < len(code)
        if operation == 0x20:
            assert constant % 4 == 0
            assert constant < 64


@given(
    machines, kinds, st.integers(0, WORD), st.integers(0, WORD), st.lists(st.integers(0, (1 << 64) - 1), min_size=6, max_size=6)
)
def test_every_call_gets_an_answer(
    machine: Machine, kind: tuple[bool, bool], audit: int, number: int, arguments: list[int]
) -> None:
    program = build_filter(network=kind[0], own_uid=kind[1], machine=machine)
    assert judge(program, audit, number, *arguments) == KILLED or audit == machine.audit
    if number > LAST_KNOWN:
        assert judge(program, machine.audit, number, *arguments) == 0x50000 | errno.ENOSYS


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
@pytest.mark.parametrize(
    "call", ["ptrace", "bpf", "keyctl", "mount", "unshare", "setns", "io_uring_setup", "userfaultfd", "perf_event_open", "reboot"]
)
def test_some_calls_are_never_allowed(machine: Machine, call: str) -> None:
    assert answer(machine, call) == errno.EPERM


@pytest.mark.parametrize("machine", [X86_64, AARCH64])
def test_calls_that_hide_their_flags_do_not_exist(machine: Machine) -> None:
    assert {answer(machine, call) for call in ("clone3", "openat2", "memfd_create")} == {errno.ENOSYS}


@pytest.mark.parametrize("machine", [X86_64, AARCH64])
def test_clone_makes_processes_and_threads_but_no_namespaces(machine: Machine) -> None:
    assert answer(machine, "clone", 0x01200011) == "allowed"
    assert answer(machine, "clone", 0x003D0F00) == "allowed"
    for flag in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        assert answer(machine, "clone", 17 | flag) == errno.EPERM


@given(machines, st.integers(0, WORD), st.integers(0, WORD), st.integers(0, WORD))
def test_sockets_are_plain_ones_only(machine: Machine, family: int, kind: int, protocol: int) -> None:
    plain = family == 1 or (family in {2, 10} and kind & 0xF in {1, 2} and protocol in {0, 6, 17})
    assert (answer(machine, "socket", family, kind, protocol) == "allowed") is plain
    assert answer(machine, "socket", family, kind, protocol, network=False) == errno.EACCES
    assert (answer(machine, "socketpair", family, kind, protocol) == "allowed") is (family == 1)


@pytest.mark.parametrize("family", [2, 10])
@pytest.mark.parametrize("kind", [1, 2, 1 | 0o2000000, 2 | 0o4000])
def test_streams_and_datagrams_go_on_with_any_flags(family: int, kind: int) -> None:
    assert answer(X86_64, "socket", family, kind, 0) == "allowed"


@given(machines, st.integers(0, 0o7777))
def test_no_file_becomes_set_id(machine: Machine, mode: int) -> None:
    wanted = "allowed" if not mode & 0o6000 else errno.EPERM
    assert answer(machine, "fchmod", 3, mode) == wanted
    assert answer(machine, "fchmodat", 3, 0, mode) == wanted
    assert answer(machine, "openat", 3, 0, 0o101, mode) == wanted
    assert answer(machine, "openat", 3, 0, 0, mode) == "allowed"


@given(machines, st.integers(0, WORD))
def test_devices_are_not_made_but_pipes_are(machine: Machine, mode: int) -> None:
    allowed = mode & 0o170000 not in {0o020000, 0o060000} and not mode & 0o6000
    assert (answer(machine, "mknodat", 3, 0, mode) == "allowed") is allowed


def test_nobody_types_into_a_terminal() -> None:
    assert answer(X86_64, "ioctl", 0, 0x5412) == errno.EPERM
    assert answer(X86_64, "ioctl", 0, 0xFFFFFFFF00005412) == errno.EPERM
    assert answer(X86_64, "ioctl", 0, 0x5413) == "allowed"


def test_personality_may_be_asked_for_but_not_changed() -> None:
    assert answer(X86_64, "personality", WORD) == "allowed"
    assert answer(X86_64, "personality", 0) == "allowed"
    assert answer(X86_64, "personality", 0x40000) == errno.EPERM


@pytest.mark.parametrize("call", ["chmod", "fchownat", "utimensat", "setxattr"])
def test_where_others_share_the_uid_metadata_changes_are_pretended(call: str) -> None:
    assert answer(X86_64, call, own_uid=False) == 0
    assert answer(X86_64, call) == "allowed"


def test_where_others_share_the_uid_their_limits_are_out_of_reach() -> None:
    assert answer(X86_64, "prlimit64", 0, own_uid=False) == "allowed"
    assert answer(X86_64, "prlimit64", 77, own_uid=False) == errno.EPERM


def test_shared_memory_of_others_is_out_of_reach_without_a_namespace() -> None:
    assert answer(X86_64, "msgget") == "allowed"
    assert answer(X86_64, "msgget", network=False) == errno.ENOSYS


def test_an_unknown_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sandbox.seccomp.MACHINES", {})
    with pytest.raises(OSError, match="no system call table"):
        build_filter(network=True, own_uid=True)
