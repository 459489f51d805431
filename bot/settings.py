"""The environment as one frozen :class:`Settings`; nothing else in Pawl reads environment variables for its own set-up.

=================  ======================================================================================
``PAWL_HOME``      where Pawl keeps its state: database, keys, bundles (``$XDG_STATE_HOME/pawl``)
``PAWL_CACHE``     what can be made again: prepared environments, copied binaries (``$XDG_CACHE_HOME/pawl``)
``DATABASE_URL``   a Postgres 15 or later to use; without it Pawl starts its own in ``PAWL_HOME``
``PAWL_LOG``       least level to log: ``debug info warning error`` (``warning``)
``PAWL_LOG_FORM``  ``json``, ``plain``, or ``auto``: plain on a terminal (``auto``)
=================  ======================================================================================
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import InputError


def _absolute(path: Path) -> Path:
    try:
        full = path.expanduser()
    except RuntimeError:
        msg = "names a home directory that does not exist"
        raise ValueError(msg) from None
    if not full.is_absolute():
        msg = "must be an absolute path"
        raise ValueError(msg)
    return full


def _postgres(url: SecretStr) -> SecretStr:
    try:
        scheme = urlsplit(url.get_secret_value()).scheme
    except ValueError:
        scheme = ""
    if scheme not in {"postgres", "postgresql"}:
        msg = "must look like postgresql://user@host/database"
        raise ValueError(msg)
    return url


_Folder = Annotated[Path, AfterValidator(_absolute)]


class Settings(BaseSettings):
    """What the environment says, checked, with every gap filled."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, case_sensitive=True)

    state_home: _Folder = Field(Path("~/.local/state"), validation_alias="XDG_STATE_HOME", validate_default=True)
    cache_home: _Folder = Field(Path("~/.cache"), validation_alias="XDG_CACHE_HOME", validate_default=True)
    runtime_dir: _Folder | None = Field(None, validation_alias="XDG_RUNTIME_DIR")
    home_given: _Folder | None = Field(None, validation_alias="PAWL_HOME")
    cache_given: _Folder | None = Field(None, validation_alias="PAWL_CACHE")
    database_url: Annotated[SecretStr, AfterValidator(_postgres)] | None = Field(None, validation_alias="DATABASE_URL")
    sandbox: Literal["auto", "none"] = Field("auto", validation_alias="PAWL_SANDBOX")
    """``none`` is safe mode: nothing of a project runs, only static gates judge, the others are red."""
    log_level: Literal["debug", "info", "warning", "error"] = Field("warning", validation_alias="PAWL_LOG")
    log_form: Literal["auto", "json", "plain"] = Field("auto", validation_alias="PAWL_LOG_FORM")

    @property
    def home(self) -> Path:
        """Where Pawl keeps its state."""
        return self.home_given or self.state_home / "pawl"

    @property
    def cache(self) -> Path:
        """Where Pawl keeps what it can make again."""
        return self.cache_given or self.cache_home / "pawl"


def load() -> Settings:
    """Return the settings; raises InputError with one sentence a wrong variable."""
    try:
        return Settings()  # pyright: ignore[reportCallIssue]
    except ValidationError as error:
        raise InputError("; ".join(_sentence(problem) for problem in error.errors())) from error


def _sentence(problem: Any) -> str:
    name = str(problem["loc"][0])
    value = problem["input"]
    shown = "" if name == "DATABASE_URL" else f" is {str(value)!r}; it"
    text = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "literal_error":
        text = f"must be one of {problem['ctx']['expected']}"
    return f"the environment variable {name}{shown} {text}"
