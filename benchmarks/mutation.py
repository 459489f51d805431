"""Measure the kill matrix of one file against mutmut, same project, same tests, one after the other.

Run ``python -m benchmarks.mutation TREE FILE TESTS``: ``toolz-1.0.0 toolz/dicttoolz.py toolz/tests/test_dicttoolz.py``, say.
mutmut runs outside any sandbox on a copy of the tree, so give it a project you trust; its mutants are of its own generator.
Both times include the start. What each generator makes, and what ours lacks of mutmut's, is counted first.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.ids import NodeId
from bot.lab import Lab
from bot.mutation.generator import plan_mutants
from bot.mutation.matrix import judge_mutants
from bot.sandbox.environment import prepare
from bot.sandbox.probe import find_sandbox

SETTINGS = """
[tool.mutmut]
source_paths = ["{folder}"]
only_mutate = ["{file}"]
pytest_add_cli_args_test_selection = ["{tests}"]
also_copy = {also}
"""
SECONDS = 500.0


def main(arguments: list[str]) -> None:
    """Print what the generators make, then what either run says and costs."""
    if len(arguments) != 3:  # noqa: PLR2004 - a tree, a file and its tests
        print("give a project's tree, a file in it and the file of its tests; without them there is nothing to measure")
        return
    tree, (file, tests) = Path(arguments[0]).resolve(), arguments[1:]
    generators((tree / file).read_text(encoding="utf-8"))
    ours = timed("kill matrix", lambda: matrix(tree, file, tests))
    theirs = timed("mutmut run", lambda: mutmut(tree, file, tests))
    print(f"a mutant: {ours * 1000:.1f} ms against {theirs * 1000:.1f} ms, {theirs / ours if ours else 0:.1f} times as fast")


def timed(name: str, work: Callable[[], tuple[int, str]]) -> float:
    """Print the figures and return the seconds a mutant."""
    started = time.perf_counter()
    count, said = work()
    seconds = time.perf_counter() - started
    print(f"{name}: {count} mutants in {seconds:.1f} s: {said}")
    return seconds / count if count else 0.0


def matrix(tree: Path, file: str, tests: str) -> tuple[int, str]:
    """Judge every mutant of the file."""
    lines = frozenset(range(1, (tree / file).read_text(encoding="utf-8").count("\n") + 2))
    with tempfile.TemporaryDirectory() as cache, Lab(find_sandbox(), prepare(tree, Path(cache))) as lab:
        found = judge_mutants(lab.variants(tree, (NodeId(tests),)), tree, {file: lines}, most=10**6)
    counts = Counter(each.status.value for each in found.mutants)
    return len(found.mutants), f"{dict(counts)} {found.why_not}"


def mutmut(tree: Path, file: str, tests: str) -> tuple[int, str]:
    """Let mutmut run on a copy of the tree."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / tree.name
        shutil.copytree(tree, copy, symlinks=True)
        also = [each.name for each in copy.iterdir() if each.name != file.partition("/")[0]] + [tests.rpartition("/")[0]]
        with (copy / "pyproject.toml").open("a", encoding="utf-8") as settings:
            settings.write(SETTINGS.format(folder=file.partition("/")[0], file=file, tests=tests, also=json.dumps(also)))
        program = Path(sys.prefix) / "bin" / "mutmut"
        done = run(copy, "timeout", str(SECONDS), str(program), "run")
        listed = run(copy, str(program), "results", "--all", "true")
    counts = Counter(line.rpartition(":")[2].strip() for line in listed.stdout.splitlines() if ":" in line)
    tail = " ".join((done.stderr or done.stdout).split())[-200:]
    return sum(counts.values()), f"exit code {done.returncode}, {dict(counts)}{'' if counts else ' ' + tail}"


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a program in the copy."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def generators(source: str) -> None:
    """Count what each generator makes, and what ours lacks of mutmut's, by kind of node."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "src").mkdir()
        here = Path.cwd()
        os.chdir(folder)
        try:
            from mutmut.mutation.file_mutation import create_mutations, deep_replace  # noqa: PLC0415 - it reads the directory

            started = time.perf_counter()
            module, mutations, _, _ = create_mutations("x.py", source)
            made = [
                (type(each.original_node).__name__, deep_replace(module, each.original_node, each.mutated_node))
                for each in mutations
            ]
            theirs = {shape(changed): kind for kind, changed in made}
            theirs_seconds = time.perf_counter() - started
        finally:
            os.chdir(here)
    started = time.perf_counter()
    planned = plan_mutants("x.py", source, frozenset(range(1, source.count("\n") + 2)), most=10**6)
    ours_seconds = time.perf_counter() - started
    ours = {ast.dump(ast.parse(each.mutant.source)) for each in planned}
    lacking = Counter(kind for text, kind in theirs.items() if text not in ours)
    print(f"mutmut's generator: {len(theirs)} in {theirs_seconds:.1f} s; ours: {len(planned)} in {ours_seconds:.1f} s")
    print(f"of mutmut's, ours lacks {sum(lacking.values())}: {dict(lacking)}")


def shape(module: Any) -> str:
    """Return a changed module's syntax tree as text."""
    return ast.dump(ast.parse(module.code))


if __name__ == "__main__":
    main(sys.argv[1:])
