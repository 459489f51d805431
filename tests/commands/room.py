"""A room to say commands in: a double of GitHub with people of every kind, a desk at it, and a store."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.config import PLACES, Config
from bot.desk import Delivery, Desk
from bot.doors.hearing import hear
from bot.github.repository import Repository
from bot.history import Output
from bot.ids import DeliveryId, PullNumber
from bot.run import Run, State
from bot.settings import Settings
from bot.store.onboardings import Welcome
from bot.store.runs import Transition
from bot.store.store import Store
from tests.doubles.github.client import Double, Person
from tests.github.hosted import Hosted, hosted_on

ROLES = {"reader": "read", "sorter": "triage", "writer": "write", "keeper": "maintain", "admin": "admin"}
FILES = {"shop.py": "def price(n):\n    return n\n", ".github/pawl.yml": "trust: 1\nmutation:\n  threshold: 0.9\n"}
_deliveries = itertools.count(1)


@dataclass(frozen=True)
class Room:
    """What a test holds. ``say`` comments as somebody and has Pawl hear it, as the webhook would."""

    hosted: Hosted
    desk: Desk
    people: dict[str, Person]
    repository: int
    issue: int

    @property
    def store(self) -> Store:
        return self.desk.store

    @property
    def name(self) -> str:
        return self.hosted.name

    def payload(self, number: int, comment: int, action: str = "created") -> dict[str, Any]:
        """Return what GitHub would send."""
        read = self.hosted.double.get
        told = read(f"/repos/{self.name}/issues/comments/{comment}")
        return {
            "action": action,
            "comment": told,
            "issue": read(f"/repos/{self.name}/issues/{number}"),
            "repository": read(f"/repos/{self.name}"),
            "installation": {"id": self.hosted.installation},
            "sender": told["user"],
        }

    async def hears(self, payload: dict[str, Any], delivery: str = "") -> DeliveryId:
        id_ = DeliveryId(delivery or f"delivery-{next(_deliveries)}")
        await hear(payload, Delivery(id_, "issue_comment", payload["action"], payload), self.desk)
        return id_

    async def say(self, who: str, body: str, number: int | None = None) -> int:
        """Comment, have it heard, and return the comment's id."""
        at = number or self.issue
        comment = self.people[who].comments(self.name, at, body)
        await self.hears(self.payload(at, comment))
        return comment

    def reactions(self, comment: int) -> list[str]:
        """Return Pawl's reactions to a comment."""
        found = self.hosted.double.get(f"/repos/{self.name}/issues/comments/{comment}/reactions")
        return [each["content"] for each in found if each["user"]["id"] == self.hosted.facts.bot_id]

    def said(self, number: int | None = None) -> list[str]:
        """Return what Pawl said."""
        found = self.hosted.double.get(f"/repos/{self.name}/issues/{number or self.issue}/comments?per_page=100")
        return [each["body"] for each in found if each["user"]["id"] == self.hosted.facts.bot_id]

    async def runs(self, number: int | None = None) -> tuple[Run, ...]:
        return await self.store.latest(self.repository, number or self.issue)

    async def goes(self, *steps: tuple[State, Output | None]) -> Run:
        """Take the newest run of the issue through transitions, as a worker would."""
        run = (await self.runs())[0]
        for to, output in steps:
            held = await self.store.claim(run.id)
            assert held is not None
            assert await self.store.commit(held, Transition(to, "on", output)) is not None
            await self.store.release(held)
        return await self.store.get(run.id)

    def pull(self, who: str = "writer", *, fork: bool = False) -> int:
        """Open a pull request, from a fork or from a branch."""
        person = self.people[who]
        repo = person.forks(self.name) if fork else self.name
        person.pushes(repo, {"shop.py": "def price(n):\n    return n * n\n"}, branch="square")
        return person.opens_pull(self.name, f"{person.login}:square" if fork else "square", "Squares")


@pytest.fixture
async def room(hub: Double, store: Store) -> AsyncIterator[Room]:
    async with hosted_on(hub, FILES) as hosted:
        people = {name: hub.person(f"{name}-of-{hosted.owner.login}") for name in [*ROLES, "stranger"]}
        collaborators = {people[name].login: role for name, role in ROLES.items()}
        hub.change(hosted.name, collaborators=collaborators)
        facts = await hosted.repo.facts()
        await store.onboardings.put(facts.id, Welcome.ACCEPTED, PullNumber(1), "owner")

        async def config(_repository: Repository) -> Config:
            return Config.model_validate({"trust": 1, "mutation": {"threshold": 0.9}})

        issue = hosted.owner.open_issue(hosted.name, "`price(2)` should return 4", "It returns 2.")
        assert PLACES[0] in FILES
        yield Room(hosted, Desk(store, hosted.app, Settings(), config), people, facts.id, issue)
