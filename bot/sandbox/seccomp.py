"""The system call filter: a classic BPF program, assembled by hand.

Everything is allowed but what is named here. A denied call gets an errno, so that programs fail in their usual way. Calls
newer than the table, and calls of another architecture, do not exist.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from bot.sandbox.syscalls import LAST_KNOWN, MACHINES, Machine

_LOAD, _EQUAL, _ABOVE, _MASK, _RETURN = 0x20, 0x15, 0x25, 0x54, 0x06
"""``BPF_LD|W|ABS``, ``BPF_JMP|JEQ|K``, ``BPF_JMP|JGT|K``, ``BPF_ALU|AND|K``, ``BPF_RET|K``."""
_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_ERRNO = 0x00050000
_NUMBER_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16
_ALL_BITS = 0xFFFFFFFF

_PRETEND = 0
"""Errno 0: the call is not made, and the caller hears that it went well."""

_OTHER_PROCESSES = (
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "process_mrelease",
    "kcmp",
    "pidfd_getfd",
)
_KEYS = ("add_key", "request_key", "keyctl")
_WIDE_SURFACES = (
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "vmsplice"),
    *(
        "fanotify_init",
        "fanotify_mark",
        "remap_file_pages",
        "modify_ldt",
        "uselib",
        "lookup_dcookie",
        "_sysctl",
        "sysfs",
        "ustat",
    ),
    "nfsservctl",
)
_FILE_SYSTEMS = (
    *("mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick"),
    *("mount_setattr", "statmount", "listmount", "quotactl", "quotactl_fd", "unshare", "setns"),
    *("name_to_handle_at", "open_by_handle_at"),
)
_THE_MACHINE = (
    *("kexec_load", "kexec_file_load", "create_module", "init_module", "finit_module", "delete_module", "get_kernel_syms"),
    *("query_module", "swapon", "swapoff", "reboot", "acct", "settimeofday", "clock_settime", "adjtimex", "clock_adjtime"),
    *("iopl", "ioperm", "syslog", "vhangup", "sethostname", "setdomainname", "mbind", "set_mempolicy"),
    *("set_mempolicy_home_node", "migrate_pages", "move_pages"),
)
_UNCOUNTED_MEMORY = ("shmget", "memfd_secret")
"""Memory that no process's own size shows."""
_NEVER = (*_OTHER_PROCESSES, *_KEYS, *_WIDE_SURFACES, *_FILE_SYSTEMS, *_THE_MACHINE, *_UNCOUNTED_MEMORY)
_ABSENT = ("clone3", "openat2", "memfd_create")
"""Their flags lie behind a pointer, where no filter can look, or they make memory nobody counts; callers fall back."""

_SHARED_MEMORY = (
    *("shmat", "shmctl", "shmdt", "semget", "semop", "semctl", "semtimedop", "msgget", "msgsnd", "msgrcv", "msgctl"),
    "mq_open",
)
"""Without an IPC namespace these reach other programs."""
_OTHERS_FATE = ("sched_setscheduler", "sched_setparam", "sched_setattr", "ioprio_set", "setpriority")
_METADATA = (
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"),
    *("utime", "utimes", "futimesat", "utimensat"),
    *("setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"),
)

_NEW_NAMESPACES = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
_TERMINAL_CONTROLS = (0x5412, 0x541C, 0x5423)
"""``TIOCSTI``, ``TIOCLINUX``, ``TIOCSETD``: typing into, or rewiring, somebody's terminal."""
_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10
_SOCK_STREAM, _SOCK_DGRAM = 1, 2
_SOCK_KIND = 0xF
_PROTOCOLS = (0, 6, 17)
"""The family's default, TCP, UDP."""
_CREATES, _TEMPORARY = os.O_CREAT, 0x00400000
_TAKES_MODE = {"chmod": 1, "fchmod": 1, "fchmodat": 2, "fchmodat2": 2, "creat": 1, "mknod": 1, "mknodat": 2}
"""Calls with a mode, and which argument it is."""
_SET_ID_BITS = (0o4000, 0o2000)
_KIND_BITS, _CHARACTER_DEVICE, _BLOCK_DEVICE = 0o170000, 0o020000, 0o060000
_PERSONALITIES = (0, 0xFFFFFFFF)


@dataclass(frozen=True)
class _Test:
    """Look at the low half of one argument: ``(argument & mask) == value``, or not."""

    argument: int
    value: int
    mask: int = _ALL_BITS
    wanted: bool = True


@dataclass(frozen=True)
class _Rule:
    """Answer ``error`` to a call that passes all the tests."""

    call: str
    error: int
    tests: tuple[_Test, ...] = ()


