"""What commands that decide something have in common: how their word is known again, and what they say is still missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.evidence.markdown import code
from bot.speech.messages import sentence

if TYPE_CHECKING:
    from bot.command import Call
    from bot.decision.ruling import Ruling


def said_in(call: Call) -> str:
    """Return the one name of a command that was said: the same delivery answered again has the same."""
    return f"{call.delivery}#{call.spoken.ordinal}"


def still_missing(ruling: Ruling) -> str:
    """Return what is still missing before the merge, and who can supply it, as Markdown."""
    if ruling.ready:
        return "Nothing is missing: GitHub merges it as soon as the branch's own rules are met."
    lines = []
    for each in ruling.missing:
        who = f" — {', '.join(code(name) for name in each.who)} can" if each.who else ""
        nobody = (
            " — nobody holds that role and may approve: name somebody under `approvals.roles`"
            if each.role and not each.who
            else ""
        )
        lines.append(f"* {sentence(each.what)}{who or nobody}")
    return "Still missing:\n\n" + "\n".join(lines)
