"""Whole test functions that a stranger wrote, a model for one: vetted as data, tied to the repository, or dropped with a reason.

What passes becomes a draft like any other and is weighed by the same oracle. Comments and docstrings do not survive: the tests
are shown to people and to whoever writes the change.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.errors import InputError
from bot.spec.conduct import CLOSED, MODULES, bound_names, objection_to_test, root_of
from bot.spec.definitions import Definition, Index
from bot.spec.draft import Claim, Draft, Kind, Unusable
from bot.spec.names import Explicit, Resolver
from bot.spec.spec import Candidate, Source
from bot.spec.vetting import leads_elsewhere, parse_example

MOST_TESTS = 12
LEAST_QUOTE = 6
"""Characters; fewer rest on nothing."""

_NAME = re.compile(r"test_[A-Za-z0-9_]{1,80}")


@dataclass(frozen=True)
class Written:
    """One test as it was written."""

    name: str
    imports: tuple[str, ...]
    source: str
    quote: str
    """The words of the instruction that it rests on."""


@dataclass(frozen=True)
class Contribution:
    """What somebody adds to the candidates that were read from words and code."""

    drafts: tuple[Draft, ...] = ()
    unusable: tuple[Unusable, ...] = ()
    author: str = ""
    """Who wrote them, ``provider:model``."""
    why_not: str = ""
    """Why there are none, where nobody could be asked."""


@dataclass(frozen=True)
class _Import:
    """One name that an import statement binds."""

    bound: str
    statement: str
    rules: str = ""
    """The module whose rules hold for the name; '' for the project's own and for single names."""
    explicit: Explicit | None = None
    missing: tuple[str, str] | None = None
    """(module, name) where it does not exist yet."""


@dataclass(frozen=True)
class Setting:
    """What tests of strangers are held against."""

    index: Index
    text: str
    """The instruction, as a reader sees it."""
    fixtures: Collection[str] = frozenset()
    """Those that the project's own ``conftest.py`` files define."""
    may_be_missing: bool = True
    """Whether a test may call what is still to be written."""


