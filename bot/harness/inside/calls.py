"""Calling a project's functions on given inputs and telling what each call did, in a process that may die over it."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import fractions
import functools
import importlib
import io
import math
import random
import sys
import time
from typing import Any

from . import canonical, fence, lines, swap, testrun, verdict, wire

_PRINTED = 2000
_NAMES = {
    "Decimal": decimal.Decimal, "Fraction": fractions.Fraction, "deque": collections.deque, "Counter": collections.Counter,
    "OrderedDict": collections.OrderedDict, "defaultdict": collections.defaultdict, "date": dt.date, "time": dt.time,
    "datetime": dt.datetime, "timedelta": dt.timedelta, "timezone": dt.timezone, "inf": math.inf, "nan": math.nan,
}  # fmt: skip
"""What arguments may be built from besides literals, builtins and the module's own names, which go first."""


class Unavailable(Exception):
    """The function, its module or its arguments cannot be had."""


class _Clipped(io.StringIO):
    """Standard output that keeps the beginning only."""

    def write(self, words: str) -> int:
        if self.tell() < _PRINTED:
            super().write(words[:_PRINTED])
        return len(words)


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except BaseException as error:
        msg = f"{name}: {type(error).__name__}: {error}"
        raise Unavailable(msg) from error


class Observed:
    """One call, made ready: its function and its arguments."""

    def __init__(self, call: dict[str, Any]) -> None:
        module = _module(call["module"])
        names = {**_NAMES, **vars(module)}
        try:
            self.arguments = list(eval(call["arguments"], names))  # noqa: S307 - the sources are Pawl's own; this is the sandbox
            self.keywords = dict(eval(call["keywords"], names))  # noqa: S307
            self.function = self._find(module, call, names)
        except BaseException as error:
            msg = f"{type(error).__name__}: {error}"
            raise Unavailable(msg) from error

    def _find(self, module: Any, call: dict[str, Any], names: dict[str, Any]) -> Any:
        owner = module
        *outer, last = call["qualname"].split(".")
        for part in outer:
            owner = getattr(owner, part)
        self.receiver = None
        if call["receiver"] is not None:
            owner = self.receiver = owner(*eval(call["receiver"], names))  # noqa: S307
        return getattr(owner, last)

    def before(self) -> str:
        """Return the canonical text of what the call could change."""
        owner = [self.receiver] if self.receiver is not None else []
        return canonical.text([*owner, *self.arguments, *([self.keywords] if self.keywords else [])])


def observe(call: dict[str, Any], seconds: float, late: Any) -> dict[str, Any]:
    """Make one call; return what it did."""
    random.seed(0)
    stdout, printed = sys.stdout, _Clipped()
    started = time.perf_counter()
    fence.alarm(seconds, late)
    try:
        sys.stdout = printed
        found = _made(call)
    except Unavailable as error:
        found = {"kind": "unavailable", "value": canonical.plain_text(str(error))[:500]}
    finally:
        fence.rest()
        sys.stdout = stdout
    found["printed"] = canonical.plain_text(printed.getvalue()[:_PRINTED])
    found["seconds"] = time.perf_counter() - started
    return found


def _made(call: dict[str, Any]) -> dict[str, Any]:
    ready = Observed(call)
    before = ready.before()
    try:
        value = ready.function(*ready.arguments, **ready.keywords)
        if hasattr(value, "__await__"):
            value = _awaited(value)
        found = {"kind": "returned", "value": canonical.text(value), "type": verdict.type_name(type(value))}
    except BaseException as error:
        name = verdict.type_name(type(error))
        found = {"kind": "raised", "value": f"{name}: {_message(error)}", "type": name}
    try:
        after = ready.before()
    except BaseException as error:
        after = f"<{type(error).__name__}>"
    found["after"] = after if after != before else ""
    return found


def _awaited(value: Any) -> Any:
    import asyncio  # noqa: PLC0415 - slow to import, rarely needed

    async def wait() -> Any:
        return await value

    return asyncio.run(wait())


def _message(error: BaseException) -> str:
    try:
        return canonical.plain_text(str(error))[:500]
    except BaseException as inner:
        return f"<no text: {type(inner).__name__}>"


class Caller:
    """A process's work: from the first call that is not done to the last."""

    def __init__(self, channel: testrun.Channel, request: dict[str, Any]) -> None:
        self._channel = channel
        self._calls = request["calls"]
        self._seconds = request["call_seconds"]
        self._now = 0
        self._root = request["root"]

    def run(self, first: int) -> None:
        """Make the calls and tell of each."""
        for number in range(first, len(self._calls)):
            self._now = number
            self._channel.tell({"k": "call", "n": self._now})
            found = observe(self._calls[self._now], self._seconds, self._late)
            self._channel.tell({"k": "observed", "n": self._now, "found": found})
        self._channel.tell({"k": "through"})

    def _late(self, _signal: int, _frame: Any) -> None:
        fence.rest()
        self._channel.tell({"k": "observed", "n": self._now, "found": {"kind": "timed out"}})
        fence.leave(testrun.LATE)


class Stand:
    """The process that has the modules of the calls imported, and forks one child per variant and per death."""

    def __init__(self, channel: testrun.Channel, request: dict[str, Any]) -> None:
        self._channel = channel
        self._request = request

    def serve(self) -> None:
        """Import, then fork on request."""
        testrun.enter(self._request)
        swapper = swap.Swapper(self._request["root"], self._import(), {})
        self._channel.tell({"k": "ready"})
        while True:
            try:
                order = self._channel.hear()
            except wire.Cut:
                fence.leave()
            testrun.bear(self._channel, functools.partial(self._live, swapper, order))

    def _import(self) -> dict[str, list[Any]]:
        tracer = lines.Tracer(self._request["root"], self._request["product"])
        tracer.start()
        for name in sorted({call["module"] for call in self._request["calls"]}):
            try:
                _module(name)
            except Unavailable:
                continue
        tracer.stop()
        return {path: place["called"] for path, place in tracer.cut().items()}

    def _live(self, swapper: swap.Swapper, order: dict[str, Any]) -> None:
        try:
            swapper.apply(order["patches"])
        except (swap.NeedsImport, SyntaxError, ValueError, RecursionError):
            self._channel.tell({"k": "import"})
            return
        Caller(self._channel, {**self._request, "call_seconds": order["seconds"]}).run(order["first"])


def stand(channel: testrun.Channel, request: dict[str, Any]) -> None:
    """Be the process that forks; its whole life."""
    Stand(channel, request).serve()


def once(channel: testrun.Channel, request: dict[str, Any]) -> None:
    """Import the project as it lies on disk, variant included, and make the calls."""
    testrun.enter(request)
    Caller(channel, request).run(request["first"])
