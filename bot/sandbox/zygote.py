"""The zygote: a small, single-threaded process of Pawl's own that forks a keeper for every launch.

Pawl has threads and must not fork itself; starting a fresh interpreter for each launch would cost more than the launch. It
lives as long as its control socket.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket

from bot.sandbox import bubblewrap, kernel, landlock
from bot.sandbox.cell import drop_to
from bot.sandbox.keeper import Descriptors, keep
from bot.sandbox.order import Order

_MOST_DESCRIPTORS = 5


def serve(control: socket.socket) -> None:
    """Fork a keeper for each order that comes, until the other end closes.

    An order is one packet with the descriptors of the order's text, standard input, output and error, and status socket.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    bubblewrap.warm_up()
    landlock.sweep()
    gc.disable()
    gc.freeze()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 16, _MOST_DESCRIPTORS)
        if not message:
            return
        if len(descriptors) == _MOST_DESCRIPTORS and os.fork() == 0:
            control.close()
            _keep(descriptors)
        for each in descriptors:
            os.close(each)


def _keep(descriptors: list[int]) -> None:
    text, stdin, stdout, stderr, status_fd = descriptors
    status = socket.socket(fileno=status_fd)
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        order = Order.from_json(os.pread(text, os.fstat(text).st_size, 0))
        os.close(text)
        keep(order, Descriptors(stdin, stdout, stderr), status)
    except Exception as error:  # noqa: BLE001 - the last place where a fault of a keeper can be told to Pawl
        status.send(json.dumps({"event": "failed", "why": f"{type(error).__name__}: {error}", "seconds": 0.0}).encode())
    finally:
        os._exit(0)


def main(control: str, user: str) -> None:
    """Serve on an inherited descriptor, as ``user`` where one is named."""
    if user:
        drop_to(int(user))
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # lost by the change, and needed to map the uid of a new namespace
    serve(socket.socket(fileno=int(control)))
