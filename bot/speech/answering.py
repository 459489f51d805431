"""Answers to distinguishing questions, by word or by reaction: each becomes a run of its own with one more locked test."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import logs
from bot.desk import Actor, Place
from bot.engine import Question
from bot.errors import InputError, Refused, UserError
from bot.github import comments, permissions
from bot.github.permissions import Level
from bot.ids import DeliveryId, RunId
from bot.run import Origin, Run, State
from bot.speech.telling import REACTIONS
from bot.speech.wish import ready

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.store.stickies import Asked

LEAST: Final = Level.WRITE
"""Who may answer: what is answered becomes a test that the change is judged by."""
OPEN_FOR: Final = timedelta(days=14)
"""How long reactions to a question are looked at."""
_LABEL: Final = re.compile(r"(?:reading\s+)?([A-Za-z])[.!]?", re.ASCII)

_log = logs.get(__name__)


def delivery_of(run: RunId) -> DeliveryId:
    """Return what stands for the answer to a run's question where a delivery stands elsewhere: it is given once."""
    return DeliveryId(f"answer {run}")


async def open_question(place: Place, desk: Desk) -> tuple[Run, Question]:
    """Return the newest run under an issue and what it asks; raises Refused where it asks nothing."""
    runs = await desk.store.latest(place.repository, place.number)
    run = next(iter(runs), None)
    if run is not None and run.state is State.REFUSED:
        changed = (await desk.store.history(run.id)).changed
        if changed is not None and changed.question is not None:
            return run, changed.question
    raise Refused(
        "no question is open here: an answer belongs under the issue in which Pawl asked, while nothing newer runs there"
    )


async def given_before(place: Place, comment: int | None, desk: Desk) -> Run | None:
    """Return the run that this very comment went on with when it was heard before."""
    newest = next(iter(await desk.store.latest(place.repository, place.number)), None)
    origin = newest.instruction.origin if newest else None
    return newest if origin and comment is not None and origin.comment == comment else None


def assertion(asked: Question, said: str) -> str:
    """Return the test that an answer amounts to: ``f([3, 1]) == 1``.

    Raises:
        InputError: it names no reading and is no assertion.
    """
    words = " ".join(said.split()).strip("`").strip()
    label = _LABEL.fullmatch(words)
    if label:
        reading = next((each for each in asked.readings if each.label == label[1].upper()), None)
        if reading is None:
            known = ", ".join(each.label for each in asked.readings)
            raise InputError(f"there is no reading {label[1].upper()}: there are {known}")
        words = f"{asked.call} {reading.gives}" if reading.gives.startswith("raises ") else f"{asked.call} == {reading.gives}"
    if not _is_assertion(words):
        raise InputError(
            f"`{words[:100]}` is no answer: name a reading such as A, or write an assertion such as `{asked.call} == …`"
        )
    return words


def _is_assertion(text: str) -> bool:
    call, raises, error = text.partition(" raises ")
    try:
        node = ast.parse(call.strip().removeprefix("assert "), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    if raises:
        return isinstance(node, ast.Call) and re.match(r"[A-Za-z_][\w.]*", error) is not None
    return isinstance(node, ast.Compare | ast.Call | ast.BoolOp | ast.UnaryOp)


async def give(run: Run, answer: str, who: Actor, comment: int | None, desk: Desk) -> Run:
    """Leave the run that goes on with an answer. A question is answered once: the same call again returns the same run."""
    wish = run.instruction
    if wish.origin is None:
        raise Refused(f"run {run.id} was asked for on a laptop: answer it there by `pawl run --resume {run.id} --answer …`")
    place = Place(wish.origin.installation, wish.repo, wish.origin.repository, wish.origin.number, wish.origin.pull)
    await ready(place, desk)
    origin = replace(wish.origin, requester=who.id, comment=comment)
    following = replace(wish, answers=(*wish.answers, answer), requester=who.login, origin=origin)
    return await desk.store.create_once(following, delivery_of(run.id))


async def gather(desk: Desk) -> int:
    """Look at the reactions to all open questions and go on with those that were answered; return how many were.

    GitHub tells nobody of reactions, so a schedule calls this.
    """
    found = 0
    for asked in await desk.store.stickies.questions(OPEN_FOR):
        try:
            found += await _answered(asked, desk)
        except UserError as error:
            _log.info("a question cannot be looked at", run=asked.run, why=str(error))
    return found


async def _answered(asked: Asked, desk: Desk) -> bool:
    run = await desk.store.get(asked.run)
    changed = (await desk.store.history(run.id)).changed
    origin = run.instruction.origin
    if changed is None or changed.question is None or origin is None:
        return False
    voted = await _vote(asked.comment, changed.question, run, origin, desk)
    if voted is None:
        return False
    label, who = voted
    made = await give(run, assertion(changed.question, label), who, None, desk)
    _log.info("a question was answered by reaction", run=run.id, reading=label, actor=who.login, following=made.id)
    return True


async def _vote(comment: int, asked: Question, run: Run, origin: Origin, desk: Desk) -> tuple[str, Actor] | None:
    """Return the reading that people chose, and who was the first; None where nobody who may did, or they differ."""
    repository = await desk.repository(origin.installation, run.instruction.repo)
    labels = {REACTIONS[each.label]: each.label for each in asked.readings if each.label in REACTIONS}
    chosen: list[tuple[str, Actor]] = []
    for each in await comments.reactions(repository, comment):
        who, label = each.user, labels.get(each.content)
        if label and who and not who.bot and await permissions.level(repository, who.login, who.id) >= LEAST:
            chosen.append((label, Actor(who.login, who.id, who.bot)))
    return chosen[0] if len({label for label, _ in chosen}) == 1 else None
