"""Logs: one line an event to standard error, with the ids of what is going on, and with secrets struck out.

``configure`` once at the door; ``with about(run=…)`` ties ids to everything that is logged inside; ``get(__name__)`` anywhere.
Lines of libraries that use the standard library's logging go the same way.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

STRUCK: Final = "[struck out]"

_TELLING: Final = (
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|private[_-]?key|access[_-]?key(?:[_-]?id)?"
    r"|authorization|credential|session[_-]?id)s?"
)
_NAMES: Final = re.compile(rf"{_TELLING}$|(?:^|[_\W])(?:pw|pass|cookie|dsn)s?$", re.IGNORECASE)
"""Names whose value is never shown, alone or at the end of a longer name (``github_token``)."""

_VALUE: Final = (
    r"(?!\[struck out)"
    r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|(?:basic |bearer |token )?[^\s,;&\"'}\])\\]+)"
)

_BESIDE: Final = rf"(?P<head>{_TELLING}(?:\\?[\"'])?\s{{0,3}}(?:={{1,2}}|:(?!:))\s{{0,3}}\\?){_VALUE}"

_PATTERNS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE if pattern.startswith("(?P<head>") else re.DOTALL), to)
    for pattern, to in (
        (r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", STRUCK),
        # The password of a URL may itself hold an '@': everything up to the last one before the path belongs to it.
        (r"(?P<head>\b[a-z][a-z0-9+.-]{0,30}://[^\s/:@'\"]*:)[^\s/'\"]+(?=@)", rf"\g<head>{STRUCK}"),
        (r"(?P<head>\b[a-z][a-z0-9+.-]{0,30}://)[^\s/:@'\"]{20,}(?=@)", rf"\g<head>{STRUCK}"),
        (r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|ghs_[\w.-]{20,})", STRUCK),
        (r"\bglpat-[\w-]{16,}", STRUCK),
        (r"\bsk-[\w-]{16,}", STRUCK),
        (r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}", STRUCK),
        (r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", STRUCK),
        (r"\bAIza[\w-]{30,}", STRUCK),
        (r"\bnpm_[A-Za-z0-9]{30,}|\bpypi-[\w-]{40,}|\bhf_[A-Za-z0-9]{30,}|\bgsk_[A-Za-z0-9]{30,}", STRUCK),
        (r"\beyJ[\w-]{8,500}\.[\w-]{8,}(?:\.[\w-]*)?", STRUCK),
        (r"(?P<head>\bbearer\s{1,3})[\w.~+/=-]{8,}", rf"\g<head>{STRUCK}"),
        (_BESIDE, rf"\g<head>{STRUCK}"),
    )
)
"""Shapes of secrets, most telling first: keys, URLs, GitHub, GitLab, OpenAI and Anthropic, Slack, AWS, Google, registries, JWT;
then whatever stands beside a telling name. Repetitions that could start anywhere are bounded: long lines cost linear time."""


def strike_out(text: str) -> str:
    """Return the text without anything that looks like a credential."""
    return _struck_by(text, _PATTERNS)


def strike_shapes(code: str) -> str:
    """Return source code without what has the shape of a credential; ``token = read()`` only sounds like one and stays."""
    return _struck_by(code, _PATTERNS[:-2])


def struck(value: Any) -> Any:
    """Return a value of JSON shape with credentials struck out, by their looks and by the names they stand under."""
    if isinstance(value, str):
        return strike_out(value)
    if isinstance(value, Mapping):
        return {strike_out(str(key)): STRUCK if _is_secret(key, each) else struck(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [struck(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes):
        return strike_out(value.decode("utf-8", "replace"))
    return strike_out(str(value))


def configure(level: str = "warning", form: Literal["auto", "json", "plain"] = "auto", stream: TextIO | None = None) -> None:
    """Send all logging from ``level`` up to ``stream`` (standard error) as JSON or as plain lines."""
    out = stream or sys.stderr
    as_json = form == "json" or (form == "auto" and not out.isatty())
    renderer: Processor = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=out.isatty())
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *_SHARED],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


def get(name: str) -> FilteringBoundLogger:
    """Return the logger of a module."""
    return cast("FilteringBoundLogger", structlog.stdlib.get_logger(name).bind())  # bound once, not anew for each line


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """Tie ids (``run=…``, ``delivery=…``) to every line logged inside, in this task and the ones it starts."""
    with structlog.contextvars.bound_contextvars(**ids):
        yield


def _struck_by(text: str, patterns: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, to in patterns:
        text = pattern.sub(to, text)
    return text


def _is_secret(name: Any, value: Any) -> bool:
    if not isinstance(name, str) or not value or _NAMES.search(name) is None:
        return False
    return not (isinstance(value, int | float) and name.endswith("tokens"))  # how many a model used


def _strike_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    kept = {key: event.pop(key) for key in ("_record", "_from_structlog") if key in event}
    return {**cast("EventDict", struck(event)), **kept}


_SHARED: Final[tuple[Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    _strike_event,
)


class _Logger(structlog.stdlib.BoundLogger):
    """A logger to whom a line that nobody sees costs next to nothing: most lines are, and some stand where every call passes."""

    def debug(self, event: str | None = None, *args: Any, **told: Any) -> Any:
        return super().debug(event, *args, **told) if self._logger.isEnabledFor(logging.DEBUG) else None

    def info(self, event: str | None = None, *args: Any, **told: Any) -> Any:
        return super().info(event, *args, **told) if self._logger.isEnabledFor(logging.INFO) else None


# At import, so that a line logged before `configure` never lands on standard output, which belongs to a command's answer.
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=_Logger,
    cache_logger_on_first_use=False,
)
