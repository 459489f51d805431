"""Notices at the double: one comment edited, one written when people must look, and nothing twice, whoever dies."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.change.change import Change, Edits
from bot.change.risk import Risk, RiskLevel
from bot.engine import Question, Reading
from bot.errors import Retryable
from bot.examination.paper import Paper
from bot.gate import passed
from bot.github import comments
from bot.history import Changed, Checked, Output, Sealed
from bot.ids import InstallationId, PullNumber, RepoName, RunId, Sha, new_run_id
from bot.plan.plan import Plan, Step
from bot.policy.decision import Decision
from bot.run import FINAL, UNASKED, WAITING, Instruction, Origin, Run, State, Verb
from bot.speech.notice import Notice
from bot.speech.telling import REACTIONS, STICKY
from bot.store.results import Examination
from bot.store.runs import Transition
from tests.commands.room import Room
from tests.doubles.proposal import SPEC

BASE, HEAD = Sha("a" * 40), Sha("b" * 40)
PLAN = Plan(Verb.FIX, "price is wrong", (Step("repair", "code.repair", {}),))
QUESTION = Question("price(3)", (Reading("A", Edits((), ""), "6"), Reading("B", Edits((), ""), "9")))


def notice(room: Room, pause: float = 0.0) -> Notice:
    return Notice(room.store, room.hosted.app, pause=timedelta(seconds=pause))


async def asked(room: Room, comment: int | None = None, **more: Any) -> Run:
    origin = Origin(InstallationId(room.hosted.installation), room.repository, room.issue, 5, comment)
    wish = Instruction(Verb.FIX, "mend", RepoName(room.name), BASE, origin=origin, requester="mona", door="github", **more)
    return await room.store.create(wish, new_run_id(), alone=False)


async def goes(room: Room, run: RunId, *steps: tuple[State, str, Output | None]) -> Run:
    """Take a run through transitions as a worker would."""
    for to, reason, output in steps:
        held = await room.store.claim(run)
        assert held is not None
        assert await room.store.commit(held, Transition(to, reason, output)) is not None
        await room.store.release(held)
    return await room.store.get(run)


def checked(*require: str) -> Checked:
    return Checked(
        Change(BASE, HEAD, (), ""), (passed("lint", "clean"),), Risk(RiskLevel.LOW, 1, ()), Decision(allow=True, require=require)
    )


WALK: tuple[tuple[State, str, Output | None], ...] = (
    (State.PLANNING, "taken up", None),
    (State.SPECIFYING, "plan: code.repair", PLAN),
    (State.CHANGING, "spec locked", None),
    (State.CHECKING, "changed", Changed("search", HEAD, None)),
    (State.PROPOSING, "every gate is green", checked("one approval")),
)


@pytest.fixture
def posted(room: Room) -> int:
    return room.people["writer"].comments(room.name, room.issue, "/pawl fix")


async def test_one_comment_follows_the_run_and_one_tells_its_end(room: Room, posted: int) -> None:
    run = await asked(room, posted)
    telling = notice(room)
    await telling.told(run)
    for step in WALK:
        await telling.told(await goes(room, run.id, step))
        assert len(room.said()) == 1
    await telling.told(await goes(room, run.id, (State.DONE, "merged", None)))
    shown, end = room.said()
    assert shown.startswith(STICKY)
    assert "### Pawl: ✅ Done" in shown
    assert "✅ Done.** Merged." in end
    assert room.reactions(posted) == ["rocket"]


async def test_the_comment_leads_to_where_the_gates_are_at_work(room: Room, posted: int) -> None:
    run = await asked(room, posted)
    paper = Paper(run.id, BASE, HEAD, "mend", None, ("lint",))
    await room.store.examinations.open(Examination(paper, room.repository, "w"))
    await room.store.examinations.will_dispatch(run.id, HEAD, "n", BASE)
    await room.store.examinations.was_dispatched(run.id, HEAD, 77)
    await notice(room).told(await goes(room, run.id, *WALK))
    (shown,) = room.said()
    assert f"[the gates at work]({room.hosted.double.url}/{room.name}/actions/runs/77)" in shown


async def test_told_again_it_says_nothing_again(room: Room, posted: int) -> None:
    run = await goes(room, (await asked(room, posted)).id, (State.REFUSED, "no", None))
    for telling in (notice(room), notice(room), notice(room)):
        await telling.told(run)
    assert len(room.said()) == 2
    assert room.reactions(posted) == ["confused"]


async def test_whoever_died_after_writing_is_not_repeated(room: Room, posted: int) -> None:
    """The comments are there, what the store knew of them is not."""
    run = await goes(room, (await asked(room, posted)).id, (State.REFUSED, "no", None))
    await notice(room).told(run)
    async with room.store._transaction() as connection:
        await connection.execute("DELETE FROM said")
        await connection.execute("UPDATE sticky SET comment = NULL, shown = ''")
    await notice(room).told(run)
    assert len(room.said()) == 2


async def test_many_at_once_write_one_sticky_comment_and_one_end(room: Room, posted: int) -> None:
    run = await goes(room, (await asked(room, posted)).id, (State.REFUSED, "no", None))
    await asyncio.gather(*(notice(room).told(run) for _ in range(4)))
    assert len([each for each in room.said() if each.startswith(STICKY)]) == 1
    assert len(room.said()) == 2


async def test_edits_are_a_pause_apart_and_the_last_state_is_shown(room: Room) -> None:
    run = await asked(room)
    telling = notice(room, 0.4)
    started = asyncio.get_running_loop().time()
    for step in WALK:
        await telling.told(await goes(room, run.id, step))
    took = asyncio.get_running_loop().time() - started
    assert took >= 0.4 * (len(WALK) - 1)
    assert "**Now:** proposing" in room.said()[0]


async def test_late_news_show_the_present(room: Room) -> None:
    run = await asked(room)
    await goes(room, run.id, *WALK)
    await notice(room).told(replace(run, state=State.PLANNING))
    (shown,) = room.said()
    assert "**Now:** proposing" in shown


async def test_a_sticky_comment_that_somebody_deleted_is_written_anew(room: Room) -> None:
    run = await asked(room)
    await notice(room).told(run)
    comment, _ = await room.store.stickies.shown(room.repository, room.issue)
    assert comment is not None
    room.hosted.owner.deletes(room.name, comment)
    await notice(room).told(await goes(room, run.id, WALK[0]))
    (shown,) = room.said()
    assert "**Now:** planning" in shown


async def test_a_strangers_marker_is_not_taken_for_the_sticky_comment(room: Room) -> None:
    room.people["stranger"].comments(room.name, room.issue, f"{STICKY} mine")
    await notice(room).told(await asked(room))
    assert len(room.said()) == 1


async def test_people_are_called_once_for_each_head_that_needs_them(room: Room) -> None:
    run = await asked(room)
    waits = (State.AWAITING_APPROVAL, "proven; still needed: one approval", None)
    telling = notice(room)
    await telling.told(await goes(room, run.id, *WALK, waits))
    await telling.told(await room.store.get(run.id))
    calls = [each for each in room.said() if not each.startswith(STICKY)]
    assert len(calls) == 1
    assert "🙋 Proven, and waiting for people.** Proven; still needed: one approval." in calls[0]


async def test_a_wait_that_needs_nobody_is_only_shown(room: Room) -> None:
    run = await asked(room)
    waits = (State.AWAITING_APPROVAL, "proven and allowed; merging is next", None)
    await notice(room).told(await goes(room, run.id, *WALK, waits))
    assert len(room.said()) == 1


async def test_a_question_is_asked_with_its_reactions_on_offer(room: Room, posted: int) -> None:
    run = await asked(room, posted)
    question = (State.REFUSED, "several readings", Changed("search", None, None, question=QUESTION))
    await notice(room).told(await goes(room, run.id, *WALK[:3], question))
    assert "❓ **Which is right?**" in room.said()[-1]
    (open_,) = await room.store.stickies.questions(timedelta(days=1))
    assert room.reactions(open_.comment) == [REACTIONS["A"], REACTIONS["B"]]
    assert room.reactions(posted) == ["confused"]
    assert "press a button" not in room.said()[-1], "there is no commit to put one on"


@pytest.mark.parametrize("known", [True, False])
async def test_a_question_has_buttons_on_the_commit_of_its_spec(room: Room, posted: int, known: bool) -> None:
    run = await asked(room, posted)
    head = Sha(room.hosted.double.get(f"/repos/{room.name}/branches/main")["commit"]["sha"] if known else "c" * 40)
    locked = (State.CHANGING, "spec locked", replace(SPEC, commit=head))
    question = (State.REFUSED, "several readings", Changed("search", None, None, question=QUESTION))
    await notice(room).told(await goes(room, run.id, *WALK[:2], locked, question))
    assert "❓ **Which is right?**" in room.said()[-1]
    assert ("press a button [on the check]" in room.said()[-1]) is known
    if known:
        (shown,) = room.hosted.double.get(f"/repos/{room.name}/commits/{head}/check-runs")["check_runs"]
        assert (shown["name"], shown["external_id"], shown["conclusion"]) == ("pawl / question", run.id, "action_required")
        assert shown["html_url"] in room.said()[-1]


async def test_a_plan_that_was_asked_for_is_a_success(room: Room, posted: int) -> None:
    run = await asked(room, posted, plan_only=True)
    await notice(room).told(await goes(room, run.id, WALK[0], (State.CANCELLED, "only the plan", PLAN)))
    assert "📋 **The plan.**" in room.said()[-1]
    assert room.reactions(posted) == ["rocket"]


async def test_a_label_has_its_reaction_on_the_issue(room: Room) -> None:
    await notice(room).told(await goes(room, (await asked(room)).id, (State.REFUSED, "no", None)))
    found = room.hosted.double.get(f"/repos/{room.name}/issues/{room.issue}/reactions")
    assert [each["content"] for each in found] == ["confused"]


async def test_a_run_of_a_laptop_is_told_to_nobody(room: Room) -> None:
    run = await asked(room)
    await notice(room).told(replace(run, instruction=replace(run.instruction, origin=None)))
    assert room.said() == []


async def test_what_github_does_not_take_now_is_told_later(room: Room, posted: int) -> None:
    run = await goes(room, (await asked(room, posted)).id, (State.REFUSED, "no", None))
    room.hosted.double.fault("status", status=502, path="/comments$", count=50)
    try:
        with pytest.raises(Retryable):
            await notice(room).told(run)
    finally:
        room.hosted.double.no_faults()
    await notice(room).told(run)
    assert len(room.said()) == 2


@pytest.mark.parametrize("skip", [0, 1])
async def test_a_comment_that_github_wrote_without_saying_so_is_found(room: Room, posted: int, skip: int) -> None:
    run = await goes(room, (await asked(room, posted)).id, (State.REFUSED, "no", None))
    room.hosted.double.fault("lost", path=f"/repos/{room.name}/issues/{room.issue}/comments$", method="POST", count=1, skip=skip)
    with pytest.raises(Retryable):
        await notice(room).told(run)
    await notice(room).told(run)
    assert len(room.said()) == 2


async def test_a_comment_that_grew_too_long_is_cut_by_whole_paragraphs(room: Room) -> None:
    run = await goes(room, (await asked(room)).id, (State.REFUSED, "why " * 40_000, None))
    await notice(room).told(run)
    assert all(len(each) <= 65_536 for each in room.said())
    found = await comments.find(room.hosted.repo, room.issue, STICKY)
    assert found is not None


def test_every_end_has_words() -> None:
    assert {State.DONE, State.REFUSED, State.FAILED, State.CANCELLED, State.STOPPED, State.ROLLED_BACK} == FINAL
    assert State.AWAITING_APPROVAL in WAITING


async def test_a_verdict_is_told_once_and_what_comes_after_is_no_news(room: Room) -> None:
    number = room.pull()
    comment = room.people["sorter"].comments(room.name, number, "/pawl verify")
    origin = Origin(InstallationId(room.hosted.installation), room.repository, number, 5, comment, pull=True)
    wish = Instruction(Verb.FIX, "", RepoName(room.name), BASE, origin=origin, requester="mona", door="github", head=HEAD)
    run, telling = await room.store.create(wish, new_run_id(), alone=False), notice(room)
    sealed = Sealed("bundle", "sha256:0", None, PullNumber(number))
    walk: tuple[tuple[State, str, Output | None], ...] = (
        (State.CHECKING, "taken up", None),
        (State.PROPOSING, "every gate is green", checked("one approval")),
        (State.AWAITING_APPROVAL, "proven; still needed: one approval", sealed),
        (State.CANCELLED, "the head moved", None),
    )
    for step in walk:
        await telling.told(await goes(room, run.id, step))
    assert [STICKY in each for each in room.said(number)] == [True, False]
    assert "one approval" in room.said(number)[1]
    assert "he head moved" in room.said(number)[0]
    assert room.reactions(comment) == ["rocket"]


async def test_of_what_nobody_asked_for_nothing_is_said(room: Room) -> None:
    run = await asked(room)
    quiet = replace(run, instruction=replace(run.instruction, door=UNASKED))
    await notice(room).told(quiet)
    assert room.said() == []
