"""What is judged without anybody asking: pull requests as they are opened and pushed to, as far as the configuration wants that.

The check ``pawl`` is required, so whoever proposes something must get it without a word: people and bots alike, but never Pawl
itself. Branches of the repository are pushed by those who may write to it; of forks only those are judged whose authors may
themselves say ``/pawl verify``, so that no stranger spends the repository's runners. The check says why something is not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.board import declare
from bot.desk import Actor
from bot.errors import Refused, UserError
from bot.github import permissions, pulls
from bot.github.permissions import Level
from bot.installation import onboarding
from bot.run import FINAL, UNASKED
from bot.speech.wish import Asked, judgement
from bot.store.onboardings import Welcome

if TYPE_CHECKING:
    from bot.desk import Delivery, Desk, Place
    from bot.github.pulls import Pull
    from bot.github.repository import Repository
    from bot.run import Run

LABEL: Final = "pawl:verify"
"""On a pull request: judge it."""


async def judge(where: Place, delivery: Delivery, desk: Desk) -> None:
    """Leave a run that judges a pull request, where that is wanted and its head is not judged yet.

    Raises:
        Retryable: GitHub or the store went away; call again.
    """
    known = await desk.store.onboardings.of(where.repository)
    if known is None:  # the news of the installation may still be under way
        repository = await desk.repository(where.installation, where.repo)
        known = await onboarding.welcome(repository, desk.store, desk.settings)
    if known.state is not Welcome.ACCEPTED:
        return
    repository = await desk.repository(where.installation, where.repo)
    pull = await pulls.get(repository, where.number)
    runs = [each for each in await desk.store.latest(where.repository, where.number) if each.instruction.head is not None]
    if not await _concerns(repository, pull, desk) or any(_watches(each, pull) for each in runs):
        return
    try:
        if not await _is_wanted(repository, pull, desk) and not (runs and delivery.action == "edited"):
            return
        await _require_at_home(repository, pull)
        await judgement("", Asked(Actor(pull.user_login, pull.user_id, bot=False), where, delivery.id, door=UNASKED), desk)
    except UserError as error:
        await declare(repository, pull.head, "action_required", str(error))


async def _concerns(repository: Repository, pull: Pull, desk: Desk) -> bool:
    """Whether a pull request is somebody else's, and could be merged into the default branch."""
    facts, me = await repository.facts(), await desk.github.me()
    return pull.open and not pull.draft and pull.base_branch == facts.default_branch and pull.user_id != me.bot_id


def _watches(run: Run, pull: Pull) -> bool:
    """Whether a run judges, or has judged and watches over, this very head for this branch."""
    wish = run.instruction
    return run.state not in FINAL and wish.queued is None and (wish.head, wish.into) == (pull.head, pull.base_branch)


async def _is_wanted(repository: Repository, pull: Pull, desk: Desk) -> bool:
    wanted = (await desk.config(repository)).verify
    return wanted == "all" or (wanted == "label" and LABEL in pull.labels)


async def _require_at_home(repository: Repository, pull: Pull) -> None:
    """Raise Refused for a fork by somebody who may not ask for a verdict."""
    if pull.head_repo == repository.name:
        return
    if await permissions.level(repository, pull.user_login, pull.user_id) < Level.TRIAGE:
        raise Refused("this comes from a fork: somebody with triage permission says `/pawl verify` once he has looked at it")
