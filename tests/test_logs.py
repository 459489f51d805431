import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import logs
from bot.logs import STRUCK, strike_out, struck


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


SECRETS = [
    ("ghp_" + "a1B2" * 9, "a1B2a1B2"),
    ("github_pat_" + "x9" * 30, "x9x9x9"),
    ("ghs_" + "eyJabc.def-ghi" * 4, "eyJabc"),
    ("glpat-" + "Zz0-" * 5, "Zz0-Zz0"),
    ("sk-ant-api03-" + "q_-7" * 10, "q_-7q_-7"),
    ("sk-proj-" + "q7" * 20, "q7q7q7"),
    ("xoxb-123456789012-" + "k" * 20, "kkkkk"),
    ("AKIA" + "ABCDEFGH12345678", "ABCDEFGH12345678"),
    ("AIza" + "Sy" * 18, "SySySy"),
    ("npm_" + "n1" * 18, "n1n1n1"),
    ("pypi-" + "AgEI" * 20, "AgEIAgEI"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
    ("Authorization: Bearer abcdef0123456789", "abcdef0123456789"),
    ("authorization: basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNz"),
    ("postgresql://pawl:hunter2@/db?host=/run", "hunter2"),
    ("postgres://u:p%40ss@w0rd!#@db:5432/x", "w0rd"),
    ("https://x-access-token:hunter2hunter2@github.com/o/r.git", "hunter2"),
    ("https://hunter2hunter2hunter2@github.com/o/r.git", "hunter2"),
    ("password=hunter2", "hunter2"),
    ("PGPASSWORD='hunter2 and more'", "hunter2"),
    ('{"api_key": "hunter2"}', "hunter2"),
    ("client-secret: hunter2, next", "hunter2"),
    ('token = "hun\\"ter2"', "ter2"),
    ("AWS_SECRET_ACCESS_KEY=hunter2/hunter2", "hunter2"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEhunter2\n-----END RSA PRIVATE KEY-----", "hunter2"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1hunter2 cut off", "hunter2"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_secrets_are_struck_out_wherever_they_stand(text: str, secret: str) -> None:
    for around in (text, f"before {text} after", f"('{text}')", f"a\n{text}\nb"):
        assert secret not in strike_out(around)
        assert STRUCK in strike_out(around)
        assert strike_out(strike_out(around)) == strike_out(around)


PLAIN = [
    "run 01M7W98EE12H904QKRT6KZCBEX is at work",
    "sha256:0d0115dc3ce16d889afe8297d905bed1b6e2956f7714214f7bae555fc34fcddb",
    "commit 8884859aa7c1a3f6f4d5d7a5d1b2c3d4e5f60718",
    "tests/test_token.py::test_password[secret]",
    "https://github.com/o/r/pull/7",
    "the password is asked for, the token expires",
    "tokenise(text) and secretary.py",
    "me@example.com wrote http://example.com/@scope/pkg",
]


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_secret_stays(text: str) -> None:
    assert strike_out(text) == text


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "PGPASSWORD",
        "github_token",
        "api_key",
        "apiKey",
        "client-secret",
        "Authorization",
        "cookie",
        "private_key",
        "dsn",
    ],
)
def test_values_under_telling_names_are_struck_out(name: str) -> None:
    assert struck({name: "hunter2", "n": 1}) == {name: STRUCK, "n": 1}
    assert struck([{"deep": {name: ["hunter2"]}}]) == [{"deep": {name: STRUCK}}]


def test_telling_names_without_a_value_say_so() -> None:
    assert struck({"tokens": 512}) == {"tokens": 512}
    assert struck({"token": "", "password": None}) == {"token": "", "password": None}


@pytest.mark.parametrize("name", ["tokens_used", "secretary", "passed", "keyboard", "monkey"])
def test_other_names_keep_their_values(name: str) -> None:
    assert struck({name: "plain"}) == {name: "plain"}


def test_odd_values_are_looked_through() -> None:
    class Odd:
        def __str__(self) -> str:
            return "password=hunter2"

    found = struck({"bytes": b"token=hunter2 \xff", "set": {"secret=hunter2"}, "odd": Odd(), "yes": True, "f": 1.5})
    assert "hunter2" not in json.dumps(found)
    assert found["yes"] is True
    assert found["f"] == 1.5


@given(st.text())
def test_striking_out_never_fails_and_twice_is_once(text: str) -> None:
    once = strike_out(text)
    assert strike_out(once) == once


@given(st.text(alphabet="abc-_=:/@.'\"{} \\", max_size=4000))
def test_striking_out_is_quick_on_nasty_text(text: str) -> None:
    strike_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000,
        "a://" * 50_000,
        "token" * 40_000,
        "a_" * 100_000,
        "-" * 200_000,
        "eyJ" * 60_000,
        "eyJ-" * 50_000,
        "a.a-" * 50_000,
        "token " * 40_000,
        'token="' * 30_000,
        "a://a:" + "a" * 200_000,
    ],
)
def test_long_lines_do_not_stall(text: str) -> None:
    strike_out(text)


