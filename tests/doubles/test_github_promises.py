"""Whatever people and Apps do in whatever order, the double merges nothing that its branch does not let in."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.doubles.github.accounts import Account
from tests.doubles.github.automerge import Unarmed, Way, arm, disarm, merge_now
from tests.doubles.github.check import CheckRun, settled, suite_for
from tests.doubles.github.commits import Person, edited, make
from tests.doubles.github.installing import register
from tests.doubles.github.pull import Proposal, Pull, changed, close, propose, reopen
from tests.doubles.github.refs import move
from tests.doubles.github.repository import Repository
from tests.doubles.github.review import dismiss, give
from tests.doubles.github.rules import Protections
from tests.doubles.github.server import application
from tests.doubles.github.standing import standing
from tests.doubles.github.state import GitHub
from tests.doubles.github.wrong import Wrong

PROTECTED = {
    "required_status_checks": {"strict": False, "checks": [{"context": "pawl", "app_id": None}]},
    "required_pull_request_reviews": {"required_approving_review_count": 1, "dismiss_stale_reviews": True},
    "enforce_admins": True,
    **dict.fromkeys(("allow_force_pushes", "allow_deletions", "required_linear_history"), False),
}


class World:
    """One protected repository with one pull request, and everything that can be done to it."""

    def __init__(self, data: Path) -> None:
        self.github = GitHub(data, "http://double.example")
        self.ann, self.bob, self.eve = (self.github.add_account(name, "User") for name in ("ann", "bob", "eve"))
        self.app = register(self.github, self.ann, {"name": "Judge"}).app
        self.repo = self.github.add_repository(self.ann, "shop")
        self.repo.collaborators[self.bob.id] = "write"
        self.repo.settings.allow_auto_merge = True
        self.pull: Pull
        self.steps = 0
        self.ripe = False

    async def begin(self) -> None:
        """Fill the repository, protect it, and open the pull request."""
        await self.push(self.ann, "main")
        await self.push(self.bob, "two")
        self.github.room(Protections).classic[self.repo.id, "main"] = PROTECTED
        proposal = Proposal("Two", None, "main", self.repo, "two")
        self.pull = await propose(self.github, self.repo, proposal, self.bob)

    async def push(self, by: Account, branch: str) -> None:
        """Push one more file."""
        self.steps += 1
        clone = self.repo.clone
        parent = clone.ref(f"refs/heads/{branch}") or clone.ref("refs/heads/main")
        tree = edited(clone, parent, {f"file{self.steps}": b"text\n"})
        author = Person.of(by, self.github.now())
        sha = make(self.github, clone, tree, [parent] if parent else [], f"Step {self.steps}", author=author)
        await move(self.github, self.repo, f"refs/heads/{branch}", sha, by, ruled=False)

    async def check(self, conclusion: str) -> None:
        """Write the required check at the head."""
        suite = suite_for(self.github, self.repo, self.app, self.pull.head_sha)
        run = CheckRun(self.github.number(), suite, "pawl", self.github.now(), "completed", conclusion)
        suite.runs[run.id] = run
        await settled(self.github, self.repo, self.pull.head_sha)

    async def dismiss(self) -> None:
        """Dismiss the last approval."""
        found = [each for each in self.pull.reviews if each.state == "APPROVED"]
        if found:
            await dismiss(self.github, found[-1], self.ann)

    async def draft(self) -> None:
        """Make it a draft, or ready."""
        self.pull.issue.draft = not self.pull.issue.draft
        await changed(self.github, self.pull)

    def acts(self) -> dict[str, Callable[[], Awaitable[object]]]:
        """Return what can be done, by name."""
        github, pull = self.github, self.pull

        async def at_once(does: Callable[[], object]) -> None:
            does()

        return {
            "bob pushes": lambda: self.push(self.bob, "two"),
            "eve pushes": lambda: self.push(self.eve, "two"),
            "base moves": lambda: self.push(self.ann, "main"),
            "green": lambda: self.check("success"),
            "red": lambda: self.check("failure"),
            "ann approves": lambda: give(github, pull, self.ann, "APPROVE"),
            "ann refuses": lambda: give(github, pull, self.ann, "REQUEST_CHANGES", body="No"),
            "eve approves": lambda: give(github, pull, self.eve, "APPROVE"),
            "bob approves himself": lambda: give(github, pull, self.bob, "APPROVE"),
            "dismiss": self.dismiss,
            "draft": self.draft,
            "arm": lambda: at_once(lambda: arm(github, pull, self.bob, Way("squash"))),
            "disarm": lambda: at_once(lambda: disarm(github, pull, self.bob)),
            "merge": lambda: merge_now(github, pull, self.ann, Way("merge")),
            "close": lambda: close(github, pull, self.bob),
            "reopen": lambda: reopen(github, pull, self.bob),
        }

    async def do(self, name: str) -> None:
        """Do one thing that is possible now; GitHub may refuse it."""
        if self.pull.merged or (name == "reopen") == self.pull.open:
            return
        with suppress(Wrong, Unarmed):
            await self.acts()[name]()


def approved(pull: Pull) -> bool:
    """Say, by the reviews alone, whether ann's last word is an approval."""
    states = [review.state for review in pull.reviews if review.user.login == "ann"]
    return bool(states) and states[-1] == "APPROVED"


def base_of(repo: Repository) -> str:
    return repo.clone.branches()["main"]


async def live(data: Path, story: list[str]) -> None:
    world = World(data)
    await world.begin()
    last: str | None = None
    for name in story:
        if name in {"green", "red"} and world.pull.open:
            last = f"{name} at {world.pull.head_sha}"
        await world.do(name)
        pull = world.pull
        if pull.merged:
            assert last == f"green at {pull.head_sha}"
            assert approved(pull)
            assert not pull.issue.draft
            assert pull.merge_commit_sha == base_of(world.repo)
            assert pull.issue.state == "closed"
        else:
            assert not (pull.auto_merge and standing(world.github, pull).ready)
            assert pull.open or pull.auto_merge is None


NAMES = (
    "bob pushes", "eve pushes", "base moves", "green", "red", "ann approves", "ann refuses", "eve approves",
    "bob approves himself", "dismiss", "draft", "arm", "disarm", "merge", "close", "reopen",
)  # fmt: skip


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(NAMES), min_size=3, max_size=14))
def test_nothing_is_merged_that_the_branch_does_not_let_in(story: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        application(GitHub(Path(folder) / "rooms"))  # opens every room, so that each hears of what happens
        asyncio.run(live(Path(folder), story))


def test_a_story_that_ends_well(tmp_path: Path) -> None:
    application(GitHub(tmp_path / "rooms"))
    world = World(tmp_path)

    async def tell() -> bool:
        await world.begin()
        for name in ("arm", "red", "ann approves", "green"):
            await world.do(name)
        return world.pull.merged

    assert asyncio.run(tell())
