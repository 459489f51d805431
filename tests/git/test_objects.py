"""Git's objects: what is read of a commit is what stands in it, however odd its texts are."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from bot.change.change import Edit, Past
from bot.errors import Fatal, InputError
from bot.git.objects import IDENTITY, NO_COMMIT, Objects
from bot.ids import RunId, Sha

RUN = RunId("01JTESTRUN0000000000000000")


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    root = tmp_path / "bare.git"
    subprocess.run(["git", "init", "-q", "--bare", str(root)], check=True)
    return Objects(root)


def committed(objects: Objects, message: str, *parents: Sha, name: str = "A Person", mail: str = "a@example.org") -> Sha:
    tree = objects.git("mktree").decode().strip()
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in (("NAME", name), ("EMAIL", mail))}
    listed = [part for each in parents for part in ("-p", each)]
    made = objects.git("commit-tree", *listed, tree, stdin=message.encode(), env=who)
    return Sha(made.decode().strip())


def test_a_commit_is_there_or_not(objects: Objects) -> None:
    made = committed(objects, "one")
    assert objects.has(made)
    assert not objects.has(Sha(NO_COMMIT))
    assert not objects.has(Sha("--help"))


def test_a_log_tells_each_commit_apart_whatever_it_says(objects: Objects) -> None:
    odd = "Ünïcode\n\n\x1f\x1e separators\n\nPawl-Run: not in the last paragraph\n\nend"
    first = committed(objects, odd, mail="x\x1f@example.org")
    second = committed(objects, f"Two\n\nPawl-Run: {RUN}\n", first)
    newest, oldest = objects.log(second)
    assert (newest.sha, newest.parents, newest.run, newest.committer) == (second, (first,), RUN, "a@example.org")
    assert (oldest.sha, oldest.parents, oldest.run) == (first, (), "")
    assert oldest.message.strip() == odd
    assert [each.sha for each in objects.log(second, f"^{first}")] == [second]
    assert objects.log(first, f"^{second}") == []
    assert objects.run_of(second) == RUN


def test_two_runs_in_one_trailer_are_no_run(objects: Objects) -> None:
    made = committed(objects, f"Two\n\nPawl-Run: {RUN}\nPawl-Run: other\n")
    assert objects.run_of(made) != RUN


async def test_the_same_commit_is_made_twice_as_one(objects: Objects) -> None:
    base = committed(objects, "one")
    edits = (Edit("a", "1\n"),)
    made = await objects.commit(base, edits, "Change", RUN)
    assert await objects.commit(base, edits, "Change", RUN) == made
    (seen,) = objects.log("--max-count=1", made)
    assert (seen.run, seen.committer) == (RUN, IDENTITY[1])


def test_what_git_says_no_to_is_a_fault_with_its_words(objects: Objects) -> None:
    with pytest.raises(Fatal, match="git rev-parse failed"):
        objects.git("rev-parse", "--verify", "nosuch")
    assert objects.attempt("rev-parse", "--verify", "nosuch").returncode


def test_a_clone_without_its_files_says_how_to_get_them(objects: Objects, tmp_path: Path) -> None:
    head = asyncio.run(objects.commit(committed(objects, "one"), (Edit("a.py", "x = 1\n"),), "two", RUN))
    objects.git("update-ref", "refs/heads/main", head)
    objects.git("config", "uploadpack.allowFilter", "true")
    part = tmp_path / "part.git"
    clone = ["git", "clone", "-q", "--bare", "--filter=blob:none", f"file://{objects.root}", str(part)]
    subprocess.run(clone, check=True)
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="clone it again without --filter"):
        asyncio.run(Objects(part).lay_out(head, tmp_path / "out"))
    Objects(part).git("config", "--unset", "remote.origin.promisor")
    Objects(part).git("config", "--unset", "remote.origin.partialclonefilter")
    with pytest.raises(InputError, match="clone it again without --filter"):
        asyncio.run(Objects(part).lay_out(head, tmp_path / "out"))


def _grown(objects: Objects, parent: Sha | None, files: dict[str, str]) -> Sha:
    listed = b"".join(
        f"100644 blob {objects.git('hash-object', '-w', '--stdin', stdin=text.encode()).decode().strip()}\t{path}\n".encode()
        for path, text in files.items()
    )
    tree = objects.git("mktree", stdin=listed).decode().strip()
    who = {f"GIT_{role}_{key}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    return Sha(objects.git("commit-tree", *(("-p", parent) if parent else ()), tree, stdin=b"x", env=who).decode().strip())


async def test_each_commit_on_the_way_is_a_change_of_its_own(objects: Objects) -> None:
    base = _grown(objects, None, {"a": "1\n"})
    one = _grown(objects, base, {"a": "1\n", "key": "k\n"})
    two = _grown(objects, one, {"a": "2\n"})
    past = await objects.past(base, two)
    assert [(each.base, each.head, each.paths) for each in past.steps] == [(base, one, ("key",)), (one, two, ("a", "key"))]
    assert past.unseen == ""
    assert await objects.past(base, one) == Past()
    other = _grown(objects, None, {"b": "1\n"})
    assert [each.paths for each in (await objects.past(base, other)).steps] == [("b",)]


@pytest.fixture
def cut(objects: Objects, tmp_path: Path) -> Objects:
    """A clone of two commits with no history."""
    old = _grown(objects, None, {"a": "1\n"})
    head = _grown(objects, _grown(objects, old, {"a": "2\n"}), {"a": "3\n"})
    objects.git("update-ref", "refs/heads/main", head)
    objects.git("update-ref", "refs/heads/old", old)
    url, place = f"file://{objects.root}", tmp_path / "cut"
    subprocess.run(["git", "clone", "-q", "--bare", "--depth=1", "--no-single-branch", url, str(place)], check=True)
    return Objects(place)


async def test_a_history_that_is_cut_off_says_so(cut: Objects) -> None:
    head = await cut.resolve("main")
    past = await cut.past(await cut.resolve("old"), head)
    assert past.steps == ()
    assert f"ends at {head[:12]}" in past.unseen


async def test_a_commit_keeps_a_files_own_encoding(objects: Objects) -> None:
    base = _grown(objects, None, {"a": "1\n"})
    text = "# coding: latin-1\nx = 'é'\n"
    made = await objects.commit(base, (Edit("l.py", text),), "more", RUN)
    assert objects.git("cat-file", "blob", f"{made}:l.py") == text.encode("latin-1")
    assert await objects.text(made, "l.py") == text