def test_json_lines_carry_ids_and_no_secret() -> None:
    out = io.StringIO()
    logs.configure("info", "json", out)
    with logs.about(run="R1", delivery="D1"):
        logs.get("bot.x").info("took password=hunter2", token="hunter2", count=3)
    logs.get("bot.x").debug("not shown")
    (line,) = lines(out)
    assert line["event"] == f"took password={STRUCK}"
    assert (line["run"], line["delivery"], line["count"], line["token"]) == ("R1", "D1", 3, STRUCK)
    assert (line["level"], line["logger"]) == ("info", "bot.x")
    assert line["timestamp"].endswith("Z")


def test_tracebacks_are_struck_out_too() -> None:
    out = io.StringIO()
    logs.configure("info", "json", out)
    try:
        int("postgresql://pawl:hunter2@/db")
    except ValueError:
        logs.get("bot.x").exception("it broke")
    (line,) = lines(out)
    assert "ValueError" in line["exception"]
    assert "hunter2" not in out.getvalue()


def test_other_libraries_lines_go_the_same_way() -> None:
    out = io.StringIO()
    logs.configure("info", "json", out)
    with logs.about(run="R2"):
        logging.getLogger("lib").warning("sent %s", "Bearer abcdefgh12345678", extra={"password": "hunter2"})
        logging.getLogger("lib").debug("not shown")
    (line,) = lines(out)
    assert line["event"] == f"sent Bearer {STRUCK}"
    assert (line["run"], line["logger"], line["password"]) == ("R2", "lib", STRUCK)


@pytest.mark.parametrize("terminal", [True, False])
def test_auto_is_plain_on_a_terminal_only(terminal: bool) -> None:
    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    out = Stream()
    logs.configure("info", "auto", out)
    try:
        int("secret=hunter2")
    except ValueError:
        logs.get("bot.x").exception("hello", run="R3")
    assert out.getvalue().startswith("{") is not terminal
    assert "hello" in out.getvalue()
    assert "hunter2" not in out.getvalue()


def test_plain_can_be_asked_for() -> None:
    out = io.StringIO()
    logs.configure("info", "plain", out)
    logs.get("bot.x").info("hello")
    assert "hello" in out.getvalue()
    assert not out.getvalue().startswith("{")


def test_nothing_is_written_to_standard_output_even_before_the_set_up() -> None:
    code = "from bot import logs; logs.get('bot.x').error('password=hunter2'); logs.get('bot.x').info('quiet')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert STRUCK in done.stderr
    assert "hunter2" not in done.stderr
    assert "quiet" not in done.stderr


def test_ids_are_gone_afterwards() -> None:
    out = io.StringIO()
    logs.configure("info", "json", out)
    with logs.about(run="R1"):
        pass
    logs.get("bot.x").info("later")
    assert "run" not in lines(out)[0]
