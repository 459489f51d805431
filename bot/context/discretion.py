"""What of a tree no model is shown: files that hold nothing but secrets, and, in changes, credentials inside the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from bot.change.change import FileChange, Hunk
from bot.change.diff import DiffError, parse, render
from bot.change.patch import fold
from bot.credentials import without_secrets

_SECRET: Final = re.compile(
    r"(?:\A|/)(?:\.env(?:[.-].*)?|.*\.env|\.?netrc|_netrc|\.pypirc|\.npmrc|\.pgpass|\.htpasswd|\.git-credentials|\.vault-token"
    r"|\.dockercfg|kubeconfig|credentials(?:\.(?:json|ya?ml|toml|ini))?|service[-_]?account[^/]*\.json|client_secret[^/]*\.json"
    r"|secrets?\.(?:json|ya?ml|toml|ini|env)|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?"
    r"|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|tfstate|tfvars|asc|gpg)(?:\.backup)?)\Z"
    r"|(?:\A|/)\.(?:git|ssh|aws|gnupg|kube|docker|azure|gcloud)(?:/|\Z)"
)


def holds_secrets(path: str) -> bool:
    """Tell by its name whether a file is there to keep secrets, or is git's own; such a file is never shown."""
    return bool(_SECRET.search(fold(path)))


def discreet(files: Iterable[FileChange]) -> Iterator[FileChange]:
    """Yield a change's files as they may be shown: credentials struck out, and nothing of a file that keeps secrets."""
    for file in files:
        if any(map(holds_secrets, {file.path, file.old_path or file.path})):
            yield replace(file, hunks=())
        else:
            yield replace(file, hunks=tuple(_struck(each, file.path) for each in file.hunks))


def diff_without_secrets(text: str) -> str:
    """Return a diff, file by file, as it may be shown; what is no diff is taken for a text."""
    try:
        return render(tuple(discreet(parse(text))))
    except DiffError:
        return without_secrets(text)


def _struck(hunk: Hunk, path: str) -> Hunk:
    text = without_secrets("\n".join(line[1:] for line in hunk.lines), path)
    return replace(hunk, lines=tuple(line[:1] + said for line, said in zip(hunk.lines, text.split("\n"), strict=True)))
