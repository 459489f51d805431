"""Notices: shows people on GitHub where a run stands, by editing one comment, and writes a new one only when they must look.

``told(run)`` is called after every transition, and again until it went through (:mod:`bot.herald`). It shows what the store says
by then, so late and repeated calls show the last state and nothing twice. Edits are a pause apart, across all processes; before
anything is written, what is there is looked for by its marker.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import logs
from bot.command import Reaction
from bot.errors import Retryable, UserError
from bot.github import actions, comments
from bot.github.app import App
from bot.github.errors import NotFound
from bot.github.repository import Repository
from bot.llm.citation import Citation
from bot.run import FINAL, UNASKED, WORKED, Origin, Run, State
from bot.speech import buttons
from bot.speech.once import say_once
from bot.speech.telling import REACTIONS, STICKY, Told, ended, sticky
from bot.store.stickies import QUESTION, Turn

if TYPE_CHECKING:
    from bot.ids import RunId
    from bot.store.store import Store

PAUSE: Final = timedelta(seconds=5)
"""Least time between two edits of one sticky comment."""
LEASE: Final = timedelta(seconds=60)
_PATIENCE: Final = 30.0
"""Seconds after which a turn that does not come is asked for again later."""
_LOOK_AGAIN: Final = 0.5
"""Most seconds between two looks at whether a turn is free; it may be left long before its lease ends."""
JUDGED: Final = "judged"
"""The occasion to say that what others wrote is proven."""
_NOTHING_MISSING: Final = "proven and allowed"
"""How the reason of a wait begins that needs nobody."""

_log = logs.get(__name__)


@dataclass(frozen=True)
class Notice:
    """Tells people of runs."""

    store: Store
    github: App
    pause: timedelta = PAUSE

    async def told(self, run: Run) -> None:
        """Show where a run stands now; nothing is said of a laptop's runs, and of those that nobody asked for.

        Raises:
            Retryable: it did not go through; call again.
            UserError: GitHub does not let Pawl comment there.
        """
        origin = run.instruction.origin
        if origin is None or run.instruction.door == UNASKED:
            return
        if run.instruction.inquiry is not None:
            await self._answer(run, origin)
            return
        if await self._is_told(run.id, origin):
            return
        repository = await self.github.repository(origin.installation, run.instruction.repo)
        async with self._turn(origin) as turn:
            await self._show(repository, origin, turn, await self._text(origin))
            await self._say(repository, origin, await self._known(await self.store.get(run.id)))

    async def _answer(self, run: Run, origin: Origin) -> None:
        """Say what a question came to; while it is being answered, the 👀 on it says enough."""
        known = await self._known(await self.store.get(run.id))
        what = occasion(known)
        if what is None or await self.store.stickies.said(run.id, what):
            return
        wish = run.instruction
        repository = await self.github.repository(origin.installation, wish.repo)

        def page(citation: Citation) -> str:
            return repository.page_of(wish.head or wish.base, citation.path, citation.first, citation.last)

        async with self._turn(origin):
            await self._say(repository, origin, replace(known, page=page))

    async def _is_told(self, run: RunId, origin: Origin) -> bool:
        """Whether people see already what the store says now."""
        _, shown = await self.store.stickies.shown(origin.repository, origin.number)
        if _digest(await self._text(origin)) != shown:
            return False
        what = occasion(await self._known(await self.store.get(run)))
        return what is None or await self.store.stickies.said(run, what)

    async def _show(self, repository: Repository, origin: Origin, turn: Turn, text: str) -> None:
        """Bring the sticky comment up to date."""
        if _digest(text) != turn.shown:
            comment = await self._write(repository, origin, turn, text)
            await self.store.stickies.written(turn, comment, _digest(text))

    async def _text(self, origin: Origin) -> str:
        """Return what the sticky comment is to show: the newest run of its place."""
        newest, *_ = await self.store.latest(origin.repository, origin.number)
        return sticky(await self._known(newest))

    async def _known(self, run: Run) -> Told:
        history = await self.store.history(run.id)
        worked = await self.store.stickies.worked(run.id)
        pull = history.sealed.pull if history.sealed else None
        spending = await self.store.completions.by_author(run.id)
        return Told(run, history, worked, pull, await self._link(run), spending=spending)

    async def _link(self, run: Run) -> str:
        """Return where the last workflow run that judged for this run is seen; empty where none has."""
        known = await self.store.examinations.of_run(run.id)
        number = next((each.workflow_run for each in known if each.workflow_run is not None), None)
        origin = run.instruction.origin
        if number is None or origin is None:
            return ""
        return actions.page(await self.github.repository(origin.installation, run.instruction.repo), number)

    async def _write(self, repository: Repository, origin: Origin, turn: Turn, text: str) -> int:
        """Edit the sticky comment, found again where its id was lost or it was deleted; return its id."""
        if turn.comment is not None:
            try:
                await comments.edit(repository, turn.comment, text)
            except NotFound:
                _log.info("the sticky comment is gone; writing another", number=origin.number)
            else:
                return turn.comment
        found = await comments.find(repository, origin.number, STICKY)
        if found is None:
            return await comments.create(repository, origin.number, text)
        await comments.edit(repository, found, text)
        return found

    @asynccontextmanager
    async def _turn(self, origin: Origin) -> AsyncIterator[Turn]:
        """Wait for the turn at a place's comments; raises Retryable where it does not come."""
        turn = await self._take(origin)
        try:
            async with asyncio.timeout(LEASE.total_seconds() - 10):
                yield turn
        except TimeoutError as error:
            raise Retryable("GitHub took too long over a comment") from error
        finally:
            await self.store.stickies.leave(turn)

    async def _take(self, origin: Origin) -> Turn:
        try:
            async with asyncio.timeout(_PATIENCE):
                while True:
                    found = await self.store.stickies.take(origin.repository, origin.number, self.pause, LEASE)
                    if isinstance(found, Turn):
                        return found
                    await asyncio.sleep(min(found.total_seconds(), _LOOK_AGAIN))
        except TimeoutError as error:
            raise Retryable(f"another process is at the comment of #{origin.number}") from error

    async def _say(self, repository: Repository, origin: Origin, known: Told) -> None:
        """Write the one comment of a run's end, or of what it needs a person for, and react to who asked."""
        run, what = known.run, occasion(known)
        if what is None or await self.store.stickies.said(run.id, what):
            return
        if what == QUESTION:
            known = replace(known, buttons=await self._offer_buttons(repository, known))
        comment = await say_once(repository, origin.number, f"pawl:told:{run.id}:{what.replace(' ', ':')}", ended(known))
        if what == QUESTION:
            await self._offer_reactions(repository, comment, known)
        if run.state in FINAL or what == JUDGED:
            await self._react(repository, origin, outcome(known))
        await self.store.stickies.say(run.id, what, comment)

    async def _offer_buttons(self, repository: Repository, known: Told) -> str:
        """Put the question on the spec's commit, and return where its buttons are; '' where there is no such commit."""
        asked = known.history.changed.question if known.history.changed else None
        commit = known.history.spec.commit if known.history.spec else None
        if asked is None or commit is None:
            return ""
        try:
            return await buttons.show(repository, known.run.id, commit, asked)
        except UserError as error:  # words and reactions are left
            _log.info("a question has no buttons", run=known.run.id, why=str(error))
            return ""

    async def _offer_reactions(self, repository: Repository, comment: int, known: Told) -> None:
        """React with every reading's own reaction, so that people need only click."""
        asked = known.history.changed.question if known.history.changed else None
        for reading in asked.readings if asked else ():
            if reading.label in REACTIONS:
                await comments.react(repository, comment, REACTIONS[reading.label])

    async def _react(self, repository: Repository, origin: Origin, reaction: Reaction) -> None:
        """React to the comment that asked, or to the issue itself; one that is gone needs no reaction."""
        try:
            if origin.comment is not None:
                await comments.react(repository, origin.comment, reaction)
            else:
                await comments.react_issue(repository, origin.number, reaction)
        except NotFound:
            _log.info("what was reacted to is gone", number=origin.number)


def occasion(told: Told) -> str | None:
    """Return what there is to say in a comment of its own, as a key that comes once; None where there is nothing."""
    run, history = told.run, told.history
    if run.state is State.REFUSED and history.changed is not None and history.changed.question is not None:
        return QUESTION
    if _is_judged(told):
        return JUDGED
    if run.state in FINAL:
        return run.state.value
    if run.state is State.AWAITING_APPROVAL and not run.reason.startswith(_NOTHING_MISSING):
        head = history.checked.change.head if history.checked else ""
        return f"awaiting {head[:12]}"
    return None


def outcome(told: Told) -> Reaction:
    """Return the reaction to who asked for a run that has ended."""
    planned = told.run.instruction.plan_only and told.history.plan is not None
    return Reaction.DONE if planned or _is_judged(told) or told.run.state is State.DONE else Reaction.REFUSED


def _is_judged(told: Told) -> bool:
    """Whether a verdict was asked for and is green: what becomes of the pull request after that is no news of the run's."""
    return told.run.instruction.head is not None and told.pull is not None and told.run.state not in WORKED


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
