"""``.github/pawl.yml``: what a repository's owners want, read from the base commit. No file is needed.

Unknown keys are errors; messages say ``file:line``, the key, what is allowed, and the nearest key.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bot.errors import ConfigError

PLACES = (".github/pawl.yml", "pawl.yml")
"""Where the file may lie, first found wins."""

MOST_BYTES = 64 * 1024
"""A configuration larger than this is a mistake or an attack."""

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Paths(_Section):
    """Which files a change may touch, as git-style globs."""

    allowed: tuple[str, ...] = Field(
        ("**",), description="Only these files may Pawl touch; whoever else does needs a maintainer's approval."
    )
    protected: tuple[str, ...] = Field(
        (
            ".github/**",
            "**/CODEOWNERS",
            "pawl.yml",
            "**/AGENTS.md",
            "**/CLAUDE.md",
            "**/GEMINI.md",
            ".cursor/**",
            ".cursorrules",
            ".mcp.json",
            "**/copilot-instructions.md",
        ),
        description="These Pawl never touches, whatever is asked; whoever else does needs a maintainer's and a security approval."
        " Lock files and manifests join them unless the instruction is an upgrade.",
    )


class Mutation(_Section):
    """How strong tests must be."""

    threshold: Share = Field(0.8, description="Least kill rate on the changed lines.")
    most: int = Field(200, ge=1, description="Most mutants tried on one change.")


class Coverage(_Section):
    """How much of the change must run under test."""

    changed_lines: Share = Field(1.0, description="Least share of changed, executable lines that some test runs.")
    changed_branches: Share = Field(0.8, description="Least share of changed branches that some test takes.")
    floor: Share = Field(0.0, description="Least coverage of the whole project; it never falls under the base's.")


class Complexity(_Section):
    """How complicated changed code may be."""

    cyclomatic: int = Field(10, ge=1)
    cognitive: int = Field(15, ge=1)
    function_lines: int = Field(50, ge=1)
    inheritance: int = Field(3, ge=1)


class Dependencies(_Section):
    """What may come in."""

    allowed: tuple[str, ...] = Field((), description="Only these packages; empty allows all.")
    denied: tuple[str, ...] = ()


class Scope(_Section):
    """How far a change may reach."""

    files: int = Field(20, ge=1, description="Most files in one change.")
    lines: int = Field(600, ge=1, description="Most added and removed lines in one change.")


class Budget(_Section):
    """Caps of one run."""

    rounds: int = Field(3, ge=1, le=5, description="Most walks from findings back to changing.")
    seconds: float = Field(900.0, gt=0, description="Wall time of one run.")
    engine_seconds: float = Field(
        120.0,
        gt=0,
        description="Wall time of one engine's work on one step, after the base's tests have run and without waiting for models.",
    )
    suite_seconds: float = Field(300.0, gt=0, description="Wall time of one run of the project's suite.")
    model_calls: int = Field(40, ge=0, description="Most calls to language models; 0 lets none be asked.")
    tokens: int = Field(400_000, ge=0, description="Most tokens that language models read and write together.")
    money: float = Field(
        2.0, ge=0, allow_inf_nan=False, description="Most US dollars for language models, as far as their prices are known."
    )
    candidates: int = Field(
        1, ge=1, le=5, description="Changes asked of language models for one step; of those that hold the smallest is taken."
    )


class GateSetting(_Section):
    """One gate's switch. Off is shown in every report; a required gate must be green."""

    required: bool = True
    run: bool = True


class Role(_Section):
    """Who holds a role: anybody that one of these names. All of them also need write access to the repository."""

    users: tuple[str, ...] = Field((), description="Logins.")
    teams: tuple[str, ...] = Field((), description="Teams, as organisation/team.")
    codeowners: bool = Field(False, description="Those whom CODEOWNERS names for a touched path.")  # noqa: FBT003 - pydantic's form
    permission: Literal["write", "maintain", "admin"] | None = Field(
        None, description="Everybody with at least this permission on the repository."
    )


MAINTAINER = "maintainer"
"""The role that approves where nothing else is said."""

_ROLES = {MAINTAINER: Role(permission="maintain"), "security": Role(permission="admin"), "owner": Role(codeowners=True)}

RiskName = Literal["SAFE", "LOW", "MEDIUM", "HIGH", "CRITICAL"]


class Approvals(_Section):
    """Who must agree before a change is merged, on top of what Pawl's own policies ask for."""

    roles: dict[str, Role] = Field(
        default_factory=lambda: dict(_ROLES),
        description="Who holds which role. Roles not named keep their default: maintainer (maintain permission),"
        " security (admin permission), owner (CODEOWNERS of the touched paths).",
    )
    need: dict[RiskName, dict[str, Annotated[int, Field(ge=1, le=6)]]] = Field(
        default_factory=dict,
        description="By risk level: how many approvals of which role; they add to Pawl's own, never replace them.",
    )

    @field_validator("roles")
    @classmethod
    def _with_defaults(cls, roles: dict[str, Role]) -> dict[str, Role]:
        return {**_ROLES, **roles}

    @model_validator(mode="after")
    def _known(self) -> Approvals:
        for level, roles in self.need.items():
            unknown = sorted(roles.keys() - self.roles.keys())
            if unknown:
                known = ", ".join(sorted(self.roles))
                msg = f"need.{level} names the role {unknown[0]!r}, which roles lacks: add it, or use one of {known}"
                raise ValueError(msg)
        return self


