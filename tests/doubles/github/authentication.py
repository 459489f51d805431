"""Who asks: reads the ``Authorization`` header, and checks an App's JWT as GitHub does."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import jwt
from aiohttp import web

from tests.doubles.github.accounts import App, Token
from tests.doubles.github.routing import Caller
from tests.doubles.github.state import GitHub
from tests.doubles.github.wrong import Forbidden, NotFound, Unauthorised

LONGEST = 600
NO_EXPIRY = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
TOO_LATE = "'Expiration time' claim ('exp') is too far in the future"
NO_ISSUED = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
NO_ISSUER = "'Issuer' claim ('iss') must be an Integer"
SUSPENDED = "This installation has been suspended"
UNREADABLE = "A JSON web token could not be decoded"


def caller(github: GitHub, request: web.Request) -> Caller:
    """Return who asks; nobody without a header; raises Unauthorised for a secret that is unknown or expired,
    Forbidden for a suspended installation.
    """
    secret = secret_of(request.headers.get("Authorization", ""))
    if not secret:
        return Caller()
    if secret.count(".") == 2:
        return Caller(app=_app(github, secret))
    return Caller(token=token(github, secret))


def secret_of(header: str) -> str:
    """Return the secret in a header of the schemes ``Bearer``, ``token`` and ``Basic``."""
    scheme, _, secret = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(secret).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            raise Unauthorised from None
    return secret.strip()


def token(github: GitHub, secret: str) -> Token:
    """Return the live token with this secret; raises Unauthorised, or Forbidden for a suspended installation."""
    found = github.tokens.get(secret)
    if not found or (found.expires_at and found.expires_at <= github.now()):
        raise Unauthorised
    if found.installation and found.installation.id not in github.installations:
        raise Unauthorised
    if found.installation and found.installation.suspended_at:
        raise Forbidden(SUSPENDED)
    return found


def _app(github: GitHub, secret: str) -> App:
    try:
        issuer = str(jwt.decode(secret, options={"verify_signature": False}).get("iss", ""))
    except jwt.PyJWTError:
        raise Unauthorised(UNREADABLE) from None
    if not issuer:
        raise Unauthorised(NO_ISSUER)
    app = next((app for app in github.apps.values() if issuer in {str(app.id), app.client_id}), None)
    if not app:
        raise NotFound("Integration not found")
    try:
        claims = jwt.decode(
            secret, app.public_key, ["RS256"], options={"verify_exp": False, "verify_iat": False, "verify_sub": False}
        )
    except jwt.PyJWTError:
        raise Unauthorised(UNREADABLE) from None
    _check_times(claims, github.now().timestamp())
    return app


def _check_times(claims: dict[str, Any], now: float) -> None:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(expires, int) or expires <= now:
        raise Unauthorised(NO_EXPIRY)
    if expires > now + LONGEST:
        raise Unauthorised(TOO_LATE)
    if not isinstance(issued, int) or issued > now:
        raise Unauthorised(NO_ISSUED)
