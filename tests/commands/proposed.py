"""A proposal in a room: a run that waits, its pull request open on the double, guarded and green; and stages to look at it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.board import GitHubBoard
from bot.change.change import Edit
from bot.decision.ballot import GitHubBallot
from bot.github import checks, git, pulls
from bot.github.checks import CheckRun
from bot.history import Sealed
from bot.ids import InstallationId, PullNumber, RepoName, RunId, Sha, new_run_id
from bot.run import Instruction, Origin, Run, State, Verb
from bot.stages import approve, merge
from bot.store.runs import Transition
from bot.worker import Worker
from tests.commands.room import Room
from tests.doubles.proposal import PROVEN, SPEC, OpenBallot, tools


@dataclass
class Proposed:
    """What a test of a decision holds."""

    room: Room
    id: RunId
    number: PullNumber
    head: Sha
    base: Sha

    async def run(self) -> Run:
        return await self.room.store.get(self.id)

    async def say(self, who: str, body: str) -> str:
        """Say a command under the pull request; return what Pawl answered, and its reaction."""
        before = len(self.room.said(self.number))
        comment = await self.room.say(who, body, self.number)
        told = self.room.said(self.number)[before:]
        return " ".join([*told, *self.room.reactions(comment)])

    async def look(self) -> Run:
        """Have a worker look at the run, as a waking does."""
        return await self.worker().drive(self.id)

    async def worker_looks_once(self) -> Run:
        """Have one stage called and no other."""
        room = self.room
        run = await room.store.get(self.id)
        ballot: Any = GitHubBallot(room.hosted.repo, room.store, room.desk.config)
        stage = approve.STAGE if run.state is State.AWAITING_APPROVAL else merge.STAGE
        given = replace(tools(OpenBallot(), await room.store.history(run.id)), ballot=ballot, board=GitHubBoard(room.hosted.repo))
        outcome = await stage.run(run, given)
        held = await room.store.claim(self.id)
        assert held is not None
        after = await room.store.commit(held, Transition(outcome.next, outcome.reason, outcome.output))
        assert after is not None
        await room.store.release(after)
        return after.run

    def worker(self) -> Worker:
        room = self.room

        async def tools_for(run: Run) -> Any:
            ballot: Any = GitHubBallot(room.hosted.repo, room.store, room.desk.config)
            board = GitHubBoard(room.hosted.repo)
            return replace(tools(OpenBallot(), await room.store.history(run.id)), ballot=ballot, board=board)

        stages = {each.state: each for each in (approve.STAGE, merge.STAGE)}
        return Worker(room.store, tools_for, stages, braked=room.store.brakes.why, pause=0.01)

    def check(self) -> str:
        """Return what the one check that GitHub requires says of the head."""
        found = self.room.hosted.double.get(f"/repos/{self.room.name}/commits/{self.head}/check-runs?check_name=pawl")[
            "check_runs"
        ]
        return str(found[0]["conclusion"])

    async def pull(self) -> pulls.Pull:
        return await pulls.get(self.room.hosted.repo, self.number)

    def needs_reviews(self, count: int) -> None:
        """Have the branch's own rules wait for so many reviews, so that something is left to wait for."""
        protect(self.room, required_pull_request_reviews={"required_approving_review_count": count})


def protect(room: Room, **but: Any) -> None:
    """Guard the default branch as it should be, but for what a test changes."""
    wanted = {
        "required_status_checks": {"strict": False, "checks": [{"context": "pawl", "app_id": room.hosted.facts.id}]},
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 0},
        "restrictions": None,
        **but,
    }
    room.hosted.owner.ask("PUT", f"/repos/{room.name}/branches/main/protection", wanted)


async def propose(room: Room, who: str = "writer") -> Proposed:
    """Have a change that ``who`` asked for proposed, proven and green."""
    repo, store, asker = room.hosted.repo, room.store, room.people[who]
    room.hosted.double.change(room.name, settings={"allow_auto_merge": True})
    protect(room)
    base = await git.ref(repo, "main")
    assert base is not None
    run_id = new_run_id()
    message = f"Mend it\n\nPawl-Run: {run_id}\nCo-authored-by: A <{asker.id}+{asker.login}@users.noreply.github.com>\n"
    head = await git.commit_edits(repo, base, (Edit("shop.py", "def price(n):\n    return n * n\n"),), message)
    branch = f"pawl/{room.issue}-mend"
    await git.set_ref(repo, branch, head)
    pull = await pulls.open(repo, branch, "main", "Mend it", "the proof")
    await checks.create(repo, CheckRun("pawl", head, "completed", "action_required", "so far", "fine", external_id=run_id))
    origin = Origin(InstallationId(room.hosted.installation), room.repository, room.issue, asker.id)
    wish = Instruction(Verb.FIX, "mend it", RepoName(room.name), base, requester=asker.login, door="github", origin=origin)
    await store.create(wish, run_id, alone=False)
    checked = replace(PROVEN, change=replace(PROVEN.change, base=base, head=head))
    sealed = Sealed("bundle", "sha256:0", branch, pull.number)
    held = await store.claim(run_id)
    way: tuple[tuple[State, Any], ...] = (
        (State.PLANNING, None),
        (State.SPECIFYING, None),
        (State.CHANGING, SPEC),
        (State.CHECKING, None),
        (State.PROPOSING, checked),
        (State.AWAITING_APPROVAL, sealed),
    )
    for to, output in way:
        assert held is not None
        held = await store.commit(held, Transition(to, "on", output))
    return Proposed(room, run_id, pull.number, head, base)


@pytest.fixture
async def proposed(room: Room) -> Proposed:
    return await propose(room)
