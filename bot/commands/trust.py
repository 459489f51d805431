"""``/pawl trust``: how much goes without a person here; another level is asked for by a pull request that people approve."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bot import gates
from bot.change.change import Edit
from bot.command import Command, done
from bot.config import PLACES, load
from bot.decision.ballot import digest_of_configuration
from bot.errors import Refused
from bot.evidence.markdown import code
from bot.gate import Gate
from bot.github import contents, git, pulls
from bot.github.permissions import Level
from bot.registry import plugins
from bot.speech.messages import sentence
from bot.speech.wish import Asked, default_head, judgement, ready

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Actor, Desk

MEANING: Final = {
    0: "everything needs a person's approval",
    1: "every change needs a person's approval",
    2: "documentation goes by itself, everything else needs a person's approval",
    3: "changes of SAFE and LOW risk go by themselves",
    4: "everything below HIGH risk goes by itself",
}
_LINE: Final = re.compile(r"(?m)^trust[ \t]*:.*$")


async def obey(call: Call, desk: Desk) -> Answer:
    """Show the level in force, or open the pull request that asks for another."""
    wanted = next(iter(call.spoken.arguments), "")
    if not wanted:
        return done(await _shown(call, desk))
    if wanted not in {str(level) for level in MEANING}:
        raise Refused(f"`{wanted}` is no trust level: use one of {', '.join(map(str, MEANING))}")
    repository = await ready(call.place, desk)
    head = await default_head(repository)
    place, text = PLACES[0], ""
    for each in PLACES:
        found = await contents.text(repository, each)
        if found is not None:
            place, text = each, found
            break
    today = datetime.now(UTC).date().isoformat()
    after = with_trust(text, int(wanted), f"asked for by {call.actor.login} on {today}")
    if load(after, place, plugins(gates, Gate)).trust != int(wanted):
        raise Refused(f"{place} is written in a way in which the level cannot be changed safely: change it by hand")
    branch = f"pawl/trust-{wanted}"
    known = await pulls.find(repository, branch)
    if known is None:
        message = f"Ask for trust level {wanted}\n\nCo-authored-by: {_address(call.actor)}\n"
        commit = await git.commit_edits(repository, head, (Edit(place, after),), message)
        await git.set_ref(repository, branch, commit, force=True)
    facts = await repository.facts()
    title = f"[Pawl] Trust level {wanted}"
    asks = f"{code(call.actor.login)} asks for trust level **{wanted}**: {MEANING[int(wanted)]}."
    body = f"{asks}\n\nIt counts once people merge this."
    pull = await pulls.open(repository, branch, facts.default_branch, title, body)
    there = replace(call.place, number=pull.number, pull=True)
    await judgement("", Asked(call.actor, there, call.delivery, call.spoken.ordinal), desk)
    return done(f"#{pull.number} asks for trust level {wanted}; it counts once people merge it.")


def _address(actor: Actor) -> str:
    """Return who asks, as commits name a co-author: whoever wants more trust is not among those who approve it."""
    return f"{actor.login} <{actor.id}+{actor.login}@users.noreply.github.com>"


async def _shown(call: Call, desk: Desk) -> str:
    repository = await call.repository(desk)
    config = await desk.config(repository)
    lost = await desk.store.distrust.lost(call.place.repository, await digest_of_configuration(repository))
    if lost is None or lost.level >= config.trust:
        return f"Trust level **{config.trust}**: {MEANING[config.trust]}."
    asked_for = f"the configuration says {config.trust}, and trust fell because {sentence(lost.why)}"
    return (
        f"Trust level **{lost.level}**: {MEANING[lost.level]}; {asked_for}. {code('/pawl trust <level>')} asks people for more."
    )


def with_trust(text: str, level: int, why: str) -> str:
    """Return a configuration with another trust level; the rest stays as it is, and the text is never the same as before."""
    line = f"trust: {level} # {why}"
    if _LINE.search(text):
        return _LINE.sub(lambda _old: line, text, count=1)
    return f"{text.rstrip()}\n{line}\n".lstrip()


COMMAND = Command(
    name="trust",
    usage="/pawl trust [0-4]",
    summary="Shows how much goes without a person here, or asks people for another level by a pull request.",
    least=Level.ADMIN,
    examples=("/pawl trust", "/pawl trust 2"),
    obey=obey,
)
