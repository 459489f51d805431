"""The seal: an in-toto statement over the head commit and the bundle's files, signed as a DSSE envelope.

Formats: in-toto Statement v1, DSSE v1, keys of type ed25519. Everything works offline; the key is this installation's own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import google.protobuf.json_format as pb_json
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from bot.errors import InputError
from bot.ids import Digest, Sha

PREDICATE = "urn:pawl:evidence:v1"
PAYLOAD = "application/vnd.in-toto+json"


@dataclass(frozen=True)
class Seal:
    """A signing key; hand it to nobody who runs or reads untrusted code."""

    signer: CryptoSigner

    @property
    def public(self) -> dict[str, Any]:
        """The public half with its key id, as JSON."""
        key: SSlibKey = self.signer.public_key
        return {"keyid": key.keyid, **key.to_dict()}


def load_seal(file: Path) -> Seal:
    """Return the key kept in ``file``, made at the first call and readable by its owner only."""
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return _make_seal(file)
    try:
        return Seal(CryptoSigner(_private_key(text)))
    except ValueError as error:
        raise InputError(f"{file} does not hold a signing key: move it away and a new one will be made") from error


def _private_key(text: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - 60 ms that only sealing needs

    return load_pem_private_key(text, None)


def _make_seal(file: Path) -> Seal:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    signer = CryptoSigner.generate_ed25519()
    fresh = file.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(signer.private_bytes)
    try:
        os.link(fresh, file)
    except FileExistsError:
        return load_seal(file)
    finally:
        fresh.unlink()
    return Seal(signer)


def seal(signer: Seal, head: Sha | None, files: Mapping[str, Digest], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the signed envelope over the head commit and every file of the bundle (path -> digest)."""
    digests = {path: {"sha256": digest.removeprefix("sha256:")} for path, digest in files.items()}
    subjects = [ResourceDescriptor(name=path, digest=digest).pb for path, digest in digests.items()]
    if head is not None:
        subjects.insert(0, ResourceDescriptor(name="head", digest={"gitCommit": head}).pb)
    statement = Statement(subjects, PREDICATE, dict(facts))
    statement.validate()
    payload = json.dumps(pb_json.MessageToDict(statement.pb), sort_keys=True, separators=(",", ":")).encode()
    envelope = Envelope(payload, PAYLOAD, {})
    envelope.sign(signer.signer)
    made: dict[str, Any] = envelope.to_dict()
    return made


def unseal(envelope: Mapping[str, Any], public: Mapping[str, Any]) -> dict[str, Any]:
    """Return the statement in an envelope whose signature ``public`` vouches for.

    Raises:
        InputError: the signature is missing, another key's, or does not fit the content.
    """
    facts = {key: value for key, value in public.items() if key != "keyid"}
    try:
        key = SSlibKey.from_dict(str(public["keyid"]), facts)
        opened = Envelope.from_dict(json.loads(json.dumps(envelope)))
        opened.verify([key], 1)
    except (KeyError, ValueError, TypeError, VerificationError) as error:
        raise InputError(f"the seal does not hold: {error}") from None
    if opened.payload_type != PAYLOAD:
        raise InputError(f"the seal is over {opened.payload_type!r}, not over an in-toto statement")
    statement: dict[str, Any] = json.loads(opened.payload)
    return statement
