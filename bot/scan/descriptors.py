"""Which calls act on a descriptor that the same file did not open: somebody else's channel, perhaps the judge's."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from bot.scan.rule import Names

_ACTS: Final = frozenset(
    {
        *("os.read", "os.write", "os.pread", "os.pwrite", "os.readv", "os.writev", "os.preadv", "os.pwritev", "os.sendfile"),
        *("os.fdopen", "os.dup", "os.dup2", "os.splice", "os.copy_file_range", "io.FileIO", "socket.fromfd", "socket.fromshare"),
        *("fcntl.fcntl", "fcntl.ioctl", "os.set_inheritable", "os.set_blocking"),
    }
)
_OPENERS: Final = frozenset(
    {
        *("os.open", "os.pipe", "os.pipe2", "os.dup", "os.dup2", "os.memfd_create", "os.eventfd", "os.openpty", "os.forkpty"),
        *("pty.openpty", "pty.fork", "tempfile.mkstemp", "socket.socket", "socket.socketpair", "open", "io.open"),
    }
)
_STANDARD: Final = frozenset({0, 1, 2})


def is_foreign(node: ast.AST, names: Names) -> bool:
    """Say whether a call acts on a descriptor that does not come from a call in the same file that opens one."""
    if not isinstance(node, ast.Call) or not node.args:
        return False
    called, first = names.called(node), node.args[0]
    if called in {"open", "io.open"}:
        return isinstance(first, ast.Constant) and isinstance(first.value, int) and first.value not in _STANDARD
    return called in _ACTS and not _is_own(first, names)


def _is_own(node: ast.expr, names: Names) -> bool:
    match node:
        case ast.Constant(value=number):
            return number in _STANDARD
        case ast.Call(func=ast.Attribute(attr="fileno")):
            return True
        case ast.Call():
            return names.called(node) in _OPENERS
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return ast.unparse(_holder(node)) in set(_opened(names))
        case _:
            return False


def _holder(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node


def _opened(names: Names) -> Iterator[str]:
    """Yield the names, as they are written, that hold what a call opened."""
    for node in ast.walk(names.tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                pass
            case ast.NamedExpr(target=target, value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
                targets = [target]
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                targets = [target]
            case _:
                continue
        if isinstance(value, ast.Call) and (names.called(value) in _OPENERS or _gives_number(value)):
            yield from (ast.unparse(each) for target in targets for each in _parts(target))


def _gives_number(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in {"fileno", "detach"}


def _parts(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
