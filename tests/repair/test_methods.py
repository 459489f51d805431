from __future__ import annotations

from collections.abc import Callable

import pytest

CLASS = """class Bits:
    def __init__(self, val):
        self.val = val

    def plain(self):
        return '{:b}'.format(self.val)

    def padded(self, width=8):
        return self.plain().zfill(width)

    def cut(self, width):
        return self.plain()[:width]

    @property
    def size(self):
        return len(self.plain())

    def twice(self):
        self.plain()
        return Bits(self.val * 2)

    @classmethod
    def empty(cls):
        return Bits(0)

    @staticmethod
    def full():
        return Bits(255)


def free(self):
    return Bits(self.val)
"""


@pytest.mark.parametrize(
    ("template", "before", "after"),
    [
        ("method of the same class", "return '{:b}'.format(self.val)", "return self.padded()"),
        ("method of the same class", "return '{:b}'.format(self.val)", "return self.size"),
        ("method of the same class", "return Bits(self.val * 2)", "return Bits(self.size * 2)"),
        ("class of the object", "return Bits(self.val * 2)", "return type(self)(self.val * 2)"),
        ("class of the object", "return Bits(0)", "return cls(0)"),
    ],
)
def test_examples(rewritten: Callable[..., set[str]], template: str, before: str, after: str) -> None:
    assert CLASS.replace(before, after) in rewritten(template, CLASS)


@pytest.mark.parametrize(
    ("template", "before", "after"),
    [
        ("method of the same class", "return '{:b}'.format(self.val)", "return self.cut()"),
        ("method of the same class", "return '{:b}'.format(self.val)", "return self.plain()"),
        ("method of the same class", "        self.plain()\n", "        self.padded()\n"),
        ("method of the same class", "return Bits(self.val)", "return Bits(self.plain())"),
        ("class of the object", "return Bits(255)", "return type(self)(255)"),
        ("class of the object", "return Bits(self.val)", "return type(self)(self.val)"),
    ],
)
def test_what_they_leave_alone(rewritten: Callable[..., set[str]], template: str, before: str, after: str) -> None:
    assert CLASS.replace(before, after) not in rewritten(template, CLASS)
