"""What `pawl run` does with real bugs of real open-source projects.

    python benchmarks/real_projects.py [--only NAME]... [--folder DIR] [--json FILE]

The cases are in ``real_projects.toml``: package, licence, where the bug is written down, and which few tokens of upstream's
stood otherwise before. Each source package is fetched by pip (the one step that needs the network), unpacked as the only
commit of a new repository with the bug put back, and given to `pawl run` with a failing test of upstream or the report's
words. Printed is how the run ended, how long it took, and of the change made whether it is upstream's, letter for letter but
for layout; another change is shown, for a person to compare. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CASES = Path(__file__).with_suffix(".toml")
LONGEST = 1800
"""Seconds after which a run is given up."""
NOBODY = {
    name: value
    for role in ("AUTHOR", "COMMITTER")
    for name, value in ((f"GIT_{role}_NAME", "nobody"), (f"GIT_{role}_EMAIL", "nobody@localhost"))
}


@dataclass(frozen=True)
class Case:
    """One bug: ``broken`` stood in ``file`` where the package has ``mended``, which is there once."""

    name: str
    package: str
    licence: str
    source: str
    file: str
    mended: str
    broken: str
    instruction: str
    tests: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    """What the project's repository says its tests need, where the package leaves that file out."""


@dataclass(frozen=True)
class Row:
    """What came of one case."""

    name: str
    package: str
    ended: str
    seconds: float
    same: bool
    """Whether the change gives back upstream's syntax tree."""
    reason: str
    diff: str
    red: tuple[str, ...]
    """Gates that are not green, with what they say."""


def main() -> int:
    """Run all cases, one at a time, and print a table."""
    wish = _arguments()
    cases = [_case(each) for each in tomllib.loads(CASES.read_text("utf-8"))["case"]]
    chosen = [case for case in cases if not wish.only or case.name in wish.only]
    rows = []
    with tempfile.TemporaryDirectory(prefix="pawl-real-") as folder:
        place = Path(wish.folder or folder)
        for case in chosen:
            rows.append(measure(case, place))
            print(shown(rows[-1]), flush=True)
    print(table(rows))
    if wish.json:
        Path(wish.json).write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="pawl run on real bugs of real projects")
    parser.add_argument("--only", action="append", help="a case's name")
    parser.add_argument("--folder", help="keeps packages, repositories and bundles; default: a folder that is removed")
    parser.add_argument("--json", help="writes the rows there")
    return parser.parse_args()


def _case(row: Mapping[str, Any]) -> Case:
    lists = {name: tuple(row.get(name, ())) for name in ("tests", "requires")}
    return Case(**{**row, **lists})


def measure(case: Case, place: Path) -> Row:
    """Give one bug to `pawl run` and say what came of it."""
    repo, upstream = _repository(case, place)
    out = Path(tempfile.mkdtemp(dir=place)) / "bundle"
    tests = [part for test in case.tests for part in ("--test", test)]
    command = [sys.executable, "-m", "bot", "run", "--repo", str(repo), "--out", str(out), "--json", *tests, case.instruction]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False, cwd=Path(__file__).parents[1])
    seconds = time.monotonic() - began
    try:
        said = json.loads(done.stdout)
    except ValueError:
        return Row(
            case.name, case.package, f"exit {done.returncode}", seconds, same=False, reason=done.stderr[-500:], diff="", red=()
        )
    return _row(case, said, seconds, same=_is_same(upstream, case, repo, said["head"]))


def _row(case: Case, said: Mapping[str, Any], seconds: float, *, same: bool) -> Row:
    red = tuple(f"{gate['name']}: {gate['summary']}" for gate in said["gates"] if gate["verdict"] in {"fail", "error"})
    question = said.get("question")
    ended = "question" if question else said["state"]
    reason = question["text"] if question and "text" in question else said["reason"]
    return Row(case.name, case.package, ended, seconds, same, reason, said["change"]["diff"], red)


def _repository(case: Case, place: Path) -> tuple[Path, str]:
    """Return a repository whose one commit is the package with the bug put back, and upstream's text of the file."""
    archives = place / "packages"
    archives.mkdir(exist_ok=True, parents=True)
    name, _, version = case.package.partition("==")
    pattern = f"{name}-{version}.tar.gz"
    if not (archives / pattern).exists():
        fetch = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--no-binary",
            ":all:",
            "-d",
            str(archives),
            case.package,
        ]
        subprocess.run(fetch, check=True)
    with tarfile.open(archives / pattern) as packed:
        repo = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=place))
        packed.extractall(repo, filter="data")
    [root] = repo.iterdir()
    file = root / case.file
    text = file.read_text(encoding="utf-8")
    if text.count(case.mended) != 1:
        raise SystemExit(f"{case.name}: upstream's text is not once in {case.file}: mend the case in {CASES.name}")
    file.write_text(text.replace(case.mended, case.broken), encoding="utf-8")
    if case.requires:
        (root / "requirements-test.txt").write_text("\n".join(case.requires) + "\n", encoding="utf-8")
    for step in (["init", "-q", "-b", "main"], ["add", "-A", "-f"], ["commit", "-q", "-m", f"{case.package}, as it was before"]):
        subprocess.run(["git", *step], cwd=root, check=True, env={**os.environ, **NOBODY})
    return root, text


def _is_same(upstream: str, case: Case, repo: Path, head: str | None) -> bool:
    """Whether the file at ``head`` reads as upstream's release does, comments and layout apart."""
    if head is None:
        return False
    text = subprocess.run(["git", "show", f"{head}:{case.file}"], cwd=repo, check=True, capture_output=True, text=True).stdout
    return ast.dump(ast.parse(text)) == ast.dump(ast.parse(upstream))


def shown(row: Row) -> str:
    """Return all that is worth knowing of a row."""
    lines = [
        f"== {row.name} ({row.package}): {row.ended}, {row.seconds:.0f} s{', as upstream' if row.same else ''}",
        f"   {row.reason}",
    ]
    return "\n".join([*lines, *(f"   red {each}" for each in row.red), row.diff])


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| project | bug | outcome | seconds |", "| --- | --- | --- | ---: |"]
    for row in rows:
        change = "as upstream" if row.same else "another change" if row.diff else "no change"
        lines.append(f"| {row.package} | {row.name} | {row.ended}, {change} | {row.seconds:.0f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
