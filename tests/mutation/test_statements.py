from __future__ import annotations

import pytest

from bot.mutation.generator import plan_mutants

SOURCE = """\
class Shape:
    side = 3

    @property
    def area(self):
        for each in self.parts:
            if each is None:
                continue
            self.total += each
        else:
            self.done = True
            f()
        return self.total

    class Inner:
        @checked
        async def wait(self):
            try:
                await self.ready()
            except (OSError, ValueError):
                raise Broken
            del self.x
"""


@pytest.mark.parametrize(
    "after",
    [
        "side = 4",
        "side = None",
        "for each in ():",
        "                break\n",
        "self.total -= each",
        "self.total = each",
        "        else:\n            pass",
        "return None",
        "except (ValueError,):",
        "except (OSError,):",
        "raise Exception",
        "            pass\n",
        "    \n    def area",
        "        \n        async def wait",
    ],
)
def test_every_level_of_a_module_is_broken(after: str) -> None:
    sources = [each.mutant.source for each in plan_mutants("x.py", SOURCE, frozenset(range(1, 50)), most=1000)]
    assert any(after in each for each in sources)
    assert all(each.count("\n") >= SOURCE.count("\n") - 2 for each in sources)
