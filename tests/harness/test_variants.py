from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.errors import InputError, Retryable
from bot.harness.harness import Project, TestOutcome, Variant, VariantResult
from bot.harness.variants import ProjectVariants
from bot.ids import NodeId
from bot.sandbox.sandbox import Environment, Sandbox

Make = Callable[[dict[str, str]], Project]

MODULE = """
import functools

SIZE = 3


def add(a, b):
    return a + b


def below(n):
    i = 0
    while i < n:
        i += 1
    return i


def twice(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args) * 2

    return wrapper


@twice
def decorated(x):
    return x + 1


class Box:
    def __init__(self, value):
        self._value = value

    @property
    def value(self):
        return self._value

    @staticmethod
    def make(n=1):
        return Box(n)

    @classmethod
    def empty(cls):
        return cls(None)

    async def later(self):
        return self._value

    def items(self):
        for each in range(self.value):
            yield each


class Big(Box):
    @property
    def value(self):
        return super().value * 10


@functools.lru_cache(maxsize=None)
def cached(n):
    return n * n


def remember(x, seen=[]):
    seen.append(x)
    return len(seen)


def table():
    return {n: n * n for n in range(4)}


TABLE = table()


def unused():
    return 1
"""
TESTS = """
import asyncio
import subprocess
import sys

import pytest
from lib import m
from lib.m import Big, Box, TABLE, add, below, cached, decorated, remember


@pytest.mark.parametrize("a, b, c", [(1, 2, 3), (0, 0, 0)])
def test_add(a, b, c):
    assert add(a, b) == c


def test_below():
    assert below(4) == 4


def test_decorated():
    assert decorated(1) == 4


def test_property():
    assert Box(2).value == 2 and Big(2).value == 20


def test_make():
    assert Box.make().value == 1 and Box.empty().value is None


def test_later():
    assert asyncio.run(Box(3).later()) == 3


def test_items():
    assert list(Box(3).items()) == [0, 1, 2]


def test_cached():
    assert cached(3) == 9


def test_remember():
    assert remember(1) == 1


def test_table():
    assert TABLE[3] == 9


def test_size():
    assert m.SIZE == 3


@pytest.fixture
def box():
    return Box(7)


def test_fixture(box):
    assert box.value == 7


def test_wrong():
    assert add(1, 1) == 3


def test_process():
    done = subprocess.run([sys.executable, "-c", "from lib.m import add; print(add(2, 2))"], capture_output=True, text=True)
    assert done.stdout == "4\\n"
"""
FILES = {"lib/__init__.py": "", "lib/m.py": MODULE, "tests/test_m.py": TESTS}


@pytest.fixture(scope="module")
def server(sandbox: Sandbox, environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProjectVariants]:
    root = tmp_path_factory.mktemp("project")
    for path, text in FILES.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    with ProjectVariants(sandbox, Project(root, environment)) as variants:
        yield variants


def change(old: str, new: str, name: str = "") -> Variant:
    assert MODULE.count(old) >= 1, old
    return Variant(name or new, {"lib/m.py": MODULE.replace(old, new, 1)})


def ids(*names: str) -> list[NodeId]:
    return [NodeId(f"tests/test_m.py::{name}") for name in names]


def outcome(result: VariantResult) -> str:
    assert not result.error, result.error
    return "survived" if result.passed_all else result.results[-1].outcome.value if result.results else "unreached"


