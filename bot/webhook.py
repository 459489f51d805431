"""What a webhook event is to Pawl: the name GitHub gives it, the actions that matter, and who answers a delivery of it.

Each event has one file in ``webhooks/``. A postman takes deliveries from the store and calls ``answer``, which reads the truth
from GitHub where it matters (deliveries come late, twice and out of order), leaves work in the store, and does none itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.desk import Delivery, Desk

Answer = Callable[[Delivery, Desk], Awaitable[None]]
"""Answers one delivery; called twice with the same one, it does nothing twice."""


@dataclass(frozen=True)
class Event:
    """An event as its file registers it."""

    name: str
    """GitHub's name of it, such as ``issue_comment``."""
    actions: frozenset[str]
    """The actions that are answered; an event without actions has the empty string here."""
    answer: Answer

    def wants(self, delivery: Delivery) -> bool:
        """Whether this delivery is to be answered at all."""
        return delivery.event == self.name and delivery.action in self.actions
