"""``python -m tests.doubles.github [--port N] [--data DIR] [--seed]``: start the double and print where it is."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from pathlib import Path

from tests.doubles.github.server import start


def main() -> None:
    """Parse the command line and serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.doubles.github", description="A double of GitHub.")
    parser.add_argument("--port", type=int, default=0, help="where to listen; 0 picks a free port")
    parser.add_argument("--data", type=Path, help="where repositories and the record of traffic go; by default a new directory")
    arguments = parser.parse_args()
    data = arguments.data or Path(tempfile.mkdtemp(prefix="github-double-"))
    asyncio.run(serve(data, arguments.port))


async def serve(data: Path, port: int) -> None:
    """Serve until SIGTERM or SIGINT; the first line on standard output is JSON with the addresses."""
    runner, github = await start(data, port)
    sys.stdout.write(json.dumps({"url": github.url, "api": f"{github.url}/api/v3", "data": str(data)}) + "\n")
    sys.stdout.flush()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    await runner.cleanup()


if __name__ == "__main__":
    main()
