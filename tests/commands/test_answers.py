"""Commands that only tell: help, status, explain, config."""

from __future__ import annotations

from bot.change.change import Change
from bot.change.risk import Risk, RiskLevel
from bot.gate import Finding, failed, passed
from bot.hearing import known
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


async def test_help_lists_every_verb(room: Room) -> None:
    comment = await room.say("stranger", "/pawl")
    (said,) = room.said()
    assert all(f"`{command.usage}`" in said for command in known().values())
    assert room.reactions(comment) == ["eyes", "rocket"]


async def test_help_of_a_verb_has_who_may_and_examples(room: Room) -> None:
    await room.say("reader", "/pawl help verify")
    (said,) = room.said()
    assert "Least permission: **triage**" in said
    assert "    /pawl verify" in said


async def test_help_of_no_verb_names_the_nearest(room: Room) -> None:
    comment = await room.say("reader", "/pawl help verfy")
    assert "did you mean `/pawl verify`?" in room.said()[0]
    assert room.reactions(comment) == ["eyes", "confused"]


async def test_status_of_nothing(room: Room) -> None:
    await room.say("reader", "/pawl status\n/pawl explain")
    assert room.said()[0].count("Nothing was asked of Pawl here yet") == 2


async def test_status_lists_runs_with_their_reasons(room: Room) -> None:
    await judged(room)
    await room.say("writer", "/pawl test")
    await room.say("reader", "/pawl status")
    (said,) = room.said()
    newest, oldest = await room.runs()
    assert said.index(newest.id) < said.index(oldest.id)
    assert "| test | received | received |" in said
    assert "| fix | refused | on |" in said


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


async def test_config_tells_where_each_setting_comes_from(room: Room) -> None:
    await room.say("reader", "/pawl config")
    (said,) = room.said()
    assert "From `.github/pawl.yml` on the default branch." in said
    assert "| `trust` | `1` | .github/pawl.yml |" in said.replace("\\", "")
    assert "| `mutation.threshold` | `0.9` | .github/pawl.yml |" in said.replace("\\", "")
    assert "| `mutation.most` | `200` | default |" in said
