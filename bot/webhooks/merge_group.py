"""``merge_group``: a merge queue asks what Pawl says of a pull request merged onto its base, and waits until it hears.

What holds the pull request up holds up what the queue made of it: the same ruling counts. The merged commit is judged like any
other change, as a run of its own, unless its files are to the byte those that were proven on the pull request's head. An App that
does not answer stalls the queue, so what cannot be judged is answered, too: red.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from bot.board import declare
from bot.decision.proposal import newest
from bot.decision.ruling import is_of, rule
from bot.desk import Delivery, Desk
from bot.errors import Refused, UserError
from bot.github import git, pulls
from bot.github.repository import Repository
from bot.ids import Login, Sha
from bot.run import FINAL, UNASKED, WAITING, Instruction, Origin, Verb
from bot.speech import payload
from bot.webhook import Event

QUEUE: Final = Login("the merge queue")
"""Who asks for the verdict; it has no account, so it takes nothing of what a person may ask for."""
NOBODY: Final = 0
_PULL: Final = re.compile(r"(?:refs/heads/)?gh-readonly-queue/.+/pr-(\d{1,9})-[0-9a-f]+")


@dataclass(frozen=True)
class _Group:
    """What the queue asks about."""

    number: int
    """The pull request's; 0 where the queue's branch does not say."""
    base: Sha
    head: Sha
    branch: str
    """Where it would be merged into."""


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Say what is known of the merged commit, or have it judged; what left the queue is judged no more."""
    told = delivery.payload
    name, id_ = payload.repository(told)
    group = payload.part(told, "merge_group")
    queued = _PULL.fullmatch(payload.text(group, "head_ref"))
    head, number = payload.sha(group, "head_sha"), int(queued[1]) if queued else 0
    if delivery.action == "destroyed":
        await (desk.store.wake_all(id_, number) if told.get("reason") == "merged" else _forget(desk, id_, number, head))
        return
    asked = _Group(number, payload.sha(group, "base_sha"), head, payload.text(group, "base_ref").removeprefix("refs/heads/"))
    repository = await desk.repository(payload.installation(told), name)
    try:
        pull = await pulls.get(repository, number)
        await _require_ready(repository, id_, asked, desk)
        if await _same_files(repository, pull.head, head):
            await declare(repository, head, "success", f"The same files as {pull.head[:12]}, which was proven and may be merged")
            return
        origin = Origin(payload.installation(told), id_, number, NOBODY, pull=True)
        wish = Instruction(Verb.FIX, "", name, asked.base, requester=QUEUE, door=UNASKED, origin=origin, head=head)
        await desk.store.create_once(replace(wish, into=asked.branch, queued=pull.head), delivery.id)
    except UserError as error:
        await declare(repository, head, "failure", str(error))


async def _require_ready(repository: Repository, id_: int, asked: _Group, desk: Desk) -> None:
    """Raise Refused where the pull request itself may not be merged now, with what is missing."""
    default = (await repository.facts()).default_branch
    if asked.branch != default:
        raise Refused(f"Pawl lets changes into {default} only, and this queue is that of {asked.branch}")
    again = f"#{asked.number} is not judged at its head: say `/pawl verify` under it, then queue it again"
    found = await newest(repository, id_, asked.number, desk)
    if found is None or found.run.state not in WAITING:
        raise Refused(again)
    look = await found.ballot.look(found.run, found.history)
    if not is_of(found.run, found.checked, look.standing):
        raise Refused(again)
    against = rule(found.run, found.history, look).against
    if against:
        raise Refused(f"#{asked.number} may not be merged: {'; '.join(against)}")


async def _same_files(repository: Repository, own: Sha, head: Sha) -> bool:
    """Whether the merged commit has the files of the pull request's head."""
    merged, proven = await git.commit(repository, head), await git.commit(repository, own)
    return merged is not None and proven is not None and merged.tree == proven.tree


async def _forget(desk: Desk, repository: int, number: int, head: Sha) -> None:
    """End the run that judges a commit which nobody will merge."""
    for run in await desk.store.latest(repository, number):
        if run.instruction.head == head and run.state not in FINAL:
            await desk.store.cancel(run.id, "the merge queue no longer wants this commit", "github")


EVENT = Event("merge_group", frozenset({"checks_requested", "destroyed"}), answer)
