"""The lock: kept tests written to files, digested together with everything that could switch them off.

Any later byte of difference fails the ``spec`` gate. The digest is over canonical JSON, so that anybody can recompute it.
"""

from __future__ import annotations

import configparser
import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from bot.change.counted import counted
from bot.ids import Digest, NodeId
from bot.run import Run
from bot.spec.spec import Candidate, Locked, Spec, SpecFile, SpecTest

SHARED_SETTINGS = {"pyproject.toml": "tool.pytest", "setup.cfg": "tool:pytest", "tox.ini": "pytest"}
"""Files of which only one section is about tests."""

WHOLE_SETTINGS = frozenset(
    {
        *("conftest.py", "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml"),
        *("sitecustomize.py", "usercustomize.py", "pytest.py", "_pytest.py"),
    }
)
"""Files that configure pytest, or that Python or pytest would load by themselves."""

_HEAD = '"""Written and locked by Pawl before the change: what "done" means here. A change to this file fails the spec gate."""\n'
_TITLE_WIDTH = 72


@dataclass(frozen=True)
class Breach:
    """Something about a locked spec that is not as it was."""

    path: str
    line: int
    message: str
    rule: str


def spec_path(root: Path, slug: str, *, held_out: bool = False) -> str:
    """Return where generated tests go: beside the project's own, under a name that is free."""
    folder = next((name for name in ("tests", "test") if (root / name).is_dir()), "")
    number = ""
    while (root / folder / f"test_pawl_{slug}{number}.py").exists():
        number = f"_{int(number.strip('_') or 1) + 1}"
    return str(PurePosixPath(folder) / f"test_pawl_{slug}{number}{'_held_out' if held_out else ''}.py")


def slug_of(text: str) -> str:
    """Return a short name for files: the text's first words, lower case."""
    return "_".join(re.findall(r"[a-z0-9]+", text.lower())[:4])[:40].strip("_") or "spec"


def render(candidates: Sequence[Candidate]) -> str:
    """Return one pytest file with these tests, its imports merged; the same candidates give the same text."""
    imports = "\n".join(_merged_imports({line for each in candidates for line in each.imports}))
    tests = "\n\n\n".join(each.source.rstrip() for each in candidates)
    return f"{_HEAD}\n{imports}\n\n\n{tests}\n" if imports else f"{_HEAD}\n\n{tests}\n"


def _merged_imports(lines: Iterable[str]) -> Iterator[str]:
    plain: set[str] = set()
    names: dict[str, set[str]] = {}
    for line in lines:
        found = re.fullmatch(r"from (\S+) import (.+)", line)
        if found:
            names.setdefault(found[1], set()).add(found[2])
        else:
            plain.add(line)
    first = sorted(each for each in plain if each != "import pytest")
    yield from first
    if "import pytest" in plain:
        yield from ["", "import pytest"] if first else ["import pytest"]
    if names:
        yield from [""] if plain else []
        yield from (f"from {module} import {', '.join(sorted(names[module]))}" for module in sorted(names))


def lock(root: Path, tests: Sequence[SpecTest], files: Sequence[SpecFile], kill_rate: float | None) -> Spec:
    """Return the spec with everything locked that its tests stand on."""
    own = {each.path for each in files}
    paths = sorted({_file_of(each.id) for each in tests if each.kept} - own)
    locked = [Locked(path, _digest_of((root / path).read_bytes())) for path in paths if (root / path).is_file()]
    spec = Spec(tuple(tests), tuple(files), (*locked, *_settings(root)), Digest(""), None, kill_rate)
    return replace(spec, digest=digest_of(spec))


def _file_of(test: NodeId) -> str:
    return test.partition("::")[0]


def _settings(root: Path) -> tuple[Locked, ...]:
    """Return what is locked of configuration: whole files, and of shared ones the section about tests, there or not."""
    whole = [Locked(path, _digest_of((root / path).read_bytes())) for path in _whole_settings(root) if (root / path).is_file()]
    shared = [Locked(f"{name}#{section}", _section_digest(root / name, section)) for name, section in SHARED_SETTINGS.items()]
    return (*whole, *shared)


def _whole_settings(root: Path) -> list[str]:
    """Return every file in the tree that tests could be switched off by, wherever it lies."""
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [each for each in folders if each != ".git"]
        found += [(Path(folder) / name).relative_to(root).as_posix() for name in files if name in WHOLE_SETTINGS]
    return sorted(found)


def _section_digest(file: Path, section: str) -> Digest:
    return _digest_of(json.dumps(_section(file, section), sort_keys=True, default=str).encode())


