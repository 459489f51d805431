"""The ballot on GitHub: how a proposal stands, read from GitHub and the store; arming, disarming, merging as the stages say."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bot import gates, logs
from bot.change import codeowners
from bot.config import PLACES, Config
from bot.decision import owners, roster
from bot.decision.obstacles import Seen, needs_others, obstacles
from bot.decision.safety import problems, rests_on_trust
from bot.errors import InputError, Refused
from bot.gate import Gate, demanded
from bot.github import accounts, authors, checks, contents, merge_queue, permissions, protection, pulls, review_threads, statuses
from bot.github.errors import Forbidden, NotFound, Unprocessable
from bot.github.permissions import Level
from bot.github.protection import Protection
from bot.github.pulls import AutoMergeOff, CleanStatus, Pull, Review
from bot.github.repository import Repository, RepositoryFacts
from bot.github.review_threads import NONE_OPEN
from bot.github.statuses import SeenStatus
from bot.history import History
from bot.ids import Login, PullNumber, RunId
from bot.ledger.entry import Fact
from bot.policy.engine import OWN
from bot.policy.standing import Access, Hold, Obstacle, Owned, Person, Said, Stand, Standing, Voter
from bot.registry import plugins
from bot.run import Run, State
from bot.stage import Look

if TYPE_CHECKING:
    from bot.store.store import Store

HOLD_LABEL: Final = "pawl:hold"
_STANDS: Final = {"APPROVED": Stand.APPROVED, "CHANGES_REQUESTED": Stand.VETOED, "DISMISSED": Stand.WITHDRAWN}
_METHODS: Final = ("merge", "rebase", "squash")
"""Kept apart, the spec's commit shows that it came first: the ways that keep commits come first."""
ARMED: Final = "merge.armed"
QUEUED: Final = "merge.queued"
VOUCHED: Final = "merge.vouched"
DISARMED: Final = "merge.disarmed"
MOST_ARMED: Final = 5
"""Times that one head is armed though GitHub, not Pawl, has undone it each time."""

_log = logs.get(__name__)


