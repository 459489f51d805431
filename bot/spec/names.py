"""Which function of the repository an example means, and how a test imports it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.spec.definitions import Definition, Index, Module, mentioned, mentioned_modules
from bot.spec.draft import Claim, Draft, Unusable, body_of, function_source
from bot.spec.spec import Candidate, Source
from bot.spec.vetting import SAFE_BUILTINS, SAFE_MODULES, free_names, objection


@dataclass(frozen=True)
class Bound:
    """How the names of one example are had."""

    imports: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    """(module, name) that does not exist yet."""
    targets: tuple[Definition, ...] = ()


@dataclass(frozen=True)
class Explicit:
    """A name that the instruction's own import statement binds."""

    statement: str
    module: str = ""
    """The module that the name stands for, where it does."""
    original: str = ""
    """What it is called where it is defined, where it is no module."""


@dataclass
class Resolver:
    """Looks names up for one instruction; numbers the tests it makes."""

    index: Index
    text: str
    may_be_missing: bool = True
    """Whether an example may call a function that is still to be written; one in a docstring never may."""
    explicit: dict[str, Explicit] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def draft(self, claim: Claim, near: str = "") -> Draft | Unusable | None:
        """Return the claim as a test, or why not; None for one that was made before.

        ``near`` is the module whose names come first, for an example in a docstring.
        """
        bound = self._vetted(claim, near)
        if isinstance(bound, Unusable):
            return bound
        lines, needs_pytest = body_of(claim)
        if (written := "\n".join(lines)) in self._seen:
            return None
        self._seen.add(written)
        subject = bound.targets[0].name if bound.targets else bound.missing[0][1]
        name = self._name(subject, claim)
        late = tuple(f"from {module} import {missing}" for module, missing in bound.missing)
        imports = tuple(sorted({*bound.imports, *(["import pytest"] if needs_pytest else [])}))
        candidate = Candidate(name, function_source(name, claim, late), imports, claim.origin, claim.quote)
        return Draft(candidate, bound.targets, claim, bound.missing)

    def _vetted(self, claim: Claim, near: str) -> Bound | Unusable:
        known = {*self.index.by_name, *self.explicit}
        for node in claim.code:
            if reason := objection(node, known):
                return Unusable(claim.quote, reason, claim.origin)
        try:
            bound = self._bind(claim, near)
        except LookupError as error:
            return Unusable(claim.quote, str(error.args[0]), claim.origin)
        if not bound.targets and not bound.missing:
            return Unusable(claim.quote, "it calls nothing that the repository defines", claim.origin)
        return bound

    def _name(self, subject: str, claim: Claim) -> str:
        stem = re.sub(r"\W+", "_", f"test_{subject.strip('_').lower()}_{claim.origin.value.split()[0].lower()}")
        self._numbers[stem] = number = self._numbers.get(stem, 0) + 1
        return f"{stem}_{number}"

    def _bind(self, claim: Claim, near: str) -> Bound:
        imports: dict[str, None] = {}
        missing: dict[tuple[str, str], None] = {}
        for name in free_names(claim.code):
            if name in SAFE_BUILTINS and not self._is_meant(name):
                continue
            line = self._import_of(name, claim, near)
            if isinstance(line, tuple):
                missing[line] = None
            else:
                imports[line] = None
        return Bound(tuple(imports), tuple(missing), tuple(self.targets(claim, near)))

    def _is_meant(self, name: str) -> bool:
        """Tell whether a built-in's name stands for the project's own function."""
        return name in self.explicit or bool(self.index.top_level(name))

    def _import_of(self, name: str, claim: Claim, near: str) -> str | tuple[str, str]:
        if own := self.explicit.get(name):
            return self._checked_alias(own, name, claim)
        if any(module == name or module.startswith(f"{name}.") for module in self.index.modules) and not self.index.top_level(
            name
        ):
            return self._module_import(name, claim)
        if near and name in self.index.modules[near].bound:
            return f"from {near} import {name}"
        if found := self.index.top_level(name):
            return f"from {self._choose(name, found).module} import {name}"
        binders = [each for each in self.index.modules.values() if name in each.bound]
        if len(binders) == 1 or name in SAFE_MODULES:
            return f"from {binders[0].name} import {name}" if len(binders) == 1 else _harmless(name, claim.code)
        return self._unknown(name, claim)

    def _checked_alias(self, own: Explicit, name: str, claim: Claim) -> str:
        for chain in _chains(claim.code, name) if own.module else ():
            if chain[1] not in self.index.modules[own.module].bound:
                raise LookupError(f"module `{own.module}` defines no `{chain[1]}`")
        return own.statement

    def _module_import(self, name: str, claim: Claim) -> str:
        for chain in _chains(claim.code, name):
            for length in range(len(chain), 0, -1):
                module = self.index.modules.get(".".join(chain[:length]))
                if module is None:
                    continue
                if length < len(chain) and chain[length] not in module.bound:
                    raise LookupError(f"module `{module.name}` defines no `{chain[length]}`")
                return f"import {module.name}"
        raise LookupError(f"`{name}` is a package of the repository, but what it calls there was not found")

    def _choose(self, name: str, found: tuple[Definition, ...]) -> Definition:
        if len(found) == 1:
            return found[0]
        modules = {each.name for each in mentioned_modules(self.text, self.index)}
        preferred = [each for each in found if each.module in modules] or [
            each for each in mentioned(self.text, self.index) if each in found and f"{each.module}.{each.qualname}" in self.text
        ]
        if len({each.module for each in preferred}) == 1:
            return preferred[0]
        places = ", ".join(sorted(each.module for each in found))
        raise LookupError(f"`{name}` is defined in several modules ({places}): say which, for example `{found[0].path}`")

    def _unknown(self, name: str, claim: Claim) -> tuple[str, str]:
        methods = [each for each in self.index.by_name.get(name, ()) if each.is_method]
        if methods:
            raise LookupError(f"`{name}` is a method of `{methods[0].qualname.rpartition('.')[0]}`: call it on an instance")
        documented = claim.origin is Source.DOCSTRING
        if documented or not self.may_be_missing or name not in _called(claim.code):
            raise LookupError(f"`{name}` is not defined in the repository")
        module = self._home()
        if module is None:
            raise LookupError(f"`{name}` does not exist yet, and the text does not say in which file it is to be written")
        return module.name, name

    def _home(self) -> Module | None:
        """Return the module in which a function that does not exist yet belongs: the one named, or the only one."""
        named = mentioned_modules(self.text, self.index)
        everywhere = tuple(self.index.modules.values())
        return named[0] if len(named) == 1 else everywhere[0] if len(everywhere) == 1 else None

    def targets(self, claim: Claim, near: str = "") -> Iterator[Definition]:
        """Yield the functions of the repository that the claim's code calls, those that the text names first.

        Raises:
            LookupError: a name is defined in several modules, and the text does not say which is meant.
        """
        code = (each for part in (claim.expression, *claim.setup) for each in ast.walk(part))
        calls = (each for each in code if isinstance(each, ast.Call))
        found = {(one.path, one.qualname): one for each in calls for one in self._called_definitions(each.func, near)}
        named = {(each.path, each.qualname) for each in mentioned(self.text, self.index)}
        functions = [each for each in found.values() if not each.is_class]
        classes = [each for each in found.values() if each.is_class]
        yield from sorted(functions, key=lambda each: (each.path, each.qualname) not in named)
        yield from classes

    def _called_definitions(self, function: ast.expr, near: str) -> Iterable[Definition]:
        chain = _chain(function)
        own = self.explicit.get(chain[0]) if chain else None
        if chain and own:
            chain = (*own.module.split("."), *chain[1:]) if own.module else (own.original, *chain[1:])
        if chain and len(chain) == 1:
            return self._called_by_name(chain[0], own, near)
        return self._called_on(function, chain) if isinstance(function, ast.Attribute) else ()

    def _called_by_name(self, name: str, own: Explicit | None, near: str) -> Iterable[Definition]:
        found = self.index.top_level(name)
        at_home = [each for each in found if each.module == near or (own and f"from {each.module} " in own.statement)]
        return at_home or ([self._choose(name, found)] if found else [])

    def _called_on(self, function: ast.Attribute, chain: tuple[str, ...] | None) -> Iterable[Definition]:
        """Return what is called on a module, a class or an instance; ``chain`` is the dotted name in full, where it is one."""
        if chain and (found_here := self.index.find(".".join(chain[:-1]), chain[-1])):
            return (found_here,)
        if chain and len(chain) == 2 and (of_class := self._method(chain[0], chain[1])):  # noqa: PLR2004 - Class.method
            return (of_class,)
        methods = [each for each in self.index.by_name.get(function.attr, ()) if each.is_method]
        return methods if len(methods) == 1 else [each for each in methods if _owner(each) in _class_names(function)]

    def _method(self, owner: str, name: str) -> Definition | None:
        fitting = [each for each in self.index.by_name.get(name, ()) if each.qualname == f"{owner}.{name}"]
        return fitting[0] if len(fitting) == 1 else None


