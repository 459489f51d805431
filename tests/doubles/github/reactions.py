"""Reactions to issues and comments. GitHub sends no webhook for them."""

from __future__ import annotations

from tests.doubles.github.comments import comment_of
from tests.doubles.github.issues import READ, WRITE, issue_of
from tests.doubles.github.repository import Reaction
from tests.doubles.github.routing import NO_CONTENT, Answer, Call, route
from tests.doubles.github.shapes import CONTENTS
from tests.doubles.github.wrong import Forbidden, NotFound, invalid

ISSUE = "/repos/{owner}/{repo}/issues/{number}/reactions"
COMMENT = "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions"


def react(call: Call, reactions: dict[int, Reaction]) -> Answer:
    """Add the caller's reaction: 201, or 200 if it was there."""
    content = call.data.get("content")
    if content not in CONTENTS:
        raise invalid("Reaction", "content", "invalid", value=content)
    for reaction in reactions.values():
        if reaction.user is call.actor and reaction.content == content:
            return Answer(200, call.shapes.reaction(reaction))
    made = Reaction(call.github.number(), call.actor, content, call.github.now())
    reactions[made.id] = made
    return Answer(201, call.shapes.reaction(made))


def listed(call: Call, reactions: dict[int, Reaction]) -> Answer:
    """List the reactions, all or those of one content."""
    wanted = call.query.get("content")
    return call.page([one for one in reactions.values() if wanted in {None, one.content}], call.shapes.reaction)


def unreact(call: Call, reactions: dict[int, Reaction]) -> Answer:
    """Take back the caller's own reaction."""
    found = reactions.get(call.number("reaction_id"))
    if not found:
        raise NotFound
    if found.user is not call.actor:
        raise Forbidden
    del reactions[found.id]
    return NO_CONTENT


@route("GET", ISSUE, needs=READ)
async def issue_reactions(call: Call) -> Answer:
    return listed(call, issue_of(call).reactions)


@route("POST", ISSUE, needs=WRITE, person="read")
async def react_to_issue(call: Call) -> Answer:
    return react(call, issue_of(call, "write").reactions)


@route("DELETE", ISSUE + "/{reaction_id}", needs=WRITE, person="read")
async def unreact_to_issue(call: Call) -> Answer:
    return unreact(call, issue_of(call, "write").reactions)


@route("GET", COMMENT, needs=READ)
async def comment_reactions(call: Call) -> Answer:
    return listed(call, comment_of(call, "read").reactions)


@route("POST", COMMENT, needs=WRITE, person="read")
async def react_to_comment(call: Call) -> Answer:
    return react(call, comment_of(call, "write").reactions)


@route("DELETE", COMMENT + "/{reaction_id}", needs=WRITE, person="read")
async def unreact_to_comment(call: Call) -> Answer:
    return unreact(call, comment_of(call, "write").reactions)
