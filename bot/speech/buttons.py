"""A distinguishing question as a check run with a button for each reading: one more way to answer it.

GitHub gives a check run three buttons; where there are more readings, the rest are answered by word or reaction.
"""

from __future__ import annotations

import re
from typing import Final

from bot.engine import Question
from bot.evidence.markdown import code, table
from bot.github import checks
from bot.github.checks import Action, CheckRun
from bot.github.repository import Repository
from bot.ids import RunId, Sha

CHECK: Final = "pawl / question"
MOST: Final = 3
"""Buttons that GitHub takes."""
_MOST_GIVES: Final = 34
_IDENTIFIER: Final = re.compile(r"answer ([A-Z])", re.ASCII)


def offered(asked: Question) -> tuple[Action, ...]:
    """Return the buttons of the first readings."""
    return tuple(
        Action(f"Reading {each.label}", f"gives {_short(each.gives)}", f"answer {each.label}") for each in asked.readings[:MOST]
    )


def label_of(identifier: str) -> str | None:
    """Return the reading that a button stands for; None for any other button."""
    found = _IDENTIFIER.fullmatch(identifier)
    return found[1] if found else None


async def show(repository: Repository, run: RunId, head: Sha, asked: Question) -> str:
    """Put the question on ``head``, once for each run; return the address of its page.

    Raises:
        UserError: GitHub does not let Pawl write it, or the commit is gone.
    """
    seen = [each for each in await checks.runs(repository, head) if (each.name, each.external_id) == (CHECK, run)]
    own = next((each.id for each in seen if each.app_id == repository.app.id), None)
    return repository.check_page(own if own is not None else await checks.create(repository, _check(run, head, asked)))


def _check(run: RunId, head: Sha, asked: Question) -> CheckRun:
    rows = [(each.label, code(each.gives)) for each in asked.readings]
    lead = f"Several different changes satisfy what was asked for; they differ on {code(asked.call)}."
    return CheckRun(
        name=CHECK,
        head=head,
        status="completed",
        conclusion="action_required",
        title="Which is right?",
        summary=f"{lead}\n\n{table(('reading', 'gives'), rows)}\n\nThe answer becomes a locked test, and the work goes on.",
        actions=offered(asked),
        external_id=run,
    )


def _short(text: str) -> str:
    """Return text on one line, as short as a button's description has to be."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split()) or "nothing"
    return line if len(line) <= _MOST_GIVES else f"{line[: _MOST_GIVES - 1]}…"
