"""Rename a function, class, method or variable wherever the project means it."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Mapping
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, QualifiedNameProvider

from bot.codemod import Codemod, Example, Files, example
from bot.errors import Refused
from bot.plan.inventory import Definition, Inventory, Kind, take_inventory
from bot.syntax.concrete import read
from bot.syntax.modules import dotted
from bot.syntax.renaming import rename_global
from bot.syntax.tree import parse

_BUILT_IN = frozenset(name for kind in (str, bytes, int, float, list, dict, set, tuple, type, Exception) for name in dir(kind))
_PLAIN_BASES = frozenset({"object", "ABC", "Protocol", "Generic", "NamedTuple", "TypedDict", "Exception", "ValueError"})
_NAME = {"type": "string", "pattern": r"^[A-Za-z_][A-Za-z0-9_.]{0,199}\Z"}


def _transform(files: Files, arguments: Mapping[str, Any]) -> dict[str, str]:
    old, new = str(arguments["old"]), str(arguments["new"]).rsplit(".", 1)[-1]
    inventory = take_inventory(files)
    bare = old.rsplit(".", 1)[-1]
    if not new.isidentifier() or keyword.iskeyword(new) or hasattr(builtins, new):
        msg = f"{new!r} cannot be a new name: it is no identifier, or Python's own; choose another"
        raise Refused(msg)
    found = _definitions(inventory, old)
    if not found and _definitions(inventory, f"{old.rpartition('.')[0]}.{new}".lstrip(".")):
        return {}
    target = _one(found, old)
    _check_manifests(files, target, bare)
    leave = frozenset(arguments.get("leave", ()))
    if target.path in leave:
        msg = f"{old} is defined in {target.path}, which this run may not edit: allow that file, or rename it by hand"
        raise Refused(msg)
    if target.kind is Kind.METHOD or "." in target.name:
        return _rename_member(files, inventory, target, new)
    if re.search(rf"(?m)^{re.escape(bare)} = {re.escape(new)}$", files[target.path]):
        return {}
    return rename_global(files, target.path, bare, new, leave)


def _definitions(inventory: Inventory, name: str) -> list[Definition]:
    """Return what a name may mean, the module in front of it respected."""
    return [
        each
        for each in inventory.definitions
        if each.name == name
        or each.name.rsplit(".", 1)[-1] == name
        or (name.endswith("." + each.name) and f".{dotted(each.path)}".endswith("." + name.removesuffix("." + each.name)))
    ]


def _one(found: list[Definition], old: str) -> Definition:
    places = {(each.path, each.name): each for each in found}
    if not places:
        msg = f"nothing at the level of a module or class is called {old}: check the spelling"
        raise Refused(msg)
    exact = [each for each in places.values() if each.name == old]
    if len(exact) != 1 and len(places) > 1:
        where = ", ".join(f"{each.name} in {each.path}" for each in list(places.values())[:3])
        msg = f"{old} may mean {where}: say which, as in module.name or Class.name"
        raise Refused(msg)
    return exact[0] if exact else next(iter(places.values()))


def _check_manifests(files: Files, target: Definition, bare: str) -> None:
    entry = re.compile(rf"{re.escape(dotted(target.path).rsplit('.', 1)[-1])}:{re.escape(bare)}\b")
    named = next((path for path, text in files.items() if not path.endswith((".py", ".pyi")) and entry.search(text)), None)
    if named is not None:
        msg = f"{named} names {bare} as an entry point, and manifests are not edited by a rename: change both by hand"
        raise Refused(msg)


def _rename_member(files: Files, inventory: Inventory, target: Definition, new: str) -> dict[str, str]:
    """Rename a method or class attribute; only where its name alone tells what is meant in the whole project."""
    old = target.name.rpartition(".")[2]
    _check_member(files, inventory, target, new)
    changed: dict[str, str] = {}
    for path, text in sorted(files.items()):
        tree = read(text) if path.endswith(".py") and re.search(rf"\b{re.escape(old)}\b", text) else None
        if tree is not None:
            mine = target.name if path == target.path else None
            result = MetadataWrapper(tree).visit(_Members(mine, old, new)).code
            if result != text:
                changed[path] = result
    return changed


def _check_member(files: Files, inventory: Inventory, target: Definition, new: str) -> None:
    owner, _, old = target.name.rpartition(".")
    _check_meaning(inventory, target, old)
    if any(each.name.rsplit(".", 1)[-1] == new for each in inventory.definitions):
        msg = f"{new} is defined in this project already: choose another name for {target.name}"
        raise Refused(msg)
    bases = _bases(files[target.path], owner.rsplit(".", 1)[-1])
    foreign = [each for each in bases if each not in _PLAIN_BASES and not inventory.find(each)]
    if foreign:
        msg = f"{owner} builds on {foreign[0]} from outside the project, which may call {old}: rename it by hand"
        raise Refused(msg)
    quoted = next((path for path, text in sorted(files.items()) if re.search(rf"[\"']{re.escape(old)}[\"']", text)), None)
    if quoted is not None:
        msg = f"{quoted} has {old} in quotes and may look it up by name: rename it by hand"
        raise Refused(msg)


def _check_meaning(inventory: Inventory, target: Definition, old: str) -> None:
    """Refuse a bare name that something else has, too."""
    others = [
        each
        for each in inventory.definitions
        if each.name.rsplit(".", 1)[-1] == old and (each.path, each.name) != (target.path, target.name)
    ]
    if others or old in _BUILT_IN or old.startswith("__"):
        who = f"{others[0].name} in {others[0].path}" if others else "Python's own types"
        msg = f"{old} is also a name of {who}, so x.{old} may mean either: rename it by hand"
        raise Refused(msg)


def _bases(text: str, owner: str) -> list[str]:
    tree = parse(text)
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == owner] if tree else []
    bases = [base.value if isinstance(base, ast.Subscript) else base for node in nodes for base in node.bases]
    return [ast.unparse(base).rsplit(".", 1)[-1] for base in bases]


class _Members(cst.CSTTransformer):
    """Renames what its class's own scope calls by that name, and every attribute of that name."""

    METADATA_DEPENDENCIES = (QualifiedNameProvider,)

    def __init__(self, qualified: str | None, old: str, new: str) -> None:
        super().__init__()
        self.qualified = qualified
        self.old = old
        self.new = new

    def leave_Name(self, original: cst.Name, updated: cst.Name) -> cst.Name:  # noqa: N802 - libcst's name for it
        if updated.value != self.old or self.qualified is None:
            return updated
        meant = self.get_metadata(QualifiedNameProvider, original, set())
        names = {each.name for each in (meant() if callable(meant) else meant or ())}
        return updated.with_changes(value=self.new) if self.qualified in names else updated

    def leave_Attribute(self, _original: cst.Attribute, updated: cst.Attribute) -> cst.Attribute:  # noqa: N802
        if updated.attr.value != self.old:
            return updated
        return updated.with_changes(attr=updated.attr.with_changes(value=self.new))


