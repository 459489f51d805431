"""How many real small bugs the search engine mends, on cases whose right answer is known.

    python benchmarks/repair.py DATA [--set NAME]... [--only ID]... [--every N] [--json FILE]

DATA is a folder of ``*.jsonl`` files, one case a line: ``id, instruction, module, support, base, visible_tests,
heldout_tests``. The engine gets base, instruction and visible tests; what it emits is judged by the held-out tests. Of a
question it counts whether one of its readings is right, as a person's answer would choose it. Times are the engine's
alone, by the clock.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.change.change import Edits
from bot.engine import Work, Workbench
from bot.engines.search import work
from bot.harness.harness import TestOutcome
from bot.ids import Digest, NodeId, RepoName, Sha
from bot.lab import Lab
from bot.run import Instruction, Verb
from bot.sandbox.environment import prepare
from bot.sandbox.probe import find_sandbox
from bot.sandbox.sandbox import Environment, Sandbox
from bot.spec.spec import Role, Source, Spec, SpecTest

SETS = ("quixbugs", "humanevalfix", "refactory_fix")
VISIBLE, HELD_OUT = "test_visible.py", "test_heldout.py"


@dataclass(frozen=True)
class Row:
    """What came of one case: ``right``, ``wrong``, ``asked``, ``abstained`` or ``no witness``."""

    id: str
    came: str
    seconds: float
    good_reading: bool = False
    """A question whose readings hold a right one."""
    note: str = ""


def main() -> int:
    """Measure, print a table, and write the rows where asked to."""
    wish = _arguments()
    data = Path(wish.data)
    if not data.is_dir():
        print(f"{data} is no directory: give the folder that holds the evaluation's *.jsonl files")
        return 2
    sandbox = find_sandbox()
    rows: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory(prefix="pawl-repair-") as folder:
        for name in wish.set or SETS:
            rows[name] = []
            for case in _cases(data / f"{name}.jsonl", wish):
                row = measure(case, sandbox, Path(folder))
                rows[name].append(row)
                print(
                    f"{row.id:45s} {row.came:10s} {row.seconds:6.1f} s  {'+' if row.good_reading else ' '} {row.note[:150]}",
                    flush=True,
                )
    for name, found in rows.items():
        print(summary(name, found))
    if wish.json:
        Path(wish.json).write_text(json.dumps({name: [asdict(each) for each in found] for name, found in rows.items()}, indent=1))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="measure the search engine")
    parser.add_argument("data")
    parser.add_argument("--set", action="append")
    parser.add_argument("--only", action="append")
    parser.add_argument("--every", type=int, default=1, help="take each N-th case only")
    parser.add_argument("--json")
    return parser.parse_args()


def _cases(file: Path, wish: argparse.Namespace) -> list[dict[str, Any]]:
    if not file.is_file():
        print(f"{file} is absent and left out")
        return []
    cases = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    if wish.only:
        return [case for case in cases if any(case["id"].endswith(each) for each in wish.only)]
    return cases[:: wish.every]


def measure(case: Mapping[str, Any], sandbox: Sandbox, folder: Path) -> Row:
    """Run the engine on one case and judge what it emits."""
    place = Path(tempfile.mkdtemp(dir=folder))
    base = _lay_out(place / "base", case, {f"{case['module']}.py": case["base"]}, VISIBLE)
    environment = prepare(base, folder / "cache")
    with Lab(sandbox, environment, suite_seconds=60.0) as lab:
        run = lab.suite(base)
        failing = [each.id for each in run.results if each.outcome is not TestOutcome.PASSED]
        if not failing:
            return Row(case["id"], "no witness", 0.0)
        passing = [each.id for each in run.results if each.outcome is TestOutcome.PASSED]
        began = time.monotonic()
        done = work(_bench(base, lab, case["instruction"], failing, passing))
        seconds = time.monotonic() - began
    return _row(case, done, seconds, sandbox, environment, place)


def _row(  # noqa: PLR0913, PLR0917 - all that judging takes
    case: Mapping[str, Any], done: Work, seconds: float, sandbox: Sandbox, environment: Environment, place: Path
) -> Row:
    def right(edits: Edits, name: str) -> bool:
        head = _lay_out(place / name, case, {each.path: each.content or "" for each in edits.edits}, HELD_OUT)
        with Lab(sandbox, environment, suite_seconds=60.0) as lab:
            results = lab.suite(head).results
        return bool(results) and all(each.outcome is TestOutcome.PASSED for each in results)

    if done.edits is not None:
        return Row(case["id"], "right" if right(done.edits, "head") else "wrong", seconds, note=_said(done.edits))
    if done.question is not None:
        good = [each.label for each in done.question.readings if right(each.edits, each.label)]
        shown = ", ".join(f"{each.label} {each.gives}" for each in done.question.readings)
        return Row(
            case["id"],
            "asked",
            seconds,
            bool(good),
            f"right: {''.join(good) or 'none'}; {done.question.call}: {shown}; {_said(done.question.readings[0].edits)}",
        )
    return Row(case["id"], "abstained", seconds, note=done.abstained)


def _said(edits: Edits) -> str:
    return f"({edits.notes['confidence']}) {edits.why}"


def _lay_out(place: Path, case: Mapping[str, Any], sources: Mapping[str, str], tests: str) -> Path:
    place.mkdir(parents=True)
    files = {f"{name}.py": text for name, text in (case.get("support") or {}).items()} | dict(sources)
    files[tests] = case["visible_tests" if tests == VISIBLE else "heldout_tests"]
    for name, text in files.items():
        (place / name).write_text(text, encoding="utf-8")
    return place


def _bench(base: Path, lab: Lab, text: str, failing: Sequence[NodeId], passing: Sequence[NodeId]) -> Workbench:
    tests = tuple(
        SpecTest(name, role, Source.NAMED, kept=True, kills=1, reason="")
        for role, names in ((Role.WITNESS, failing), (Role.GUARD, passing))
        for name in names
    )
    instruction = Instruction(Verb.FIX, text, RepoName(str(base)), Sha("0" * 40))
    spec = Spec(tests, (), (), Digest("sha256:" + "0" * 64))
    return Workbench(base, lab, instruction, spec, (*failing, *passing), "search", {})


def summary(name: str, rows: Sequence[Row]) -> str:
    """Return one set's line: what came, how precise, how fast."""
    counted = {kind: sum(each.came == kind for each in rows) for kind in ("right", "wrong", "asked", "abstained", "no witness")}
    emitted = counted["right"] + counted["wrong"]
    visible = len(rows) - counted["no witness"]
    times = sorted(each.seconds for each in rows if each.came != "no witness") or [0.0]
    good = sum(each.good_reading for each in rows)
    return (
        f"{name}: {visible} with a visible failure: {counted['right']} right ({counted['right'] / max(1, visible):.0%}), "
        f"{counted['wrong']} wrong, {counted['asked']} asked ({good} with a right reading), {counted['abstained']} abstained; "
        f"precision {counted['right'] / max(1, emitted):.0%}; "
        f"median {statistics.median(times):.1f} s, p90 {times[int(0.9 * (len(times) - 1))]:.1f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
