"""One conversation with the sandboxed half: requests go in, answers come out, in frames that are checked on arrival."""

from __future__ import annotations

import compileall
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self

from bot.errors import Fatal, Fault, Retryable
from bot.harness.addopts import judges_addopts
from bot.harness.harness import Project, TestOutcome, TestResult
from bot.harness.inside import wire
from bot.ids import NodeId
from bot.sandbox.environment import source_roots
from bot.sandbox.sandbox import Completed, Launch, Limits, Sandbox

INSIDE = Path(__file__).parent / "inside"
_OUTPUT = 1 << 16
"""MiB of frames that may come back in one conversation: they are read as they come, and never kept."""


@cache
def _compile_inside() -> None:
    """Compile what each sandbox imports once, where it can be written down: in there nothing is, so each would compile anew."""
    compileall.compile_dir(INSIDE, maxlevels=0, quiet=2)


class Session:
    """A running warden in the sandbox; a context manager that kills it on leaving."""

    def __init__(self, sandbox: Sandbox, project: Project, *, hash_seed: int = 0, limits: Limits | None = None) -> None:
        self.project = project
        self.limits = limits or Limits()
        root = project.root.resolve()
        self._root = str(root)
        self._path = [str(each) for each in source_roots(root)]
        environment = project.environment
        _compile_inside()
        launch = Launch(
            command=(str(environment.python), "-s", "-B", str(INSIDE / "main.py"), *map(str, environment.site)),
            workspace=root,
            read=(INSIDE, *environment.read, *environment.site),
            env={"PYTHONHASHSEED": str(hash_seed), "PYTHONDONTWRITEBYTECODE": "1"},
            limits=Limits(self.limits.seconds, self.limits.memory, self.limits.disk, self.limits.processes, _OUTPUT),
        )
        self.turn = threading.RLock()
        """Held from a request to the last of its answers, where several threads use one session."""
        self._conversation = sandbox.converse(launch)
        self._ended: Completed | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        """Whether the sandboxed half is gone for good."""
        return self._ended is not None

    def close(self) -> Completed:
        """Kill the sandboxed half, once."""
        if self._ended is None:
            self._ended = self._conversation.close()
        return self._ended

    def say(self, request: Mapping[str, Any]) -> None:
        """Send one request; raises Retryable where the sandboxed half is gone."""
        message = {
            "root": self._root,
            "path": self._path,
            "product": sorted(self.project.product),
            "addopts": judges_addopts(self.project.root),
            "memory": self.limits.memory // 2,  # one process's share: past it a MemoryError, where the whole would be killed
            **request,
        }
        try:
            wire.send(self._conversation.stdin.fileno(), message)
        except (OSError, ValueError) as error:
            raise self._gone() from error

    def hear(self) -> wire.Message:
        """Wait for one answer; raises Retryable where the sandboxed half is gone, Fatal where it broke."""
        try:
            message = wire.receive(self._conversation.stdout.fileno())
        except (OSError, ValueError, wire.Cut) as error:
            raise self._gone() from error
        if message["k"] == "fault":
            raise Fatal("the sandboxed half of the harness broke: " + str(message["why"]))
        return message

    def ask(self, request: Mapping[str, Any]) -> wire.Message:
        """Send a request that has one answer, and wait for it; raises as :meth:`hear` does."""
        with self.turn:
            self.say(request)
            return self.hear()

    def _gone(self) -> Fault:
        ended = self.close()
        said = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        msg = f"the sandboxed half of the harness {ended.ended.value} (code {ended.code}){': ' + said[-1][:300] if said else ''}"
        return Retryable(msg)


def to_result(nodeid: str, record: Mapping[str, Any]) -> TestResult:
    """Return a record from inside as a result."""
    return TestResult(
        id=NodeId(nodeid),
        outcome=TestOutcome(record["outcome"]),
        seconds=float(record.get("seconds", 0.0)),
        exception=record.get("exception"),
        message=str(record.get("message", "")),
        traceback=str(record.get("traceback", "")),
        frames=tuple((str(path), int(line)) for path, line in record.get("frames", ()) if line is not None),
    )
