"""``/pawl stop``: the emergency stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, done
from bot.decision import emergency, proposal
from bot.decision.governance import governs
from bot.errors import Refused
from bot.evidence.markdown import code
from bot.github.permissions import Level
from bot.speech.messages import sentence

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk

WHOLE = "installation"


async def obey(call: Call, desk: Desk) -> Answer:
    """Pull the brake and bring everything under it to rest; said again, it does what is left to do."""
    whole = WHOLE in call.spoken.flags
    if whole and not await governs(await call.repository(desk), call.actor):
        raise Refused("only an owner of the account stops all of its repositories: `/pawl stop` stops this one")
    why = " ".join(call.spoken.text.replace(f"--{WHOLE}", "").split())[:200]
    place = call.place
    brake = await desk.store.brakes.pull(
        place.installation, None if whole else place.repository, proposal.person(call.actor), why
    )
    halted = await emergency.halt(brake, place.repo, desk.store, desk.github)
    disarmed = f" Disarmed: {', '.join(map(code, halted.disarmed))}." if halted.disarmed else ""
    cancelled = f" Workflow runs cancelled: {halted.cancelled}." if halted.cancelled else ""
    problems = "".join(f"\n* {sentence(each)}" for each in halted.problems)
    rest = f"\n\nThis could not be done and needs you:\n{problems}" if problems else ""
    return done(
        f"**Stopped.** Nothing starts, nothing is merged by Pawl, and its tokens are revoked.{disarmed}{cancelled}"
        f" Another administrator than {code(brake.by.login)} goes on by {code('/pawl resume')}.{rest}"
    )


COMMAND = Command(
    name="stop",
    usage="/pawl stop [why] [--installation]",
    summary="Stops everything here at once: work, merges, workflow runs; with --installation in all repositories of the account.",
    least=Level.ADMIN,
    examples=("/pawl stop", "/pawl stop it merges the wrong things", "/pawl stop --installation"),
    obey=obey,
)
