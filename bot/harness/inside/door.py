"""The warden's door to the host: one request after the other, each answered in frames."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import traceback
from typing import Any

from _pytest.config import default_plugins

from . import disk, fence, judge, observatory, warden, wire


class Door:
    """Answers requests until the host hangs up."""

    def __init__(self) -> None:
        self._ears, self._mouth = fence.private(os.dup(0)), fence.private(os.dup(1))
        self._close = [self._ears, self._mouth]
        self._base = list(sys.path)
        self._here = os.getcwd()  # noqa: PTH109 - as a string, the way requests carry paths
        self._judge: judge.Judge | None = None
        self._observatories: dict[str, observatory.Observatory] = {}

    def serve(self) -> None:
        """Take requests one by one."""
        while True:
            request = wire.receive(self._ears)
            path = [self._at_home(each, request["root"]) for each in request["path"]]
            request.update(path=[*path, *self._base], root=self._here)
            getattr(self, "_on_" + request["k"])(request)

    def _at_home(self, path: str, root: str) -> str:
        """Return where a directory of the tree lies in here: not every sandbox can show the copy at the tree's own path."""
        return self._here + path[len(root) :] if path == root or path.startswith(root + "/") else path

    def say(self, message: dict[str, Any]) -> None:
        """Send one frame to the host."""
        wire.send(self._mouth, message)

    def _on_suite(self, request: dict[str, Any]) -> None:
        with disk.Disk(request["root"], request["patches"]):
            found = warden.Suite(request, self._close).run()
        self.say(found)

    def _on_open(self, request: dict[str, Any]) -> None:
        """Collect the tests for variants."""
        if self._judge is not None:
            self._judge.end()
        self._judge = judge.Judge(request, self._close)
        try:
            self._judge.open()
        except judge.Dead as error:
            self._judge = None
            self.say({"k": "opened", "error": str(error), "ids": []})
            return
        self.say({"k": "opened", "error": "", "ids": self._judge.collected, "plain": self._judge.plain})

    def _on_calls(self, request: dict[str, Any]) -> None:
        """Remember calls under a key; their modules are imported at the first use."""
        self._observatories[request["key"]] = observatory.Observatory(request, self._close)

    def _on_observe(self, request: dict[str, Any]) -> None:
        """Make those calls on one variant."""
        self.say({"k": "observed", "found": self._observatories[request["key"]].observe(request["patches"])})

    def _on_forget(self, request: dict[str, Any]) -> None:
        """End the process that holds the modules of some calls."""
        self._observatories.pop(request["key"]).end()

    def _on_judge(self, request: dict[str, Any]) -> None:
        """Judge a batch; the reply after the last variant says so."""
        why = "no tests are open"
        if self._judge is not None:
            try:
                self._judge.judge(request, self.say)
                why = ""
            except (judge.Dead, wire.Cut) as error:
                why = str(error)
                self._judge.end()
        self.say({"k": "judged", "error": why})


def _preload() -> None:
    """Import what every pytest imports when it starts, so that no worker has to."""
    for name in default_plugins:
        importlib.import_module("_pytest." + name)


def serve() -> None:
    """Be the warden: the life of the first process in the sandbox."""
    door = Door()
    _preload()
    gc.freeze()  # what every worker shares is nobody's garbage: no worker need look it over
    fence.silence()
    fence.readable(yes=False)
    try:
        door.serve()
    except (wire.Cut, BrokenPipeError):
        return
    except Exception:
        door.say({"k": "fault", "why": traceback.format_exc()[-2000:]})
        raise


__all__: list[str] = ["Door", "serve"]
