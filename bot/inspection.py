"""Is Pawl installed safely in a repository? Every setting that matters, each with what to change, for ``pawl doctor --repo``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import aiohttp

from bot import settings
from bot.change import codeowners
from bot.checkup import Checkup
from bot.decision.safety import problems, rests_on_trust
from bot.errors import InputError, UserError
from bot.examination.workflow import FILE, PLACE, fits, machines
from bot.github import contents, deliveries, protection
from bot.github.app import App
from bot.github.repository import Repository
from bot.ids import RepoName
from bot.installation import credentials
from bot.installation.setup import manifest
from bot.settings import Settings
from bot.tooling import config_on

RECENT: Final = timedelta(days=1)
_STRENGTH: Final = {"": 0, "read": 1, "write": 2, "admin": 3}

Line = tuple[str, bool, str]


async def inspect(name: RepoName) -> Checkup:
    """Look at everything.

    Raises:
        InputError: there is no App to look with, or it is not installed there.
    """
    found = settings.load()
    known = credentials.find(found)
    if known is None:
        raise InputError("there is no GitHub App to look with: run `pawl serve` and open /setup, or set PAWL_APP_ID and its keys")
    async with aiohttp.ClientSession() as session:
        app = App(known.app_id, known.private_key.get_secret_value(), found.api_url, found.server_url, session)
        try:
            return await looked_at(app, name, found)
        finally:
            await app.close()


async def looked_at(app: App, name: RepoName, found: Settings) -> Checkup:
    """Return what is seen through an App's eyes; what cannot be seen is a line of its own, and not good."""
    facts = await app.me()
    installation = await app.installed(name)
    repository = await app.repository(installation, name)
    lines: list[Line] = [("App", True, f"{facts.slug}, number {facts.id}, installed as {installation}")]
    for what, look in _looks(found).items():
        try:
            lines += [(what, good, said) for good, said in await look(repository)]
        except UserError as error:
            lines.append((what, False, str(error)))
    return Checkup(tuple(lines))


async def _permissions(repository: Repository) -> list[tuple[bool, str]]:
    told = await (await repository.app.client()).get(f"/app/installations/{repository.installation}")
    held = {str(key): str(value) for key, value in (told.get("permissions") or {}).items()}
    lacking, extra = compared(manifest()["default_permissions"], held)
    said = [(False, f"{each}: grant it on the App's page and accept it on the installation's") for each in lacking]
    said += [(False, f"{each} is more than Pawl needs: take it away on the App's page") for each in extra]
    return said or [(True, "exactly those that Pawl needs; it may not change workflows")]


def compared(needed: Mapping[str, str], held: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which permissions are missing, and which are more than is needed."""
    lacking = tuple(f"{key}: {wanted}" for key, wanted in needed.items() if _rank(held, key) < _rank(needed, key))
    extra = tuple(f"{key}: {value}" for key, value in held.items() if _rank(held, key) > _rank(needed, key))
    return lacking, extra


def _rank(permissions: Mapping[str, str], key: str) -> int:
    return _STRENGTH.get(permissions.get(key, ""), 3)


async def _tokens(repository: Repository) -> list[tuple[bool, str]]:
    """See that a token is as narrow as it was asked for."""
    narrow = await repository.app.repository(repository.installation, repository.name, {"metadata": "read"})
    reached = [str(each["full_name"]) async for each in narrow.client.pages("/installation/repositories", "repositories")]
    others = [each for each in reached if each != repository.name]
    if others:
        return [(False, f"a token for this repository reaches {others[0]} too: report this server's version to its operator")]
    return [(True, "a token for this repository reaches no other")]


async def _configuration(repository: Repository) -> list[tuple[bool, str]]:
    config = await config_on(repository)
    return [(True, f"trust level {config.trust}, {len(config.approvals.roles)} roles")]


async def _workflow(repository: Repository, found: Settings) -> list[tuple[bool, str]]:
    text = await contents.text(repository, PLACE)
    if text is None:
        return [(False, f"{PLACE} is not on the default branch, so no gate can run: add it as the onboarding pull request says")]
    if not fits(text, machines(found)):
        other = f"{PLACE} is not the one of this Pawl, so no gate can run"
        return [(False, f"{other}: make it the text at {found.public_url}/{FILE}")]
    return [(True, f"{PLACE} is the one of this Pawl")]


async def _auto_merge(repository: Repository) -> list[tuple[bool, str]]:
    facts = await repository.facts()
    if facts.archived:
        return [(False, "the repository is archived: unarchive it under Settings, General")]
    if not facts.allow_auto_merge:
        return [(False, "auto-merge is off: allow it under Settings, General, Pull Requests")]
    return [(True, f"allowed, by {', '.join(facts.merge_methods)}")]


async def _protection(repository: Repository) -> list[tuple[bool, str]]:
    branch = (await repository.facts()).default_branch
    found = await protection.of(repository, branch)
    accepted = (await config_on(repository)).merge.accept_rulesets
    wrong = problems(found, branch, repository.app.id, accepted=accepted)
    vouched = " as far as its people vouch for its rulesets (merge.accept_rulesets): nobody is shown their exceptions"
    said = vouched if accepted and rests_on_trust(found, branch, repository.app.id) else ""
    return [(False, each) for each in wrong] or [(True, f"{branch} takes nothing that Pawl's check did not pass{said}")]


async def _owners(repository: Repository) -> list[tuple[bool, str]]:
    for place in codeowners.PLACES:
        text = await contents.text(repository, place)
        if text is not None:
            found = codeowners.parse(text)
            void = ", ".join(map(str, found.void))
            return [(False, f"{place}: lines {void} cannot be read and own nothing: correct them")] if void else [(True, place)]
    return [(True, "there is no CODEOWNERS file, so no path has owners of its own")]


async def _webhooks(repository: Repository) -> list[tuple[bool, str]]:
    failed = await deliveries.failed_since(repository.app, datetime.now(UTC) - RECENT)
    if failed:
        last = failed[-1]
        why = f"the last, {last.event}, got {last.status_code}"
        return [(False, f"{len(failed)} deliveries of the last day did not get through ({why}): see that the server is reached")]
    return [(True, "every delivery of the last day got through")]


def _looks(found: Settings) -> Mapping[str, Callable[[Repository], Awaitable[list[tuple[bool, str]]]]]:
    return {
        "permissions": _permissions,
        "tokens": _tokens,
        "configuration": _configuration,
        "workflow": lambda repository: _workflow(repository, found),
        "auto-merge": _auto_merge,
        "protection": _protection,
        "CODEOWNERS": _owners,
        "webhooks": _webhooks,
    }
