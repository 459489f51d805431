"""Code that speaks for its judge: whoever forges what a worker says must not be believed, however much of it they know.

Every forger here knows how the harness works. Some find the descriptors only; others find the worker's own channel, run the
canaries honestly and lie about nothing but the project's one test.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from bot.harness.harness import Project, SuiteRun, TestOutcome, Variant
from bot.harness.suite import run_suite
from bot.harness.variants import ProjectVariants
from bot.ids import NodeId
from bot.sandbox.sandbox import Limits, Sandbox

Make = Callable[[dict[str, str]], Project]

TEST = NodeId("test_calc.py::test_add")
TESTS = "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n"
WRONG = "\n\ndef add(a, b):\n    return a - b\n"
LIMITS = Limits(seconds=40)

RAW = """
import json, os, time

def tell(channel, **said):
    body = json.dumps(said).encode()
    os.write(channel, len(body).to_bytes(4, "big") + body)

def hear(ear):
    size = int.from_bytes(os.read(ear, 4), "big")
    return os.read(ear, size)

def record():
    return {"outcome": "passed", "phases": ["setup", "call", "teardown"], "seconds": 0.01, "cpu": 0.01, "message": ""}

def speak(channel, ear):
    tell(channel, k="canaries")
    cards = json.loads(hear(ear)[16:])["cards"]
    tell(channel, k="collected", ids=["test_calc.py::test_add"], missing=[], errors=[],
         canaries=["test_x.py::test_" + key for key, _ in cards])
    tell(channel, k="ready")
    order = json.loads(hear(ear)[16:])
    tell(channel, k="result", id=order["run"], record=record(), **{"pass": order["pass"]})
    tell(channel, k="tampered", names=[])
    tell(channel, k="done")
    time.sleep(30)
"""
SPEAKER = """
import time

def honest(body):
    import pytest
    names = {}
    exec("import pytest, unittest\\ndef f():\\n    " + body, names)
    try:
        names["f"]()
    except (AssertionError, pytest.fail.Exception):
        return "failed"
    except BaseException:
        return "raised"
    return "passed"

def channel():
    import sys
    frame = sys._getframe()
    while frame is not None:
        for each in frame.f_locals.values():
            if type(each).__name__ == "Channel":
                return each
        frame = frame.f_back

def speak(channel):
    canaries = {"test_x.py::test_" + key: honest(body) for key, body in channel.ask({"k": "canaries"})["cards"]}
    channel.tell({"k": "collected", "ids": ["test_calc.py::test_add"], "missing": [], "errors": [], "canaries": list(canaries)})
    order = channel.ask({"k": "ready"})
    while order["run"]:
        outcome = canaries.get(order["run"], "passed")
        passed = ["setup", "call", "teardown"] if outcome == "passed" else []
        record = {"outcome": outcome, "phases": passed, "seconds": 0.01, "cpu": 0.01, "message": ""}
        code = order["pass"] if outcome == "passed" else ""
        order = channel.ask({"k": "result", "id": order["run"], "record": record, "pass": code})
    channel.tell({"k": "tampered", "names": []})
    channel.tell({"k": "done"})
    time.sleep(30)
