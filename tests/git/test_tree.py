"""A commit's files are laid out inside the folder or not at all, whatever a hostile tree says."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import InputError
from bot.git.tree import EXECUTABLE, GITLINK, MOST_LINKS, SYMLINK, Entry, lay_out, read_entries
from bot.ids import Sha

COMMIT = Sha("c" * 40)
FILE = "100644"
Tree = list[tuple[str, str, str]]
"""Modes, paths, and contents or a link's target."""

names = st.sampled_from(["a", "b", "l"])
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
targets = st.lists(st.sampled_from(["a", "b", "l", "..", "..", ".", ""]), min_size=1, max_size=9).map("/".join)
links = st.tuples(st.just(SYMLINK), paths, targets)
files = st.tuples(st.sampled_from([FILE, EXECUTABLE, GITLINK]), paths, st.just("mine"))
trees = st.lists(links | files, max_size=7)


def laid_out(tree: Tree, directory: Path) -> None:
    entries = [Entry(mode, str(number), path) for number, (mode, path, _) in enumerate(tree)]
    lay_out(entries, {str(number): os.fsencode(content) for number, (*_, content) in enumerate(tree)}, directory, COMMIT)


def surroundings(top: Path, root: Path) -> set[str]:
    return {str(each) for each in top.rglob("*") if not each.is_relative_to(root)}


HOSTILE: Tree = [(SYMLINK, "a/l", ".."), (SYMLINK, "b", "a/l/a/l/../../../../a")]
TWICE: Tree = [(SYMLINK, "a", "../../a"), (FILE, "a/b", "mine")]


@given(trees)
@example(HOSTILE)
@example(TWICE)
@example([(SYMLINK, "l", ".."), (FILE, "a", "mine")])
def test_nothing_outside_the_root_is_ever_opened(tree: Tree) -> None:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        root = top / "a/b/root"
        root.mkdir(parents=True)
        for each in ("a", "a/b"):
            for name in ("a", "b", "l"):
                (top / each / name).mkdir(exist_ok=True)
        before = surroundings(top, root)
        try:
            laid_out(tree, root)
        except InputError:
            assert not any(root.iterdir()), "a tree that is refused is refused before a byte of it is written"
        for place in root.rglob("*"):
            assert place.resolve().is_relative_to(root), f"{place} leads to {place.resolve()}"
        assert surroundings(top, root) == before


@given(st.dictionaries(names, st.sampled_from(["one", "", "größer"]), min_size=1), names)
def test_a_harmless_tree_is_laid_out_byte_for_byte(contents: dict[str, str], link: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        inside: Tree = [(FILE, f"src/{name}", text) for name, text in sorted(contents.items())]
        laid_out([*inside, (SYMLINK, f"to/{link}", "../src")], root)
        assert {each.name: each.read_text() for each in (root / f"to/{link}").iterdir()} == contents


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        (HOSTILE, "b in cccccccccccc is a link out of the repository"),
        ([(SYMLINK, "a", "/etc")], "link out of the repository"),
        ([(SYMLINK, "a", "b"), (SYMLINK, "b", "a")], "link out of the repository"),
        ([(SYMLINK, "a", "x\0y")], "has a name"),
        ([(SYMLINK, "a", "")], "has a name"),
        ([(FILE, "a", ""), (FILE, "a", "")], "'a' stands twice"),
        (TWICE, "'a/b' in cccccccccccc lies beneath 'a'"),
        ([(GITLINK, "a", ""), (FILE, "a/b/c", "")], "lies beneath 'a'"),
        ([(FILE, "x" * 300, "")], "File name too long"),
    ],
)
def test_what_cannot_be_laid_out_is_refused_in_words(tree: Tree, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        laid_out(tree, tmp_path)


def test_links_may_lead_through_as_many_others_as_linux_follows(tmp_path: Path) -> None:
    chain: Tree = [(FILE, "l0", "end"), *((SYMLINK, f"l{each}", f"l{each - 1}") for each in range(1, MOST_LINKS + 1))]
    laid_out(chain, tmp_path)
    assert (tmp_path / f"l{MOST_LINKS}").read_text() == "end"
    with pytest.raises(InputError, match="link out of the repository"):
        laid_out([*chain, (SYMLINK, "more", f"l{MOST_LINKS}")], tmp_path)


def test_a_folder_that_turns_into_a_link_meanwhile_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    root.mkdir()
    elsewhere.mkdir()

    def swapped(name: str, *_: object, **__: object) -> None:
        (root / name).symlink_to(elsewhere)

    monkeypatch.setattr(os, "mkdir", swapped)
    with pytest.raises(InputError, match="cannot be laid out"):
        laid_out([(FILE, "a/b", "mine")], root)
    assert not any(elsewhere.iterdir())


@pytest.mark.parametrize("path", ["../a", "a/../b", ".git/hooks/x", "a//b", "./a"])
def test_paths_that_mean_another_are_refused(path: str) -> None:
    with pytest.raises(InputError, match="no path that can be laid out safely"):
        read_entries(f"100644 blob {'1' * 40}\t{path}\0".encode(), COMMIT)
