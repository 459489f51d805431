"""From words under an issue or pull request to a run in the store, whoever brings them: a command, a label, a button."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bot.command import begun
from bot.config import PLACES
from bot.errors import InputError, Refused
from bot.github import git, pulls
from bot.ids import NodeId, Sha
from bot.installation import onboarding
from bot.llm.asking import NOBODY
from bot.plan.intent import clean
from bot.run import FINAL, WORKED, EngineChoice, Inquiry, Instruction, Origin, Run, Verb
from bot.spoken import Spoken
from bot.store.onboardings import Welcome

if TYPE_CHECKING:
    from bot.command import Answer, Call, Obey
    from bot.desk import Actor, Desk, Place
    from bot.github.repository import Repository
    from bot.ids import DeliveryId

MOST_TESTS: Final = 20
"""Most tests that one command may name."""
_POINTS_ABOVE: Final = re.compile(
    r"(?:please\s+)?(?:(?:this|that|it|the|above|issue|bug|problem|one|as described|please)[\s.!,]*)*", re.IGNORECASE
)


@dataclass(frozen=True)
class Asked:
    """Who asks, where, and by what: all that a run's origin is made of."""

    actor: Actor
    place: Place
    delivery: DeliveryId
    ordinal: int = 0
    comment: int | None = None
    door: str = "github"

    @property
    def origin(self) -> Origin:
        """The origin of runs that this asks for."""
        place = self.place
        return Origin(place.installation, place.repository, place.number, self.actor.id, self.comment, place.pull)


def asked(call: Call) -> Asked:
    """Return who asks by a command."""
    return Asked(call.actor, call.place, call.delivery, call.spoken.ordinal, call.comment)


@dataclass(frozen=True)
class Wording:
    """What was said of a change: the words, and the options among them."""

    text: str
    engine: EngineChoice = EngineChoice.AUTO
    tests: tuple[NodeId, ...] = ()


def wording(spoken: Spoken, title: str, body: str) -> Wording:
    """Return what a command says, without its options; one that only points at the issue means its title and body.

    Raises:
        InputError: nothing was said anywhere, an engine that does not exist, or too many tests.
    """
    line, engine, tests = [], EngineChoice.AUTO, []
    for word in re.findall(r"\s+|\S+", spoken.line):
        key, _, value = word.partition("=")
        if key == "engine" and value:
            engine = _engine(value)
        elif key == "test" and value:
            tests.append(NodeId(value))
        else:
            line.append(word)
    if len(tests) > MOST_TESTS:
        raise InputError(f"{len(tests)} tests are named and at most {MOST_TESTS} are read: name the most telling ones")
    said = f"{''.join(line).strip()}\n{spoken.below}".strip()
    text = f"{title}\n\n{body}" if _POINTS_ABOVE.fullmatch(said) else said
    clean(text)
    return Wording(text.strip(), engine, tuple(tests))


def _engine(name: str) -> EngineChoice:
    try:
        return EngineChoice(name)
    except ValueError:
        raise InputError(f"there is no engine {name!r}: use one of {', '.join(EngineChoice)}") from None


async def ready(place: Place, desk: Desk) -> Repository:
    """Return the repository, where work may begin in it.

    Raises:
        Refused: an emergency stop holds, or the repository's people have not taken Pawl on.
    """
    brakes = await desk.store.brakes.pulled(place.installation, place.repository)
    if brakes:
        raise Refused(brakes[0].sentence)
    repository = await desk.repository(place.installation, place.repo)
    known = await desk.store.onboardings.of(place.repository)
    if known is None or known.state is not Welcome.ACCEPTED:
        known = await onboarding.welcome(repository, desk.store, desk.settings)
    if known.state is not Welcome.ACCEPTED:
        where = f"#{known.pull}" if known.pull else "the pull request that brings its configuration"
        raise Refused(f"Pawl does nothing here before {where} is merged: merge it, or add `{PLACES[0]}` yourself")
    return repository


async def change(verb: Verb, said: Wording, who: Asked, desk: Desk, *, plan_only: bool = False) -> Run:
    """Leave a run that changes code as an issue asks for, from the head of the default branch on.

    Raises:
        Refused: it was asked for on a pull request, the repository is archived or empty, or a cap is reached.
        InputError: the words cannot be used.
    """
    if who.place.pull:
        raise Refused(
            f"`{verb}` changes code from an issue, and this is a pull request: open an issue for it,"
            " or judge this change with `/pawl verify`"
        )
    repository = await ready(who.place, desk)
    wish = Instruction(
        verb=verb,
        text=said.text,
        repo=who.place.repo,
        base=await default_head(repository),
        engine=said.engine,
        tests=said.tests,
        requester=who.actor.login,
        door="github",
        origin=who.origin,
        plan_only=plan_only,
    )
    return await desk.store.create_once(wish, who.delivery, who.ordinal)


