"""The one file that knows the Rego engine: ``evaluate(policies, document) -> answers``.

As a program (``python -I rego.py``) it does the same with one JSON object from standard input, under limits of its own: that is
how policies that Pawl did not write are evaluated, so that one that never ends or eats all memory takes only itself down.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import regorus

RULES = ("deny", "require", "warn")
"""Every policy defines these, each as a set of sentences."""

SECONDS = 2
MEMORY = 512 * 1024 * 1024
_PREFIX = "data.pawl."
_LONGEST = 4_000

Answer = dict[str, list[str]]
"""One policy's sentences by rule, sorted; or ``{"error": [why]}``."""


def evaluate(policies: Mapping[str, str], document: str) -> dict[str, Answer]:
    """Return each policy's answer by package name; a policy that cannot be loaded is named by its path.

    Policies see each other's packages. ``document`` is JSON.
    """
    engine = regorus.Engine()
    answers: dict[str, Answer] = {}
    packages: dict[str, str] = {}
    for path, text in sorted(policies.items()):
        try:
            package = engine.add_policy(path, text)
        except RuntimeError as error:
            answers[path] = _error(path, error)
            continue
        if not package.startswith(_PREFIX) or "." in package.removeprefix(_PREFIX):
            answers[path] = {"error": [f"{path}: its package must be pawl.<name>, it is {package.removeprefix('data.')}"]}
        elif package in packages:
            answers[path] = {"error": [f"{path}: {packages[package]} has the package {package.removeprefix('data.')} already"]}
        else:
            packages[package] = path
    try:
        engine.set_input_json(document)
    except RuntimeError as error:
        return dict.fromkeys(policies, _error("the document", error))
    for package, path in packages.items():
        answers[package.removeprefix(_PREFIX)] = _answer(engine, package, path)
    return answers


def run_tests(policies: Mapping[str, str]) -> tuple[dict[str, bool], dict[str, frozenset[int]]]:
    """Return each ``test_`` rule's outcome by ``package.rule``, and by path the lines that no test ran.

    Raises:
        RuntimeError: a policy or a test cannot be parsed or evaluated.
    """
    engine = regorus.Engine()
    engine.set_enable_coverage(True)
    packages = {engine.add_policy(path, text): text for path, text in sorted(policies.items())}
    outcomes: dict[str, bool] = {}
    for package, text in packages.items():
        for name in _test_names(text):
            outcomes[f"{package.removeprefix('data.')}.{name}"] = _holds(engine, f"{package}.{name}")
    report = json.loads(engine.get_coverage_report_as_json())
    return outcomes, {each["path"]: frozenset(each["not_covered"]) for each in report["files"]}


def _test_names(text: str) -> Iterable[str]:
    return [line.split()[0] for line in text.splitlines() if line.startswith("test_")]


def _holds(engine: regorus.Engine, rule: str) -> bool:
    return engine.eval_rule(rule) is True


def _answer(engine: regorus.Engine, package: str, path: str) -> Answer:
    answer: Answer = {}
    for rule in RULES:
        try:
            value = engine.eval_rule(f"{package}.{rule}")
        except RuntimeError as error:
            return _error(f"{path}: {rule}", error)
        if not isinstance(value, set) or not all(isinstance(each, str) for each in value):
            return {"error": [f"{path}: {rule} must be a set of sentences, it is {_shown(value)}"]}
        answer[rule] = sorted(value)
    return answer


def _shown(value: object) -> str:
    if value is None:
        return "undefined"
    if isinstance(value, set):
        return f"a set with {', '.join(sorted({type(each).__name__ for each in value}))}"
    return type(value).__name__


def _error(where: str, error: RuntimeError) -> Answer:
    """Keep the engine's own words, without its stack."""
    told = str(error).partition("Stack backtrace")[0].split("error:")[-1].strip()
    return {"error": [f"{where}: {told or 'the engine gave up without a reason'}"[:_LONGEST]]}


def main() -> None:
    """Read ``{"policies": {path: text}, "document": "JSON"}``, write the answers as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    asked: dict[str, Any] = json.load(sys.stdin)
    json.dump(evaluate(asked["policies"], asked["document"]), sys.stdout)


if __name__ == "__main__":
    main()
