"""``/pawl config``: the settings in force, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from bot.command import Command, done
from bot.config import PLACES
from bot.github import contents
from bot.github.permissions import Level
from bot.speech import messages

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """List every setting with its value, and whether the file or the default says so."""
    repository = await call.repository(desk)
    config = await desk.config(repository)
    source = next(iter([place for place in PLACES if await contents.text(repository, place) is not None]), "")
    return done(messages.settings(rows(config, source), source))


def rows(section: BaseModel, source: str, prefix: str = "") -> Iterator[tuple[str, Any, str]]:
    """Yield (key, value, where from) for every setting of a section and of those in it."""
    for name in type(section).model_fields:
        value, key = getattr(section, name), f"{prefix}{name}"
        given = name in section.model_fields_set
        if isinstance(value, BaseModel):
            yield from rows(value, source if given else "", f"{key}.")
        else:
            yield key, _plainly(value), source if given and source else "default"


def _plainly(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: each.model_dump(mode="json") if isinstance(each, BaseModel) else each for key, each in value.items()}
    return list(value) if isinstance(value, tuple) else value


COMMAND = Command(
    name="config",
    usage="/pawl config",
    summary="Shows the settings in force on the default branch, and where each comes from.",
    least=Level.READ,
    examples=("/pawl config",),
    obey=obey,
)
