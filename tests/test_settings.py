from pathlib import Path

import pytest
from pydantic import ValidationError

import bot.settings
from bot.errors import InputError
from bot.settings import Settings, load


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = "XDG_STATE_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR PAWL_HOME PAWL_CACHE DATABASE_URL PAWL_LOG PAWL_LOG_FORM"
    models = "OPENAI_API_KEY OPENAI_BASE_URL ANTHROPIC_API_KEY ANTHROPIC_BASE_URL PAWL_ENDPOINTS PAWL_MODELS PAWL_PRICES"
    for name in (*names.split(), *models.split()):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_every_gap_is_filled(tmp_path: Path) -> None:
    settings = load()
    assert settings.home == tmp_path / ".local/state/pawl"
    assert settings.cache == tmp_path / ".cache/pawl"
    assert settings.database_url is None
    assert settings.runtime_dir is None
    assert (settings.log_level, settings.log_form) == ("warning", "auto")


def test_xdg_moves_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    settings = load()
    assert (settings.home, settings.cache, settings.runtime_dir) == (
        Path("/state/pawl"),
        Path("/cache/pawl"),
        Path("/run/user/7"),
    )


def test_own_variables_win(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    monkeypatch.setenv("PAWL_HOME", "~/p")
    monkeypatch.setenv("PAWL_CACHE", "/c")
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter2@db/pawl")
    monkeypatch.setenv("PAWL_LOG", "debug")
    monkeypatch.setenv("PAWL_LOG_FORM", "json")
    settings = load()
    assert (settings.home, settings.cache) == (tmp_path / "p", Path("/c"))
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://me:hunter2@db/pawl"
    assert "hunter2" not in repr(settings)
    assert (settings.log_level, settings.log_form) == ("debug", "json")


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PAWL_HOME", "")
    monkeypatch.setenv("DATABASE_URL", "")
    assert load().home == tmp_path / ".local/state/pawl"
    assert load().database_url is None


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PAWL_HOME", "somewhere", "the environment variable PAWL_HOME is 'somewhere'; it must be an absolute path"),
        (
            "PAWL_CACHE",
            "~nobody-of-that-name/x",
            "PAWL_CACHE is '~nobody-of-that-name/x'; it names a home directory that does not",
        ),
        ("PAWL_LOG", "loud", "PAWL_LOG is 'loud'; it must be one of 'debug', 'info', 'warning' or 'error'"),
        ("PAWL_LOG_FORM", "xml", "PAWL_LOG_FORM is 'xml'; it must be one of 'auto', 'json' or 'plain'"),
        ("DATABASE_URL", "mysql://me:hunter2@db", "DATABASE_URL must look like postgresql://user@host/database"),
        ("DATABASE_URL", "postgresql://[", "DATABASE_URL must look like postgresql://user@host/database"),
        ("OPENAI_BASE_URL", "https://me:hunter2@host/v1", "OPENAI_BASE_URL must look like https://host"),
        ("PAWL_ENDPOINTS", "groq", "PAWL_ENDPOINTS must hold entries like groq=https://host/v1"),
        ("PAWL_ENDPOINTS", "openai=https://host/v1", "each name in small letters and neither openai nor anthropic"),
        ("PAWL_ENDPOINTS", "groq=ftp://me:hunter2@host", "PAWL_ENDPOINTS must look like https://host"),
        ("PAWL_ENDPOINTS", "groq=http://a groq=http://b", "PAWL_ENDPOINTS names an endpoint twice"),
        ("PAWL_MODELS", "gpt-5.5", "PAWL_MODELS is 'gpt-5.5'; it must hold entries like openai:gpt-5.5"),
        ("PAWL_MODELS_CRITIC", "openai:", "PAWL_MODELS_CRITIC is 'openai:'; it must hold entries like openai:gpt-5.5"),
        ("PAWL_PRICES", "gpt-5.5=cheap", "PAWL_PRICES is 'gpt-5.5=cheap'; it must hold entries like gpt-5.5=5/30"),
        ("PAWL_MODEL_TIMEOUT", "0", "PAWL_MODEL_TIMEOUT is '0'; it must be greater than 0"),
    ],
)
def test_a_wrong_variable_is_named_in_a_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError) as error:
        load()
    assert sentence in str(error.value)
    assert "hunter2" not in str(error.value)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        load().log_level = "debug"  # type: ignore[misc]


APP = (
    "PAWL_APP_ID PAWL_PRIVATE_KEY PAWL_PRIVATE_KEY_FILE PAWL_WEBHOOK_SECRET PAWL_PUBLIC_URL PAWL_HOST PAWL_PORT GITHUB_SERVER_URL"
    " GITHUB_API_URL PAWL_OIDC_ISSUER PAWL_RUNS_ON PAWL_RUNS_PER_USER PAWL_RUNS_PER_REPOSITORY PAWL_RUNS_PER_DAY"
)


