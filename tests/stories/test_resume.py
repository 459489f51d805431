"""``kill -9`` in any stage, then ``--resume``: the run ends as if nothing had happened, nothing lost and nothing doubled."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.demo import ISSUE

if TYPE_CHECKING:
    from tests.stories.conftest import Git, Pawl


def killed_at(pawl: Pawl, project: Path, step: str) -> str:
    """Start a run, kill it when it reports ``step``, and return its id."""
    run = ""
    command = pawl.command("run", "--repo", project, ISSUE)
    with subprocess.Popen(command, env=pawl.env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as started:
        assert started.stderr is not None
        for line in started.stderr:
            found = re.search(r"run (01[0-9A-Z]{24})", line)
            run = found[1] if found else run
            if re.search(rf"\d+\.\ds  {step}", line):
                os.kill(started.pid, signal.SIGKILL)
                break
        else:
            pytest.fail(f"the run ended before it came to {step!r}")
    return run


@pytest.mark.parametrize("step", ["plan", "spec", "change", "gate", "evidence"])
def test_a_killed_run_goes_on(pawl: Pawl, project: Path, git: Git, step: str) -> None:
    run = killed_at(pawl, project, step)
    said = pawl("run", "--repo", project, "--resume", run, "--json")
    assert said.code == 3, said.err + said.out[-2000:]
    assert said.json["run"] == run
    branches = git(project, "branch", "--list", "pawl/*", "--format=%(refname:short)").split()
    assert branches == [said.json["branch"]]
    commits = git(project, "rev-list", f"{said.json['base']}..{said.json['branch']}").split()
    assert commits == [said.json["head"], said.json["spec"]["commit"]]
    assert pawl("audit", "verify", said.json["bundle"]).code == 0
    assert pawl("audit", "verify").code == 0


def test_a_run_that_was_given_up_leaves_the_repository_free(pawl: Pawl, project: Path) -> None:
    run = killed_at(pawl, project, "spec")
    busy = pawl("run", "--repo", project, "fix: merge is sometimes wrong")
    assert busy.code == 2
    assert run in busy.last_line
    given_up = pawl("run", "--repo", project, "--cancel", run)
    assert (given_up.code, given_up.out.strip()) == (0, f"Cancelled: run {run}")
    assert pawl("run", "--repo", project, "fix: merge is sometimes wrong").code == 1


def test_a_finished_run_is_shown_again_and_does_nothing(pawl: Pawl, project: Path, git: Git) -> None:
    first = pawl("run", "--repo", project, "--json", "fix: merge is sometimes wrong")
    again = pawl("run", "--repo", project, "--json", "--resume", first.json["run"])
    assert (again.code, again.json["state"], again.json["reason"]) == (first.code, first.json["state"], first.json["reason"])
    assert git(project, "branch", "--list", "pawl/*") == ""
