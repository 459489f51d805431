from __future__ import annotations

import libcst as cst

from bot.syntax.names import bound, names


def test_every_way_to_bind_a_name_is_known() -> None:
    code = """
import a.b, c as d
from e import f as g, h
i = j, (k, *l) = z
m: int = 1
n += 1
for o in z: pass
[p for p in z]
with z as q: pass
(r := 1)
def s(t, *u, **v): global w
class x: pass
del y
try: pass
except z as aa: pass
match z:
    case [bb, *cc]: pass
    case {"k": 1, **dd} as ee: pass
def ff():
    nonlocal gg
"""
    wanted = {*"adghijklmnopqrstuvwxy", "aa", "bb", "cc", "ee", "ff", "gg"} - {"l"}
    assert wanted <= bound([cst.parse_module(code)])
    assert "z" not in bound([cst.parse_module(code)])


def test_names_are_counted_without_attributes_and_keywords() -> None:
    assert names([cst.parse_module("f(x.y, z=z, *x)\n")]) == {"f": 1, "x": 2, "z": 1}
