"""What no model is shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.context.discretion import holds_secrets, without_secrets
from bot.logs import STRUCK
from bot.scan.credentials import SHAPES


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


@pytest.mark.parametrize(
    "code",
    [
        "token = read_token()",
        "def login(password: str, token: str | None = None) -> Session:",
        'password = request.form["password"]',
        "secret: bytes = key",
        "# bearer authentication, basic understanding",
        'API_KEY = os.environ["API_KEY"]',
        "https://example.com/a:b@c",
    ],
)
def test_code_that_speaks_of_secrets_stays(code: str) -> None:
    assert without_secrets(code, "shop/login.py") == code


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.kind)
def test_every_shape_is_struck_out(shape: object) -> None:
    secret = "".join(shape.example)  # type: ignore[attr-defined]
    assert secret not in without_secrets(f'key = "{secret}"\n', "a.py")


def test_secrets_are_struck_out_where_they_stand() -> None:
    key = "-----BEGIN PRIVATE" + " KEY-----\nMIIabc\nMIIdef\n-----END PRIVATE KEY-----"
    text = without_secrets(
        f'a = 1\nKEY = """{key}"""\nPASSWORD = "hunter7Zq"\nurl = "postgres://u:s3cr3tpw@db.prod.net/x"\nb = 2\n', "a.py"
    )
    assert "MII" not in text
    assert "hunter7Zq" not in text
    assert "s3cr3tpw" not in text
    assert text.split("\n")[-2] == "b = 2"
    assert text.count("\n") == 8
    assert without_secrets("api_key: 9f8e7d6c5b4a39281706f5e4d3c2b1a0", "config.yml") == f"api_key: {STRUCK}"
    assert "abcdef0123456789abc" not in without_secrets('{"Authorization": "Bearer abcdef0123456789abc"}', "a.py")


@settings(deadline=None)
@given(st.text(alphabet="ab\n:=\"' /@-BEGINPRVATKY", max_size=200))
def test_no_line_moves(text: str) -> None:
    assert without_secrets(text, "a.yml").count("\n") == text.count("\n")
