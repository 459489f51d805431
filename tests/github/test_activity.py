"""Who moved a branch: read from GitHub's record, and followed from a head back to where the branch began."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.change.move import Move
from bot.github import activity
from bot.github.activity import NOWHERE, Movers, movers
from bot.github.repository import Repository
from bot.ids import Login, Sha
from tests.github.conftest import Answering, told
from tests.github.hosted import Hosted

A, B, C, D = (Sha(each * 40) for each in "abcd")
ANN, BOB, EVE = (1, Login("ann")), (2, Login("bob")), (3, Login("eve"))


def move(before: Sha, after: Sha, who: tuple[int, Login] | None = ANN) -> Move:
    return Move(before, after, *(who or (None, Login(""))))


def test_everybody_on_the_way_to_the_head_has_moved_it() -> None:
    way = [move(NOWHERE, A), move(A, B, BOB), move(B, C)]
    assert movers(C, way) == Movers((ANN, BOB))
    assert movers(B, way) == Movers((ANN, BOB))
    assert movers(A, way) == Movers((ANN,)), "what came later has no part in it"


def test_a_gap_is_told_where_it_is() -> None:
    assert movers(C, []) == Movers((), (C,))
    assert movers(C, [move(NOWHERE, A), move(B, C, BOB)]) == Movers((BOB,), (B,))
    assert movers(B, [move(NOWHERE, A), move(A, B, None)]) == Movers((ANN,), (B,))


def test_another_source_may_know_whose_a_move_was() -> None:
    assert movers(B, [move(NOWHERE, A), move(A, B, None), move(A, B, BOB)]) == Movers((ANN, BOB))


def test_going_back_and_forth_leads_to_a_beginning_or_is_not_known() -> None:
    circle = [move(A, B, BOB), move(B, A, EVE)]
    assert movers(B, circle) == Movers((BOB, EVE), (B,))
    assert movers(B, [move(NOWHERE, A), *circle]) == Movers((ANN, BOB, EVE))


def test_a_branch_of_the_same_name_that_is_gone_does_not_matter() -> None:
    assert movers(B, [move(NOWHERE, D, EVE), move(D, NOWHERE, EVE), move(NOWHERE, A), move(A, B, BOB)]) == Movers((ANN, BOB))


MOVES = st.lists(
    st.builds(move, st.sampled_from((NOWHERE, A, B, C)), st.sampled_from((A, B, C)), st.sampled_from((ANN, BOB, None))),
    max_size=8,
)


@given(MOVES, MOVES)
def test_knowing_more_never_takes_anybody_off(some: list[Move], more: list[Move]) -> None:
    assert set(movers(C, some).accounts) <= set(movers(C, some + more).accounts)
    assert movers(C, some) == movers(C, some[::-1] + some)


@given(MOVES)
def test_whoever_moved_it_last_is_among_them(moves: list[Move]) -> None:
    found = movers(C, [*moves, move(B, C, EVE)])
    assert EVE in found.accounts


async def test_github_tells_every_move_of_a_branch(hosted: Hosted) -> None:
    eve = hosted.double.person(f"eve-{hosted.owner.login}")
    hosted.double.change(hosted.name, collaborators={eve.login: "write"})
    first = hosted.owner.pushes(hosted.name, {"src/a.py": "one = 2\n"}, "topic/x")
    head = eve.pushes(hosted.name, {"src/a.py": "one = 3\n"}, "topic/x", maker={"name": "Ann", "email": "a@b.example"})
    eve.pushes(hosted.name, {"src/a.py": "one = 3\n"}, "topic/other")
    found = await activity.of(hosted.repo, "topic/x")
    assert found[0] == Move(Sha(first), Sha(head), eve.id, Login(eve.login))
    assert dict(movers(Sha(head), found).accounts) == {hosted.owner.id: hosted.owner.login, eve.id: eve.login}
    assert movers(Sha(head), found).lost == ()


async def test_a_server_that_keeps_no_record_tells_of_nobody(repo: Repository, server: Answering) -> None:
    server.answers = [told({"message": "Not Found"}, 404), told({"message": "Resource not accessible"}, 403)]
    assert await activity.of(repo, "topic") == ()
    assert await activity.of(repo, "topic") == ()
