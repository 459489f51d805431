from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot
from bot.sandbox.launcher import in_memory

HOME = str(Path(bot.__file__).parents[1])
START = f"import sys; sys.path.insert(0, {HOME!r}); from bot.sandbox.zygote import main; main(sys.argv[1], '')"


@pytest.fixture
def zygote() -> Iterator[tuple[socket.socket, subprocess.Popen[bytes]]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-I", "-S", "-c", START, str(theirs.fileno())]
    with ours, subprocess.Popen(command, pass_fds=(theirs.fileno(),)) as process:
        theirs.close()
        yield ours, process
        ours.close()


def answer(control: socket.socket, text: bytes) -> dict[str, object]:
    """Send an order and return the first thing that is said of it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    null = os.open("/dev/null", os.O_RDWR)
    order = in_memory(text)
    with ours, theirs:
        socket.send_fds(control, [b"order"], [order, null, null, null, theirs.fileno()])
        theirs.close()
        for each in (null, order):
            os.close(each)
        said: dict[str, object] = json.loads(ours.recv(1 << 16))
    return said


def test_it_ends_with_its_socket(zygote: tuple[socket.socket, subprocess.Popen[bytes]]) -> None:
    control, process = zygote
    control.close()
    assert process.wait(timeout=60) == 0


def test_an_order_that_cannot_be_read_is_answered(zygote: tuple[socket.socket, subprocess.Popen[bytes]]) -> None:
    control, process = zygote
    assert answer(control, b"{")["event"] == "failed"
    assert answer(control, b"{}")["event"] == "failed"
    assert process.poll() is None


def test_a_packet_without_descriptors_is_passed_over(zygote: tuple[socket.socket, subprocess.Popen[bytes]]) -> None:
    control, _ = zygote
    control.send(b"order")
    left, right = os.pipe()
    socket.send_fds(control, [b"order"], [left, right])
    os.close(left)
    os.close(right)
    assert answer(control, b"{")["event"] == "failed"