def _owner(method: Definition) -> str:
    return method.qualname.split(".")[-2]


def _class_names(function: ast.Attribute) -> set[str]:
    return {each.id for each in ast.walk(function.value) if isinstance(each, ast.Name)}


def _called(code: Iterable[ast.AST]) -> set[str]:
    calls = (each for node in code for each in ast.walk(node) if isinstance(each, ast.Call))
    return {each.func.id for each in calls if isinstance(each.func, ast.Name)}


def _chain(node: ast.expr) -> tuple[str, ...] | None:
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute) and (before := _chain(node.value)):
        return (*before, node.attr)
    return None


def _harmless(name: str, code: Sequence[ast.AST]) -> str:
    """Return the import of a harmless module; raises LookupError where the module itself is handed on, who knows where."""
    nodes = [each for node in code for each in ast.walk(node)]
    behind = {each.value for each in nodes if isinstance(each, ast.Attribute)}
    if any(isinstance(each, ast.Name) and each.id == name and each not in behind for each in nodes):
        raise LookupError(f"it hands on the module `{name}`")
    return f"import {name}"


def _chains(code: Iterable[ast.AST], root: str) -> Iterator[tuple[str, ...]]:
    """Yield the dotted names in the code that start with ``root``, longest first."""
    found = [chain for node in code for each in ast.walk(node) if isinstance(each, ast.Attribute) and (chain := _chain(each))]
    yield from sorted((each for each in found if each[0] == root), key=len, reverse=True)
