"""How GitHub says no: exceptions that become JSON errors, worded as GitHub words them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

DOCUMENTATION = "https://docs.github.com/rest"


class Wrong(Exception):
    """An answer that is an error: a status, a message, and for some also what is wrong with which field."""

    status = 400
    message = "Bad Request"

    def __init__(
        self,
        message: str | None = None,
        errors: Sequence[Mapping[str, Any] | str] | None = None,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status or type(self).status
        self.message = message or type(self).message
        self.errors = errors
        self.headers = dict(headers or {})
        super().__init__(f"{self.status} {self.message}")

    def body(self) -> dict[str, Any]:
        """Return the JSON that is answered."""
        errors = {"errors": list(self.errors)} if self.errors is not None else {}
        return {"message": self.message, **errors, "documentation_url": DOCUMENTATION, "status": str(self.status)}


class Unauthorised(Wrong):
    """Nobody, or nobody we know."""

    status, message = 401, "Bad credentials"


class Forbidden(Wrong):
    """Somebody, but not allowed; GitHub's words differ for Apps and people."""

    status, message = 403, "Resource not accessible by integration"


class NotFound(Wrong):
    """Not there, or not to be seen by this caller."""

    status, message = 404, "Not Found"


class Conflict(Wrong):
    """The state of things does not allow it."""

    status, message = 409, "Conflict"


class Unprocessable(Wrong):
    """Understood, and wrong: says which field of what."""

    status, message = 422, "Validation Failed"


def invalid(resource: str, field: str, code: str = "invalid", message: str | None = None, value: Any = None) -> Unprocessable:
    """Return the 422 for one field of one resource."""
    error: dict[str, Any] = {"resource": resource, "code": code, "field": field}
    if message:
        error["message"] = message
    if value is not None:
        error["value"] = value
    return Unprocessable(errors=[error])
