"""The workflow that examinations run by: the text that ships with Pawl, made fit for where its jobs are to run.

Whoever runs the server chooses the machines; the repository's default branch has to hold the same workflow, whatever stands in
its comments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml

from bot.errors import Fatal
from bot.settings import RUNS_ON, Settings

FILE: Final = "pawl.yml"
PLACE: Final = f".github/workflows/{FILE}"
"""Where it lies in a repository."""
_ENTERPRISE: Final = {
    "actions/upload-artifact": "c6a3b2bd78b3985e4b2f15397fec357f0fd808de # v3.2.2-node20",
    "actions/download-artifact": "ad191675b41f6a5b46da9a048cb6893812da158b # v3.1.0-node20",
}
"""The newest actions that know the artifacts of an Enterprise Server."""


@dataclass(frozen=True)
class Machines:
    """Where the workflow's jobs run."""

    labels: tuple[str, ...] = (RUNS_ON,)
    """What a runner must all be labelled with."""
    enterprise_server: bool = False


def machines(settings: Settings) -> Machines:
    """Return what whoever runs this server chose."""
    return Machines(settings.runs_on, settings.enterprise_server)


def workflow(where: Machines) -> str:
    """Return the workflow's text; raises Fatal where this installation of Pawl has lost it."""
    text = _shipped()
    labels = where.labels[0] if len(where.labels) == 1 else f"[{', '.join(where.labels)}]"
    text = text.replace(f"runs-on: {RUNS_ON}\n", f"runs-on: {labels}\n")
    for action, pin in _ENTERPRISE.items() if where.enterprise_server else ():
        text = re.sub(rf"uses: {action}@.*", f"uses: {action}@{pin}", text)
    return text


def fits(text: str, where: Machines) -> bool:
    """Return whether a text is the workflow for these machines; a server that knows newer artifacts may have it as it ships."""
    return any(same(text, workflow(each)) for each in {where, Machines(where.labels)})


def same(one: str, other: str) -> bool:
    """Return whether two texts are the same workflow, whatever their comments and layout; text that is no YAML never is."""
    found = _meaning(one)
    return found is not None and found == _meaning(other)


def _meaning(text: str) -> Any:
    try:
        return yaml.safe_load(f"{text.rstrip()}\n")  # what is copied and pasted loses its last line's end
    except (yaml.YAMLError, RecursionError):
        return None


def _shipped() -> str:
    package = Path(str(files("bot")))
    for place in (package / "workflows", package.parent / "workflows"):
        if (place / FILE).is_file():
            return (place / FILE).read_text("utf-8")
    raise Fatal(f"{package} has no {FILE}: install Pawl again")
