"""A postman in a process of its own, which tests kill: each delivery makes one run and notes that it was answered."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from pydantic import SecretStr

from bot.desk import Delivery, Desk
from bot.ids import InstallationId, RepoName, Sha
from bot.postman import Postman
from bot.run import Instruction, Origin, Verb
from bot.settings import Settings
from bot.store.store import open_store
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Make two runs of a delivery, as a comment with two commands does."""
    number = int(delivery.payload["number"])
    for ordinal in range(2):
        origin = Origin(InstallationId(1), 1, number, number)
        wish = Instruction(Verb.FIX, f"fix {ordinal}", RepoName("o/r"), Sha("a" * 40), origin=origin)
        await desk.store.create_once(wish, delivery.id, ordinal)


async def main(url: str) -> None:
    """Answer deliveries until killed."""
    nothing: Any = None
    settings = Settings(DATABASE_URL=SecretStr(url), PAWL_RUNS_PER_REPOSITORY=10_000, PAWL_RUNS_PER_DAY=10_000)
    async with open_store(settings) as store:
        postman = Postman(Desk(store, nothing, settings, nothing), {"issues": Event("issues", frozenset({"labeled"}), answer)})
        await postman.work(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
