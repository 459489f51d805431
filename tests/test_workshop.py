"""A run's workshop: each tree once, each environment once, and nothing left afterwards."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path

import pytest

from bot.config import Config, Mutation
from bot.demo import make_project
from bot.errors import Hindered, NoIsolation
from bot.forges.local import LocalForge, open_repository
from bot.ids import Sha
from bot.workshop import Workshop


def quiet(step: str, fraction: float | None = None) -> None:
    del step, fraction


async def test_trees_and_labs_are_made_once_and_cleared_away(tmp_path: Path) -> None:
    forge = open_repository(make_project(tmp_path / "rooms"))
    head = await forge.resolve("HEAD")
    async with Workshop(forge, None, tmp_path / "cache", Config(mutation=Mutation(most=7)), quiet) as shop:
        place = await shop.lay_out(head)
        assert await shop.lay_out(head) is place
        assert (place / "rooms/bookings.py").is_file()
        lab = await shop.lab(head)
        assert lab.most_mutants == 7
        assert await shop.lab(head) is lab
        with pytest.raises(NoIsolation):
            lab.suite(place)
    assert not place.exists()


async def test_a_tree_that_could_not_be_laid_out_is_laid_out_whole_at_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge = open_repository(make_project(tmp_path / "rooms"))
    head = await forge.resolve("HEAD")

    async def half(_forge: LocalForge, _commit: Sha, directory: Path) -> None:
        (directory / "half").touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    async with Workshop(forge, None, tmp_path / "cache", Config(), quiet) as shop:
        with monkeypatch.context() as patch:
            patch.setattr(LocalForge, "lay_out", half)
            with pytest.raises(OSError, match="No space left"):
                await shop.lay_out(head)
        place = await shop.lay_out(head)
        assert not (place / "half").exists()
        assert (place / "rooms/bookings.py").is_file()


async def test_no_temporary_folder_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forge = open_repository(make_project(tmp_path / "rooms"))
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nowhere")
    with pytest.raises(Hindered, match="set TMPDIR to one with room"):
        async with Workshop(forge, None, tmp_path / "cache", Config(), quiet):
            pass
