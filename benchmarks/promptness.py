"""How soon people on GitHub see that Pawl has heard them, and how soon an emergency stop has brought everything to rest.

    python -m benchmarks.promptness [--comments N] [--stops N]

`pawl serve` runs against the double of GitHub and a Postgres of its own. Heard: from the request that posts a comment to its 👀,
one comment after another, and then as many at once. Stopped: a proposal is armed and a run is at work in the double's Actions
runner; from the administrator's comment to the moment when nothing is armed, no workflow run goes on, and the run's people are
told. All are looked at every fiftieth of a second, by the clock of whoever waits. Needs what the stories on GitHub need.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import yaml

from bot.store.embedded import Place, embedded
from tests.doubles.github.fixture import running
from tests.stories.github.conftest import ROOT, Server, Shop, World, environment, free_port

HEARD, STOPPED = 5.0, 10.0
"""Seconds that the specification allows."""
_LOOK = 0.02
_LONGEST = 60.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How soon Pawl is seen to hear and to stop")
    parser.add_argument("--comments", type=int, default=20)
    parser.add_argument("--stops", type=int, default=3)
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pawl-promptness-") as folder, _world(Path(folder)) as world:
        alone, crowd = _heard(world.shop(), wish.comments)
        _show("👀, one comment after another", alone, HEARD)
        _show("👀, as many comments at once", crowd, HEARD)
        _show("emergency stop", [_stopped(world.shop()) for _ in range(wish.stops)], STOPPED)
    print(f"load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


@contextmanager
def _world(place: Path) -> Iterator[World]:
    """Start the double, a Postgres and the server, as the stories do."""
    with asyncio.Runner() as runner, running(place / "github") as double:
        using = embedded(Place(place / "store", place / "cache"))
        store = runner.run(using.__aenter__())
        try:
            port = free_port()
            manifest = yaml.safe_load((ROOT / "app.yml").read_text(encoding="utf-8"))
            manifest["hook_attributes"] = {"url": f"http://127.0.0.1:{port}/webhook"}
            double.person("mona", email="mona@example.org")
            inside = {"PIP_NO_INDEX": "1", "PAWL_CACHE": str(place / "cache"), "PAWL_HOME": str(place / "runner")}
            double.admin("PATCH", "/runner", {"environment": inside})
            app = double.app("mona", manifest, "the webhook secret of a benchmark")
            database = runner.run(store.ensure())
            server = Server(environment(place, double, app, database, port), place / "serve.log", port)
            server.start()
            try:
                yield World(double, app, server, database, server.workflow())
            finally:
                server.stop()
        finally:
            runner.run(using.__aexit__(None, None, None))


def _heard(shop: Shop, comments: int) -> tuple[list[float], list[float]]:
    """Return the seconds from a comment to its 👀: said one by one, and all at once."""
    issue = shop.issue()

    def heard(_: int) -> float:
        began = time.monotonic()
        comment = shop.says("dan", issue, "/pawl status")
        return _until(lambda: "eyes" in shop.reactions(comment), began)

    heard(0)  # the first one asks for tokens
    alone = [heard(each) for each in range(comments)]
    with ThreadPoolExecutor(comments) as people:
        return alone, list(people.map(heard, range(comments)))


def _stopped(shop: Shop) -> float:
    """Return the seconds from `/pawl stop` to rest: nothing armed, nothing in the runner, and people told."""
    shop.guard(approvals=2)
    number = shop.proposed()["number"]
    shop.who("ada").reviews(shop.name, number)
    shop.until(lambda: shop.armed(number), "it is armed")
    busy = shop.issue()
    shop.says("ben", busy, "/pawl fix")
    shop.until(lambda: _going(shop), "the gates of another run are at work")
    began = time.monotonic()
    shop.says("alma", number, "/pawl stop a benchmark")
    took = _until(lambda: not shop.armed(number) and not _going(shop) and _told(shop, busy), began)
    shop.says("mona", number, "/pawl resume")
    return took


def _going(shop: Shop) -> bool:
    return any(each["status"] != "completed" for each in shop.get("/actions/runs?per_page=100")["workflow_runs"])


def _told(shop: Shop, issue: int) -> bool:
    return any("Stopped" in each for each in shop.comments(issue))


def _until(happened: Callable[[], bool], began: float) -> float:
    while not happened():
        if time.monotonic() - began > _LONGEST:
            raise SystemExit(f"it did not come about within {_LONGEST:.0f} s")
        time.sleep(_LOOK)
    return time.monotonic() - began


def _show(what: str, took: Sequence[float], most: float) -> None:
    slow = sum(each > most for each in took)
    late = f"{slow} of {len(took)} over {most:g} s"
    print(f"{what:32} median {statistics.median(took):6.2f} s   longest {max(took):6.2f} s   {late}", flush=True)


if __name__ == "__main__":
    main()
