"""``/pawl approve``: bound to the head, by the right people, said once."""

from __future__ import annotations

from bot.run import State
from tests.commands.proposed import Proposed, propose, protect
from tests.commands.room import Room


async def test_a_maintainers_approval_is_written_down_and_leads_to_the_merge(proposed: Proposed) -> None:
    told = await proposed.say("keeper", "/pawl approve")
    assert "is approved by" in told
    assert "(maintainer)" in told
    assert "rocket" in told
    assert (await proposed.look()).state is State.MERGING
    assert (await proposed.look()).state is State.DONE
    assert (await proposed.pull()).merged
    actions = [each["action"] for each in await proposed.room.store.ledger(proposed.id)]
    assert actions[-4:] == ["approval.approved", "merge.done", "run.merging", "run.done"]


async def test_who_asked_for_it_cannot_approve_it(room: Room) -> None:
    proposed = await propose(room, "keeper")
    told = await proposed.say("keeper", "/pawl approve")
    assert "asked for the change" in told
    assert "confused" in told
    assert (await proposed.look()).state is State.AWAITING_APPROVAL


async def test_a_writer_without_a_role_and_a_reader_cannot(room: Room) -> None:
    proposed = await propose(room, "admin")
    assert "holds none of the roles" in await proposed.say("writer", "/pawl approve")
    assert await proposed.say("reader", "/pawl approve") == "eyes -1"
    assert await room.store.approvals.of(room.repository, proposed.number) == ()


async def test_the_commit_named_has_to_be_the_head(proposed: Proposed) -> None:
    assert "is not the head" in await proposed.say("keeper", f"/pawl approve {'0' * 12}")
    assert "is not the head" in await proposed.say("keeper", f"/pawl approve {proposed.head[:5]}")
    assert "is approved by" in await proposed.say("keeper", f"/pawl approve {proposed.head[:12].upper()}")


async def test_a_head_that_is_not_judged_cannot_be_approved_and_an_old_approval_does_not_count_for_it(proposed: Proposed) -> None:
    proposed.needs_reviews(2)
    assert "is approved by" in await proposed.say("keeper", "/pawl approve")
    assert (await proposed.look()).state is State.MERGING
    assert (await proposed.pull()).auto_merge
    branch = (await proposed.pull()).head_branch
    proposed.room.people["writer"].pushes(proposed.room.name, {"shop.py": "def price(n):\n    return 4\n"}, branch)
    assert "is not judged yet" in await proposed.say("admin", "/pawl approve")
    moved = await proposed.worker_looks_once()
    assert moved.state is State.CHECKING
    assert not (await proposed.pull()).auto_merge
    changed = (await proposed.room.store.history(proposed.id)).changed
    assert changed is not None
    assert changed.head == (await proposed.pull()).head


async def test_a_delivery_that_comes_twice_says_it_once(proposed: Proposed) -> None:
    room = proposed.room
    comment = room.people["keeper"].comments(room.name, proposed.number, "/pawl approve")
    for _ in range(2):
        await room.hears(room.payload(proposed.number, comment), "the-same")
    assert len(await room.store.approvals.of(room.repository, proposed.number)) == 1


async def test_an_unguarded_branch_is_not_armed_and_the_setting_is_named(proposed: Proposed) -> None:
    protect(proposed.room, enforce_admins=False)
    told = await proposed.say("keeper", "/pawl approve")
    assert "Do not allow bypassing" in told
    run = await proposed.look()
    assert run.state is State.AWAITING_APPROVAL
    assert "can be bypassed by administrators" in run.reason


async def test_where_nothing_is_proposed_there_is_nothing_to_approve(room: Room) -> None:
    comment = await room.say("keeper", "/pawl approve")
    assert "has proposed nothing here" in room.said()[-1]
    assert room.reactions(comment) == ["eyes", "confused"]
