"""``/pawl approve``: somebody's approval of exactly one commit, in every role that he holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.command import Command, done
from bot.decision import proposal
from bot.decision.ruling import rule
from bot.errors import Refused
from bot.evidence.markdown import code
from bot.github import comments
from bot.github.permissions import Level
from bot.ids import Sha
from bot.policy.standing import Said, Stand
from bot.policy.votes import votes
from bot.speech.decided import said_in, still_missing

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.decision.proposal import Proposal
    from bot.desk import Desk
    from bot.stage import Look

SHORTEST = 7
"""Digits by which a commit has to be named at least."""


async def obey(call: Call, desk: Desk) -> Answer:
    """Write the approval down, where it can count, and wake the run."""
    found = await proposal.waiting(call, desk)
    look = await found.ballot.look(found.run, found.history)
    head = _meant(call, look.standing.head)
    if head != found.checked.change.head:
        raise Refused(f"the head {head[:12]} is not judged yet: approve it once its check `pawl` is there")
    if not call.spoken.arguments:
        await _require_seen(call, desk, found)
    look = await _with(call, found, look)
    after = votes(look.standing, look.config.approvals)
    why = dict(after.discounted).get(call.actor.login)
    if why:
        raise Refused(f"your approval of #{found.pull} cannot count, because you are somebody who {why}: ask somebody else")
    who = proposal.person(call.actor)
    await desk.store.approvals.say(call.place.repository, found.pull, head, who, Stand.APPROVED, said_in(call), found.run.id)
    await desk.store.wake_all(call.place.repository, found.pull)
    roles = ", ".join(each.role for each in after.approvals if each.id == who.id)
    ruling = rule(found.run, found.history, look)
    return done(f"{code(head[:12])} is approved by {code(call.actor.login)} ({roles}). {still_missing(ruling)}")


def _meant(call: Call, head: Sha) -> Sha:
    """Return the commit meant: the head, or the one named, which has to be the head."""
    named = next(iter(call.spoken.arguments), "")
    if not named:
        return head
    if len(named) < SHORTEST or not head.startswith(named.lower()):
        raise Refused(f"`{named}` is not the head of the pull request, which is `{head[:12]}`: look at that, then approve it")
    return head


async def _require_seen(call: Call, desk: Desk, found: Proposal) -> None:
    """Raise Refused where the comment was written before the head was there: then another one was meant."""
    if call.comment is None:
        return
    written = (await comments.get(await call.repository(desk), call.comment)).created
    if written < (await _since(desk, found)).replace(microsecond=0):
        head = found.checked.change.head[:12]
        raise Refused(f"the head changed after you wrote that: look at it, then say `/pawl approve {head}`")


async def _since(desk: Desk, found: Proposal) -> datetime:
    """Return when the judged head began to wait for approval."""
    begun = datetime.max.replace(tzinfo=UTC)
    for entry in await desk.store.ledger(found.run.id):
        if entry["action"] == "run.checking":
            begun = datetime.max.replace(tzinfo=UTC)
        elif entry["action"] == "run.awaiting_approval":
            begun = min(begun, datetime.fromisoformat(entry["at"]))
    return begun


async def _with(call: Call, found: Proposal, look: Look) -> Look:
    """Return how it would stand with this approval."""
    who = proposal.person(call.actor)
    said = Said(who, Stand.APPROVED, look.standing.head, datetime.now(UTC))
    voter = await found.ballot.voter(who, look)
    standing = replace(look.standing, said=(*look.standing.said, said), voters={**look.standing.voters, who.id: voter})
    return replace(look, standing=standing)


COMMAND = Command(
    name="approve",
    usage="/pawl approve [commit]",
    summary="Approves the pull request's head, or the commit named, in every role that you hold; it counts for that commit only.",
    least=Level.WRITE,
    examples=("/pawl approve", "/pawl approve 1a2b3c4d"),
    obey=obey,
)
