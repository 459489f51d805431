"""The proposal that a command is about: the run, what it proved, and the ballot that tells how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.decision.ballot import GitHubBallot
from bot.errors import Refused
from bot.history import Checked, History
from bot.ids import PullNumber
from bot.policy.standing import Person
from bot.run import WAITING, Run

if TYPE_CHECKING:
    from bot.command import Call
    from bot.desk import Actor, Desk
    from bot.github.repository import Repository


@dataclass(frozen=True)
class Proposal:
    """A run with an open or merged pull request that it made or judges, under which or under whose issue something was said."""

    run: Run
    history: History
    checked: Checked
    pull: PullNumber
    ballot: GitHubBallot

    @property
    def numbers(self) -> tuple[int, ...]:
        """The pull request's number and the issue's."""
        origin = self.run.instruction.origin
        return (self.pull, origin.number) if origin else (self.pull,)


async def find(call: Call, desk: Desk, *, with_roster: bool = False) -> Proposal | None:
    """Return the newest proposal of this issue or pull request; None where Pawl proposed and judged nothing here."""
    place = call.place
    return await newest(await call.repository(desk), place.repository, place.number, desk, with_roster=with_roster)


async def newest(repository: Repository, id_: int, number: int, desk: Desk, *, with_roster: bool = False) -> Proposal | None:
    """Return the newest proposal of an issue or pull request, what a merge queue made of it apart; None where there is none."""
    for run in await desk.store.latest(id_, number):
        pull = await desk.store.pull_of_run(run.id)
        if pull is None or run.instruction.queued is not None:
            continue
        history = await desk.store.history(run.id)
        if history.checked is None:
            continue
        ballot = GitHubBallot(repository, desk.store, desk.config, with_roster)
        return Proposal(run, history, history.checked, pull, ballot)
    return None


async def waiting(call: Call, desk: Desk) -> Proposal:
    """Return the proposal that waits here for people or for GitHub.

    Raises:
        Refused: there is none, with where to look.
    """
    found = await find(call, desk)
    if found is None:
        raise Refused("Pawl has proposed nothing here, and judged nothing: say this under the pull request meant, or its issue")
    if found.run.state not in WAITING:
        state = found.run.state.replace("_", " ")
        raise Refused(f"#{found.pull} does not wait for anybody, its run is {state}: `/pawl status` shows how it stands")
    return found


def person(actor: Actor) -> Person:
    """Return who did something, as a voter."""
    return Person(actor.id, actor.login, actor.bot)