def build_filter(*, network: bool, own_uid: bool, machine: Machine | None = None) -> bytes:
    """Return the program, as ``struct sock_filter[]``.

    Args:
        network: whether the sandbox has a network namespace of its own, so that loopback may be used; where it has
            none, no socket can be made at all besides pairs.
        own_uid: whether no process or file outside belongs to the sandbox's uid; where some do, calls that change the
            metadata of files by name are only pretended, and other processes' scheduling and limits are out of reach.
        machine: for another architecture than this one's.

    Raises:
        OSError: this architecture's system calls are not known.
    """
    machine = machine or _this_machine()
    rules = [*_common_rules(), *(_socket_rules() if network else [_Rule("socket", errno.EACCES)])]
    if not network:
        rules += [_Rule(call, errno.ENOSYS) for call in _SHARED_MEMORY]
    if not own_uid:
        rules += _shared_uid_rules()
    return _assemble(machine, rules)


def _this_machine() -> Machine:
    name = os.uname().machine
    if name not in MACHINES:
        raise OSError(errno.ENOSYS, f"no system call table for {name}")
    return MACHINES[name]


def _common_rules() -> Iterable[_Rule]:
    yield from (_Rule(call, errno.EPERM) for call in _NEVER)
    yield from (_Rule(call, errno.ENOSYS) for call in _ABSENT)
    yield from (_Rule("clone", errno.EPERM, (_Test(0, flag, flag),)) for flag in _NEW_NAMESPACES)
    yield from (_Rule("ioctl", errno.EPERM, (_Test(1, request),)) for request in _TERMINAL_CONTROLS)
    yield _Rule("personality", errno.EPERM, tuple(_Test(0, value, wanted=False) for value in _PERSONALITIES))
    yield _Rule("socketpair", errno.EAFNOSUPPORT, (_Test(0, _AF_UNIX, wanted=False),))
    yield from _set_id_rules()
    for call, argument in (("mknod", 1), ("mknodat", 2)):
        for kind in (_CHARACTER_DEVICE, _BLOCK_DEVICE):
            yield _Rule(call, errno.EPERM, (_Test(argument, kind, _KIND_BITS),))


def _set_id_rules() -> Iterable[_Rule]:
    """No file becomes set-uid or set-gid, by whatever call."""
    for bit in _SET_ID_BITS:
        for call, argument in _TAKES_MODE.items():
            yield _Rule(call, errno.EPERM, (_Test(argument, bit, bit),))
        for call, flags in (("open", 1), ("openat", 2)):
            for makes in (_CREATES, _TEMPORARY):
                yield _Rule(call, errno.EPERM, (_Test(flags, makes, makes), _Test(flags + 1, bit, bit)))


def _socket_rules() -> Iterable[_Rule]:
    """Unix, IPv4 and IPv6 streams and datagrams; nothing raw, no other family."""
    families = (_AF_UNIX, _AF_INET, _AF_INET6)
    yield _Rule("socket", errno.EAFNOSUPPORT, tuple(_Test(0, family, wanted=False) for family in families))
    for family in (_AF_INET, _AF_INET6):
        of_family = _Test(0, family)
        kinds = tuple(_Test(1, kind, _SOCK_KIND, wanted=False) for kind in (_SOCK_STREAM, _SOCK_DGRAM))
        yield _Rule("socket", errno.EPERM, (of_family, *kinds))
        yield _Rule("socket", errno.EPROTONOSUPPORT, (of_family, *(_Test(2, each, wanted=False) for each in _PROTOCOLS)))


def _shared_uid_rules() -> Iterable[_Rule]:
    yield from (_Rule(call, _PRETEND) for call in _METADATA)
    yield from (_Rule(call, errno.EPERM) for call in _OTHERS_FATE)
    for call in ("prlimit64", "sched_setaffinity"):
        yield _Rule(call, errno.EPERM, (_Test(0, 0, wanted=False),))


def _assemble(machine: Machine, rules: Iterable[_Rule]) -> bytes:
    code = [
        _step(_LOAD, _ARCH_AT),
        _step(_EQUAL, machine.audit, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER_AT),
        _step(_ABOVE, LAST_KNOWN, 0, 1),
        _step(_RETURN, _ERRNO | errno.ENOSYS),
    ]
    for rule in rules:
        if rule.call in machine.numbers:
            code += _assemble_rule(machine.numbers[rule.call], rule)
    code.append(_step(_RETURN, _ALLOW))
    return b"".join(code)


def _assemble_rule(number: int, rule: _Rule) -> list[bytes]:
    """One block, skipped for other calls; a test that fails jumps to its end, where the number is loaded again."""
    tests: list[list[bytes]] = []
    left = 1
    for test in reversed(rule.tests):
        to_end = (0, left) if test.wanted else (left, 0)
        steps = [_step(_LOAD, _ARGUMENTS_AT + 8 * test.argument)]
        if test.mask != _ALL_BITS:
            steps.append(_step(_MASK, test.mask))
        steps.append(_step(_EQUAL, test.value, *to_end))
        tests.insert(0, steps)
        left += len(steps)
    block = [each for steps in tests for each in steps]
    block.append(_step(_RETURN, _ERRNO | rule.error))
    if rule.tests:
        block.append(_step(_LOAD, _NUMBER_AT))
    return [_step(_EQUAL, number, 0, len(block)), *block]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
