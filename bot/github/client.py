"""The client: REST and GraphQL requests under one authorisation, with answers as plain data and refusals as Pawl's errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import gidgethub
from gidgethub import sansio

from bot.errors import Retryable
from bot.github.errors import LimitReached, Unprocessable, one_line, refusal
from bot.github.wire import Authorize, Line, Wire

T = TypeVar("T")


class Client:
    """Speaks to one API with one authorisation; paths start with a slash and are joined to the API's URL.

    Every method raises NotFound, Forbidden or Unprocessable for what GitHub says no to, Retryable for what did not get through.
    """

    def __init__(self, line: Line, authorize: Authorize) -> None:
        self._wire = Wire(line, authorize)
        self._graphql = f"{line.api_url.rstrip('/').removesuffix('/v3')}/graphql"

    async def get(self, path: str, **params: Any) -> Any:
        """Return what stands at a path; an answer that GitHub has not changed since costs nothing of the hourly allowance."""
        return await _plainly(f"GET {path}", self._wire.getitem(_with(path, params), None))

    async def pages(self, path: str, key: str = "items", **params: Any) -> AsyncIterator[Any]:
        """Yield the items of a list page by page; ``key`` names the list where the answer is an object."""
        url: str | None = _with(path, {"per_page": 100, **params})
        while url is not None:
            found, url = await self._page(url, path)
            for each in found[key] if isinstance(found, dict) else found:
                yield each

    async def _page(self, url: str, path: str) -> tuple[Any, str | None]:
        making = self._wire._make_request("GET", url, None, b"", sansio.accept_format())  # noqa: SLF001 - getiter hides objects' keys
        found, following, _ = await _plainly(f"GET {path}", making)
        return found, following

    async def post(self, path: str, data: Any = None) -> Any:
        """Make something; nothing is repeated that GitHub might have done already."""
        return await _plainly(f"POST {path}", self._wire.post(path, None, data=_body(data)))

    async def patch(self, path: str, data: Any = None) -> Any:
        """Change something."""
        return await _plainly(f"PATCH {path}", self._wire.patch(path, None, data=_body(data)))

    async def put(self, path: str, data: Any = None) -> Any:
        """Set something."""
        return await _plainly(f"PUT {path}", self._wire.put(path, None, data=_body(data)))

    async def delete(self, path: str, data: Any = None) -> Any:
        """Take something away."""
        return await _plainly(f"DELETE {path}", self._wire.delete(path, None, data=_body(data)))

    async def graphql(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return the data of a GraphQL request; raises Unprocessable with GitHub's error type as ``kind``."""
        making = self._wire.graphql(query, endpoint=self._graphql, **variables)
        found: dict[str, Any] = await _plainly(f"GraphQL {_operation(query)}", making)
        return found


def segment(text: str) -> str:
    """Return text as one segment of a path, whatever characters it holds."""
    return quote(text, safe="")


def _with(path: str, params: Mapping[str, Any]) -> str:
    """Return a path with its query."""
    told = {key: str(value).lower() if isinstance(value, bool) else value for key, value in params.items() if value is not None}
    return f"{path}?{urlencode(told)}" if told else path


def _body(data: Any) -> Any:
    return b"" if data is None else data


def _operation(query: str) -> str:
    """Return a document's first words, enough to tell which it was."""
    return query.split("{", 1)[0].split("(", 1)[0].strip() or "query"


async def _plainly(what: str, making: Awaitable[T]) -> T:
    """Return what a request gives; what gidgethub raises becomes an error of Pawl's tree."""
    try:
        return await making
    except gidgethub.QueryError as error:
        raise _graphql_error(what, error.response.get("errors") or []) from None
    except gidgethub.HTTPException as error:
        raise refusal(int(error.status_code), _said(error), what) from None
    except gidgethub.BadGraphQLRequest as error:
        raise refusal(int(error.status_code), str(error), what) from None
    except (gidgethub.GitHubException, ValueError, KeyError, TypeError) as error:
        raise Retryable(f"GitHub answered {what} with something that is no answer ({type(error).__name__})") from None


def _said(error: gidgethub.HTTPException) -> str:
    told = getattr(error, "errors", None)
    words = [str(each.get("message") or "") for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    return "; ".join([str(error), *(each for each in words if each and each not in str(error))])


def _graphql_error(what: str, errors: Iterable[Any]) -> Unprocessable | LimitReached:
    told = [each for each in errors if isinstance(each, dict)]
    kind = next((str(each["type"]) for each in told if each.get("type")), "")
    said = "; ".join(str(each.get("message", "")) for each in told)
    if kind == "RATE_LIMITED":
        return LimitReached(f"GitHub's limits leave no room for {what}: it goes on by itself within the hour", 3600.0)
    return Unprocessable(f"GitHub refused {what} ({one_line(said)}): look at its state on GitHub and try again", 200, said, kind)
