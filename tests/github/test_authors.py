"""Whose work a pull request holds, as its commits say and as GitHub knows it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.change.change import Edit
from bot.change.move import Move
from bot.github import activity, authors, git, pulls
from bot.github.authors import Authors, Named, named_by, own_addresses
from bot.github.pulls import CommitFacts
from bot.github.repository import Repository
from bot.ids import Login, Sha
from tests.github.hosted import Hosted

GITHUBS = own_addresses("https://github.com")
PLAIN = CommitFacts(Sha("a" * 40), Login("ann"), 1, Login("cara"), 2, "Mend it")


def commit(message: str, *, verified: bool = True, committer: str = "noreply@github.com") -> CommitFacts:
    """A commit as GitHub makes it when Ann uses its pages, or one that says so."""
    made = CommitFacts(Sha("a" * 40), Login("ann"), 1, Login(""), None, message, verified=verified)
    return replace(made, committer_name="GitHub", committer_email=committer)


def test_authors_committers_and_trailers() -> None:
    assert named_by([PLAIN], GITHUBS) == Named({1: Login("ann"), 2: Login("cara")}, {})
    message = "Mend\n\nCo-authored-by: Bob <7+bob@users.noreply.github.com>\nco-authored-by: Eve <eve@example.org>\n"
    found = named_by([commit(message)], GITHUBS)
    assert found == Named({1: Login("ann"), 7: Login("bob")}, {"eve@example.org": "Eve <eve@example.org>"})
    unknown = CommitFacts(Sha("a" * 40), Login(""), None, Login(""), None, "x", "dan@example.org", "dan@example.org")
    assert named_by([unknown], GITHUBS).strangers == {"dan@example.org": " <dan@example.org>"}


@pytest.mark.parametrize(
    ("each", "named"),
    [
        (commit("x"), {}),
        (commit("x", verified=False), {"noreply@github.com": "GitHub <noreply@github.com>"}),
        (commit("x", committer="noreply@mallory.example"), {"noreply@mallory.example": "GitHub <noreply@mallory.example>"}),
        (commit("x", committer="noreply@github.company.example"), {}),
    ],
)
def test_githubs_own_address_stands_for_nobody_only_under_its_signature(each: CommitFacts, named: dict[str, str]) -> None:
    githubs = own_addresses("https://github.company.example") | GITHUBS
    assert named_by([each], githubs) == Named({1: Login("ann")}, named)


@given(st.text())
def test_any_message_is_read(message: str) -> None:
    assert named_by([commit(message)], GITHUBS).accounts[1] == "ann"


async def of(hosted: Hosted, number: int, *told: Move) -> Authors:
    return await authors.of(hosted.repo, await pulls.get(hosted.repo, number), told)


async def test_github_tells_whose_an_address_is(hosted: Hosted) -> None:
    eve = hosted.double.person(f"eve-{hosted.owner.login}", email=f"eve@{hosted.owner.login}.example")
    message = f"Mend\n\nCo-authored-by: Eve <eve@{hosted.owner.login}.example>\nCo-authored-by: Dan <dan@nowhere.example>"
    hosted.owner.pushes(hosted.name, {"src/a.py": "one = 3\n"}, "topic", message)
    found = await of(hosted, hosted.owner.opens_pull(hosted.name, "topic", "Mend"))
    assert dict(found.accounts) == {hosted.owner.id: hosted.owner.login, eve.id: eve.login}
    assert found.strangers == ("Dan <dan@nowhere.example>",)
    assert found.unknown == ""


@pytest.mark.parametrize("address", ["m@private.example", "noreply@mallory.example", "noreply@github.com"])
async def test_who_pushed_under_another_name_is_known(hosted: Hosted, address: str) -> None:
    mallory = hosted.double.person(f"mallory-{hosted.owner.login}")
    hosted.double.change(hosted.name, collaborators={mallory.login: "write"})
    mallory.pushes(hosted.name, {"src/a.py": "one = 3\n"}, "topic", maker={"name": "Somebody", "email": address})
    found = await of(hosted, hosted.owner.opens_pull(hosted.name, "topic", "Mend"))
    assert dict(found.accounts).get(mallory.id) == mallory.login


async def test_who_pushed_is_told_by_events_where_github_keeps_no_record(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(_repo: Repository, _branch: str) -> tuple[Move, ...]:
        return ()

    monkeypatch.setattr(activity, "of", nothing)
    base = Sha(hosted.double.get(f"/repos/{hosted.name}/git/ref/heads/main")["object"]["sha"])
    own = await git.commit_edits(hosted.repo, base, (Edit("src/a.py", "one = 2\n"),), "Mend")
    await git.set_ref(hosted.repo, "topic", own)
    number = (await pulls.open(hosted.repo, "topic", "main", "Mend", "")).number
    assert (await of(hosted, number)).unknown == "", "GitHub signed what the App made"
    head = Sha(hosted.owner.pushes(hosted.name, {"src/a.py": "one = 3\n"}, "topic"))
    found = await of(hosted, number)
    assert head[:12] in found.unknown
    assert "ask anew" in found.unknown
    pushed = Move(own, head, 77, Login("eve"))
    found = await of(hosted, number, pushed)
    assert found.unknown == ""
    assert dict(found.accounts)[77] == "eve"
