"""Commits: read from git, made as GitHub makes them (signed where it signs), and shaped as JSON."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.doubles.github.accounts import Account, Token
from tests.doubles.github.clone import Clone, Entry
from tests.doubles.github.repository import Repository
from tests.doubles.github.shapes import Json, Shapes, stamp
from tests.doubles.github.state import GitHub

NOREPLY = re.compile(r"(?:(\d+)\+)?(.+)@users\.noreply\.[a-z0-9.-]+")
PERSON = re.compile(r"(.*?) ?<([^>]*)> (-?\d+) ([+-]\d{4})")
FRAME = ("-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----")


@dataclass(frozen=True)
class Person:
    """Who made a commit, and when, as git writes it down."""

    name: str
    email: str
    at: datetime

    @classmethod
    def of(cls, account: Account, at: datetime) -> Person:
        """Return an account as author."""
        return cls(account.name or account.login, account.address, at)

    def line(self) -> str:
        """Return the person as in a commit object."""
        return f"{self.name} <{self.email}> {int(self.at.timestamp())} +0000"


@dataclass(frozen=True)
class Commit:
    """A commit object; ``payload`` is what its signature, if any, was made over."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str
    signature: str | None
    payload: str


def read(clone: Clone, sha: str) -> Commit:
    """Return the commit."""
    raw = clone.git("cat-file", "commit", sha).decode(errors="surrogateescape")
    head, _, message = raw.partition("\n\n")
    signature = re.search(r"^gpgsig (.*(?:\n .*)*)\n?", head, re.MULTILINE)
    plain = head.replace(signature[0], "") if signature else head
    fields = [line.partition(" ")[::2] for line in plain.rstrip("\n").split("\n")]
    one = dict(fields)
    return Commit(
        sha=sha,
        tree=one["tree"],
        parents=tuple(value for name, value in fields if name == "parent"),
        author=_person(one["author"]),
        committer=_person(one["committer"]),
        message=message,
        signature=signature[1].replace("\n ", "\n") if signature else None,
        payload=f"{plain.rstrip(chr(10))}\n\n{message}",
    )


def make(
    github: GitHub,
    clone: Clone,
    tree: str,
    parents: Sequence[str],
    message: str,
    *,
    author: Person,
    committer: Person | None = None,
    signed: bool = False,
) -> str:
    """Write a commit object and return its SHA; ``signed`` puts GitHub's own signature on it."""
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"author {author.line()}", f"committer {(committer or author).line()}"]
    if signed:
        signature = _signature(github, "\n".join(lines) + f"\n\n{message}")
        lines.append("gpgsig " + signature.replace("\n", "\n "))
    raw = "\n".join(lines) + f"\n\n{message}"
    return clone.text("hash-object", "-t", "commit", "-w", "--stdin", data=raw.encode(errors="surrogateescape"))


def make_by(github: GitHub, clone: Clone, tree: str, parents: Sequence[str], message: str, *, by: Token) -> str:
    """Write a commit through the API for somebody who names no author: an App's is signed and committed by web-flow."""
    now = github.now()
    author = Person.of(by.account, now)
    if not by.installation:
        return make(github, clone, tree, parents, message, author=author)
    return make(github, clone, tree, parents, message, author=author, committer=Person.of(github.web_flow, now), signed=True)


def edited(clone: Clone, base: str | None, edits: dict[str, bytes | None]) -> str:
    """Return the tree of the base commit with files written, or deleted where the content is ``None``."""
    entries = [
        Entry(_mode(clone, base, path), "blob", "" if content is None else clone.add_blob(content), path)
        for path, content in edits.items()
    ]
    return clone.add_tree(f"{base}^{{tree}}" if base else None, entries)


def _mode(clone: Clone, base: str | None, path: str) -> str:
    existing = clone.find(base, path) if base else None
    return existing.mode if existing and existing.kind == "blob" else "100644"


def between(clone: Clone, before: str | None, after: str, most: int = 250) -> list[str]:
    """Return the commits in ``after`` that are not in ``before``, oldest first, at most the newest so many."""
    wanted = f"{before}..{after}" if before else after
    return clone.text("rev-list", "--reverse", "--topo-order", f"--max-count={most}", wanted).split()


def account_of(github: GitHub, person: Person) -> Account | None:
    """Return the account that an e-mail address belongs to."""
    noreply = NOREPLY.fullmatch(person.email)
    if noreply and noreply[1]:
        return github.accounts.get(int(noreply[1]))
    if noreply:
        return github.find_account(noreply[2])
    return next((one for one in github.accounts.values() if one.email and one.email.lower() == person.email.lower()), None)


