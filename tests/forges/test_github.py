"""GitHub as a forge, on a double with real git behind it: what is published is signed, made once, and never over others' work."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.change.change import Edit, FileStatus
from bot.errors import InputError, PawlError, Refused, Retryable
from bot.forges.github import GitHubForge
from bot.github import git, pulls
from bot.ids import InstallationId, RepoName, RunId, Sha
from bot.run import Instruction, Origin, Verb
from tests.doubles.github.client import Double, ask
from tests.github.hosted import Hosted, hosted, hosted_on, hub

__all__ = ["hosted", "hub"]

RUN, OTHER = RunId("01JTESTRUN0000000000000000"), RunId("01JTESTRUN0000000000000001")
BRANCH = "pawl/17-fix-it"


@pytest.fixture
def forge(hosted: Hosted, tmp_path: Path) -> GitHubForge:
    return GitHubForge(hosted.repo, tmp_path / "mirror")


async def spec_and_change(forge: GitHubForge, run: RunId = RUN, text: str = "one = 2\n") -> tuple[Sha, Sha]:
    """Publish two commits as the stages do, and return their names on GitHub."""
    base = await forge.resolve("HEAD")
    spec = await forge.publish(run, BRANCH, await forge.commit(base, (Edit("tests/test_a.py", "t\n"),), "Spec", run))
    change = await forge.publish(run, BRANCH, await forge.commit(spec, (Edit("src/a.py", text),), "Change", run))
    return spec, change


def branches(hosted: Hosted) -> dict[str, str]:
    listed = hosted.double.get(f"/repos/{hosted.name}/git/matching-refs/heads/")
    return {each["ref"].removeprefix("refs/heads/"): each["object"]["sha"] for each in listed}


def made(hosted: Hosted) -> int:
    """How many commits the App has made through the API."""
    asked = [each for each in hosted.double.traffic("rest") if each["path"].endswith(f"/repos/{hosted.name}/git/commits")]
    return len([each for each in asked if each["method"] == "POST"])


async def test_a_revision_of_any_kind_becomes_a_commit_that_is_here(forge: GitHubForge, hosted: Hosted) -> None:
    head = hosted.owner.pushes(hosted.name, {"src/b.py": "b\n"}, "feature/x")
    number = hosted.owner.opens_pull(hosted.name, "feature/x", "A title")
    for revision in ("feature/x", "refs/heads/feature/x", head, f"pull/{number}/head", f"refs/pull/{number}/head"):
        assert await forge.resolve(revision) == head
    assert await forge.resolve("HEAD") == await forge.resolve("main")
    assert await forge.text(Sha(head), "src/b.py") == "b\n"
    assert await forge.text(Sha(head), "nosuch") is None


@pytest.mark.parametrize("revision", ["nosuch", "--upload-pack=x", "", "1" * 40, "HEAD~1", "pull/4711/head"])
async def test_what_names_nothing_is_said_in_a_sentence(forge: GitHubForge, revision: str) -> None:
    with pytest.raises(InputError) as caught:
        await forge.resolve(revision)
    assert "\n" not in str(caught.value)


async def test_files_are_laid_out_and_differences_read_from_the_mirror(
    forge: GitHubForge, hosted: Hosted, tmp_path: Path
) -> None:
    base = await forge.resolve("main")
    head = Sha(hosted.owner.pushes(hosted.name, {"src/a.py": "one = 5\n", "README.md": None}, "topic"))
    change = await forge.change(base, head)
    assert [(each.path, each.status) for each in change.files] == [
        ("README.md", FileStatus.DELETED),
        ("src/a.py", FileStatus.MODIFIED),
    ]
    (tmp_path / "out").mkdir()
    await forge.lay_out(head, tmp_path / "out")
    assert (tmp_path / "out/src/a.py").read_text() == "one = 5\n"
    assert (tmp_path / "out/data.bin").read_bytes() == b"\x00\xff\xe0\x80"
    assert await forge.churn(head, ("src/a.py",)) == 2
    assert await forge.fork_point(head, base) == base


async def test_a_forks_head_is_fetched_like_any_other_commit(forge: GitHubForge, hosted: Hosted) -> None:
    stranger = hosted.double.person(f"stranger-{hosted.owner.login}")
    fork = stranger.forks(hosted.name)
    head = Sha(stranger.pushes(fork, {"src/a.py": "one = 9\n"}, "main"))
    stranger.opens_pull(hosted.name, f"{stranger.login}:main", "From a fork")
    assert await forge.text(head, "src/a.py") == "one = 9\n"


async def test_what_is_published_is_signed_and_says_the_same(forge: GitHubForge, hosted: Hosted) -> None:
    spec, change = await spec_and_change(forge)
    first, second = await git.commit(hosted.repo, spec), await git.commit(hosted.repo, change)
    assert first is not None
    assert second is not None
    assert first.verified
    assert second.verified
    assert second.parents == (spec,)
    assert first.parents == (await forge.resolve("main"),)
    assert f"Pawl-Run: {RUN}" in second.message
    assert branches(hosted)[BRANCH] == change
    assert await forge.text(change, "src/a.py") == "one = 2\n"


async def test_files_of_every_kind_arrive_byte_for_byte(hub: Double, tmp_path: Path) -> None:
    files = {"run.sh": "#!/bin/sh\n", "bin": {"base64": "AP8AAQ=="}, "weird name ü\t.py": "x\n", "gone": "g\n"}
    async with hosted_on(hub, files) as hosted:
        forge = GitHubForge(hosted.repo, tmp_path / "mirror")
        base = await forge.resolve("main")
        edits = (Edit("run.sh", "ä\r\n\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")), Edit("gone", None))
        local = await forge.commit(base, (*edits, Edit("empty", ""), Edit("weird name ü\t.py", "y\x00z\n")), "Change", RUN)
        published = await forge.publish(RUN, BRANCH, local)
        trees = [forge.objects.git("rev-parse", f"{each}^{{tree}}") for each in (local, published)]
        assert trees[0] == trees[1]


async def test_publishing_again_makes_nothing_anew(forge: GitHubForge, hosted: Hosted, tmp_path: Path) -> None:
    spec, change = await spec_and_change(forge)
    before = made(hosted)
    assert await spec_and_change(forge) == (spec, change)
    elsewhere = GitHubForge(hosted.repo, tmp_path / "another machine")
    base = await elsewhere.resolve("main")
    local = await elsewhere.commit(base, (Edit("tests/test_a.py", "t\n"),), "Spec", RUN)
    both = await elsewhere.commit(local, (Edit("src/a.py", "one = 2\n"),), "Change", RUN)
    assert await elsewhere.publish(RUN, BRANCH, both) == change
    assert made(hosted) == before


async def test_two_workers_at_once_end_on_one_branch(hosted: Hosted, tmp_path: Path) -> None:
    shared = tmp_path / "mirror"
    forges = [GitHubForge(hosted.repo, shared) for _ in range(3)]
    bases = await asyncio.gather(*(each.resolve("HEAD") for each in forges))
    assert len(set(bases)) == 1
    local = await forges[0].commit(bases[0], (Edit("src/a.py", "one = 2\n"),), "Change", RUN)
    first = await forges[0].publish(RUN, BRANCH, local)
    assert {await each.publish(RUN, BRANCH, local) for each in forges} == {first}


@pytest.mark.parametrize("path", ["/git/refs$", "/git/commits$", "/git/trees$"])
async def test_an_answer_that_was_lost_is_made_up_for_by_publishing_again(forge: GitHubForge, hosted: Hosted, path: str) -> None:
    base = await forge.resolve("HEAD")
    local = await forge.commit(base, (Edit("src/a.py", "one = 2\n"),), "Change", RUN)
    hosted.double.fault("lost", path=f"/repos/{hosted.name}{path}", method="POST", count=1)
    try:
        published = await forge.publish(RUN, BRANCH, local)
    except Retryable:
        published = await forge.publish(RUN, BRANCH, local)
    assert branches(hosted)[BRANCH] == published
    assert await forge.publish(RUN, BRANCH, local) == published


async def test_another_round_replaces_the_runs_own_commits(forge: GitHubForge, hosted: Hosted) -> None:
    spec, first = await spec_and_change(forge)
    again, second = await spec_and_change(forge, text="one = 3\n")
    assert again == spec
    assert second != first
    assert branches(hosted)[BRANCH] == second
    assert (await asyncio.to_thread(forge.objects.log, second))[0].parents == (spec,)


async def test_a_persons_commit_on_top_is_never_overwritten(forge: GitHubForge, hosted: Hosted) -> None:
    await spec_and_change(forge)
    theirs = hosted.owner.pushes(hosted.name, {"src/a.py": "one = 7\n"}, BRANCH)
    with pytest.raises(Refused, match="somebody pushed to pawl/17-fix-it"):
        await spec_and_change(forge, text="one = 3\n")
    await forge.withdraw(RUN, BRANCH)
    assert branches(hosted)[BRANCH] == theirs


async def test_a_persons_commit_that_was_judged_is_proposed_as_it_is(forge: GitHubForge, hosted: Hosted) -> None:
    _, change = await spec_and_change(forge)
    first = await forge.propose(RUN, BRANCH, change, "A title", "A body")
    theirs = Sha(hosted.owner.pushes(hosted.name, {"src/a.py": "one = 7\n"}, BRANCH))
    again = await forge.propose(RUN, BRANCH, theirs, "A title", "Another body")
    assert (again.pull, again.head) == (first.pull, theirs)
    assert branches(hosted)[BRANCH] == theirs


async def test_a_commit_that_only_claims_to_be_the_runs_is_not(forge: GitHubForge, hosted: Hosted) -> None:
    theirs = hosted.owner.pushes(hosted.name, {"x": "y"}, BRANCH, f"Mine\n\nPawl-Run: {RUN}\n")
    _, change = await spec_and_change(forge)
    assert branches(hosted) | {BRANCH: theirs, f"{BRANCH}-2": change} == branches(hosted)


async def test_a_name_that_another_run_holds_gets_a_number(forge: GitHubForge, hosted: Hosted) -> None:
    _, first = await spec_and_change(forge)
    _, second = await spec_and_change(forge, OTHER)
    assert (branches(hosted)[BRANCH], branches(hosted)[f"{BRANCH}-2"]) == (first, second)
    await forge.withdraw(RUN, BRANCH)
    place = await forge.propose(OTHER, BRANCH, second, "T", "B")
    assert place.branch == f"{BRANCH}-2"
    assert BRANCH not in branches(hosted)


async def test_proposing_twice_gives_one_pull_request_brought_up_to_date(forge: GitHubForge, hosted: Hosted) -> None:
    _, change = await spec_and_change(forge)
    first = await forge.propose(RUN, BRANCH, change, "A title", "A body")
    again = await forge.propose(RUN, BRANCH, change, "A title", "A better body")
    assert first == again
    assert first.pull is not None
    pull = await pulls.get(hosted.repo, first.pull)
    assert (pull.head, pull.base_branch, pull.title, pull.body) == (change, "main", "A title", "A better body")
    assert len(hosted.double.get(f"/repos/{hosted.name}/pulls?state=all")) == 1


async def test_a_proposal_goes_to_the_branch_that_was_meant(forge: GitHubForge, hosted: Hosted) -> None:
    hosted.owner.pushes(hosted.name, {"x": "y"}, "develop")
    _, change = await spec_and_change(forge)
    place = await replace(forge, base_branch="develop").propose(RUN, BRANCH, change, "T", "B")
    assert place.pull is not None
    assert (await pulls.get(hosted.repo, place.pull)).base_branch == "develop"


async def test_a_pull_request_that_somebody_closed_stays_closed(forge: GitHubForge, hosted: Hosted) -> None:
    _, change = await spec_and_change(forge)
    place = await forge.propose(RUN, BRANCH, change, "T", "B")
    assert place.pull is not None
    hosted.owner.close(hosted.name, place.pull)
    with pytest.raises(Refused, match="was closed without merging"):
        await forge.propose(RUN, BRANCH, change, "T", "B")


async def test_a_proposal_that_is_merged_already_is_found(forge: GitHubForge, hosted: Hosted) -> None:
    _, change = await spec_and_change(forge)
    place = await forge.propose(RUN, BRANCH, change, "T", "B")
    assert place.pull is not None
    hosted.owner.merges(hosted.name, place.pull, "squash")
    assert (await forge.propose(RUN, BRANCH, change, "T", "B")).pull == place.pull


async def test_what_is_withdrawn_is_gone_unless_it_is_proposed(forge: GitHubForge, hosted: Hosted) -> None:
    await forge.withdraw(RUN, BRANCH)
    _, change = await spec_and_change(forge)
    await forge.withdraw(OTHER, BRANCH)
    assert BRANCH in branches(hosted)
    await forge.propose(RUN, BRANCH, change, "T", "B")
    await forge.withdraw(RUN, BRANCH)
    assert BRANCH in branches(hosted)
    found = await pulls.find(hosted.repo, BRANCH)
    assert found is not None
    await pulls.edit(hosted.repo, found.number, state="closed")
    await forge.withdraw(RUN, BRANCH)
    assert BRANCH not in branches(hosted)


async def test_a_repository_that_is_too_large_is_refused_before_anything_is_fetched(forge: GitHubForge, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"has .* GiB of git data"):
        await replace(forge, most_bytes=1).resolve("HEAD")
    assert not (tmp_path / "mirror").exists()


@pytest.fixture
async def spied(hub: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Hosted, GitHubForge, Path]]:
    """A private repository, and a git that writes down its arguments before it works."""
    real = shutil.which("git")
    place = tmp_path / "bin"
    place.mkdir()
    script = place / "git"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {tmp_path}/arguments\nexec {real} "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(os, "defpath", f"{place}:{os.defpath}")
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")
    async with hosted_on(hub, private=True) as hosted:
        yield hosted, GitHubForge(hosted.repo, tmp_path / "mirror"), tmp_path


async def test_the_token_is_in_no_argument_and_no_file(spied: tuple[Hosted, GitHubForge, Path]) -> None:
    hosted, forge, folder = spied
    await forge.resolve("HEAD")
    token = await hosted.repo.token()
    written = (folder / "arguments").read_text()
    assert "fetch" in written
    assert token not in written
    for path in (folder / "mirror").rglob("*"):
        if path.is_file():
            assert token.encode() not in path.read_bytes()
            assert b"uthorization" not in path.read_bytes()


async def test_a_token_that_was_revoked_is_replaced(forge: GitHubForge, hosted: Hosted) -> None:
    await forge.resolve("HEAD")
    head = Sha(hosted.owner.pushes(hosted.name, {"src/b.py": "b\n"}, "topic"))
    ask("DELETE", f"{hosted.double.api}/installation/token", token=await hosted.repo.token())
    assert await forge.text(head, "src/b.py") == "b\n"


async def test_an_app_that_is_not_installed_there_gets_a_sentence(hub: Double, tmp_path: Path) -> None:
    async with hosted_on(hub, private=True) as one, hosted_on(hub, private=True) as two:
        stranger = replace(one.repo, name=two.repo.name)
        with pytest.raises(PawlError) as caught:
            await GitHubForge(stranger, tmp_path / "mirror").resolve("HEAD")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("address", ["noreply@mallory.example", "9+mallory[bot]@users.noreply.github.com"])
async def test_a_commit_that_only_looks_like_githubs_is_a_persons(forge: GitHubForge, hosted: Hosted, address: str) -> None:
    _, change = await spec_and_change(forge)
    text = f"Change\n\nPawl-Run: {RUN}\n"
    maker = {"name": "GitHub", "email": address}
    head = hosted.owner.pushes(hosted.name, {"src/a.py": "one = 9\n"}, BRANCH, text, maker=maker, parent=change)
    with pytest.raises(Refused, match="somebody pushed to"):
        await forge.propose(RUN, BRANCH, change, "A title", "A body")
    assert branches(hosted)[BRANCH] == head


def test_who_asked_is_credited_under_the_servers_own_address(forge: GitHubForge) -> None:
    wish = Instruction(Verb.FIX, "Mend it", RepoName("o/r"), Sha("a" * 40), requester="mona", door="github")
    assert forge.credit(wish) == "", "nobody asked on GitHub"
    asked = replace(wish, origin=Origin(InstallationId(1), 2, 3, requester=7))
    assert forge.credit(asked) == "Co-authored-by: mona <7+mona@users.noreply.127.0.0.1>"
