"""What a command is: a verb that people say in a comment, who may say it, and what comes of it.

Each verb has one file in ``commands/`` with its usage, its examples and its ``obey``; ``/pawl help`` is made of them. A command
leaves work in the store and answers; it does none of it. Whoever heard the comment (:mod:`bot.doors.hearing`) has asked GitHub
already whether the speaker has the least permission.
"""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.desk import Actor, Desk, Place
from bot.github.permissions import Level
from bot.ids import DeliveryId, RunId
from bot.spoken import Spoken

if TYPE_CHECKING:
    from bot.github.repository import Repository
    from bot.run import Run


class Reaction(StrEnum):
    """What Pawl shows on a comment, as GitHub names it."""

    HEARD = "eyes"
    DONE = "rocket"
    REFUSED = "confused"
    NOT_PERMITTED = "-1"


@dataclass(frozen=True)
class Call:
    """One command as it was said, by whom and where. The texts are strangers' words."""

    spoken: Spoken
    actor: Actor
    place: Place
    comment: int | None
    """The comment it was said in; None for labels and buttons."""
    delivery: DeliveryId
    title: str
    """Of the issue or pull request."""
    body: str
    known: Mapping[str, Command] = field(default_factory=dict)
    """Every command of this installation, by verb."""
    level: Level = Level.NONE
    """What the speaker may do in the repository."""

    async def repository(self, desk: Desk) -> Repository:
        """Return the repository it was said in, to speak to."""
        return await desk.repository(self.place.installation, self.place.repo)

    async def earlier(self, desk: Desk) -> list[Run]:
        """Return the runs of this issue or pull request, newest first, but those that this very call began when heard before."""
        mine = {each.id for each in await desk.store.made_of(self.delivery)}
        return [each for each in await desk.store.latest(self.place.repository, self.place.number) if each.id not in mine]


@dataclass(frozen=True)
class Answer:
    """What comes of a command."""

    reaction: Reaction | None
    """None while a run that was begun has not ended: it shows its own end."""
    text: str = ""
    """Markdown for a comment; nothing is said where it is empty."""
    run: RunId | None = None


Obey = Callable[[Call, Desk], Awaitable[Answer]]
"""Does what a call asks for; called again with the same call, it does nothing twice.

A UserError it raises is said in a comment, as a refusal.
"""


@dataclass(frozen=True)
class Command:
    """A command as its file registers it."""

    name: str
    usage: str
    """Such as ``/pawl fix [what is wrong]``."""
    summary: str
    """One sentence."""
    least: Level
    """The least permission that lets somebody say it."""
    examples: tuple[str, ...]
    obey: Obey


def nearest(verb: str, known: Mapping[str, Command]) -> str:
    """Return the verb that somebody most likely meant, or ``help``."""
    return next(iter(difflib.get_close_matches(verb, known, n=1)), "help")


def done(text: str = "") -> Answer:
    """Return the answer of a command that did what it was asked for."""
    return Answer(Reaction.DONE, text)


def refused(text: str) -> Answer:
    """Return the answer of a command that will not do it, and why."""
    return Answer(Reaction.REFUSED, text)


def begun(run: RunId) -> Answer:
    """Return the answer of a command that left a run in the store."""
    return Answer(None, run=run)
