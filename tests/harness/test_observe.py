from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from bot.harness.harness import Call, Observation, ObservedKind, Project, Variant
from bot.harness.variants import ProjectVariants
from bot.sandbox.sandbox import Environment, Sandbox

Make = Callable[[dict[str, str]], Project]

MODULE = """
import os


class Node:
    def __init__(self, value, following=None):
        self.value = value
        self.following = following

    def push(self, value):
        self.following = Node(value, self.following)

    @staticmethod
    def one():
        return Node(1)


def following(node):
    return node.following


def mixed(a, b=1):
    return {"set": {3, 1, 2}, "ratio": a / b, "nan": float("nan"), "thing": object()}


def endless(n):
    while True:
        yield n


def sort(items):
    items.sort()


def forever():
    while True:
        pass


def die():
    os._exit(3)


def say(x):
    print("hello", x)
    raise KeyError(x)


async def later(x):
    return x + 1


def eat():
    return [0] * (1 << 60)


def deep(n):
    return deep(n)


def leave():
    raise SystemExit(4)


def address():
    raise ValueError(object())


TOTAL = []


def count():
    TOTAL.append(1)
    return len(TOTAL)
"""


def call(name: str, arguments: str = "()", keywords: str = "{}", receiver: str | None = None) -> Call:
    return Call("m", name, arguments, keywords, receiver)


CALLS = {
    call("mixed", "(1, 3)"): ("returned", "{'nan': nan, 'ratio': 0.333333333333, 'set': {1, 2, 3}, 'thing': object()}"),
    call("mixed", "(1,)", "{'b': 0}"): ("raised", "ZeroDivisionError: division by zero"),
    call("endless", "(1,)"): ("returned", f"<iterator>[{', '.join(['1'] * 1000)}, …]"),
    call("sort", "([3, 1],)"): ("returned", "None"),
    call("forever"): ("timed out", ""),
    call("die"): ("crashed", ""),
    call("say", "('a',)"): ("raised", "KeyError: 'a'"),
    call("following", "(Node(1, Node(2)),)"): ("returned", "m.Node(following=None, value=2)"),
    call("Node.push", "(5,)", receiver="(1,)"): ("returned", "None"),
    call("Node.one"): ("returned", "m.Node(following=None, value=1)"),
    call("later", "(1,)"): ("returned", "2"),
    call("eat"): ("raised", "MemoryError: "),
    call("deep", "(1,)"): ("raised", "RecursionError: maximum recursion depth exceeded"),
    call("leave"): ("raised", "SystemExit: 4"),
    call("address"): ("raised", "ValueError: <object object>"),
    call("nothing"): ("unavailable", "AttributeError: module 'm' has no attribute 'nothing'"),
    call("sort", "(nowhere,)"): ("unavailable", "NameError: name 'nowhere' is not defined"),
    Call("nowhere", "x", "()"): ("unavailable", "nowhere: ModuleNotFoundError: No module named 'nowhere'"),
}


@pytest.fixture(scope="module")
def server(sandbox: Sandbox, environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProjectVariants]:
    root = tmp_path_factory.mktemp("project")
    (root / "m.py").write_text(MODULE, encoding="utf-8")
    with ProjectVariants(sandbox, Project(root, environment)) as variants:
        yield variants


def told(each: Observation) -> tuple[str, str]:
    return each.kind.value, each.value


def test_every_kind_of_end_has_its_text(server: ProjectVariants) -> None:
    ((name, found),) = server.observe([Variant("base", {})], list(CALLS))
    assert name == "base"
    assert [told(each) for each in found] == list(CALLS.values())
    by_name = dict(zip([each.qualname for each in CALLS], found, strict=True))
    assert by_name["sort"].printed == ""
    assert found[3].arguments_after == "[[1, 3]]"
    assert by_name["say"].printed == "hello a\n"
    assert by_name["Node.push"].arguments_after.startswith("[m.Node(following=m.Node(following=None, value=5), value=1)")
    assert by_name["following"].type == "m.Node"


def test_variants_differ_where_their_code_does_and_start_afresh(server: ProjectVariants) -> None:
    variants = [
        Variant("same", {"m.py": MODULE}),
        Variant("body", {"m.py": MODULE.replace("return x + 1", "return x + 2")}),
        Variant("module", {"m.py": MODULE.replace("TOTAL = []", "TOTAL = [0]")}),
        Variant("broken", {"m.py": MODULE.replace("return x + 1", "return x +")}),
        Variant("again", {}),
    ]
    calls = [call("later", "(1,)"), call("count"), call("count")]
    found = {name: [each.value for each in those] for name, those in server.observe(variants, calls)}
    assert found["same"] == found["again"] == ["2", "1", "2"]
    assert found["body"] == ["3", "1", "2"]
    assert found["module"] == ["2", "2", "3"]
    assert all("SyntaxError" in each for each in found["broken"])


def test_several_threads_may_ask_one_server(server: ProjectVariants) -> None:
    answers: dict[int, list[str]] = {}

    def ask(number: int) -> None:
        calls = [call("later", f"({number},)")] * 3
        answers[number] = [each.value for _, those in server.observe([Variant("base", {})], calls) for each in those]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert answers == {number: [str(number + 1)] * 3 for number in range(4)}


def test_no_calls_are_no_observations(server: ProjectVariants) -> None:
    assert list(server.observe([Variant("base", {})], [])) == [("base", ())]


def base(sandbox: Sandbox, project: Project, *calls: Call) -> tuple[Observation, ...]:
    with ProjectVariants(sandbox, project) as server:
        return dict(server.observe([Variant("base", {})], calls))["base"]


def test_modules_are_found_where_the_project_keeps_them(sandbox: Sandbox, make: Make) -> None:
    project = make({"src/pkg/__init__.py": "def f(x):\n    return x * 2\n"})
    found = base(sandbox, project, Call("pkg", "f", "('ab',)"), Call("pkg", "f", "(2,)"))
    assert [told(each) for each in found] == [("returned", "'abab'"), ("returned", "4")]


def test_a_module_that_ends_the_process_is_unavailable_or_crashes(sandbox: Sandbox, make: Make) -> None:
    project = make({"m.py": "import os\nos._exit(1)\n", "n.py": "def f():\n    return 1\n"})
    found = base(sandbox, project, Call("m", "f", "()"), Call("n", "f", "()"))
    assert [each.kind for each in found] == [ObservedKind.CRASHED, ObservedKind.RETURNED]


@pytest.mark.parametrize("at", ["import", "call"])
def test_what_is_observed_cannot_speak_for_itself(sandbox: Sandbox, make: Make, at: str) -> None:
    forge = (
        "import json, os\n"
        "def tell(**said):\n"
        "    body = json.dumps(said).encode()\n"
        "    for number in range(200, 260):\n"
        "        try: os.write(number, len(body).to_bytes(4, 'big') + body)\n"
        "        except OSError: pass\n"
        "def speak():\n"
        "    tell(k='call', n=0)\n"
        "    tell(k='observed', n=0, found={'kind': 'returned', 'value': '5'})\n"
        "    tell(k='through')\n"
        "def f():\n"
        "    speak()\n"
        "    return 4\n"
    )
    project = make({"m.py": forge + ("speak()\n" if at == "import" else ""), "n.py": "def f():\n    return 1\n"})
    found = base(sandbox, project, Call("m", "f", "()"), Call("n", "f", "()"))
    assert [each.kind for each in found] == [ObservedKind.CRASHED, ObservedKind.RETURNED]
