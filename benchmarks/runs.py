"""The whole of ``pawl run`` on small real bugs: how often it is right, wrong, asks or says no, and how long it takes.

    python benchmarks/runs.py DATA [--set NAME]... [--every N] [--first N] [--engine NAME] [--json FILE]

DATA is a folder of ``*.jsonl`` files, one case a line: ``id, instruction, module, support, base, visible_tests,
heldout_tests``. Each case becomes a git repository with the module and its visible tests; the command gets the instruction
and the visible tests that fail; what its branch holds is judged by the held-out tests, in the sandbox. Of a question it
counts whether one of its readings is right. Times are the whole command's, by the clock.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.harness.harness import TestOutcome
from bot.lab import Lab
from bot.sandbox.environment import prepare
from bot.sandbox.probe import find_sandbox

SETS = ("quixbugs", "humanevalfix")
VISIBLE, HELD_OUT = "test_visible.py", "test_heldout.py"


@dataclass(frozen=True)
class Result:
    """One case's end."""

    id: str
    outcome: str
    """``right``, ``wrong``, ``asked right``, ``asked wrong``, ``refused``, ``failed`` or ``no visible failure``."""
    seconds: float
    reason: str = ""
    emitted: str = ""
    """SHA-256 of the module as the branch has it, or as the question's readings have it: equal in every run of a case."""


def main() -> None:
    """Run the cases and print a line each, then a table."""
    chosen = _arguments()
    results: list[tuple[str, Result]] = []
    with tempfile.TemporaryDirectory(prefix="pawl-runs-") as folder:
        for name in chosen.set or SETS:
            file = Path(chosen.data) / f"{name}.jsonl"
            if not file.is_file():
                sys.exit(f"{file} is absent: name the folder that holds the data")
            cases = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
            for case in cases[:: chosen.every][: chosen.first]:
                result = _case(case, Path(folder) / case["id"].replace("/", "-"), chosen.engine, Path(folder))
                results.append((name, result))
                print(f"{result.id:45s} {result.outcome:18s} {result.seconds:6.1f} s  {result.reason[:150]}", flush=True)
    if chosen.json:
        Path(chosen.json).write_text(
            json.dumps([{"set": name, **asdict(each)} for name, each in results], indent=1), encoding="utf-8"
        )
    _table(results)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--set", action="append")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--first", type=int, default=10_000)
    parser.add_argument("--engine", default="search")
    parser.add_argument("--json")
    return parser.parse_args()


def _case(case: Mapping[str, Any], root: Path, engine: str, home: Path) -> Result:
    failing = _failing(case, root, VISIBLE, case["visible_tests"], home)
    if not failing:
        return Result(case["id"], "no visible failure", 0.0)
    _commit(root)
    named = [part for test in failing for part in ("--test", test)]
    command = [
        sys.executable,
        "-m",
        "bot",
        "run",
        "--repo",
        str(root),
        "--engine",
        engine,
        *named,
        "--json",
        "--",
        case["instruction"],
    ]
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - start
    try:
        reply = json.loads(done.stdout)
    except ValueError:
        return Result(case["id"], "failed", seconds, done.stderr.strip()[-150:])
    texts = _texts(case, reply, root)
    emitted = hashlib.sha256("\0".join(texts).encode()).hexdigest() if texts else ""
    holds = any(_holds(case, text, root, home) for text in texts)
    return Result(case["id"], _outcome(reply, holds=holds), seconds, reply["reason"], emitted)


def _texts(case: Mapping[str, Any], reply: Mapping[str, Any], root: Path) -> list[str]:
    """Return the module as the branch has it, or as each reading of the question has it."""
    if reply["branch"]:
        show = ["git", "-C", str(root), "show", f"{reply['branch']}:{case['module']}.py"]
        return [subprocess.run(show, capture_output=True, text=True, check=True).stdout]
    readings = reply["question"]["readings"] if reply.get("question") else []
    return [edit["content"] for each in readings for edit in each["edits"]["edits"]]


def _outcome(reply: Mapping[str, Any], *, holds: bool) -> str:
    if reply["branch"]:
        return "right" if holds else "wrong"
    if reply.get("question"):
        return "asked right" if holds else "asked wrong"
    return "failed" if reply["state"] == "failed" else "refused"


def _holds(case: Mapping[str, Any], text: str, root: Path, home: Path) -> bool:
    judged = root.with_name(f"{root.name}-{abs(hash(text))}")
    return not _failing({**case, "base": text}, judged, HELD_OUT, case["heldout_tests"], home)


def _failing(case: Mapping[str, Any], root: Path, name: str, tests: str, home: Path) -> list[str]:
    """Lay the case out and return the ids of the tests that do not pass."""
    root.mkdir(parents=True)
    for module, text in {**(case.get("support") or {}), case["module"]: case["base"]}.items():
        (root / f"{module}.py").write_text(text, encoding="utf-8")
    (root / name).write_text(tests, encoding="utf-8")
    with Lab(find_sandbox(), prepare(root, home / "cache", lambda *_: None)) as lab:
        run = lab.suite(root)
    return [each.id for each in run.results if each.outcome is not TestOutcome.PASSED] or ([] if run.results else [name])


def _commit(root: Path) -> None:
    who = ["-c", "user.name=Benchmark", "-c", "user.email=benchmark@localhost"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "base"]):
        subprocess.run(["git", "-C", str(root), *who, *command], check=True, capture_output=True)


def _table(results: list[tuple[str, Result]]) -> None:
    for name in dict.fromkeys(each for each, _ in results):
        mine = [result for each, result in results if each == name and result.outcome != "no visible failure"]
        counts = Counter(each.outcome for each in mine)
        emitted = counts["right"] + counts["wrong"]
        precision = f"{counts['right'] / emitted:.0%}" if emitted else "-"
        median = statistics.median(each.seconds for each in mine) if mine else 0.0
        share = f"{counts['right'] / max(1, len(mine)):.0%}"
        print(f"{name}: {len(mine)} cases, {dict(counts)}; precision {precision}, right {share}, median {median:.1f} s")


if __name__ == "__main__":
    main()
