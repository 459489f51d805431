"""What no model is shown."""

from __future__ import annotations

import pytest

from bot.change.change import Edit, Edits
from bot.change.patch import unified
from bot.context.discretion import diff_without_secrets, holds_secrets
from bot.logs import STRUCK


@pytest.mark.parametrize(
    "path",
    [
        *(".env", "app/.ENV", ".env.local", ".env-prod", "prod.env", "certs/server.pem", "a/b.KEY", ".ssh/config", "id_rsa"),
        *(".git/config", "deploy/id_ed25519", ".aws/credentials", "secrets.yaml", "terraform.tfstate.backup", ".npmrc", ".netrc"),
        *("\uff0eenv", "serviceaccount-prod.json", "credentials.json", ".docker/config.json"),
    ],
)
def test_files_of_secrets_are_known_by_name(path: str) -> None:
    assert holds_secrets(path)


@pytest.mark.parametrize(
    "path",
    ["shop/keys.py", "environment.py", "tests/test_secrets.py", "docs/pem.md", "credentials.py", ".github/x.yml", "envs.txt"],
)
def test_code_about_secrets_is_no_secret(path: str) -> None:
    assert not holds_secrets(path)


def test_a_diff_is_shown_without_secrets_file_by_file() -> None:
    before = {"app/settings.yml": "name: s\napi_key: 9f8e7d6c5b4a39281706f5e4d3c2b1a0\n", ".env": "A=1\n", "a.py": "x = 1\n"}
    after = {
        "app/settings.yml": "name: s\napi_key: 0a1b2c3d4e5f60718293a4b5c6d7e8f9\n",
        ".env": "A=s3cr3t\n",
        "a.py": "x = 2\n",
    }
    diff = unified(before, Edits(tuple(Edit(path, text) for path, text in after.items())))
    shown = diff_without_secrets(diff)
    assert not any(each in shown for each in ("9f8e7d6c", "0a1b2c3d", "s3cr3t"))
    assert f"-api_key: {STRUCK}\n+api_key: {STRUCK}\n" in shown
    assert "-x = 1\n+x = 2\n" in shown
    assert "diff --git a/.env b/.env" in shown


def test_what_is_no_diff_is_a_text() -> None:
    assert diff_without_secrets('[{"path": "a.py"}]') == '[{"path": "a.py"}]'
    assert "hunter7Zq" not in diff_without_secrets('PASSWORD = "hunter7Zq"')