SWAPPED = {
    "function": ("return a + b", "return a - b", "failed"),
    "two lines": ("return a + b", "b = b + 1\n    return a + b", "failed"),
    "same meaning": ("return a + b", "return b + a", "survived"),
    "raises": ("return a + b", "raise ValueError(a)", "raised"),
    "wrapper": ("return function(*args) * 2", "return function(*args) * 3", "failed"),
    "under a decorator": ("return x + 1", "return x + 2", "failed"),
    "property": ("return self._value\n\n    @staticmethod", "return 5\n\n    @staticmethod", "failed"),
    "super": ("return super().value * 10", "return super().value * 11", "failed"),
    "class method": ("return cls(None)", "return cls(0)", "failed"),
    "async": ("async def later(self):\n        return self._value", "async def later(self):\n        return 0", "failed"),
    "generator": ("yield each", "yield each + 1", "failed"),
    "hangs": ("i += 1", "i += 0", "timed out"),
    "eats memory": ("return a + b", "return [0] * (1 << 60)", "raised"),
    "dies": ("return a + b", "import os; os._exit(0)", "crashed"),
    "leaves": ("return a + b", "import sys; sys.exit(0)", "raised"),
    "cached": ("return n * n\n\n\ndef remember", "return n * 3 + 1\n\n\ndef remember", "failed"),
    "unreached": ("return 1\n", "return 2\n", "unreached"),
}
IMPORTED = {
    "constant": ("SIZE = 3", "SIZE = 4", "failed"),
    "default": ("n=1", "n=2", "failed"),
    "decorator": ("@twice\n", "", "failed"),
    "run at import": ("n: n * n for", "n: n + n for", "failed"),
    "helper": ("def add(a, b):\n    return a + b", "def more(a):\n    return a\ndef add(a, b):\n    return more(b)", "failed"),
    "harmless": ("SIZE = 3", "SIZE = 2 + 1", "survived"),
    "no import": ("import functools\n", "import functools, nowhere\n", "broken"),
    "no syntax": ("return a + b", "return a +", "broken"),
}  # fmt: skip


def test_each_kind_of_change_is_judged_as_if_it_lay_on_disk(server: ProjectVariants) -> None:
    cases = {**SWAPPED, **IMPORTED}
    variants = [change(old, new, name) for name, (old, new, _) in cases.items()]
    results = list(server.judge(variants))
    assert [each.id for each in results] == list(cases)
    assert {each.id: outcome(each) for each in results} == {name: expected for name, (_, _, expected) in cases.items()}


def test_the_baseline_is_traced_and_in_the_files_order(server: ProjectVariants) -> None:
    assert server.baseline.trusted, server.baseline.why_not
    assert server.tests[:2] == tuple(ids("test_add[1-2-3]", "test_add[0-0-0]"))
    assert server.baseline.covered_by[ids("test_below")[0]] == {"lib/m.py": {12, 13, 14, 15}}


def test_doctests_and_unittest_cases_can_be_run_again(sandbox: Sandbox, make: Make) -> None:
    module = 'def one():\n    """Give one.\n\n    >>> one()\n    1\n    """\n    return 1\n'
    tests = (
        "import unittest\nfrom m import one\n\nclass TestOne(unittest.TestCase):\n    def setUp(self):\n        self.x = 1\n\n"
        "    def test_one(self):\n        self.assertEqual(one(), self.x)\n"
    )
    project = make({"m.py": module, "test_m.py": tests, "pytest.ini": "[pytest]\naddopts = --doctest-modules\n"})
    variants = [Variant(str(n), {"m.py": module.replace("return 1", f"return {n}")}) for n in (2, 3, 1, 4)]
    with ProjectVariants(sandbox, project) as server:
        results = list(server.judge(variants, server.tests, stop_at_first_failure=False))
    assert [[each.outcome.value for each in result.results] for result in results] == [
        ["failed", "failed"],
        ["failed", "failed"],
        ["passed", "passed"],
        ["failed", "failed"],
    ]


def test_a_test_that_leans_on_another_says_nothing(sandbox: Sandbox, make: Make) -> None:
    module = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
    tests = (
        "from m import one, two\nSEEN = []\n\ndef test_first():\n    SEEN.append(one())\n\n"
        "def test_second():\n    assert SEEN == [one()] and two() > 0\n"
    )
    variants = [Variant(new, {"m.py": module.replace("return 2", new)}) for new in ("return 3", "return 4")]
    variants += [Variant("raises", {"m.py": module.replace("return 1", "raise ValueError")})]
    with ProjectVariants(sandbox, make({"m.py": module, "test_m.py": tests})) as server:
        assert len(server.baseline.results) == 2
        assert [outcome(each) for each in server.judge(variants)] == ["unreached", "unreached", "raised"]


