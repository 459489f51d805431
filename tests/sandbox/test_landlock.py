from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bot.sandbox import landlock
from bot.sandbox.landlock import Room, make_room, sweep
from bot.sandbox.order import Order
from bot.sandbox.sandbox import Launch, Layer, Limits
from bot.sandbox.staging import TooLarge


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where rooms are made, for the test's own."""
    place = tmp_path / "rooms"
    place.mkdir()
    monkeypatch.setattr(landlock, "_IN_MEMORY", str(place))
    monkeypatch.setattr(landlock, "_ON_DISK", str(place))
    return place


@pytest.fixture
def order(tmp_path: Path) -> Order:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "code.py").write_text("x" * 100)
    (workspace / ".venv").mkdir()
    (workspace / ".venv" / "big").write_text("x")
    return Order(Layer.RESTRICTED, Launch(("/bin/true",), workspace, (workspace / ".venv",), limits=Limits(disk=1)))


def test_a_room_holds_the_copy_and_nothing_remains(places: Path, order: Order) -> None:
    room = make_room(order)
    assert Path(room.path).parent == places
    assert (Path(room.path) / "work" / "code.py").read_text() == "x" * 100
    assert list((Path(room.path) / "work" / ".venv").iterdir()) == []
    assert room.most == 100 + (1 << 20)
    assert 0 < room.size() < 1 << 20
    locked = Path(room.path, "work", "locked")
    (locked / "inner").mkdir(parents=True)
    locked.chmod(0)
    room.remove()
    assert list(places.iterdir()) == []


def test_a_room_that_cannot_be_filled_leaves_nothing(places: Path, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise TooLarge("too large")

    monkeypatch.setattr(landlock, "copy_tree", fail)
    with pytest.raises(TooLarge):
        make_room(order)
    assert list(places.iterdir()) == []


def test_rooms_of_the_dead_are_swept(places: Path, order: Order) -> None:
    for name in ("pawl-room-999999999-a", "pawl-room-x-a", f"pawl-room-{os.getpid()}-a", "other"):
        (places / name).mkdir()
    sweep()
    assert {each.name for each in places.iterdir()} == {"pawl-room-x-a", f"pawl-room-{os.getpid()}-a", "other"}
    assert order.launch.workspace.exists()


def test_a_room_on_a_small_or_missing_memory_disk_goes_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(landlock, "_IN_MEMORY", str(tmp_path))
    assert landlock._spacious(1 << 60) == landlock._ON_DISK
    monkeypatch.setattr(landlock, "_IN_MEMORY", str(tmp_path / "missing"))
    assert landlock._spacious(1) == landlock._ON_DISK


def test_paths_of_the_workspace_are_rewritten() -> None:
    launch = Launch(("python", "/w/code.py", "--at=/w"), Path("/w"), env={"PYTHONPATH": "/w/src:/x"})
    moved = landlock._moved(launch, Room("/room", None, 1))
    copy = Path("/room", "work")
    command = ("python", f"{copy}/code.py", f"--at={copy}")
    assert moved == replace(launch, command=command, env={"PYTHONPATH": f"{copy}/src:/x"})


@pytest.mark.parametrize(("version", "bits"), [(3, 15), (4, 15), (5, 16), (9, 16)])
def test_rights_grow_with_the_version(version: int, bits: int) -> None:
    assert landlock._all_rights(version).bit_count() == bits


@pytest.mark.parametrize(("uid", "version"), [(None, 5), (61234, 2), (None, 0)])
def test_a_landlock_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch, uid: int | None, version: int) -> None:
    monkeypatch.setattr("bot.sandbox.kernel.landlock_version", lambda: version)
    with pytest.raises(OSError, match="is needed, this kernel has"):
        landlock.enter(Launch(("/bin/true",), Path("/tmp")), Room("/tmp", uid, 1), {})


def test_lending_to_another_user_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sandbox.kernel.landlock_version", lambda: 9)
    launch = Launch(("/bin/true",), Path("/tmp"), write=(Path("/lent"),))
    with pytest.raises(OSError, match="/lent cannot be lent"):
        landlock.enter(launch, Room("/tmp", 61234, 1), {})


def test_threads_are_counted() -> None:
    assert landlock._threads_of(os.getuid()) >= 1
    assert landlock._threads_of(4_000_000_000) == 0


def test_what_everybody_may_read_needs_no_privilege(tmp_path: Path) -> None:
    assert landlock._open_to_all(Path("/usr"))
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "inner").mkdir()
    assert not landlock._open_to_all(closed / "inner")
