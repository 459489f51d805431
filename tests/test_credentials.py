"""What credentials look like, and what does not."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.credentials import SHAPES, WINDOW, Credential, Shape, credentials, entropy, without_secrets
from bot.logs import STRUCK

GITHUB = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_know_their_examples(shape: Shape) -> None:
    example = "".join(shape.example)
    found = list(credentials(f"x = '{example}'"))
    assert shape.kind in {each.kind for each in found}
    assert all(example not in each.hint for each in found)


@pytest.mark.parametrize(
    "line",
    [
        "password = 'hunter2x'",
        'DB_PASSWORD: str = "s3cr3t!pw"',
        "config['api_key'] = 'q9X2v7Lm4Kp8Rt1Z'",
        '{"client_secret": "q9X2v7Lm4Kp8Rt1Zq0"}',
        "url = 'postgres://app:q9X2v7Lm@db.prod.internal/x'",
        "glpat-" + "a1B2c3D4e5F6g7H8i9J0",
        "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0" + ".abcDEF123_-x",
    ],
)
def test_secrets(line: str) -> None:
    assert list(credentials(line))


@pytest.mark.parametrize(
    "line",
    [
        "password = 'password'",
        "password = 'changeme1'",
        "password = get_password('name')",
        "api_key = os.environ['API_KEY']",
        "token = 'identifier'",
        "TOKEN_URL = '/oauth/v2/token/refresh'",
        "password = 'your-password-1'",
        "secret = '${SECRET_1}'",
        "secret: '{{ vault.secret1 }}'",
        "key = 'AKIA" + "IOSFODNN7EXAMPLE'",
        "url = 'postgres://user:pass@localhost/db'",
        "url = 'postgres://user:q9X2v7Lm@localhost/db'",
        "raise ValueError('password must have 8 characters')",
        "pass",
        "def test_password_1(): pass",
        "tokens = 'a b c d e f g h 1 2 3'",
        "secret_key = 'aaaaaaaaaaaaaaaaaaaa'",
        "sha = '" + "0123456789abcdef" * 4 + "'",
        "",
    ],
)
def test_no_secrets(line: str) -> None:
    assert list(credentials(line)) == []


def test_settings_files_need_no_quotes() -> None:
    line = "export DB_PASSWORD=s3cr3tpw99  # prod"
    assert not list(credentials(line))
    assert [each.kind for each in credentials(line, bare=True)] == ["secret in an assignment"]
    assert not list(credentials("token: ${{ secrets.TOKEN1234 }}", bare=True))


def test_one_secret_is_told_once() -> None:
    assert len(list(credentials(f"token = '{GITHUB}'"))) == 1


def test_long_lines_are_read_to_the_end() -> None:
    assert list(credentials("x" * (3 * WINDOW) + " " + GITHUB))


_FLOODS = """
import resource
from bot.credentials import credentials
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
for flood in ("41", "_-", "a.", "token", "sk-", "eyJaaaaaaaa."):
    list(credentials(flood * (200_000 // len(flood)), bare=True))
"""


def test_floods_cost_what_they_are_long() -> None:
    """Processor time, far more than is needed and far less than tries from every letter would take."""
    subprocess.run([sys.executable, "-c", _FLOODS], check=True)


@pytest.mark.parametrize("name", ["my_token", "a.b.secret-x", "2token", "DB-PASSWORD_2", "x.api_key"])
def test_what_a_value_is_called_may_have_more_parts(name: str) -> None:
    assert [each.value for each in credentials(f"{name} = 'q8Zr2LmX0pWv7TnK'")] == ["q8Zr2LmX0pWv7TnK"]


@given(st.text(max_size=200))
def test_any_line_can_be_read_and_no_hint_gives_a_secret_away(line: str) -> None:
    for each in credentials(line, bare=True):
        assert each.value not in each.hint


def test_hints() -> None:
    assert Credential("k", GITHUB, sure=True).hint == "ghp_… (40 characters)"
    assert Credential("k", "hunter2", sure=False).hint == "not shown"


def test_entropy() -> None:
    assert entropy("") == 0
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2


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


@given(st.text(alphabet="ab\n:=\"' /@-BEGINPRVATKY", max_size=200))
def test_no_line_moves(text: str) -> None:
    assert without_secrets(text, "a.yml").count("\n") == text.count("\n")


def test_prose_needs_no_quotes() -> None:
    pasted = "It fails with\nDB_PASSWORD=hunter7Zq\nand says no."
    assert without_secrets(pasted, prose=True) == f"It fails with\nDB_PASSWORD={STRUCK}\nand says no."
    assert without_secrets(pasted) == pasted
