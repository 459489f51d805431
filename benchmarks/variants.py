"""Measure how many variants a second the fork server judges.

Run ``python -m benchmarks.variants [TREE FILE]...``.
Without arguments a tiny program is used; a tree is a real project's, and its FILE's own mutants are the variants. Wall time on
this machine, start-up left out and shown apart.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bot.harness.harness import Variant, VariantResult
from bot.harness.variants import ProjectVariants
from bot.lab import Lab
from bot.mutation.generator import plan_mutants
from bot.sandbox.environment import prepare
from bot.sandbox.probe import find_sandbox

MODULE = "def larger(a, b):\n    if a > b:\n        return a\n    return b\n"
TESTS = "from m import larger\n\n\ndef test_larger():\n    assert larger(1, 2) == 2\n    assert larger(3, 2) == 3\n"
TINY = 4000
REAL = 300


def main(arguments: list[str]) -> None:
    """Print one line per kind of variant."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        if not arguments:
            tiny(Path(folder) / "tiny", cache)
        for tree, file in zip(arguments[::2], arguments[1::2], strict=True):
            real(Path(tree).resolve(), file, cache)


def tiny(root: Path, cache: Path) -> None:
    """Measure killed and surviving variants of four lines with one test."""
    root.mkdir()
    (root / "m.py").write_text(MODULE, encoding="utf-8")
    (root / "test_m.py").write_text(TESTS, encoding="utf-8")
    killed = (Variant(str(n), {"m.py": MODULE.replace("return b", f"return b + {n + 1}")}) for n in range(TINY))
    same = (Variant(str(n), {"m.py": MODULE.replace("return b", f"return b + {n} - {n}")}) for n in range(TINY // 20))
    imported = (Variant(str(n), {"m.py": f"{MODULE}\nN = {n}\n".replace("a > b", "a < b")}) for n in range(20))
    with lab(root, cache) as own:
        show("tiny, killed", own, root, killed)
        show("tiny, survive", own, root, same)
        show("tiny, imported", own, root, imported)


def real(root: Path, file: str, cache: Path) -> None:
    """Measure the mutants of a project's file with the tests that reach them."""
    source = (root / file).read_text(encoding="utf-8")
    lines = frozenset(range(1, source.count("\n") + 2))
    planned = [each for each in plan_mutants(file, source, lines, most=REAL, seed=0) if not each.equivalent]
    with lab(root, cache) as own:
        show(f"{root.name} {file}", own, root, [Variant(each.mutant.id, {file: each.mutant.source}) for each in planned])


def lab(root: Path, cache: Path) -> Lab:
    """Return a lab over the tree in this machine's sandbox."""
    return Lab(find_sandbox(), prepare(root, cache))


def show(what: str, own: Lab, root: Path, variants: Iterable[Variant]) -> None:
    """Judge, and print the figures."""
    begun = time.perf_counter()
    server = own.variants(root)
    if not isinstance(server, ProjectVariants) or not server.baseline.trusted:
        print(f"{what}: the baseline is not trusted: {server.baseline.why_not}")
        return
    list(server.judge([Variant("null", {})], server.tests[:1]))
    started = time.perf_counter()
    results = list(server.judge(variants))
    seconds = time.perf_counter() - started
    counts = dict(Counter(map(outcome, results)))
    print(f"{what}: {len(results) / seconds:.0f}/s ({len(results)} in {seconds:.1f} s; start {started - begun:.1f} s; {counts})")


def outcome(result: VariantResult) -> str:
    """Return one word for what became of a variant."""
    if result.error:
        return "error"
    if not result.results:
        return "unreached"
    return "survived" if result.passed_all else result.results[-1].outcome.value


if __name__ == "__main__":
    main(sys.argv[1:])
