"""What credentials look like: the fixed shapes that providers give them, and values that are called secret and look like one.

Whatever is shown to a model goes through :func:`without_secrets` first. Struck-out text keeps every line where it was. Code that
only speaks of secrets (``token = read()``) stays as it is, so that it can be quoted and edited; what has the shape or the look of
a credential goes, in settings files and in prose even without quotes.

Shapes are Pawl's own and those of detect-secrets (its detectors only, one line at a time; its checks against the providers'
servers are never called). A secret is never shown: what is told is its kind and a hint of its first letters.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from detect_secrets.plugins.artifactory import ArtifactoryDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import BasePlugin
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector

from bot.logs import STRUCK, strike_shapes

WINDOW: Final = 4_000
"""Longest piece of a line that is looked at in one go, in characters."""
_OVERLAP: Final = 400


@dataclass(frozen=True)
class Credential:
    """Something that looks like a secret."""

    kind: str
    value: str
    """The secret itself: for comparing, never for showing."""
    sure: bool
    """True for a provider's own shape, False where only the name and the look of the value speak."""

    @property
    def hint(self) -> str:
        """What may be shown: the first letters of a long token, nothing of a short password."""
        shown, least = 4, 16
        return f"{self.value[:shown]}… ({len(self.value)} characters)" if self.sure and len(self.value) >= least else "not shown"


@dataclass(frozen=True)
class Shape:
    """A provider's own form of token; examples in pieces, so that they are no findings themselves."""

    kind: str
    pattern: re.Pattern[str]
    example: tuple[str, ...]


def _shape(kind: str, pattern: str, *example: str) -> Shape:
    return Shape(kind, re.compile(pattern), example)


SHAPES: Final = (
    _shape("AWS access key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b", "AKIA", "Q3EGRPR2XKJD7MNU"),
    _shape(
        "GitHub token",
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})\b",
        "ghp_",
        "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    ),
    _shape("private key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----", "-----BEGIN RSA ", "PRIVATE KEY-----"),
    _shape("Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,250}", "xoxb", "-1234567890-abcdefGHIJ"),
    _shape(
        "Slack webhook",
        r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_+-]{20,}",
        "https://hooks.slack.com/",
        "services/T0AB1CD2E/B0AB1CD2E/a1B2c3D4e5F6g7H8",
    ),
    _shape("Stripe key", r"\b(?:sk|rk)_(?:live|test)_[0-9a-zA-Z]{16,247}\b", "sk_", "live_a1B2c3D4e5F6g7H8i9J0"),
    _shape("Anthropic key", r"\bsk-ant-[A-Za-z0-9_-]{20,}", "sk-", "ant-api03-a1B2c3D4e5F6g7H8i9J0"),
    _shape(
        "OpenAI key",
        r"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}",
        "sk-a1B2c3D4e5F6g7H8i9J0",
        "T3BlbkFJa1B2c3D4e5F6g7H8i9J0",
    ),
    _shape(
        "OpenAI key", r"\bsk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,}", "sk-", "proj-a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8i9J0"
    ),
    _shape("Google key", r"\bAIza[0-9A-Za-z_-]{35}\b", "AIza", "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q"),
    _shape("Hugging Face token", r"\bhf_[A-Za-z0-9]{34,}\b", "hf_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7"),
    _shape("Twilio key", r"\bSK[0-9a-f]{32}\b", "SK", "0123456789abcdef0123456789abcdef"),
    _shape("DigitalOcean token", r"\bdo[opr]_v1_[0-9a-f]{64}\b", "dop_v1_", "0123456789abcdef" * 4),
    _shape("age secret key", r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,}", "AGE-SECRET-KEY-1", "Q3EGRPR2XKJD7MNU" * 4),
)

