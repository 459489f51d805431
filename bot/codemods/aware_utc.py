"""Leave the deprecated ``utcnow`` without changing what comes out."""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from bot.codemod import Codemod, example, unchanged
from bot.syntax.concrete import by_tree
from bot.syntax.names import bound

_NEW = {"utcnow": "now", "utcfromtimestamp": "fromtimestamp"}


class _Naive(cst.CSTTransformer):
    """Rewrites calls on ``datetime`` where an import makes certain what that is."""

    def __init__(self) -> None:
        super().__init__()
        self.by_class = False
        """``datetime`` is the class, and ``timezone`` free or the right one."""
        self.has_zone = False
        self.modules: set[str] = set()
        """Names of the module ``datetime``."""
        self.used = False

    def visit_Module(self, node: cst.Module) -> None:  # noqa: N802 - libcst's name for it
        for each in m.findall(node, m.ImportFrom(module=m.Name("datetime"), relative=[])):
            names = {alias.evaluated_name for alias in _aliases(each) if alias.asname is None}
            self.by_class |= "datetime" in names
            self.has_zone |= "timezone" in names
        for each in m.findall(node, m.Import()):
            self.modules |= {a.evaluated_alias or "datetime" for a in _aliases(each) if a.evaluated_name == "datetime"}
        self.by_class &= self.has_zone or "timezone" not in bound(node.body)
        if self.by_class and "datetime" in self.modules:
            self.by_class, self.modules = False, set()

    def leave_Call(self, _original: cst.Call, updated: cst.Call) -> cst.Call:  # noqa: N802
        match updated:
            case cst.Call(func=cst.Attribute(value=receiver, attr=cst.Name(value="utcnow" as name)), args=[]):
                zone = self._zone(receiver)
            case cst.Call(
                func=cst.Attribute(value=receiver, attr=cst.Name(value="utcfromtimestamp" as name)),
                args=[cst.Arg(keyword=None, star="")],
            ):
                zone = self._zone(receiver)
            case _:
                return updated
        if zone is None:
            return updated
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        arguments = [*(each.with_changes(comma=comma) for each in updated.args), cst.Arg(zone)]
        aware = updated.with_changes(func=cst.Attribute(receiver, cst.Name(_NEW[name])), args=arguments)
        tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
        return cst.Call(cst.Attribute(aware, cst.Name("replace")), [cst.Arg(cst.Name("None"), cst.Name("tzinfo"), equal=tight)])

    def _zone(self, receiver: cst.BaseExpression) -> cst.BaseExpression | None:
        match receiver:
            case cst.Name(value="datetime") if self.by_class:
                self.used = True
                return cst.parse_expression("timezone.utc")
            case cst.Attribute(value=cst.Name(value=module), attr=cst.Name(value="datetime")) if module in self.modules:
                self.used = True
                return cst.parse_expression(f"{module}.timezone.utc")
            case _:
                return None

    def leave_ImportFrom(self, _original: cst.ImportFrom, updated: cst.ImportFrom) -> cst.ImportFrom:  # noqa: N802
        aliases = _aliases(updated)
        wanted = self.by_class and not self.has_zone and m.matches(updated, m.ImportFrom(module=m.Name("datetime"), relative=[]))
        if not wanted or not any(each.evaluated_name == "datetime" for each in aliases):
            return updated
        self.has_zone = True
        *earlier, last = aliases
        spaced = last.with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
        return updated.with_changes(names=[*earlier, spaced, cst.ImportAlias(cst.Name("timezone"), comma=last.comma)])

    def leave_Module(self, original: cst.Module, updated: cst.Module) -> cst.Module:  # noqa: N802
        """Take everything back where only the import would change."""
        return updated if self.used else original


def _aliases(node: cst.CSTNode) -> list[cst.ImportAlias]:
    names = node.names if isinstance(node, cst.Import | cst.ImportFrom) else ()
    return [] if isinstance(names, cst.ImportStar) else list(names)


CODEMOD = Codemod(
    name="aware-utc",
    does="Replaces the deprecated utcnow() and utcfromtimestamp() by calls that give the same value.",
    transform=by_tree(_Naive, "utcnow|utcfromtimestamp"),
    examples=(
        example(
            "from datetime import datetime\n\nx = datetime.utcnow()\n",
            "from datetime import datetime, timezone\n\nx = datetime.now(timezone.utc).replace(tzinfo=None)\n",
        ),
        example(
            "import datetime as dt\n\nx = dt.datetime.utcfromtimestamp(5)\n",
            "import datetime as dt\n\nx = dt.datetime.fromtimestamp(5, dt.timezone.utc).replace(tzinfo=None)\n",
        ),
        *unchanged(
            "from datetime import datetime\nfrom django.utils import timezone\nx = datetime.utcnow()\n",
            "x = clock.utcnow()\n",
        ),
    ),
    phrases=(r"\butcnow\b", r"\butcfromtimestamp\b"),
)
