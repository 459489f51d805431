"""``python -m tests.doubles.github [--port N] [--data DIR] [--socket FILE] [--seed] [--hook URL] [--tied]``: start it.

The first line on standard output is JSON with its addresses. With ``--seed`` there is a small world in it, and what follows
tells a person how to drive it and which environment Pawl needs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from tests.doubles.github.seed import Seeded, seed
from tests.doubles.github.server import start

GUIDE = """
Repository  {url}/{repository}.git   issue {issue}: {api}/repos/{repository}/issues/{issue}
People      {people}
Record      {data}/traffic.jsonl

For Pawl:
  export GITHUB_SERVER_URL={url} GITHUB_API_URL={api}
  export PAWL_APP_ID={app_id} PAWL_PRIVATE_KEY_FILE={key} PAWL_WEBHOOK_SECRET={webhook_secret}

By hand:
  curl -s -H "Authorization: Bearer {mona}" {api}/repos/{repository}/issues/{issue}/comments -d '{{"body": "/pawl fix"}}'
  git clone http://mona:{mona}@{host}/{repository}.git
  curl -s {url}/_double/faults -d '{{"kind": "status", "status": 502, "count": 3}}'
"""
GH = """
With gh:
  export GH_HOST=github.localhost GH_TOKEN={mona}; gh config set http_unix_socket {socket}
  gh issue comment {issue} -R {repository} -b '/pawl fix'
"""


def main() -> None:
    """Parse the command line and serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.doubles.github", description="A double of GitHub.")
    parser.add_argument("--port", type=int, default=0, help="where to listen; 0 picks a free port")
    parser.add_argument("--data", type=Path, help="where repositories and the record of traffic go; by default a new directory")
    parser.add_argument("--socket", type=Path, help="a Unix socket to listen on too, for gh")
    parser.add_argument("--seed", action="store_true", help="begin with people, a repository with a bug, an issue and an App")
    parser.add_argument("--tied", action="store_true", help="end when standard input ends: with the process that started it")
    parser.add_argument("--hook", default="http://127.0.0.1:8080/webhook", help="where the seeded App's webhooks go")
    asyncio.run(serve(parser.parse_args()))


async def serve(arguments: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    data = (arguments.data or Path(tempfile.mkdtemp(prefix="github-double-"))).resolve()
    runner, github = await start(data, arguments.port, socket=arguments.socket)
    facts = {"url": github.url, "api": f"{github.url}/api/v3", "data": str(data)}
    guide = ""
    if arguments.seed:
        made = await seed(github, arguments.hook)
        key = data / "app.pem"
        key.write_text(made.private_key)
        key.chmod(0o600)
        guide = _guide(facts | {"key": str(key), "socket": str(arguments.socket or "")}, made)
    sys.stdout.write(json.dumps(facts) + "\n" + guide)
    sys.stdout.flush()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if arguments.tied:
        loop.add_reader(sys.stdin, lambda: stopped.set() if not os.read(sys.stdin.fileno(), 1) else None)
    await stopped.wait()
    await runner.cleanup()


def _guide(facts: dict[str, str], made: Seeded) -> str:
    words: dict[str, object] = {
        **facts,
        "host": facts["url"].removeprefix("http://"),
        "repository": made.repository,
        "issue": made.issue,
        "people": ", ".join(f"{login} {token}" for login, token in made.people.items()),
        "mona": made.people["mona"],
        "app_id": made.app_id,
        "webhook_secret": made.webhook_secret,
    }
    return (GUIDE + (GH if facts["socket"] else "")).format(**words)


if __name__ == "__main__":
    main()
