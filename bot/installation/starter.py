"""What the onboarding pull request brings: a commented configuration with every default."""

from __future__ import annotations

import textwrap
from typing import Any, Final, get_args

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.config import Config

_WIDTH: Final = 100
_HEAD: Final = (
    "What Pawl may do in this repository. Every setting below has its default: take the single # away to change one."
    " `pawl config --schema` prints the JSON schema. Pawl reads this file from the default branch and never changes it by itself."
)
_TRUST: Final = (
    "How much goes without a person: 0 nothing, 1 reading, 2 documentation too, 3 what can be rolled back too,"
    " 4 all that is green."
)


def configuration() -> str:
    """Return the commented file; it says nothing but the version and the trust level, each at its default."""
    parts = [_comment(_HEAD), "version: 1\n", f"{_comment(_TRUST)}trust: 0\n"]
    for name, field in Config.model_fields.items():
        if name not in {"version", "trust"}:
            parts.append(_section(name, field))
    return "\n".join(parts)


def _section(name: str, field: FieldInfo) -> str:
    """Return one section, all of it commented out, with what each of its keys is for."""
    value: Any = field.get_default(call_default_factory=True)
    about = _about(field)
    if not isinstance(value, BaseModel):
        example = {name: {"lint": {"required": False}}} if name == "gates" else {name: value}
        return f"{_comment(about)}{_off(_dumped(example))}"
    lines = [_comment(about), _off(f"{name}:\n")]
    for key, inner in type(value).model_fields.items():
        lines.append(_off(_comment(inner.description or "", "  # ")))
        lines.append(_off(textwrap.indent(_dumped({key: value.model_dump(mode="json")[key]}), "  ")))
    return "".join(lines)


def _about(field: FieldInfo) -> str:
    inside = next((each for each in (field.annotation, *get_args(field.annotation)) if _is_model(each)), None)
    return field.description or ((inside.__doc__ or "").strip().splitlines()[0] if inside else "")


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _dumped(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, width=_WIDTH)


def _off(text: str) -> str:
    return textwrap.indent(text, "# ", lambda _line: True)


def _comment(text: str, mark: str = "## ") -> str:
    return "".join(f"{mark}{line}\n" for line in textwrap.wrap(text, _WIDTH - len(mark)))
