from __future__ import annotations

import ast
from itertools import islice, pairwise

from bot.repair.enumeration import TEMPLATES, Ground, candidates
from bot.repair.localisation import Suspect
from bot.repair.routine import Routine
from bot.repair.source import SourceFile

SOURCE = '''
LIMIT = 10


class Stack:
    def __init__(self, items=None, size=3):
        self.items = items or []
        self.size: int = size

    def peek(self, at, step=1):
        """Give an element."""
        found = None
        for place, item in enumerate(self.items):
            if place == at and not item or len(item) > LIMIT:
                found = item[at:] + "x"
                self.size += 1
                continue
            elif at < step < 9:
                found = f"{item}!" if item else item
        try:
            return sorted(found, key=lambda each: each[0])[::-1], {k: v for k, v in self.items if k}
        except (KeyError, IndexError):
            pass
        return self.peek(at - 1)
'''


def _ground() -> Ground:
    file = SourceFile("m.py", SOURCE)
    suspects = [Suspect("m.py", each, 1.0) for each in file.statements]
    return Ground(file, suspects, Routine)


def test_every_candidate_is_python_and_new_and_the_best_come_first() -> None:
    found = list(candidates([_ground()], set(), {}))
    assert len(found) > 2000
    for each in found[:: len(found) // 700]:
        ast.parse(each.text)
    assert len({each.text for each in found}) == len(found)
    assert all(one.score >= other.score for one, other in pairwise(found))
    assert SOURCE not in {each.text for each in found}


def test_every_template_has_its_own_name() -> None:
    assert len({each.name for each in TEMPLATES}) == len(TEMPLATES)


def test_what_was_seen_is_not_made_again_and_evidence_reorders() -> None:
    seen: set[tuple[str, str]] = set()
    first = list(islice(candidates([_ground()], seen, {}), 50))
    again = list(islice(candidates([_ground()], seen, {}), 50))
    assert not {each.text for each in first} & {each.text for each in again}
    boosted = next(iter(candidates([_ground()], set(), {"deleted statement": 100.0})))
    assert boosted.rewrites[0].template == "deleted statement"


def test_the_same_every_time() -> None:
    one, other = ([each.text for each in islice(candidates([_ground()], set(), {}), 300)] for _ in range(2))
    assert one == other
