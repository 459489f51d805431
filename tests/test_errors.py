"""The error tree: people's errors and faults never mix, and each has its exit code."""

from __future__ import annotations

import errno

import pytest

from bot import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.InputError, 2),
        (errors.ConfigError, 2),
        (errors.Busy, 2),
        (errors.Hindered, 2),
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


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/full/file"),
            "no room to write (No space left on device: /full/file)",
        ),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "no room to write (Disk quota exceeded): make some"),
        (OSError(errno.EMFILE, "Too many open files", b"/x"), "too little may be open at once (Too many open files: /x)"),
    ],
)
def test_a_machine_without_room_is_told_in_words(error: OSError, said: str) -> None:
    assert said in str(errors.hindrance(error))


@pytest.mark.parametrize("error", [OSError("no number"), FileNotFoundError(errno.ENOENT, "No such file", "/x"), ValueError("x")])
def test_what_is_no_matter_of_room_is_something_broken(error: Exception) -> None:
    assert errors.hindrance(error) is None
