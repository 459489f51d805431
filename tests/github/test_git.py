"""Git through the API: signed commits with exactly the edits asked for, branches moved only as allowed."""

from __future__ import annotations

import base64
import json

import pytest

from bot.change.change import Edit
from bot.errors import InputError
from bot.github import git
from bot.github.errors import NotFound, Unprocessable
from bot.github.git import Entry
from bot.github.repository import Repository
from bot.ids import Sha
from tests.doubles.github.client import Double
from tests.github.conftest import Answering, told
from tests.github.hosted import Hosted, hosted_on


async def main_of(hosted: Hosted) -> Sha:
    found = await git.ref(hosted.repo, "main")
    assert found is not None
    return found


def tree_of(hosted: Hosted, commit: Sha) -> dict[str, tuple[str, str]]:
    told = hosted.double.get(f"/repos/{hosted.name}/git/trees/{commit}?recursive=1")["tree"]
    return {each["path"]: (each["mode"], each["sha"]) for each in told if each["type"] == "blob"}


def content_of(hosted: Hosted, oid: str) -> bytes:
    return base64.b64decode(hosted.double.get(f"/repos/{hosted.name}/git/blobs/{oid}")["content"])


async def test_edits_become_a_signed_commit_of_nobodys_name_but_the_apps(hosted: Hosted) -> None:
    base = await main_of(hosted)
    edits = (Edit("src/a.py", "größer = 1\r\n"), Edit("deep/er/x.py", "y = 1\n"), Edit("README.md", None))
    made = await git.commit_edits(hosted.repo, base, edits, "Three edits\n\nPawl-Run: 01J\n")
    seen = await git.commit(hosted.repo, made)
    assert seen is not None
    assert (seen.parents, seen.verified, seen.message.strip()) == ((base,), True, "Three edits\n\nPawl-Run: 01J")
    files = tree_of(hosted, made)
    assert set(files) == {"src/a.py", "deep/er/x.py", "data.bin"}
    assert content_of(hosted, files["src/a.py"][1]) == "größer = 1\r\n".encode()
    author = hosted.double.get(f"/repos/{hosted.name}/commits/{made}")["author"]
    assert author["id"] == (await hosted.app.me()).bot_id


async def test_a_files_mode_stays_as_it_was(hosted: Hosted) -> None:
    base = await git.commit(hosted.repo, await main_of(hosted))
    assert base is not None
    scripts = (
        Entry("bin/deep/run.sh", "100755", b"#!/bin/sh\n"),
        Entry("raw.bin", "100644", b"\x00\xff"),
        Entry("empty", "100644", b""),
    )
    first = await git.commit_entries(hosted.repo, base, scripts, "Scripts")
    second = await git.commit_edits(hosted.repo, first.sha, (Edit("bin/deep/run.sh", "#!/bin/bash\n"),), "Bash")
    files = tree_of(hosted, second)
    assert files["bin/deep/run.sh"][0] == "100755"
    assert content_of(hosted, files["raw.bin"][1]) == b"\x00\xff"
    assert content_of(hosted, files["empty"][1]) == b""


async def test_a_parent_that_is_not_there_is_said(hosted: Hosted) -> None:
    assert await git.commit(hosted.repo, Sha("1" * 40)) is None
    with pytest.raises(InputError, match="has no commit"):
        await git.commit_edits(hosted.repo, Sha("1" * 40), (Edit("a", "b"),), "x")


async def test_branches_are_made_moved_and_deleted_and_each_twice(hosted: Hosted) -> None:
    base = await main_of(hosted)
    made = await git.commit_edits(hosted.repo, base, (Edit("a", "b"),), "x")
    other = await git.commit_edits(hosted.repo, base, (Edit("a", "c"),), "y")
    branch = "pawl/7-größe&{x}#1"
    assert await git.ref(hosted.repo, branch) is None
    await git.set_ref(hosted.repo, branch, base)
    await git.set_ref(hosted.repo, branch, made)
    await git.set_ref(hosted.repo, branch, made)
    with pytest.raises(Unprocessable, match="fast forward"):
        await git.set_ref(hosted.repo, branch, other)
    await git.set_ref(hosted.repo, branch, other, force=True)
    assert await git.ref(hosted.repo, branch) == other
    assert await git.matching(hosted.repo, "pawl/7") == ((branch, other),)
    assert await git.matching(hosted.repo, "no") == ()
    await git.delete_ref(hosted.repo, branch)
    await git.delete_ref(hosted.repo, branch)
    assert await git.ref(hosted.repo, branch) is None


async def test_an_empty_repository_has_no_branch(hub: Double) -> None:
    async with hosted_on(hub, {}) as hosted:
        assert await git.ref(hosted.repo, "main") is None
        assert await git.matching(hosted.repo, "pawl/") == ()


async def test_what_two_commits_have_in_common(hosted: Hosted) -> None:
    base = await main_of(hosted)
    head = Sha(hosted.owner.pushes(hosted.name, {"a": "1"}, "topic"))
    later = Sha(hosted.owner.pushes(hosted.name, {"b": "1"}))
    assert await git.fork_point(hosted.repo, later, head) == base
    with pytest.raises(NotFound):
        await git.fork_point(hosted.repo, later, Sha("1" * 40))


async def test_an_empty_repository_that_says_conflict_has_no_branch_either(repo: Repository, server: Answering) -> None:
    server.answers = [told({"message": "Git Repository is empty."}, 409)]
    assert await git.ref(repo, "main") is None
    assert await git.matching(repo, "pawl/") == ()
    server.answers = [told({"message": "odd"}, 422)]
    for asking in (git.ref(repo, "main"), git.matching(repo, "pawl/"), git.delete_ref(repo, "main")):
        with pytest.raises(Unprocessable):
            await asking


async def test_a_branch_that_somebody_makes_meanwhile_is_moved_without_force(repo: Repository, server: Answering) -> None:
    server.answers = [told({}, 404), told({"message": "Reference already exists"}, 422), told({"ref": "x"})]
    await git.set_ref(repo, "b", Sha("1" * 40))
    assert [each[0] for each in server.asked] == ["GET", "POST", "PATCH"]
    assert json.loads(server.asked[2][3]) == {"sha": "1" * 40, "force": False}
    server.asked.clear()
    server.answers = [told({}, 404), told({"message": "Reference name is not valid"}, 422)]
    with pytest.raises(Unprocessable, match="not valid"):
        await git.set_ref(repo, "b", Sha("1" * 40))


async def test_a_branch_that_is_gone_already_is_deleted(repo: Repository, server: Answering) -> None:
    server.answers = [told({"message": "Reference does not exist"}, 422), told({"message": "Not Found"}, 404)]
    await git.delete_ref(repo, "b")
    await git.delete_ref(repo, "b")
