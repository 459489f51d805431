from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

import bot
from bot.sandbox import kernel

HOME = str(Path(bot.__file__).parents[1])


def in_a_process(code: str) -> str:
    """Return what the code prints, run with ``kernel`` at hand where it can do no harm."""
    start = f"import os, sys; sys.path.insert(0, {HOME!r}); from bot.sandbox import kernel\n"
    done = subprocess.run([sys.executable, "-I", "-c", start + code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_refusals_are_os_errors_with_their_number() -> None:
    with pytest.raises(OSError, match="mount /no/such") as error:
        kernel.mount("/no/such", "/no/such", flags=kernel.MS_BIND)
    assert error.value.errno in {errno.ENOENT, errno.EPERM}
    with pytest.raises(OSError, match="landlock"):
        kernel.landlock_enforce(-1)
    with pytest.raises(OSError, match="unshare"):
        kernel.unshare(0x7FFFFFFF)
    with pytest.raises(OSError, match="open_tree"):
        kernel.bind_mapped("/no/such", "/no/such", -1)


def test_the_version_of_landlock_is_a_number() -> None:
    assert kernel.landlock_version() >= 0


def test_no_new_privileges_sticks() -> None:
    code = "kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1); print('NoNewPrivs:\\t1' in open('/proc/self/status').read())"
    assert in_a_process(code) == "True"


def test_a_filter_is_enforced() -> None:
    code = """
from bot.sandbox.seccomp import build_filter
kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
kernel.install_filter(build_filter(network=False, own_uid=True))
import socket
try:
    socket.socket()
except PermissionError:
    print("refused")
"""
    assert in_a_process(code) == "refused"


def test_a_fresh_keyring_is_no_error() -> None:
    assert in_a_process("kernel.fresh_session_keyring(); print('ok')") == "ok"


@pytest.mark.skipif(kernel.landlock_version() == 0, reason="this kernel has no Landlock")
def test_a_ruleset_holds() -> None:
    code = """
rules = kernel.landlock_ruleset((1 << 13) - 1, 0, 0, 8)
place = os.open("/usr", os.O_PATH)
kernel.landlock_allow(rules, 0b1100, place)
kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
kernel.landlock_enforce(rules)
print(len(os.listdir("/usr")) > 0)
try:
    os.listdir("/etc")
except PermissionError:
    print("refused")
"""
    assert in_a_process(code).split() == ["True", "refused"]
