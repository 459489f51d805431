"""What of a spec is kept, shown and held out."""

from __future__ import annotations

from bot.ids import Digest, NodeId
from bot.spec.spec import Role, Source, Spec, SpecTest


def test_witnesses_guards_and_what_an_engine_may_see() -> None:
    def one(name: str, role: Role, *, kept: bool = True, held_out: bool = False) -> SpecTest:
        return SpecTest(NodeId(name), role, Source.EXAMPLE, kept, 1, "", held_out)

    tests = (
        one("w", Role.WITNESS),
        one("hidden", Role.WITNESS, held_out=True),
        one("g", Role.GUARD),
        one("weak", Role.GUARD, kept=False),
    )
    spec = Spec(tests, (), (), Digest("sha256:0"))
    assert [each.id for each in spec.witnesses] == ["w", "hidden"]
    assert [each.id for each in spec.guards] == ["g"]
    assert [each.id for each in spec.shown] == ["w", "g"]