@dataclass(frozen=True)
class GitHubBallot:
    """One repository's proposals; ``config`` returns the configuration on its default branch."""

    repository: Repository
    store: Store
    config: Callable[[Repository], Awaitable[Config]]
    with_roster: bool = False
    """Whether to find out who holds which role; only people who ask want to know."""

    async def look(self, run: Run, history: History) -> Look:
        """Return how the run's proposal stands."""
        number = history.sealed.pull if history.sealed else None
        if number is None:
            raise InputError(f"run {run.id} has proposed nothing: ask again for a new run")
        facts, pull, config = await asyncio.gather(
            self.repository.facts(), pulls.get(self.repository, number), self.config(self.repository)
        )
        paths = _touched(history)
        standing = await self._standing(run, pull, facts, config, paths)
        if self.with_roster and pull.open:
            standing = replace(standing, waits=await self._waits(pull, standing))
        policies = await own_policies(self.repository, pull.base_branch)
        gates_now = tuple(each.name for each in demanded(plugins(gates, Gate), config))
        return Look(standing, config, policies, gates_now, await self._successor(run, facts.id, number))

    async def _waits(self, pull: Pull, standing: Standing) -> tuple[Obstacle, ...]:
        """Return what GitHub itself waits for."""
        guarded = await protection.of(self.repository, pull.base_branch)
        reviews = [_said(each) for each in await pulls.reviews(self.repository, pull.number)]
        asked_for = guarded is not None and guarded.conversations
        seen = Seen(
            checks=await checks.runs(self.repository, pull.head),
            statuses=await self._statuses(pull) if guarded is not None and needs_others(guarded) else (),
            reviews=tuple(each for each in reviews if each is not None),
            conversations=await review_threads.unresolved(self.repository, pull.number) if asked_for else NONE_OPEN,
        )
        return obstacles(pull, guarded, seen, standing)

    async def _statuses(self, pull: Pull) -> tuple[SeenStatus, ...] | None:
        """Return the commit statuses on the head; None where nobody has let the App read them yet."""
        try:
            return await statuses.of_commit(self.repository, pull.head)
        except Forbidden:
            return None

    async def _successor(self, run: Run, repository: int, number: PullNumber) -> RunId | None:
        """Return the newest run that judges the pull request, where both only judge it as it stands and it is another one."""
        if not judges(run):
            return None
        newest = next((each for each in await self.store.latest(repository, number) if judges(each)), run)
        return None if newest.id <= run.id else newest.id

    async def _standing(self, run: Run, pull: Pull, facts: RepositoryFacts, config: Config, paths: tuple[str, ...]) -> Standing:
        me = await self.repository.app.me()
        said = await self._said(facts.id, pull.number)
        owned = await owned_paths(self.repository, pull.base_branch, paths)
        teams = await self._teams(config, owned, facts) if said else {}
        work = await authors.of(self.repository, pull, await self.store.moves.of(facts.id, pull.number))
        guarded = await protection.of(self.repository, pull.base_branch)
        lost = await self.store.distrust.lost(facts.id, await digest_of_configuration(self.repository))
        return Standing(
            pull=pull.number,
            head=pull.head,
            base_branch=pull.base_branch,
            proven_branch=facts.default_branch,
            open=pull.open,
            merged=pull.merged,
            draft=pull.draft,
            armed=pull.auto_merge or (_queues(guarded) and pull.open and await merge_queue.in_line(self.repository, pull)),
            merge_commit=pull.merge_commit if pull.merged else None,
            requester=_requester(run, pull),
            authors=tuple(Person(account, login) for account, login in work.accounts),
            strangers=work.strangers,
            said=said,
            voters={each.id: await self._voter(each, teams) for each in {word.person.id: word.person for word in said}.values()},
            owned=owned,
            roster=await roster.of(self.repository, facts, config, owned) if self.with_roster else {},
            holds=await self._holds(facts.id, run, pull),
            brake=await self.store.brakes.why(run) or "",
            unsafe=problems(guarded, pull.base_branch, me.id, accepted=config.merge.accept_rulesets),
            unknown=work.unknown,
            most_trust=lost.level if lost else 4,
            method=_method(config, facts),
        )

    async def _said(self, repository: int, number: PullNumber) -> tuple[Said, ...]:
        reviews = [_said(each) for each in await pulls.reviews(self.repository, number)]
        commanded = [await self._as_now_called(each) for each in await self.store.approvals.of(repository, number)]
        return tuple(each for each in (*reviews, *commanded) if each is not None)

    async def _as_now_called(self, said: Said) -> Said | None:
        """Return a word under its author's present login: names change hands. None where the account is gone."""
        now = await accounts.account(self.repository, said.person.id)
        return None if now is None else Said(Person(now.id, now.login, now.bot), said.stand, said.head, said.at)

    async def voter(self, person: Person, look: Look) -> Voter:
        """Return somebody with what he may do now and the teams that matter to this proposal."""
        teams = await self._teams(look.config, look.standing.owned, await self.repository.facts())
        return await self._voter(person, teams)

    async def _voter(self, person: Person, teams: Mapping[str, frozenset[int]]) -> Voter:
        level = await permissions.level(self.repository, person.login, person.id)
        return Voter(person, access(level), frozenset(name for name, members in teams.items() if person.id in members))

    async def _teams(self, config: Config, owned: tuple[Owned, ...], facts: RepositoryFacts) -> dict[str, frozenset[int]]:
        """Return the members of every team that matters; a team that cannot be seen has none."""
        found: dict[str, frozenset[int]] = {}
        for name in sorted(roster.teams(config, owned)) if facts.organization else ():
            org, _, slug = name.partition("/")
            try:
                found[name] = await permissions.team_members(self.repository, org, slug)
            except (NotFound, Refused) as error:
                _log.warning("a team cannot be seen, so nobody is in it", team=name, why=str(error))
                found[name] = frozenset()
        return found

    async def _holds(self, repository: int, run: Run, pull: Pull) -> tuple[Hold, ...]:
        origin = run.instruction.origin
        numbers = (pull.number, origin.number) if origin else (pull.number,)
        labelled = (Hold(f"the label {HOLD_LABEL}"),) if HOLD_LABEL in pull.labels else ()
        return labelled + await self.store.holds.of(repository, numbers)

    async def arm(self, run: Run, standing: Standing) -> str:
        """Have GitHub merge exactly this head: through the queue where the branch has one, by auto-merge, or at once."""
        pull = await pulls.get(self.repository, standing.pull)
        if pull.merged and pull.head == standing.head:
            return f"#{standing.pull} is merged at {standing.head[:12]}"
        await self._require_patience(run, standing)
        guarded = await protection.of(self.repository, pull.base_branch)
        if rests_on_trust(guarded, pull.base_branch, self.repository.app.id):
            await self._note(run, VOUCHED, "the configuration vouches for rulesets whose exceptions are not shown", standing)
        await self._require_no_brake(run)
        if _queues(guarded):
            return await self._into_line(run, pull, standing)
        try:
            await pulls.arm(self.repository, pull, standing.head, standing.method)
        except CleanStatus:
            commit = await pulls.merge(self.repository, standing.pull, standing.head, standing.method)
            await self._note(run, "merge.done", "nothing was left to wait for", standing, commit=commit)
            return f"#{standing.pull} is merged at {standing.head[:12]}: nothing was left to wait for"
        return await self._armed(run, standing)

    async def _into_line(self, run: Run, pull: Pull, standing: Standing) -> str:
        """Put the proposal in the merge queue; where GitHub still waits for something, auto-merge puts it there later."""
        try:
            await merge_queue.enqueue(self.repository, pull, standing.head)
        except Unprocessable as not_yet:
            try:
                await pulls.arm(self.repository, pull, standing.head, standing.method)
            except (CleanStatus, AutoMergeOff):
                raise not_yet from None
            return await self._armed(run, standing)
        await self._note(run, QUEUED, "proven, approved and guarded", standing)
        return f"#{standing.pull} is in the merge queue at {standing.head[:12]}"

    async def _armed(self, run: Run, standing: Standing) -> str:
        await self._note(run, ARMED, "proven, approved and guarded", standing)
        return f"GitHub merges #{standing.pull} at {standing.head[:12]} as soon as its rules are met"

    async def _require_no_brake(self, run: Run) -> None:
        """Raise Refused where everything was stopped since the look: what follows has GitHub merge."""
        why = await self.store.brakes.why(run)
        if why:
            raise Refused(why)

    async def _require_patience(self, run: Run, standing: Standing) -> None:
        """Raise Refused where GitHub has undone the arming of this head again and again: another time would end alike."""
        noted = [each for each in await self.store.ledger(run.id) if each["after"].get("head") == standing.head]
        undone = sum((each["action"] in {ARMED, QUEUED}) - (each["action"] == DISARMED) for each in noted)
        if undone >= MOST_ARMED:
            raise Refused(
                f"GitHub took #{standing.pull} back {undone} times at {standing.head[:12]}: see why on its page, then push or"
                " merge by hand"
            )

    async def disarm(self, run: Run, standing: Standing, why: str) -> None:
        """Take auto-merge back, and the place in the merge queue."""
        pull = await pulls.get(self.repository, standing.pull)
        if await merge_queue.take_back(self.repository, pull):
            await self._note(run, DISARMED, why, standing)

    async def vetoed(self, run: Run, standing: Standing, by: str) -> None:
        """Take one level of trust off, once for each proposal."""
        await self._lose_trust(run, f"veto of #{standing.pull}", f"{by} vetoed #{standing.pull}")

    async def merged(self, run: Run, standing: Standing) -> None:
        """Write down that the run that this one reverts is rolled back, and that trust fell by it."""
        undone = run.instruction.reverts
        if undone is None:
            return
        old = await self.store.get(undone.run)
        if old.state is State.DONE:
            await self.store.move(undone.run, State.ROLLED_BACK, f"reverted by #{standing.pull}", run.instruction.requester)
        await self._lose_trust(run, f"rollback of {undone.run}", f"run {undone.run} was rolled back by #{standing.pull}")

    async def _lose_trust(self, run: Run, cause: str, why: str) -> None:
        facts, config = await self.repository.facts(), await self.config(self.repository)
        digest = await digest_of_configuration(self.repository)
        await self.store.distrust.lose(facts.id, digest, config.trust, cause, why, run.id)

    async def _note(self, run: Run, action: str, why: str, standing: Standing, **more: str) -> None:
        after = {"pull": standing.pull, "head": standing.head, "method": standing.method, **more}
        await self.store.note(Fact("pawl", action, why, run.id, {}, after))


