"""Edits applied to texts in memory, shown as a diff, and the rules on which paths they may touch.

Path rules fail closed: a path is compared by the exact name for *allowed* and, for *protected*, after Unicode and case
folding, because file systems that fold (NTFS, APFS, HFS+) would open the protected file under the other name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping

from bot.change.change import Edit, Edits
from bot.change.diff import compare, render
from bot.change.paths import why_not, why_protected
from bot.config import Config
from bot.errors import InputError
from bot.language import Language
from bot.run import Verb

MOST_PATH = 1_024
MOST_NAME = 255
"""Bytes of one path component; the limit of ext4, APFS and NTFS."""
MOST_CONTENT = 2 * 1024 * 1024

_GIT_ALIAS = re.compile(r"\.?git(?:~\d+|modules|attributes)?[. ]*(?::.*)?")
_ESCAPED_BY_WINDOWS = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


def path_problem(path: str) -> str:
    """Return in one phrase why a path may not be used at all, whoever asks; '' where it may."""
    if not path or len(path) > MOST_PATH:
        return f"it is empty or longer than {MOST_PATH} characters"
    if path.startswith(("/", "~")) or "\\" in path or re.match(r"[A-Za-z]:", path):
        return "it is not relative to the repository with forward slashes"
    if any(unicodedata.category(char).startswith("C") for char in path):
        return "it holds control, invisible or unassigned characters"
    return next(filter(None, (_part_problem(part) for part in path.split("/"))), "")


def _part_problem(part: str) -> str:
    folded = fold(part)
    if part in {"", ".", ".."} or folded.strip(". ") == "":
        return "it has an empty, '.' or '..' component"
    if len(part.encode()) > MOST_NAME:
        return f"a component is longer than {MOST_NAME} bytes"
    if part != part.rstrip(". "):
        return "a component ends in a dot or a space"
    if _GIT_ALIAS.fullmatch(folded) and (folded.startswith(".") or "~" in folded):
        return "it reaches into git's own files"
    if ":" in part or _ESCAPED_BY_WINDOWS.fullmatch(folded):
        return "a component means a device or a stream on some systems"
    return ""


def fold(path: str) -> str:
    """Return the name under which a folding file system may know the path."""
    visible = "".join(char for char in path if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())


def refusal(
    path: str, config: Config, verb: Verb, language: Language | None = None, is_link: Callable[[str], bool] = lambda _: False
) -> str:
    """Return in one sentence why an instruction with this verb may not touch ``path``; '' where it may.

    ``is_link`` says whether a path of the tree is a symbolic link; every parent is asked too.
    """
    problem = path_problem(path)
    if not problem:
        problem = _link_problem(path, is_link) or _rule_problem(path, config, verb, language)
    return f"{path[:120]!r} may not be edited: {problem}" if problem else ""


def may_edit(
    path: str, config: Config, verb: Verb, language: Language | None = None, is_link: Callable[[str], bool] = lambda _: False
) -> bool:
    """Return whether an instruction with this verb may touch ``path``; :func:`refusal` says why not."""
    return not refusal(path, config, verb, language, is_link)


def _link_problem(path: str, is_link: Callable[[str], bool]) -> str:
    parts = path.split("/")
    links = (each for each in ("/".join(parts[: n + 1]) for n in range(len(parts))) if is_link(each))
    link = next(links, None)
    return f"{link} is a symbolic link" if link is not None else ""


def _rule_problem(path: str, config: Config, verb: Verb, language: Language | None) -> str:
    upgrade = verb is Verb.UPGRADE
    why = why_not(path, config.paths.allowed, config.paths.protected, upgrade=upgrade)
    why = why or why_protected(fold(path), config.paths.protected, upgrade=upgrade)
    if why or language is None:
        return why
    manifest = language.is_manifest(path)
    if manifest and not upgrade:
        return "manifests and lock files change only by an upgrade"
    return "it could switch tests off" if language.is_test_setting(path) and not manifest else ""


def apply(files: Mapping[str, str], edits: Edits) -> dict[str, str]:
    """Return the files with the edits made.

    Raises:
        InputError: a path that may never be used, twice the same one (folded, too), a deletion of nothing, a file where
            a folder is, or content that is no text or larger than 2 MiB.
    """
    for edit in edits.edits:
        problem = path_problem(edit.path) or _content_problem(edit, files)
        if problem:
            msg = f"the edit of {edit.path[:120]!r} cannot be applied: {problem}"
            raise InputError(msg)
    result = {path: text for path, text in files.items() if path not in {each.path for each in edits.edits}}
    _check_clashes([each.path for each in edits.edits], [each.path for each in edits.edits if each.content is not None], result)
    return {**result, **{each.path: each.content for each in edits.edits if each.content is not None}}


def _content_problem(edit: Edit, files: Mapping[str, str]) -> str:
    if edit.content is None:
        return "" if edit.path in files else "there is no such file to delete"
    if "\0" in edit.content or any("\ud800" <= char <= "\udfff" for char in edit.content):
        return "its content is not text"
    return "its content is larger than 2 MiB" if len(edit.content) > MOST_CONTENT else ""


def _check_clashes(touched: Collection[str], written: Collection[str], kept: Mapping[str, str]) -> None:
    if len({fold(path) for path in touched}) < len(touched):
        raise InputError("two edits name the same file: give one edit per file, with its final text")
    names = {fold(path): path for path in kept}
    folders = {fold(path.rsplit("/", n)[0]) for path in (*kept, *written) for n in range(1, path.count("/") + 1)}
    for path in written:
        parents = [fold(path.rsplit("/", n)[0]) for n in range(1, path.count("/") + 1)]
        if fold(path) in names or fold(path) in folders or any(parent in names for parent in parents):
            msg = f"the edit of {path[:120]!r} cannot be applied: another file or folder has that name already, up to case"
            raise InputError(msg)


def unified(files: Mapping[str, str], edits: Edits) -> str:
    """Return the edits as git prints a diff against ``files``, in the order of their paths; '' where nothing differs."""
    changed = [each for each in sorted(edits.edits, key=lambda edit: edit.path) if files.get(each.path) != each.content]
    return render(tuple(compare(each.path, files.get(each.path), each.content) for each in changed))
