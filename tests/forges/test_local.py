"""The local forge on real git repositories: exact objects, an untouched working tree, and no program of the repository's run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.change.change import Edit, FileStatus
from bot.errors import InputError
from bot.forges.local import LocalForge, open_repository
from bot.ids import RunId, Sha

RUN = RunId("01JTESTRUN0000000000000000")
OTHER = RunId("01JTESTRUN0000000000000001")

WHO = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    root = tmp_path / "repo"
    root.mkdir()

    def call(*arguments: str) -> str:
        identity = ["-c", "user.name=A Person", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
        done = subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    call("init", "-q")
    return call


@pytest.fixture
def forge(git: Git, tmp_path: Path) -> LocalForge:
    root = tmp_path / "repo"
    (root / "src").mkdir()
    (root / "src/a.py").write_text("one = 1\n")
    (root / "run.sh").write_text("#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    (root / "bild.bin").write_bytes(bytes(range(256)))
    (root / "link").symlink_to("src/a.py")
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    return open_repository(root / "src")


async def test_it_is_found_from_any_folder_inside(forge: LocalForge, tmp_path: Path) -> None:
    assert forge.root == (tmp_path / "repo").resolve()


async def test_a_revision_becomes_a_full_name(forge: LocalForge, git: Git) -> None:
    assert await forge.resolve("HEAD") == git("rev-parse", "HEAD")


@pytest.mark.parametrize("revision", ["nosuch", "--output=/tmp/x", "HEAD~99", ""])
async def test_an_unknown_revision_is_refused_in_one_sentence(forge: LocalForge, revision: str) -> None:
    with pytest.raises(InputError, match="names no commit"):
        await forge.resolve(revision)


async def test_no_repository_and_no_directory_are_said_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a directory"):
        open_repository(tmp_path / "nowhere")
    (tmp_path / "bare").mkdir()
    with pytest.raises(InputError, match="is not a git repository"):
        open_repository(tmp_path / "bare")


async def test_a_repository_without_a_commit_says_so(git: Git, tmp_path: Path) -> None:
    git("status")
    with pytest.raises(InputError, match="no commit yet"):
        await open_repository(tmp_path / "repo").resolve("HEAD")


async def test_files_are_laid_out_byte_for_byte(forge: LocalForge, tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.mkdir()
    await forge.lay_out(await forge.resolve("HEAD"), place)
    assert (place / "src/a.py").read_text() == "one = 1\n"
    assert (place / "bild.bin").read_bytes() == bytes(range(256))
    assert os.access(place / "run.sh", os.X_OK)
    assert (place / "link").readlink() == Path("src/a.py")
    assert not (place / ".git").exists()


@pytest.mark.parametrize("target", ["/etc/passwd", "../../secret", "src/../../secret"])
async def test_a_link_out_of_the_tree_is_refused(forge: LocalForge, git: Git, tmp_path: Path, target: str) -> None:
    (tmp_path / "repo/bad").symlink_to(target)
    git("add", "-A")
    git("commit", "-q", "-m", "link")
    place = tmp_path / "out"
    place.mkdir()
    with pytest.raises(InputError, match="link out of the repository"):
        await forge.lay_out(await forge.resolve("HEAD"), place)


async def test_no_filter_hook_or_monitor_of_the_repository_runs(forge: LocalForge, git: Git, tmp_path: Path) -> None:
    trap = tmp_path / "trapped"
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\ntouch {trap}\ncat\n")
    script.chmod(0o755)
    (tmp_path / "repo/.gitattributes").write_text("*.py filter=trap diff=trap\n")
    git("add", ".gitattributes")
    git("commit", "-q", "-m", "attributes")
    for key in (
        "filter.trap.smudge",
        "filter.trap.clean",
        "core.fsmonitor",
        "diff.external",
        "diff.trap.textconv",
        "diff.trap.command",
    ):
        git("config", key, str(script))
    hooks = tmp_path / "repo/.git/hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-commit", "reference-transaction", "post-index-change"):
        (hooks / hook).write_text(script.read_text())
        (hooks / hook).chmod(0o755)
    base = await forge.resolve("HEAD")
    place = tmp_path / "out"
    place.mkdir()
    await forge.lay_out(base, place)
    head = await forge.commit(base, (Edit("src/a.py", "one = 2\n"),), "change", RUN)
    await forge.change(base, head)
    await forge.propose(RUN, "pawl/x", head, "t", "b")
    assert not trap.exists()


async def test_a_commit_holds_the_edits_and_leaves_the_working_tree_alone(forge: LocalForge, git: Git) -> None:
    base = await forge.resolve("HEAD")
    edits = (Edit("src/a.py", "one = 2\n"), Edit("new/b.py", "two = 2\n"), Edit("bild.bin", None))
    head = await forge.commit(base, edits, "Change it", RUN)
    assert git("show", f"{head}:src/a.py") == "one = 2"
    assert git("show", f"{head}:new/b.py") == "two = 2"
    assert "bild.bin" not in git("ls-tree", "-r", "--name-only", head)
    assert git("log", "-1", "--format=%(trailers:key=Pawl-Run,valueonly)", head) == RUN
    assert git("status", "--porcelain") == ""
    assert git("rev-parse", "HEAD") == base


async def test_the_same_call_gives_the_same_commit_and_modes_stay(forge: LocalForge, git: Git) -> None:
    base = await forge.resolve("HEAD")
    edits = (Edit("run.sh", "#!/bin/sh\ntrue\n"),)
    assert await forge.commit(base, edits, "m", RUN) == (head := await forge.commit(base, edits, "m", RUN))
    assert git("ls-tree", head, "run.sh").startswith("100755")


async def test_the_change_names_what_happened_to_each_file(forge: LocalForge) -> None:
    base = await forge.resolve("HEAD")
    head = await forge.commit(base, (Edit("src/a.py", "zero = 0\none = 1\n"), Edit("bild.bin", None)), "m", RUN)
    change = await forge.change(base, head)
    assert {each.path: each.status for each in change.files} == {
        "bild.bin": FileStatus.DELETED,
        "src/a.py": FileStatus.MODIFIED,
    }
    file = change.file("src/a.py")
    assert file is not None
    assert file.added_lines == frozenset({1})


async def test_a_branch_is_made_once_and_another_runs_name_is_never_taken(forge: LocalForge, git: Git) -> None:
    base = await forge.resolve("HEAD")
    mine = await forge.commit(base, (Edit("src/a.py", "one = 2\n"),), "mine", RUN)
    again = await forge.commit(base, (Edit("src/a.py", "one = 3\n"),), "mine, later", RUN)
    theirs = await forge.commit(base, (Edit("src/a.py", "one = 4\n"),), "theirs", OTHER)
    assert (await forge.propose(RUN, "pawl/fix", mine, "", "")).branch == "pawl/fix"
    assert (await forge.propose(RUN, "pawl/fix", mine, "", "")).branch == "pawl/fix"
    assert (await forge.propose(RUN, "pawl/fix", again, "", "")).branch == "pawl/fix"
    assert (await forge.propose(OTHER, "pawl/fix", theirs, "", "")).branch == "pawl/fix-2"
    assert git("rev-parse", "pawl/fix") == again
    assert git("branch", "--format=%(refname:short)", "--list", "pawl/*").split() == ["pawl/fix", "pawl/fix-2"]


async def test_uncommitted_changes_are_refused_and_untracked_files_are_not(forge: LocalForge, tmp_path: Path) -> None:
    (tmp_path / "repo/notes.txt").write_text("mine")
    forge.require_clean()
    (tmp_path / "repo/src/a.py").write_text("one = 7\n")
    with pytest.raises(InputError, match=r"not committed \(src/a.py\)"):
        forge.require_clean()


async def test_one_file_of_a_commit_can_be_read(forge: LocalForge) -> None:
    base = await forge.resolve("HEAD")
    assert await forge.text(base, "src/a.py") == "one = 1\n"
    assert await forge.text(base, "nosuch") is None


def test_the_person_is_read_from_the_repository(forge: LocalForge, git: Git) -> None:
    git("config", "user.name", "A Person")
    git("config", "user.email", "a@example.org")
    assert forge.person() == "A Person <a@example.org>"


async def test_a_submodule_becomes_an_empty_folder(forge: LocalForge, git: Git, tmp_path: Path) -> None:
    git("update-index", "--add", "--cacheinfo", f"160000,{git('rev-parse', 'HEAD')},sub")
    git("commit", "-q", "-m", "submodule")
    place = tmp_path / "out"
    place.mkdir()
    await forge.lay_out(Sha(git("rev-parse", "HEAD")), place)
    assert list((place / "sub").iterdir()) == []


def at_date(root: Path, parent: Sha, date: str) -> Sha:
    """Make a commit that changes nothing on that date."""
    env = {**os.environ, **WHO, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    command = ["git", "-C", str(root), "commit-tree", "-p", parent, "-m", "later", f"{parent}^{{tree}}"]
    return Sha(subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout.strip())


async def test_churn_counts_the_commits_of_the_last_ninety_days_of_a_commits_own_time(forge: LocalForge, git: Git) -> None:
    first = await forge.resolve("HEAD")
    assert await forge.churn(first, ("src/a.py",)) == 1
    second = await forge.commit(first, (Edit("src/a.py", "two = 2\n"),), "second", RUN)
    third = await forge.commit(second, (Edit("b.py", "b = 1\n"),), "third", RUN)
    assert await forge.churn(third, ("src/a.py",)) == 2
    assert await forge.churn(third, ("src/a.py", "b.py")) == 3
    assert await forge.churn(third, ()) == 0
    far = str(int(git("show", "-s", "--format=%ct", first)) + 100 * 24 * 3600)
    later = at_date(forge.root, third, f"{far} +0000")
    assert await forge.churn(later, ("src/a.py",)) == 0
