"""A zygote under coverage: what runs in forked processes, and ends by exec or ``_exit``, is measured all the same.

Started in place of the product's own start line as ``python -c "exec(open(...))" HOME DESCRIPTOR USER SITE DATA CONFIG``.
Measurements are saved just before a process changes its uid, is shut in, becomes another program or ends; they go to a folder
everybody may write to.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

home, control, user, site, data, config = sys.argv[1:]
sys.path.insert(0, home)
sys.path.append(site)

import coverage  # noqa: E402 - found only now

measured = coverage.Coverage(data_file=data, data_suffix=True, config_file=config)


def saving(act: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``act`` with the measurements saved before it."""

    def saved(*arguments: Any) -> Any:
        with suppress(Exception):  # another uid may not write what root began
            measured.save()
        return act(*arguments)

    return saved


os.umask(0)
for name in ("_exit", "execve", "setresuid"):
    setattr(os, name, saving(getattr(os, name)))
measured.start()

from bot.sandbox import kernel  # noqa: E402 - to be measured
from bot.sandbox.zygote import main  # noqa: E402 - as above

kernel.landlock_enforce = saving(kernel.landlock_enforce)
main(control, user)
measured.save()
