"""``python -m tests.doubles.models [--script FILE]``: start the double for a person, and say what Pawl needs to reach it.

The file is JSON, ``{"reader": [answer, …], "change_author": […]}``: text or data for each duty in order, the last of each list
again and again. What has no script gets the smallest answer that fits the question's schema. For ``pawl ask`` in a project with
a ``cart.py``::

    {"reader": [{"paragraphs": [{"text": "It adds one too many.",
                                 "citations": [{"path": "cart.py", "first": 2, "last": 2, "quote": "sum(items) + 1"}]}]}]}
"""

from __future__ import annotations

import argparse
import json
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.doubles.models import aimock
from tests.doubles.models.double import ModelDouble
from tests.doubles.models.server import serving
from tests.doubles.models.wire import Seen

_PLAIN: Mapping[str, Any] = {"string": "made up", "integer": 1, "number": 1.0, "boolean": True, "null": None, "array": []}


def main() -> None:
    """Parse the command line and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.doubles.models", description="A double of vendors of language models.")
    parser.add_argument("--script", type=Path, help="JSON: answers by duty")
    script = parser.parse_args().script
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # either way it goes, it tidies up
    with aimock.running() as url, serving(ModelDouble(url)) as double:
        for duty, answers in json.loads(script.read_bytes()).items() if script else ():
            double.script(duty, *answers, forever=True)
        double.script(lambda _: True, _smallest, forever=True)
        for name, value in double.environment().items():
            print(f"export {name}={value}", flush=True)  # noqa: T201 - a person reads it
        _wait()


def smallest(schema: Mapping[str, Any]) -> Any:
    """Return a small value that fits a schema of the plain kinds that Pawl's questions have."""
    if "const" in schema or schema.get("enum"):
        return schema.get("const", (schema.get("enum") or [None])[0])
    for choice in schema.get("anyOf") or schema.get("oneOf") or ():
        return smallest(choice)
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        names = schema.get("required", ())
        return {name: smallest(schema.get("properties", {}).get(name, {"type": "string"})) for name in names}
    if kind == "array":
        return [smallest(schema.get("items", {}))] * int(schema.get("minItems", 0))
    return _PLAIN[kind]


def _smallest(seen: Seen) -> Any:
    return "made up by the double" if seen.schema is None else smallest(seen.schema)


def _wait() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
