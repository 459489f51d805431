"""The warden's door to the host: one request after the other, each answered in frames."""

from __future__ import annotations

import os
import sys
from typing import List  # noqa: UP035 - must also run on Python 3.8

from . import fence, warden, wire


def serve() -> None:
    """Answer requests until the host hangs up."""
    ears, mouth = fence.private(os.dup(0)), fence.private(os.dup(1))
    fence.silence()
    fence.readable(False)
    base = list(sys.path)
    try:
        while True:
            _answer(wire.receive(ears), mouth, base, [ears, mouth])
    except (wire.Cut, BrokenPipeError):
        return


def _answer(request: wire.Message, mouth: int, base: List[str], close: List[int]) -> None:  # noqa: UP006
    request["path"] = [*request["path"], *base]
    if request["k"] == "suite":
        wire.send(mouth, warden.Suite(request, close).run())
