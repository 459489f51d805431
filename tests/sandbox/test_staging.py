from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.staging import Owner, TooLarge, copy_tree

MINE = Owner(None)
names = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda name: name not in {".", ".."} and len(name.encode()) < 200
)
trees = st.recursive(st.binary(max_size=50), lambda inner: st.dictionaries(names, inner, max_size=4), max_leaves=12).filter(
    lambda tree: isinstance(tree, dict)
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


def plant(folder: Path, tree: dict[str, object]) -> None:
    for name, content in tree.items():
        if isinstance(content, bytes):
            (folder / name).write_bytes(content)
        elif isinstance(content, dict):
            (folder / name).mkdir()
            plant(folder / name, content)


def harvest(folder: Path) -> dict[str, object]:
    return {each.name: harvest(each) if each.is_dir() else each.read_bytes() for each in folder.iterdir()}


@given(tree=trees)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_a_copy_is_like_its_original(tmp_path_factory: pytest.TempPathFactory, tree: dict[str, object]) -> None:
    folder = tmp_path_factory.mktemp("trees")
    (folder / "source").mkdir()
    (folder / "target").mkdir()
    plant(folder / "source", tree)
    copy_tree(str(folder / "source"), str(folder / "target"), MINE)
    assert harvest(folder / "target") == tree


def test_permissions_and_times_are_kept_without_set_id_bits(source: Path, target: Path) -> None:
    script = source / "run.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o6755)
    (source / "readonly").write_text("x")
    (source / "readonly").chmod(0o444)
    os.utime(script, ns=(1_000_000_007, 1_000_000_007))
    copy_tree(str(source), str(target), MINE)
    copied = (target / "run.sh").stat()
    assert stat.S_IMODE(copied.st_mode) == 0o755
    assert copied.st_mtime_ns == 1_000_000_007
    assert stat.S_IMODE((target / "readonly").stat().st_mode) == 0o444


def test_links_are_copied_as_links_and_never_followed(source: Path, target: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    (source / "folder").symlink_to(tmp_path / "outside")
    (source / "file").symlink_to(tmp_path / "outside" / "secret")
    (source / "nowhere").symlink_to("missing")
    (source / "itself").symlink_to(".")
    copied = copy_tree(str(source), str(target), MINE)
    assert {each.name: str(each.readlink()) for each in target.iterdir()} == {
        "folder": str(tmp_path / "outside"),
        "file": str(tmp_path / "outside" / "secret"),
        "nowhere": "missing",
        "itself": ".",
    }
    assert (copied.files, copied.bytes) == (4, 0)


def test_sockets_and_pipes_are_left_out(source: Path, target: Path) -> None:
    os.mkfifo(source / "pipe")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(source / "socket"))
        (source / "kept").write_text("x")
        copy_tree(str(source), str(target), MINE)
    assert [each.name for each in target.iterdir()] == ["kept"]


def test_gits_own_folder_comes_along(source: Path, target: Path) -> None:
    (source / ".git" / "objects").mkdir(parents=True)
    (source / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    copy_tree(str(source), str(target), MINE)
    assert (target / ".git" / "HEAD").read_text() == "ref: refs/heads/main\n"


def test_what_something_else_will_cover_comes_out_empty(source: Path, target: Path) -> None:
    (source / ".venv" / "lib").mkdir(parents=True)
    (source / "code.py").write_text("x")
    copy_tree(str(source), str(target), MINE, skip={f"{source}/.venv"})
    assert harvest(target) == {".venv": {}, "code.py": b"x"}


def test_too_much_is_refused(source: Path, target: Path) -> None:
    (source / "big").write_bytes(b"x" * 1000)
    with pytest.raises(TooLarge, match="more than 0 MiB"):
        copy_tree(str(source), str(target), MINE, most=999)


def test_too_deep_is_refused(source: Path, target: Path) -> None:
    folder = source
    for _ in range(203):
        folder /= "d"
        folder.mkdir()
    with pytest.raises(TooLarge, match="directories deep"):
        copy_tree(str(source), str(target), MINE)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_cannot_be_read_is_left_out(source: Path, target: Path) -> None:
    (source / "secret").write_text("x")
    (source / "secret").chmod(0)
    (source / "closed").mkdir(mode=0)
    copy_tree(str(source), str(target), MINE)
    assert harvest(target) == {}
    (source / "closed").chmod(0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_copy_belongs_to_its_new_owner(source: Path, target: Path) -> None:
    (source / "folder").mkdir()
    (source / "folder" / "file").write_text("x")
    (source / "link").symlink_to("file")
    copy_tree(str(source), str(target), Owner(61234))
    owners = {each.lstat().st_uid for each in (target, *target.rglob("*"))}
    assert owners == {61234}
