"""Git's objects: what is read of a commit is what stands in it, however odd its texts are."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from bot.change.change import Edit
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
