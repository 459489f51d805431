"""The vulnerability database: only an answer about every package is an answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from bot.scan.audit import _answer, audit
from bot.scan.tool import ToolFailed


class Database(BaseHTTPRequestHandler):
    """Knows one weakness of one package, as OSV would tell it."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found: dict[str, Any] = {}
        if asked["package"]["name"] == "badpkg":
            events = [{"introduced": "0"}, {"fixed": "2.0"}]
            affected = {"package": {"name": "badpkg", "ecosystem": "PyPI"}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
            found = {"vulns": [{"id": "PYSEC-2099-1", "summary": "bad", "affected": [affected]}]}
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Database)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()


def test_nothing_asked() -> None:
    assert audit([]) == ()


def test_what_is_known(database: str) -> None:
    (found,) = audit([("badpkg", "1.0"), ("goodpkg", "1.0")], database)
    assert (found.package, found.version, found.id, found.fixed_in) == ("badpkg", "1.0", "PYSEC-2099-1", ("2.0",))


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(ToolFailed, match="could not ask"):
        audit([("goodpkg", "1.0")], "http://127.0.0.1:9/v1/query")


@pytest.mark.parametrize("pin", [("good pkg", "1.0"), ("--help", "1.0"), ("a", "1 --index-url x")])
def test_odd_names_go_nowhere(pin: tuple[str, str]) -> None:
    with pytest.raises(ToolFailed, match="cannot be asked"):
        audit([pin])


PINS = [("a", "1.0")]


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "[]",
        '{"dependencies": []}',
        '{"dependencies": [{"name": "a", "skip_reason": "no idea"}]}',
        '{"dependencies": [{"name": "a", "version": "2.0", "vulns": []}]}',
        '{"dependencies": [{"name": "a", "version": "1.0"}]}',
        '{"dependencies": [{"name": "b", "version": "1.0", "vulns": []}]}',
        '{"dependencies": [{"name": "a", "version": "1.0", "vulns": [1]}]}',
    ],
)
def test_half_an_answer_is_none(answer: str) -> None:
    with pytest.raises(ToolFailed):
        _answer(answer, "", PINS)


def test_a_whole_answer() -> None:
    assert _answer('{"dependencies": [{"name": "A", "version": "1.0", "vulns": []}]}', "", PINS) == ()
