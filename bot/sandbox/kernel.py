"""The system calls Python has no door for, with errors as OSError. Linux on x86_64 and aarch64."""

from __future__ import annotations

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_REC = 0x4000
MS_SLAVE = 0x80000
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
MOUNT_ATTR_IDMAP = 0x00100000

_X86 = os.uname().machine == "x86_64"
_KEYCTL = 250 if _X86 else 219
_JOIN_SESSION_KEYRING = 1
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_AT_FDCWD = -100
_AT_EMPTY_PATH = 0x1000
_OPEN_TREE_CLONE = 1
_MOVE_MOUNT_F_EMPTY_PATH = 4

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _syscall(what: str, number: int, *arguments: object) -> int:
    return _checked(_libc.syscall(ctypes.c_long(number), *arguments), what)


def unshare(flags: int) -> None:
    """Leave the namespaces named by ``flags`` for fresh ones."""
    _checked(_libc.unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount, bind or remount a file system."""
    arguments = (source.encode("utf-8", "surrogateescape"), target.encode("utf-8", "surrogateescape"), kind.encode())
    _checked(_libc.mount(*arguments, ctypes.c_ulong(flags), options.encode() or None), f"mount {target}")


def prctl(option: int, argument: object) -> None:
    """Set one property of this process."""
    zero = ctypes.c_ulong(0)
    value = ctypes.c_ulong(argument) if isinstance(argument, int) else argument
    _checked(_libc.prctl(ctypes.c_int(option), value, zero, zero, zero), f"prctl {option}")


def fresh_session_keyring() -> None:
    """Let go of the session keyring and every key in it; kernels without keys have none to leak."""
    try:
        _syscall("keyctl", _KEYCTL, ctypes.c_long(_JOIN_SESSION_KEYRING), None)
    except OSError:
        return


def install_filter(program: bytes) -> None:
    """Install a seccomp filter on this process; needs no-new-privileges set before."""
    buffer = ctypes.create_string_buffer(program, len(program))
    header = _FilterProgram(len(program) // 8, ctypes.addressof(buffer))
    mode = ctypes.c_ulong(SECCOMP_MODE_FILTER)
    _checked(_libc.prctl(ctypes.c_int(PR_SET_SECCOMP), mode, ctypes.byref(header), None, None), "seccomp")


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


_CAPABILITY_VERSION = 0x20080522
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2


def keep_capability(number: int) -> None:
    """Hold exactly one capability, below 32, through the next exec; needs PR_SET_KEEPCAPS before the change of uid."""
    bit = 1 << number
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    _checked(_libc.capset(header, sets), "capset")
    zero = ctypes.c_ulong(0)
    raised = ctypes.c_ulong(_PR_CAP_AMBIENT_RAISE)
    _checked(_libc.prctl(ctypes.c_int(_PR_CAP_AMBIENT), raised, ctypes.c_ulong(number), zero, zero), "prctl ambient")


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns", ctypes.c_uint64),
    )


def bind_mapped(source: str, target: str, userns: int) -> None:
    """Bind ``source`` on ``target`` with the owners of files translated by a user namespace (Linux 5.12)."""
    flags = ctypes.c_uint(_OPEN_TREE_CLONE | os.O_CLOEXEC)
    tree = _syscall("open_tree", _OPEN_TREE, ctypes.c_int(_AT_FDCWD), os.fsencode(source), flags)
    try:
        wanted = _MountAttributes(MOUNT_ATTR_IDMAP, 0, 0, userns)
        size = ctypes.c_size_t(ctypes.sizeof(wanted))
        at = ctypes.c_uint(_AT_EMPTY_PATH)
        _syscall("mount_setattr", _MOUNT_SETATTR, ctypes.c_int(tree), b"", at, ctypes.byref(wanted), size)
        how = ctypes.c_uint(_MOVE_MOUNT_F_EMPTY_PATH)
        _syscall("move_mount", _MOVE_MOUNT, ctypes.c_int(tree), b"", ctypes.c_int(_AT_FDCWD), os.fsencode(target), how)
    finally:
        os.close(tree)


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def landlock_version() -> int:
    """Return the Landlock ABI that this kernel enforces, 0 where it has none or switched it off."""
    try:
        return _syscall("landlock", _LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    except OSError:
        return 0


def landlock_ruleset(files: int, network: int, scoped: int, size: int) -> int:
    """Return a descriptor of a new ruleset; ``size`` is the struct's length for the ABI in use (8, 16 or 24)."""
    wanted = _Ruleset(files, network, scoped)
    return _syscall("landlock_create_ruleset", _LANDLOCK_CREATE, ctypes.byref(wanted), ctypes.c_size_t(size), ctypes.c_uint(0))


def landlock_allow(ruleset: int, allowed: int, parent: int) -> None:
    """Allow ``allowed`` file rights beneath the open path ``parent``."""
    rule = _PathRule(allowed, parent)
    _syscall("landlock_add_rule", _LANDLOCK_ADD, ctypes.c_int(ruleset), ctypes.c_int(1), ctypes.byref(rule), ctypes.c_uint(0))


def landlock_enforce(ruleset: int) -> None:
    """Hold this process and all its children to the ruleset for good."""
    _syscall("landlock_restrict_self", _LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint(0))
