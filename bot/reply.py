"""What the command line's ``--json`` prints. Other programs rely on these shapes: fields may be added, never lost or renamed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot import errors
from bot.checkup import Audited
from bot.errors import PawlError
from bot.evidence.authorship import authorship
from bot.evidence.bundle import jsonable
from bot.evidence.publish import PULL_REQUEST, REPORT
from bot.gate import GateResult
from bot.history import Answered, Checked, History, Suspect
from bot.llm.asking import Usage
from bot.llm.citation import Citation
from bot.llm.spending import Spending, total
from bot.mutation.mutation import KillMatrix
from bot.mutation.request import to_json
from bot.run import Run, State
from bot.spec.spec import Spec

EXIT_CODES: Mapping[State, int] = {State.DONE: 0, State.REFUSED: 1, State.AWAITING_APPROVAL: 3, State.FAILED: 70}
"""The states that ``--json`` names, and what a command that ends so exits with."""
NO_CHANGE: Mapping[str, Any] = {"diff": "", "files": [], "risk": None}


@dataclass(frozen=True)
class Done:
    """A run that has come to rest, as the doors show it."""

    run: Run
    history: History
    bundle: str | None
    seconds: float
    spending: tuple[Spending, ...] = ()
    """What models were asked."""

    @property
    def bad_input(self) -> bool:
        """Whether it ended because what was given could not be used."""
        kind = getattr(errors, self.run.kind, None) if self.run.kind else None
        return isinstance(kind, type) and issubclass(kind, errors.InputError)

    @property
    def exit_code(self) -> int:
        """0 proven and allowed, 1 refused, 2 bad input, 3 waiting for a person, 70 broken."""
        if self.bad_input:
            return errors.InputError.exit_code
        return EXIT_CODES[self.state]

    @property
    def state(self) -> State:
        """How it ended in the words that other programs know: whoever said no, a person or an emergency, it was refused."""
        said_no = {State.CANCELLED, State.STOPPED, State.ROLLED_BACK}
        let_in = {State.MERGING, State.DEPLOYING}
        if self.run.state in EXIT_CODES:
            return self.run.state
        return State.REFUSED if self.run.state in said_no else State.DONE if self.run.state in let_in else State.FAILED


def of_run(done: Done) -> dict[str, Any]:
    """Return the object that ``pawl run --json`` prints."""
    history = done.history
    changed, sealed = history.changed, history.sealed
    return {
        "run": done.run.id,
        "state": str(done.state),
        "engine": changed.engine if changed else None,
        "base": done.run.instruction.base,
        "head": changed.head if changed else None,
        "branch": sealed.branch if sealed else None,
        "reason": done.run.reason,
        "spec": _spec(history.spec, _killed(history.checked)),
        **_judged(history.checked),
        "question": jsonable(changed.question) if changed and changed.question else None,
        **_places(done.bundle),
        "pull_request": f"{done.bundle}/{PULL_REQUEST}" if done.bundle else None,
        "seconds": round(done.seconds, 3),
        "ended": str(done.run.state),
        "passed_over": list(changed.passed_over) if changed and changed.head else [],
        **_asked(history, done.spending),
    }


def of_answer(done: Done) -> dict[str, Any]:
    """Return the object that ``pawl ask --json``, ``pawl explain --json`` and ``pawl debug --json`` print."""
    wish, found = done.run.instruction, done.history.answered or Answered(())
    return {
        "run": done.run.id,
        "state": str(done.state),
        "inquiry": str(wish.inquiry) if wish.inquiry else None,
        "question": wish.text,
        "base": wish.base,
        "reason": done.run.reason,
        "author": found.author or None,
        "paragraphs": [
            {"text": each.text, "backed": bool(each.citations), "citations": [_citation(one) for one in each.citations]}
            for each in found.paragraphs
        ],
        "bugs": [_bug(each) for each in found.suspects],
        "dropped": [{**_citation(each.citation), "why": each.why} for each in found.dropped],
        "usage": jsonable(found.usage),
        "seconds": round(done.seconds, 3),
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {"path": citation.path, "first": citation.first, "last": citation.last, "quote": citation.quote}


def _bug(suspect: Suspect) -> dict[str, Any]:
    said = {key: getattr(suspect, key) for key in ("id", "what", "call", "expected", "saw")}
    return {**said, **_citation(suspect.citation), "shown": str(suspect.shown)}


def of_gates(checked: Checked, bundle: str | None, seconds: float) -> dict[str, Any]:
    """Return the object that ``pawl gates --json`` prints."""
    return {
        "base": checked.change.base,
        "head": checked.change.head,
        **_judged(checked),
        **_places(bundle),
        "seconds": round(seconds, 3),
    }


def of_matrix(found: KillMatrix) -> dict[str, Any]:
    """Return the object that ``pawl mutate --json`` prints."""
    return to_json(found)


def of_audit(found: Audited) -> dict[str, Any]:
    """Return the object that ``pawl audit verify --json`` prints."""
    return {"checked": found.checked, "problems": list(found.problems)}


def of_unbegun(error: PawlError) -> dict[str, Any]:
    """Return what ``pawl run`` prints where there is no run to tell of: the shape of one, with the sentence."""
    nothing = dict.fromkeys(("run", "engine", "base", "head", "branch", "spec", "question", "pull_request"))
    said = {"state": _state(error), "ended": _state(error), "passed_over": [], "reason": str(error)}
    return {**nothing, **said, **_judged(None), **_places(None), **_asked(History(), ()), **_no_more(error)}


def of_unjudged(error: PawlError) -> dict[str, Any]:
    """Return what ``pawl gates`` prints where no gate answered: the shape of a judgement that allows nothing."""
    return {"base": None, "head": None, **_judged(None), **_places(None), **_no_more(error)}


def of_unmutated(error: PawlError) -> dict[str, Any]:
    """Return what ``pawl mutate`` prints where no mutant was judged: the shape of a matrix without any."""
    return {**to_json(KillMatrix((), (), why_not=str(error))), **_no_more(error)}


def of_unanswered(error: PawlError) -> dict[str, Any]:
    """Return what a question's command prints where there is no answer to tell of: the shape of one that failed."""
    nothing = dict.fromkeys(("run", "inquiry", "question", "base", "author"))
    empty: dict[str, Any] = {"paragraphs": [], "bugs": [], "dropped": [], "usage": jsonable(Usage())}
    return {**nothing, "state": _state(error), "reason": str(error), **empty, **_no_more(error)}


