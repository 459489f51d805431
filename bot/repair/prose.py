"""Which functions a docstring speaks of without naming them: *the largest* is ``max``, *capital letters* ``isupper``."""

from __future__ import annotations

import re
from types import MappingProxyType

SPOKEN_OF = 1.6
"""How much likelier a name is that the prose speaks of."""

_WORDS = MappingProxyType(
    {
        "max": ("max", "largest", "greatest", "biggest", "highest", "longest", "most"),
        "min": ("min", "smallest", "least", "lowest", "shortest", "fewest"),
        "abs": ("absolute", "distance", "magnitude"),
        "sum": ("sum", "total", "add up"),
        "len": ("length", "number of", "count", "how many"),
        "sorted": ("sort", "ascending", "descending", "in order", "increasing", "decreasing"),
        "set": ("unique", "distinct", "duplicate", "different"),
        "round": ("round", "nearest", "decimal"),
        "upper": ("upper", "capital"),
        "lower": ("lower", "small letter", "regardless of case", "ignoring case", "case-insensitive"),
        "swapcase": ("swap", "flip", "opposite case", "reverse case", "change the case"),
        "title": ("title", "each word"),
        "reverse": ("reverse", "backward", "descending", "decreasing", "palindrom"),
        "any": ("any", "at least one", "some"),
        "all": ("all", "every", "each"),
        "ceil": ("round up", "ceil", "at least", "smallest integer"),
        "floor": ("round down", "floor", "largest integer"),
        "digit": ("digit", "number"),
        "alpha": ("letter", "alphabet"),
        "strip": ("strip", "trim", "whitespace", "surrounding"),
        "split": ("split", "separat", "words"),
        "first": ("first", "leading", "start"),
        "last": ("last", "trailing", "end"),
    }
)


def spoken_of(name: str, prose: str) -> float:
    """Return how much likelier ``name`` (or a piece of code that calls it) is, given the prose: 1 where it says nothing."""
    stems = [stem for stem in _WORDS if re.search(rf"(?<![a-z])(is)?{stem}", name)]
    text = prose.lower()
    return SPOKEN_OF if any(word in text for stem in stems for word in _WORDS[stem]) else 1.0
