"""Onboarding: one pull request brings the configuration; nothing acts before it is merged, closing it opts out.

Pawl may not write workflows (it does without that permission on purpose), so the pull request asks an administrator to add the
workflow to its branch, by a page that GitHub fills in from a link. Merging it then brings both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

from bot.change.change import Edit
from bot.config import PLACES
from bot.evidence.markdown import fence
from bot.github import comments, contents, git, pulls
from bot.installation import starter
from bot.store.onboardings import Onboarding, Welcome

if TYPE_CHECKING:
    from bot.github.repository import Repository, RepositoryFacts
    from bot.ids import PullNumber, Sha
    from bot.store.store import Store

BRANCH: Final = "pawl/onboarding"
WORKFLOW: Final = f".github/workflows/{starter.WORKFLOW}"
TITLE: Final = "[Pawl] Proven pull requests for this repository"
MARKER: Final = "<!-- pawl:workflow -->"
MOST_LINK: Final = 7500
"""Longest link that browsers and GitHub surely take."""


async def welcome(repository: Repository, store: Store) -> Onboarding:
    """Bring the onboarding up to date with what people did, and propose it where nobody was asked yet.

    It may be called at any time, any number of times.
    """
    facts = await repository.facts()
    known = await store.onboardings.of(facts.id)
    if await _has_configuration(repository):
        await _accepted(repository, store, facts, known)
    else:
        await _not_yet(repository, store, facts, known)
    return await store.onboardings.of(facts.id) or Onboarding(Welcome.PROPOSED, None)


async def _not_yet(repository: Repository, store: Store, facts: RepositoryFacts, known: Onboarding | None) -> None:
    """Write down how the pull request stands; open it where there never was one, and there is something to set up."""
    pull = await pulls.find(repository, BRANCH, "all")
    if pull is not None:
        state = Welcome.PROPOSED if pull.open else Welcome.DECLINED
        await store.onboardings.put(facts.id, state, pull.number, "people" if state is Welcome.DECLINED else "pawl")
        return
    head = await git.ref(repository, facts.default_branch)
    if head is not None and not facts.archived and (known is None or known.state is Welcome.PROPOSED):
        await store.onboardings.put(facts.id, Welcome.PROPOSED, await _propose(repository, facts, head), "pawl")


async def _has_configuration(repository: Repository) -> bool:
    return any([await contents.text(repository, each) is not None for each in PLACES])


async def _accepted(repository: Repository, store: Store, facts: RepositoryFacts, known: Onboarding | None) -> None:
    """Write down that Pawl may act; where the workflow was left out of the pull request, say once where it is added."""
    await store.onboardings.put(facts.id, Welcome.ACCEPTED, None, "people")
    pull = known.pull if known else None
    if pull is None or await contents.text(repository, WORKFLOW) is not None:
        return
    if await comments.find(repository, pull, MARKER) is None:
        link = workflow_link(repository, facts.default_branch)
        missing = "The configuration is merged; the workflow that runs the gates is not there yet."
        await comments.create(repository, pull, f"{MARKER}\n{missing} [Add it]({link}): GitHub shows it filled in.")


async def _propose(repository: Repository, facts: RepositoryFacts, head: Sha) -> PullNumber:
    edits = (Edit(PLACES[0], starter.configuration()),)
    if await git.ref(repository, BRANCH) is None:
        commit = await git.commit_edits(repository, head, edits, "Set Pawl up\n")
        await git.set_ref(repository, BRANCH, commit)
    return (await pulls.open(repository, BRANCH, facts.default_branch, TITLE, body(repository, facts))).number


def body(repository: Repository, facts: RepositoryFacts) -> str:
    """Return the pull request's body."""
    link, branch = workflow_link(repository, BRANCH), facts.default_branch
    return f"""Pawl proposes changes that prove themselves: somebody writes `/pawl fix` under an issue, Pawl locks down as tests
what "fixed" means, makes the change, proves it, and opens a pull request that carries the proof.

**Nothing happens in this repository before this pull request is merged. Closing it means no.**

1. [Add the workflow to this branch]({link}): GitHub shows the file filled in, press *Commit changes*.
   It runs the gates in this repository's own runners, without secrets and without the right to write. Pawl cannot add it
   itself, because it does without the permission to change workflows.
2. Merge this pull request. It brings `{PLACES[0]}`, in which everything is commented out but the trust level 0: every
   change needs a person's approval.
3. Protect `{branch}`: require the check `pawl` with this App as its source, bind administrators too, forbid force pushes.
   Until then Pawl proves and proposes, and merges nothing by itself. `pawl doctor --repo {repository.name}` says what is
   missing.

<details><summary>The workflow, to copy where the link does not work: <code>{WORKFLOW}</code></summary>

{fence(starter.workflow(), "yaml")}

</details>
"""


def workflow_link(repository: Repository, branch: str) -> str:
    """Return the page on which GitHub adds the workflow to a branch, filled in as long as the link is not too long for that."""
    page = f"{repository.app.server_url}/{repository.name}/new/{quote(branch)}?filename={quote(WORKFLOW)}"
    lines = (line for line in starter.workflow().splitlines() if not re.match(r"\s*#", line))
    filled = f"{page}&value={quote_plus(chr(10).join(lines) + chr(10), safe='/:,;@!$*=?~-')}"
    return filled if len(filled) <= MOST_LINK else page
