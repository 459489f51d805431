"""Asking tools: in the sandbox, without one where none is to be had, and never with an answer that is only half one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from bot.errors import NoIsolation
from bot.lab import Lab
from bot.sandbox.sandbox import Completed, Ended
from bot.scan import tool
from bot.scan.tool import ToolFailed, ask, ask_script, batches, broken, relative, shielded


class Nowhere:
    """A lab on a machine without a sandbox."""

    def tool(self, *_: Any) -> Completed:
        raise NoIsolation("none")


class Ending:
    """A lab whose tools end in one way."""

    def __init__(self, ended: Ended) -> None:
        self.ended = ended

    def tool(self, *_: Any) -> Completed:
        return Completed(1, self.ended, b"", b"", 0.1)


NOWHERE = cast("Lab", Nowhere())


def test_safe_mode_runs_without_a_sandbox(tmp_path: Path) -> None:
    done = ask_script(NOWHERE, tmp_path, "import os, sys; print(os.getcwd(), sys.argv[1:])", ["a"])
    assert done.stdout.decode().split() == [str(tmp_path), "['a']"]


def test_the_trees_own_modules_are_not_taken_for_tools(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('mine')")
    (tmp_path / "this.py").write_text("raise SystemExit('mine')")
    assert ask_script(NOWHERE, tmp_path, "import json; print(json.dumps(1))", []).stdout == b"1\n"
    assert b"mine" not in ask(NOWHERE, tmp_path, "this", []).stderr


def test_safe_mode_bounds_time_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "LIMITS", tool.LIMITS.__class__(seconds=0.0))
    with pytest.raises(ToolFailed, match="timed out"):
        ask(NOWHERE, tmp_path, "this", [])


@pytest.mark.parametrize("ended", [each for each in Ended if each is not Ended.EXITED])
def test_what_did_not_end_by_itself_is_no_answer(tmp_path: Path, ended: Ended) -> None:
    with pytest.raises(ToolFailed, match="mypy did not come to its end"):
        ask(cast("Lab", Ending(ended)), tmp_path, "mypy", [])
    with pytest.raises(ToolFailed, match="a tool did not"):
        ask_script(cast("Lab", Ending(ended)), tmp_path, "pass", [])


def test_last_words() -> None:
    assert "no such\noption".replace("\n", " ") in str(broken("ruff", Completed(2, Ended.EXITED, b"", b"no such\noption", 0.1)))
    assert "it said nothing" in str(broken("ruff", Completed(2, Ended.EXITED, b"", b"", 0.1)))


def test_paths() -> None:
    assert shielded(["-rf", "a.py"]) == ["./-rf", "./a.py"]
    assert [len(each) for each in batches(str(number) for number in range(1001))] == [500, 500, 1]
    assert relative("/tree/pkg/./a.py", Path("/tree")) == "pkg/a.py"
    assert relative("./pkg/a.py", Path("/tree")) == "pkg/a.py"
