"""What is still missing before a change is merged, and who can supply it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.config import Approvals
from bot.ids import Login
from bot.policy.decision import Decision
from bot.policy.document import Approval
from bot.policy.standing import Person, Standing
from bot.policy.votes import Votes, is_named


@dataclass(frozen=True)
class Missing:
    """One thing that stands between a change and its merge."""

    what: str
    """As the policy says it."""
    who: tuple[str, ...] = ()
    """Who can supply it, as ``@login`` and ``@organisation/team``; empty where the sentence says it itself, or nobody can."""
    role: str = ""
    """The role whose approval it is; empty where it is no approval."""
    setting: bool = False
    """Whether it is a setting of the repository: it keeps Pawl from merging, and says nothing against the change."""


def missing(decision: Decision, standing: Standing, votes: Votes, config: Approvals) -> tuple[Missing, ...]:
    """Return everything that is missing, denials first; nothing where the change may be merged now."""
    unsafe = {f"merge: {each}" for each in standing.unsafe}
    denied = tuple(Missing(each, setting=each in unsafe) for each in decision.deny)
    return denied + tuple(_needed(each, standing, votes, config) for each in decision.require)


def _needed(sentence: str, standing: Standing, votes: Votes, config: Approvals) -> Missing:
    path = re.search(r"by an owner of (.+) \(CODEOWNERS names ", sentence)
    if path:
        names = next((each.owners for each in standing.owned if each.path == path[1]), ())
        able = tuple(each for each in names if each.startswith("@") and _may(each, standing))
        return Missing(f"{sentence}{_unrecognised(names)}", able, "owner")
    role = role_of(sentence, config)
    if not role:
        return Missing(sentence)
    given = {f"@{each.by}".casefold() for each in votes.approvals if _gives(each, role)}
    able = tuple(each for each in standing.roster.get(role, ()) if each.casefold() not in given and _may(each, standing))
    return Missing(sentence, able, role)


def _unrecognised(owners: tuple[str, ...]) -> str:
    """Return what is to be said of owners that are named by an address which no account was found for."""
    addresses = [each for each in owners if not each.startswith("@")]
    return f"; no account is known under {', '.join(addresses)}: name it as @login in CODEOWNERS" if addresses else ""


def role_of(sentence: str, config: Approvals) -> str:
    """Return the role that a requirement's first clause names, in the singular or plural; '' where it names none."""
    clause = sentence.partition("(")[0]
    found = [(at.start(), name) for name in config.roles if (at := re.search(rf"\b{re.escape(name)}s?\b", clause))]
    return min(found)[1] if found else ""


def _gives(approval: Approval, role: str) -> bool:
    return approval.role == role and approval.state == "approved"


def _may(name: str, standing: Standing) -> bool:
    """Tell whether somebody on the roster could approve: not whose work it is. Of a team one cannot know."""
    login = name.removeprefix("@").casefold()
    if "/" in login:
        return True
    mine = {each.login.casefold() for each in (*standing.authors, *((standing.requester,) if standing.requester else ()))}
    return login not in mine and not any(is_named(Person(0, Login(login)), each) for each in standing.strangers)
