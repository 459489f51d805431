"""A run's workshop: each tree once, each environment once, and nothing left afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Config
from bot.demo import make_project
from bot.errors import NoIsolation
from bot.forges.local import open_repository
from bot.workshop import Workshop


def quiet(step: str, fraction: float | None = None) -> None:
    del step, fraction


async def test_trees_and_labs_are_made_once_and_cleared_away(tmp_path: Path) -> None:
    forge = open_repository(make_project(tmp_path / "rooms"))
    head = await forge.resolve("HEAD")
    async with Workshop(forge, None, tmp_path / "cache", Config(), quiet) as shop:
        place = await shop.lay_out(head)
        assert await shop.lay_out(head) is place
        assert (place / "rooms/bookings.py").is_file()
        lab = await shop.lab(head)
        assert await shop.lab(head) is lab
        with pytest.raises(NoIsolation):
            lab.suite(place)
    assert not place.exists()
