"""What the composition root refuses before anything is built, and which lines a mutation is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import MOST_BYTES, Breakage, Wish, decode, demo_project, mutate, read_text, run
from bot.demo import make_project
from bot.errors import InputError


def quiet(step: str, fraction: float | None = None) -> None:
    del step, fraction


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PAWL_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PAWL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "state"


def test_instructions_are_text_of_a_bounded_size(tmp_path: Path) -> None:
    assert decode("größer".encode(), "it") == "größer"
    with pytest.raises(InputError, match="it is not UTF-8"):
        decode(b"\xff", "it")
    with pytest.raises(InputError, match="it is larger than"):
        decode(b"x" * (MOST_BYTES + 1), "it")
    (tmp_path / "wish").write_text("fix it")
    assert read_text(tmp_path / "wish") == "fix it"
    with pytest.raises(InputError, match="cannot be read"):
        read_text(tmp_path)


def test_the_demo_is_made_in_the_state_folder(home: Path) -> None:
    wish = demo_project(None)
    assert wish.repo.is_relative_to(home)
    assert (wish.repo / "rooms/bookings.py").is_file()


async def test_a_run_that_makes_no_sense_is_refused_early(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").touch()
    root = make_project(tmp_path / "rooms")
    with pytest.raises(InputError, match="is not empty"):
        await run(Wish("fix", root, out=tmp_path / "out"), quiet)
    with pytest.raises(InputError, match="is not a directory"):
        await run(Wish("fix", tmp_path / "nowhere"), quiet)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (("", "", ""), "name either --base"),
        (("HEAD", "", "rooms/bookings.py"), "name either --base"),
        (("HEAD", "", ""), "nothing to mutate"),
        (("", "", "nosuch.py"), "is not a text file"),
        (("", "", "rooms/bookings.py:a-b"), "is not a text file"),
        (("", "", "rooms/bookings.py:5-999"), "cannot be mutated"),
    ],
)
async def test_a_breakage_names_lines_that_exist(tmp_path: Path, wish: tuple[str, str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        await mutate(Breakage(make_project(tmp_path / "rooms"), *wish), quiet)
