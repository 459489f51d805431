"""Who calls from a GitHub Actions runner: tokens of GitHub's OpenID Connect issuer, verified, and nothing else believed.

A token counts where GitHub signed it (RS256, a key that the issuer publishes now), for this installation of Pawl (the audience),
and its time has come and not passed. What it says of the workflow is then as good as GitHub's word: one file runs, by itself, as
it stands in one commit, for the first time, and on GitHub's own machines unless whoever runs the server allows others. ``sub`` is
never read: its form depends on when a repository was made and on what its organisation set.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import jwt
from cachetools import TTLCache

from bot.errors import Refused, Retryable
from bot.ids import Sha

EVENT: Final = "workflow_dispatch"
LEEWAY: Final = 30.0
"""Seconds by which the clocks of two machines may differ."""
KEEP: Final = 3600.0
"""Seconds for which published keys are taken as they were."""
PAUSE: Final = 60.0
"""Least seconds between two questions for keys: who makes up key names cannot make Pawl ask for each."""
AGAIN: Final = 5.0
"""Seconds before an issuer that did not answer is asked again."""
MOST_TOKEN: Final = 16 * 1024
_PUBLIC: Final = "https://github.com"
_PUBLIC_ISSUER: Final = "https://token.actions.githubusercontent.com"
_NAMED: Final = ("job_workflow_ref", "sha", "repository_id", "run_id")
_HOSTED: Final = "github-hosted"
_FIRST: Final = "1"
_CLAIMS: Final = ("exp", "nbf", "iat", "aud", "iss")


@dataclass(frozen=True)
class Caller:
    """The workflow run that a token was given to."""

    repository: int
    """The repository's numeric id."""
    workflow: str
    """The file that runs, and at which ref: ``owner/name/.github/workflows/pawl.yml@refs/heads/main``."""
    run: int
    commit: Sha
    """The commit that the workflow's file was taken from."""


def issuer_of(server_url: str) -> str:
    """Return the issuer of the GitHub at ``server_url``: the public one's, a data residency's, or an Enterprise Server's own.

    An enterprise may have set another one for itself, which nobody can tell from here.
    """
    server = server_url.rstrip("/")
    host = urlsplit(server).hostname or ""
    if host.endswith(".ghe.com"):
        return f"https://token.actions.{host}"
    return _PUBLIC_ISSUER if server == _PUBLIC else f"{server}/_services/token"


@dataclass
class Verifier:
    """Knows one issuer's keys."""

    issuer: str
    audience: str
    """Pawl's own public address: a token for anybody else is none for Pawl."""
    session: aiohttp.ClientSession
    now: Callable[[], float] = time.monotonic
    self_hosted: bool = False
    """Whether jobs on machines that are not GitHub's count."""
    _keys: TTLCache[str, dict[str, jwt.PyJWK]] = field(init=False)
    _next: float = 0.0
    """When the issuer may be asked for keys again."""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._keys = TTLCache(1, KEEP, timer=self.now)

    async def caller(self, token: str) -> Caller:
        """Return who holds the token.

        Raises:
            Refused: it is not to be believed, with why.
            Retryable: the issuer does not answer.
        """
        if len(token) > MOST_TOKEN:
            raise Refused("the token is longer than any that GitHub gives out: send the one from ACTIONS_ID_TOKEN_REQUEST_URL")
        key = await self._key(_kid(token))
        try:
            claims = jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                audience=self.audience,
                issuer=self.issuer,
                leeway=LEEWAY,
                options={"require": list(_CLAIMS), "strict_aud": True},
            )
        except jwt.PyJWTError as error:
            raise Refused(
                f"the token is not to be believed ({error}): ask GitHub for one with the audience {self.audience}"
            ) from None
        return _caller(claims, self_hosted=self.self_hosted)

    async def _key(self, kid: str) -> jwt.PyJWK:
        """Return the key of that name; unknown names are asked for, at most once in a while."""
        async with self._turn:
            known = self._keys.get(self.issuer, {})
            if kid not in known and self.now() >= self._next:
                self._next = self.now() + AGAIN
                known = await self._published()
                self._next = self.now() + PAUSE
                self._keys[self.issuer] = known
        if kid not in known:
            raise Refused(f"the token names a key that {self.issuer} does not publish: ask GitHub for a fresh token in a minute")
        return known[kid]

    async def _published(self) -> dict[str, jwt.PyJWK]:
        url = f"{self.issuer}/.well-known/jwks"
        try:
            async with self.session.get(url, timeout=aiohttp.ClientTimeout(10), allow_redirects=False) as answer:
                if answer.status != 200:  # noqa: PLR2004 - HTTP's own number
                    raise Retryable(f"{url} answers {answer.status}")
                found = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Retryable(f"{url} does not answer ({str(error) or type(error).__name__})") from error
        entries = found.get("keys", []) if isinstance(found, dict) else []
        usable = [each for each in entries if isinstance(each, dict) and each.get("kty") == "RSA" and each.get("kid")]
        try:
            return {str(each["kid"]): jwt.PyJWK(each, algorithm="RS256") for each in usable}
        except jwt.PyJWTError as error:
            raise Retryable(f"{url} publishes a key that cannot be read ({error})") from error


def _kid(token: str) -> str:
    try:
        kid = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError as error:
        raise Refused(f"this is no token ({error}): send the one that GitHub gives the job, as a bearer") from None
    if not isinstance(kid, str):
        raise Refused("the token names no key: send the one that GitHub gives the job")
    return kid


def _caller(claims: dict[str, Any], *, self_hosted: bool) -> Caller:
    """Return what a verified token says, where it says all of it and nothing against it."""
    if claims.get("event_name") != EVENT:
        raise Refused(f"the workflow was started by {claims.get('event_name')!r}: only what Pawl dispatched may answer")
    if claims.get("run_attempt") != _FIRST:
        raise Refused("the workflow was run again by hand: only what Pawl dispatched may answer, say `/pawl retry` instead")
    if claims.get("runner_environment") != _HOSTED and not self_hosted:
        raise Refused("the job runs on a machine that is not GitHub's: allow that by self-hosted in the server's PAWL_RUNS_ON")
    named = [claims.get(each) for each in _NAMED]
    known = [each for each in named if isinstance(each, str)]
    if len(known) < len(named) or not all(each.isascii() and each.isdigit() for each in known[2:]):
        raise Refused("the token does not say which workflow run it is: it needs repository_id, run_id, job_workflow_ref and sha")
    workflow, commit, repository, run = known
    _refuse_others(claims, workflow, commit)
    return Caller(int(repository), workflow, int(run), Sha(commit))


def _refuse_others(claims: dict[str, Any], workflow: str, commit: str) -> None:
    """Raise Refused where another workflow called this one, or another commit had a part in it."""
    same = {
        "workflow_ref": workflow,
        "ref": workflow.partition("@")[2],
        "workflow_sha": commit,
        "job_workflow_sha": commit,
    }
    for name, wanted in same.items():
        if claims.get(name, wanted) != wanted:
            raise Refused(f"the token's {name} is {claims[name]!r}: only {workflow} by itself, as it is in {commit}, may answer")
