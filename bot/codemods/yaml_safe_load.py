"""Load YAML as data, never as objects."""

from __future__ import annotations

import libcst as cst

from bot.codemod import Codemod, example, unchanged
from bot.syntax.concrete import by_tree

_LOADERS = frozenset({"Loader", "FullLoader", "UnsafeLoader", "SafeLoader"})


class _Loads(cst.CSTTransformer):
    def leave_Call(self, _original: cst.Call, updated: cst.Call) -> cst.Call:  # noqa: N802 - libcst's name for it
        """Rewrite ``yaml.load(x, Loader=…)``."""
        match updated:
            case cst.Call(
                func=cst.Attribute(value=cst.Name(value="yaml"), attr=cst.Name(value="load")) as function,
                args=[cst.Arg(keyword=None, star="") as stream, *loader],
            ) if not loader or _is_loader(loader):
                bare = stream.with_changes(comma=cst.MaybeSentinel.DEFAULT)
                return updated.with_changes(func=function.with_changes(attr=cst.Name("safe_load")), args=[bare])
            case _:
                return updated


def _is_loader(arguments: list[cst.Arg]) -> bool:
    match arguments:
        case [cst.Arg(value=cst.Attribute(value=cst.Name(value="yaml"), attr=cst.Name(value=loader)), keyword=keyword, star="")]:
            return loader in _LOADERS and (keyword is None or keyword.value == "Loader")
        case _:
            return False


CODEMOD = Codemod(
    name="yaml-safe-load",
    does="Reads YAML with yaml.safe_load, which never makes arbitrary objects.",
    transform=by_tree(_Loads, r"\byaml\.load\b"),
    examples=(
        example("import yaml\nx = yaml.load(text)\n", "import yaml\nx = yaml.safe_load(text)\n"),
        example("x = yaml.load(f, Loader=yaml.FullLoader)  # all\n", "x = yaml.safe_load(f)  # all\n"),
        *unchanged("x = yaml.load(f, Loader=MyLoader)\n", "x = ruamel.load(f)\n"),
    ),
    phrases=(r"\bsafe_load\b", r"\byaml\.load\b", r"\bunsafe\s+yaml\b"),
    keeps_behaviour=False,
)
