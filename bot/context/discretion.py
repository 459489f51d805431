"""What of a tree no model is shown: files that hold nothing but secrets, and credentials inside the others.

Struck-out text keeps every line where it was. Code that only speaks of secrets (``token = read()``) stays as it is, so that it
can be quoted and edited; what has the shape or the look of a credential goes, in settings files even without quotes.
"""

from __future__ import annotations

import re
from typing import Final

from bot.change.patch import fold
from bot.logs import STRUCK, strike_shapes
from bot.scan.credentials import credentials

_SECRET: Final = re.compile(
    r"(?:\A|/)(?:\.env(?:[.-].*)?|.*\.env|\.?netrc|_netrc|\.pypirc|\.npmrc|\.pgpass|\.htpasswd|\.git-credentials|\.vault-token"
    r"|\.dockercfg|kubeconfig|credentials(?:\.(?:json|ya?ml|toml|ini))?|service[-_]?account[^/]*\.json|client_secret[^/]*\.json"
    r"|secrets?\.(?:json|ya?ml|toml|ini|env)|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?"
    r"|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|tfstate|tfvars|asc|gpg)(?:\.backup)?)\Z"
    r"|(?:\A|/)\.(?:git|ssh|aws|gnupg|kube|docker|azure|gcloud)(?:/|\Z)"
)
_SETTINGS: Final = re.compile(r"\.(?:cfg|ini|toml|ya?ml|json|properties|conf|txt|in)\Z|(?:\A|/)[^./]+\Z")
_PEM: Final = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]{0,40}-----|\Z)", re.DOTALL)
_BEARER: Final = re.compile(
    r"(?P<head>\b(?:bearer|basic)\s{1,3})(?=[\w.~+/=-]*\d)(?=[\w.~+/=-]*[A-Za-z])[\w.~+/=-]{16,}", re.IGNORECASE
)


def holds_secrets(path: str) -> bool:
    """Tell by its name whether a file is there to keep secrets, or is git's own; such a file is never shown."""
    return bool(_SECRET.search(fold(path)))


def without_secrets(text: str, path: str = "") -> str:
    """Return a file's text with credentials struck out and every line where it was."""
    text = _PEM.sub(lambda found: STRUCK + "\n" * found[0].count("\n"), text)
    bare = bool(path) and bool(_SETTINGS.search(path))
    return "\n".join(_struck(line, bare=bare) if line else line for line in text.split("\n"))


def _struck(line: str, *, bare: bool) -> str:
    for each in credentials(line, bare=bare):
        if each.value:
            line = line.replace(each.value, STRUCK)
    return _BEARER.sub(rf"\g<head>{STRUCK}", strike_shapes(line))
