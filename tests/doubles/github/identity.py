"""GitHub's OpenID Connect issuer for jobs: publishes its key and gives tokens to jobs with ``id-token: write``."""

from __future__ import annotations

import json
import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.doubles.github.routing import GITHUB, web_page
from tests.doubles.github.state import GitHub
from tests.doubles.github.urls import Urls, asked_at
from tests.doubles.github.workflow_run import JobRun, WorkflowRun

PLACE = "/_services/token"
LIFE = 300


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Issuer:
    """The key, and the secrets that jobs may ask with."""

    key: rsa.RSAPrivateKey = field(default_factory=_key)
    kid: str = field(default_factory=lambda: secrets.token_hex(10).upper())
    askers: dict[str, tuple[WorkflowRun, JobRun]] = field(default_factory=dict)

    def admit(self, run: WorkflowRun, job: JobRun) -> str:
        """Return the secret with which this job may ask for tokens."""
        secret = secrets.token_urlsafe(32)
        self.askers[secret] = (run, job)
        return secret

    def token(self, urls: Urls, run: WorkflowRun, job: JobRun, audience: str) -> str:
        """Return a signed token that says which job of which run this is."""
        return jwt.encode(claims(urls, run, job, audience), self.key, "RS256", {"kid": self.kid, "typ": "JWT", "x5t": self.kid})


def claims(urls: Urls, run: WorkflowRun, job: JobRun, audience: str) -> dict[str, Any]:
    """Return what a token says."""
    now, repo = int(time.time()), run.repo
    return {
        "jti": str(uuid.uuid4()),
        "iss": f"{urls.web}{PLACE}",
        "aud": audience,
        "iat": now,
        "nbf": now - 600,
        "exp": now + LIFE,
        "sub": f"repo:{repo.full_name}:ref:refs/heads/{run.branch}",
        "repository": repo.full_name,
        "repository_id": str(repo.id),
        "repository_owner": repo.owner.login,
        "repository_owner_id": str(repo.owner.id),
        "repository_visibility": "private" if repo.private else "public",
        "ref": f"refs/heads/{run.branch}",
        "ref_type": "branch",
        "ref_protected": "false",
        "sha": run.sha,
        "workflow": run.workflow.name,
        "workflow_ref": run.ref,
        "workflow_sha": run.sha,
        "job_workflow_ref": run.ref,
        "job_workflow_sha": run.sha,
        "run_id": str(run.id),
        "run_number": str(run.number),
        "run_attempt": str(run.attempt),
        "event_name": run.event,
        "actor": run.actor.login,
        "actor_id": str(run.actor.id),
        "head_ref": "",
        "base_ref": "",
        "runner_environment": "github-hosted",
        "check_run_id": str(job.id),
    }


@web_page("GET", f"{PLACE}/.well-known/openid-configuration")
async def configuration(request: web.Request) -> web.Response:
    place = f"{asked_at(request).web}{PLACE}"
    return web.json_response(
        {
            "issuer": place,
            "jwks_uri": f"{place}/.well-known/jwks",
            "subject_types_supported": ["public", "pairwise"],
            "response_types_supported": ["id_token"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid"],
        }
    )


@web_page("GET", f"{PLACE}/.well-known/jwks")
async def keys(request: web.Request) -> web.Response:
    issuer = issuer_of(request.app[GITHUB])
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(issuer.key.public_key()))
    return web.json_response({"keys": [{**public, "kid": issuer.kid, "x5t": issuer.kid, "use": "sig", "alg": "RS256"}]})


@web_page("GET", f"{PLACE}/request")
async def give(request: web.Request) -> web.Response:
    issuer = issuer_of(request.app[GITHUB])
    secret = request.headers.get("Authorization", "").partition(" ")[2]
    found = issuer.askers.get(secret)
    if not found or found[1].status != "in_progress":
        return web.json_response({"message": "Unauthorized"}, status=401)
    run, job = found
    audience = request.query.get("audience") or f"{run.urls.web}/{run.repo.owner.login}"
    return web.json_response({"count": 1, "value": issuer.token(asked_at(request), run, job, audience)})


def issuer_of(github: GitHub) -> Issuer:
    """Return the one issuer."""
    return github.room(Issuer)
