"""A repository's activity: every move of its branches, newest first, and whose it was."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime

from tests.doubles.github.routing import Answer, Call, route
from tests.doubles.github.shapes import Json, stamp
from tests.doubles.github.state import ZERO, GitHub, RefUpdate, on_ref_update

MOST = 100


@dataclass(frozen=True)
class Move:
    """One move, and when it was."""

    id: int
    at: datetime
    update: RefUpdate

    @property
    def kind(self) -> str:
        """What GitHub calls it."""
        if self.update.before == ZERO:
            return "branch_creation"
        if self.update.after == ZERO:
            return "branch_deletion"
        return "force_push" if self.update.forced else "push"

    @property
    def cursor(self) -> str:
        """Where a page that begins behind it goes on."""
        return base64.urlsafe_b64encode(str(self.id).encode()).decode()


@dataclass
class Activities:
    """All moves of all branches, oldest first."""

    moves: list[Move] = field(default_factory=list)


@on_ref_update
async def remember(github: GitHub, update: RefUpdate) -> None:
    if update.branch:
        github.room(Activities).moves.append(Move(github.number(), github.now(), update))


@route("GET", "/repos/{owner}/{repo}/activity", needs={"contents": "read"})
async def activity(call: Call) -> Answer:
    """Moves of one branch or all, in pages that a cursor parts."""
    ref, actor = call.query.get("ref", ""), call.query.get("actor", "")
    full = ref if ref.startswith("refs/") else f"refs/heads/{ref}"
    found = [
        each
        for each in reversed(call.github.room(Activities).moves)
        if each.update.repo is call.repo and (not ref or each.update.ref == full) and actor in {"", each.update.by.login}
    ]
    after = call.query.get("after")
    start = next((at for at, each in enumerate(found, 1) if each.cursor == after), 0)
    size = min(int(call.query.get("per_page", "30")), MOST)
    page = found[start : start + size]
    more = start + size < len(found)
    url = call.request.rel_url.update_query(after=page[-1].cursor if page else "")
    link = f'<{call.urls.api}/repositories/{call.repo.id}/activity?{url.query_string}>; rel="next"'
    return Answer(200, [_shape(call, each) for each in page], {"Link": link} if more else {})


def _shape(call: Call, move: Move) -> Json:
    return {
        "id": move.id,
        "node_id": f"PSH_{move.cursor}",
        "before": move.update.before,
        "after": move.update.after,
        "ref": move.update.ref,
        "timestamp": stamp(move.at),
        "activity_type": move.kind,
        "actor": call.shapes.account(move.update.by),
    }
