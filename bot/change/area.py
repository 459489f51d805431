"""What kind of file a path names: source, tests, docs, settings; and whether it touches something sensitive."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final

from bot.change.testing import is_test


class Area(StrEnum):
    """Kinds of file; a source file whose code stays the same counts as cosmetic."""

    DOCS = "docs"
    TESTS = "tests"
    COSMETIC = "cosmetic"
    SOURCE = "body edited"
    SETTINGS = "settings"
    OTHER = "other files"


_DOCS: Final = frozenset({".md", ".rst", ".txt", ".adoc"})
_SOURCE: Final = frozenset(
    {".py", ".pyi", ".pyx", ".c", ".h", ".js", ".ts", ".tsx", ".jsx", ".go", ".rs", ".java", ".sh", ".sql", ".html"}
)
_SETTINGS: Final = frozenset({".toml", ".cfg", ".ini", ".yml", ".yaml", ".json", ".in", ".lock"})
_DOC_NAMES: Final = frozenset({"LICENSE", "LICENCE", "NOTICE", "AUTHORS", "CHANGELOG", "CHANGES", "README", "CONTRIBUTING"})

MANIFESTS: Final = re.compile(
    r"(pyproject\.toml|setup\.(py|cfg)|([^/]*[-_])?(requirements|constraints)[^/]*\.(txt|in)|Pipfile|environment\.ya?ml"
    r"|package\.json|Cargo\.toml|go\.mod|Gemfile)\Z"
)
"""Names of files in which people write down what a project depends on."""
LOCKS: Final = re.compile(
    r"(poetry\.lock|uv\.lock|pdm\.lock|Pipfile\.lock|pylock[^/]*\.toml|conda-lock\.yml|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock"
    r"|pnpm-lock\.yaml|Cargo\.lock|go\.sum|Gemfile\.lock)\Z"
)
"""Names of files in which a tool writes down what exactly was resolved."""
_REQUIREMENTS: Final = re.compile(r"(\A|/)\.?requirements/[^/]+\.(txt|in)\Z")

_TOPICS: Final = (
    (
        "authentication",
        r"auth|authn|authz|authentication|authorization|authorisation|login|oauth2?|passwords?|permissions?|acl|rbac|sso|saml",
    ),
    (
        "cryptography",
        r"crypto|cryptography|encryption|decryption|ciphers?|signing|signatures?|secrets?|certs?|certificates?|tls|ssl",
    ),
    ("payments", r"payments?|billing|checkout|invoices?|invoicing|payroll|refunds?|wallets?"),
    ("migrations", r"migrations?|alembic"),
    (
        "infrastructure",
        r"terraform|ansible|k8s|kubernetes|helm|deploy|deployments?|infrastructure|infra|dockerfile|containerfile",
    ),
    ("policies", r"policies|rego|codeowners"),
)
_WORDS: Final = tuple((topic, re.compile(f"(?:{words})\\Z", re.IGNORECASE)) for topic, words in _TOPICS)
_FILES: Final = (
    (
        "workflows",
        re.compile(
            r"(\A|/)(\.github/(workflows|actions)/.*|\.gitlab-ci\.yml|\.circleci/.*|\.travis\.yml|Jenkinsfile|azure-pipelines\.yml|\.pre-commit-config\.yaml)\Z"
        ),
    ),
    ("policies", re.compile(r"((\A|/)\.github/pawl(\.yml|/.*)|\Apawl\.yml|\.rego)\Z")),
    ("infrastructure", re.compile(r"((\A|/)(docker-)?compose[^/]*\.ya?ml|\.tf|\.tfvars)\Z")),
)


def is_manifest(path: str) -> bool:
    """Tell whether people write the project's dependencies down in this file."""
    return bool(MANIFESTS.match(PurePosixPath(path).name) or _REQUIREMENTS.search(path))


def is_lock(path: str) -> bool:
    """Tell whether a tool writes resolved dependencies down in this file."""
    return bool(LOCKS.match(PurePosixPath(path).name))


def area(path: str) -> Area:
    """Return what kind of file this is."""
    pure = PurePosixPath(path)
    if is_manifest(path) or is_lock(path):
        return Area.SETTINGS
    if is_test(path):
        return Area.TESTS
    if pure.suffix in _SOURCE:
        return Area.SOURCE
    if pure.suffix in _DOCS or pure.stem in _DOC_NAMES:
        return Area.DOCS
    if pure.suffix in _SETTINGS or pure.name.startswith("."):
        return Area.SETTINGS
    return Area.OTHER


def sensitive(path: str) -> str:
    """Return what sensitive thing a path touches, in one word; '' where it touches none. Tests and documentation never do."""
    if is_manifest(path) or is_lock(path):
        return "dependencies"
    for topic, pattern in _FILES:
        if pattern.search(path):
            return topic
    if area(path) in {Area.TESTS, Area.DOCS}:
        return ""
    words = [word for part in PurePosixPath(path).parts for word in re.split(r"[^A-Za-z0-9]+", part)]
    return next((topic for topic, pattern in _WORDS if any(pattern.match(word) for word in words)), "")
