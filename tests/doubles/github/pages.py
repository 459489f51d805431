"""What people do on GitHub's pages and what no API can do for them, and shortcuts for what takes several requests.

All under ``/_double/``, all JSON: clicking a check run's button, re-running checks, proposing a change (from a fork too).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.doubles.github import pull_shapes
from tests.doubles.github.accounts import Account, at_least
from tests.doubles.github.check import CheckRun, Checks, CheckSuite, tell_run, tell_suite
from tests.doubles.github.clone import Clone
from tests.doubles.github.commits import Person, edited, make
from tests.doubles.github.mergequeue import enqueue
from tests.doubles.github.pull import DECIDING, Proposal, Pull, Pulls, propose
from tests.doubles.github.refs import move
from tests.doubles.github.repository import Repository
from tests.doubles.github.review import dismiss, give
from tests.doubles.github.routing import GITHUB, web_page
from tests.doubles.github.shapes import Shapes
from tests.doubles.github.standing import Trials
from tests.doubles.github.state import GitHub
from tests.doubles.github.urls import asked_at
from tests.doubles.github.wrong import Wrong

AT = "/_double/repositories/{owner}/{name}"


class Page:
    """One thing a person does: who, where, and what was filled in."""

    def __init__(self, request: web.Request, data: dict[str, Any]) -> None:
        self.request, self.data = request, data
        self.github: GitHub = request.app[GITHUB]

    @property
    def repo(self) -> Repository:
        return self.github.repository(f"{self.request.match_info['owner']}/{self.request.match_info['name']}")

    @property
    def by(self) -> Account:
        return self.github.account(self.data["by"])

    @property
    def number(self) -> int:
        return int(self.request.match_info["number"])

    @property
    def pull(self) -> Pull:
        return self.github.room(Pulls).of[self.repo.id][self.number]

    @property
    def run(self) -> CheckRun:
        found = self.github.room(Checks).run(self.repo, self.number)
        if not found:
            raise web.HTTPNotFound(text=f"There is no check run {self.number}.")
        return found

    def shaped(self, pull: Pull) -> web.Response:
        """Answer with a pull request."""
        return web.json_response(pull_shapes.long(self.github, Shapes(self.github, asked_at(self.request)), pull), status=201)


Act = Callable[[Page], Awaitable[web.StreamResponse]]


def page(path: str) -> Callable[[Act], Act]:
    """Register what a person does; what GitHub would refuse is answered as the API would."""

    def register(does: Act) -> Act:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                return await does(Page(request, await request.json() if request.can_read_body else {}))
            except Wrong as wrong:
                return web.json_response(wrong.body(), status=wrong.status)

        web_page("POST", AT + path)(answer)
        return does

    return register


@page("/pulls")
async def open_pull(page: Page) -> web.Response:
    """``{by, files, branch, title?, body?, base?, fork?: owner/name, draft?}``: push a branch, open a pull request."""
    data, repo = page.data, page.repo
    head = page.github.repository(data["fork"]) if data.get("fork") else repo
    base = data.get("base", repo.default_branch)
    start = repo.clone.branches()[base]
    if head is not repo:
        head.clone.git("fetch", "--quiet", "--no-tags", str(repo.clone.path), start)
    await _push(page, head, data["branch"], start)
    wanted = Proposal(data.get("title", "Change files"), data.get("body"), base, head, data["branch"], data.get("draft", False))
    return page.shaped(await propose(page.github, repo, wanted, page.by))


@page("/pulls/{number}/push")
async def push(page: Page) -> web.Response:
    """``{by, files, message?, force?}``: push one more commit to the head; ``force`` puts it on the base instead."""
    pull = page.pull
    start = pull.repo.clone.branches()[pull.base_branch] if page.data.get("force") else pull.head_sha
    await _push(page, pull.head_repo, pull.head_branch, start)
    return page.shaped(pull)


@page("/pulls/{number}/review")
async def review(page: Page) -> web.Response:
    """``{by, event: APPROVE|REQUEST_CHANGES|COMMENT, body?}`` → the review's id."""
    made = await give(page.github, page.pull, page.by, page.data["event"], body=page.data.get("body", ""))
    return web.json_response({"id": made.id, "state": made.state}, status=201)


@page("/pulls/{number}/withdraw")
async def withdraw(page: Page) -> web.Response:
    """``{by, of?}``: dismiss one's own last deciding review, or that of somebody else."""
    of = page.github.account(page.data.get("of", page.data["by"]))
    found = [each for each in page.pull.reviews if each.user is of and each.state in DECIDING]
    await dismiss(page.github, found[-1], page.by)
    return web.json_response({"id": found[-1].id, "state": found[-1].state})


@page("/pulls/{number}/enqueue")
async def join_queue(page: Page) -> web.Response:
    """``{by}``: press "Merge when ready" where the base has a merge queue."""
    entry = await enqueue(page.github, page.pull, page.by)
    return web.json_response({"id": entry.id}, status=201)


@page("/check-runs/{number}/click")
async def click(page: Page) -> web.Response:
    """``{by, identifier}``: press one of the check run's buttons; people who may write see them."""
    run, identifier = page.run, page.data["identifier"]
    _may(page, "write")
    if identifier not in {each["identifier"] for each in run.actions}:
        raise web.HTTPNotFound(text=f"The check run has no button {identifier}.")
    tell_run(page.github, run, "requested_action", page.by, only=True, identifier=identifier)
    return web.json_response({"id": run.id})


@page("/check-runs/{number}/rerun")
async def rerun(page: Page) -> web.Response:
    """``{by}``: press "Re-run" at one check."""
    _may(page, "write")
    tell_run(page.github, page.run, "rerequested", page.by, only=True)
    return web.json_response({"id": page.run.id})


@page("/check-suites/{number}/rerun")
async def rerun_all(page: Page) -> web.Response:
    """``{by}``: press "Re-run all checks" of an App."""
    _may(page, "write")
    found: CheckSuite = page.github.room(Checks).suites[page.number]
    tell_suite(page.github, found, "rerequested", page.by, only=True)
    return web.json_response({"id": found.id})


@page("/mergeability")
async def slowness(page: Page) -> web.Response:
    """``{slow}``: have GitHub answer "unknown" when first asked whether something can be merged."""
    slow = page.github.room(Trials).slow
    (slow.add if page.data["slow"] else slow.discard)(page.repo.id)
    return web.json_response({"slow": page.data["slow"]})


def _may(page: Page, least: str) -> None:
    role = page.github.standard(page.repo, page.github.role(page.repo, page.by))
    if not at_least(role, least):
        raise web.HTTPForbidden(text=f"{page.by.login} does not see this button.")


async def _push(page: Page, repo: Repository, branch: str, parent: str) -> str:
    clone: Clone = repo.clone
    files = {path: None if text is None else str(text).encode() for path, text in page.data["files"].items()}
    tree = edited(clone, parent, files)
    message = page.data.get("message", page.data.get("title", "Change files"))
    sha = make(page.github, clone, tree, [parent], message, author=Person.of(page.by, page.github.now()))
    token = page.github.tokens[page.github.token_of(page.by)]
    await move(page.github, repo, f"refs/heads/{branch}", sha, page.by, token=token)
    return sha