def _section(file: Path, section: str) -> Any:
    """Return the part of a shared file that configures tests; None where there is none; its text where it cannot be read."""
    if not file.is_file():
        return None
    text = file.read_text(encoding="utf-8", errors="replace")
    try:
        if file.suffix == ".toml":
            return tomllib.loads(text).get("tool", {}).get("pytest")
        parser = configparser.RawConfigParser(strict=False)
        parser.read_string(text)
    except (tomllib.TOMLDecodeError, configparser.Error):
        return text
    return dict(parser[section]) if parser.has_section(section) else None


def _digest_of(content: bytes) -> Digest:
    return Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")


def digest_of(spec: Spec) -> Digest:
    """Return the digest over the spec's kept tests, files and locked files, by canonical JSON."""
    document = {
        "tests": [[each.id, each.role, each.origin, each.held_out] for each in spec.tests if each.kept],
        "files": [[each.path, _digest_of(each.content.encode())] for each in spec.files],
        "locked": [[each.path, each.digest] for each in spec.locked],
    }
    return _digest_of(json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


def for_engine(spec: Spec) -> Spec:
    """Return the spec without its held-out tests, as the engine that writes the change may see it."""
    hidden = {_file_of(each.id) for each in spec.tests if each.held_out}
    return replace(
        spec,
        tests=tuple(each for each in spec.tests if not each.held_out),
        files=tuple(each for each in spec.files if each.path not in hidden),
    )


def hidden_paths(spec: Spec) -> tuple[str, ...]:
    """Return the files of the lock commit that an engine must not see."""
    hidden = {_file_of(each.id) for each in spec.tests if each.held_out}
    return tuple(each.path for each in spec.files if each.path in hidden)


def message(spec: Spec, run: Run, credit: str) -> str:
    """Return the lock commit's message, with the trailers that tie it to the run and, by ``credit``, to who asked."""
    title = f"Lock the spec: {counted(len(spec.witnesses), 'witness', 'witnesses')}, {counted(len(spec.guards), 'guard')}"
    rate = (
        "" if spec.kill_rate is None else f"\nOn the base they kill {spec.kill_rate:.0%} of the mutants of the code in question."
    )
    words = " ".join(run.instruction.text.split())
    short = words if len(words) <= _TITLE_WIDTH else f"{words[: _TITLE_WIDTH - 1]}…"
    return (
        f"{title}\n\nWhat done means for: {short}{rate}\n\nPawl-Run: {run.id}\nPawl-Spec: {spec.digest}\n{credit}".rstrip() + "\n"
    )


def verify(spec: Spec, head: Path) -> tuple[Breach, ...]:
    """Return how a tree departs from the locked spec: any byte, any test setting added, changed or taken away."""
    found = [*_broken_files(spec, head), *_broken_locks(spec, head), *_added_settings(spec, head)]
    if digest_of(spec) != spec.digest:
        found.append(Breach("", 1, "the spec's own digest does not fit its content", "spec-digest"))
    return tuple(found)


def _broken_files(spec: Spec, head: Path) -> Iterator[Breach]:
    for each in spec.files:
        file = head / each.path
        if file.is_symlink() or not file.is_file():
            yield Breach(each.path, 1, "this file of the locked spec is gone or is no regular file", "spec-file-missing")
        elif file.read_bytes() != each.content.encode():
            line = _first_difference(each.content, file.read_text(encoding="utf-8", errors="replace"))
            yield Breach(each.path, line, "this file of the locked spec was changed", "spec-file-changed")


def _first_difference(old: str, new: str) -> int:
    pairs = zip(old.splitlines(), new.splitlines(), strict=False)
    return next((number for number, (one, other) in enumerate(pairs, 1) if one != other), 1)


def _broken_locks(spec: Spec, head: Path) -> Iterator[Breach]:
    for each in spec.locked:
        name, _, section = each.path.partition("#")
        file = head / name
        if section:
            if _section_digest(file, section) != each.digest:
                yield Breach(name, 1, f"the test settings in [{section}] are not those that were locked", "test-settings-changed")
        elif file.is_symlink() or not file.is_file():
            yield Breach(name, 1, "this file was locked with the spec and is gone or is no regular file", "locked-file-missing")
        elif _digest_of(file.read_bytes()) != each.digest:
            yield Breach(name, 1, "this file was locked with the spec and was changed", "locked-file-changed")


def _added_settings(spec: Spec, head: Path) -> Iterator[Breach]:
    known = {each.path for each in spec.locked} | {each.path for each in spec.files}
    for path in _whole_settings(head):
        if path not in known:
            yield Breach(
                path, 1, "this file can switch tests off and was not there when the spec was locked", "test-settings-added"
            )