_NAMES: Final = (
    r"pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|access_?key|auth_?key|private_?key|client_?secret|credentials?"
)
_QUOTED: Final = re.compile(
    rf"(?i)(?<![\w.-])(?P<name>[\w.-]*(?:{_NAMES})[\w-]*+)[\"']?\]?\s*(?::\s*\w+\s*)?(?:=|:|=>)\s*[rbu]?[\"'](?P<value>[^\"']{{6,200}})[\"']"
)
"""A name is tried from its beginning alone, and its end is not tried shorter: long runs of letters cost linear time."""
_BARE: Final = re.compile(
    rf"(?i)^\s*(?:export\s+|-\s+)?(?P<name>[\w.-]*(?:{_NAMES})[\w-]*+)\s*(?:=|:)\s*(?P<value>[^\s\"'#]{{8,200}})\s*(?:#.*)?$"
)
_URL: Final = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^/\s:@\"']{0,80}:(?P<value>[^/\s:@\"']{3,120})@(?P<host>[^/\s\"':]+)", re.IGNORECASE
)
_PLACEHOLDER: Final = re.compile(
    r"(?i)example|sample|dummy|fake|placeholder|change.?(me|it)|redacted|your[-_ ]|\bmy[-_]|insert|replace|todo|foo.?bar|lorem"
    r"|not.?a.?secret"
    r"|xxx|\*\*\*|\.\.\.|^<.*>$|\$\{|\{\{|^\$|%\(|^\{.*\}$"
    r"|^(test|testing|secret|password|passwd|pass|token|user|admin|root|postgres|none|null|true|false)\d{0,3}$"
)
_WHERE: Final = re.compile(r"(https?:/|[.~])?/[\w./-]*\Z")
_LOCAL: Final = re.compile(r"(?i)localhost|127\.|\[?::1|example\.|\.test$|\.local$|^(db|postgres|redis|mysql|rabbitmq|host)$")
_WORDS: Final = re.compile(r"[A-Za-z]+(?:[ _.:/-][A-Za-z]+)*\Z")
_PASSWORDS: Final = re.compile(r"(?i)pass|pwd")
_SETTINGS: Final = re.compile(r"\.(?:cfg|ini|toml|ya?ml|json|properties|conf|txt|in)\Z|(?:\A|/)[^./]+\Z")
_PEM: Final = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]{0,40}-----|\Z)", re.DOTALL)
_BEARER: Final = re.compile(
    r"(?P<head>\b(?:bearer|basic)\s{1,3})(?=[\w.~+/=-]*\d)(?=[\w.~+/=-]*[A-Za-z])[\w.~+/=-]{16,}", re.IGNORECASE
)
_LEAST_TOKEN: Final = 16
_LEAST_ENTROPY: Final = 3.3
"""In bits a character: English words lie under 3, random base64 above 4 at these lengths."""


def credentials(line: str, *, bare: bool = False) -> Iterator[Credential]:
    """Yield what looks like a secret on one line; ``bare`` also takes values without quotes, as in settings files."""
    for start in range(0, max(1, len(line)), WINDOW - _OVERLAP):
        yield from _in_window(line[start : start + WINDOW], bare=bare and start == 0)


def without_secrets(text: str, path: str = "", *, prose: bool = False) -> str:
    """Return a text with credentials struck out and every line where it was; ``path`` tells which file it is of, if any."""
    text = _PEM.sub(lambda found: STRUCK + "\n" * found[0].count("\n"), text)
    bare = prose or (bool(path) and bool(_SETTINGS.search(path)))
    return "\n".join(_struck(line, bare=bare) if line else line for line in text.split("\n"))


def _struck(line: str, *, bare: bool) -> str:
    for each in credentials(line, bare=bare):
        if each.value:
            line = line.replace(each.value, STRUCK)
    return _BEARER.sub(rf"\g<head>{STRUCK}", strike_shapes(line))


def _in_window(text: str, *, bare: bool) -> Iterator[Credential]:
    sure = {value: kind for kind, value in _shaped(text) if not _is_placeholder(value)}
    yield from (Credential(kind, value, sure=True) for value, kind in sure.items())
    told = set(sure)
    for kind, value in (*_in_addresses(text), *_assigned(text, bare=bare)):
        if not any(value in each or each in value for each in told):
            told.add(value)
            yield Credential(kind, value, sure=False)


def _shaped(text: str) -> Iterator[tuple[str, str]]:
    for shape in SHAPES:
        yield from ((shape.kind, match[0]) for match in shape.pattern.finditer(text))
    for detector in _detectors():
        yield from ((detector.secret_type, value) for value in detector.analyze_string(text))


def _in_addresses(text: str) -> Iterator[tuple[str, str]]:
    for match in _URL.finditer(text):
        if not _is_placeholder(match["value"]) and not _LOCAL.search(match["host"]):
            yield "password in an address", match["value"]


def _assigned(text: str, *, bare: bool) -> Iterator[tuple[str, str]]:
    for pattern in (_QUOTED, _BARE) if bare else (_QUOTED,):
        for match in pattern.finditer(text):
            if _looks_secret(match["name"], match["value"]):
                yield "secret in an assignment", match["value"]


@cache
def _detectors() -> tuple[BasePlugin, ...]:
    kinds = (
        ArtifactoryDetector,
        AzureStorageKeyDetector,
        DiscordBotTokenDetector,
        GitLabTokenDetector,
        JwtTokenDetector,
        MailchimpDetector,
        NpmDetector,
        PypiTokenDetector,
        SendGridDetector,
        SquareOAuthDetector,
        TelegramBotTokenDetector,
    )
    return tuple(kind() for kind in kinds)


def _looks_secret(name: str, value: str) -> bool:
    """Tell a secret from a word, a name, a path or a placeholder."""
    if _is_placeholder(value) or _WORDS.match(value) or _WHERE.match(value):
        return False
    mixed = any(each.isdigit() for each in value) and any(each.isalpha() for each in value)
    if _PASSWORDS.search(name):
        return mixed and " " not in value
    return mixed and len(value) >= _LEAST_TOKEN and " " not in value and entropy(value) >= _LEAST_ENTROPY


def _is_placeholder(value: str) -> bool:
    few = 3
    return bool(_PLACEHOLDER.search(value)) or len(set(value)) <= few or value in "0123456789abcdefghijklmnopqrstuvwxyz" * 2


def entropy(text: str) -> float:
    """Return Shannon's entropy of a text's letters, in bits a character."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts) if text else 0.0
