"""One file of a repository as text: there, not there, too large for one answer, no text, and paths that lead elsewhere."""

from __future__ import annotations

import pytest

from bot.errors import InputError
from bot.github import contents
from tests.doubles.github.client import Double
from tests.github.hosted import Hosted, hosted_on


async def test_a_file_is_read_on_a_branch_and_at_a_commit(hosted: Hosted) -> None:
    first = hosted.owner.pushes(hosted.name, {".github/pawl.yml": "a: ü\n"})
    hosted.owner.pushes(hosted.name, {".github/pawl.yml": "a: 2\n"})
    assert await contents.text(hosted.repo, ".github/pawl.yml") == "a: 2\n"
    assert await contents.text(hosted.repo, ".github/pawl.yml", first) == "a: ü\n"
    assert await contents.text(hosted.repo, "src") is None
    assert await contents.text(hosted.repo, "no such?file#x") is None


async def test_a_tag_with_a_branchs_name_is_not_read_in_its_place(hosted: Hosted) -> None:
    first = hosted.owner.pushes(hosted.name, {".github/pawl.yml": "lax\n"})
    hosted.owner.pushes(hosted.name, {".github/pawl.yml": "strict\n"})
    hosted.owner.ask("POST", f"/repos/{hosted.name}/git/refs", {"ref": "refs/tags/main", "sha": first})
    assert await contents.text(hosted.repo, ".github/pawl.yml", "main") == "strict\n"


async def test_a_large_file_is_read_by_its_own_name(hub: Double) -> None:
    large = "0123456789abcdef" * 70_000
    async with hosted_on(hub, {"large.txt": large}) as hosted:
        assert await contents.text(hosted.repo, "large.txt") == large


async def test_a_file_that_is_no_text_is_said_so(hosted: Hosted) -> None:
    with pytest.raises(InputError, match=r"data\.bin is no UTF-8 text"):
        await contents.text(hosted.repo, "data.bin")


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a//b", "a/../../b", "", "."])
async def test_a_path_out_of_the_repository_is_refused(hosted: Hosted, path: str) -> None:
    with pytest.raises(InputError, match="no path inside"):
        await contents.text(hosted.repo, path)


async def test_a_folders_files_are_named(hosted: Hosted) -> None:
    hosted.owner.pushes(hosted.name, {"rules/a.rego": "x", "rules/deep/b.rego": "y"})
    assert await contents.names(hosted.repo, "rules") == ("a.rego",)
    assert await contents.names(hosted.repo, "nosuch") == ()
    assert await contents.names(hosted.repo, "README.md") == ()
    with pytest.raises(InputError):
        await contents.names(hosted.repo, "../x")
