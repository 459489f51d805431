"""The environment as one frozen :class:`Settings`; nothing else in Pawl reads environment variables for its own set-up.

==============================  ======================================================================================
``PAWL_HOME``                   where Pawl keeps its state: database, keys, bundles (``$XDG_STATE_HOME/pawl``)
``PAWL_CACHE``                  what can be made again: prepared environments, copied binaries (``$XDG_CACHE_HOME/pawl``)
``DATABASE_URL``                a Postgres 15 or later to use; without it Pawl starts its own in ``PAWL_HOME``
``PAWL_SANDBOX``                ``auto``, or ``none``: nothing of a project runs, only static gates judge (``auto``)
``XDG_RUNTIME_DIR``             where the embedded database's socket goes, if anywhere in particular
``PAWL_LOG``                    least level to log: ``debug info warning error`` (``warning``)
``PAWL_LOG_FORM``               ``json``, ``plain``, or ``auto``: plain on a terminal (``auto``)
``PAWL_APP_ID``                 the GitHub App's number; without it, the App that ``/setup`` made and kept in ``PAWL_HOME``
``PAWL_PRIVATE_KEY[_FILE]``     the App's private key in PEM, or the file that holds it
``PAWL_WEBHOOK_SECRET``         what GitHub signs the App's webhooks with
``PAWL_PUBLIC_URL``             where GitHub and browsers reach this server (``http://localhost:PAWL_PORT``)
``PAWL_HOST``, ``PAWL_PORT``    where the server listens (``127.0.0.1``, ``8080``)
``PAWL_SHARE_PORT``             ``yes``: several ``pawl serve`` on one machine listen there, and share the callers (``no``)
``GITHUB_SERVER_URL``           GitHub, an enterprise's own ``https://NAME.ghe.com``, or an Enterprise Server (``https://github.com``)
``GITHUB_API_URL``              its REST API (``https://api.github.com``, or ``GITHUB_SERVER_URL/api/v3``)
``PAWL_OIDC_ISSUER``            who signs the tokens of its Actions jobs, where an enterprise has set another than GitHub's own
``PAWL_RUNS_ON``                labels of the runners that run the gates; machines of your own count with ``self-hosted`` among
                                them: Linux, sudo without a password (``ubuntu-24.04``)
``PAWL_RUNS_PER_USER``          most runs one person may ask for on GitHub within 24 hours (30)
``PAWL_RUNS_PER_REPOSITORY``    most runs within 24 hours under one repository (100)
``PAWL_RUNS_PER_DAY``           most runs within 24 hours altogether (1000)
``OPENAI_API_KEY``              a key for OpenAI's models; with ``OPENAI_BASE_URL``, for what is reached there
``OPENAI_BASE_URL``             an endpoint that speaks OpenAI's language (OpenAI's own)
``ANTHROPIC_API_KEY``           a key for Anthropic's models; with ``ANTHROPIC_BASE_URL``, for what is reached there
``ANTHROPIC_BASE_URL``          an endpoint that speaks Anthropic's language (Anthropic's own)
``PAWL_ENDPOINTS``              more endpoints that speak OpenAI's language, ``name=URL`` each; a key in ``NAME_API_KEY``
``PAWL_MODELS``                 models in the order to ask them, ``endpoint:model`` each (what each endpoint lists first)
``PAWL_MODELS_PLANNER``         those that plan (``PAWL_MODELS``)
``PAWL_MODELS_SPEC_AUTHOR``     those that write tests (``PAWL_MODELS``, but first another than who writes the change)
``PAWL_MODELS_CHANGE_AUTHOR``   those that write the change (``PAWL_MODELS``)
``PAWL_MODELS_CRITIC``          those that try to refute it (``PAWL_MODELS``, but first another than who writes the change)
``PAWL_MODELS_READER``          those that answer questions (``PAWL_MODELS``)
``PAWL_METRICS_TOKEN``          the bearer token with which ``/metrics`` is read (none: there is no such page)
``PAWL_MODEL_TIMEOUT``          seconds without a sign of life after which a model is given up (120)
``PAWL_MONEY_PER_USER``         most US dollars that models may cost within 24 hours for what one person asks on GitHub (20)
``PAWL_MONEY_PER_REPOSITORY``   most within 24 hours under one repository (30); questions take a quarter of it at most
``PAWL_MONEY_PER_DAY``          most within 24 hours altogether, laptops included (50); questions on GitHub a quarter
``PAWL_PRICES``                 ``model=input/output`` each, US dollars per million tokens (what vendors publish)
==============================  ======================================================================================
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal
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


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        right = parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.query or parts.fragment)
        right = right and parts.username is None and parts.port != 0
    except ValueError:
        right = False
    if not right:
        msg = "must look like https://host or https://host/path"
        raise ValueError(msg)
    return url.rstrip("/")


def _labels(text: str) -> str:
    if not _entries(text) or not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", entry) for entry in _entries(text)):
        msg = "must hold labels of runners like ubuntu-24.04 or self-hosted linux, with spaces between them"
        raise ValueError(msg)
    return text


def _endpoints(text: str) -> str:
    for entry in _entries(text):
        name, given, url = entry.partition("=")
        if not given or not _NAME.fullmatch(name) or name in _VENDORS:
            msg = "must hold entries like groq=https://host/v1, each name in small letters and neither openai nor anthropic"
            raise ValueError(msg)
        _address(url)
    if len({entry.partition("=")[0] for entry in _entries(text)}) < len(_entries(text)):
        msg = "names an endpoint twice: give each its own name"
        raise ValueError(msg)
    return text


def _models(text: str) -> str:
    if not all(re.fullmatch(rf"{_NAME.pattern}:\S+", entry) for entry in _entries(text)):
        msg = "must hold entries like openai:gpt-5.5 or anthropic:claude-opus-5-5, with spaces between them"
        raise ValueError(msg)
    return text


def _prices(text: str) -> str:
    for entry in _entries(text):
        if not re.fullmatch(r"[^\s=]+=\d+(\.\d+)?/\d+(\.\d+)?", entry):
            msg = "must hold entries like gpt-5.5=5/30: US dollars per million tokens of input and of output"
            raise ValueError(msg)
    return text


def _entries(text: str) -> list[str]:
    return text.replace(",", " ").split()


_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,30}")
_VENDORS: Final = ("anthropic", "openai")
_Folder = Annotated[Path, AfterValidator(_absolute)]
_Address = Annotated[str, AfterValidator(_address)]
_Models = Annotated[str, AfterValidator(_models)]
_SECRETS = {
    "DATABASE_URL",
    "PAWL_PRIVATE_KEY",
    "PAWL_WEBHOOK_SECRET",
    "PAWL_METRICS_TOKEN",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    "PAWL_ENDPOINTS",
}
"""Variables whose value no message may show."""
_GITHUB = "https://github.com"
_RESIDENCY = ".ghe.com"
"""How the hosts end at which GitHub serves an enterprise apart from all others."""
RUNS_ON: Final = "ubuntu-24.04"
"""The label of the runners that run the gates, where nobody chose others."""
SELF_HOSTED: Final = "self-hosted"


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
    app_id: int | None = Field(None, ge=1, validation_alias="PAWL_APP_ID")
    private_key: SecretStr | None = Field(None, validation_alias="PAWL_PRIVATE_KEY")
    private_key_file: _Folder | None = Field(None, validation_alias="PAWL_PRIVATE_KEY_FILE")
    webhook_secret: SecretStr | None = Field(None, validation_alias="PAWL_WEBHOOK_SECRET")
    metrics_token: SecretStr | None = Field(None, validation_alias="PAWL_METRICS_TOKEN")
    public_url_given: _Address | None = Field(None, validation_alias="PAWL_PUBLIC_URL")
    host: str = Field("127.0.0.1", validation_alias="PAWL_HOST")
    port: int = Field(8080, ge=0, le=65535, validation_alias="PAWL_PORT")
    """0 takes any free one."""
    share_port: bool = Field(False, validation_alias="PAWL_SHARE_PORT")  # noqa: FBT003 - pydantic's form
    server_url: _Address = Field(_GITHUB, validation_alias="GITHUB_SERVER_URL")
    api_url_given: _Address | None = Field(None, validation_alias="GITHUB_API_URL")
    oidc_issuer: _Address | None = Field(None, validation_alias="PAWL_OIDC_ISSUER")
    runs_on_given: Annotated[str, AfterValidator(_labels)] = Field(RUNS_ON, validation_alias="PAWL_RUNS_ON")
    runs_per_user: int = Field(30, ge=1, validation_alias="PAWL_RUNS_PER_USER")
    runs_per_repository: int = Field(100, ge=1, validation_alias="PAWL_RUNS_PER_REPOSITORY")
    runs_per_day: int = Field(1000, ge=1, validation_alias="PAWL_RUNS_PER_DAY")
    openai_key: SecretStr | None = Field(None, validation_alias="OPENAI_API_KEY")
    openai_url: _Address | None = Field(None, validation_alias="OPENAI_BASE_URL")
    anthropic_key: SecretStr | None = Field(None, validation_alias="ANTHROPIC_API_KEY")
    anthropic_url: _Address | None = Field(None, validation_alias="ANTHROPIC_BASE_URL")
    endpoints_given: Annotated[str, AfterValidator(_endpoints)] = Field("", validation_alias="PAWL_ENDPOINTS")
    models_given: _Models = Field("", validation_alias="PAWL_MODELS")
    models_of_planner: _Models = Field("", validation_alias="PAWL_MODELS_PLANNER")
    models_of_spec_author: _Models = Field("", validation_alias="PAWL_MODELS_SPEC_AUTHOR")
    models_of_change_author: _Models = Field("", validation_alias="PAWL_MODELS_CHANGE_AUTHOR")
    models_of_critic: _Models = Field("", validation_alias="PAWL_MODELS_CRITIC")
    models_of_reader: _Models = Field("", validation_alias="PAWL_MODELS_READER")
    money_per_user: float = Field(20.0, ge=0, allow_inf_nan=False, validation_alias="PAWL_MONEY_PER_USER")
    money_per_repository: float = Field(30.0, ge=0, allow_inf_nan=False, validation_alias="PAWL_MONEY_PER_REPOSITORY")
    money_per_day: float = Field(50.0, ge=0, allow_inf_nan=False, validation_alias="PAWL_MONEY_PER_DAY")
    model_timeout: float = Field(120.0, gt=0, allow_inf_nan=False, validation_alias="PAWL_MODEL_TIMEOUT")
    """Seconds without a sign of life."""
    prices_given: Annotated[str, AfterValidator(_prices)] = Field("", validation_alias="PAWL_PRICES")

    @property
    def home(self) -> Path:
        """Where Pawl keeps its state."""
        return self.home_given or self.state_home / "pawl"

    @property
    def cache(self) -> Path:
        """Where Pawl keeps what it can make again."""
        return self.cache_given or self.cache_home / "pawl"

    @property
    def public_url(self) -> str:
        """Where GitHub and browsers reach the server."""
        return self.public_url_given or f"http://localhost:{self.port}"

    @property
    def api_url(self) -> str:
        """Where GitHub's REST API is."""
        if self.api_url_given:
            return self.api_url_given
        return f"{self.server_url}/api/v3" if self.enterprise_server else self.server_url.replace("://", "://api.", 1)

    @property
    def enterprise_server(self) -> bool:
        """Whether GitHub is a server that an enterprise runs by itself."""
        return self.server_url != _GITHUB and not (urlsplit(self.server_url).hostname or "").endswith(_RESIDENCY)

    @property
    def runs_on(self) -> tuple[str, ...]:
        """What the runners that run the gates must all be labelled with."""
        return tuple(_entries(self.runs_on_given))

    @property
    def endpoints(self) -> tuple[tuple[str, str, str], ...]:
        """Endpoints of models that there is a key or an address for: name, key and address; '' where there is none."""
        vendors = (
            ("anthropic", self.anthropic_key, self.anthropic_url or ""),
            ("openai", self.openai_key, self.openai_url or ""),
        )
        found = [(name, key.get_secret_value() if key else "", url) for name, key, url in vendors if key or url]
        for entry in _entries(self.endpoints_given):
            name, _, url = entry.partition("=")
            found.append((name, os.environ.get(f"{name.upper()}_API_KEY", ""), _address(url)))
        return tuple(found)

    def models(self, duty: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Return the variable that says who answers for a duty and its (endpoint, model) in order; none where it is not set."""
        own = str(getattr(self, f"models_of_{duty}"))
        variable = f"PAWL_MODELS_{duty.upper()}" if own else "PAWL_MODELS"
        entries = [entry.partition(":") for entry in _entries(own or self.models_given)]
        return variable, tuple((endpoint, model) for endpoint, _, model in entries)

    @property
    def prices(self) -> Mapping[str, tuple[float, float]]:
        """The operator's prices by model: US dollars per million tokens of input and of output."""
        entries = [entry.partition("=") for entry in _entries(self.prices_given)]
        return {model: (float(price.partition("/")[0]), float(price.partition("/")[2])) for model, _, price in entries}


def load() -> Settings:
    """Return the settings; raises InputError with one sentence a wrong variable."""
    try:
        return Settings()  # pyright: ignore[reportCallIssue]
    except ValidationError as error:
        raise InputError("; ".join(_sentence(problem) for problem in error.errors())) from error


def _sentence(problem: Any) -> str:
    name = str(problem["loc"][0])
    value = problem["input"]
    shown = "" if name in _SECRETS else f" is {str(value)!r}; it"
    text = problem["msg"].removeprefix("Value error, ").replace("Input should be", "must be", 1)
    if problem["type"] == "literal_error":
        text = f"must be one of {problem['ctx']['expected']}"
    return f"the environment variable {name}{shown} {text}"
