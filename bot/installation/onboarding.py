"""Onboarding: one pull request brings the configuration; nothing acts before it is merged, closing it opts out.

Pawl may not write workflows (it does without that permission on purpose), so the pull request carries the workflow's text and
asks an administrator to paste it into its branch, on a page that a link opens. No link could carry the text: it is too long for
one, the longer the repository's name. Merging the pull request then brings both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from bot.change.change import Edit
from bot.config import PLACES
from bot.evidence.markdown import fence
from bot.examination.workflow import FILE, PLACE, machines, workflow
from bot.github import comments, contents, git, pulls
from bot.installation import starter
from bot.store.onboardings import Onboarding, Welcome

if TYPE_CHECKING:
    from bot.github.repository import Repository, RepositoryFacts
    from bot.ids import PullNumber, Sha
    from bot.settings import Settings
    from bot.store.store import Store

BRANCH: Final = "pawl/onboarding"
TITLE: Final = "[Pawl] Proven pull requests for this repository"
MARKER: Final = "<!-- pawl:workflow -->"


async def welcome(repository: Repository, store: Store, found: Settings) -> Onboarding:
    """Bring the onboarding up to date with what people did, and propose it where nobody was asked yet.

    It may be called at any time, any number of times.
    """
    facts = await repository.facts()
    known = await store.onboardings.of(facts.id)
    if await _has_configuration(repository):
        await _accepted(repository, store, found, facts, known)
    else:
        await _not_yet(repository, store, found, facts, known)
    return await store.onboardings.of(facts.id) or Onboarding(Welcome.PROPOSED, None)


async def _not_yet(
    repository: Repository, store: Store, found: Settings, facts: RepositoryFacts, known: Onboarding | None
) -> None:
    """Write down how the pull request stands; open it where there never was one, and there is something to set up."""
    pull = await pulls.find(repository, BRANCH, "all")
    if pull is not None:
        state = Welcome.PROPOSED if pull.open else Welcome.DECLINED
        await store.onboardings.put(facts.id, state, pull.number, "people" if state is Welcome.DECLINED else "pawl")
        return
    head = await git.ref(repository, facts.default_branch)
    if head is not None and not facts.archived and (known is None or known.state is Welcome.PROPOSED):
        await store.onboardings.put(facts.id, Welcome.PROPOSED, await _propose(repository, found, facts, head), "pawl")


async def _has_configuration(repository: Repository) -> bool:
    return any([await contents.text(repository, each) is not None for each in PLACES])


async def _accepted(
    repository: Repository, store: Store, found: Settings, facts: RepositoryFacts, known: Onboarding | None
) -> None:
    """Write down that Pawl may act; where the workflow was left out of the pull request, say once where it is added."""
    await store.onboardings.put(facts.id, Welcome.ACCEPTED, None, "people")
    pull = known.pull if known else None
    if pull is None or await contents.text(repository, PLACE) is not None:
        return
    if await comments.find(repository, pull, MARKER) is None:
        missing = "The configuration is merged; the workflow that runs the gates is not there yet."
        how = f"{_by_hand(repository, facts.default_branch)}\n\n{_text(found)}"
        await comments.create(repository, pull, f"{MARKER}\n{missing} {how}")


async def _propose(repository: Repository, found: Settings, facts: RepositoryFacts, head: Sha) -> PullNumber:
    edits = (Edit(PLACES[0], starter.configuration()),)
    if await git.ref(repository, BRANCH) is None:
        commit = await git.commit_edits(repository, head, edits, "Set Pawl up\n")
        await git.set_ref(repository, BRANCH, commit)
    return (await pulls.open(repository, BRANCH, facts.default_branch, TITLE, body(repository, found, facts))).number


def body(repository: Repository, found: Settings, facts: RepositoryFacts) -> str:
    """Return the pull request's body."""
    branch = facts.default_branch
    return f"""Pawl proposes changes that prove themselves: somebody writes `/pawl fix` under an issue, Pawl locks down as tests
what "fixed" means, makes the change, proves it, and opens a pull request that carries the proof.

**Nothing happens in this repository before this pull request is merged. Closing it means no.**

1. Add the workflow to this branch. {_by_hand(repository, BRANCH)}
   It runs the gates in this repository's own runners, without secrets and without the right to write. Pawl cannot add it
   itself, because it does without the permission to change workflows.
2. Merge this pull request. It brings `{PLACES[0]}`, in which everything is commented out but the trust level 0: every
   change needs a person's approval.
3. Protect `{branch}`: require the check `pawl` with this App as its source, bind administrators too, forbid force pushes.
   Until then Pawl proves and proposes, and merges nothing by itself. `pawl doctor --repo {repository.name}` says what is
   missing.

{_text(found)}
"""


def _by_hand(repository: Repository, branch: str) -> str:
    return f"Copy its text from below, [open a new file]({workflow_link(repository, branch)}), paste it, press *Commit changes*."


def _text(found: Settings) -> str:
    """Return the workflow's text, folded away, with GitHub's button to copy it."""
    summary = f"<summary>The text of <code>{PLACE}</code>, also at {found.public_url}/{FILE}</summary>"
    return f"<details>{summary}\n\n{fence(workflow(machines(found)), 'yaml')}\n\n</details>"


def workflow_link(repository: Repository, branch: str) -> str:
    """Return the page on which GitHub makes a new file, named as the workflow is, on a branch."""
    return f"{repository.app.server_url}/{repository.name}/new/{quote(branch)}?filename={quote(PLACE)}"