def authors_of(commit: Commit) -> list[Person]:
    """Return the author and the co-authors that a commit's trailers name."""
    named = re.findall(r"^co-authored-by:[ \t]*(.*?)[ \t]*<([^<>]*)>[ \t]*$", commit.message, re.IGNORECASE | re.MULTILINE)
    return [commit.author, *(Person(name, email, commit.author.at) for name, email in named)]


def verification(github: GitHub, commit: Commit) -> Json:
    """Return whether the signature is GitHub's own."""
    if commit.signature is None:
        return {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
    good = hmac.compare_digest(commit.signature, _signature(github, commit.payload))
    return {
        "verified": good,
        "reason": "valid" if good else "unknown_key",
        "signature": commit.signature,
        "payload": commit.payload,
        "verified_at": stamp(commit.committer.at) if good else None,
    }


def git_commit(shapes: Shapes, repo: Repository, commit: Commit) -> Json:
    """Return a commit as the git data API answers it."""
    url = f"{shapes.urls.repo(repo)}/git/commits"
    return {
        "sha": commit.sha,
        "node_id": f"C_kwDO{base64.urlsafe_b64encode(f'{repo.id}:{commit.sha}'.encode()).decode()}",
        "url": f"{url}/{commit.sha}",
        "html_url": f"{shapes.urls.page(repo)}/commit/{commit.sha}",
        "author": _shape(commit.author),
        "committer": _shape(commit.committer),
        "tree": {"sha": commit.tree, "url": f"{shapes.urls.repo(repo)}/git/trees/{commit.tree}"},
        "message": commit.message.rstrip("\n"),
        "parents": [
            {"sha": sha, "url": f"{url}/{sha}", "html_url": f"{shapes.urls.page(repo)}/commit/{sha}"} for sha in commit.parents
        ],
        "verification": verification(shapes.github, commit),
    }


def full_commit(shapes: Shapes, repo: Repository, commit: Commit) -> Json:
    """Return a commit as lists of commits show it: with the accounts behind its people."""
    url = f"{shapes.urls.repo(repo)}/commits"
    page = f"{shapes.urls.page(repo)}/commit"
    plain = git_commit(shapes, repo, commit)
    return {
        "sha": commit.sha,
        "node_id": plain["node_id"],
        "commit": {
            "author": plain["author"],
            "committer": plain["committer"],
            "message": plain["message"],
            "tree": plain["tree"],
            "url": plain["url"],
            "comment_count": 0,
            "verification": plain["verification"],
        },
        "url": f"{url}/{commit.sha}",
        "html_url": f"{page}/{commit.sha}",
        "comments_url": f"{url}/{commit.sha}/comments",
        "author": shapes.maybe(account_of(shapes.github, commit.author)),
        "committer": shapes.maybe(account_of(shapes.github, commit.committer)),
        "parents": [{"sha": sha, "url": f"{url}/{sha}", "html_url": f"{page}/{sha}"} for sha in commit.parents],
    }


def pushed_commit(shapes: Shapes, repo: Repository, sha: str) -> Json:
    """Return a commit as the ``push`` event carries it."""
    commit = read(repo.clone, sha)
    lines = repo.clone.text("diff-tree", "--root", "--no-commit-id", "--name-status", "-r", "--no-renames", sha).splitlines()
    paths: dict[str, list[str]] = {"A": [], "D": [], "M": []}
    for line in lines:
        status, _, path = line.partition("\t")
        paths.get(status, paths["M"]).append(path)
    return {
        "id": sha,
        "tree_id": commit.tree,
        "distinct": True,
        "message": commit.message.rstrip("\n"),
        "timestamp": stamp(commit.committer.at),
        "url": f"{shapes.urls.page(repo)}/commit/{sha}",
        "author": _with_login(shapes, commit.author),
        "committer": _with_login(shapes, commit.committer),
        "added": paths["A"],
        "removed": paths["D"],
        "modified": paths["M"],
    }


def _with_login(shapes: Shapes, person: Person) -> Json:
    account = account_of(shapes.github, person)
    login: dict[str, Any] = {"username": account.login} if account else {}
    return {"name": person.name, "email": person.email, "date": stamp(person.at), **login}


def _shape(person: Person) -> Json:
    return {"name": person.name, "email": person.email, "date": stamp(person.at)}


def _person(text: str) -> Person:
    match = PERSON.fullmatch(text)
    assert match, text
    return Person(match[1], match[2], datetime.fromtimestamp(int(match[3]), UTC))


def _signature(github: GitHub, payload: str) -> str:
    digest = hmac.digest(github.signing_key, payload.encode(errors="surrogateescape"), "sha256")
    return f"{FRAME[0]}\n\n{base64.b64encode(digest).decode()}\n{FRAME[1]}\n"