@pytest.fixture(autouse=True)
def no_app(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in APP.split():
        monkeypatch.delenv(name, raising=False)


def test_the_apps_gaps_are_filled() -> None:
    settings = load()
    assert (settings.app_id, settings.private_key, settings.webhook_secret) == (None, None, None)
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8080, "http://localhost:8080")
    assert (settings.server_url, settings.api_url) == ("https://github.com", "https://api.github.com")
    assert (settings.oidc_issuer, settings.runs_on, settings.enterprise_server) == (None, ("ubuntu-24.04",), False)
    assert (settings.runs_per_user, settings.runs_per_repository, settings.runs_per_day) == (30, 100, 1000)


@pytest.mark.parametrize(
    ("server", "api", "wanted"),
    [
        ("https://ghe.example/", "", "https://ghe.example/api/v3"),
        ("https://ghe.example", "https://api.ghe.example/", "https://api.ghe.example"),
        ("", "https://proxy.example/github", "https://proxy.example/github"),
        ("https://octocorp.ghe.com", "", "https://api.octocorp.ghe.com"),
    ],
)
def test_an_enterprise_server_has_its_api_below_it_and_a_data_residency_beside(
    monkeypatch: pytest.MonkeyPatch, server: str, api: str, wanted: str
) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", server)
    monkeypatch.setenv("GITHUB_API_URL", api)
    assert load().api_url == wanted


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PAWL_APP_ID", "pawl", "the environment variable PAWL_APP_ID is 'pawl'; it"),
        ("PAWL_APP_ID", "0", "PAWL_APP_ID is '0'; it"),
        ("PAWL_PORT", "65536", "PAWL_PORT is '65536'; it"),
        ("PAWL_RUNS_PER_DAY", "0", "PAWL_RUNS_PER_DAY is '0'; it"),
        ("PAWL_PUBLIC_URL", "pawl.example", "must look like https://host"),
        ("PAWL_PUBLIC_URL", "https://me:secret@pawl.example", "must look like https://host"),
        ("PAWL_PUBLIC_URL", "https://pawl.example/?a=b", "must look like https://host"),
        ("GITHUB_API_URL", "ftp://x", "must look like https://host"),
        ("GITHUB_SERVER_URL", "https://[", "must look like https://host"),
        ("PAWL_OIDC_ISSUER", "octocorp", "must look like https://host"),
        ("PAWL_RUNS_ON", "[self-hosted]", "must hold labels of runners"),
        ("PAWL_RUNS_ON", " ", "must hold labels of runners"),
        ("PAWL_PRIVATE_KEY_FILE", "key.pem", "must be an absolute path"),
    ],
)
def test_a_wrong_variable_of_the_app_is_said(monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError) as error:
        load()
    assert sentence in str(error.value)


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAWL_PRIVATE_KEY", "hunter2")
    monkeypatch.setenv("PAWL_WEBHOOK_SECRET", "hunter3")
    assert "hunter" not in repr(load())


def test_every_variable_is_told_of() -> None:
    told = bot.settings.__doc__ or ""
    for field in Settings.model_fields.values():
        name = str(field.validation_alias)
        assert name in told or name == "PAWL_PRIVATE_KEY_FILE", name
    assert "PAWL_PRIVATE_KEY[_FILE]" in told


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_a_wrong_port_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PAWL_PORT", port)
    with pytest.raises(InputError, match=f"the environment variable PAWL_PORT is '{port}'; it must be "):
        load()


def test_endpoints_are_what_there_is_a_key_or_an_address_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().endpoints == ()
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1/")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "hunter2-a")
    monkeypatch.setenv("PAWL_ENDPOINTS", "groq=https://api.groq.example/v1/, local=http://127.0.0.1:1/v1")
    monkeypatch.setenv("GROQ_API_KEY", "hunter2-g")
    settings = load()
    assert settings.endpoints == (
        ("anthropic", "hunter2-a", ""),
        ("openai", "", "http://127.0.0.1:11434/v1"),
        ("groq", "hunter2-g", "https://api.groq.example/v1"),
        ("local", "", "http://127.0.0.1:1/v1"),
    )
    assert "hunter2" not in repr(settings)


def test_models_are_read_in_order_for_each_duty(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().models("critic") == ("PAWL_MODELS", ())
    monkeypatch.setenv("PAWL_MODELS", "anthropic:claude-opus-5  local:llama3:8b")
    monkeypatch.setenv("PAWL_MODELS_CRITIC", "openai:gpt-5.5")
    assert load().models("planner") == ("PAWL_MODELS", (("anthropic", "claude-opus-5"), ("local", "llama3:8b")))
    assert load().models("critic") == ("PAWL_MODELS_CRITIC", (("openai", "gpt-5.5"),))


def test_prices_are_numbers_by_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAWL_PRICES", "gpt-5.5=5/30,llama3:8b=0/0.5")
    assert load().prices == {"gpt-5.5": (5.0, 30.0), "llama3:8b": (0.0, 0.5)}
