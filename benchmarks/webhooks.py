"""How fast the webhook door answers, beside Probot doing the same duty in the same run.

    python benchmarks/webhooks.py [--seconds N] [--connections N] [--rounds N] [--processes N] [--payload FILE]

Both get the same signed ``issue_comment`` deliveries from wrk, in turns, each delivery with an id of its own. Probot verifies
the signature, parses, finds the handler and drops repeats by a set in memory. Pawl verifies, parses, drops repeats, and has
written the delivery and its job to Postgres before it answers. Printed are requests a second, the median and the 99th
percentile of the waiting time, the processor time that the server itself takes for one delivery (which other work on the machine
hardly changes), and the ratios; and how many deliveries lie in Pawl's store against how many were answered.
PROCESSES are Pawl's that share the port, one unless more are wished for; Probot is one process by its own design.
Needs wrk, node and npm; Probot is fetched into a folder that is removed. PAYLOAD is a webhook's JSON; without it a small one
is made.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.store.embedded import Place, embedded

PROBOT = "probot@14.3.2"
SECRET = "a secret that only this benchmark knows"  # noqa: S105 - made up
ROOM = "x" * 8_000

APP = """
import { createNodeMiddleware, createProbot } from "probot";
import http from "node:http";
const seen = new Set();
const duty = (app) => {
  app.on("issue_comment.created", async (context) => { seen.add(context.id); });
};
const { KEY: privateKey, SECRET: secret } = process.env;
const probot = createProbot({ overrides: { secret, appId: 1, privateKey, logLevel: "fatal" } });
const answer = await createNodeMiddleware(duty, { probot, webhooksPath: "/webhook" });
http.createServer((request, response) => answer(request, response, () => { response.statusCode = 404; response.end(); }))
  .listen(Number(process.env.PORT), "127.0.0.1", () => console.log("ready"));
"""

LOAD = """
local file = io.open("{body}"); local body = file:read("*a"); file:close()
local number, id = 0, ""
function init() id = "{mark}-" .. tostring(wrk.thread):sub(-6) end
wrk.headers["X-Hub-Signature-256"] = "{signature}"
wrk.headers["X-GitHub-Event"] = "issue_comment"
wrk.headers["Content-Type"] = "application/json"
function request()
  number = number + 1
  wrk.headers["X-GitHub-Delivery"] = id .. "-" .. number
  return wrk.format("POST", "/webhook", wrk.headers, body)
end
"""


@dataclass(frozen=True)
class Measured:
    """What wrk saw in one turn; times in milliseconds."""

    a_second: float
    median: float
    p99: float
    answered: int
    wrong: int
    """Answers other than 2xx."""
    work: float = 0.0
    """Microseconds of processor time that the server took for one delivery; the database's is not among it."""


@dataclass(frozen=True)
class Served:
    """A server that listens."""

    port: int
    processes: tuple[int, ...]

    def worked(self) -> float:
        """Return the processor time that it took so far, in seconds."""
        return sum(map(_worked, self.processes))


