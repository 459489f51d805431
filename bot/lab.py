"""The lab: runs the code of one project's trees in the sandbox, and remembers.

Two gates that need the same suite run, trace or kill matrix share it. Thread-safe; one lab serves one run; a context
manager that ends its fork servers on leaving.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, TypeVar, cast

from bot.errors import NoIsolation, Retryable
from bot.harness.harness import Project, SuiteOrder, SuiteRun, TestOutcome, Variants
from bot.harness.suite import lost_run, run_suite
from bot.harness.variants import ProjectVariants
from bot.ids import NodeId
from bot.mutation.matrix import judge_mutants
from bot.mutation.mutation import KillMatrix
from bot.sandbox.probe import base_interpreter
from bot.sandbox.sandbox import Completed, Environment, Launch, Limits, Sandbox

FILE_ORDER = SuiteOrder()
TOOL_LIMITS = Limits()
SUITE_SECONDS = 300.0
MOST_MUTANTS = 200

_Answer = TypeVar("_Answer")


@dataclass
class Lab:
    """What gates, engines and the spec oracle may ask for. All methods raise NoIsolation where there is no sandbox.

    Trees must not change while the lab lives.
    """

    isolation: Sandbox | None
    """The layer in use; None where this machine has none."""
    environment: Environment
    seed: int = 0
    suite_seconds: float = SUITE_SECONDS
    """Most seconds, by the clock, that one run of a suite may take."""
    most_mutants: int = MOST_MUTANTS
    """Most mutants of one request."""
    _known: dict[Hashable, Future[Any]] = field(default_factory=dict, repr=False)
    _servers: list[ProjectVariants] = field(default_factory=list, repr=False)
    _hung: dict[str, frozenset[NodeId]] = field(default_factory=dict, repr=False)
    """Tests that ran out of time, by the code they ran on: they need not prove it at length again."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _ahead: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "lab-ahead"), repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the fork servers; the lab may be used again, and starts new ones then."""
        with self._lock:
            ahead, self._ahead = self._ahead, ThreadPoolExecutor(1, "lab-ahead")
        ahead.shutdown(wait=False, cancel_futures=True)
        self._close_servers()  # which ends what was being found out ahead of time
        ahead.shutdown()
        self._close_servers()

    def _close_servers(self) -> None:
        with self._lock:
            servers, self._servers = self._servers, []
        for each in servers:
            each.close()

    @property
    def sandbox(self) -> Sandbox:
        """The layer in use."""
        if self.isolation is None:
            raise NoIsolation("nothing of the project may run: no sandbox isolates enough on this machine; see `pawl doctor`")
        return self.isolation

    def project(self, root: Path) -> Project:
        """Return the tree together with its prepared environment."""
        return self._once(("project", root), lambda: Project(root, self.environment))

    def suite(
        self,
        root: Path,
        tests: tuple[NodeId, ...] = (),
        order: SuiteOrder = FILE_ORDER,
        *,
        trace: bool = False,
        twins: bool = True,
    ) -> SuiteRun:
        """Run the suite (all of it where ``tests`` is empty) once per distinct request.

        Some tests in an order in which all of them have passed among the whole suite are not run again for that. What runs in
        another order than the files' runs to be believed, so with twins; a base, which people have let in, needs none.
        """
        sandbox = self.sandbox
        limits = Limits(seconds=self.suite_seconds)

        def run() -> SuiteRun:
            if trace and order == FILE_ORDER:
                return self._baseline(root, tests)
            if not trace and (found := self._among_all(root, tests, order)):
                return found
            doubted = twins and order != FILE_ORDER
            found = run_suite(
                sandbox, self.project(root), tests, order, trace=trace, limits=limits, hung=self.hung_on(root), twins=doubted
            )
            self._note_hung(root, found)
            return found

        return self._once(("suite", root, tests, order, trace, twins), run)

    def foresee(self, root: Path) -> None:
        """Begin, beside what is being done, the traced run of a tree's suite that the gates will ask for.

        Where it cannot be had, nothing is remembered, and who asks for it meets the reason.
        """
        with self._lock:
            self._ahead.submit(self.suite, root, trace=True)

    def _baseline(self, root: Path, tests: tuple[NodeId, ...]) -> SuiteRun:
        """Return what a fork server learns of its tree anyway: a traced run in the files' order."""
        with self._lock:
            earlier = self._known.get(("variants", root, tests))
        server = earlier.result() if earlier is not None and earlier.done() and not earlier.exception() else None
        if server is None or (server.closed and not server.has_baseline):
            server = self._server("variants", root, tests)
        try:
            return cast("ProjectVariants", server).baseline
        except Retryable as error:
            return lost_run(tests, str(error))

    def _among_all(self, root: Path, tests: tuple[NodeId, ...], order: SuiteOrder) -> SuiteRun | None:
        """Return these tests' part of a run of the whole suite, known or under way, where all of them pass in it."""
        for traced in (False, True) if tests else ():
            with self._lock:
                whole = self._known.get(("suite", root, (), order, traced, True))
            run = cast("SuiteRun", whole.result()) if whole is not None and not whole.exception() else None
            results = run.by_id() if run is not None and run.trusted else {}
            mine = tuple(results[each] for each in tests if each in results)
            if run is not None and len(mine) == len(tests) and all(each.outcome is TestOutcome.PASSED for each in mine):
                return SuiteRun(mine, trusted=True, seconds=sum(each.seconds for each in mine))
        return None

    def hung_on(self, root: Path) -> frozenset[NodeId]:
        """Return the tests that ran out of time on this code, in whatever tree it lay."""
        code = self._code(root)
        with self._lock:
            return self._hung.get(code, frozenset())

    def _note_hung(self, root: Path, run: SuiteRun) -> None:
        code = self._code(root)
        late = {each.id for each in run.results if each.outcome is TestOutcome.TIMED_OUT}
        with self._lock:
            self._hung[code] = self._hung.get(code, frozenset()) | late

    def _code(self, root: Path) -> str:
        """Return the identity of a tree's code, its tests left out: trees that differ in tests alone hang alike."""

        def digest() -> str:
            found = hashlib.sha256()
            for file in sorted(root.rglob("*.py")):
                if not file.name.startswith(("test_", "conftest")) and not file.is_symlink() and file.is_file():
                    found.update(f"{file.relative_to(root)}\0".encode())
                    found.update(file.read_bytes())
            return found.hexdigest()

        return self._once(("code", root), digest)

    def variants(self, root: Path, tests: tuple[NodeId, ...] = ()) -> Variants:
        """Return the fork server of that tree and those tests, started at the first call; the lab ends it.

        A server that its user closed is not handed out again.
        """
        return self._server("variants", root, tests)

    def observer(self, root: Path) -> Variants:
        """Return another fork server of that tree, to call functions in while the tests run in the first."""
        return self._server("observer", root, ())

    def _server(self, purpose: str, root: Path, tests: tuple[NodeId, ...]) -> ProjectVariants:
        sandbox = self.sandbox

        def start() -> ProjectVariants:
            server = ProjectVariants(
                sandbox,
                self.project(root),
                tests,
                limits=Limits(seconds=self.suite_seconds),
                hung=self.hung_on(root),
                learned=lambda run: self._note_hung(root, run),
            )
            with self._lock:
                self._servers.append(server)
            return server

        key = (purpose, root, tests)
        server = self._once(key, start)
        if server.closed:
            with self._lock:
                self._known.pop(key, None)
            server = self._once(key, start)
        return server

    def kill_matrix(
        self, root: Path, lines: Mapping[str, frozenset[int]], tests: tuple[NodeId, ...] = (), *, every_killer: bool = False
    ) -> KillMatrix:
        """Mutate the given lines (path -> numbers) and judge the mutants by ``tests`` (all where empty)."""
        server = self.variants(root)

        def judge() -> KillMatrix:
            return judge_mutants(server, root, lines, tests, every_killer=every_killer, most=self.most_mutants, seed=self.seed)

        return self._once(("matrix", root, frozenset(lines.items()), tests, every_killer), judge)

    def tool(self, root: Path, command: tuple[str, ...], limits: Limits = TOOL_LIMITS) -> Completed:
        """Run one of Pawl's own tools (``python -m mypy …``) over the tree, in the sandbox, with Pawl's interpreter."""
        program = sys.executable if command[0] == "python" else str(Path(sys.prefix) / "bin" / command[0])
        launch = Launch(
            command=(program, *command[1:]),
            workspace=root,
            read=_own_installation(),
            env={"PYTHONDONTWRITEBYTECODE": "1"},
            limits=replace(limits, output=max(limits.output, TOOL_LIMITS.output)),
        )
        return self.sandbox.run(launch)

    def _once(self, key: Hashable, make: Callable[[], _Answer]) -> _Answer:
        """Return the remembered answer; who asks first makes it, the others wait. A failure is not remembered."""
        with self._lock:
            future = self._known.get(key)
            mine = future is None
            if future is None:
                future = self._known[key] = Future()
        if mine:
            try:
                future.set_result(make())
            except BaseException as error:
                with self._lock:
                    self._known.pop(key, None)
                future.set_exception(error)
                raise
        return cast("_Answer", future.result())


def _own_installation() -> tuple[Path, ...]:
    """Return what must be shown so that Pawl's interpreter and its tools run: its environment and the interpreter's own."""
    return (Path(sys.prefix), *base_interpreter())


def closed_lab() -> Lab:
    """Return a lab in which nothing can run, for changes whose code runs elsewhere: not even its packages are fetched here."""
    return Lab(None, Environment(Path(sys.executable), (), (), "", "none: the code runs elsewhere"))
