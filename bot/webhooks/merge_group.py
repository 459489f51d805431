"""``merge_group``: a merge queue asks what Pawl says of a pull request merged onto its base, and waits until it hears.

The merged commit is judged like any other change, as a run of its own, unless its files are to the byte those that were proven on
the pull request's head. An App that does not answer stalls the queue, so what cannot be judged is answered, too: red.
"""

from __future__ import annotations

import re
from typing import Final

from bot.board import COMPOSITE
from bot.desk import Delivery, Desk
from bot.errors import UserError
from bot.github import checks, git, pulls
from bot.github.checks import CheckRun, Conclusion
from bot.github.pulls import Pull
from bot.github.repository import Repository
from bot.ids import Sha
from bot.run import FINAL, Instruction, Origin, Verb
from bot.speech import payload
from bot.webhook import Event

_PULL: Final = re.compile(r"(?:refs/heads/)?gh-readonly-queue/.+/pr-(\d{1,9})-[0-9a-f]+")


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Say what is known of the merged commit, or have it judged; what left the queue is judged no more."""
    told = delivery.payload
    group = payload.part(told, "merge_group")
    head = payload.sha(group, "head_sha")
    name, id_ = payload.repository(told)
    installation = payload.installation(told)
    queued = _PULL.fullmatch(payload.text(group, "head_ref"))
    number = int(queued[1]) if queued else 0
    if delivery.action == "destroyed":
        await _forget(desk, id_, number, head)
        return
    repository = await desk.repository(installation, name)
    try:
        pull = await pulls.get(repository, number)
        if await _proven(repository, pull, head):
            await _say(repository, head, "success", f"The same files as {pull.head[:12]}, which was proven")
            return
        origin = Origin(installation, id_, number, pull.user_id, pull=True)
        base = payload.sha(group, "base_sha")
        wish = Instruction(Verb.FIX, "", name, base, requester=pull.user_login, door="github", origin=origin, head=head)
        await desk.store.create_once(wish, delivery.id)
    except UserError as error:
        await _say(repository, head, "failure", str(error))


async def _proven(repository: Repository, pull: Pull, head: Sha) -> bool:
    """Whether the merged commit has the files of the pull request's head, and that one is green."""
    merged, own = await git.commit(repository, head), await git.commit(repository, pull.head)
    if merged is None or own is None or merged.tree != own.tree:
        return False
    seen = await checks.runs(repository, pull.head)
    mine = [each for each in seen if each.name == COMPOSITE and each.app_id == repository.app.id]
    newest = max(mine, key=lambda each: each.id, default=None)
    return newest is not None and newest.conclusion == "success"


async def _say(repository: Repository, head: Sha, conclusion: Conclusion, words: str) -> None:
    """Write the composite on the merged commit, or say it again where it is written."""
    check = CheckRun(COMPOSITE, head, "completed", conclusion, title=words[:200], summary=words)
    known = await checks.find(repository, head, COMPOSITE)
    if known is None:
        await checks.create(repository, check)
    else:
        await checks.update(repository, known, check)


async def _forget(desk: Desk, repository: int, number: int, head: Sha) -> None:
    """End the run that judges a commit which nobody will merge."""
    for run in await desk.store.latest(repository, number):
        if run.instruction.head == head and run.state not in FINAL:
            await desk.store.cancel(run.id, "the merge queue no longer wants this commit", "github")


EVENT = Event("merge_group", frozenset({"checks_requested", "destroyed"}), answer)