def _worked(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Start both, load them in turns, and print a table."""
    wish = _arguments()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pawl-webhooks-")))
        body = Path(wish.payload).read_bytes() if wish.payload else json.dumps(_payload()).encode()
        (folder / "body.json").write_bytes(body)
        key = _private_key()
        database = stack.enter_context(_postgres(folder))
        servers = {
            "probot": stack.enter_context(_probot(folder, key)),
            "pawl": stack.enter_context(_pawl(folder, key, database, wish.processes)),
        }
        seen: dict[str, list[Measured]] = {name: [] for name in servers}
        for turn in range(wish.rounds):
            for name, server in servers.items():
                before = server.worked()
                found = _load(folder, body, server.port, f"{name}-{turn}", wish.seconds, wish.connections)
                work = (server.worked() - before) / max(1, found.answered) * 1e6
                seen[name].append(replace(found, work=work))
        _show(seen, len(body), asyncio.run(_kept(database)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The webhook door beside Probot")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--payload", help="a webhook's JSON")
    return parser.parse_args()


def _payload() -> dict[str, object]:
    person = {"login": "mona", "id": 1, "type": "User"}
    repository = {"id": 2, "name": "cart", "full_name": "octo/cart", "owner": person, "default_branch": "main"}
    return {
        "action": "created",
        "comment": {"id": 3, "body": "what do you think?", "user": person},
        "issue": {"number": 4, "title": "The cart is wrong", "body": ROOM, "user": person},
        "repository": repository,
        "installation": {"id": 5},
        "sender": person,
    }


def _private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    """Start a Postgres as Pawl would start its own."""
    with asyncio.Runner() as runner:
        using = embedded(Place(folder / "home", folder / "cache"))
        running = runner.run(using.__aenter__())
        yield runner.run(running.ensure())
        runner.run(using.__aexit__(None, None, None))


async def _kept(database: str) -> int:
    connection = await asyncpg.connect(database)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM delivery"))
    finally:
        await connection.close()


@contextmanager
def _probot(folder: Path, key: str) -> Iterator[Served]:
    place = folder / "probot"
    place.mkdir()
    (place / "app.mjs").write_text(APP, encoding="utf-8")
    fetch = ["npm", "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--silent", PROBOT]
    subprocess.run(fetch, cwd=place, check=True)
    port = _free_port()
    with _server(["node", "app.mjs"], place, {"KEY": key, "SECRET": SECRET, "PORT": str(port)}) as process:
        yield Served(port, (process,))


@contextmanager
def _pawl(folder: Path, key: str, database: str, processes: int) -> Iterator[Served]:
    port = _free_port()
    env = {
        "PAWL_HOME": str(folder / "home"),
        "PAWL_CACHE": str(folder / "cache"),
        "PAWL_APP_ID": "1",
        "PAWL_PRIVATE_KEY": key,
        "PAWL_WEBHOOK_SECRET": SECRET,
        "PAWL_PORT": str(port),
        "PAWL_SHARE_PORT": "yes",
        "PAWL_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": database,
    }
    command = [sys.executable, "-m", "bot", "serve", "--no-work"]
    with ExitStack() as stack:
        place = Path(__file__).parents[1]
        yield Served(port, tuple([stack.enter_context(_server(command, place, env)) for _ in range(processes)]))


@contextmanager
def _server(command: list[str], place: Path, env: Mapping[str, str]) -> Iterator[int]:
    """Start a server, wait until it says that it is ready, and yield its process."""
    running = subprocess.Popen(command, cwd=place, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True)
    try:
        if not any("ready" in line for line in running.stdout or ()):
            sys.exit(f"{command!r} ended with {running.wait()} before it was ready")
        yield running.pid
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _load(folder: Path, body: bytes, port: int, mark: str, seconds: int, connections: int) -> Measured:  # noqa: PLR0913, PLR0917
    """Load one server for some seconds."""
    signature = f"sha256={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}"
    script = folder / f"{mark}.lua"
    script.write_text(LOAD.format(body=folder / "body.json", mark=mark, signature=signature), encoding="utf-8")
    url = f"http://127.0.0.1:{port}/webhook"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script), url]
    return read(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def read(said: str) -> Measured:
    """Return what wrk's report says."""
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    total = re.search(r"(\d+) requests in", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if total is None or rate is None:
        sys.exit(f"wrk said nothing that can be read:\n{said}")
    return Measured(
        float(rate[1]), _milliseconds(said, "50%"), _milliseconds(said, "99%"), int(total[1]), int(wrong[1]) if wrong else 0
    )


def _milliseconds(said: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)\b", said)
    if found is None:
        sys.exit(f"wrk gave no {share}:\n{said}")
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def _show(seen: Mapping[str, list[Measured]], size: int, kept: int) -> None:
    print(f"deliveries of {size} bytes; median of {len(seen['pawl'])} turns each")
    print(f"{'':8} {'a second':>9} {'median ms':>10} {'p99 ms':>8} {'work us':>8} {'answered':>9} {'not 2xx':>8}")
    for name, turns in seen.items():
        names = ("a_second", "median", "p99", "work")
        rate, middle, tail, work = (statistics.median(getattr(each, what) for each in turns) for what in names)
        answered, wrong = sum(each.answered for each in turns), sum(each.wrong for each in turns)
        print(f"{name:8} {rate:9.0f} {middle:10.2f} {tail:8.2f} {work:8.0f} {answered:9} {wrong:8}")
    pairs = list(zip(seen["pawl"], seen["probot"], strict=True))
    ratio = statistics.median(pawl.a_second / probot.a_second for pawl, probot in pairs)
    less = statistics.median(probot.work / pawl.work for pawl, probot in pairs)
    print(f"pawl answers {ratio:.2f} times as many a second as probot, and with the same processor time {less:.2f} times as many")
    print(f"{kept} deliveries lie in its store")


if __name__ == "__main__":
    main()
