"""The error tree: people's errors and faults never mix, and each has its exit code."""

from __future__ import annotations

import pytest

from bot import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.InputError, 2),
        (errors.ConfigError, 2),
        (errors.Busy, 2),
        (errors.Refused, 1),
        (errors.NoIsolation, 125),
        (errors.Fatal, 70),
        (errors.Retryable, 70),
    ],
)
def test_exit_codes(kind: type[errors.PawlError], code: int) -> None:
    assert kind("said").exit_code == code


def test_what_people_may_read_is_apart_from_what_broke() -> None:
    assert not issubclass(errors.Fault, errors.UserError)
    assert not issubclass(errors.UserError, errors.Fault)
