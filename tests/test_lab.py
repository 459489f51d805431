from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.errors import NoIsolation
from bot.harness.harness import Call, SuiteOrder, TestOutcome, Variant
from bot.ids import NodeId
from bot.lab import Lab, closed_lab
from bot.sandbox.environment import prepare
from bot.sandbox.probe import find_sandbox
from bot.sandbox.sandbox import Completed, Conversation, Environment, Launch, Layer, Sandbox

MODULE = "def larger(a, b):\n    if a > b:\n        return a\n    return b\n"
TESTS = "from m import larger\n\n\ndef test_larger():\n    assert larger(1, 2) == 2\n    assert larger(3, 2) == 3\n"


class Counting:
    """Passes everything on to a real sandbox and counts."""

    def __init__(self, real: Sandbox) -> None:
        self.real = real
        self.layer: Layer = real.layer
        self.conversations = 0
        self.last: Launch | None = None

    def run(self, launch: Launch) -> Completed:
        self.last = launch
        return self.real.run(launch)

    def converse(self, launch: Launch) -> Conversation:
        self.conversations += 1
        return self.real.converse(launch)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return prepare(tmp_path_factory.mktemp("empty"), tmp_path_factory.mktemp("cache"))


@pytest.fixture
def counting() -> Counting:
    try:
        return Counting(find_sandbox())
    except NoIsolation as error:
        pytest.skip(str(error))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "m.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "test_m.py").write_text(TESTS, encoding="utf-8")
    return tmp_path


def test_a_suite_runs_once_for_each_distinct_request(counting: Counting, environment: Environment, root: Path) -> None:
    with Lab(counting, environment) as lab, ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: lab.suite(root), range(4)))
        assert all(run is runs[0] for run in runs)
        assert counting.conversations == 1
        assert runs[0].trusted
        lab.suite(root, order=SuiteOrder(1, 1))
        assert counting.conversations == 3, "another order runs once, and its tests' twins after it"


def test_what_passed_among_all_is_not_run_again(counting: Counting, environment: Environment, root: Path) -> None:
    (root / "test_n.py").write_text("def test_never():\n    assert False\n", encoding="utf-8")
    good, bad = NodeId("test_m.py::test_larger"), NodeId("test_n.py::test_never")
    with Lab(counting, environment) as lab:
        lab.suite(root)
        assert [each.id for each in lab.suite(root, (good,)).results] == [good]
        assert counting.conversations == 1
        assert lab.suite(root, (good, bad)).by_id()[bad].outcome is TestOutcome.FAILED
        assert lab.suite(root, (good,), SuiteOrder(1, 1)).trusted
        assert counting.conversations == 4, "with the twin"


def test_a_traced_run_and_a_fork_servers_baseline_are_one(counting: Counting, environment: Environment, root: Path) -> None:
    with Lab(counting, environment) as lab:
        with lab.variants(root) as server:
            baseline = server.baseline
        assert lab.suite(root, trace=True) is baseline
        assert baseline.covered_by
        assert counting.conversations == 1


def test_a_run_can_be_begun_ahead_of_time(counting: Counting, environment: Environment, root: Path) -> None:
    with Lab(counting, environment) as lab:
        lab.foresee(root)
        assert lab.suite(root, trace=True).trusted
        assert counting.conversations == 1


