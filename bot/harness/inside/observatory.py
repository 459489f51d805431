"""The warden's side of observing calls: every call has an answer, whatever it did to the process it was made in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import calls, disk, judge, ward, wire

_READY = 60.0
"""CPU seconds that importing the modules may take."""
_IDLE = 5.0
_MOST_LATE = 8
"""So many calls that run out of time tell enough of code that hangs; each costs its whole limit."""
_FEW_LATE = 2
_SOON = 0.15
"""CPU seconds that a call gets once that many before it have hung: more only where others have needed more."""
_LEFT_OUT = f"left out, since {_MOST_LATE} calls before it ran out of time"

if TYPE_CHECKING:
    Found = dict[str, Any]


class _Heard:
    """What one process told of its calls."""

    def __init__(self, found: list[Found | None]) -> None:
        self._found = found
        self.at = -1
        self.through = False
        self.needs_import = False

    def hear(self, message: wire.Message) -> None:
        """Note what it said."""
        kind = message["k"]
        if kind == "call":
            self.at = message["n"]
        elif kind == "observed":
            self._found[message["n"]] = message["found"]
            self.at = -1
        self.through = self.through or kind == "through"
        self.needs_import = self.needs_import or kind == "import"

    def end(self, *, hung: bool) -> None:
        """Note that it ended: a call it was at has an answer too."""
        if self.at >= 0:
            self._found[self.at] = {"kind": "timed out" if hung else "crashed"}


class Observatory:
    """Calls that are made on one variant after the other."""

    def __init__(self, request: dict[str, Any], close: list[int]) -> None:
        self._request = request
        self._close = close
        self._worker: ward.Worker | None = None
        self._most = request["call_seconds"] + 1.0

    def observe(self, patches: list[dict[str, Any]]) -> list[Found]:
        """Return what each call did, in order."""
        found: list[Found | None] = [None] * len(self._request["calls"])
        alone = False
        while None in found:
            alone = self._go_on(patches, found, alone=alone)
            if sum(each is not None and each["kind"] == "timed out" for each in found) >= _MOST_LATE:
                found = [each or {"kind": "unavailable", "value": _LEFT_OUT} for each in found]
        return [each for each in found if each is not None]

    def _go_on(self, patches: list[dict[str, Any]], found: list[Found | None], *, alone: bool) -> bool:
        """Have one process answer from the first open call on; say whether the next one has to import by itself."""
        first = found.index(None)
        seconds = self._seconds(found)
        heard = self._alone(patches, found, first, seconds) if alone else self._forked(patches, found, first, seconds)
        if not heard.needs_import and found[first] is None:
            found[first] = {"kind": "crashed"}
        return alone or heard.needs_import

    def _seconds(self, found: list[Found | None]) -> float:
        """Return the CPU time that the next call may use."""
        most = float(self._request["call_seconds"])
        ended = [each for each in found if each is not None]
        if sum(each["kind"] == "timed out" for each in ended) < _FEW_LATE:
            return most
        return min(most, max(_SOON, 10 * max(float(each.get("seconds", 0.0)) for each in ended)))

    def end(self) -> None:
        """End the process that holds the modules."""
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    def _forked(self, patches: list[dict[str, Any]], found: list[Found | None], first: int, seconds: float) -> _Heard:
        heard = _Heard(found)
        worker = self._ready()
        if worker is None:
            heard.needs_import = True
            return heard
        child = judge.Child(worker, self._most, _IDLE)
        worker.answer({"patches": patches, "first": first, "seconds": seconds})
        try:
            child.follow(heard.hear)
        except (judge.Dead, wire.Cut):
            self.end()
        heard.end(hung=child.hung)
        return heard

    def _alone(self, patches: list[dict[str, Any]], found: list[Found | None], first: int, seconds: float) -> _Heard:
        heard = _Heard(found)
        request = {**self._request, "first": first, "call_seconds": seconds}
        with disk.Disk(self._request["root"], patches):
            worker = ward.Worker(lambda channel: calls.once(channel, request), self._close)
            watch = ward.Watch(worker)
            hung = False
            watch.begin(self._most + _READY, _IDLE)
            try:
                while not (worker.inbox.ended or heard.through or hung):
                    for message in worker.listen(0.1):
                        heard.hear(message)
                        watch.begin(self._most + (_READY if message["k"] == "call" and message["n"] == first else 0.0), _IDLE)
                    hung = watch.over()
            except wire.Cut:
                heard.through = False  # somebody else spoke for it: what it was at has crashed
            finally:
                worker.end()
        heard.end(hung=hung)
        return heard

    def _ready(self) -> ward.Worker | None:
        """Return the process that has the modules; None where importing them takes it down."""
        if self._worker is not None:
            return self._worker
        request = self._request
        worker = ward.Worker(lambda channel: calls.stand(channel, request), self._close)
        watch = ward.Watch(worker)
        watch.begin(_READY, _READY)
        try:
            while not worker.inbox.ended and not watch.over():
                if any(message["k"] == "ready" for message in worker.listen(0.1)):
                    self._worker = worker
                    return worker
        except wire.Cut:
            pass  # the modules speak for themselves: each call meets them in a process of its own
        worker.end()
        return None