"""

BY_DESCRIPTOR = {
    "says how many canaries there are and that each passed": """
        for channel in range(200, 260):
            try:
                tell(channel, k="collected", ids=["test_calc.py::test_add"], missing=[], errors=[], canaries=26)
            except OSError:
                continue
            ear = next(each for each in range(200, 260) if each != channel and os.path.exists(f"/proc/self/fd/{each}"))
            tell(channel, k="begin", id="test_calc.py::test_add", canary=False)
            given = json.loads(hear(ear))["pass"]
            tell(channel, k="result", id="test_calc.py::test_add", record=record(), expected="", **{"pass": given})
            tell(channel, k="done")
            time.sleep(30)
    """,
    "tries all numbers": """
        for number in range(200, 260):
            try:
                tell(number, k="alive")
            except OSError:
                continue
            others = [each for each in range(200, 260) if each != number]
            speak(number, next(each for each in others if os.path.exists(f"/proc/self/fd/{each}")))
    """,
    "looks its descriptors up": """
        pipes = [int(each) for each in os.listdir("/proc/self/fd") if int(each) > 2]
        pipes = [each for each in pipes if os.path.exists(f"/proc/self/fd/{each}")]
        pipes = [each for each in pipes if "pipe" in os.readlink(f"/proc/self/fd/{each}")]
        writes = [each for each in pipes if int(open(f"/proc/self/fdinfo/{each}").read().split("flags:")[1].split()[0], 8) & 1]
        speak(writes[-1], [each for each in pipes if each not in writes][-1])
    """,
    "forks and keeps copies": """
        copies = {number: os.dup(number) for number in range(200, 260) if os.path.exists(f"/proc/self/fd/{number}")}
        if os.fork():
            time.sleep(2)
        else:
            speak(*list(copies.values())[:2])
    """,
    "waits in a thread": """
        import threading

        def late():
            time.sleep(0.3)
            for number in range(200, 260):
                try:
                    tell(number, k="result", id="test_calc.py::test_add", record=record(), **{"pass": ""})
                except OSError:
                    continue

        threading.Thread(target=late, daemon=True).start()
    """,
    "patches what writes": """
        def flipped(write):
            def instead(descriptor, data):
                return write(descriptor, bytes(data).replace(b'"failed"', b'"passed"'))
            return instead

        os.write = flipped(os.write)
        import json.encoder
        plain = json.encoder.encode_basestring_ascii
        json.encoder.encode_basestring_ascii = lambda text: plain("passed" if text == "failed" else text)
        json.encoder.c_make_encoder = None
    """,
    "writes into its own memory": """
        places = [line.split()[0].split("-") for line in open("/proc/self/maps") if " rw-p " in line and "[v" not in line]
        with open("/proc/self/mem", "r+b", buffering=0) as memory:
            for first, last in places:
                memory.seek(int(first, 16))
                try:
                    data = memory.read(int(last, 16) - int(first, 16))
                except OSError:
                    continue
                at = data.find(b"failed\\0")
                while at >= 0:
                    memory.seek(int(first, 16) + at)
                    memory.write(b"passed\\0")
                    at = data.find(b"failed\\0", at + 1)
    """,
    "looks through the heap": """
        import gc
        found = [each for each in gc.get_objects() if type(each).__name__ == "Channel"]
        found[0].tell({"k": "done"})
        time.sleep(30)
    """,
}
BY_CHANNEL = {
    "walks frames": "speak(channel())",
    "patches the channel": """
        kind = type(channel())
        ask, state = kind.ask, {}

        def instead(self, message):
            if message.get("id") == "test_calc.py::test_add":
                message["record"] = {"outcome": "passed", "phases": ["setup", "call", "teardown"], "message": ""}
                message["pass"] = state["pass"]
            state.update(ask(self, message))
            return state

        kind.ask = instead
    """,
    "patches pytest and the one who looks": """
        from _pytest.python import Function
        run = Function.runtest
        Function.runtest = lambda self: None if self.name == "test_add" else run(self)
        type(channel()).tell.__globals__["canary"].tampered = lambda: []
    """,
    "patches the judge for one test": """
        judge = type(channel()).tell.__globals__["verdict"].Phases
        run = judge.run

        def instead(self, nextitem):
            record = run(self, nextitem)
            if self._item.name == "test_add":
                record.update(outcome="passed", phases=["setup", "call", "teardown"])
            return record

        judge.run = instead
        type(channel()).tell.__globals__["canary"].tampered = lambda: []
    """,
}
FORGERS = {name: RAW + textwrap.dedent(text) for name, text in BY_DESCRIPTOR.items()} | {
    name: SPEAKER + textwrap.dedent(text) for name, text in BY_CHANNEL.items()
}


def accepted(run: SuiteRun) -> bool:
    """Whether somebody who reads the verdict would take the wrong solution for right."""
    return run.trusted and any(each.id == TEST and each.outcome is TestOutcome.PASSED for each in run.results)


@pytest.mark.parametrize("forger", FORGERS)
def test_a_forger_is_not_believed(sandbox: Sandbox, make: Make, forger: str) -> None:
    project = make({"calc.py": FORGERS[forger] + WRONG, "test_calc.py": TESTS})
    run = run_suite(sandbox, project, limits=LIMITS, twins=True)
    assert not accepted(run), run


@pytest.mark.parametrize("forger", BY_CHANNEL)
def test_who_finds_the_channel_is_caught_by_nothing_but_twins(sandbox: Sandbox, make: Make, forger: str) -> None:
    project = make({"calc.py": FORGERS[forger] + WRONG, "test_calc.py": TESTS})
    assert accepted(run_suite(sandbox, project, limits=LIMITS))


FORGED_RECORDS = """
for number in range(200, 260):
    try:
        tell(number, k="at", test="test_calc.py::test_add")
        tell(number, k="test", test="test_calc.py::test_add", record=record())
        tell(number, k="through")
        tell(number, k="variant", n=0, how="judged", records=[])
        time.sleep(5)
    except OSError:
        continue
"""


def test_a_variant_that_speaks_for_itself_gets_no_verdict(sandbox: Sandbox, make: Make) -> None:
    right = "\n\ndef add(a, b):\n    return a + b\n"
    project = make({"calc.py": right, "test_calc.py": TESTS})
    with ProjectVariants(sandbox, project, limits=LIMITS) as server:
        forged = Variant("forged", {"calc.py": RAW + FORGED_RECORDS + WRONG})
        found, plain = server.judge([forged, Variant("wrong", {"calc.py": WRONG})])
    assert found.error
    assert not found.passed_all
    assert plain.failed_by == (TEST,) or plain.error