def test_tests_can_be_named_and_all_of_them_asked(server: ProjectVariants) -> None:
    wanted = ids("test_add[0-0-0]", "test_add[1-2-3]", "test_wrong", "test_below", "test_nope")
    (result,) = server.judge([change("return a + b", "return a - b")], wanted, stop_at_first_failure=False)
    assert [each.id for each in result.results] == wanted
    assert [each.outcome.value for each in result.results] == ["passed", "failed", "failed", "passed", "missing"]
    assert result.failed_by == tuple(wanted[1:3] + wanted[4:])
    (first,) = server.judge([change("return a + b", "return a - b")], wanted)
    assert [each.id for each in first.results] == wanted[:2]


def test_a_failing_test_can_be_repaired(server: ProjectVariants) -> None:
    wanted = ids("test_wrong")
    results = list(server.judge([change("return a + b", f"return a + b + {n}", str(n)) for n in range(3)], wanted))
    assert [each.passed_all for each in results] == [False, True, False]


def test_a_process_started_by_a_test_sees_the_variant(server: ProjectVariants) -> None:
    (result,) = server.judge([change("return a + b", "return a * b + 1")], ids("test_process"))
    assert outcome(result) == "failed"
    (after,) = server.judge([Variant("none", {})], ids("test_process"))
    assert after.passed_all


def test_what_one_variant_leaves_behind_does_not_reach_the_next(server: ProjectVariants) -> None:
    wrong = [change("return n * n\n\n\ndef remember", f"return n * n + {n}\n\n\ndef remember", str(n)) for n in range(1, 6)]
    same = [change("return n * n\n\n\ndef remember", "return n ** 2\n\n\ndef remember", "same")]
    counted = [change("return len(seen)", f"return len(seen) + {n}", f"c{n}") for n in (1, 0, -1)]
    results = list(server.judge([*wrong, *same, *counted, *same], ids("test_cached", "test_remember")))
    assert [each.passed_all for each in results] == [False] * 5 + [True] + [False, True, False] + [True]


def test_variants_are_drawn_a_batch_ahead_at_most(server: ProjectVariants) -> None:
    drawn = []

    def endless() -> Iterator[Variant]:
        while True:
            drawn.append(1)
            yield change("return a + b", f"return a + b + {len(drawn)}")

    results = server.judge(endless(), ids("test_below"))
    next(results)
    assert len(drawn) <= 64


def test_timeouts_need_no_second_run_where_nobody_asks(server: ProjectVariants) -> None:
    hanging = [change("i += 1", f"i += {n} - {n}", str(n)) for n in range(3)]
    results = list(server.judge(hanging, ids("test_below"), confirm_timeouts=False))
    assert [outcome(each) for each in results] == ["timed out"] * 3


def test_what_tests_used_while_they_were_collected_is_imported_again_unless_in_haste(sandbox: Sandbox, make: Make) -> None:
    module = "def square(n):\n    return n * n\n"
    tests = (
        "import pytest\nfrom m import square\n\n@pytest.mark.parametrize('n, expected', [(n, square(n)) for n in (2, 3)])\n"
        "def test_square(n, expected):\n    assert square(n) == expected\n"
    )
    variant = Variant("x", {"m.py": module.replace("n * n", "n + n + 1")})
    with ProjectVariants(sandbox, make({"m.py": module, "test_m.py": tests})) as server:
        wanted = [NodeId("test_m.py::test_square[3-9]"), NodeId("test_m.py::test_square[2-4]")]
        (hasty,) = server.judge([variant], wanted[:1], confirm_timeouts=False)
        (careful,) = server.judge([variant], wanted[:1])
    assert outcome(hasty) == "failed"
    assert outcome(careful) == "missing"


