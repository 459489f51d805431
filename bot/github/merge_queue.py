"""The merge queue: pull requests put in line at one head, found there, and taken out; and all arming taken back at once."""

from __future__ import annotations

from typing import Final

from bot.github import pulls
from bot.github.errors import Unprocessable
from bot.github.pulls import Pull
from bot.github.repository import Repository
from bot.ids import Sha

_ENQUEUE: Final = """mutation Enqueue($pull: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: {pullRequestId: $pull, expectedHeadOid: $head}) { mergeQueueEntry { id } }
}"""
_DEQUEUE: Final = """mutation Dequeue($pull: ID!) {
  dequeuePullRequest(input: {id: $pull}) { mergeQueueEntry { id } }
}"""
_IN_LINE: Final = """query InLine($pull: ID!) {
  node(id: $pull) { ... on PullRequest { isInMergeQueue headRefOid } }
}"""


async def enqueue(repo: Repository, pull: Pull, head: Sha) -> None:
    """Put a pull request in line at this head; nothing happens where it stands there already.

    Raises:
        Unprocessable: the branch has no queue, something that the queue does not see to is missing, or the head has moved.
    """
    try:
        await repo.client.graphql(_ENQUEUE, pull=pull.node_id, head=head)
    except Unprocessable:
        if not await _stands_in_line(repo, pull, head):  # the answer of an earlier try may have been lost
            raise


async def dequeue(repo: Repository, pull: Pull) -> None:
    """Take a pull request out of the line; nothing happens where it is not in it, or is merged by now."""
    try:
        await repo.client.graphql(_DEQUEUE, pull=pull.node_id)
    except Unprocessable:
        if await in_line(repo, pull):
            raise


async def in_line(repo: Repository, pull: Pull) -> bool:
    """Whether a pull request waits in a merge queue."""
    return await _stands_in_line(repo, pull, None)


async def take_back(repo: Repository, pull: Pull) -> bool:
    """Take back whatever would have GitHub merge a pull request by itself; return whether there was anything."""
    armed = pull.auto_merge
    if armed:
        await pulls.disarm(repo, pull)
    queued = pull.open and await in_line(repo, pull)
    if queued:
        await dequeue(repo, pull)
    return armed or queued


async def _stands_in_line(repo: Repository, pull: Pull, head: Sha | None) -> bool:
    told = (await repo.client.graphql(_IN_LINE, pull=pull.node_id)).get("node") or {}
    return told.get("isInMergeQueue") is True and head in {None, told.get("headRefOid")}
