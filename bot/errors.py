"""Every error Pawl raises, in one tree.

::

    PawlError
    ├── UserError            a person may read it word for word; what, where, what to do next
    │   ├── InputError       bad usage or bad input                                  exit 2
    │   │   └── ConfigError  a setting in the repository's configuration is wrong    exit 2
    │   ├── Refused          a gate, a policy or a missing spec said no              exit 1
    │   ├── Busy             another worker holds this run or this repository        exit 2
    │   ├── Hindered         this machine has no room; mended, it goes on            exit 2
    │   └── NoIsolation      no sandbox layer on this machine isolates enough        exit 125
    └── Fault                something broke; the log gets it, a person gets its name
        ├── Retryable        worth trying again by itself (lost connection, time-out)
        └── Fatal            trying again cannot help (corrupt store, a broken promise)  exit 70
"""

from __future__ import annotations

import errno
import os
from typing import Final


class PawlError(Exception):
    """The root: catch it only at the doors."""

    exit_code = 70


class UserError(PawlError):
    """An error whose text is one sentence for the person who asked."""

    exit_code = 2


class InputError(UserError):
    """What was given cannot be used as it is; nothing was done with it."""


class ConfigError(InputError):
    """A configuration file is wrong; the message starts with ``file:line``."""


class Refused(UserError):
    """Somebody, a gate or a policy said no, and the reason is the message."""

    exit_code = 1


class Busy(UserError):
    """Somebody else is at work on the same run or repository."""


class Hindered(UserError):
    """The machine has no room: once that is mended the same call goes through, so a run that meets it stays as it stands."""


class NoIsolation(UserError):
    """No sandbox can be had, so nothing untrusted may run."""

    exit_code = 125


class Fault(PawlError):
    """Something broke that the person who asked could not have prevented."""


class Retryable(Fault):
    """The same call may go through later."""

    after: float = 0.0
    """Seconds that have to pass before it can; 0 where nobody knows."""


class Fatal(Fault):
    """The same call will never go through."""


TOO_DEEP: Final = (
    "code is nested more deeply than Python follows: split the longest expressions of the files that the change touches"
)
"""What a RecursionError says to people: it is the repository's code, not Pawl's, that goes on and on."""
_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
_HANDLES: Final = frozenset({errno.EMFILE, errno.ENFILE})


def hindrance(error: BaseException) -> Hindered | None:
    """Return in words what this machine lacks; None where the error says something else, so something broke."""
    number = error.errno if isinstance(error, OSError) else None
    if number is None or number not in _ROOM | _HANDLES:
        return None
    place = getattr(error, "filename", None)
    what = os.strerror(number) + (f": {os.fsdecode(place)}" if isinstance(place, str | bytes | os.PathLike) else "")
    if number in _HANDLES:
        return Hindered(f"too little may be open at once ({what}): raise the limit (ulimit -n) and try again")
    return Hindered(f"there is no room to write ({what}): make some, or set PAWL_HOME, PAWL_CACHE or TMPDIR to another place")
