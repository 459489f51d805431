"""Issues: what stands in one, and its labels. A pull request is an issue too."""

from __future__ import annotations

from dataclasses import dataclass

from bot.github.client import segment
from bot.github.errors import NotFound
from bot.github.repository import Repository
from bot.ids import Login


@dataclass(frozen=True)
class IssueFacts:
    """An issue or pull request; ``title`` and ``body`` are a stranger's text."""

    number: int
    title: str
    body: str
    user_login: Login
    user_id: int
    """0 where the account is gone."""
    labels: tuple[str, ...]
    state: str
    """``open`` or ``closed``."""
    pull: bool


async def issue(repo: Repository, number: int) -> IssueFacts:
    """Return an issue; raises NotFound where it is gone."""
    told = await repo.get(f"issues/{number}")
    user = told.get("user") or {}
    return IssueFacts(
        number=int(told["number"]),
        title=str(told["title"]),
        body=str(told.get("body") or ""),
        user_login=Login(str(user.get("login") or "ghost")),
        user_id=int(user.get("id") or 0),
        labels=tuple(each if isinstance(each, str) else str(each["name"]) for each in told.get("labels") or ()),
        state=str(told["state"]),
        pull="pull_request" in told,
    )


async def add_labels(repo: Repository, number: int, *labels: str) -> None:
    """Put labels on; those that are there already stay, those that the repository lacks are made."""
    await repo.post(f"issues/{number}/labels", {"labels": list(labels)})


async def remove_label(repo: Repository, number: int, label: str) -> None:
    """Take a label off; nothing happens where it is not on."""
    try:
        await repo.delete(f"issues/{number}/labels/{segment(label)}")
    except NotFound:
        return
