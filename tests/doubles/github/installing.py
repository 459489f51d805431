"""Making Apps and putting them on accounts, with the webhooks that tell the App so."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.doubles.github.accounts import Account, App, Installation
from tests.doubles.github.events import emit
from tests.doubles.github.repository import Repository
from tests.doubles.github.shapes import Json, Shapes
from tests.doubles.github.state import GitHub
from tests.doubles.github.urls import CURRENT, at


@dataclass(frozen=True)
class Birth:
    """A new App, and the private key that only its owner is given."""

    app: App
    private_key: str


def new_key() -> tuple[str, str]:
    """Return a private and a public RSA key as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def register(github: GitHub, owner: Account, manifest: Mapping[str, Any], secret: str | None = None) -> Birth:
    """Make an App from a manifest (``name``, ``hook_attributes``, ``default_permissions``, ``default_events``)."""
    name = str(manifest["name"])
    slug = "-".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())
    private, public = new_key()
    bot = github.add_account(f"{slug}[bot]", "Bot")
    number = github.number()
    app = App(
        id=number,
        slug=slug,
        name=name,
        owner=owner,
        bot=bot,
        public_key=public,
        client_id=f"Iv23li{secrets.token_hex(7)}",
        client_secret=secrets.token_hex(20),
        hook_url=str(manifest.get("hook_attributes", {}).get("url", "")),
        hook_secret=secret or secrets.token_hex(20),
        permissions={"metadata": "read", **manifest.get("default_permissions", {})},
        events=list(manifest.get("default_events", [])),
        created_at=github.now(),
        description=str(manifest.get("description", "")),
        external_url=str(manifest.get("url", "")),
    )
    github.apps[number] = app
    return Birth(app, private)


def install(github: GitHub, app: App, account: Account, repositories: Iterable[Repository] | None, by: Account) -> Installation:
    """Put an App on an account (``None``: on all its repositories), or more repositories into its installation."""
    existing = next((one for one in github.installations.values() if one.app is app and one.account is account), None)
    if existing:
        added = [
            repo for repo in repositories or () if existing.repositories is not None and repo.id not in existing.repositories
        ]
        _add(github, existing, added, by)
        return existing
    chosen = None if repositories is None else {repo.id for repo in repositories}
    now = github.now()
    made = Installation(github.number(), app, account, dict(app.permissions), list(app.events), chosen, now, now)
    github.installations[made.id] = made
    emit(github, "installation", "created", _payload(github, made), sender=by, to=[made])
    return made


def uninstall(github: GitHub, installation: Installation, by: Account) -> None:
    """Take the App off the account; its tokens die."""
    payload = _payload(github, installation)
    del github.installations[installation.id]
    emit(github, "installation", "deleted", payload, sender=by, to=[installation])


def suspend(github: GitHub, installation: Installation, by: Account, *, suspended: bool) -> None:
    """Suspend the installation, or let it work again."""
    installation.suspended_at = github.now() if suspended else None
    action = "suspend" if suspended else "unsuspend"
    emit(github, "installation", action, _payload(github, installation), sender=by, to=[installation])


def remove(github: GitHub, installation: Installation, repo: Repository, by: Account) -> None:
    """Take one repository out of an installation on selected repositories."""
    (installation.repositories or set()).discard(repo.id)
    _changed(github, installation, [], [repo], by)


def _add(github: GitHub, installation: Installation, repositories: list[Repository], by: Account) -> None:
    if repositories and installation.repositories is not None:
        installation.repositories |= {repo.id for repo in repositories}
        _changed(github, installation, repositories, [], by)


def _changed(github: GitHub, one: Installation, added: list[Repository], removed: list[Repository], by: Account) -> None:
    one.updated_at = github.now()
    payload = {
        "installation": _shapes(github).installation(one),
        "repository_selection": "selected" if one.repositories is not None else "all",
        "repositories_added": [_short(repo) for repo in added],
        "repositories_removed": [_short(repo) for repo in removed],
        "requester": None,
    }
    emit(github, "installation_repositories", "added" if added else "removed", payload, sender=by, to=[one])


def _payload(github: GitHub, installation: Installation) -> Json:
    reached = [repo for repo in github.repositories.values() if github.reaches(installation, repo)]
    return {
        "installation": _shapes(github).installation(installation),
        "repositories": [_short(repo) for repo in reached],
        "requester": None,
    }


def _short(repo: Repository) -> Json:
    return {"id": repo.id, "node_id": repo.node_id, "name": repo.name, "full_name": repo.full_name, "private": repo.private}


def _shapes(github: GitHub) -> Shapes:
    return Shapes(github, CURRENT.get(at(github.url)))
