"""Whose word counts: who approved exactly this head and may, who vetoed, and why the others do not count. Pure.

A person's approvals count from the last time he took them back or asked for changes; a veto stands until its author approves, or
it is dismissed. The requester, whoever pushed, authors, committers, co-authors and bots never approve, nor does anybody without
write access.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.config import Approvals, Role
from bot.policy.document import Approval, OwnedPath
from bot.policy.standing import Access, Owned, Person, Said, Stand, Standing, Voter

_LATER: Final = (Stand.APPROVED, Stand.WITHDRAWN, Stand.VETOED)
"""Of things said within one second, the less welcome counts as the later one."""

_NOREPLY: Final = re.compile(r"<(?:(\d+)\+)?([A-Za-z0-9_-]+(?:\[bot\])?)@users\.noreply\.[A-Za-z0-9.-]+>\s*\Z")


@dataclass(frozen=True)
class Votes:
    """What people's words come to."""

    approvals: tuple[Approval, ...]
    """One for each role that somebody holds whose approval of the head counts, and one for each veto."""
    discounted: tuple[tuple[str, str], ...]
    """(login, why his approval does not count), of those who approved."""


def votes(standing: Standing, config: Approvals) -> Votes:
    """Return whose word counts for the pull request's present head."""
    found: list[Approval] = []
    discounted: list[tuple[str, str]] = []
    for person, said in _by_person(standing.said):
        voter = standing.voters.get(person.id, Voter(person, Access.NONE))
        if _vetoes(said) and not person.bot and voter.access.rank >= Access.WRITE.rank:
            found.append(_approval(voter, "writer", standing, Stand.VETOED))
        heads = _approved(said)
        if not heads:
            continue
        held = roles(voter, config, standing.owned)
        why = why_not(voter, standing) or ("" if standing.head in heads else "approved another commit")
        why = why or ("" if held else "holds none of the roles that approve here")
        if why:
            discounted.append((person.login, why))
        else:
            found += [_approval(voter, role, standing, Stand.APPROVED) for role in held]
    return Votes(tuple(found), tuple(discounted))


def why_not(voter: Voter, standing: Standing) -> str:
    """Return why this person's approval cannot count, whatever commit it is for; '' where it can."""
    person = voter.person
    if person.bot:
        return "is a bot"
    if standing.requester is None or person.id == standing.requester.id:
        return "asked for the change" if standing.requester else "might be who asked for the change: that account is not known"
    if person.id in {each.id for each in standing.authors} or any(is_named(person, each) for each in standing.strangers):
        return "pushed, wrote or committed part of the change"
    if voter.access.rank < Access.WRITE.rank:
        return "has no write access"
    return ""


def is_named(person: Person, stranger: str) -> bool:
    """Tell whether a commit's ``Name <address>`` may mean this account: by GitHub's own address for it, or by its name."""
    known = _NOREPLY.search(stranger)
    if known and known[1]:
        return int(known[1]) == person.id
    login = person.login.casefold()
    return stranger.partition("<")[0].strip().casefold() == login or bool(known and known[2].casefold() == login)


def roles(voter: Voter, config: Approvals, owned: tuple[Owned, ...]) -> tuple[str, ...]:
    """Return the roles that somebody holds for a change that touches those owned paths."""
    if voter.access.rank < Access.WRITE.rank:
        return ()
    return tuple(sorted(name for name, role in config.roles.items() if _holds(voter, role, owned)))


def owners(found: Votes, standing: Standing) -> tuple[OwnedPath, ...]:
    """Return for each owned path who of those that approved owns it."""
    approved = {each.id for each in found.approvals if each.state == Stand.APPROVED}
    voters = [standing.voters[each] for each in sorted(approved)]
    return tuple(
        OwnedPath(each.path, each.owners, tuple(voter.person.login for voter in voters if owns(voter, each)))
        for each in standing.owned
    )


def owns(voter: Voter, owned: Owned) -> bool:
    """Tell whether one of the path's owners is this person, or a team he is in."""
    names = {each.removeprefix("@").casefold() for each in owned.owners if each.startswith("@")}
    return voter.person.login.casefold() in names or bool(names & voter.teams)


def _holds(voter: Voter, role: Role, owned: tuple[Owned, ...]) -> bool:
    users = {each.removeprefix("@").casefold() for each in role.users}
    teams = {each.removeprefix("@").casefold() for each in role.teams}
    if voter.person.login.casefold() in users or teams & voter.teams:
        return True
    if role.permission is not None and voter.access.rank >= Access(role.permission).rank:
        return True
    return role.codeowners and any(owns(voter, each) for each in owned)


def _by_person(said: Iterable[Said]) -> list[tuple[Person, list[Said]]]:
    """Return what each said in order, people in the order of their ids."""
    grouped: dict[int, list[Said]] = {}
    for each in sorted(said, key=lambda each: (each.at, _LATER.index(each.stand))):
        grouped.setdefault(each.person.id, []).append(each)
    return [(words[-1].person, words) for _, words in sorted(grouped.items())]


def _approved(said: list[Said]) -> frozenset[str]:
    """Return the commits that somebody approves as things stand."""
    heads: set[str] = set()
    for each in said:
        if each.stand is Stand.APPROVED:
            heads.add(each.head)
        else:
            heads.clear()
    return frozenset(heads)


def _vetoes(said: list[Said]) -> bool:
    """Tell whether somebody's veto stands: taking an approval back does not lift it."""
    standing = False
    for each in said:
        if each.stand is not Stand.WITHDRAWN:
            standing = each.stand is Stand.VETOED
    return standing


def _approval(voter: Voter, role: str, standing: Standing, stand: Stand) -> Approval:
    return Approval(voter.person.login, role, standing.head, stand.value, id=voter.person.id)