class Merge(_Section):
    """How a change is merged once everybody who must has agreed."""

    method: Literal["auto", "merge", "rebase", "squash"] = Field(
        "auto", description="auto: the first of merge, rebase, squash that the repository allows."
    )
    accept_rulesets: bool = Field(
        False,  # noqa: FBT003 - pydantic's form
        description="Take rulesets for a guard of the branch though GitHub shows Pawl no exceptions from them: you vouch that"
        " nobody is excepted. Each merge that rests on it is noted in the ledger.",
    )


class Config(_Section):
    """The whole file; every key has a default."""

    version: Literal[1] = 1
    gates: dict[str, GateSetting] = Field(default_factory=dict, description="By gate name; gates not named are required.")
    paths: Paths = Paths()
    mutation: Mutation = Mutation()
    coverage: Coverage = Coverage()
    complexity: Complexity = Complexity()
    dependencies: Dependencies = Dependencies()
    scope: Scope = Scope()
    budget: Budget = Budget()
    approvals: Approvals = Approvals()
    merge: Merge = Merge()
    runner: Literal["actions", "local"] = Field(
        "actions", description="Where the gates run for the App: this repository's Actions runners, or Pawl's own machine."
    )
    verify: Literal["all", "label", "command"] = Field(
        "all",
        description="Which pull requests into the default branch are judged without a command, at each push: all; those with"
        " the label pawl:verify; none but by /pawl verify. Forks by people who may not say that wait for somebody who may.",
    )
    trust: int = Field(0, ge=0, le=4, description="How much goes without a person: 0 nothing, 4 everything green.")


def schema() -> dict[str, Any]:
    """Return the JSON schema that editors and other programs check the file by."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Config.model_json_schema()}


def load(text: str, name: str, gates: Collection[str]) -> Config:
    """Return the configuration in ``text``; ``gates`` are the names that exist.

    Raises:
        ConfigError: ``name:line: …`` with the key, what is allowed there, and the nearest key.
    """
    if len(text.encode()) > MOST_BYTES:
        raise ConfigError(f"{name}:1: the file is larger than {MOST_BYTES // 1024} KiB: shorten it")
    root = _compose(text, name)
    if root is None:
        return Config()
    try:
        found = Config.model_validate(yaml.safe_load(text), strict=False)
    except ValidationError as error:
        raise ConfigError(_explain(error, root, name)) from None
    for gate in found.gates:
        if gate not in gates:
            line = _line(root, ("gates", gate))
            raise ConfigError(f"{name}:{line}: gates.{gate}: there is no such gate; {_nearest(gate, sorted(gates))}")
    return found


def _compose(text: str, name: str) -> yaml.Node | None:
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise ConfigError(f"{name}:1: aliases (*name) are not allowed: write the value out")
        root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{name}:{line}: this is not YAML ({error.problem}): mend the line") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}:1: this is not YAML ({str(error).splitlines()[0]}): mend the file") from None
    if root is not None and not isinstance(root, yaml.MappingNode):
        raise ConfigError(f"{name}:1: the file must hold keys and values: see `pawl config --schema`")
    return root


def _explain(error: ValidationError, root: yaml.Node, name: str) -> str:
    """Return one sentence on the first thing that is wrong."""
    first = error.errors(include_url=False)[0]
    where = first["loc"]
    key = ".".join(str(part) for part in where)
    line = _line(root, where)
    if first["type"] == "extra_forbidden":
        allowed = _keys_at(where[:-1])
        return f"{name}:{line}: {key}: there is no such key; {_nearest(str(where[-1]), allowed)}"
    if first["type"] == "value_error":
        return f"{name}:{line}: {key}: {first['ctx']['error']}"
    said = first["msg"][0].lower() + first["msg"][1:]
    return f"{name}:{line}: {key}: {said}, not {json.dumps(first['input'], default=str)[:60]}"


def _nearest(word: str, allowed: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, allowed, n=1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    return f"{meant}Allowed: {', '.join(allowed)}"


def _keys_at(where: Sequence[str | int]) -> list[str]:
    """Return the keys allowed under a place in the file."""
    model: Any = Config
    for part in where:
        inside = get_args(model)
        model = inside[1] if inside else model.model_fields[str(part)].annotation
    return list(model.model_fields)


def _line(root: yaml.Node, where: Sequence[str | int]) -> int:
    """Return the line (from 1) of the deepest part of ``where`` that the file has."""
    node, line = root, root.start_mark.line + 1
    for part in where:
        child = next(((key, value) for key, value in _children(node) if key.value == str(part)), None)
        if child is None:
            break
        line, node = child[0].start_mark.line + 1, child[1]
    return line


def _children(node: yaml.Node) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from node.value
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield yaml.ScalarNode("tag:yaml.org,2002:int", str(number), value.start_mark, value.end_mark), value
