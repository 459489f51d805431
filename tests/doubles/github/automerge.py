"""Merging: at once by somebody, or by itself once nothing is missing; and what takes the arming back."""

from __future__ import annotations

from dataclasses import dataclass

from tests.doubles.github.accounts import Account
from tests.doubles.github.check import SETTLED
from tests.doubles.github.commits import read
from tests.doubles.github.merging import Wanted, merge, rebase, squash
from tests.doubles.github.pull import CHANGED, ENDED, PUSHED, AutoMerge, Pull, Pulls, changed, tell
from tests.doubles.github.pull import merged as note_merged
from tests.doubles.github.refs import move
from tests.doubles.github.repository import Repository
from tests.doubles.github.standing import Standing, base_now, may_write, standing
from tests.doubles.github.state import GitHub
from tests.doubles.github.wrong import Wrong

METHODS = {"merge": merge, "squash": squash, "rebase": rebase}
MODIFIED = "Head branch was modified. Review and try the merge again."


class Unarmed(Exception):
    """Auto-merge cannot be switched on, or off; the text is GitHub's."""


@dataclass(frozen=True)
class Way:
    """How to merge: the method, and the words of the commit where somebody chose them."""

    method: str = "merge"
    title: str | None = None
    message: str | None = None


def words(pull: Pull, way: Way) -> tuple[str, str]:
    """Return title and message of the merge commit: GitHub's own where nobody chose any."""
    head = f"{pull.head_repo.owner.login}/{pull.head_branch}"
    if way.method == "squash":
        title, message = f"{pull.issue.title} (#{pull.number})", ""
        if not way.message:
            message = read(pull.repo.clone, pull.head_sha).message.partition("\n\n")[2].strip()
    else:
        title, message = f"Merge pull request #{pull.number} from {head}", pull.issue.title
    return way.title or title, message if way.message is None else way.message


def allowed(repo: Repository, standing_now: Standing) -> set[str]:
    """Return the ways of merging that settings and rules leave."""
    switches = {
        "merge": repo.settings.allow_merge_commit and not standing_now.rules.linear,
        "squash": repo.settings.allow_squash_merge,
        "rebase": repo.settings.allow_rebase_merge,
    }
    return {name for name, on in switches.items() if on} & standing_now.rules.methods


async def merge_now(github: GitHub, pull: Pull, by: Account, way: Way, expected: str | None = None) -> str:
    """Merge at somebody's word; raises what GitHub answers where it will not.

    Raises:
        Wrong: 405 for what is not mergeable or not allowed, 409 where the head is another one than expected.
    """
    stands = standing(github, pull, by)
    if expected is not None and expected != pull.head_sha:
        raise Wrong(MODIFIED, status=409)
    names = {"merge": "Merge commits", "squash": "Squash merges", "rebase": "Rebase merges"}
    if way.method not in allowed(pull.repo, stands):
        raise Wrong(f"{names[way.method]} are not allowed on this repository.", status=405)
    if stands.rules.queue is not None:
        raise Wrong("Changes must be made through the merge queue", status=405)
    reasons = {"draft": "Pull Request is still a draft", "behind": "Head branch is out of date", "blocked": stands.missing[:1]}
    if not stands.ready:
        found = reasons.get(stands.state, "Pull Request is not mergeable")
        raise Wrong(found if isinstance(found, str) else found[0], status=405)
    return await carry_out(github, pull, by, way)


async def carry_out(github: GitHub, pull: Pull, by: Account, way: Way) -> str:
    """Make the commit, move the base, close the pull request, and delete the branch where the settings say so."""
    title, message = words(pull, way)
    text = f"{title}\n\n{message}".rstrip("\n")
    sha = METHODS[way.method](github, pull.repo.clone, Wanted(base_now(pull), pull.head_sha, by, text))
    await land(github, pull, by, sha)
    return sha


async def land(github: GitHub, pull: Pull, by: Account, sha: str) -> None:
    """Move the base to the commit that holds the pull request, and close it as merged."""
    note_merged(github, pull, base_now(pull), sha, by)
    await move(github, pull.repo, f"refs/heads/{pull.base_branch}", sha, by, ruled=False)
    if pull.repo.settings.delete_branch_on_merge and not pull.fork and pull.head_branch in pull.repo.clone.branches():
        await move(github, pull.repo, f"refs/heads/{pull.head_branch}", None, by, ruled=False)


def arm(github: GitHub, pull: Pull, by: Account, way: Way, expected: str | None = None) -> None:
    """Switch auto-merge on.

    Raises:
        Unarmed: the repository does not have it, nothing is missing, or the head is another one than expected.
    """
    stands = standing(github, pull)
    if not pull.repo.settings.allow_auto_merge:
        raise Unarmed("Auto merge is not allowed for this repository")
    if expected is not None and expected != pull.head_sha:
        raise Unarmed("Head sha didn't match expected head SHA")
    if not pull.open:
        raise Unarmed("Pull request is closed")
    if pull.issue.draft:
        raise Unarmed("Pull request is in draft state")
    if stands.rules.queue is None and stands.ready:
        raise Unarmed(f"Pull request is in {stands.state} status")
    if not stands.rules.protected:
        raise Unarmed("Protected branch rules not configured for this branch")
    if way.method not in allowed(pull.repo, stands):
        raise Unarmed(f"Merge method {way.method} merging is not allowed on this repository")
    title, message = words(pull, way)
    pull.auto_merge = AutoMerge(by, way.method, title, message)
    tell(github, pull, "auto_merge_enabled", by)


def disarm(github: GitHub, pull: Pull, by: Account, reason: str = "Auto-merge was disabled by user") -> None:
    """Switch auto-merge off; raises Unarmed where it is not on."""
    if not pull.auto_merge:
        raise Unarmed("Can't disable auto-merge for this pull request")
    pull.auto_merge = None
    tell(github, pull, "auto_merge_disabled", by, reason=reason)


async def fire(github: GitHub, pull: Pull) -> None:
    """Merge an armed pull request if nothing is missing any more."""
    armed = pull.auto_merge
    if not armed or not pull.open:
        return
    stands = standing(github, pull)
    if stands.ready and stands.rules.queue is None:
        await carry_out(github, pull, armed.by, Way(armed.method, armed.title, armed.message))


async def pushed(github: GitHub, pull: Pull, by: Account) -> None:
    """Disarm where somebody without write access has pushed."""
    if pull.auto_merge and not may_write(github, pull, by):
        disarm(github, pull, by, "Auto-merge was disabled because a user without write access pushed to the head branch")


async def ended(github: GitHub, pull: Pull, by: Account) -> None:
    """Disarm what is closed."""
    if pull.auto_merge:
        disarm(github, pull, by, "Pull request was closed")


async def checked(github: GitHub, repo: Repository, sha: str) -> None:
    """A check on this commit has changed: its pull requests may be ready."""
    for pull in github.room(Pulls).open():
        if pull.repo is repo and pull.head_sha == sha:
            await changed(github, pull)


CHANGED.append(fire)
PUSHED.append(pushed)
ENDED.append(ended)
SETTLED.append(checked)
