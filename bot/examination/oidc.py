"""Who calls from a GitHub Actions runner: tokens of GitHub's OpenID Connect issuer, verified, and nothing else believed.

A token counts where GitHub signed it (RS256, a key that the issuer publishes now), for this installation of Pawl (the audience),
and its time has come and not passed. What it says of the workflow is then as good as GitHub's word. ``sub`` is never read: its
form depends on when a repository was made and on what its organisation set.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import jwt
from cachetools import TTLCache

from bot.errors import Refused, Retryable

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
_CLAIMS: Final = ("exp", "nbf", "iat", "aud", "iss")


@dataclass(frozen=True)
class Caller:
    """The workflow run that a token was given to."""

    repository: int
    """The repository's numeric id."""
    workflow: str
    """The file that runs, and at which ref: ``owner/name/.github/workflows/pawl.yml@refs/heads/main``."""
    run: int


def issuer_of(server_url: str) -> str:
    """Return the issuer of the GitHub at ``server_url``: the public one's, or an Enterprise Server's own."""
    server = server_url.rstrip("/")
    return _PUBLIC_ISSUER if server == _PUBLIC else f"{server}/_services/token"


@dataclass
class Verifier:
    """Knows one issuer's keys."""

    issuer: str
    audience: str
    """Pawl's own public address: a token for anybody else is none for Pawl."""
    session: aiohttp.ClientSession
    now: Callable[[], float] = time.monotonic
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
        return _caller(claims)

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


def _caller(claims: dict[str, Any]) -> Caller:
    """Return what a verified token says, where it says all of it."""
    if claims.get("event_name") != EVENT:
        raise Refused(f"the workflow was started by {claims.get('event_name')!r}: only what Pawl dispatched may answer")
    workflow = claims.get("job_workflow_ref")
    numbers = [claims.get("repository_id"), claims.get("run_id")]
    if not isinstance(workflow, str) or not all(isinstance(each, str) and each.isascii() and each.isdigit() for each in numbers):
        raise Refused("the token does not say which workflow run it is: it must have repository_id, run_id and job_workflow_ref")
    return Caller(int(str(numbers[0])), workflow, int(str(numbers[1])))
