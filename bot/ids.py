"""The names of things: one NewType per kind of identifier, so that two kinds never mix."""

from __future__ import annotations

from typing import NewType

from ulid import ULID

RunId = NewType("RunId", str)
"""A ULID: 26 characters, sorted by time of birth."""

Sha = NewType("Sha", str)
"""A full git object name, 40 or 64 hexadecimal digits."""

Digest = NewType("Digest", str)
"""``sha256:`` and 64 hexadecimal digits over some content."""

RepoName = NewType("RepoName", str)
"""``owner/name`` on a forge, or the absolute path of a local repository."""

PullNumber = NewType("PullNumber", int)
DeliveryId = NewType("DeliveryId", str)
"""GitHub's ``X-GitHub-Delivery``: a redelivery keeps it."""

InstallationId = NewType("InstallationId", int)
Login = NewType("Login", str)
"""A GitHub account's name; names change hands, so who somebody *is* is decided by the numeric id."""

NodeId = NewType("NodeId", str)
"""A test's name as pytest prints it: ``path/test_file.py::Class::test[param]``."""


def new_run_id() -> RunId:
    """Return a fresh run id, later than every earlier one on this machine's clock."""
    return RunId(str(ULID()))
