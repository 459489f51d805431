"""Who Pawl is on GitHub: the App's number, private key and webhook secret, from the environment or as ``/setup`` kept them.

``/setup`` keeps them in ``PAWL_HOME/app.json``, which only Pawl's own user may read. The environment, where it names an App,
counts alone.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import SecretStr

from bot.errors import InputError
from bot.github.manifest import Conversion
from bot.settings import Settings

FILE: Final = "app.json"
_OTHERS: Final = 0o077


@dataclass(frozen=True)
class Credentials:
    """One GitHub App."""

    app_id: int
    private_key: SecretStr
    webhook_secret: SecretStr


def find(settings: Settings) -> Credentials | None:
    """Return the App's credentials, or None where there is no App yet.

    Raises:
        InputError: some are missing or no good; the sentence says which and what to do.
    """
    given = (settings.app_id, settings.private_key or settings.private_key_file, settings.webhook_secret)
    if any(each is not None for each in given):
        return _of_environment(settings)
    file = settings.home / FILE
    try:
        if file.stat().st_mode & _OTHERS:
            raise InputError(f"{file} may be read by others: make new keys on the App's page, then `chmod 600 {file}`")
        kept = json.loads(file.read_text(encoding="utf-8"))
        return _checked(int(kept["id"]), str(kept["pem"]), str(kept["webhook_secret"]), str(file))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}): give it to the user that Pawl runs as") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file} does not hold a GitHub App: remove it and open /setup again") from error


def keep(settings: Settings, made: Conversion) -> Path:
    """Keep the keys of an App that GitHub has just made, out of others' sight; return the file.

    Raises:
        InputError: they are no good, or the file cannot be written.
    """
    _checked(made.id, made.private_key, made.webhook_secret, "GitHub's answer")
    kept = {"id": made.id, "slug": made.slug, "html_url": made.html_url}
    kept |= {"pem": made.private_key, "webhook_secret": made.webhook_secret}
    file = settings.home / FILE
    fresh = file.with_suffix(".new")
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            json.dump(kept, out)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
    except OSError as error:
        raise InputError(f"{file} cannot be written ({error.strerror}): make PAWL_HOME writable and open /setup again") from error
    return file


def _of_environment(settings: Settings) -> Credentials:
    missing = [
        name
        for name, value in (
            ("PAWL_APP_ID", settings.app_id),
            ("PAWL_PRIVATE_KEY_FILE (or PAWL_PRIVATE_KEY)", settings.private_key or settings.private_key_file),
            ("PAWL_WEBHOOK_SECRET", settings.webhook_secret),
        )
        if value is None
    ]
    if missing or settings.app_id is None or settings.webhook_secret is None:
        raise InputError(f"the environment names a GitHub App only in part: set {' and '.join(missing)} too")
    if settings.private_key is not None:
        if settings.private_key_file is not None:
            raise InputError("PAWL_PRIVATE_KEY and PAWL_PRIVATE_KEY_FILE are both set: unset one")
        # A value of several lines is often written in one, with \n between.
        key, source = settings.private_key.get_secret_value().replace("\\n", "\n"), "PAWL_PRIVATE_KEY"
    else:
        key, source = _read(settings.private_key_file or Path()), f"PAWL_PRIVATE_KEY_FILE ({settings.private_key_file})"
    return _checked(settings.app_id, key, settings.webhook_secret.get_secret_value(), source)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except OSError as error:
        raise InputError(f"PAWL_PRIVATE_KEY_FILE: {file} cannot be read ({error.strerror}): name the App's .pem file") from error
    except UnicodeDecodeError:
        raise InputError(f"PAWL_PRIVATE_KEY_FILE: {file} holds no key in PEM: name the App's .pem file") from None


def _checked(app_id: int, key: str, secret: str, source: str) -> Credentials:
    try:
        found = load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, RSAPrivateKey):
        raise InputError(f"{source} holds no RSA private key in PEM: make one on the App's page under Private keys")
    if not secret.strip():
        raise InputError(f"{source}: the webhook secret is empty: set one on the App's page and in PAWL_WEBHOOK_SECRET")
    return Credentials(app_id, SecretStr(key), SecretStr(secret))
