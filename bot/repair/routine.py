"""What is at hand inside one function: names in scope, donor expressions and constants, words of its docstring."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from bot.repair.evidence import NOTHING_SEEN, Seen
from bot.repair.kinds import Kinds, kinds_of
from bot.repair.source import FunctionNode, SourceFile

BIGGEST_DONOR = 60
"""Characters of an expression that may be used again elsewhere."""


class Routine:
    """One function of a file (or its top level, where ``node`` is None) and what may be used to mend it."""

    def __init__(self, file: SourceFile, node: FunctionNode | None, seen: Seen = NOTHING_SEEN, text: str = "") -> None:
        self.file = file
        self.node = node
        self.seen = seen
        self.text = text
        """The instruction's words: they are read for constants like the docstring's."""

    @cached_property
    def kinds(self) -> Kinds:
        """What is known of the names' kinds."""
        return kinds_of(self.node, self.seen.kinds)

    @cached_property
    def body(self) -> ast.AST:
        """The function, or the module."""
        return self.node or self.file.tree

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters, without ``self``."""
        if self.node is None:
            return ()
        arguments = self.node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [each for each in (arguments.vararg, arguments.kwarg) if each]
        return tuple(each.arg for each in every if each.arg not in {"self", "cls"})

    @cached_property
    def first_bound(self) -> dict[str, int]:
        """Local names, with the line where each is first bound; comprehension and lambda variables are not among them."""
        found = dict.fromkeys(self.parameters, 0)
        for node in self._local():
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and not self._in_comprehension(node):
                found[node.id] = min(found.get(node.id, node.lineno), node.lineno)
            elif isinstance(node, ast.FunctionDef) and node is not self.node:
                found.setdefault(node.name, node.lineno)
        return found

    def _local(self) -> Iterator[ast.AST]:
        return ast.walk(self.body)

    def _in_comprehension(self, node: ast.AST) -> bool:
        up = self.file.parents.get(node)
        while isinstance(up, ast.expr):
            up = self.file.parents.get(up)
        return isinstance(up, ast.comprehension)

    def inner_names(self, node: ast.AST) -> tuple[str, ...]:
        """Return the variables of comprehensions and lambdas around ``node``."""
        found: list[str] = []
        at = self.file.parents.get(node)
        while at is not None and not isinstance(at, ast.stmt):
            for generator in getattr(at, "generators", ()):
                found += [each.id for each in ast.walk(generator.target) if isinstance(each, ast.Name)]
            if isinstance(at, ast.Lambda):
                found += [each.arg for each in at.args.args]
            at = self.file.parents.get(at)
        return tuple(dict.fromkeys(found))

    def visible(self, node: ast.AST, line: int) -> dict[str, float]:
        """Return the variables that can be used at ``node``, with how natural each is there (0 to 1)."""
        found = dict.fromkeys(self.inner_names(node), 1.0)
        looped = self._loop_lines(node)
        for name, bound in self.first_bound.items():
            late = bound > line or (bound == line and name not in looped)
            found.setdefault(name, 0.3 if late and not looped else 0.6 if late else 1.0)
        for name in self.constants:
            found.setdefault(name, 0.35)
        if self.node is not None:
            found.pop(self.node.name, None)
        found.pop("_", None)
        return found

    def _loop_lines(self, node: ast.AST) -> frozenset[str]:
        """Names bound by the loops around ``node``."""
        found: set[str] = set()
        at: ast.AST | None = node
        while at is not None and at is not self.node:
            if isinstance(at, ast.For | ast.While):
                found |= {each.id for each in ast.walk(at) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
            at = self.file.parents.get(at)
        return frozenset(found)

    @cached_property
    def constants(self) -> tuple[str, ...]:
        """Variables of the module."""
        names = [
            target.id
            for node in self.file.tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and not target.id.startswith("__")
        ]
        return tuple(dict.fromkeys(names)) if self.node is not None else ()

    @cached_property
    def functions(self) -> dict[str, int]:
        """Functions of the module and inside this one, with how many arguments each needs."""
        nodes = [*self.file.tree.body, *(ast.walk(self.node) if self.node else ())]
        return {
            node.name: len(node.args.posonlyargs) + len(node.args.args) - len(node.args.defaults)
            for node in nodes
            if isinstance(node, FunctionNode)
        }

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """Attributes of ``self`` that the class around this function uses, methods not among them."""
        owner = self.owner
        if owner is None:
            return ()
        methods = {node.name for node in owner.body if isinstance(node, FunctionNode)}
        used = [
            node.attr
            for node in ast.walk(owner)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
        ]
        return tuple(dict.fromkeys(name for name in used if name not in methods))

    @cached_property
    def owner(self) -> ast.ClassDef | None:
        """The class this function is a method of."""
        up = self.file.parents.get(self.node) if self.node else None
        return up if isinstance(up, ast.ClassDef) else None

    @cached_property
    def docstring(self) -> str:
        """What the function says of itself."""
        return (ast.get_docstring(self.node) or "") if self.node else ""

    @cached_property
    def words(self) -> str:
        """Docstring and instruction together."""
        return f"{self.docstring}\n{self.text}"

    @cached_property
    def numbers(self) -> tuple[int | float, ...]:
        """Numbers that this function uses or that its prose names."""
        used = [
            node.value
            for node in ast.walk(self.body)
            if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
        ]
        prose = "\n".join(line for line in self.words.splitlines() if not _EXAMPLE.search(line))
        named = [
            float(text) if "." in text else int(text) for text in re.findall(r"(?<![\w.])\d{1,6}(?:\.\d{1,4})?(?![\w.]\w)", prose)
        ]
        return tuple(dict.fromkeys([*used, *named]))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Strings that this function uses or that its prose quotes."""
        used = [
            node.value
            for node in ast.walk(self.body)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) <= BIGGEST_DONOR
        ]
        quoted = [
            text
            for pair in re.findall(r"'([^'\n]{0,40})'|\"([^\"\n]{0,40})\"|`([^`\n]{1,40})`", self.words)
            for text in pair
            if text
        ]
        return tuple(text for text in dict.fromkeys([*used, *quoted, *self.seen.letters]) if "\n" not in text)

    @cached_property
    def conditions(self) -> tuple[ast.expr, ...]:
        """Conditions that stand in this function, and their conjuncts and disjuncts."""
        found: dict[str, ast.expr] = {}
        for node in ast.walk(self.body):
            for test in _tests(node):
                if test not in self.file.in_format:
                    found.setdefault(self.file.segment(test), test)
        return tuple(node for text, node in found.items() if len(text) <= BIGGEST_DONOR)

    @cached_property
    def expressions(self) -> tuple[ast.expr, ...]:
        """Expressions bigger than a name that stand in this function, in order."""
        found: dict[str, ast.expr] = {}
        for node in ast.walk(self.body):
            if not isinstance(node, ast.expr) or isinstance(
                node, ast.Name | ast.Constant | ast.Starred | ast.Slice | ast.Compare
            ):
                continue
            if isinstance(getattr(node, "ctx", None), ast.Store) or node in self.file.in_format:
                continue
            text = self.file.segment(node)
            if len(text) <= BIGGEST_DONOR and "\n" not in text:
                found.setdefault(text, node)
        return tuple(found.values())

    @cached_property
    def statements(self) -> tuple[ast.stmt, ...]:
        """Simple one-line statements of this function, without its docstring."""
        found: dict[str, ast.stmt] = {}
        for node in ast.walk(self.body):
            if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Return | ast.Break | ast.Continue | ast.Raise):
                text = self.file.segment(node)
                if "\n" not in text and len(text) <= 2 * BIGGEST_DONOR and not _is_text(node):
                    found.setdefault(text, node)
        return tuple(found.values())

    @cached_property
    def uses(self) -> Mapping[str, int]:
        """How often each name is read."""
        counted: dict[str, int] = {}
        for node in ast.walk(self.body):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                counted[node.id] = counted.get(node.id, 0) + 1
        return counted


_EXAMPLE = re.compile(r">>>|=>|->|==|➞|\w\(.*\)")


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _tests(node: ast.AST) -> list[ast.expr]:
    """Return the conditions that a node names or is, a comparison being one itself."""
    if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
        return [node.test]
    if isinstance(node, ast.comprehension):
        return node.ifs
    if isinstance(node, ast.BoolOp):
        return node.values
    return [node] if isinstance(node, ast.Compare) else []


def names_in(node: ast.AST) -> frozenset[str]:
    """Return the names a piece of code reads, built-ins left out."""
    return frozenset(
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load) and not hasattr(builtins, each.id)
    )
