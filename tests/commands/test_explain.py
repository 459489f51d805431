"""``/pawl explain``."""

from __future__ import annotations

from bot.change.change import Change
from bot.change.risk import Risk, RiskLevel
from bot.gate import Finding, failed, passed
from bot.history import Checked
from bot.ids import Sha
from bot.policy.decision import Decision
from bot.run import State
from tests.commands.room import Room

FINDING = Finding("shop.py", 2, "`price` gives <b>2</b>, ping @mona", "wrong")
CHECKED = Checked(
    Change(Sha("a" * 40), Sha("b" * 40), (), ""),
    (passed("lint", "clean"), failed("tests", "1 test fails", (FINDING,))),
    Risk(RiskLevel.LOW, 1, ()),
    Decision(allow=False, deny=("tests failed",)),
)


async def judged(room: Room) -> None:
    await room.say("writer", "/pawl fix")
    walk = [(each, None) for each in (State.PLANNING, State.SPECIFYING, State.CHANGING, State.CHECKING)]
    await room.goes(*walk, (State.PROPOSING, CHECKED), (State.REFUSED, None))


async def test_explain_shows_what_the_red_gates_found(room: Room) -> None:
    await judged(room)
    await room.say("reader", "/pawl explain")
    (said,) = room.said()
    assert "❌ tests" in said
    assert "* `shop.py:2` `price` gives \\<b\\>2\\</b\\>, ping @<!-- -->mona (`wrong`)" in said
    assert "lint" not in said


async def test_explain_shows_one_gate(room: Room) -> None:
    await judged(room)
    await room.say("reader", "/pawl explain lint\n/pawl explain LINT\n/pawl explain magic")
    (said,) = room.said()
    assert said.count("✅ lint") == 2
    assert "There is no gate `magic` in this run: there are lint, tests." in said


async def test_explain_before_anything_was_judged(room: Room) -> None:
    await room.say("writer", "/pawl fix")
    await room.say("writer", "/pawl explain")
    assert "no gate has spoken" in room.said()[0]
