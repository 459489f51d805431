"""Asks every policy and adds up the answers: ``decide(document, own_policies) -> Decision``.

Pawl's policies are evaluated here and now. A repository's own can only add denials and requirements: they are evaluated in a
process of their own, see none of Pawl's rules, and whatever goes wrong with one of them is a denial with its name.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from bot.errors import Fatal
from bot.policy import rego
from bot.policy.decision import Decision
from bot.policy.document import SCHEMA

OWN: Final = ".github/pawl/policies"
"""Where a repository keeps its own policies."""
NO_POLICIES: Final[Mapping[str, str]] = {}
_VALIDATOR: Final = Draft202012Validator(SCHEMA)
_SECONDS: Final = 10.0
"""Wall time for a repository's own policies; their CPU time is bounded more tightly inside."""


def decide(document: Mapping[str, Any], own_policies: Mapping[str, str] = NO_POLICIES) -> Decision:
    """Return what all policies say together of a document that :func:`bot.policy.document.build` made.

    ``own_policies`` are the repository's, path -> Rego text, from the base commit.

    Raises:
        Fatal: Pawl's own policies are not there.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace").decode()
    answers = [*_misshapen(text), *rego.evaluate(shipped(), text).items()]
    if own_policies:
        answers += _apart(own_policies, text).items()
    return _sum(answers)


def _misshapen(text: str) -> list[tuple[str, rego.Answer]]:
    """A field that is missing makes a rule undefined, so a document that is not whole is a no of its own."""
    error = best_match(_VALIDATOR.iter_errors(json.loads(text)))
    return [("document", {"error": [f"{error.json_path}: {error.message}"[:400]]})] if error else []


def shipped() -> dict[str, str]:
    """Return Pawl's own policies, path -> text, without their tests.

    Raises:
        Fatal: the folder is not there or holds none.
    """
    found = {f"policies/{file.name}": file.read_text("utf-8") for file in sorted(folder().glob("*.rego"))}
    policies = {path: text for path, text in found.items() if not path.endswith("_test.rego")}
    if not policies:
        raise Fatal(f"{folder()} holds no policies: install Pawl again")
    return policies


def folder() -> Path:
    """Return where Pawl's policies lie: within the package once installed, else beside it in a checkout."""
    package = Path(str(files("bot")))
    inside = package / "policies"
    return inside if inside.is_dir() else package.parent / "policies"


def own_policies(base: Path) -> dict[str, str]:
    """Return the repository's own policies, path -> text; read them from the base, so that no change can switch them off.

    A policy that cannot be read is there with a text that no engine accepts, so that it denies.
    """
    found: dict[str, str] = {}
    for file in sorted((base / OWN).glob("*.rego")):
        if not file.name.endswith("_test.rego"):
            try:
                text = "" if file.is_symlink() else file.read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                text = ""
            found[f"{OWN}/{file.name}"] = text
    return found


def _apart(policies: Mapping[str, str], document: str) -> dict[str, rego.Answer]:
    """Evaluate a repository's own policies in a process that can be ended."""
    names = ", ".join(sorted(policies))
    command = [sys.executable, "-I", str(Path(rego.__file__))]
    asked = json.dumps({"policies": dict(policies), "document": document})
    try:
        done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=_SECONDS, check=False, env={})
    except subprocess.TimeoutExpired:
        return {names: {"error": [f"{names}: no answer within {_SECONDS:.0f} s"]}}
    try:
        answers: object = json.loads(done.stdout) if done.returncode == 0 else None
    except ValueError:
        answers = None
    if not isinstance(answers, dict) or len(answers) < len(policies):
        return {names: {"error": [f"{names}: the evaluation broke off (code {done.returncode}); simplify the policy"]}}
    taken = {name.removesuffix(".rego").rsplit("/", 1)[-1] for name in shipped()}
    return {name: _own_name(name, answer, taken) for name, answer in answers.items()}


def _own_name(name: str, answer: rego.Answer, taken: set[str]) -> rego.Answer:
    """A package with the name of one of Pawl's would read as if Pawl had said it."""
    if name in taken:
        return {"error": [f"package pawl.{name} is one of Pawl's own; give yours another name"]}
    return answer


def _sum(answers: Iterable[tuple[str, rego.Answer]]) -> Decision:
    deny: list[str] = []
    require: list[str] = []
    warn: list[str] = []
    for name, answer in sorted(answers, key=lambda pair: pair[0]):
        deny += [f"{name}: {each}" for each in answer.get("deny", [])]
        deny += [f"policy {name} could not be asked, which is a no: {each}" for each in answer.get("error", [])]
        require += answer.get("require", [])
        warn += [f"{name}: {each}" for each in answer.get("warn", [])]
    return Decision(not deny, tuple(deny), tuple(dict.fromkeys(require)), tuple(warn))
