from __future__ import annotations

from bot.ids import Digest, NodeId
from bot.spec.spec import Role, Source, Spec, SpecTest


def test_a_spec_sorts_its_tests_by_what_they_are_good_for() -> None:
    tests = tuple(
        SpecTest(NodeId(name), role, Source.EXAMPLE, kept, 1, "", held)
        for name, role, kept, held in (
            ("w", Role.WITNESS, True, False),
            ("h", Role.WITNESS, True, True),
            ("g", Role.GUARD, True, False),
            ("d", Role.GUARD, False, False),
        )
    )
    spec = Spec(tests, (), (), Digest("sha256:"))
    assert [each.id for each in spec.witnesses] == ["w", "h"]
    assert [each.id for each in spec.guards] == ["g"]
    assert [each.id for each in spec.shown] == ["w", "g"]
