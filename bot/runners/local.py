"""The local runner: gates run on this machine, two at a time, each with an answer whatever happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from bot import logs
from bot.errors import TOO_DEEP, NoIsolation, UserError
from bot.gate import Gate, GateResult, Subject, errored

AT_ONCE = 2

_log = logs.get(__name__)


def answer(gate: Gate, subject: Subject) -> GateResult:
    """Return the gate's answer; a gate that cannot run, or breaks, is an error and so red."""
    start = time.monotonic()
    try:
        result = gate.judge(subject)
    except NoIsolation as error:
        result = errored(gate.name, f"not run: {error}")
    except UserError as error:
        result = errored(gate.name, str(error))
    except RecursionError:
        _log.exception("gate broke", gate=gate.name)
        result = errored(gate.name, f"not judged: {TOO_DEEP}")
    except Exception as error:  # noqa: BLE001 - the gate runner: whatever breaks inside a gate is a red gate, never a missing one
        _log.exception("gate broke", gate=gate.name)
        result = errored(gate.name, f"the gate itself broke ({type(error).__name__}): see the log")
    setting = subject.config.gates.get(gate.name)
    return replace(result, seconds=round(time.monotonic() - start, 3), required=setting.required if setting else True)


class LocalRunner:
    """Runs gates in threads; those that want the others' answers come last."""

    here = True

    async def run(
        self, gates: tuple[Gate, ...], subject: Subject, progress: Callable[[GateResult], None]
    ) -> tuple[GateResult, ...]:
        """Return one result per gate, in the gates' order."""
        free = asyncio.Semaphore(AT_ONCE)

        async def one(gate: Gate, seen: Subject) -> GateResult:
            async with free:
                result = await asyncio.to_thread(answer, gate, seen)
            progress(result)
            return result

        first = sorted((gate for gate in gates if not gate.after_others), key=lambda gate: not gate.shares)
        found = dict(
            zip([each.name for each in first], await asyncio.gather(*(one(gate, subject) for gate in first)), strict=True)
        )
        seen = replace(subject, results=tuple(found.values()))
        for gate in (each for each in gates if each.after_others):
            found[gate.name] = await one(gate, seen)
        return tuple(found[gate.name] for gate in gates)
