from __future__ import annotations

import pytest

from bot.repair.prose import SPOKEN_OF, spoken_of


@pytest.mark.parametrize(
    ("name", "prose", "factor"),
    [
        ("max", "Return the largest element.", SPOKEN_OF),
        ("isupper", "Sum of the capital letters", SPOKEN_OF),
        ("sorted({})", "in ascending order", SPOKEN_OF),
        ("min", "Return the largest element.", 1.0),
        ("frobnicate", "anything", 1.0),
        ("max", "", 1.0),
    ],
)
def test_prose_speaks_for_names(name: str, prose: str, factor: float) -> None:
    assert spoken_of(name, prose) == factor