def test_what_hung_is_known_in_every_tree_of_the_same_code(
    counting: Counting, environment: Environment, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (root / "m.py").write_text("def larger(a, b):\n    while True:\n        pass\n", encoding="utf-8")
    (root / "test_m.py").write_text(
        "import pytest\nfrom m import larger\n\n\n@pytest.mark.parametrize('n', range(6))\ndef test_n(n):\n    larger(n, n)\n",
        encoding="utf-8",
    )
    other = tmp_path_factory.mktemp("other")
    for each in ("m.py", "test_m.py"):
        (other / each).write_bytes((root / each).read_bytes())
    with Lab(counting, environment) as lab:
        first = lab.variants(root).baseline
        again = lab.suite(other)
    assert {each.outcome for each in (*first.results, *again.results)} == {TestOutcome.TIMED_OUT}
    assert [each.id for each in again.results] == [each.id for each in first.results]
    assert sum("before" in each.message for each in again.results) == 4
    assert again.trusted


def test_a_fork_server_is_shared_and_a_closed_one_is_replaced(counting: Counting, environment: Environment, root: Path) -> None:
    with Lab(counting, environment) as lab:
        first = lab.variants(root)
        assert lab.variants(root) is first
        with first:
            pass
        second = lab.variants(root)
        assert second is not first
        (result,) = second.judge([Variant("x", {"m.py": MODULE.replace(">", "<")})])
        assert result.failed_by == ("test_m.py::test_larger",)
    third = lab.variants(root)
    assert third is not second
    lab.close()


def test_calls_are_watched_beside_the_tests(counting: Counting, environment: Environment, root: Path) -> None:
    with Lab(counting, environment) as lab:
        assert lab.observer(root) is lab.observer(root)
        assert lab.observer(root) is not lab.variants(root)
        ((_, (seen,)),) = lab.observer(root).observe([Variant("x", {})], [Call("m", "larger", "(1, 2)")])
        assert seen.value == "2"


def test_a_kill_matrix_is_made_once(counting: Counting, environment: Environment, root: Path) -> None:
    with Lab(counting, environment) as lab:
        matrix = lab.kill_matrix(root, {"m.py": frozenset({2, 3})})
        assert matrix.why_not == ""
        assert matrix.kill_rate is not None
        assert matrix.kill_rate > 0.5
        assert lab.kill_matrix(root, {"m.py": frozenset({3, 2})}) is matrix


def test_no_more_mutants_are_tried_than_the_lab_allows(counting: Counting, environment: Environment, root: Path) -> None:
    with Lab(counting, environment) as lab, Lab(counting, environment, most_mutants=1) as frugal:
        assert len(lab.kill_matrix(root, {"m.py": frozenset({2, 3})}).mutants) > 1
        assert len(frugal.kill_matrix(root, {"m.py": frozenset({2, 3})}).mutants) == 1


def test_a_folder_may_have_a_modules_name(counting: Counting, environment: Environment, root: Path) -> None:
    (root / "data.py").mkdir()
    (root / "data.py/notes").write_text("no code", encoding="utf-8")
    with Lab(counting, environment) as lab:
        assert lab.suite(root).trusted


def test_tools_run_with_pawls_own_interpreter(counting: Counting, environment: Environment, root: Path) -> None:
    with Lab(counting, environment) as lab:
        done = lab.tool(root, ("python", "-I", "-c", "import os; print(os.getcwd()); open('m.py', 'w')"))
        assert lab.tool(root, ("ruff", "--version")).stdout.startswith(b"ruff")
    assert done.stdout.decode().strip() == str(root)
    assert (root / "m.py").read_text(encoding="utf-8") == MODULE
    assert lab.project(root).environment is environment


def test_without_a_sandbox_nothing_runs(environment: Environment, root: Path) -> None:
    lab = Lab(None, environment)
    for ask in (
        lambda: lab.suite(root),
        lambda: lab.variants(root),
        lambda: lab.kill_matrix(root, {}),
        lambda: lab.tool(root, ("x",)),
    ):
        with pytest.raises(NoIsolation, match="doctor"):
            ask()


def test_a_failure_is_not_remembered(environment: Environment, root: Path) -> None:
    class Failing:
        layer = Layer.RESTRICTED
        asked = 0

        def run(self, launch: Launch) -> Completed:
            raise NotImplementedError

        def converse(self, launch: Launch) -> Conversation:
            del launch
            self.asked += 1
            raise NoIsolation("not now")

    failing = Failing()
    lab = Lab(failing, environment)
    for _ in range(2):
        with pytest.raises(NoIsolation):
            lab.suite(root)
    assert failing.asked == 2


def test_in_a_closed_lab_nothing_runs(tmp_path: Path) -> None:
    lab = closed_lab()
    with pytest.raises(NoIsolation):
        lab.suite(tmp_path)
