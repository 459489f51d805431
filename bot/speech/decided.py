"""What commands that decide something have in common: how their word is known again, and what they say is still missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.evidence.markdown import code
from bot.speech.messages import sentence

if TYPE_CHECKING:
    from bot.command import Call
    from bot.decision.ruling import Ruling
    from bot.policy.standing import Obstacle


def said_in(call: Call) -> str:
    """Return the one name of a command that was said: the same delivery answered again has the same."""
    return f"{call.delivery}#{call.spoken.ordinal}"


def still_missing(ruling: Ruling, waits: tuple[Obstacle, ...] = ()) -> str:
    """Return what is still missing before the merge, and who can supply it, as Markdown; ``waits`` is what GitHub asks for."""
    own = "\n".join(f"* {sentence(each.what)}{f' ([go there]({each.page}))' if each.page else ''}" for each in waits)
    rest = f"\n\nGitHub itself waits for this:\n\n{own}" if waits else ""
    if ruling.ready:
        return f"Nothing is missing{' that Pawl asks for' if waits else ': it can be merged'}.{rest}"
    lines = []
    for each in ruling.missing:
        who = f" — {', '.join(code(name) for name in each.who)} can" if each.who else ""
        nobody = (
            " — nobody holds that role and may approve: name somebody under `approvals.roles`"
            if each.role and not each.who
            else ""
        )
        lines.append(f"* {sentence(each.what)}{who or nobody}")
    return "Still missing:\n\n" + "\n".join(lines) + rest
