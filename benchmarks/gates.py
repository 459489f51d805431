"""How well the gates tell right patches from wrong ones, on candidates whose labels are known.

    python benchmarks/gates.py DATA [--set NAME]... [--gate NAME]... [--limit N] [--sample N] [--json FILE]

DATA is a folder of ``*.jsonl`` files, one case a line: ``id, family, instruction, module, support, base, visible_tests,
right[], wrong[]`` with candidate sources. Each candidate becomes a pair of trees, base and head, with the visible tests in
both, and is accepted where every gate asked is green. Per family it prints the share of wrong ones accepted and of right
ones refused, how much of what is accepted is wrong, and which gate refused first. *Unsure* are refusals for want of
evidence (coverage, mutation) alone, and changes about which a person is asked (by the critic's search for rivals); they count as
refused.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot import gates
from bot.change.change import Change
from bot.change.diff import compare, render
from bot.change.risk import assess
from bot.config import Config
from bot.gate import Gate, GateResult, Subject, Tree
from bot.ids import Sha
from bot.lab import Lab
from bot.registry import plugins
from bot.runners.local import answer
from bot.sandbox.environment import prepare
from bot.sandbox.probe import find_sandbox
from bot.sandbox.sandbox import Sandbox

SETS = ("natural_mix", "wrongpatch_mech", "wrongpatch_quix", "wrongpatch_refactory", "wrongpatch_llm")
ASKED = ("tests", "contracts", "coverage", "mutation", "critic")
"""In this order: a candidate that one refuses is not shown to the next."""
WANT_OF_EVIDENCE = frozenset({"coverage", "mutation"})
FOR_A_PERSON = "critic-rival"
"""Rule of a finding that refuses nothing and asks."""


@dataclass
class Tally:
    """What became of one family's candidates."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(label, accept|reject|unsure) -> candidates."""
    first: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(label, gate that refused first) -> candidates."""

    def line(self, name: str) -> str:
        """Return the family's row of the table."""
        wrong = sum(number for (label, _), number in self.counts.items() if label == "wrong")
        right = sum(number for (label, _), number in self.counts.items() if label == "right")
        taken, good = self.counts["wrong", "accept"], self.counts["right", "accept"]
        refused = right - good
        return (
            f"{name:16} wrong {wrong:4} accepted {taken:4} ({taken / max(1, wrong):6.1%})"
            f" unsure {self.counts['wrong', 'unsure']:4} | right {right:4} refused {refused:4}"
            f" ({refused / max(1, right):6.1%}) unsure {self.counts['right', 'unsure']:4}"
            f" | wrong among accepted {taken / max(1, taken + good):6.1%}"
        )


def cases(folder: Path, names: Sequence[str], limit: int, sample: int) -> Iterator[dict[str, Any]]:
    """Yield the cases of the named sets; with ``sample`` so many of each, drawn by a fixed seed."""
    for name in names:
        file = folder / f"{name}.jsonl"
        if not file.is_file():
            sys.exit(f"{file} is not there: give the folder that holds {', '.join(SETS)}.jsonl")
        found = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        if sample and sample < len(found):
            found = random.Random(0).sample(found, sample)  # noqa: S311 - which cases, no secret
        yield from found[: limit or None]


def lay_out(case: dict[str, Any], source: str, root: Path) -> Path:
    """Write one side of a case as a small project."""
    root.mkdir(parents=True)
    for name, text in {**(case.get("support") or {}), case["module"]: source}.items():
        (root / f"{name}.py").write_text(text, encoding="utf-8")
    (root / "test_visible.py").write_text(case["visible_tests"], encoding="utf-8")
    return root


def subject_of(case: dict[str, Any], base: Path, head: Path, lab: Lab) -> Subject:
    """Return what the gates are asked about one candidate."""
    path = f"{case['module']}.py"
    one = compare(path, (base / path).read_text(encoding="utf-8"), (head / path).read_text(encoding="utf-8"))
    files = (one,) if one.hunks else ()
    change = Change(Sha("0" * 40), Sha("1" * 40), files, render(files))
    trees = Tree(change.base, base), Tree(change.head, head)
    return Subject(*trees, change, case["instruction"], None, Config(), lab, assess(change))


