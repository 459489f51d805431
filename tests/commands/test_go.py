"""``/pawl go``: what was shown is carried out."""

from __future__ import annotations

from dataclasses import replace

from bot.plan.plan import Plan, Step
from bot.run import State, Verb
from tests.commands.room import Room

PLAN = Plan(Verb.FIX, "price", (Step("repair", "code.repair", {}),))


async def test_go_carries_out_the_plan_on_the_commit_it_was_made_for(room: Room) -> None:
    await room.say("writer", "/pawl plan")
    await room.goes((State.PLANNING, None), (State.CANCELLED, PLAN))
    room.people["keeper"].pushes(room.name, {"other.py": "x = 1\n"})
    comment = await room.say("keeper", "/pawl go")
    run, old = await room.runs()
    assert run.instruction.base == old.instruction.base
    wish = replace(run.instruction, plan_only=True, requester=old.instruction.requester, origin=old.instruction.origin)
    assert wish == old.instruction
    assert run.instruction.origin is not None
    assert (run.instruction.origin.requester, run.instruction.origin.comment) == (room.people["keeper"].id, comment)


async def test_go_heard_twice_begins_one_run(room: Room) -> None:
    await room.say("writer", "/pawl plan")
    await room.goes((State.PLANNING, None), (State.CANCELLED, PLAN))
    payload = room.payload(room.issue, room.people["writer"].comments(room.name, room.issue, "/pawl go"))
    delivery = await room.hears(payload)
    await room.hears(payload, delivery)
    assert len(await room.runs()) == 2
    assert room.said() == []


async def test_go_without_a_plan_is_refused(room: Room) -> None:
    await room.say("writer", "/pawl go")
    await room.say("writer", "/pawl plan\n/pawl go")
    assert "no plan waits here" in room.said()[0]
    assert "no plan waits here" in room.said()[1]


async def test_go_waits_for_the_plan(room: Room) -> None:
    await room.say("writer", "/pawl plan")
    await room.say("writer", "/pawl go")
    assert "the plan is not there yet" in room.said()[0]
