"""What a codemod is: a named, deterministic, idempotent rewriting of source files that leaves every other byte alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Files = Mapping[str, str]
"""Text by path, relative to the repository, with forward slashes."""

Transform = Callable[[Files, Mapping[str, Any]], dict[str, str]]
"""``(files, arguments) -> the changed files``; pure, and it raises Refused where doing it would not be safe."""


def _no_arguments() -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": {}}


@dataclass(frozen=True)
class Example:
    """Files before and the whole of them after; both the documentation and the test of a codemod."""

    before: Files
    after: Files
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Codemod:
    """A codemod as its file registers it."""

    name: str
    does: str
    """One sentence for people."""
    transform: Transform
    examples: tuple[Example, ...]
    phrases: tuple[str, ...] = ()
    """Regular expressions that find a wish for it in an instruction; named groups become its arguments."""
    takes: Mapping[str, Any] = field(default_factory=_no_arguments)
    """JSON schema of its arguments."""
    keeps_behaviour: bool = True
    """False: it repairs a named mistake, so the program does something else afterwards."""
    repairs: bool = False
    """Whether to try it when tests fail and nobody knows why."""
    whole: bool = False
    """Whether its changes to several files only make sense together."""


def example(before: str, after: str, **arguments: object) -> Example:
    """Return an example of one file."""
    return Example({"code.py": before}, {"code.py": after}, arguments)


def unchanged(text: str, *more: str) -> tuple[Example, ...]:
    """Return examples of files that the codemod must leave alone."""
    return tuple(example(each, each) for each in (text, *more))


def per_file(change: Callable[[str], str]) -> Transform:
    """Return the transform that rewrites each Python file by itself."""

    def transform(files: Files, _arguments: Mapping[str, Any]) -> dict[str, str]:
        results = {path: change(text) for path, text in files.items() if path.endswith((".py", ".pyi"))}
        return {path: text for path, text in results.items() if text != files[path]}

    return transform


def joined(files: Files, changed: Files) -> dict[str, str]:
    """Return all files with the changed ones in place."""
    return {**files, **changed}