@dataclass
class _Kept:
    """What the tests taken so far have settled."""

    names: set[str]
    bound: dict[str, str]
    """Name -> the import statement that binds it in the file."""
    facts: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Call -> (what it should give, which test says so)."""
    disputed: dict[str, str] = field(default_factory=dict)
    """Test of the same author -> how a later one contradicts it."""


def draft_written(setting: Setting, written: Sequence[Written], before: Sequence[Draft] = ()) -> tuple[Draft | Unusable, ...]:
    """Return each test as a draft, or why it cannot be one; none may contradict ``before``, the drafts of the wish."""
    kept = _Kept({each.candidate.name for each in before}, _imports_of(before))
    for each in before:
        if each.claim.kind is Kind.EQUALS and each.claim.expected is not None and not each.claim.setup:
            kept.facts[_plain(each.claim.expression)] = (_value(each.claim.expected), each.candidate.name)
    found = [_draft(setting, each, kept) for each in written[:MOST_TESTS]]
    found = [_undisputed(each, kept.disputed) for each in found]
    found += [_dropped(each, f"more than {MOST_TESTS} tests were written") for each in written[MOST_TESTS:]]
    return tuple(found)


def _dropped(test: Written, reason: str) -> Unusable:
    return Unusable(test.name if _NAME.fullmatch(test.name) else "a test without a proper name", reason, Source.MODEL)


def _undisputed(found: Draft | Unusable, disputed: Mapping[str, str]) -> Draft | Unusable:
    name = found.candidate.name if isinstance(found, Draft) else ""
    return Unusable(name, disputed[name], Source.MODEL) if name in disputed else found


def _draft(setting: Setting, test: Written, kept: _Kept) -> Draft | Unusable:
    try:
        function, imports = _read(test, setting)
        return _bind(setting, test, function, imports, kept)
    except InputError as error:
        return _dropped(test, str(error))


def _read(test: Written, setting: Setting) -> tuple[ast.FunctionDef, tuple[_Import, ...]]:
    """Return the bare function and what its imports bind, in the order of the statements; raises InputError with the reason."""
    tree = parse_example(test.source)
    above = parse_example("\n".join(test.imports))
    if tree is None or above is None:
        raise InputError("it is no Python, or too long")
    statements = [*above.body, *(each for each in tree.body if isinstance(each, ast.Import | ast.ImportFrom))]
    rest = [each for each in tree.body if not isinstance(each, ast.Import | ast.ImportFrom)]
    if len(rest) != 1 or not isinstance(rest[0], ast.FunctionDef):
        raise InputError("it is not exactly one plain function")
    function = rest[0]
    if not _NAME.fullmatch(function.name) or _NAME.fullmatch(test.name) is None:
        raise InputError("its name is not of the form `test_…`")
    statements += [each for each in function.body if isinstance(each, ast.Import | ast.ImportFrom)]
    _strip(function)
    imports = {each.statement: each for statement in statements for each in _imports(statement, setting)}
    if reason := objection_to_test(function, {each.bound: each.rules for each in imports.values()}, setting.fixtures):
        raise InputError(reason)
    return function, tuple(imports.values())


def _strip(function: ast.FunctionDef) -> None:
    """Take the imports, the docstrings and every annotation out: an annotation is code to whoever asks for type hints."""
    body = [each for each in function.body if not isinstance(each, ast.Import | ast.ImportFrom)]
    function.body = body or [ast.Pass()]
    for each in ast.walk(function):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            each.returns = None
        elif isinstance(each, ast.arg):
            each.annotation = None
        elif isinstance(each, ast.AnnAssign):
            each.annotation = ast.Name("object", ast.Load())  # a field of a class stays one
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(each, clean=False):
            each.body = each.body[1:] or [ast.Pass()]


def _imports(statement: ast.stmt, setting: Setting) -> Iterator[_Import]:
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            yield _module(alias, setting)
    elif isinstance(statement, ast.ImportFrom) and not statement.level and statement.module:
        for alias in statement.names:
            yield _member(statement.module, alias, setting)
    elif isinstance(statement, ast.ImportFrom):
        raise InputError("it imports relatively: name the whole module")
    else:
        raise InputError(f"`{ast.unparse(statement)[:40]}` is no import")


def _module(alias: ast.alias, setting: Setting) -> _Import:
    renamed = f" as {alias.asname}" if alias.asname else ""
    statement = f"import {alias.name}{renamed}"
    if alias.name in setting.index.modules:
        explicit = Explicit(statement, module=alias.name) if alias.asname else None
        return _Import(alias.asname or alias.name.partition(".")[0], statement, explicit=explicit)
    _check_module(alias.name)
    if "." in alias.name and not alias.asname and MODULES[alias.name] is not None:
        raise InputError(f"it imports `{alias.name}` whole: write `from {alias.name} import …`")
    return _Import(alias.asname or alias.name.partition(".")[0], statement, rules=alias.name)


def _check_module(name: str) -> None:
    if name not in MODULES:
        raise InputError(
            f"it imports `{name}`, which a test may not: only the project's modules, pytest and harmless ones of Python"
        )


def _member(module: str, alias: ast.alias, setting: Setting) -> _Import:
    index = setting.index
    renamed = f" as {alias.asname}" if alias.asname else ""
    statement = f"from {module} import {alias.name}{renamed}"
    bound = alias.asname or alias.name
    if alias.name == "*":
        raise InputError("it imports everything of a module")
    if f"{module}.{alias.name}" in index.modules:
        return _Import(bound, statement, explicit=Explicit(statement, module=f"{module}.{alias.name}"))
    if module in index.modules and alias.name in index.modules[module].bound:
        if index.is_foreign(module, alias.name):
            raise InputError(f"it takes `{alias.name}` from `{module}`, which only imports it")
        return _Import(bound, statement, explicit=Explicit(statement, original=alias.name))
    if module in index.modules or _is_announced(module, setting):
        if not setting.may_be_missing or not alias.name.isidentifier() or alias.name.startswith("_"):
            raise InputError(f"module `{module}` defines no `{alias.name}`")
        return _Import(bound, statement, missing=(module, alias.name))
    _check_member(module, alias.name)
    return _Import(bound, statement)


def _check_member(module: str, name: str) -> None:
    _check_module(module)
    allowed = MODULES[module]
    if name.startswith("_") or name in CLOSED or (allowed is not None and name not in allowed):
        raise InputError(f"it uses `{module}.{name}`, which a test may not")
    chain = ast.Attribute(ast.Name(module, ast.Load()), name, ast.Load())
    if beyond := leads_elsewhere(chain, {module: module}):
        raise InputError(f"it takes another module out of `{module}` (`{beyond}`), which a test may not")


def _is_announced(module: str, setting: Setting) -> bool:
    """Tell whether the instruction names a module that is still to be written, by its file or its dotted name."""
    path = setting.index.path_of(module)
    if path is None or module in MODULES:
        return False
    names = "|".join(map(re.escape, {path, path.rpartition("/")[2], *([module] if "." in module else [])}))
    return bool(re.search(rf"(?<![\w.]){names}(?!\w)", setting.text))


def _bind(setting: Setting, test: Written, function: ast.FunctionDef, imports: Sequence[_Import], kept: _Kept) -> Draft:
    """Return the draft of a vetted function; raises InputError where it is tied to nothing, or contradicts an earlier one."""
    _check_quote(test.quote, setting.text)
    used = {each.id for each in ast.walk(function) if isinstance(each, ast.Name)} - bound_names(function)
    needed = [each for each in imports if each.bound in used]
    resolver = Resolver(setting.index, setting.text, explicit={each.bound: each.explicit for each in needed if each.explicit})
    call = next((each for each in ast.walk(function) if isinstance(each, ast.Call)), None)
    if call is None:
        raise InputError("it calls nothing")
    claim = Claim(Kind.RUNS, call, None, None, tuple(function.body), " ".join(test.quote.split())[:200], Source.MODEL)
    targets, absent = _members(function, needed, setting.index)
    targets = tuple(dict.fromkeys((*targets, *_called(resolver, claim))))
    missing = (*(each.missing for each in needed if each.missing), *(absent if setting.may_be_missing else ()))
    if not targets and not missing:
        raise InputError("it calls nothing that the repository defines")
    facts = dict(_facts(function))
    _check_facts(facts, kept)
    name = _free(function.name, kept.names)
    candidate = _candidate(name, function, needed, claim.quote, kept)
    kept.facts |= {call: (value, name) for call, value in facts.items()}
    ordered = tuple(sorted(targets, key=lambda each: each.is_class))
    return Draft(candidate, ordered, claim, missing)


def _called(resolver: Resolver, claim: Claim) -> tuple[Definition, ...]:
    try:
        return tuple(resolver.targets(claim))
    except LookupError as error:
        raise InputError(str(error.args[0])) from error


def _check_quote(quote: str, text: str) -> None:
    words = " ".join(quote.split()).strip("\"'“”")
    folded = " ".join(text.split())
    if len(words) < min(LEAST_QUOTE, len(folded)):
        raise InputError("it quotes no words of the instruction that it rests on")
    if words not in folded:
        raise InputError(f"it rests on words that are not in the instruction ({words[:60]!r})")


def _members(
    function: ast.FunctionDef, imports: Sequence[_Import], index: Index
) -> tuple[tuple[Definition, ...], tuple[tuple[str, str], ...]]:
    """Return the methods called on instances whose class is plain to see, and the members that those classes do not have."""
    called = {each.func for each in ast.walk(function) if isinstance(each, ast.Call)}
    targets: dict[Definition, None] = {}
    absent: dict[tuple[str, str], None] = {}
    for each, owner in _taken(function, imports, index):
        member = index.find(owner.module, f"{owner.qualname}.{each.attr}")
        if member is not None:
            targets[member] = None
        elif index.lacks(owner, each.attr):
            absent[owner.module, f"{owner.qualname}.{each.attr}{'()' if each in called else ''}"] = None
    return tuple(targets), tuple(absent)


def _taken(function: ast.FunctionDef, imports: Sequence[_Import], index: Index) -> Iterator[tuple[ast.Attribute, Definition]]:
    """Yield every attribute that is read of an instance whose class is plain to see, with that class."""
    classes = {each.bound: found for each in imports if (found := _class_of(each, index))}
    made = _made(function, classes)
    for each in ast.walk(function):
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Load):
            value = each.value
            owner = made.get(value.id) if isinstance(value, ast.Name) else classes.get(_constructs(value, classes))
            if owner is not None:
                yield each, owner


def _made(function: ast.FunctionDef, classes: Mapping[str, Definition]) -> dict[str, Definition]:
    """Return the variables that hold an instance of one of the classes."""
    return {
        target.id: classes[root]
        for each in ast.walk(function)
        if isinstance(each, ast.Assign) and (root := _constructs(each.value, classes))
        for target in each.targets
        if isinstance(target, ast.Name)
    }


def _class_of(each: _Import, index: Index) -> Definition | None:
    if each.explicit is None or not each.explicit.original:
        return None
    found = [one for one in index.top_level(each.explicit.original) if one.is_class]
    at_home = [one for one in found if f"from {one.module} " in each.statement]
    return (at_home or found)[0] if len(at_home or found) == 1 else None


def _constructs(node: ast.expr, classes: Mapping[str, Definition]) -> str:
    """Return the name of the class that an expression makes an instance of; '' where it is none of these."""
    name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
    return name if name in classes else ""


def _facts(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Yield (call, value) of each plain ``assert call == value`` that hangs on no variable."""
    local = bound_names(function)
    for each in function.body:
        test = each.test if isinstance(each, ast.Assert) else None
        if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
            continue
        call, value = test.left, test.comparators[0]
        names = {one.id for one in (*ast.walk(call), *ast.walk(value)) if isinstance(one, ast.Name)}
        if isinstance(call, ast.Call) and not names & local:
            yield _plain(call), _value(value)


