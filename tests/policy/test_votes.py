"""Whose word counts: the laws that no order of words, and no mix of people, can break."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Approvals, Role
from bot.ids import Login, PullNumber, Sha
from bot.policy.standing import Access, Owned, Person, Said, Stand, Standing, Voter
from bot.policy.votes import is_named, owners, roles, votes, why_not

HEAD, OLD = Sha("b" * 40), Sha("a" * 40)
START = datetime(2026, 1, 1, tzinfo=UTC)
ANN, BOB, EVE, BOT = (
    Person(1, Login("ann")),
    Person(2, Login("Bob")),
    Person(3, Login("eve")),
    Person(9, Login("x[bot]"), bot=True),
)
CONFIG = Approvals()


def standing(*said: tuple[Person, Stand, Sha], access: Access = Access.MAINTAIN) -> Standing:
    words = tuple(Said(person, stand, head, START + timedelta(seconds=at)) for at, (person, stand, head) in enumerate(said))
    voters = {each.person.id: Voter(each.person, access) for each in words}
    return Standing(PullNumber(7), HEAD, "main", "main", requester=ANN, said=words, voters=voters)


def counted(found: Standing, config: Approvals = CONFIG) -> set[tuple[str, str, str]]:
    return {(each.by, each.role, each.state) for each in votes(found, config).approvals}


def test_a_maintainers_approval_of_the_head_counts() -> None:
    assert counted(standing((BOB, Stand.APPROVED, HEAD))) == {("Bob", "maintainer", "approved")}


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (standing((BOB, Stand.APPROVED, OLD)), "approved another commit"),
        (standing((ANN, Stand.APPROVED, HEAD)), "asked for the change"),
        (standing((BOT, Stand.APPROVED, HEAD)), "is a bot"),
        (standing((BOB, Stand.APPROVED, HEAD), access=Access.NONE), "has no write access"),
        (standing((BOB, Stand.APPROVED, HEAD), access=Access.WRITE), "holds none of the roles that approve here"),
        (replace(standing((BOB, Stand.APPROVED, HEAD)), authors=(BOB,)), "pushed, wrote or committed part of the change"),
        (
            replace(standing((BOB, Stand.APPROVED, HEAD)), strangers=("bob <b@x.org>",)),
            "pushed, wrote or committed part of the change",
        ),
        (
            replace(standing((BOB, Stand.APPROVED, HEAD)), requester=None),
            "might be who asked for the change: that account is not known",
        ),
        (replace(standing((BOB, Stand.APPROVED, HEAD)), voters={}), "has no write access"),
    ],
)
def test_an_approval_that_does_not_count_says_why(found: Standing, why: str) -> None:
    result = votes(found, CONFIG)
    assert result.approvals == ()
    assert [each[1] for each in result.discounted] == [why]


def test_what_was_taken_back_does_not_count_and_can_be_given_again() -> None:
    assert counted(standing((BOB, Stand.APPROVED, HEAD), (BOB, Stand.WITHDRAWN, HEAD))) == set()
    again = standing((BOB, Stand.APPROVED, HEAD), (BOB, Stand.WITHDRAWN, HEAD), (BOB, Stand.APPROVED, HEAD))
    assert counted(again) == {("Bob", "maintainer", "approved")}


def test_a_veto_stands_until_its_author_approves() -> None:
    assert counted(standing((BOB, Stand.VETOED, OLD))) == {("Bob", "writer", "vetoed")}
    assert counted(standing((BOB, Stand.VETOED, OLD), (BOB, Stand.WITHDRAWN, HEAD))) == {("Bob", "writer", "vetoed")}
    assert counted(standing((BOB, Stand.VETOED, OLD), (BOB, Stand.APPROVED, HEAD))) == {("Bob", "maintainer", "approved")}
    assert counted(standing((BOB, Stand.APPROVED, HEAD), (BOB, Stand.VETOED, HEAD))) == {("Bob", "writer", "vetoed")}
    assert counted(standing((BOB, Stand.VETOED, HEAD), access=Access.NONE)) == set()
    assert counted(standing((ANN, Stand.VETOED, HEAD))) == {("ann", "writer", "vetoed")}


def test_of_two_words_in_one_second_the_less_welcome_is_the_later() -> None:
    approved, vetoed = Said(BOB, Stand.APPROVED, HEAD, START), Said(BOB, Stand.VETOED, HEAD, START)
    voters = {BOB.id: Voter(BOB, Access.ADMIN)}
    for said in ((approved, vetoed), (vetoed, approved)):
        found = Standing(PullNumber(7), HEAD, "main", "main", requester=ANN, said=said, voters=voters)
        assert counted(found) == {("Bob", "writer", "vetoed")}


def test_roles_come_from_permission_users_teams_and_code_owners() -> None:
    config = Approvals(
        roles={
            "legal": Role(users=("@BOB",)),
            "data": Role(teams=("Acme/Data",)),
            "other": Role(teams=("acme/other",), users=("eve",)),
        }
    )
    owned = (Owned("a.py", ("@acme/core", "x@y.org")),)
    voter = Voter(BOB, Access.WRITE, frozenset({"acme/data", "acme/core"}))
    assert roles(voter, config, owned) == ("data", "legal", "owner")
    assert roles(replace(voter, access=Access.ADMIN), config, ()) == ("data", "legal", "maintainer", "security")
    assert roles(replace(voter, access=Access.NONE), config, owned) == ()


def test_who_of_those_who_approved_owns_which_path() -> None:
    found = replace(
        standing((BOB, Stand.APPROVED, HEAD), (EVE, Stand.APPROVED, OLD)),
        owned=(Owned("a.py", ("@bob",)), Owned("b.py", ("@eve",)), Owned("c.py", ())),
    )
    assert [each.by for each in owners(votes(found, CONFIG), found)] == [("Bob",), (), ()]


@pytest.mark.parametrize(
    ("stranger", "named"),
    [
        ("B. <2+bob@users.noreply.github.com>", True),
        ("B. <3+bob@users.noreply.github.com>", False),
        ("B. <BOB@users.noreply.github.com>", True),
        ("bob <b@example.org>", True),
        ("Robert <b@example.org>", False),
    ],
)
def test_whom_a_commit_names(stranger: str, named: bool) -> None:
    assert is_named(BOB, stranger) is named


PEOPLE = (ANN, BOB, EVE, BOT)
WORDS = st.lists(
    st.builds(
        Said,
        st.sampled_from(PEOPLE),
        st.sampled_from(Stand),
        st.sampled_from((HEAD, OLD)),
        st.integers(0, 5).map(lambda s: START + timedelta(seconds=s)),
    ),
    max_size=10,
)


@given(
    WORDS,
    st.fixed_dictionaries({each.id: st.sampled_from(Access) for each in PEOPLE}),
    st.sets(st.sampled_from(PEOPLE)),
    st.randoms(),
)
def test_only_the_right_people_ever_count(
    said: list[Said], access: dict[int, Access], authors: set[Person], random: object
) -> None:
    voters = {each.id: Voter(each, access[each.id]) for each in PEOPLE}
    found = Standing(PullNumber(7), HEAD, "main", "main", requester=ANN, said=tuple(said), voters=voters, authors=tuple(authors))
    result = votes(found, CONFIG)
    for each in result.approvals:
        own = [word for word in said if word.person.id == each.id]
        assert not voters[each.id].person.bot
        assert access[each.id].rank >= Access.WRITE.rank
        if each.state == "approved":
            assert why_not(voters[each.id], found) == ""
            assert each.id not in {ANN.id, *(author.id for author in authors)}
            assert each.head == HEAD
            given_at = max(word.at for word in own if word.stand is Stand.APPROVED and word.head == HEAD)
            assert all(word.at < given_at for word in own if word.stand is not Stand.APPROVED)
        else:
            assert any(word.stand is Stand.VETOED for word in own)
    shuffled = list(said)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert votes(replace(found, said=tuple(shuffled)), CONFIG) == result
    approvers = {each.by for each in result.approvals if each.state == "approved"}
    assert approvers.isdisjoint(login for login, _ in result.discounted)