CODEMOD = Codemod(
    name="rename",
    does="Renames a function, class, method or variable wherever the project means it.",
    transform=_transform,
    examples=(
        example(
            "def f(x):\n    f = x\n    return f\n\ny = f(1)\n",
            "def g(x):\n    f = x\n    return f\n\ny = g(1)\n",
            old="f",
            new="g",
        ),
        Example(
            {
                "pkg/__init__.py": "from .a import old\n\n__all__ = ['old']\n",
                "pkg/a.py": "def old(): ...  # the old one\n",
                "b.py": "import pkg.a\nfrom pkg import old as o\n\npkg.a.old()\no()\nold = 1\n",
            },
            {
                "pkg/__init__.py": "from .a import new\n\n__all__ = ['new']\n",
                "pkg/a.py": "def new(): ...  # the old one\n",
                "b.py": "import pkg.a\nfrom pkg import new as o\n\npkg.a.new()\no()\nold = 1\n",
            },
            {"old": "pkg.a.old", "new": "new"},
        ),
        example(
            "class A:\n    def run_it(self):\n        return self.run_it\n\nA().run_it()\n",
            "class A:\n    def start(self):\n        return self.start\n\nA().start()\n",
            old="A.run_it",
            new="start",
        ),
    ),
    phrases=(
        (
            r"\brename\s+(?:the\s+)?(?:(?:function|class|method|variable|constant|attribute|module-level name)\s+)?"
            r"[`'\"]?(?P<old>[A-Za-z_][\w.]{0,199})(?:\(\))?[`'\"]?\s+(?:to|as|into|->|→)\s+[`'\"]?(?P<new>[A-Za-z_]\w{0,99})"
        ),
    ),
    takes={
        "type": "object",
        "additionalProperties": False,
        "required": ["old", "new"],
        "properties": {"old": _NAME, "new": _NAME, "leave": {"type": "array", "items": {"type": "string"}}},
    },
    whole=True,
)