def of_unaudited(error: PawlError) -> dict[str, Any]:
    """Return what ``pawl audit verify`` prints where nothing could be checked: the shape of an audit that found a problem."""
    return {**of_audit(Audited("", (str(error),))), "error": str(error)}


def _state(error: PawlError) -> str:
    return str(State.REFUSED if error.exit_code == EXIT_CODES[State.REFUSED] else State.FAILED)


def _no_more(error: PawlError) -> dict[str, Any]:
    return {"error": str(error), "seconds": 0.0}


def _asked(history: History, spending: tuple[Spending, ...]) -> dict[str, Any]:
    """Return what models cost, and which of them wrote what."""
    known = authorship(history, spending)
    by_author = [{"duty": str(each.duty), "author": each.author, **_figures(each.usage)} for each in spending]
    return {
        "cost": {**_figures(total(spending)), "by_author": by_author},
        "authors": {"tests": known.tests or None, "change": known.change or None, "critics": list(known.critics)},
    }


def _figures(usage: Usage) -> dict[str, Any]:
    return {"calls": usage.calls, "input": usage.input, "output": usage.output, "cached": usage.cached, "money": usage.money}


def _killed(checked: Checked | None) -> Mapping[str, int]:
    """Return how many mutants of the change each witness killed, as the gate wrote it, which may have run elsewhere."""
    found = next((each.evidence.get("witnesses") for each in checked.gates if each.name == "spec"), None) if checked else None
    return {str(test): kills for test, kills in found.items() if isinstance(kills, int)} if isinstance(found, Mapping) else {}


def _spec(spec: Spec | None, killed: Mapping[str, int]) -> dict[str, Any] | None:
    if spec is None:
        return None
    tests = [
        {
            "id": each.id,
            "role": str(each.role),
            "kept": each.kept,
            "kills": each.kills + killed.get(each.id, 0),
            "reason": each.reason,
            "origin": str(each.origin),
            "held_out": each.held_out,
        }
        for each in spec.tests
    ]
    return {"digest": spec.digest, "commit": spec.commit, "kill_rate": spec.kill_rate, "tests": tests}


def _judged(checked: Checked | None) -> dict[str, Any]:
    if checked is None:
        nothing = {"allow": False, "deny": [], "require": [], "warn": []}
        return {"change": dict(NO_CHANGE), "gates": [], "decision": nothing}
    files = [{"path": each.path, "added": each.added, "removed": each.removed} for each in checked.change.files]
    return {
        "change": {"diff": checked.change.diff, "files": files, "risk": jsonable(checked.risk)},
        "gates": [_gate(each) for each in checked.gates],
        "decision": jsonable(checked.decision),
    }


def _gate(result: GateResult) -> dict[str, Any]:
    found: dict[str, Any] = jsonable(result)
    return {key: found[key] for key in ("name", "verdict", "required", "summary", "seconds", "findings")}


def _places(bundle: str | None) -> dict[str, Any]:
    return {"bundle": bundle, "report": f"{bundle}/{REPORT}" if bundle else None}
