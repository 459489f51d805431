"""Whose work a pull request holds, as its commits say and as GitHub knows it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.github import authors
from bot.github.authors import named_by
from bot.github.pulls import CommitFacts
from bot.ids import Login, Sha
from tests.github.hosted import Hosted

PLAIN = CommitFacts(Sha("a" * 40), Login("ann"), 1, Login("web-flow"), 2, "Mend it")


def commit(message: str) -> CommitFacts:
    return CommitFacts(Sha("a" * 40), Login("ann"), 1, Login(""), None, message, committer_email="noreply@github.com")


def test_authors_committers_and_trailers() -> None:
    assert named_by([PLAIN]) == ({1: "ann", 2: "web-flow"}, set())
    message = "Mend\n\nCo-authored-by: Bob <7+bob@users.noreply.github.com>\nco-authored-by: Eve <eve@example.org>\n"
    assert named_by([commit(message)]) == ({1: "ann", 7: "bob"}, {"Eve <eve@example.org>"})
    unknown = CommitFacts(Sha("a" * 40), Login(""), None, Login(""), None, "x", "dan@example.org", "dan@example.org")
    assert named_by([unknown]) == ({}, {"<dan@example.org>"})


@given(st.text())
def test_any_message_is_read(message: str) -> None:
    assert named_by([commit(message)])[0][1] == "ann"


async def test_github_tells_whose_an_address_is(hosted: Hosted) -> None:
    eve = hosted.double.person(f"eve-{hosted.owner.login}", email=f"eve@{hosted.owner.login}.example")
    message = f"Mend\n\nCo-authored-by: Eve <eve@{hosted.owner.login}.example>\nCo-authored-by: Dan <dan@nowhere.example>"
    hosted.owner.pushes(hosted.name, {"src/a.py": "one = 3\n"}, "topic", message)
    number = hosted.owner.opens_pull(hosted.name, "topic", "Mend")
    found = await authors.of(hosted.repo, number)
    assert dict(found.accounts) == {hosted.owner.id: hosted.owner.login, eve.id: eve.login}
    assert found.strangers == ("Dan <dan@nowhere.example>",)
