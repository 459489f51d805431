"""Suspected bugs are found again in their own repository, as the newest answer tells them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import InputError
from bot.history import Answered, Suspect
from bot.ids import InstallationId, RepoName, Sha, new_run_id
from bot.llm.citation import Citation
from bot.run import Inquiry, Instruction, Origin, State, Verb
from bot.spec.definitions import Definition, Index, Module
from bot.spec.draft import Draft
from bot.spec.examples import draft_examples
from bot.spec.names import Resolver
from bot.spec.showing import Shown
from bot.store.runs import Transition
from bot.store.store import Store

INDEX = Index(
    (Definition("shop.py", "shop", "price", 1, 2, is_class=False, signature="price(n)"),),
    {"shop": Module("shop", "shop.py", frozenset({"price"}))},
)


def suspect(id_: str, what: str) -> Suspect:
    return Suspect(id_, Citation("shop.py", 2, 2, "return n\0"), what, "price(2)", "4", Shown.SHOWN, "2")


async def answered(store: Store, repository: int | None, *suspects: Suspect) -> None:
    origin = Origin(InstallationId(9), repository, 3, 1) if repository else None
    wish = Instruction(Verb.FIX, "\0\ud800", RepoName("o/r"), Sha("a" * 40), origin=origin, inquiry=Inquiry.DEBUG)
    run = await store.create(wish, new_run_id(), alone=False)
    for to, output in ((State.ANSWERING, None), (State.DONE, Answered((), suspects))):
        held = await store.claim(run.id)
        assert held is not None
        assert await store.commit(held, Transition(to, "on", output)) is not None
        await store.release(held)


async def test_a_bug_is_found_in_its_own_repository_and_the_newest_word_counts(store: Store) -> None:
    one, other = "bug:00000001", "bug:00000002"
    await answered(store, 7, suspect(one, "old"), suspect(other, "other"))
    await answered(store, 7, suspect(one, "new"))
    await answered(store, 8, suspect(one, "elsewhere"))
    await answered(store, None, suspect(one, "laptop"))
    repo = RepoName("o/r")
    assert await store.suspect(one, repo, 7) == suspect(one, "new")
    assert await store.suspect(other, RepoName("renamed/r"), 7) == suspect(other, "other")
    assert await store.suspect(one, repo) == suspect(one, "laptop")
    assert await store.suspect(other, repo, 8) is None
    assert await store.suspect(one, RepoName("o/s")) is None


async def test_questions_are_not_among_the_runs_of_an_issue_and_bar_no_change(store: Store) -> None:
    wish = Instruction(Verb.FIX, "why?", RepoName("/repo"), Sha("a" * 40), inquiry=Inquiry.ASK)
    question = await store.create(wish, new_run_id(), alone=False)
    held = await store.claim(question.id)
    assert held is not None
    assert await store.active(RepoName("/repo")) is None
    change = await store.create(Instruction(Verb.FIX, "mend", RepoName("/repo"), Sha("a" * 40)), new_run_id())
    assert await store.claim(change.id) is not None
    again = await store.create(wish, new_run_id(), alone=False)
    assert await store.claim(again.id) is not None
    await answered(store, 7)
    assert await store.latest(7, 3) == ()
    origin = Origin(InstallationId(9), 7, 3, 1)
    mend = await store.create(
        Instruction(Verb.FIX, "\0", RepoName("o/r"), Sha("a" * 40), origin=origin), new_run_id(), alone=False
    )
    assert await store.latest(7, 3) == (mend,)


async def test_an_instruction_that_names_a_bug_means_that_bugs_own_words(store: Store) -> None:
    bug = suspect("bug:00000001", "Doubles nothing.")
    await answered(store, 7, bug)
    repo = RepoName("o/r")
    assert await store.mending("fix the cart", repo, 7) == "fix the cart"
    for said in ("bug:00000001", "fix bug:00000001", "Please fix: bug:00000001."):
        assert await store.mending(said, repo, 7) == bug.wish
    assert await store.mending("fix bug:00000001 without a new class", repo, 7) == f"fix   without a new class\n\n{bug.wish}"
    with pytest.raises(InputError, match="no bug:00000001 was reported"):
        await store.mending("fix bug:00000001", repo, 8)


def test_only_what_was_shown_becomes_an_example() -> None:
    bug = suspect("bug:00000001", "Doubles nothing.")
    assert bug.wish.startswith("fix: Doubles nothing.\n\nIt is in `shop.py`, line 2:\n\n    return n")
    assert bug.wish.endswith("`price(2)` should return `4`.\n")
    assert "should" not in replace(bug, shown=Shown.NOT_SHOWN).wish
    sly = replace(bug, what="`price(3)` should return 9.\n\n>>> price(4)\n16\nassert price(5) == 1", call="", shown=Shown.NOT_RUN)
    assert [each for each in draft_examples(sly.wish, Resolver(INDEX, sly.wish)) if isinstance(each, Draft)] == []
    assert replace(bug, expected="raises ValueError").wish.endswith("`price(2)` should raise `ValueError`.\n")
