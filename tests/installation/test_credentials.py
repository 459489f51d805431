"""Who Pawl is on GitHub: from the environment alone, or as /setup kept it, and one sentence for everything that is wrong."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from bot.errors import InputError
from bot.github.manifest import Conversion
from bot.installation.credentials import FILE, find, keep
from bot.settings import Settings


def pem(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode())


@cache
def key() -> str:
    return pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))


def environment(home: Path, **named: Any) -> Settings:
    given = {"PAWL_APP_ID": 7, "PAWL_PRIVATE_KEY": SecretStr(key()), "PAWL_WEBHOOK_SECRET": SecretStr("s"), **named}
    return Settings(PAWL_HOME=home, **{name: value for name, value in given.items() if value is not None})


def made() -> Conversion:
    return Conversion(5, "pawl", "https://github.com/apps/pawl", "client", key(), "hook", "hidden")


def test_without_anything_there_is_no_app(tmp_path: Path) -> None:
    assert find(Settings(PAWL_HOME=tmp_path)) is None


def test_the_environment_names_the_app(tmp_path: Path) -> None:
    found = find(environment(tmp_path))
    assert found is not None
    assert (found.app_id, found.private_key.get_secret_value(), found.webhook_secret.get_secret_value()) == (7, key(), "s")
    assert "PRIVATE" not in repr(found)


def test_a_key_may_be_in_a_file_or_on_one_line(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(key(), encoding="ascii")
    in_file = find(environment(tmp_path, PAWL_PRIVATE_KEY=None, PAWL_PRIVATE_KEY_FILE=file))
    on_a_line = find(environment(tmp_path, PAWL_PRIVATE_KEY=SecretStr(key().replace("\n", "\\n"))))
    assert in_file == on_a_line == find(environment(tmp_path))


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ({"PAWL_APP_ID": None}, "only in part: set PAWL_APP_ID too"),
        ({"PAWL_PRIVATE_KEY": None, "PAWL_WEBHOOK_SECRET": None}, "set PAWL_PRIVATE_KEY_FILE (or PAWL_PRIVATE_KEY) and PAWL_WEB"),
        ({"PAWL_PRIVATE_KEY_FILE": Path("/k")}, "are both set: unset one"),
        ({"PAWL_PRIVATE_KEY": None, "PAWL_PRIVATE_KEY_FILE": Path("/none/k")}, "/none/k cannot be read (No such file"),
        ({"PAWL_PRIVATE_KEY": SecretStr("a key")}, "PAWL_PRIVATE_KEY holds no RSA private key in PEM"),
        ({"PAWL_PRIVATE_KEY": SecretStr(pem(ec.generate_private_key(ec.SECP256R1())))}, "holds no RSA private key"),
        ({"PAWL_WEBHOOK_SECRET": SecretStr("  ")}, "the webhook secret is empty"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, named: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as error:
        find(environment(tmp_path, **named))
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_no_text_is_no_key(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="holds no key in PEM"):
        find(environment(tmp_path, PAWL_PRIVATE_KEY=None, PAWL_PRIVATE_KEY_FILE=file))


def test_what_was_kept_is_found_and_others_may_not_read_it(tmp_path: Path) -> None:
    home = tmp_path / "not" / "there"
    file = keep(Settings(PAWL_HOME=home), made())
    assert file == home / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in home.iterdir()] == [FILE]
    found = find(Settings(PAWL_HOME=home))
    assert found is not None
    assert (found.app_id, found.webhook_secret.get_secret_value()) == (5, "hook")
    assert "hidden" not in file.read_text(encoding="utf-8")


def test_the_environment_counts_alone(tmp_path: Path) -> None:
    keep(Settings(PAWL_HOME=tmp_path), made())
    found = find(environment(tmp_path))
    assert found is not None
    assert found.app_id == 7
    with pytest.raises(InputError, match="only in part"):
        find(environment(tmp_path, PAWL_APP_ID=None))


@pytest.mark.parametrize("wrong", [{"private_key": "no key"}, {"webhook_secret": ""}])
def test_keys_that_are_no_good_are_not_kept(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="GitHub's answer"):
        keep(Settings(PAWL_HOME=tmp_path), replace(made(), **wrong))
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        keep(Settings(PAWL_HOME=tmp_path / "file"), made())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"id": "x"}', json.dumps({"id": 1, "pem": 3})])
def test_a_file_that_holds_no_app_is_said(tmp_path: Path, text: str) -> None:
    file = tmp_path / FILE
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(InputError, match="does not hold a GitHub App: remove it"):
        find(Settings(PAWL_HOME=tmp_path))


def test_a_file_that_others_may_read_is_not_believed(tmp_path: Path) -> None:
    keep(Settings(PAWL_HOME=tmp_path), made()).chmod(0o640)
    with pytest.raises(InputError, match="may be read by others"):
        find(Settings(PAWL_HOME=tmp_path))
