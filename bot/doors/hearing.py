"""Hear a comment: find its commands, ask who may say them, have them obeyed, and answer once.

======================  ====================================================================
a bot, or Pawl itself   nothing at all
every command           👀 at once
not permitted           👎 and nothing else: no comment, no run
an unknown verb         😕 and the nearest verb
refused                 😕 and one sentence
done                    🚀, and an answer where there is one
a run was begun         its own end shows 🚀 or 😕 (:mod:`bot.speech.notice`)
asked too often         😕 and nothing is done, for whoever may only read; others are obeyed without words
======================  ====================================================================

Heard twice, a comment does nothing twice: runs are kept by delivery and ordinal, reactions are one each, and the answer is looked
for before it is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from bot import commands, logs
from bot.command import Answer, Call, Command, Reaction, nearest, refused
from bot.desk import Actor, Delivery, Desk
from bot.errors import InputError, UserError
from bot.github import comments, permissions
from bot.github.permissions import Level
from bot.github.repository import Repository
from bot.registry import plugins
from bot.speech import messages
from bot.speech.once import say_once
from bot.speech.payload import actor, number, part, place, text
from bot.spoken import parse

MOST: Final = 5
"""Most commands of one comment that are obeyed."""
_CREATED: Final = "created"

_log = logs.get(__name__)


async def hear(payload: Mapping[str, Any], delivery: Delivery, desk: Desk) -> None:
    """Do what a comment says. ``payload`` is that of ``issue_comment``; edits and deletions say nothing.

    Raises:
        Retryable: GitHub or the store went away; hear it again.
        UserError: GitHub does not let Pawl answer there.
    """
    comment = part(payload, "comment")
    speaker = actor(part(comment, "user"))
    if delivery.action != _CREATED or speaker.bot or await _is_pawl(speaker, comment, desk):
        return
    spoken = await asyncio.to_thread(parse, text(comment, "body"))
    if not spoken:
        return
    where = place(payload, "issue")
    said_in = number(comment, "id")
    repository = await desk.repository(where.installation, where.repo)
    await comments.react(repository, said_in, Reaction.HEARD)
    level = await permissions.level(repository, speaker.login, speaker.id)
    issue = part(payload, "issue")
    calls = [
        Call(each, speaker, where, said_in, delivery.id, text(issue, "title"), text(issue, "body"), known(), level)
        for each in spoken[:MOST]
    ]
    room = await has_room(calls, f"comment {said_in}", desk)
    if level < Level.WRITE and not room:
        await comments.react(repository, said_in, Reaction.REFUSED)
        return
    answers = [await obey(each, desk) for each in calls]
    await _answer(repository, calls, answers, left_out=len(spoken) - len(calls), aloud=room)


@cache
def known() -> dict[str, Command]:
    """Return every command by its verb."""
    return plugins(commands, Command)


async def obey(call: Call, desk: Desk) -> Answer:
    """Have one call obeyed, where its speaker may say it; whatever is refused becomes an answer."""
    verb = call.spoken.verb or "help"
    command = known().get(verb)
    if not _is_permitted(call):
        _log.info("not permitted", verb=verb, actor=call.actor.login, level=call.level.name)
        return Answer(Reaction.NOT_PERMITTED)
    if command is None:
        return refused(messages.unknown_verb(verb, nearest(verb, known())))
    try:
        return await command.obey(call, desk)
    except UserError as error:
        return refused(messages.sentence(str(error)))


def _is_permitted(call: Call) -> bool:
    command = known().get(call.spoken.verb or "help")
    return call.level >= (command.least if command else Level.READ)


async def has_room(calls: Sequence[Call], said_in: str, desk: Desk) -> bool:
    """Take room for an answer to calls that were said at once; False where their speaker asked too often of late."""
    first = next((each for each in calls if _is_permitted(each)), None)
    if first is None:
        return True
    room = await desk.store.replies.room(first.place.repository, first.actor.id, said_in, stranger=first.level < Level.WRITE)
    if not room:
        _log.info("asked too often", actor=first.actor.login)
    return room


async def _is_pawl(speaker: Actor, comment: Mapping[str, Any], desk: Desk) -> bool:
    """Whether Pawl wrote a comment, as its bot or with a person's key."""
    me = await desk.github.me()
    through = comment.get("performed_via_github_app")
    return speaker.id == me.bot_id or (isinstance(through, Mapping) and through.get("id") == me.id)


async def _answer(
    repository: Repository, calls: Sequence[Call], answers: Sequence[Answer], left_out: int, *, aloud: bool
) -> None:
    """Say what is to be said in one comment, where there is room for one, and show how it went."""
    said_in = calls[0].comment
    if said_in is None:
        raise InputError("a comment without an id cannot be answered: GitHub sends one")
    texts = [(each.spoken, answer.text) for each, answer in zip(calls, answers, strict=True) if answer.text]
    permitted = any(each.reaction is not Reaction.NOT_PERMITTED for each in answers)
    if aloud and (texts or (left_out and permitted)):
        await say_once(repository, calls[0].place.number, f"pawl:answer:{said_in}", messages.answers(texts, left_out, MOST))
    reaction = shown(answers)
    if reaction is not None:
        await comments.react(repository, said_in, reaction)


def shown(answers: Sequence[Answer]) -> Reaction | None:
    """Return the one reaction for all: the worst; none where all that is left are runs that go on."""
    reactions = {each.reaction for each in answers}
    for worst in (Reaction.NOT_PERMITTED, Reaction.REFUSED):
        if worst in reactions:
            return worst
    return Reaction.DONE if None not in reactions else None
