"""Open conversations as GitHub tells of them: against a double of GitHub, and in shapes that only a small server takes on."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bot.github import review_threads
from bot.github.errors import Unprocessable
from bot.github.repository import Repository
from bot.github.review_threads import MOST_PAGES, NONE_OPEN, OpenThreads, ReviewThread
from bot.ids import Login
from tests.github.conftest import Answering
from tests.github.conftest import told as answered
from tests.github.hosted import Hosted

RESOLVE = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"
PAGE = "https://github.com/o/r/pull/7"


async def proposed(hosted: Hosted) -> int:
    hosted.owner.pushes(hosted.name, {"src/a.py": "one = 2\ntwo = 2\n"}, "topic")
    return hosted.owner.opens_pull(hosted.name, "topic", "Two")


def thread(**but: Any) -> dict[str, Any]:
    first = {"url": f"{PAGE}#discussion_r1", "author": {"login": "bob"}}
    return {"isResolved": False, "isOutdated": False, "path": "a.py", "line": 3, "comments": {"nodes": [first]}} | but


def page(*threads: dict[str, Any], after: str | None = None) -> Any:
    info = {"hasNextPage": after is not None, "endCursor": after}
    found = {"pullRequest": {"reviewThreads": {"pageInfo": info, "nodes": list(threads)}}}
    return answered({"data": {"repository": found}})


@pytest.fixture
def told(repo: Repository) -> Repository:
    """The small server's repository, which people see at GitHub's own address."""
    return replace(repo, app=SimpleNamespace(server_url="https://github.com"))  # type: ignore[arg-type] # no more is asked of it


async def test_what_nobody_has_resolved_is_told_with_its_place_and_who_began_it(hosted: Hosted) -> None:
    number = await proposed(hosted)
    assert await review_threads.unresolved(hosted.repo, number) == NONE_OPEN
    eve = hosted.double.person(f"eve-{hosted.owner.login}")
    first, second = hosted.owner.remarks(hosted.name, number, "src/a.py", 1), eve.remarks(hosted.name, number, "src/a.py", 2)
    at = f"{hosted.double.url}/{hosted.name}/pull/{number}#discussion_r"
    found = await review_threads.unresolved(hosted.repo, number)
    assert found == OpenThreads(
        (
            ReviewThread("src/a.py", 1, outdated=False, starter=Login(hosted.owner.login), page=f"{at}{first}"),
            ReviewThread("src/a.py", 2, outdated=False, starter=Login(eve.login), page=f"{at}{second}"),
        )
    )


async def test_what_is_resolved_is_left_out_and_what_has_changed_says_so(hosted: Hosted) -> None:
    number = await proposed(hosted)
    for line in (1, 2):
        hosted.owner.remarks(hosted.name, number, "src/a.py", line)
    owner, _, name = hosted.name.partition("/")
    asked = f'{{ repository(owner: "{owner}", name: "{name}") {{ pullRequest(number: {number}) {{ reviewThreads(first: 1) '
    found = hosted.owner.graphql(asked + "{ nodes { id } } } } }")["data"]["repository"]["pullRequest"]["reviewThreads"]
    hosted.owner.graphql(RESOLVE, id=found["nodes"][0]["id"])
    hosted.owner.pushes(hosted.name, {"src/a.py": "one = 2\ntwo = 3\n"}, "topic")
    (left,) = (await review_threads.unresolved(hosted.repo, number)).threads
    assert (left.line, left.outdated) == (None, True)


async def test_all_pages_are_read(told: Repository, server: Answering) -> None:
    server.answers = [page(thread(line=1), thread(isResolved=True), after="x"), page(thread(line=2))]
    found = await review_threads.unresolved(told, 7)
    assert [each.line for each in found.threads] == [1, 2]
    assert found.whole
    assert [b'"after":"x"' in body.replace(b" ", b"") for _, _, _, body in server.asked] == [False, True]


async def test_pages_without_an_end_are_left(told: Repository, server: Answering) -> None:
    server.answers = [page(thread(), after="x")]
    found = await review_threads.unresolved(told, 7)
    assert (len(server.asked), len(found.threads), found.whole) == (MOST_PAGES, MOST_PAGES, False)


@pytest.mark.parametrize(
    ("first", "starter", "at"),
    [
        ([{"url": f"{PAGE}#discussion_r12", "author": {"login": "bob"}}], "bob", f"{PAGE}#discussion_r12"),
        ([{"url": f"{PAGE}#discussion_r12", "author": None}], "ghost", f"{PAGE}#discussion_r12"),
        ([{"url": "https://evil.example/#discussion_r12", "author": None}], "ghost", f"{PAGE}#discussion_r12"),
        ([{"url": f"{PAGE}#discussion_r1) [x](http://evil", "author": None}], "ghost", f"{PAGE}/files"),
        ([], "ghost", f"{PAGE}/files"),
    ],
)
async def test_of_its_address_only_the_number_is_taken(
    told: Repository, server: Answering, first: list[Any], starter: str, at: str
) -> None:
    server.answers = [page(thread(comments={"nodes": first}))]
    (found,) = (await review_threads.unresolved(told, 7)).threads
    assert (found.starter, found.page) == (starter, at)


async def test_an_app_that_may_not_read_them_hears_so(told: Repository, server: Answering) -> None:
    error = {"type": "FORBIDDEN", "message": "Resource not accessible by integration"}
    server.answers = [answered({"data": None, "errors": [error]})]
    with pytest.raises(Unprocessable, match="not accessible"):
        await review_threads.unresolved(told, 7)
