"""The seal holds over what was signed and over nothing else."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from bot.errors import InputError
from bot.evidence.statement import PREDICATE, load_seal, seal, unseal
from bot.ids import Digest, Sha

FILES = {"evidence/gates.json": Digest("sha256:" + "1" * 64)}


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "keys/seal.pem"
    assert load_seal(file).public == load_seal(file).public
    assert file.stat().st_mode & 0o077 == 0


def test_a_sealed_statement_opens_with_its_own_key_only(tmp_path: Path) -> None:
    mine, other = load_seal(tmp_path / "mine.pem"), load_seal(tmp_path / "other.pem")
    envelope = seal(mine, Sha("a" * 40), FILES, {"run": "r"})
    statement = unseal(envelope, mine.public)
    assert statement["predicateType"] == PREDICATE
    assert statement["subject"][0]["digest"] == {"gitCommit": "a" * 40}
    assert statement["subject"][1] == {"name": "evidence/gates.json", "digest": {"sha256": "1" * 64}}
    with pytest.raises(InputError, match="seal does not hold"):
        unseal(envelope, other.public)


def test_an_edited_statement_does_not_open(tmp_path: Path) -> None:
    key = load_seal(tmp_path / "key.pem")
    envelope = seal(key, None, FILES, {"state": "refused"})
    payload = base64.b64decode(envelope["payload"]).replace(b"refused", b"allowed")
    with pytest.raises(InputError, match="seal does not hold"):
        unseal({**envelope, "payload": base64.b64encode(payload).decode()}, key.public)
    with pytest.raises(InputError, match="seal does not hold"):
        unseal({}, key.public)


def test_a_file_that_is_no_key_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("nonsense")
    with pytest.raises(InputError, match="does not hold a signing key"):
        load_seal(tmp_path / "key.pem")


def test_the_envelope_is_plain_json(tmp_path: Path) -> None:
    envelope = seal(load_seal(tmp_path / "key.pem"), Sha("a" * 40), FILES, {"run": "r"})
    assert json.loads(json.dumps(envelope))["payloadType"] == "application/vnd.in-toto+json"
