"""A gesture: a label put on or a button clicked, which says a command without words.

It is permitted and obeyed like the command in a comment, and no oftener. What there is to say goes into one comment; one that
is not permitted gets no answer at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.command import Answer, Call, Reaction
from bot.desk import Actor, Delivery, Desk, Place
from bot.doors import hearing
from bot.github import comments, permissions
from bot.github.permissions import Level
from bot.speech import messages
from bot.speech.once import say_once
from bot.spoken import Spoken


@dataclass(frozen=True)
class Gesture:
    """Who did what where."""

    verb: str
    actor: Actor
    place: Place
    title: str = ""
    """Of the issue or pull request."""
    body: str = ""
    words: str = ""
    """What a comment would say after the verb."""


async def obey(gesture: Gesture, delivery: Delivery, desk: Desk) -> Answer | None:
    """Have a gesture obeyed; None where a bot or Pawl itself made it. Called again, it does nothing twice.

    Raises:
        Retryable: GitHub or the store went away; call again.
        UserError: GitHub does not let Pawl answer there.
    """
    me = await desk.github.me()
    if gesture.actor.bot or gesture.actor.id == me.bot_id:
        return None
    where = gesture.place
    repository = await desk.repository(where.installation, where.repo)
    level = await permissions.level(repository, gesture.actor.login, gesture.actor.id)
    spoken = Spoken(gesture.verb, gesture.words)
    call = Call(spoken, gesture.actor, where, None, delivery.id, gesture.title, gesture.body, hearing.known(), level)
    room = await hearing.has_room([call], f"delivery {delivery.id}", desk)
    if level < Level.WRITE and not room:
        return Answer(Reaction.REFUSED)
    answer = await hearing.obey(call, desk)
    if answer.reaction is Reaction.NOT_PERMITTED:
        return answer
    if answer.text and room:
        said = messages.answers([(spoken, answer.text)], 0, hearing.MOST)
        await say_once(repository, where.number, f"pawl:answer:{delivery.id}", said)
    if answer.reaction is not None and gesture.title:
        await comments.react_issue(repository, where.number, answer.reaction)
    return answer
