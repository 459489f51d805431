"""Processes that die: `pawl serve` beside `pawl work`, killed again and again, and the run is done once and whole."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.stories.github.conftest import ROOT

if TYPE_CHECKING:
    from tests.stories.github.conftest import World

KILLS = 25


def helper(world: World) -> subprocess.Popen[bytes]:
    """Start a second worker on the same database."""
    with world.server.log.open("ab") as log:
        command = [sys.executable, "-m", "bot", "work"]
        return subprocess.Popen(command, cwd=ROOT, env=dict(world.server.env), stdout=log, stderr=log)


@pytest.mark.timeout(1200)  # what it waits for comes late where much else goes on
def test_killed_twenty_five_times_it_is_done_once(world: World) -> None:
    shop = world.shop()
    issue = shop.issue()
    chance = random.Random(25)  # noqa: S311 - when to kill, no secret
    other = helper(world)
    try:
        comment = shop.says("ben", issue, "/pawl fix")
        approved = False
        for number in range(KILLS):
            time.sleep(chance.uniform(0.2, 4.0))
            if number % 2:
                other.kill()
                other.wait()
                other = helper(world)
            else:
                world.server.stop(signal.SIGKILL)
                world.server.start()
            pull = next(iter(shop.pulls()), None)
            if pull is not None and not approved and shop.proven(pull["head"]["sha"]):
                approved = True
                shop.who("ada").reviews(shop.name, pull["number"])
        pull = shop.until(lambda: next(iter(shop.pulls("all")), None), "a pull request is opened", 240)
        if not approved:
            shop.until(lambda: shop.proven(pull["head"]["sha"]), "every gate is green", 240)
            shop.who("ada").reviews(shop.name, pull["number"])
        shop.until(lambda: shop.merged(pull["number"]), "it is merged", 240)
        shop.until(lambda: "rocket" in shop.reactions(comment), "who asked is told of the end", 240)
    finally:
        other.terminate()
        other.wait()
    once(shop, issue, pull)


def once(shop: Any, issue: int, pull: Any) -> None:
    """Nothing is there twice, nothing is missing, and the ledger's chain is whole."""
    assert len(shop.pulls("all")) == 1
    commits = shop.get(f"/pulls/{pull['number']}/commits")
    assert [each["commit"]["message"].count("Pawl-Run:") for each in commits] == [1, 1]
    marks = Counter(each.splitlines()[0] for each in shop.comments(issue))
    assert max(marks.values()) == 1, marks
    names = [each["name"] for each in shop.get(f"/commits/{pull['head']['sha']}/check-runs?per_page=100")["check_runs"]]
    assert max(Counter(names).values()) == 1, names
    command = [sys.executable, "-m", "bot", "audit", "verify"]
    told = subprocess.run(command, cwd=ROOT, env=dict(shop.world.server.env), capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
