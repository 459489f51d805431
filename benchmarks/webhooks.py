"""How fast the webhook door answers, beside Probot doing the same duty in the same run.

    python benchmarks/webhooks.py [--seconds N] [--rounds N] [--connections N …] [--processes N …] [--payload FILE]

All get the same signed ``issue_comment`` deliveries from wrk, in turns, each delivery with an id of its own. Probot verifies
the signature, parses, finds the handler and drops repeats by a set in memory. Pawl verifies, parses, drops repeats, and has
written the delivery and its job to Postgres before it answers. Printed are requests a second, the median and the 99th
percentile of the waiting time, the processor time that the server itself takes for one delivery (which other work on the machine
hardly changes), and how many times as many as Probot; and how many deliveries lie in Pawl's store.

CONNECTIONS are how many deliveries are on their way at once, PROCESSES how many of Pawl share the port; each number is measured,
all in the same run, after a turn that counts for nobody. Probot is one process by its own design. PAYLOAD is a webhook's JSON;
without it a comment is sent that was recorded from GitHub. Needs wrk, node and npm; Probot and the recording are fetched into a
folder that is removed.
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
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.store.embedded import Place, embedded

PROBOT = "probot@14.3.2"
MEDIANS = ("a_second", "median", "p99", "work")
RECORDED = "@octokit/webhooks-examples@7.6.1"
SECRET = "a secret that only this benchmark knows"  # noqa: S105 - made up

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
    """Start all of them, load them in turns, and print a table."""
    wish = _arguments()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pawl-webhooks-")))
        _fetch(folder)
        body = Path(wish.payload).read_bytes() if wish.payload else _recorded(folder)
        (folder / "body.json").write_bytes(body)
        key = _private_key()
        database = stack.enter_context(_postgres(folder))
        servers = {"probot": stack.enter_context(_probot(folder, key))}
        for count in wish.processes:
            name = f"pawl, {count} process{'es' if count > 1 else ''}"
            servers[name] = stack.enter_context(_pawl(folder, key, database, count))
        print(f"deliveries of {len(body)} bytes; median of {wish.rounds} turns of {wish.seconds} s each")
        _turns(servers, _Load(folder, body, wish.connections[0], wish.seconds), 1)
        for connections in wish.connections:
            _show(_turns(servers, _Load(folder, body, connections, wish.seconds), wish.rounds), connections)
        print(f"{asyncio.run(_kept(database))} deliveries lie in the store")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The webhook door beside Probot")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, nargs="+", default=[32, 64, 128])
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--payload", help="a webhook's JSON")
    return parser.parse_args()


def _fetch(folder: Path) -> None:
    fetch = ["npm", "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--silent", PROBOT, RECORDED]
    subprocess.run(fetch, cwd=folder, check=True)


def _recorded(folder: Path) -> bytes:
    """Return the recorded delivery of a new comment, as an App gets it."""
    events = json.loads((folder / "node_modules/@octokit/webhooks-examples/api.github.com/index.json").read_bytes())
    examples = next(each["examples"] for each in events if each["name"] == "issue_comment")
    found = next(each for each in examples if each["action"] == "created" and "installation" in each)
    return json.dumps(found, separators=(",", ":")).encode()


@dataclass(frozen=True)
class _Load:
    """How a server is loaded for one turn."""

    folder: Path
    body: bytes
    connections: int
    seconds: int


def _turns(servers: Mapping[str, Served], load: _Load, rounds: int) -> dict[str, list[Measured]]:
    seen: dict[str, list[Measured]] = {name: [] for name in servers}
    for turn in range(rounds):
        for place, (name, server) in enumerate(servers.items()):
            before = server.worked()
            found = _loaded(load, server.port, f"{place}-{load.connections}-{turn}-{time.monotonic_ns()}")
            work = (server.worked() - before) / max(1, found.answered) * 1e6
            seen[name].append(replace(found, work=work))
    return seen


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
    (folder / "app.mjs").write_text(APP, encoding="utf-8")
    port = _free_port()
    with _server(["node", "app.mjs"], folder, {"KEY": key, "SECRET": SECRET, "PORT": str(port)}) as process:
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


def _loaded(load: _Load, port: int, mark: str) -> Measured:
    """Load one server and return what was seen."""
    signature = f"sha256={hmac.new(SECRET.encode(), load.body, hashlib.sha256).hexdigest()}"
    script = load.folder / f"{mark}.lua"
    script.write_text(LOAD.format(body=load.folder / "body.json", mark=mark, signature=signature), encoding="utf-8")
    options = ["-t1", f"-c{load.connections}", f"-d{load.seconds}s", "--latency", "-s", str(script)]
    command = ["wrk", *options, f"http://127.0.0.1:{port}/webhook"]
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


def _show(seen: Mapping[str, list[Measured]], connections: int) -> None:
    columns = ("a second", "times", "median ms", "p99 ms", "work us", "answered", "not 2xx")
    print(f"\n{f'{connections} connections':20}" + "".join(f"{each:>10}" for each in columns))
    peer = next(iter(seen.values()))
    for name, turns in seen.items():
        rate, middle, tail, work = (statistics.median(getattr(each, what) for each in turns) for what in MEDIANS)
        times = statistics.median(own.a_second / other.a_second for own, other in zip(turns, peer, strict=True))
        answered, wrong = sum(each.answered for each in turns), sum(each.wrong for each in turns)
        print(f"{name:20}{rate:10.0f}{times:10.2f}{middle:10.2f}{tail:10.2f}{work:10.0f}{answered:10}{wrong:10}")


if __name__ == "__main__":
    main()
