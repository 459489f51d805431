from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.sandbox import bubblewrap
from bot.sandbox.bubblewrap import find_bwrap, names
from bot.sandbox.sandbox import Launch

if TYPE_CHECKING:
    from tests.sandbox.conftest import Jail

LAUNCH = Launch(("/bin/true",), Path("/srv/project"), env={"A": "1"})


def binds(arguments: list[str]) -> list[tuple[str, str]]:
    """Return (kind, place) of every bind, in order."""
    return [(each, arguments[at + 2]) for at, each in enumerate(arguments) if each in {"--bind", "--ro-bind"}]


def test_outer_places_are_mounted_before_inner_ones() -> None:
    shown = [
        bubblewrap._Shown("/s/2", "/srv/project/.venv", writable=False),
        bubblewrap._Shown("/s/1", "/srv/project", writable=True),
        bubblewrap._Shown("/s/0", "/srv", writable=False),
        bubblewrap._Shown("/s/3", "/tmp/deep/er", writable=False),
    ]
    found = binds(list(bubblewrap._arguments(LAUNCH, shown)))
    places = [place for _, place in found]
    assert places.index("/srv") < places.index("/srv/project") < places.index("/srv/project/.venv")
    assert places.index("/tmp") < places.index("/tmp/deep/er")
    assert ("--bind", "/srv/project") in found
    assert ("--ro-bind", "/srv") in found


def test_every_namespace_is_new_and_the_rest_is_shut() -> None:
    arguments = list(bubblewrap._arguments(LAUNCH, []))
    wanted = {f"--unshare-{each}" for each in ("user", "ipc", "pid", "net", "uts", "cgroup-try")}
    wanted |= {"--disable-userns", "--die-with-parent", "--new-session", "--clearenv", "--seccomp"}
    assert wanted <= set(arguments)
    assert not {"--share-net", "--cap-add", "--dev-bind"} & set(arguments)
    assert arguments[-2:] == ["--chdir", "/srv/project"]
    last = [arguments[at + 1] for at, each in enumerate(arguments) if each == "--remount-ro"]
    assert last == ["/dev", "/"]


def test_a_path_is_shown_as_given_and_as_it_lies(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    assert names(real) == (str(real),)
    assert names(link) == (str(link), str(real))


def test_bubblewrap_is_not_looked_for_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bwrap").write_text("#!/bin/sh\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(bubblewrap, "PLACES", (str(tmp_path / "missing"),))
    assert find_bwrap() is None
    monkeypatch.setattr(bubblewrap, "PLACES", (str(tmp_path / "missing"), str(tmp_path / "bwrap")))
    assert find_bwrap() == str(tmp_path / "bwrap")


@pytest.mark.parametrize(("mode", "writable", "needed"), [(0o755, False, False), (0o700, False, True), (0o755, True, True)])
def test_owners_are_translated_only_where_it_matters(tmp_path: Path, mode: int, writable: bool, needed: bool) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(mode)
    assert bubblewrap._needs_mapping(folder.stat(), writable=writable) is needed


def test_the_system_inside_is_a_stub_of_itself(jail: Jail, tmp_path: Path) -> None:
    if jail.restricted:
        pytest.skip("this layer has no root of its own")
    for parent in (tmp_path, *list(tmp_path.parents)[:3]):
        parent.chmod(parent.stat().st_mode | 0o055)
    script = "id -un; id -u; hostname; ls /; ls /etc; cat /etc/passwd | wc -l; getent hosts localhost; ls /home /root 2>/dev/null"
    said = jail.sandbox.run(Launch(("/bin/sh", "-c", script), tmp_path)).stdout.decode().split()
    assert said[:3] == ["sandbox", "1000", "sandbox"]
    assert not {"var", "opt", "srv", "boot", "sys", "run", "mnt"} & set(said)
    assert {"passwd", "group", "hosts", "nsswitch.conf"} <= set(said)
    assert "shadow" not in said
    assert os.geteuid() >= 0