def changing(verb: Verb) -> Obey:
    """Return what a command does that leaves a run of this verb; the run answers for itself when it ends or needs somebody."""

    async def obey(call: Call, desk: Desk) -> Answer:
        run = await change(verb, wording(call.spoken, call.title, call.body), asked(call), desk)
        return begun(run.id)

    return obey


async def again(wish: Instruction, who: Asked, desk: Desk) -> Run:
    """Leave a run of an earlier instruction, asked for anew, under the issue where it was asked for first.

    Raises:
        Refused: nothing may begin, or a cap is reached.
    """
    await ready(who.place, desk)
    here = who.origin
    origin = replace(wish.origin, requester=here.requester, comment=here.comment) if wish.origin else here
    following = replace(wish, requester=who.actor.login, origin=origin)
    return await desk.store.create_once(following, who.delivery, who.ordinal)


async def judgement(text: str, who: Asked, desk: Desk) -> Run:
    """Leave a run that only judges a pull request as it stands; ``text`` is what the change is said to be for, or empty.

    Raises:
        Refused: it is an issue, or the pull request is not open, or a cap is reached.
    """
    if not who.place.pull:
        raise Refused("`verify` judges a pull request, and this is an issue: say it under the pull request")
    repository = await ready(who.place, desk)
    pull = await pulls.get(repository, who.place.number)
    if pull.state != "open":
        raise Refused("this pull request is closed: reopen it to have it judged")
    own = await _own(who.place, desk)
    if own is not None:
        raise Refused(f"run `{own.id}` made this change, proves it and watches over it: `/pawl why` says what is missing")
    wish = Instruction(
        verb=Verb.FIX,
        text=clean(text) if text.strip() else "",
        repo=who.place.repo,
        base=await fork_point(repository, pull.base_branch, pull.head),
        requester=who.actor.login,
        door=who.door,
        origin=who.origin,
        head=pull.head,
        into=pull.base_branch,
    )
    run = await desk.store.create_once(wish, who.delivery, who.ordinal)
    await _supersede(run, who.place, desk)
    return run


async def _supersede(run: Run, place: Place, desk: Desk) -> None:
    """End earlier verdicts on a pull request: what is at work on another head at once, what waits when it looks for itself."""
    for each in await desk.store.latest(place.repository, place.number):
        wish = each.instruction
        if each.state in WORKED and wish.head not in {None, run.instruction.head} and wish.queued is None:
            await desk.store.cancel(each.id, f"run {run.id} judges the head that stands there by now", "pawl")
    await desk.store.wake_all(place.repository, place.number)


async def _own(place: Place, desk: Desk) -> Run | None:
    """Return the run that made a pull request and has not ended."""
    for each in await desk.store.latest(place.repository, place.number):
        if each.instruction.head is None and each.state not in FINAL and await desk.store.pull_of_run(each.id) == place.number:
            return each
    return None


async def question(inquiry: Inquiry, text: str, who: Asked, desk: Desk) -> Run:
    """Leave a run that answers a question about the code: of the default branch, or of a pull request as it stands.

    Raises:
        Refused: no model is configured, nothing may begin, or a cap is reached.
        InputError: the words cannot be used.
    """
    if not desk.settings.endpoints:
        raise Refused(NOBODY)
    said = clean(text) if text.strip() or inquiry is not Inquiry.DEBUG else ""
    repository = await ready(who.place, desk)
    head = None
    if who.place.pull:
        pull = await pulls.get(repository, who.place.number)
        base, head = await fork_point(repository, pull.base_branch, pull.head), pull.head
    else:
        base = await default_head(repository)
    wish = Instruction(
        verb=Verb.FIX,
        text=said,
        repo=who.place.repo,
        base=base,
        requester=who.actor.login,
        door="github",
        origin=who.origin,
        head=head,
        inquiry=inquiry,
    )
    return await desk.store.create_once(wish, who.delivery, who.ordinal)


async def default_head(repository: Repository) -> Sha:
    """Return the head of the default branch; raises Refused where nothing can be proposed on top of it."""
    facts = await repository.facts()
    if facts.archived:
        raise Refused("this repository is archived, so nothing can be proposed: unarchive it first")
    found = await git.ref(repository, facts.default_branch)
    if found is None:
        raise Refused("this repository has no commit yet: push one first")
    return found


async def fork_point(repository: Repository, branch: str, head: Sha) -> Sha:
    """Return the commit from which a change left a branch: what came to the branch since is none of the change."""
    base = await git.ref(repository, branch)
    if base is None:
        raise Refused("the branch that this pull request is for is gone: choose another base for it")
    return await git.fork_point(repository, base, head)
