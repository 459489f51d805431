"""The token that a job is given: GitHub's own App speaks with it, with exactly the permissions that the job asked for."""

from __future__ import annotations

import secrets
from datetime import timedelta

from tests.doubles.github.accounts import App, Installation, Token
from tests.doubles.github.repository import Repository
from tests.doubles.github.state import GitHub
from tests.doubles.github.workflow import Job
from tests.doubles.github.workflow_run import Actions

LIFE = timedelta(hours=6)


def mint(github: GitHub, repo: Repository, job: Job) -> Token:
    """Return a live token for one job; :func:`revoke` ends it with the job."""
    installation = _installation(github, repo)
    granted = {name.replace("-", "_"): grade for name, grade in job.permissions.items() if name != "id-token"}
    granted["metadata"] = "read"
    secret = f"ghs_{secrets.token_hex(18)}"
    token = Token(secret, installation.app.bot, installation, granted, {repo.id}, github.now() + LIFE)
    github.tokens[secret] = token
    return token


def revoke(github: GitHub, token: Token) -> None:
    """Make a token worthless."""
    github.tokens.pop(token.secret, None)


def _installation(github: GitHub, repo: Repository) -> Installation:
    """Return GitHub's own App on the repository's owner; it asks for no events and holds no rights but its tokens'."""
    actions = github.room(Actions)
    known = actions.installations.get(repo.owner.id)
    if known:
        return known
    app = next((each.app for each in actions.installations.values()), None) or _app(github)
    now = github.now()
    made = Installation(github.number(), app, repo.owner, {}, [], None, now, now)
    github.installations[made.id] = actions.installations[repo.owner.id] = made
    return made


def _app(github: GitHub) -> App:
    bot = github.add_account("github-actions[bot]", "Bot")
    owner = github.web_flow
    number = github.number()
    return App(number, "github-actions", "GitHub Actions", owner, bot, "", "", "", "", "", {}, [], github.now())