def judges(run: Run) -> bool:
    """Whether a run only judges a pull request as it stands."""
    return run.instruction.head is not None and run.instruction.queued is None and run.instruction.inquiry is None


def _requester(run: Run, pull: Pull) -> Person | None:
    """Return whose wish the change is: of one that is only judged its author's, whoever asked for the verdict."""
    if run.instruction.head is not None:
        return Person(pull.user_id, pull.user_login)
    origin = run.instruction.origin
    return Person(origin.requester, Login(run.instruction.requester)) if origin else None


def access(level: Level) -> Access:
    """Return a permission as far as it matters to approvals."""
    ladder = ((Level.ADMIN, Access.ADMIN), (Level.MAINTAIN, Access.MAINTAIN), (Level.WRITE, Access.WRITE))
    return next((each for least, each in ladder if level >= least), Access.NONE)


async def owned_paths(repo: Repository, branch: str, paths: Iterable[str]) -> tuple[Owned, ...]:
    """Return those of the paths that CODEOWNERS on a branch names owners for."""
    for place in codeowners.PLACES:
        text = await contents.text(repo, place, branch)
        if text is not None:
            found = codeowners.parse(text)
            return await owners.named(repo, (Owned(path, names) for path in paths if (names := found.owners(path))))
    return ()


async def own_policies(repo: Repository, branch: str) -> dict[str, str]:
    """Return the repository's own policies on a branch; one that cannot be read has a text that denies."""
    found: dict[str, str] = {}
    for name in await contents.names(repo, OWN, branch):
        if name.endswith(".rego") and not name.endswith("_test.rego"):
            try:
                found[f"{OWN}/{name}"] = await contents.text(repo, f"{OWN}/{name}", branch) or ""
            except InputError:
                found[f"{OWN}/{name}"] = ""
    return found


async def digest_of_configuration(repo: Repository) -> str:
    """Return a digest that changes with the configuration file on the default branch, and with nothing else."""
    for place in PLACES:
        text = await contents.text(repo, place)
        if text is not None:
            return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    return "none"


def _touched(history: History) -> tuple[str, ...]:
    files = history.checked.change.files if history.checked else ()
    return tuple(dict.fromkeys(path for each in files for path in (each.path, each.old_path) if path))


def _said(review: Review) -> Said | None:
    """Return a review as a word; None for one that takes no side, or by an account that is gone."""
    stand = _STANDS.get(review.state)
    if stand is None or review.commit is None or not review.user_id:
        return None
    at = review.submitted or datetime.min.replace(tzinfo=UTC)
    return Said(Person(review.user_id, review.user_login, review.bot), stand, review.commit, at)


def _queues(guarded: Protection | None) -> bool:
    return guarded is not None and guarded.merge_queue


def _method(config: Config, facts: RepositoryFacts) -> str:
    if config.merge.method != "auto":
        return config.merge.method
    return next((each for each in _METHODS if each in facts.merge_methods), "merge")