def test_files_can_come_new_and_be_no_python(server: ProjectVariants) -> None:
    new = Variant(
        "new", {"lib/extra.py": "X = 1\n", "lib/m.py": MODULE.replace("SIZE = 3", "from lib.extra import X\nSIZE = 2 + X")}
    )
    text = Variant("text", {"notes/data.txt": "hello\n"})
    results = list(server.judge([new, text], ids("test_size", "test_add[1-2-3]")))
    assert [each.passed_all for each in results] == [True, True]


@pytest.mark.parametrize("path", ["../outside.py", "/etc/passwd"])
def test_a_variant_stays_in_the_project(server: ProjectVariants, path: str) -> None:
    with pytest.raises(InputError, match="within the project"):
        list(server.judge([Variant("x", {path: ""})], ids("test_size")))


def test_a_file_that_is_not_text_has_no_variants(sandbox: Sandbox, make: Make) -> None:
    project = make(FILES)
    (project.root / "lib" / "bad.py").write_bytes(b"\xff")
    with ProjectVariants(sandbox, project) as server, pytest.raises(InputError, match="not UTF-8"):
        list(server.judge([Variant("x", {"lib/bad.py": ""})], ids("test_size")))


def test_hooks_and_fixtures_of_the_project_hold(sandbox: Sandbox, make: Make) -> None:
    project = make({
        "m.py": "STATE = {}\n\n\ndef get():\n    return STATE['x']\n",
        "conftest.py": "import pytest\nimport m\n@pytest.fixture(autouse=True)\ndef state():\n    m.STATE['x'] = 1\n    yield\n"
        "    m.STATE.clear()\n",
        "test_m.py": "import m\ndef test_get():\n    assert m.get() == 1\ndef test_state():\n    assert m.STATE == {'x': 1}\n",
    })  # fmt: skip
    text = (project.root / "m.py").read_text(encoding="utf-8")
    variants = [
        Variant(new, {"m.py": text.replace("STATE['x']", new)}) for new in ("STATE['y']", "STATE.get('x')", "STATE.pop('x')")
    ]
    with ProjectVariants(sandbox, project) as server:
        assert [outcome(each) for each in server.judge(variants)] == ["raised", "survived", "survived"]


def test_tests_that_cannot_be_collected_again_are_an_error(sandbox: Sandbox, make: Make) -> None:
    tests = (
        "import pathlib, os\nif pathlib.Path('once').exists(): os._exit(1)\npathlib.Path('once').touch()\ndef test_a(): pass\n"
    )
    with ProjectVariants(sandbox, make({"m.py": "x = 1\n", "test_m.py": tests})) as server:
        (result,) = server.judge([Variant("x", {"m.py": "x = 2\n"})], [NodeId("test_m.py::test_a")])
    assert "could not be collected" in result.error
    assert not result.passed_all


def test_a_closed_server_says_so(sandbox: Sandbox, make: Make) -> None:
    server = ProjectVariants(sandbox, make({"test_a.py": "def test_a(): pass\n"}))
    server.close()
    assert server.closed
    with pytest.raises(Retryable):
        list(server.judge([Variant("x", {})]))


def test_a_failure_is_reported_without_its_source(make: Make, sandbox: Sandbox) -> None:
    conftest = """
import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call):
    report = yield
    if call.excinfo:
        assert "SOURCE" not in report.longreprtext
    return report
"""
    tests = """
import unittest
from m import add


class Adds(unittest.TestCase):
    def test_add(self):
        self.assertEqual(add(1, 2), 3)  # SOURCE
"""
    project = make({"m.py": MODULE, "test_m.py": tests, "conftest.py": conftest})
    with ProjectVariants(sandbox, project) as variants:
        [result] = variants.judge([Variant("minus", {"m.py": MODULE.replace("a + b", "a - b")})])
    assert [(each.outcome, each.message) for each in result.results] == [(TestOutcome.FAILED, "-1 != 3")]
