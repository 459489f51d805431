"""Git's objects and branches through the API, so that GitHub signs the commits."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from bot.change.change import Edit
from bot.errors import InputError
from bot.github.errors import NotFound, Unprocessable
from bot.github.repository import Repository
from bot.ids import Sha

FILE: Final = "100644"
_KINDS: Final = {"040000": "tree", "160000": "commit"}
_MISSING, _CONFLICT = 422, 409


@dataclass(frozen=True)
class Entry:
    """One file of a new tree; ``content`` None takes the file away. ``oid`` names content that GitHub has already."""

    path: str
    mode: str
    content: bytes | None
    oid: str | None = None


@dataclass(frozen=True)
class GitCommit:
    """A commit as git has it."""

    sha: Sha
    tree: Sha
    parents: tuple[Sha, ...]
    message: str
    verified: bool
    """Whether GitHub vouches for the signature."""


async def ref(repo: Repository, branch: str) -> Sha | None:
    """Return the commit a branch points at, or None where there is no such branch."""
    try:
        told = await repo.get(f"git/ref/heads/{_quoted(branch)}")
    except NotFound:
        return None
    except Unprocessable as error:
        if error.status != _CONFLICT:  # an empty repository
            raise
        return None
    return Sha(str(told["object"]["sha"]))


async def matching(repo: Repository, prefix: str) -> tuple[tuple[str, Sha], ...]:
    """Return the branches whose names begin with ``prefix``, and where they point."""
    try:
        found = await repo.get(f"git/matching-refs/heads/{_quoted(prefix)}")  # GitHub gives them all at once
        return tuple((str(each["ref"]).removeprefix("refs/heads/"), Sha(str(each["object"]["sha"]))) for each in found)
    except Unprocessable as error:
        if error.status != _CONFLICT:  # an empty repository
            raise
        return ()


async def set_ref(repo: Repository, branch: str, sha: Sha, force: bool = False) -> None:  # noqa: FBT001, FBT002 - GitHub's word
    """Point a branch at a commit, making it where there is none.

    Raises:
        Unprocessable: without ``force``, the commit does not stand on the branch's present one.
    """
    standing = await ref(repo, branch)
    if standing == sha:
        return
    if standing is None:
        try:
            await repo.post("git/refs", {"ref": f"refs/heads/{branch}", "sha": sha})
        except Unprocessable as error:
            if "already exists" not in error.said:
                raise
        else:
            return
    await repo.patch(f"git/refs/heads/{_quoted(branch)}", {"sha": sha, "force": force})


async def delete_ref(repo: Repository, branch: str) -> None:
    """Delete a branch; nothing happens where there is none."""
    try:
        await repo.delete(f"git/refs/heads/{_quoted(branch)}")
    except NotFound:
        return
    except Unprocessable as error:
        if error.status != _MISSING or "does not exist" not in error.said:
            raise


async def commit(repo: Repository, sha: Sha) -> GitCommit | None:
    """Return a commit, or None where GitHub has none of that name."""
    try:
        told = await repo.get(f"git/commits/{_quoted(sha)}")
    except NotFound:
        return None
    return _commit(told)


async def fork_point(repo: Repository, base: Sha, head: Sha) -> Sha:
    """Return the newest commit that two have in common: what came to ``base`` since is none of the change.

    Raises:
        NotFound: they have none, or one of them is not there.
    """
    told = await repo.get(f"compare/{_quoted(base)}...{_quoted(head)}", per_page=1)
    return Sha(str(told["merge_base_commit"]["sha"]))


async def commit_edits(repo: Repository, parent: Sha, edits: tuple[Edit, ...], message: str) -> Sha:
    """Make a commit of edits on ``parent`` and return its name; modes of files that are there stay as they are.

    No branch points at it yet. GitHub signs it because neither author nor committer is named.
    """
    base = await commit(repo, parent)
    if base is None:
        raise InputError(f"{repo.name} has no commit {parent}: fetch again, its branch may have been rewritten")
    modes = _Modes(repo, base.tree)
    entries = [
        Entry(each.path, await modes.of(each.path) or FILE, None if each.content is None else each.content.encode())
        for each in edits
    ]
    return (await commit_entries(repo, base, tuple(entries), message)).sha


async def commit_entries(repo: Repository, base: GitCommit, entries: tuple[Entry, ...], message: str) -> GitCommit:
    """Make a commit of ``base``'s tree with these entries in place, on ``base``."""
    listed = [await _listed(repo, each) for each in entries]
    tree = await repo.post("git/trees", {"base_tree": base.tree, "tree": listed}) if listed else {"sha": base.tree}
    made = await repo.post("git/commits", {"message": message, "tree": tree["sha"], "parents": [base.sha]})
    return _commit(made)


async def _listed(repo: Repository, entry: Entry) -> dict[str, Any]:
    told: dict[str, Any] = {"path": entry.path, "mode": entry.mode, "type": _KINDS.get(entry.mode, "blob")}
    if entry.content is None:
        return told | {"sha": entry.oid}
    text = _plain_text(entry.content)
    if text is not None:
        return told | {"content": text}
    encoded = base64.b64encode(entry.content).decode()
    made = await repo.post("git/blobs", {"content": encoded, "encoding": "base64"})
    return told | {"sha": made["sha"]}


def _plain_text(content: bytes) -> str | None:
    """Return content that survives as JSON text; None for anything else, which goes as base64."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text or not text else text


class _Modes:
    """File modes of a tree, read folder by folder as they are asked for."""

    def __init__(self, repo: Repository, root: Sha) -> None:
        self._repo = repo
        self._trees: dict[str, Mapping[str, tuple[str, str]] | None] = {}
        self._root = root

    async def of(self, path: str) -> str | None:
        folder, _, name = path.rpartition("/")
        listed = await self._tree(folder)
        return listed[name][0] if listed and name in listed else None

    async def _tree(self, folder: str) -> Mapping[str, tuple[str, str]] | None:
        if folder not in self._trees:
            self._trees[folder] = await self._read(folder)
        return self._trees[folder]

    async def _read(self, folder: str) -> Mapping[str, tuple[str, str]] | None:
        if not folder:
            oid: str = self._root
        else:
            above, _, name = folder.rpartition("/")
            parent = await self._tree(above)
            if parent is None or parent.get(name, ("", ""))[0] != "040000":
                return None
            oid = parent[name][1]
        told = await self._repo.get(f"git/trees/{oid}")
        return {str(each["path"]): (str(each["mode"]), str(each["sha"])) for each in told["tree"]}


def _commit(told: Mapping[str, Any]) -> GitCommit:
    return GitCommit(
        sha=Sha(str(told["sha"])),
        tree=Sha(str(told["tree"]["sha"])),
        parents=tuple(Sha(str(each["sha"])) for each in told["parents"]),
        message=str(told["message"]),
        verified=(told.get("verification") or {}).get("verified") is True,
    )


def _quoted(name: str) -> str:
    """Return a branch's name for a path: its slashes part the path, everything else is data."""
    return quote(name, safe="/")
