"""What isolation costs: launches in the sandbox against bare ones, interleaved, so that a busy machine slows both alike.

Run it as ``python benchmarks/sandbox.py [ROUNDS]``. The budget is 20 ms over a bare process on an idle machine.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bot.sandbox.isolated import Isolated
from bot.sandbox.probe import base_interpreter, candidates, find_sandbox
from bot.sandbox.sandbox import Launch

ROUNDS = 40
FILES = (0, 100, 1000)
BUDGET_MS = 20.0


def timed(act: Callable[[], object]) -> float:
    """Return how many milliseconds ``act`` took."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def fill(workspace: Path, files: int) -> None:
    """Lay out a project of ``files`` files of 4 kB."""
    for number in range(files):
        folder = workspace / f"package{number % 10}"
        folder.mkdir(exist_ok=True)
        (folder / f"module{number}.py").write_text("x = 1\n" * 700)


def main() -> None:
    """Print medians, and what each layer adds."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    python = str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())
    command = (python, "-I", "-S", "-c", "pass")
    print(f"probing: {timed(find_sandbox):.0f} ms")
    sandboxes = [each for each in candidates() if isinstance(each, Isolated)]
    print(f"{'layer':24} {'files':>6} {'bare ms':>8} {'sandbox ms':>11} {'added ms':>9} {'ratio':>6}")
    for files in FILES:
        with tempfile.TemporaryDirectory() as folder:
            workspace = Path(folder)
            workspace.chmod(0o755)
            fill(workspace, files)
            launch = Launch(command, workspace, base_interpreter())
            bare: list[float] = []
            inside: dict[str, list[float]] = {each.layer.value: [] for each in sandboxes}
            for _ in range(rounds):
                bare.append(timed(lambda: subprocess.run(command, check=True, cwd=workspace)))  # noqa: B023 - called at once
                for each in sandboxes:
                    inside[each.layer.value].append(timed(lambda: each.run(launch)))  # noqa: B023 - called at once
            base = statistics.median(bare)
            for layer, times in inside.items():
                middle = statistics.median(times)
                print(f"{layer:24} {files:6} {base:8.1f} {middle:11.1f} {middle - base:9.1f} {middle / base:6.2f}")


if __name__ == "__main__":
    main()