def _plain(call: ast.expr) -> str:
    """Return a call's text without the modules in front of its function."""
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and root_of(call.func).islower():
        return ast.unparse(ast.Call(ast.Name(call.func.attr, ast.Load()), call.args, call.keywords))
    return ast.unparse(call)


def _value(node: ast.expr) -> str:
    """Return an expected value's text, ``pytest.approx`` taken off."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in {"pytest.approx", "approx"} and node.args:
        return ast.unparse(node.args[0])
    return ast.unparse(node)


def _check_facts(facts: Mapping[str, str], kept: _Kept) -> None:
    for call, value in facts.items():
        known, who = kept.facts.get(call, (value, ""))
        if known != value:
            reason = f"it contradicts {who}: `{call[:60]}` gives `{known[:40]}` there and `{value[:40]}` here"
            kept.disputed[who] = f"another test of its author contradicts it: `{call[:60]}` gives `{value[:40]}` there"
            raise InputError(reason)


def _free(name: str, taken: set[str]) -> str:
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free)
    return free


def _candidate(name: str, function: ast.FunctionDef, imports: Sequence[_Import], quote: str, kept: _Kept) -> Candidate:
    """Return the candidate; an import of what is not there yet, or of a name that stands for something else, goes inside."""
    taken = [each for each in imports if kept.bound.setdefault(each.bound, each.statement) != each.statement]
    inside = [each.statement for each in imports if each.missing or each in taken]
    above = tuple(sorted({each.statement for each in imports} - set(inside)))
    function.name = name
    head, _, body = ast.unparse(ast.fix_missing_locations(function)).partition("\n")
    lines = [head, *(f"    {each}" for each in inside), body]
    return Candidate(name, "\n".join(lines) + "\n", above, Source.MODEL, quote)


def _imports_of(drafts: Sequence[Draft]) -> dict[str, str]:
    """Return the names that the imports of drafts bind."""
    statements = [ast.parse(line).body[0] for each in drafts for line in each.candidate.imports]
    found: dict[str, str] = {}
    for statement in statements:
        for alias in statement.names if isinstance(statement, ast.Import | ast.ImportFrom) else ():
            found[alias.asname or alias.name.partition(".")[0]] = ast.unparse(statement)
    return found