def judged(subject: Subject, asked: Sequence[Gate], *, every: bool) -> tuple[list[GateResult], float]:
    """Return the answers up to the first refusal (with ``every``: all, once the tests pass), and the seconds they took."""
    started, results = time.monotonic(), []
    for gate in asked:
        results.append(answer(gate, subject))
        if not results[-1].green and (not every or gate.name == "tests"):
            break
    return results, time.monotonic() - started


def measure(
    case: dict[str, Any], asked: Sequence[Gate], sandbox: Sandbox, tally: Tally, *, every: bool
) -> Iterator[dict[str, Any]]:
    """Judge every candidate of a case; yield a record of each."""
    with tempfile.TemporaryDirectory(prefix="pawl-gates-") as folder:
        place = Path(folder)
        base = lay_out(case, case["base"], place / "base")
        environment = prepare(base, place / "cache")
        with Lab(sandbox, environment, suite_seconds=60.0) as lab:
            for label, number, source in candidates(case):
                head = lay_out(case, source, place / f"{label}{number}")
                results, seconds = judged(subject_of(case, base, head, lab), asked, every=every)
                red = [each for each in results if not each.green]
                asking = [each for each in results if any(one.rule == FOR_A_PERSON for one in each.findings)]
                verdict = verdict_of(red, asking)
                tally.counts[label, verdict] += 1
                tally.first.update((label, each.name) for each in (red or asking)[:1])
                yield {
                    "id": case["id"],
                    "family": case["family"],
                    "label": label,
                    "number": number,
                    "verdict": verdict,
                    "red": {each.name: each.summary for each in red},
                    "findings": [f"{each.rule}: {each.message}" for gate in red or asking for each in gate.findings][:8],
                    "kill_rate": next((each.evidence.get("kill_rate") for each in results if each.name == "mutation"), None),
                    "seconds": round(seconds, 2),
                }


def candidates(case: dict[str, Any]) -> Iterator[tuple[str, int, str]]:
    """Yield (label, number, source) of a case's candidates."""
    for label in ("right", "wrong"):
        for number, candidate in enumerate(case[label]):
            yield label, number, candidate["source"]


def verdict_of(red: Sequence[GateResult], asking: Sequence[GateResult]) -> str:
    """Return accept, reject or unsure: by the answers that refuse and those that ask for a person."""
    if red:
        return "unsure" if WANT_OF_EVIDENCE.issuperset(each.name for each in red) else "reject"
    return "unsure" if asking else "accept"


def main() -> None:
    """Read the arguments, measure, and print the table."""
    parser = argparse.ArgumentParser(description="Measure the gates on labelled candidates.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--set", action="append", dest="sets")
    parser.add_argument("--gate", action="append", dest="gates", help=f"default: {', '.join(ASKED)}")
    parser.add_argument("--limit", type=int, default=0, help="cases of each set, from its start")
    parser.add_argument("--sample", type=int, default=0, help="cases of each set, drawn by a fixed seed")
    parser.add_argument("--every", action="store_true", help="ask every gate, also after a refusal")
    parser.add_argument("--json", type=Path, help="write a record of each candidate, one a line")
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.exit(f"{options.data} is not there: the benchmark needs the folder with the labelled candidates")
    known = plugins(gates, Gate)
    asked = [known[name] for name in options.gates or ASKED]
    sandbox = find_sandbox()
    tallies: dict[str, Tally] = defaultdict(Tally)
    records: list[dict[str, Any]] = []
    for case in cases(options.data, options.sets or SETS, options.limit, options.sample):
        records += measure(case, asked, sandbox, tallies[case["family"]], every=options.every)
        if options.json:
            options.json.write_text("".join(f"{json.dumps(each)}\n" for each in records), encoding="utf-8")
    show(tallies, records)


def show(tallies: dict[str, Tally], records: list[dict[str, Any]]) -> None:
    """Print one line per family, and below each which gate refused first."""
    for name, tally in sorted(tallies.items()):
        print(tally.line(name))
        for label in ("wrong", "right"):
            rows = [f"{gate} {number}" for (mark, gate), number in tally.first.most_common() if mark == label]
            print(f"{'':16} {label} refused first by: {', '.join(rows) or 'nobody'}")
    seconds = sorted(each["seconds"] for each in records)
    print(f"{len(seconds)} candidates, {seconds[len(seconds) // 2] if seconds else 0:.1f} s each in the middle")


if __name__ == "__main__":
    main()
